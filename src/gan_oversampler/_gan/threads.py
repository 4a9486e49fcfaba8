"""On how many threads TensorFlow runs one operation: another number gives other bits in training.

A worker therefore takes the number of the process that called it. It runs one operation at a time, which changes no
bit, so that a worker asks for no more threads than that.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass

from gan_oversampler._utils.warnings import warn


def _n_here() -> int:
    """Threads of one operation in this process."""
    import tensorflow as tf

    set_here = tf.config.threading.get_intra_op_parallelism_threads()
    named = os.environ.get("TF_NUM_INTRAOP_THREADS", "")
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return set_here or (int(named) if named.isdigit() else 0) or cores or 1


@dataclass(frozen=True)
class WorkerThreads:
    """The threads that TensorFlow gets in workers.

    Attributes
    ----------
    n : int
        For one operation.
    caller : int
        The process that calls the workers.
    """

    n: int
    caller: int

    @classmethod
    def of_here(cls) -> WorkerThreads | None:
        """As many as in this process; None where TensorFlow was not needed."""
        return cls(_n_here(), os.getpid()) if "tensorflow" in sys.modules else None

    def limit(self) -> None:
        """Give TensorFlow these threads in this worker; one that is a thread of the caller changes nothing."""
        if os.getpid() == self.caller:
            return
        import tensorflow as tf

        try:
            tf.config.threading.set_intra_op_parallelism_threads(self.n)
            tf.config.threading.set_inter_op_parallelism_threads(1)
        except RuntimeError:  # TensorFlow has run here before
            if _n_here() != self.n:
                warn(
                    f"TensorFlow runs an operation on {_n_here()} threads in a worker but on {self.n} here, and rows "
                    "may differ in their bits: begin with fresh workers, or set TF_NUM_INTRAOP_THREADS alike.",
                    UserWarning,
                )
