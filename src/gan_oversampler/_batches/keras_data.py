"""Batches as Keras takes them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import keras

from gan_oversampler._batches.ahead import drawn_ahead


class KerasBatches(keras.utils.PyDataset):
    """Batches of one epoch after the other.

    On TensorFlow, a thread of `tf.data` or Keras' own workers draw ahead. On other backends Keras has no such thread,
    and its workers hand batches of one epoch over in the next (as of 3.15), so threads of our own do it.

    Parameters
    ----------
    batches : BalancedBatches
        In the epoch that comes first; not shared with anybody.
    workers, use_multiprocessing, max_queue_size
        As in `keras.utils.PyDataset`.
    """

    def __init__(self, batches: Any, workers: int, use_multiprocessing: bool, max_queue_size: int) -> None:
        backend = keras.config.backend()
        self._has_own_threads = backend != "tensorflow"
        if self._has_own_threads and use_multiprocessing:
            raise ValueError(
                f"Keras' own processes hand batches of one epoch over in the next on the backend {backend!r}: leave "
                "use_multiprocessing at False, or fit on a torch.utils.data.DataLoader of the batches."
            )
        super().__init__(1 if self._has_own_threads else workers, use_multiprocessing, max_queue_size)
        self._n_threads = max(1, workers)
        self._batches = batches
        self._has_not_begun = True
        self._ahead: Iterator[tuple[Any, ...]] | None = None

    @keras.utils.PyDataset.workers.getter
    def workers(self) -> int:
        """Workers of Keras that draw ahead. Keras reads it once, at the beginning of each `fit`."""
        self._has_not_begun = True
        return int(self._workers)

    def __len__(self) -> int:
        return len(self._batches)

    def __getitem__(self, i: int) -> tuple[Any, ...]:
        return self._batches[i] if self._ahead is None else next(self._ahead)

    def on_epoch_begin(self) -> None:
        """Begin to draw."""
        if self._has_own_threads:
            self._ahead = drawn_ahead(self._batches, self._n_threads, self.max_queue_size)

    def on_epoch_end(self) -> None:
        """Go on to the next epoch. Keras also calls this before the first: `EpochIterator.reset`."""
        self._ahead = None
        if not self._has_not_begun:
            self._batches.set_epoch(self._batches.epoch + 1)
        self._has_not_begun = False
