"""One BLAS thread at a time.

Matrices here are small or cut into blocks. OpenBLAS's own threads gain nothing on them, collapse when cores are
shared, and make sums depend on how many there are.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from threadpoolctl import ThreadpoolController


@cache
def _controller() -> ThreadpoolController:
    return ThreadpoolController()


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Limit BLAS to one thread inside the block."""
    with _controller().limit(limits=1, user_api="blas"):
        yield
