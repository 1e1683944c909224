"""CSV and TSV: each row with its headers. Knows nothing of other formats."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from pathlib import Path

from corpus.encodings import lines
from corpus.formats.part import Block, Part, in_parts
from corpus.formats.rows import rendered

_DELIMITERS = ",;\t|"
_LOOKED_AT = 50
_LONGEST_RECORD = 2**24
"""Characters of a row. One that never ends has a quotation mark that nothing closes."""
_LONGEST_ROW = 2**14
"""Characters from which a row is a block of its own; shorter ones are gathered to that."""


def read(file: Path) -> Iterator[Part]:
    """One part, or several of a long file. Raises ``ValueError`` for a quotation mark that nothing closes."""
    given = lines(file)
    first = list(islice(given, _LOOKED_AT))
    csv.field_size_limit(_LONGEST_RECORD)
    delimiter = _delimiter(first, "\t" if file.suffix.lower() == ".tsv" else ",")
    return in_parts(Block("", text, None, True) for text in _gathered(rendered(_rows(chain(first, given), delimiter))))


def _rows(given: Iterator[str], delimiter: str) -> Iterator[list[str]]:
    taken = 0

    def counted() -> Iterator[str]:
        nonlocal taken
        for line in given:
            taken += len(line)
            if taken > _LONGEST_RECORD:
                raise ValueError(f"a row is longer than {_LONGEST_RECORD // 2**20} million characters")
            yield line

    try:
        for row in csv.reader(counted(), delimiter=delimiter):
            taken = 0
            yield row
    except csv.Error as error:
        raise ValueError(str(error)) from error


def _gathered(rows: Iterator[str]) -> Iterator[str]:
    held: list[str] = []
    size = 0
    for row in rows:
        held.append(row)
        size += len(row)
        if size >= _LONGEST_ROW:
            yield "\n".join(held)
            held, size = [], 0
    yield "\n".join(held)


def _delimiter(first: Sequence[str], usual: str) -> str:
    """What parts the first rows into the same number of fields, the more the better.

    csv.Sniffer is quadratic where quotation marks are many: 6 s for 32,000 characters of them.
    """
    sample = [line[:_LONGEST_ROW] for line in first]

    def agreement(delimiter: str) -> tuple[float, int, bool]:
        try:
            widths = [len(row) for row in csv.reader(sample, delimiter=delimiter) if row]
        except csv.Error:
            return 0.0, 0, False
        width, rows = Counter(widths).most_common(1)[0] if widths else (1, 0)
        return (round(rows / len(widths), 1) if width > 1 else 0.0), width, delimiter == usual

    return max(_DELIMITERS, key=agreement) if any(agreement(d)[0] for d in _DELIMITERS) else usual
