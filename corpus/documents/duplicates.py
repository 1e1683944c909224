"""Which texts repeat earlier ones, exactly or nearly. Keeps a fingerprint of each text, never the text.

Near: MinHash (Broder 1997) over shingles of five words, 128 hashes, looked up in 32 bands of 4. Two texts with similarity s
meet in a band with probability 1 - (1 - s⁴)³², 0.9999 at 0.8; the similarity told is the share of equal hashes (± 0.03).
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from corpus.text.match import normalise

if TYPE_CHECKING:
    import numpy

_HASHES, _ROWS, _WORDS = 128, 4, 5
_SHORTEST = 8
"""Texts with fewer words are compared as a whole only."""


@dataclass(frozen=True)
class Like:
    """The earlier text that one repeats, and how nearly."""

    name: str
    similarity: float
    exact: bool


class Duplicates:
    """Takes one text after another and compares it with the first of each group.

    ``similarity``, 0 to 1: from where two count as near duplicates; None: exact ones only.
    """

    def __init__(self, similarity: float | None = 0.9) -> None:
        self.similarity = similarity
        self._exact: dict[str, str] = {}
        self._names: list[str] = []
        self._signatures: list[numpy.ndarray] = []
        self._bands: dict[tuple[int, bytes], list[int]] = defaultdict(list)
        self._groups: dict[str, list[tuple[str, float]]] = defaultdict(list)
        self._first: dict[str, str] = {}

    def add(self, name: str, text: str) -> Like | None:
        """The earliest text that this one repeats, or None for a new one."""
        known = fingerprint(text)
        of = self._exact.get(known)
        if of == name:  # noted by ``know`` before, now with its words
            self._nearest(name, text)
            return None
        like = Like(of, 1.0, True) if of else self._nearest(name, text)
        self._exact.setdefault(known, name)
        if like:
            first = self._first.get(like.name, like.name)
            self._first[name] = first
            self._groups[first].append((name, like.similarity))
        return like

    def know(self, name: str, text: str) -> None:
        """Note a text by its fingerprint: later texts that repeat it exactly are found, near ones are not."""
        self._exact.setdefault(text, name)

    def groups(self) -> list[dict[str, object]]:
        """Texts that repeat one another: the first one's name, and the others' with their similarity to what they repeat."""
        return [
            {"first": first, "others": [{"name": n, "similarity": round(s, 2)} for n, s in others]}
            for first, others in self._groups.items()
        ]

    def _nearest(self, name: str, text: str) -> Like | None:
        words = normalise(text).split() if self.similarity is not None else []
        if self.similarity is None or len(words) < _SHORTEST:
            return None
        signature = _signature(words)
        bands = [(n, signature[n : n + _ROWS].tobytes()) for n in range(0, _HASHES, _ROWS)]
        met = sorted({i for band in bands for i in self._bands.get(band, ())})
        near = [(float((self._signatures[i] == signature).mean()), -i) for i in met]
        best, place = max(near, default=(0.0, 0))
        if near and best >= self.similarity:
            return Like(self._names[-place], best, False)
        for band in bands:  # only what is new is compared with: a thousand copies cost no more than one
            self._bands[band].append(len(self._names))
        self._names.append(name)
        self._signatures.append(signature)
        return None


def fingerprint(text: str) -> str:
    """The same for equal texts alone."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _signature(words: list[str]) -> numpy.ndarray:
    """The least of each hash over the shingles, ``(128,)`` of 32 bits."""
    import numpy

    shingles = {" ".join(words[n : n + _WORDS]) for n in range(len(words) - _WORDS + 1)}
    digests = b"".join(hashlib.blake2b(s.encode("utf-8", "replace"), digest_size=8).digest() for s in sorted(shingles))
    values = numpy.frombuffer(digests, numpy.uint64)
    factors, offsets = _hashes()
    least = numpy.full(_HASHES, 2**32 - 1, numpy.uint32)
    for at in range(0, len(values), 4096):  # in pieces, so that a long text needs no more memory than a short one
        hashed = (values[at : at + 4096, None] * factors + offsets) >> numpy.uint64(32)
        least = numpy.minimum(least, hashed.min(axis=0).astype(numpy.uint32))
    return least


@cache
def _hashes() -> tuple[numpy.ndarray, numpy.ndarray]:
    """Factors and offsets of the hashes (multiply-shift), ``(128,)`` each, the same in every process."""
    import numpy

    rng = numpy.random.default_rng(0)
    factors = rng.integers(0, 2**63, _HASHES, numpy.uint64) * 2 + 1
    return factors, rng.integers(0, 2**63, _HASHES, numpy.uint64)
