"""Measuring: draws, methods, classifiers, the protocol, and the records it writes."""
