"""The networks, their losses and the compiled training step. Only this room imports TensorFlow."""
