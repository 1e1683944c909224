"""Taking over a Chroma collection that others made: its texts, what they say of themselves and, if they fit, its vectors.

It is only read: a folder is copied first, because Chroma writes into each folder it opens. What was taken is kept in a
folder of the project, whose documents are then indexed like all others.
"""

from __future__ import annotations

import json
import math
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict
from urllib.parse import quote

import numpy

from corpus.atomic_files import MANIFEST, read_json, sole_writer, whole_folder, write_json
from corpus.documents.formats.dates import iso_date, tags_of
from corpus.errors import InputError
from corpus.records import Document, Passage, Section
from lm.engine_contract import Embedder
from rag.index.chroma_store import client_of
from rag.index.index_sources import Source
from rag.index.write_index import embedded_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rag.index.chroma_client import ChromaCollection

PROBED = 16
ALIKE = 0.99
"""A probed text's cosine to its stored vector from which on both come from the same embedder."""
_PAGE = 500
_RECORDS, _VECTORS = "records.jsonl", "vectors.npy"
_GAP = "\n\n"
_PREFIX = "adopted://"
"""In front of each source: no file of the project can be called so."""
_HEADERS = ("Header 1", "Header 2", "Header 3", "Header 4")
"""Where LangChain's Markdown splitter keeps headings."""


class _Record(TypedDict):
    """What is kept of a record: a line of the records file."""

    text: str
    source: str
    title: str
    heading: str
    page: int | None
    date: str
    tags: list[str]


class _Manifest(TypedDict):
    """``at``: where the collection was; ``vectors``: as in ``Adoption``."""

    collection: str
    at: str
    embedder: str
    vectors: str
    documents: int
    records: int


@dataclass(frozen=True)
class Adoption:
    """What was taken over."""

    collection: str
    documents: int
    records: int
    without_text: int
    vectors: str
    """``kept``, or why they are made anew."""


def adopt(at: Path | str, collection: str, folder: Path, embedder: Embedder) -> Adoption:
    """Copy the records of a collection ``at`` a folder or URL into ``folder/NAME``, in the place of what was there.

    Its vectors are kept where the dimension is ours and ``PROBED`` texts, embedded again, have a cosine of ``ALIKE`` or
    more to theirs. Raises ``InputError`` where there is no such collection or nothing in it.
    """
    with _opened(at, collection) as opened:
        records, without_text, vectors = _read(opened)
    if not records:
        raise InputError(f'the collection "{collection}" holds no texts', mend="name another collection")
    fit = _fit(records, vectors, embedder)
    with sole_writer(folder), whole_folder(folder / _name(collection)) as beside:
        with open(beside / _RECORDS, "w", encoding="utf-8") as out:
            out.writelines(json.dumps(r, ensure_ascii=False) + "\n" for r in records)
        if fit == "kept":
            numpy.save(beside / _VECTORS, vectors / numpy.linalg.norm(vectors, axis=1, keepdims=True))
        sources = len({r["source"] for r in records})
        manifest: _Manifest = {
            "collection": collection,
            "at": str(at),
            "embedder": embedder.name,
            "vectors": fit,
            "documents": sources,
            "records": len(records),
        }
        write_json(beside / MANIFEST, manifest)
    return Adoption(collection, sources, len(records), without_text, fit)


def adopted(folder: Path) -> list[Source]:
    """The documents of every collection that was taken over into ``folder``."""
    return [source for one in _folders(folder).values() for source in _sources(one)]


def give_up(folder: Path, collection: str) -> None:
    """Forget a collection that was taken over. Raises ``InputError`` where it was not."""
    folders = _folders(folder)
    if collection not in folders:
        raise InputError(f'no collection "{collection}" was adopted', mend=f"adopted: {', '.join(folders) or 'none'}")
    with sole_writer(folder):
        (folders[collection] / MANIFEST).unlink(missing_ok=True)  # first: what is left of a killed run is not read
        shutil.rmtree(folders[collection], ignore_errors=True)


def _folders(folder: Path) -> dict[str, Path]:
    """Where each collection is kept, by its name; what is being written has a name with a dot in front."""
    whole = sorted(f.parent for f in folder.glob(f"*/{MANIFEST}") if not f.parent.name.startswith("."))
    return {read_json(one / MANIFEST)["collection"]: one for one in whole}


def _sources(folder: Path) -> Iterator[Source]:
    manifest: _Manifest = read_json(folder / MANIFEST)
    stamp = f"{(folder / MANIFEST).stat().st_mtime_ns} {manifest['records']} {manifest['vectors']}"
    with open(folder / _RECORDS, encoding="utf-8") as lines:
        records: list[_Record] = [json.loads(line) for line in lines]
    at = 0
    for source, group in groupby(records, key=lambda r: r["source"]):
        own = list(group)
        rows = slice(at, at + len(own))
        at += len(own)
        name = f"{_PREFIX}{folder.name}/{source}"
        vectors = (lambda own=own, rows=rows: _vectors(folder, own, rows)) if manifest["vectors"] == "kept" else None
        yield Source(name, lambda name=name, own=own: (_document(name, own),), stamp, vectors)  # type: ignore[misc]


