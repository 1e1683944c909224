"""Keeping an index in step with its documents: the next state is written beside the one in use, then takes its place.

Killed at any moment, the former state stands; the same call again takes over the vectors that were embedded. Knows
nothing of files or formats.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import numpy

from corpus.atomic_files import MANIFEST, full_disk, read_json, sole_writer, sync_folder, write_json
from corpus.errors import InputError
from corpus.machine_errors import is_full_disk
from corpus.records import Document, Passage, file_of
from rag.index.chunk import chunk
from rag.index.index_damage import undamaged
from rag.index.index_report import Agree, IndexReport, OnProgress
from rag.index.index_sources import Source, content_hash, given
from rag.index.snapshot import BEGUN, STAMPS, Entry, Snapshot, seal
from rag.index.update_vectors import fill, forget_stale, give, mend
from rag.index.write_index import Writing

if TYPE_CHECKING:
    from rag.index.index import Index
    from rag.index.index_manifest import IndexManifest

_NEXT, _LEFT, _GONE = "next", "left", "gone"
_UNCUT = 1_000_000


def update(
    index: Index, documents: Iterable[Document | Source], tell: OnProgress | None, agree: Agree | None, *, anew: bool
) -> IndexReport:
    """``Index.build``; ``anew``: without looking at what is there."""
    sources = [given(d) if isinstance(d, Document) else d for d in documents]
    with sole_writer(index.folder):
        manifest = index.manifest() if index.exists and not anew else None
        index.forget()
        try:
            return _updated(index, sources, manifest, tell or (lambda *_: None), agree or (lambda _: None), anew=anew)
        finally:
            index.forget()


def _updated(
    index: Index, sources: list[Source], manifest: IndexManifest | None, tell: OnProgress, agree: Agree, *, anew: bool
) -> IndexReport:
    started = time.monotonic()
    former = _former(index, manifest) if manifest else None
    stamps = {s.name: s.stamp for s in sources if s.stamp}
    try:
        writing = _written(index, sources, former, _leftovers(index, former, anew=anew), tell)
        agree(writing.documents if writing else len(former.entries) if former else 0)
        moved = manifest is None or index.elsewhere(manifest)
        if writing is None and former and manifest and not moved:
            with undamaged(index.folder):
                if stamps != former.stamps:
                    write_json(former.folder / STAMPS, stamps)
                if index.location.url:
                    with closing(index.location.store(former.folder, make=True)) as store:
                        mend(store, former)
            _tidy(index, manifest["generation"])
            return IndexReport(len(former.entries), len(former.passages), _since(started))
        with undamaged(index.folder):
            worn = manifest.get("worn", 0) if manifest else 0
            writing = writing or _copied(index, former)
            added, removed, manifest = _finished(index, writing, former, stamps, worn, moved=moved)
    except BaseException as error:
        half_filled = index.folder / _NEXT / index.location.folder
        shutil.rmtree(half_filled, ignore_errors=True)  # it is not trusted
        if is_full_disk(error):
            raise full_disk(OSError(errno.ENOSPC, str(error)), index.folder) from error
        raise
    _tidy(index, manifest["generation"])
    return IndexReport(manifest["documents"], manifest["passages"], _since(started), added, removed)


def _former(index: Index, manifest: IndexManifest) -> Snapshot:
    with undamaged(index.folder):
        former = Snapshot(index.folder / manifest["generation"], manifest["dimension"])
        former.require_whole()
    return former


def _written(
    index: Index, sources: Sequence[Source], former: Snapshot | None, leftovers: Sequence[Snapshot], tell: OnProgress
) -> Writing | None:
    """The next state's files, all but the store's; None where nothing changed, so that nothing was begun."""
    indexed = {e.source: e for e in former.entries} if former else {}
    of_file: dict[str, list[Entry]] = defaultdict(list)
    for former_entry in indexed.values():
        of_file[file_of(former_entry.source)].append(former_entry)
    stamps = former.stamps if former else {}
    kept: list[Entry] = []
    names: set[str] = set()
    writing: Writing | None = None
    try:
        for n, source in enumerate(sources, 1):
            as_it_was = source.stamp and stamps.get(source.name) == source.stamp
            for document in (as_it_was and of_file.get(source.name)) or source.read():
                _require_new(document.source, names)
                entry = _unchanged(document, indexed)
                if entry:
                    kept.append(entry)
                    if writing:
                        writing.copy(entry)
                elif isinstance(document, Document):
                    writing = writing or _begun(index, former, leftovers, kept)
                    _add(index, writing, source, document)
            if n % 64 == 0 or n == len(sources):
                tell(n, len(sources))
        if writing is None and former and len(kept) < len(indexed):
            writing = _begun(index, former, leftovers, kept)
        if writing:
            writing.finish()
    except BaseException:
        if writing:
            writing.close()
        raise
    return writing


def _unchanged(document: Entry | Document, indexed: Mapping[str, Entry]) -> Entry | None:
    """What the index has of a document, if that is as it was; an ``Entry`` stands for one that was not read."""
    if isinstance(document, Entry):
        return document
    entry = indexed.get(document.source)
    return entry if entry and entry.hash == content_hash(document) else None


def _require_new(name: str, names: set[str]) -> None:
    if name in names:
        raise InputError(f"{name}: two documents have this name", mend="rename one of them, or leave it out")
    names.add(name)


def _begun(index: Index, former: Snapshot | None, leftovers: Sequence[Snapshot], kept: Sequence[Entry] = ()) -> Writing:
    """The next state, with the documents that come before the first change."""
    writing = Writing(index.folder / _NEXT, index.embedder, former, leftovers)
    write_json(index.folder / _NEXT / BEGUN, {"embedder": index.embedder.name, "dimension": index.embedder.dimension})
    for entry in kept:
        writing.copy(entry)
    return writing


def _copied(index: Index, former: Snapshot | None) -> Writing:
    """The next state, the same as the former one."""
    writing = _begun(index, former, [], former.entries if former else ())
    writing.finish()
    return writing


def _add(index: Index, writing: Writing, source: Source, document: Document) -> None:
    vectors = source.vectors() if source.vectors else {}
    longest, read = (_UNCUT, _UNCUT) if source.vectors else (index.max_tokens, index.embedder.max_tokens)
    passages = chunk(document, index.embedder.count_tokens, max_tokens=longest, read=read)

    def vector(passage: Passage) -> numpy.ndarray | None:
        ready = vectors.get(passage.text)
        return writing.known(passage) if ready is None else ready

    entry = Entry(document.source, content_hash(document), date=document.date, tags=document.tags)
    writing.add(entry, passages, vector)


def _finished(
    index: Index, writing: Writing, former: Snapshot | None, stamps: dict[str, str], worn: int, *, moved: bool
) -> tuple[int, int, IndexManifest]:
    """Fill the store, close the state and let the manifest name it. How many passages were added and removed, the manifest.

    ``worn``: how many passages were removed from the collection since it was created.
    """
    now = Snapshot(writing.folder, index.embedder.dimension)
    fresh = numpy.flatnonzero(~numpy.isin(now.names, former.names)) if former else numpy.arange(len(now.names))
    stale = numpy.flatnonzero(~numpy.isin(former.names, now.names)) if former else numpy.zeros(0, int)
    changed = sorted({*fresh.tolist(), *writing.changed})
    stale_ids = [former.passages[int(n)].id for n in stale] if former else []
    on_server = index.location.store(now.folder, make=True) if index.location.url else None
    if on_server:
        give(on_server, now, None if moved else former, changed)
    else:
        worn = fill(index.location, now, former, changed, stale_ids, worn)
    write_json(now.folder / STAMPS, stamps)
    manifest = _switch(index, now, worn)
    if on_server:
        forget_stale(on_server, now)
        on_server.close()
    return len(fresh), len(stale), manifest


def _switch(index: Index, now: Snapshot, worn: int) -> IndexManifest:
    """Give the next state its number and let the manifest name it: from here on it is the index."""
    seal(now.folder, index.location)
    _sync(now.folder)
    numbers = [int(f.name) for f in index.folder.iterdir() if f.name.isdigit()]
    generation = f"{max(numbers, default=0) + 1:04d}"
    texts = hashlib.sha256("\n".join(f"{e.source} {e.hash}" for e in now.entries).encode()).hexdigest()
    manifest: IndexManifest = {
        **index.settings(),
        "dimension": index.embedder.dimension,
        "documents": len(now.entries),
        "passages": len(now.passages),
        "texts": texts,
        "store": index.location.url,
        "collection": index.location.collection,
        "generation": generation,
        "worn": worn,
    }
    os.rename(now.folder, index.folder / generation)
    sync_folder(index.folder)
    write_json(index.folder / MANIFEST, manifest)
    (index.folder / generation / BEGUN).unlink()  # not before: what it stands beside is taken over from a killed run
    return manifest


def _leftovers(index: Index, former: Snapshot | None, *, anew: bool) -> list[Snapshot]:
    """What killed runs wrote with this embedder, set aside; everything else that is not in use is removed."""
    leftovers = []
    for folder in sorted(f for f in index.folder.iterdir() if f.is_dir() and not (anew and f.name.isdigit())):
        if former and folder == former.folder:
            continue
        begun = read_json(folder / BEGUN) if (folder / BEGUN).is_file() and not anew else {}
        if folder.name.startswith(_GONE) or begun.get("embedder") != index.embedder.name:
            shutil.rmtree(folder)
            continue
        if folder.name == _NEXT:
            folder = folder.rename(index.folder / f"{_LEFT}-{time.time_ns()}")
        leftovers.append(Snapshot(folder, begun["dimension"]))
    return leftovers


def _tidy(index: Index, generation: str) -> None:
    """Remove every state but the one in use, each at one stroke. Who has opened another goes on: its files stay mapped."""
    for folder in [f for f in index.folder.iterdir() if f.is_dir() and f.name != generation]:
        aside = folder if folder.name.startswith(_GONE) else index.folder / f"{_GONE}-{time.time_ns()}-{folder.name}"
        with suppress(OSError):
            os.rename(folder, aside)
            shutil.rmtree(aside, ignore_errors=True)


def _sync(folder: Path) -> None:
    for at in (*(f for f in folder.rglob("*") if f.is_dir()), folder):
        for file in (f for f in at.iterdir() if f.is_file()):
            with open(file, "rb") as written:
                os.fsync(written.fileno())
        sync_folder(at)


def _since(started: float) -> float:
    return round(time.monotonic() - started, 2)
