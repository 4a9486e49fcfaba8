"""Over-sampling with generative adversarial networks for imbalanced-learn."""
