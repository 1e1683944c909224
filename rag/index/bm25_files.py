"""BM25 over passages, in files: counted when the index is built, mapped into memory when a question is asked.

Scores of plain words are those of bm25s (Lucene's variant, k1 1.5, b .75; a test holds that); exact terms
(``rag.index.terms.EXACT``) add theirs without making a passage longer. They are made here because bm25s holds every word of
every passage in memory to count them, and imports scipy.
"""

from __future__ import annotations

import json
import mmap
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

import numpy

from corpus.atomic_files import write_text
from rag.index.terms import EXACT, terms_of, words_of

_K1, _B = 1.5, 0.75
_BLOCK = 4096
"""Passages looked at together."""
_VOCABULARY = "vocabulary.json"
_DTYPES = {"terms": "<i4", "counts": "<i4", "ends": "<i8", "starts": "<i8", "rows": "<i4", "scores": "<f4"}


class Words:
    """What was counted, in ``folder``: ``terms`` and ``counts`` by passage, ``rows`` and ``scores`` by term."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @cached_property
    def vocabulary(self) -> dict[str, int]:
        """The number of each term."""
        numbers: dict[str, int] = json.loads(bytes(self._vocabulary))
        return numbers

    @cached_property
    def _vocabulary(self) -> bytes | mmap.mmap:
        return mapped(self.folder / _VOCABULARY)

    def open(self) -> None:
        """Map what questions need: from here on the folder may be removed."""
        _ = self._by_term, self._vocabulary

    def array(self, name: str) -> numpy.ndarray:
        """One of the files, mapped into memory."""
        return mapped_array(self.folder / name, _DTYPES[name])

    @cached_property
    def _by_term(self) -> tuple[numpy.ndarray, numpy.ndarray, numpy.ndarray]:
        return self.array("starts"), self.array("rows"), self.array("scores")

    def scores(self, question: str, passages: int) -> numpy.ndarray:
        """BM25 of every passage for the question, ``(passages,)``."""
        starts, rows, scores = self._by_term
        totals = numpy.zeros(passages, numpy.float32)
        for word, times in Counter(terms_of(question, asked=True)).items():
            if (term := self.vocabulary.get(word)) is not None:
                these = slice(starts[term], starts[term + 1])
                totals[rows[these]] += times * scores[these]  # a passage stands once under a term
        return totals

    def places(self, question: str) -> list[numpy.ndarray]:
        """For each different plain word of the question the places of the passages that have it."""
        return [self.rows(word) for word in dict.fromkeys(words_of(question))]

    def rows(self, term: str) -> numpy.ndarray:
        """The places of the passages that have a term, in rising order."""
        starts, rows, _ = self._by_term
        number = self.vocabulary.get(term)
        return rows[starts[number] : starts[number + 1]] if number is not None else numpy.zeros(0, int)

    def span(self, first: int, count: int) -> tuple[int, int]:
        """Where in ``terms`` and ``counts`` the passages from ``first`` on stand."""
        ends = self.array("ends")
        start = int(ends[first - 1]) if first else 0
        return start, int(ends[first + count - 1]) if count else start


class WordCounts:
    """Counts words passage by passage into files, and turns them into scores at the end. Memory: the vocabulary."""

    def __init__(self, folder: Path, former: Words | None = None) -> None:
        folder.mkdir(parents=True)
        self.folder = folder
        self.former = former
        self.vocabulary = dict(former.vocabulary) if former else {}
        self._files = opened(folder, "terms", "counts", "ends")
        self._at = 0

    def add(self, terms: Iterable[str]) -> None:
        """Count the terms of a further passage."""
        counted = Counter(terms)
        numbers = [self.vocabulary.setdefault(word, len(self.vocabulary)) for word in counted]
        self._write(numpy.array(numbers, "<i4"), numpy.array(list(counted.values()), "<i4"))
        self._at += len(numbers)
        self._files["ends"].write(numpy.array([self._at], "<i8").tobytes())

    def copy(self, first: int, count: int) -> None:
        """Take over what the former files say of ``count`` passages."""
        if self.former is None or not count:
            return
        a, b = self.former.span(first, count)
        self._write(self.former.array("terms")[a:b], self.former.array("counts")[a:b])
        ends = self.former.array("ends")[first : first + count] - a + self._at
        self._files["ends"].write(ends.astype("<i8").tobytes())
        self._at += b - a

    def finish(self) -> None:
        """Close the files and write the scores."""
        self.close()
        write_text(self.folder / _VOCABULARY, json.dumps(self.vocabulary, ensure_ascii=False))
        self._score()

    def close(self) -> None:
        """Close the files as they are."""
        for file in self._files.values():
            file.close()

    def _write(self, terms: numpy.ndarray, counts: numpy.ndarray) -> None:
        self._files["terms"].write(terms.tobytes())
        self._files["counts"].write(counts.tobytes())

    def _score(self) -> None:
        frequency = numpy.zeros(len(self.vocabulary), numpy.int64)
        lengths = numpy.zeros(len(Words(self.folder).array("ends")), numpy.float64)
        plain = numpy.array([not word.startswith(EXACT) for word in self.vocabulary], bool)
        for rows, terms, counts in self._blocks():
            frequency += numpy.bincount(terms, minlength=len(frequency))
            lengths += numpy.bincount(rows, weights=counts * plain[terms], minlength=len(lengths))
        starts = numpy.concatenate([[0], numpy.cumsum(frequency)]).astype("<i8")
        (self.folder / "starts").write_bytes(starts.tobytes())
        n, average = len(lengths), max(1e-9, lengths.mean()) if len(lengths) else 1.0
        weight = numpy.log(1 + (n - frequency + 0.5) / (frequency + 0.5))
        norm = _K1 * (1 - _B + _B * lengths / average)
        into = {name: self._allotted(name, int(starts[-1])) for name in ("rows", "scores")}
        heads = starts[:-1].copy()
        for rows, terms, counts in self._blocks():
            order = numpy.argsort(terms, kind="stable")
            sorted_terms = terms[order]
            distinct, first, many = numpy.unique(sorted_terms, return_index=True, return_counts=True)
            at = heads[sorted_terms] + numpy.arange(len(order)) - numpy.repeat(first, many)
            into["rows"][at] = rows[order]
            into["scores"][at] = weight[sorted_terms] * counts[order] / (norm[rows[order]] + counts[order])
            heads[distinct] += many

    def _blocks(self) -> Iterator[tuple[numpy.ndarray, numpy.ndarray, numpy.ndarray]]:
        """For some passages after others: the passage's number, the term and its count, for each term of each."""
        counted = Words(self.folder)
        ends, terms, counts = counted.array("ends"), counted.array("terms"), counted.array("counts")
        for first in range(0, len(ends), _BLOCK):
            these = numpy.diff(ends[first : first + _BLOCK], prepend=ends[first - 1] if first else 0)
            a, b = counted.span(first, len(these))
            yield numpy.repeat(numpy.arange(first, first + len(these)), these), terms[a:b], counts[a:b]

    def _allotted(self, name: str, length: int) -> numpy.ndarray:
        """A file of that length, mapped into memory; its blocks are claimed first, so that a full disk is an error here."""
        file = self.folder / name
        with open(file, "wb") as out:
            if not length:
                return numpy.zeros(0, _DTYPES[name])
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(out.fileno(), 0, length * 4)
            else:
                out.truncate(length * 4)
        return numpy.memmap(file, dtype=_DTYPES[name], mode="r+")


def opened(folder: Path, *names: str) -> dict[str, BinaryIO]:
    """New files by their names, to be closed by who asks for them."""
    return {name: open(folder / name, "wb") for name in names}


def mapped_array(file: Path, dtype: str) -> numpy.ndarray:
    """The numbers of a file mapped into memory; those that a killed run wrote in part are left out."""
    whole = file.stat().st_size // numpy.dtype(dtype).itemsize
    if not whole:
        return numpy.zeros(0, dtype)
    return numpy.memmap(file, dtype=dtype, mode="r", shape=(whole,)).view(numpy.ndarray)


def mapped(file: Path) -> bytes | mmap.mmap:
    """A file mapped into memory: it can be read on after it was removed."""
    with open(file, "rb") as opened:
        return mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) if os.fstat(opened.fileno()).st_size else b""
