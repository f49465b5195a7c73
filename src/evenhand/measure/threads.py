"""Threads: none inside BLAS, two of our own over blocks.

Matrices here are small or cut into blocks. OpenBLAS's own threads gain nothing on them, collapse when cores are
shared, and make sums depend on how many there are.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from typing import TypeVar

from threadpoolctl import ThreadpoolController

Task = TypeVar("Task")
Result = TypeVar("Result")

WORKERS = 2


@cache
def _controller() -> ThreadpoolController:
    return ThreadpoolController()


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Limit BLAS to one thread inside the block.

    Example:
        >>> with one_blas_thread():
        ...     float((np.eye(2) @ np.eye(2)).sum())
        2.0
    """
    with _controller().limit(limits=1, user_api="blas"):
        yield


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(WORKERS, thread_name_prefix="evenhand")


def in_order(work: Callable[[Task], Result], tasks: Iterable[Task]) -> Iterator[Result]:
    """The results of the tasks in the order of the tasks, two being worked on at a time.

    What is added up from them does not depend on how many threads there are.

    Example:
        >>> list(in_order(lambda n: n * n, [1, 2, 3]))
        [1, 4, 9]
    """
    listed = list(tasks)
    if len(listed) < 2 * WORKERS:
        return map(work, listed)
    return _pool().map(work, listed)
