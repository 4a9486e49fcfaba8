"""Batches as Keras takes them."""

from __future__ import annotations

from typing import Any

import keras


class KerasBatches(keras.utils.PyDataset):
    """Batches of one epoch after the other.

    Parameters
    ----------
    batches : BalancedBatches
        In the epoch that comes first; not shared with anybody.
    workers, use_multiprocessing, max_queue_size
        As in `keras.utils.PyDataset`.
    """

    def __init__(self, batches: Any, workers: int, use_multiprocessing: bool, max_queue_size: int) -> None:
        backend = keras.config.backend()
        if backend != "tensorflow" and (workers > 1 or use_multiprocessing):
            raise ValueError(
                f"Keras' own workers hand batches of one epoch over in the next on the backend {backend!r}: give "
                "workers=1 and use_multiprocessing=False, or fit on a torch.utils.data.DataLoader of the batches."
            )
        super().__init__(workers, use_multiprocessing, max_queue_size)
        self._batches = batches
        self._has_not_begun = True

    @keras.utils.PyDataset.workers.getter
    def workers(self) -> int:
        """Workers that draw ahead. Keras reads it once, at the beginning of each `fit`."""
        self._has_not_begun = True
        return int(self._workers)

    def __len__(self) -> int:
        return len(self._batches)

    def __getitem__(self, i: int) -> tuple[Any, ...]:
        return tuple(self._batches[i])

    def on_epoch_end(self) -> None:
        """Go on to the next epoch. Keras also calls this before the first: `EpochIterator.reset`."""
        if not self._has_not_begun:
            self._batches.set_epoch(self._batches.epoch + 1)
        self._has_not_begun = False
