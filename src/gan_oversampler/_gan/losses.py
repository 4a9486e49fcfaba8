"""Objectives of the two networks: pure functions of logits."""

from __future__ import annotations

from typing import Any

import tensorflow as tf


def discriminator_loss(real_logits: Any, fake_logits: Any) -> Any:
    """Cross-entropy of classifying real and generated rows (Goodfellow et al. 2014, arXiv:1406.2661)."""
    return tf.reduce_mean(tf.nn.softplus(-real_logits)) + tf.reduce_mean(tf.nn.softplus(fake_logits))


def generator_loss(fake_logits: Any) -> Any:
    """Non-saturating loss: minus the log of the share taken for real (same paper, section 3)."""
    return tf.reduce_mean(tf.nn.softplus(-fake_logits))


def accuracy(real_logits: Any, fake_logits: Any) -> Any:
    """Share of a batch, half real and half generated, that the discriminator gets right."""
    right = [tf.reduce_mean(tf.cast(logits > 0, tf.float32)) for logits in (real_logits, -fake_logits)]
    return (right[0] + right[1]) / 2
