"""A fitted sampler as a file, and back without trusting it."""
