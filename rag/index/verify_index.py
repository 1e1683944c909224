"""Does an index hold exactly its documents, nothing missing, nothing twice, nothing altered? Mends nothing."""

from __future__ import annotations

import subprocess
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from corpus.atomic_files import MANIFEST, read_json
from corpus.errors import ProjectError
from corpus.python_process import command
from corpus.records import Document
from rag.index.index import Index
from rag.index.index_damage import undamaged
from rag.index.index_sources import content_hash
from rag.index.vector_store import ROUNDING

if TYPE_CHECKING:
    from rag.index.index_manifest import IndexManifest

TRIED = 500


@dataclass(frozen=True)
class Health:
    """What is wrong with an index; all empty where it is sound."""

    damage: str = ""
    """What cannot be read; nothing else is known then."""
    new: tuple[str, ...] = ()
    """Documents that are not indexed yet."""
    changed: tuple[str, ...] = ()
    """Documents whose text is no longer what was indexed."""
    gone: tuple[str, ...] = ()
    """Indexed documents that are no longer there."""
    missing: tuple[str, ...] = ()
    """Passages, by id, that the store has lost."""
    stale: tuple[str, ...] = ()
    """Passages in the store that belong to no document."""
    twice: tuple[str, ...] = ()
    """Passages listed more than once."""
    altered: tuple[str, ...] = ()
    """Passages whose text or vector in the store is not what was written."""
    lost: tuple[str, ...] = ()
    """Passages that a search for their own vector no longer finds, of at most ``TRIED``."""

    @property
    def sound(self) -> bool:
        """Does the store hold what was written? Documents may have changed since."""
        return not (self.damage or self.missing or self.stale or self.twice or self.altered or self.lost)

    @property
    def clean(self) -> bool:
        """Sound, and in step with the documents."""
        return self == Health()

    def to_json(self) -> dict[str, object]:
        """The shape ``groundtune index verify --json`` prints (stable: keys are only added)."""
        return {"clean": self.clean, "sound": self.sound} | asdict(self)


def verify(index: Index, documents: Iterable[Document]) -> Health:
    """Compare documents, files and store. Raises ``ProjectError`` where there is no complete index.

    ``documents`` are looked at one after another. A process of its own reads a store's files first: where they were
    overwritten, they can end the store's library without an error.
    """
    index.manifest()
    try:
        with undamaged(index.folder):
            index.snapshot().require_whole(every_byte=True)
    except ProjectError as error:
        return Health(damage=str(error).splitlines()[0])
    if signal := 0 if index.location.url else _ended_by(index):
        ended = f"reading it ends {index.location.product} by signal {signal}"
        return Health(damage=f"{index.folder}: the index is damaged ({ended})")
    now = {d.source: content_hash(d) for d in documents}
    try:
        with undamaged(index.folder):
            indexed = {e.source: e.hash for e in index.entries()}
            twice = _sorted(i for i, n in Counter(p.id for p in index.passages()).items() if n > 1)
            stored = _stored(index)
    except ProjectError as error:
        return Health(damage=str(error).splitlines()[0])
    return replace(
        stored,
        new=_sorted(now.keys() - indexed.keys()),
        changed=_sorted(s for s in now.keys() & indexed.keys() if now[s] != indexed[s]),
        gone=_sorted(indexed.keys() - now.keys()),
        twice=twice,
    )


def _stored(index: Index) -> Health:
    """What the store lacks, has too much or has otherwise than it was written."""
    snapshot, store = index.snapshot(), index.store()
    seen: set[int] = set()
    stale: list[str] = []
    altered: list[str] = []
    not_met: list[int] = []
    every = max(1, len(snapshot.passages) // TRIED)
    for ids, texts, vectors in store.everything():
        for name, text, vector in zip(ids, texts, vectors, strict=True):
            place = snapshot.place(name)
            if place is None:
                stale.append(name)
                continue
            seen.add(place)
            if text != snapshot.passages[place].text or abs(vector - snapshot.vectors[place]).max() > ROUNDING:
                altered.append(name)
            elif place % every == 0 and not store.finds(vector):
                not_met.append(place)
    lost = _never_met(index, not_met)
    missing = [snapshot.passages[n].id for n in range(len(snapshot.passages)) if n not in seen]
    return Health(missing=_sorted(missing), stale=_sorted(stale), altered=_sorted(altered), lost=_sorted(lost))


def _never_met(index: Index, places: list[int]) -> list[str]:
    """The ids of those of these passages that a search does not come upon in a store opened anew, either.

    Chroma draws the graph of a small collection anew at each opening: of 70 openings 2 to 4 missed a passage, not the same.
    """
    if not places:
        return []
    index.forget()
    snapshot, store = index.snapshot(), index.store()
    return [snapshot.passages[n].id for n in places if not store.finds(snapshot.vectors[n])]


def _ended_by(index: Index) -> int:
    """The signal that ended a process which read the whole store; 0 where it ended by itself."""
    code = "from rag.index.verify_index import read_all; read_all(sys.argv[1])"
    ended = subprocess.run(command(code, str(index.folder)), capture_output=True, check=False)
    return max(0, -ended.returncode)


def read_all(at: str) -> None:
    """Read the whole store of the index in this folder: the life of a process that its files may end."""
    folder = Path(at)
    manifest: IndexManifest = read_json(folder / MANIFEST)
    nothing: Any = SimpleNamespace(name=manifest["embedder"])  # reading embeds nothing
    _stored(Index(folder, nothing, max_tokens=manifest["max_tokens"]))


def _sorted(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(names))