def _document(name: str, records: Sequence[_Record]) -> Document:
    sections, text = [], ""
    for r in records:
        sections.append(Section(r["text"], r["heading"], r["page"], len(text)))
        text += r["text"] + _GAP
    first = records[0]
    return Document(name, first["title"], text, tuple(sections), first["date"], tuple(first["tags"]))


def _vectors(folder: Path, records: Sequence[_Record], rows: slice) -> dict[str, numpy.ndarray]:
    vectors = numpy.load(folder / _VECTORS, mmap_mode="r")[rows]
    return {r["text"]: v for r, v in zip(records, vectors, strict=True)}


def _read(collection: ChromaCollection) -> tuple[list[_Record], int, numpy.ndarray]:
    """The records that hold text, in order of their sources, how many hold none, and the vectors ``(n, d)``."""
    rows: list[tuple[_Record, int, numpy.ndarray]] = []
    without = 0
    for offset in range(0, collection.count(), _PAGE):
        page = collection.get(include=["documents", "metadatas", "embeddings"], limit=_PAGE, offset=offset)
        described = page["metadatas"] or [None] * len(page["ids"])
        for text, metadata, vector in zip(page["documents"], described, page["embeddings"], strict=True):
            if text and text.strip():
                start = _start(metadata or {})
                rows.append((_record(text.strip(), metadata or {}), start, numpy.asarray(vector, numpy.float32)))
            else:
                without += 1
    rows.sort(key=lambda row: (row[0]["source"], row[0]["page"] or 0, row[1]))
    return [record for record, _, _ in rows], without, numpy.array([vector for _, _, vector in rows])


def _record(text: str, metadata: Mapping[str, object]) -> _Record:
    """What we keep of a record, by the names that LangChain's loaders and splitters, and groundtune, give it."""
    page = _whole(metadata.get("page"))
    headings = [str(metadata[h]) for h in _HEADERS if metadata.get(h)]
    if page is not None and _is_langchains(metadata):
        page += 1
    return {
        "text": text,
        "source": str(metadata.get("source") or "records"),
        "title": str(metadata.get("title") or ""),
        "heading": str(metadata.get("heading") or " > ".join(headings)),
        "page": page,
        "date": iso_date(metadata.get("date")),
        "tags": list(tags_of(metadata.get("tags"))),
    }


def _start(metadata: Mapping[str, object]) -> int:
    """Where in its document a record starts; 0 where that is not known."""
    return _whole(metadata.get("start" if "start" in metadata else "start_index")) or 0


def _is_langchains(metadata: Mapping[str, object]) -> bool:
    """LangChain counts pages from 0; groundtune, whose records have a ``start``, from 1."""
    return "start" not in metadata and ("page_label" in metadata or "start_index" in metadata)


def _whole(value: object) -> int | None:
    """A number as a whole one; None for all else, and for what is no number or without end."""
    return int(value) if isinstance(value, int | float) and math.isfinite(value) else None


def _fit(records: Sequence[_Record], vectors: numpy.ndarray, embedder: Embedder) -> str:
    """``kept``, or why the vectors cannot be ours: of the texts alone or, as groundtune does it, with their headings."""
    if vectors.shape[1] != embedder.dimension:
        return f"{vectors.shape[1]} dimensions, {embedder.name} has {embedder.dimension}"
    lengths = numpy.linalg.norm(vectors, axis=1)
    if not lengths.all():
        return "some are empty"
    probed = numpy.linspace(0, len(records) - 1, min(PROBED, len(records))).astype(int)
    shown = [records[n] for n in probed]
    headed = [embedded_text(Passage("", r["text"], "", r["title"], r["heading"])) for r in shown]
    ours = [embedder.embed(texts) for texts in ([r["text"] for r in shown], headed)]
    least = max(float(((o * vectors[probed]).sum(1) / lengths[probed]).min()) for o in ours)
    return "kept" if least >= ALIKE else f"not by {embedder.name}: cosine {least:.2f} to what it makes of the same text"


@contextmanager
def _opened(at: Path | str, collection: str) -> Iterator[ChromaCollection]:
    with tempfile.TemporaryDirectory(prefix="groundtune-adopt-") as scratch:
        here: Path | str = at
        if isinstance(at, Path):
            if not (at / "chroma.sqlite3").is_file():
                raise InputError(f"{at}: no Chroma store", mend="name the folder that holds chroma.sqlite3")
            here = Path(shutil.copytree(at, Path(scratch) / "copy"))
        client = client_of(here)
        try:
            names = [c.name for c in client.list_collections()]
            if collection not in names:
                raise InputError(
                    f'no collection "{collection}" in {at}', mend=f"there are: {', '.join(names) or 'none'}"
                )
            yield client.get_collection(collection, embedding_function=None)
        finally:
            client.close()


def _name(collection: str) -> str:
    """A folder's name, another one for each collection."""
    return quote(collection, safe=" ")
