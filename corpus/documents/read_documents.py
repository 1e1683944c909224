"""Reading documents of any known format into plain text with headings and pages."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import nullcontext
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from corpus.documents.document_files import IGNORE, documents_in, files_in, kinds, listed
from corpus.documents.formats.known_formats import is_known, is_read_by_line, parts
from corpus.documents.formats.part import Block, Part
from corpus.documents.read_apart import SECONDS, Apart, reason_of
from corpus.errors import Fault, InputError, Omission
from corpus.records import PART, Document, Section
from corpus.text.invisible import NOT_READ

__all__ = ["Reading", "documents_from", "documents_in", "documents_of", "files_in", "read_documents"]
_AHEAD = 3
"""Files that may be read while the one before them is being used."""
_MAY_BE_SCANNED = (".pdf", ".docx", ".pptx", ".epub")
_SPACES = re.compile(r"[ \t\xa0]+")


@dataclass(frozen=True)
class Reading:
    """The documents that could be read, and what was passed over and why."""

    documents: tuple[Document, ...]
    skipped: tuple[Fault, ...] = ()


def read_documents(paths: Sequence[Path], root: Path, *, strict: bool = False) -> Reading:
    """All documents of files, folders and globs at once (see ``files_in``).

    A file that cannot be read, or a piece of one, is named in ``skipped``; with ``strict`` it raises ``InputError``
    instead, all at once.
    """
    documents: list[Document] = []
    faults: list[Fault] = []
    for item in documents_from(paths, root):
        if isinstance(item, Fault):
            faults.append(item)
        else:
            documents.append(item)
    if strict and faults:
        raise InputError("not everything in the documents can be read", faults)
    if not documents:
        names = ", ".join(str(p) for p in paths) or "no path given"
        raise InputError(f"no readable document in {names}", faults, mend=f"name files of these kinds: {kinds()}")
    return Reading(tuple(documents), tuple(faults))


def documents_from(paths: Sequence[Path], root: Path) -> Iterator[Document | Fault]:
    """The documents one at a time, and what is wrong with those that cannot be read, in the order of ``files_in``."""
    listing = listed(paths, root)
    yield from documents_of(listing.files)
    yield from listing.faults


def documents_of(
    files: Iterable[tuple[Path, str]], *, seconds: float = SECONDS, apart: Apart | None = None
) -> Iterator[Document | Fault]:
    """The documents of these files with their sources; each file gives at least one or a fault, and raises nothing.

    Behind a file's documents stands an ``Omission`` for each piece of it that its reader could not take.

    Text that is read by line comes in parts of about eight million characters where it is longer: ``big.txt#part-1``,
    ``big.txt#part-2`` are documents of their own, and offsets count in each. Every other format is read in a process
    apart, within ``seconds`` (and some more for large files) and a limited memory: those of ``apart``, else of its own.
    """
    with nullcontext(apart) if apart else Apart(seconds) as reading:
        ahead: deque[tuple[Path, str, Future[list[Part]] | None]] = deque()
        for file, source in files:
            in_process = is_known(file) and is_read_by_line(file)
            ahead.append((file, source, None if in_process else reading.read(file)))
            if len(ahead) > _AHEAD:
                yield from _documents(*ahead.popleft())
        while ahead:
            yield from _documents(*ahead.popleft())


def _documents(file: Path, source: str, read: Future[list[Part]] | None) -> Iterator[Document | Fault]:
    count = 0
    left_out: list[Omission] = []
    try:
        readable = _with_omissions(iter(read.result()) if read else parts(file), source, left_out)
        for document in _numbered(readable, source, file.stem):
            count += 1
            yield document
    except Exception as error:  # noqa: BLE001 - a damaged file raises anything; it is named and passed over
        why = reason_of(error).replace(str(file), source)
        beyond = f" beyond part {count}" if count else ""
        yield Fault(source, f"cannot be read{beyond} ({why})", mend="repair or remove the file")
        return
    if not count:
        scanned = file.suffix.lower() in _MAY_BE_SCANNED
        mend = "scanned pages need text recognition first" if scanned else f"fill or remove it, or name it in {IGNORE}"
        yield Fault(source, "holds no text", mend=mend)
    else:
        yield from left_out


def _with_omissions(parts: Iterator[Part], source: str, left_out: list[Omission]) -> Iterator[Part]:
    """The same parts; what their reader left out is gathered in ``left_out``."""
    for part in parts:
        left_out += [
            Omission(f"{source}, {o.place}" if o.place else source, o.what, mend=o.mend, source=source)
            for o in part.left_out
        ]
        yield part


def _numbered(parts: Iterator[Part], source: str, stem: str) -> Iterator[Document]:
    """Documents of the parts that hold text, numbered where there are several."""
    documents = (d for part in parts if (d := _document(part, source, stem)).text.strip())
    first, second = next(documents, None), next(documents, None)
    if first is None or second is None:
        yield from (first,) if first else ()
        return
    for number, document in enumerate(chain((first, second), documents), 1):
        yield replace(document, source=f"{source}{PART}{number}")


def _document(part: Part, source: str, stem: str) -> Document:
    title = part.title or next((b.heading.split(" > ")[0] for b in part.blocks if b.heading), "") or part.name
    sections: list[Section] = []
    texts: list[str] = []
    at = 0
    for heading, words, page, table in _joined(_with_lone_headings(part.blocks, title)):
        sections.append(Section(words, heading, page, at, table))
        texts += [words, "\n\n"]
        at += len(words) + 2
    tags = tuple(dict.fromkeys(t for t in map(_clean, part.tags) if t))
    titled = _clean(title)[:500] or stem.replace("-", " ").replace("_", " ")
    return Document(source, titled, "".join(texts), tuple(sections), part.date, tags)


def _with_lone_headings(blocks: Iterable[Block], title: str) -> Iterator[Block]:
    """A heading with neither words nor headings below it becomes words under the one above it; not the document's title."""
    lone: Block | None = None
    heading, page = "", None
    for block in blocks:
        if lone and (lone.page != block.page or not f"{block.heading} > ".startswith(f"{lone.heading} > ")):
            yield _as_words(lone)
        lone = None
        if block.text.strip():
            yield block
        elif block.heading and (block.heading, block.page) not in ((heading, page), (title, None)):
            lone = block
            continue
        heading, page = block.heading, block.page
    if lone:
        yield _as_words(lone)


def _as_words(lone: Block) -> Block:
    above, _, words = lone.heading.rpartition(" > ")
    return Block(above, words, lone.page)


def _joined(blocks: Iterable[Block]) -> Iterator[Block]:
    """Blocks under the same heading and on the same page become one section, rows of a table one of their own."""
    texts: list[str] = []
    under: tuple[str, int | None, bool] = "", None, False
    for block in blocks:
        words = _clean(block.text)
        if not words:
            continue
        if texts and under != (block.heading, block.page, block.table):
            yield _section(texts, *under)
            texts = []
        texts.append(words)
        under = block.heading, block.page, block.table
    if texts:
        yield _section(texts, *under)


def _section(texts: Sequence[str], heading: str, page: int | None, table: bool) -> Block:
    return Block(_clean(heading), ("\n" if table else "\n\n").join(texts), page, table)


def _clean(words: str) -> str:
    """Without control characters, soft hyphens and halves of characters; line ends and spaces in one way."""
    words = NOT_READ.sub("", words.replace("\r\n", "\n").replace("\r", "\n"))
    return _SPACES.sub(" ", words).strip()
