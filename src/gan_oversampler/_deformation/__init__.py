"""Random deformations under which an image stays in its class, learned or affine. No TensorFlow."""
