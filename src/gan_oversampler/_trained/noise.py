"""The noise that generators make rows of."""

from __future__ import annotations

import numpy as np


def draw_noise(n: int, latent_dim: int, latent: str, rng: np.random.Generator) -> np.ndarray:
    """Noise vectors: ndarray of shape (n, latent_dim), float32."""
    if latent == "uniform":
        return rng.random((n, latent_dim), np.float32) * 2 - 1
    return rng.standard_normal((n, latent_dim), np.float32)
