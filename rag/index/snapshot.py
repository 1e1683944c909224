"""One finished state of an index, read from its folder.

Of a finished state only the stamps and what a store rewrites change; passages, vectors, words and the documents' list do
not.

``passages.jsonl`` holds a passage a line, ``vectors`` their unit vectors and ``names`` hashes of their ids, all in the order
of the documents in ``sources.jsonl``; ``firsts`` says where those of each document begin. ``words/`` holds BM25, ``named/``
what names the documents, and the store has a folder of its own, where it is not a server. ``files.json`` says how long
each file is and what it adds up to.
"""

from __future__ import annotations

import hashlib
import json
import mmap
import zlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, overload

import numpy

from corpus.atomic_files import write_json
from corpus.records import Passage
from rag.index.bm25_files import Words, mapped, mapped_array
from rag.index.document_names import Names

if TYPE_CHECKING:
    from rag.index.vector_store import StoreLocation

PASSAGES, ENDS, VECTORS, NAMES, SOURCES = "passages.jsonl", "ends", "vectors", "names", "sources.jsonl"
WORDS, NAMED, FIRSTS, STAMPS, BEGUN = "words", "named", "firsts", "stamps.json", "begun.json"
_FILES = "files.json"
_WHOLE = 16 * 2**20
"""Files up to this size are read whole at opening, of longer ones evenly spaced pieces."""
_PIECES, _PIECE = 64, 64 * 2**10


@dataclass(frozen=True)
class Entry:
    """A document of the index and the places of its passages."""

    source: str
    hash: str
    """``rag.index.index_sources.content_hash``."""
    first: int = 0
    count: int = 0
    date: str = ""
    tags: tuple[str, ...] = ()


class Shelf(Sequence[Passage]):
    """Passages in a file, each read when it is asked for."""

    def __init__(self, folder: Path) -> None:
        self.ends = mapped_array(folder / ENDS, "<i8")
        self._text = mapped(folder / PASSAGES)

    def __len__(self) -> int:
        return len(self.ends)

    @overload
    def __getitem__(self, at: int) -> Passage: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Passage]: ...
    def __getitem__(self, at: int | slice) -> Passage | Sequence[Passage]:
        if isinstance(at, slice):
            return tuple(self[n] for n in range(*at.indices(len(self))))
        place = range(len(self))[at]
        return Passage(**json.loads(self.lines(place, 1)))

    def lines(self, first: int, count: int) -> bytes:
        """``count`` lines of the file, with their ends."""
        start = int(self.ends[first - 1]) if first else 0
        return bytes(self._text[start : int(self.ends[first + count - 1])]) if count else b""


