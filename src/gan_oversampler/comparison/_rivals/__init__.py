"""Published rivals for images: augmentation, mixing, losses, and the convolutional classifier that takes them."""
