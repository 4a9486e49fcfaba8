"""Losses and drawn images for TensorBoard."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np

from gan_oversampler.callbacks._hooks import Callback, FitEvent, TrainingEvent


class TensorBoard(Callback):
    """Write losses, accuracy and drawn images for TensorBoard, one run per class.

    Parameters
    ----------
    log_dir : path-like
        Folder; each class gets a subfolder.
    every : int, default=10
        Steps between two points of a curve.
    images_every : int, default=500
        Steps between two strips of 8 drawn images.

    Notes
    -----
    The ``tensorboard`` package is needed to look at the files, not to write them.

    Examples
    --------
    >>> from gan_oversampler import GANOverSampler
    >>> from gan_oversampler.callbacks import TensorBoard
    >>> sampler = GANOverSampler(callbacks=[TensorBoard("runs")])
    """

    writes_files = True
    runs_in_workers = True

    def __init__(self, log_dir: Any, every: int = 10, images_every: int = 500) -> None:
        self.log_dir = log_dir
        self.every = every
        self.images_every = images_every
        self._writer: Any = None

    def on_class_begin(self, event: TrainingEvent) -> None:
        import tensorflow as tf

        self._close()
        name = re.sub(r"[^\w.-]", "_", f"class_{event.label}") + ("_again" if event.attempt else "")
        self._writer = tf.summary.create_file_writer(str(Path(self.log_dir) / name))

    def on_step_end(self, event: TrainingEvent) -> None:
        with self._writer.as_default(step=event.step):
            if event.step % self.every == 0:
                for name, value in event.metrics.items():
                    _write_scalar(name, value)
            if event.is_image and event.step % self.images_every == 0:
                _write_images("drawn", event.draw(8))

    def needs_step(self, step: int, max_iter: int) -> bool:
        return step % self.every == 0 or step % self.images_every == 0

    def on_fit_end(self, event: FitEvent) -> None:
        self._close()

    def _close(self) -> None:
        if self._writer is not None:
            self._writer.close()
        self._writer = None


# tf.summary.scalar and image need the tensorboard package, and their format is simple.
def _write(name: str, tensor: Any, plugin: str, data_class: int) -> None:
    import tensorflow as tf

    metadata = tf.compat.v1.SummaryMetadata(data_class=data_class)
    metadata.plugin_data.plugin_name = plugin
    tf.summary.write(name, tensor, metadata=metadata)


def _write_scalar(name: str, value: float) -> None:
    import tensorflow as tf

    _write(name, tf.constant(value, tf.float32), "scalars", 1)


def _write_images(name: str, images: np.ndarray) -> None:
    import tensorflow as tf

    height, width, channels = images.shape[1:]
    pixels = np.rint((images[..., : 3 if channels > 2 else 1] + 1) * 127.5).astype(np.uint8)
    files = [tf.io.encode_png(image).numpy() for image in pixels]
    _write(name, tf.constant([str(width), str(height), *files]), "images", 3)
