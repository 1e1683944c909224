"""CSV and TSV: each row with its headers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from pathlib import Path

from corpus.documents.encodings import lines
from corpus.documents.formats.omissions import Omissions
from corpus.documents.formats.part import Block, Part, gathered, in_parts
from corpus.documents.formats.table_rows import rendered
from corpus.documents.formats.text.csv_reader import CsvRows, width_of

_DELIMITERS = ",;\t|"
_LOOKED_AT = 50
_LONGEST_ROW = 2**14
"""Characters from which a row is a block of its own; shorter ones are gathered to that."""
_SEPARATOR = re.compile(r'"?sep=(.)"?[\r\n]*', re.IGNORECASE)
"""A first line that is for the spreadsheet and no row: it says what parts the cells."""


def read(file: Path) -> Iterator[Part]:
    """One part, or several of a long file. Raises ``ValueError`` for a row that never ends."""
    text_lines = lines(file)
    first = list(islice(text_lines, _LOOKED_AT))
    stated = _SEPARATOR.fullmatch(first[0]) if first else None
    if stated:
        del first[0]
    sample = [line[:_LONGEST_ROW] for line in first]
    delimiter = stated[1] if stated else _delimiter(sample, "\t" if file.suffix.lower() == ".tsv" else ",")
    width, _ = width_of(sample, delimiter)
    omissions = Omissions()
    rows = CsvRows(chain(first, text_lines), delimiter, width, omissions, 2 if stated else 1)
    texts = gathered(rendered(rows), "\n", lambda size, _: size >= _LONGEST_ROW)
    return in_parts((Block("", text, None, True) for text in texts), left_out=omissions.summary)


def _delimiter(sample: Sequence[str], usual: str) -> str:
    """What parts the first rows into the same number of fields, the more the better.

    csv.Sniffer is quadratic where quotation marks are many: 6 s for 32,000 characters of them.
    """

    def agreement(delimiter: str) -> tuple[float, int, bool]:
        width, share = width_of(sample, delimiter)
        return round(share, 1), width, delimiter == usual

    return max(_DELIMITERS, key=agreement) if any(agreement(d)[0] for d in _DELIMITERS) else usual
