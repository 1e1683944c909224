"""Dot products of many vectors with one, and the highest of many scores."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy


_ROWS_OF_A_THREAD = 10_000


def products(vectors: numpy.ndarray, vector: numpy.ndarray) -> numpy.ndarray:
    """The dot product of each row with a vector.

    In threads of our own where there are many: BLAS's wait for each other, and on a busy machine that takes longer than
    the products.
    """
    import os
    from concurrent.futures import ThreadPoolExecutor

    import numpy

    parts = min(os.cpu_count() or 1, len(vectors) // _ROWS_OF_A_THREAD)
    if parts < 2:
        return numpy.asarray(numpy.vecdot(vectors, vector))
    dots = numpy.empty(len(vectors), numpy.float32)
    cuts = [len(vectors) * n // parts for n in range(parts + 1)]
    with ThreadPoolExecutor(parts) as pool:
        list(pool.map(lambda a, b: numpy.vecdot(vectors[a:b], vector, out=dots[a:b]), cuts[:-1], cuts[1:]))
    return dots


def best_of(scores: numpy.ndarray, k: int) -> numpy.ndarray:
    """The places of the ``k`` highest scores, highest first; among equals the earlier ones."""
    import numpy

    if k < len(scores):
        least = numpy.partition(scores, len(scores) - k)[len(scores) - k]
        above, equal = numpy.flatnonzero(scores > least), numpy.flatnonzero(scores == least)
        among = numpy.sort(numpy.concatenate([above, equal[: k - len(above)]]))
    else:
        among = numpy.arange(len(scores))
    return among[numpy.argsort(-scores[among], kind="stable")]
