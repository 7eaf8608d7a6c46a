"""How many threads BLAS uses for a matrix product."""

import functools
from contextlib import AbstractContextManager, nullcontext

from threadpoolctl import ThreadpoolController


def blas_threads(count: int) -> AbstractContextManager[object]:
    """Inside the block, BLAS uses that many threads. Setting it takes as long as a small layer: only if needed.

    The number is one for the whole process. If another thread leaves such a block meanwhile, or keeps BLAS to another
    number itself (threadpoolctl lets one thread at a time do so), that counts; results are the same up to rounding.
    """
    blas = _blas()
    if all(library.num_threads == count for library in blas.lib_controllers):
        return nullcontext()
    return blas.limit(limits=count)


@functools.cache
def _blas() -> ThreadpoolController:
    return ThreadpoolController().select(user_api="blas")
