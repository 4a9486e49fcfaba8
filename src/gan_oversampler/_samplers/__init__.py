"""The samplers of the package, and what they share."""
