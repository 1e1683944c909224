"""Reading documents of any known format into plain text with headings and pages. Knows nothing of chunks or indexes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus.errors import Fault, InputError
from corpus.records import Document, Section

_HEADING = re.compile(r"^(#{1,6})\s+(.+?)\s*#*\s*$")
_NOT_CONTENT = ("script", "style", "nav", "header", "footer", "aside", "form", "noscript", "template", "svg")
_BLOCKS = ("h1", "h2", "h3", "h4", "h5", "h6", "p", "li", "tr", "pre", "blockquote", "dt", "dd", "figcaption")


@dataclass(frozen=True)
class Reading:
    """The documents that could be read, and what was passed over and why."""

    documents: tuple[Document, ...]
    skipped: tuple[Fault, ...] = ()


def read_documents(paths: Sequence[Path], root: Path, *, strict: bool = False) -> Reading:
    """Read files and, recursively, folders. ``Document.source`` is the path relative to ``root`` where it lies below,
    else ``FOLDER/…`` from the folder that was named.

    A file that cannot be read is named in ``skipped``; with ``strict`` it raises ``InputError`` instead, all at once.
    """
    documents, faults = [], []
    for file, source in files_in(paths, root):
        try:
            document = read_document(file, source)
        except Exception as error:  # noqa: BLE001 - a damaged file raises anything; it is named and passed over
            faults.append(Fault(source, f"cannot be read ({_said(error)})", mend="repair or remove the file"))
            continue
        if document.text.strip():
            documents.append(document)
        else:
            faults.append(Fault(source, "holds no text", mend="scanned pages need text recognition first"))
    if strict and faults:
        raise InputError(f"{len(faults)} of {len(documents) + len(faults)} documents cannot be read", faults)
    if not documents:
        named = ", ".join(str(p) for p in paths) or "no path given"
        raise InputError(f"no readable document in {named}", faults, mend=f"name files of these kinds: {_kinds()}")
    return Reading(tuple(documents), tuple(faults))


def documents_in(paths: Sequence[Path]) -> list[Path]:
    """The files that ``read_documents`` would read."""
    return [file for file, _ in files_in(paths, Path())]


def read_document(file: Path, source: str) -> Document:
    """Read one file by its suffix."""
    blocks = list(_READERS[file.suffix.lower()](file))
    sections, text = [], ""
    for heading, words, page in _joined(blocks):
        start = len(text)
        text += words + "\n\n"
        sections.append(Section(words, heading, page, start))
    title = next((h.split(" > ")[0] for h, _, _ in blocks if h), "") or file.stem.replace("-", " ").replace("_", " ")
    return Document(source, title, text, tuple(sections))


def _joined(blocks: Sequence[tuple[str, str, int | None]]) -> Iterator[tuple[str, str, int | None]]:
    """Blocks under the same heading and on the same page become one section."""
    held: tuple[str, str, int | None] | None = None
    for heading, words, page in blocks:
        clean = re.sub(r"[ \t\xa0]+", " ", words.replace("\r\n", "\n").replace("\0", "")).strip()
        if not clean:
            continue
        if held and held[0] == heading and held[2] == page:
            held = (heading, f"{held[1]}\n\n{clean}", page)
            continue
        if held:
            yield held
        held = (heading, clean, page)
    if held:
        yield held


def _markdown(file: Path) -> Iterator[tuple[str, str, int | None]]:
    path: list[str] = []
    words: list[str] = []
    fenced = False
    for line in _text_of(file).splitlines():
        fenced ^= line.lstrip().startswith("```")
        found = None if fenced else _HEADING.match(line)
        if found:
            yield " > ".join(path), "\n".join(words), None
            path = [*path[: len(found[1]) - 1], found[2]]
            words = []
        else:
            words.append(line)
    yield " > ".join(path), "\n".join(words), None


def _plain(file: Path) -> Iterator[tuple[str, str, int | None]]:
    yield "", _text_of(file), None


def _html(file: Path) -> Iterator[tuple[str, str, int | None]]:
    from bs4 import BeautifulSoup

    soup = BeautifulSoup(file.read_bytes(), "html.parser")
    for tag in soup(_NOT_CONTENT):
        tag.decompose()
    body = soup.find("main") or soup.find("article") or soup.body or soup
    path: list[str] = []
    for tag in body.find_all(_BLOCKS):
        if tag.name[0] == "h" and tag.name[1:].isdigit():
            path = [*path[: int(tag.name[1]) - 1], tag.get_text(" ", strip=True)]
        elif tag.name == "tr":
            yield " > ".join(path), " | ".join(c.get_text(" ", strip=True) for c in tag.find_all(("td", "th"))), None
        elif not tag.find_parent(_BLOCKS):
            yield " > ".join(path), tag.get_text(" ", strip=True), None


def _pdf(file: Path) -> Iterator[tuple[str, str, int | None]]:
    from pypdf import PdfReader

    reader = PdfReader(file)
    if reader.is_encrypted and not reader.decrypt(""):
        raise ValueError("it is encrypted")
    for number, page in enumerate(reader.pages, 1):
        yield "", page.extract_text(), number


def _docx(file: Path) -> Iterator[tuple[str, str, int | None]]:
    from docx import Document as open_docx
    from docx.table import Table

    path: list[str] = []
    for block in open_docx(str(file)).iter_inner_content():
        if isinstance(block, Table):
            for row in block.rows:
                yield " > ".join(path), " | ".join(cell.text.strip() for cell in row.cells), None
            continue
        style: Any = (block.style.name or "") if block.style else ""
        if style == "Title" or style.startswith("Heading"):
            level = int(style[-1]) if style[-1].isdigit() else 1
            path = [*path[: level - 1], block.text.strip()]
        else:
            yield " > ".join(path), block.text, None


_READERS: dict[str, Callable[[Path], Iterator[tuple[str, str, int | None]]]] = {
    ".md": _markdown,
    ".markdown": _markdown,
    ".txt": _plain,
    ".html": _html,
    ".htm": _html,
    ".pdf": _pdf,
    ".docx": _docx,
}


def _text_of(file: Path) -> str:
    raw = file.read_bytes()
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        from charset_normalizer import from_bytes

        best = from_bytes(raw).best()
        if best is None:
            raise ValueError("its encoding is not known") from None
        return str(best)


def files_in(paths: Sequence[Path], root: Path) -> list[tuple[Path, str]]:
    """Every file to read with its source name, each once. Raises ``InputError`` for paths that cannot be read from."""
    missing = [Fault(str(p), "no such file or folder") for p in paths if not p.exists()]
    unknown = [Fault(str(p), f'format "{p.suffix}"', _kinds()) for p in paths if p.is_file() and not _known(p)]
    if missing or unknown:
        raise InputError("the documents cannot be found", [*missing, *unknown], mend="correct the paths")
    found: dict[Path, str] = {}
    for path in paths:
        named = path.resolve()
        files = [named] if named.is_file() else sorted(f for f in named.rglob("*") if f.is_file() and _known(f))
        for file in files:
            found.setdefault(file, _source(file, named.parent, root.resolve()))
    taken = Counter(found.values())
    return [(file, source if taken[source] == 1 else file.as_posix()) for file, source in found.items()]


def _known(file: Path) -> bool:
    return file.suffix.lower() in _READERS and not file.name.startswith(".")


def _kinds() -> str:
    return ", ".join(_READERS)


def _source(file: Path, beside: Path, root: Path) -> str:
    return file.relative_to(root if file.is_relative_to(root) else beside).as_posix()


def _said(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:120]
