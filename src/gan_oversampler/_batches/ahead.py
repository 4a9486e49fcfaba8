"""Batches drawn by threads ahead of the one who asks for them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any


def drawn_ahead(batches: Any, n_threads: int, n_ahead: int) -> Iterator[tuple[Any, ...]]:
    """The batches in their order, of which so many at the most are drawn before they are asked for."""
    waiting: deque[Future[Any]] = deque()
    with ThreadPoolExecutor(n_threads, thread_name_prefix="batches") as pool:
        try:
            for i in range(len(batches)):
                waiting.append(pool.submit(batches.__getitem__, i))
                if len(waiting) > n_ahead:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:  # whoever stops early waits for no batch that has not begun
            pool.shutdown(wait=False, cancel_futures=True)
