"""Plain text, with lines that were broken at a width as one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from corpus.documents.encodings import lines
from corpus.documents.formats.part import Block, Part, gathered, in_parts
from corpus.documents.formats.text.wrapped import unwrapped

_BLOCK, _LONGEST_BLOCK = 2**16, 2**20


def read(file: Path) -> Iterator[Part]:
    """One part, or several of a long file."""
    return in_parts(Block("", text) for text in texts(unwrapped(lines(file))))


def texts(text_lines: Iterable[str]) -> Iterator[str]:
    """Lines as pieces of some length, parted at empty lines where there are any."""
    return gathered(text_lines, "", lambda size, line: size >= _LONGEST_BLOCK or (size >= _BLOCK and not line.strip()))