class Snapshot:
    """Opens all by ``open``, else what is asked for. Raises ``ValueError`` and ``OSError`` for what cannot be read."""

    def __init__(self, folder: Path, dimension: int) -> None:
        self.folder = folder
        self.dimension = dimension

    def open(self) -> None:
        """Map all that questions need: from here on an update may remove the folder; only the store is lost then."""
        _ = self.passages, self.vectors, self.names, self.firsts, self._sources
        self.words.open()
        self.named.words.open()

    @property
    def removed(self) -> bool:
        """Has an update removed the folder?"""
        return not (self.folder / _FILES).is_file()

    @cached_property
    def passages(self) -> Shelf:
        return Shelf(self.folder)

    @cached_property
    def vectors(self) -> numpy.ndarray:
        """``(len(passages), dimension)`` float32, unit vectors, mapped into memory."""
        numbers = mapped_array(self.folder / VECTORS, "<f4")
        return numbers[: len(numbers) // self.dimension * self.dimension].reshape(-1, self.dimension)

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """The documents, in order."""
        lines = bytes(self._sources).splitlines()
        return tuple(Entry(**(entry := json.loads(line)) | {"tags": tuple(entry["tags"])}) for line in lines)

    @cached_property
    def firsts(self) -> numpy.ndarray:
        """The place of each document's first passage, ``(len(entries),)``, rising."""
        return mapped_array(self.folder / FIRSTS, "<i8")

    @cached_property
    def _sources(self) -> bytes | mmap.mmap:
        return mapped(self.folder / SOURCES)

    @cached_property
    def stamps(self) -> dict[str, str]:
        """By source, what told at the last update without reading that a document was as it is; empty where unknown."""
        file = self.folder / STAMPS
        try:
            return dict(json.loads(file.read_text(encoding="utf-8")))
        except (OSError, ValueError):
            return {}

    @cached_property
    def words(self) -> Words:
        return Words(self.folder / WORDS)

    @cached_property
    def named(self) -> Names:
        """What names each document."""
        return Names(Words(self.folder / NAMED), len(self.firsts))

    @cached_property
    def names(self) -> numpy.ndarray:
        """Hashes of the passages' ids, ``(len(passages),)`` uint64."""
        return mapped_array(self.folder / NAMES, "<u8")

    @cached_property
    def _by_name(self) -> numpy.ndarray:
        return numpy.argsort(self.names, kind="stable")

    def place(self, name: str) -> int | None:
        """Where the passage with this id stands."""
        wanted = name_of(name)
        at = int(numpy.searchsorted(self.names, wanted, sorter=self._by_name))
        if at < len(self.names) and self.names[self._by_name[at]] == wanted:
            return int(self._by_name[at])
        return None

    def vector_for(self, passage: Passage) -> numpy.ndarray | None:
        """The vector of a passage that stood here with the same words and headings; None where there is none."""
        place = self.place(passage.id)
        if place is None or place >= min(len(self.vectors), len(self.passages)):
            return None
        then, vector = self.passages[place], self.vectors[place]
        same = (then.id, then.label, then.text) == (passage.id, passage.label, passage.text)
        return vector if same and abs(float(vector @ vector) - 1.0) < 1e-3 else None

    def require_whole(self, *, without: str = "", every_byte: bool = False) -> None:
        """Raise ``ValueError`` where a file is not as it was written; ``without``: a folder that is not looked into.

        Of long files only pieces are read, unless ``every_byte`` is wanted.
        """
        sums = json.loads((self.folder / _FILES).read_text(encoding="utf-8"))
        for name, (length, pieces, whole) in sums.items():
            file = self.folder / name
            if without and name.startswith(f"{without}/"):
                continue
            if not file.is_file():
                raise ValueError(f"{name}: it is gone")
            size, changes = file.stat().st_size, whole is None
            if size < length if changes else size != length:
                raise ValueError(f"{name}: {size:,} bytes, {length:,} were written")
            if not changes and (_sum(file, None) != whole if every_byte else _sum(file, _PIECES) != pieces):
                raise ValueError(f"{name}: overwritten")


def seal(folder: Path, location: StoreLocation) -> None:
    """Write down how long each file below ``folder`` is and what it adds up to."""
    sums = {}
    for file in sorted(f for f in folder.rglob("*") if f.is_file() and f.name not in (STAMPS, BEGUN, _FILES)):
        changes = file.relative_to(folder).parts[0] == location.folder and location.rewrites(file)
        pieces, whole = (None, None) if changes else (_sum(file, _PIECES), _sum(file, None))
        sums[file.relative_to(folder).as_posix()] = [file.stat().st_size, pieces, whole]
    write_json(folder / _FILES, sums)


def line_of(passage: Passage) -> bytes:
    """The line of ``passages.jsonl`` that holds a passage."""
    return json.dumps(asdict(passage), ensure_ascii=False).encode() + b"\n"


def name_of(passage_id: str) -> numpy.uint64:
    """The hash an id is found by."""
    return numpy.uint64(int.from_bytes(hashlib.blake2b(passage_id.encode(), digest_size=8).digest(), "little"))


def _sum(file: Path, pieces: int | None) -> int:
    """CRC-32 of a file, or of evenly spaced pieces of a long one."""
    total, length = 0, file.stat().st_size
    with open(file, "rb") as content:
        if pieces is None or length <= _WHOLE:
            while block := content.read(2**20):
                total = zlib.crc32(block, total)
            return total
        for n in range(pieces):
            content.seek((length - _PIECE) * n // (pieces - 1))
            total = zlib.crc32(content.read(_PIECE), total)
    return total
