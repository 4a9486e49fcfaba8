"""BLAS on one thread where bits depend on it, and therefore one caller at a time; OpenMP on one where rows are few.

The number of BLAS threads is one setting for the whole process. If two threads limit it at once, the first to leave
lifts the limit of the other. Work that shapes the rows runs under this limit. Training does not, and uses no
BLAS but for its looks at what it draws.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import lru_cache
from typing import Any

from sklearn.utils._openmp_helpers import _openmp_effective_n_threads
from threadpoolctl import ThreadpoolController, threadpool_limits

_lock = threading.RLock()

# Below so many values, boosted trees take as long on two threads as on one, and many times as long beside other
# programs, because threads of OpenMP spin while they wait.
_FEW_VALUES = 200_000


@lru_cache(maxsize=1)
def _controller(n_modules: int) -> ThreadpoolController:
    """The libraries that are loaded. To look for them takes 5 ms: only when a module was imported since."""
    return ThreadpoolController()


@contextmanager
def blas_on_one_thread() -> Iterator[None]:
    """Limit NumPy's and SciPy's BLAS; wait for another thread that does."""
    with _lock, _controller(len(sys.modules)).limit(limits=1, user_api="blas"):
        yield


def openmp_for(n_values: int) -> AbstractContextManager[Any]:
    """Limit OpenMP to one thread, for the calling thread, where a classifier learns from few values."""
    return threadpool_limits(1, user_api="openmp") if n_values < _FEW_VALUES else nullcontext()


def n_processors() -> int:
    """Processors to use, as scikit-learn counts them: it knows a container's share and `OMP_NUM_THREADS`."""
    return int(_openmp_effective_n_threads())
