"""Does an index hold exactly its documents, nothing missing, nothing twice, nothing altered? Mends nothing."""

from __future__ import annotations

import random
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy

from corpus.errors import ProjectError
from corpus.records import Document
from corpus.store import MANIFEST, read_json
from rag.index import Index

TRIED = 500
_UNIT = 1e-3
"""How far from 1 the length of a stored vector may be."""


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

    def to_json(self) -> dict[str, Any]:
        """The shape ``groundtune index verify --json`` prints (stable: keys are only added)."""
        return {"clean": self.clean, "sound": self.sound} | asdict(self)


def verify(index: Index, documents: Sequence[Document]) -> Health:
    """Compare documents, list of passages and store. Raises ``ProjectError`` where there is no complete index.

    A process of its own reads the store first: files that were overwritten can end Chroma without an error.
    """
    indexed = index.manifest()["documents"]
    if signal := _ended_by(index):
        return Health(damage=f"{index.folder}: the index is damaged (reading it ends Chroma by signal {signal})")
    try:
        passages = {p.id: p for p in index.passages()}
        ids, texts, vectors = index.stored()
        tried = random.Random(0).sample(range(len(ids)), min(TRIED, len(ids)))
        lost = [ids[n] for n in tried if max(index.nearest(vectors[n], 1).values(), default=0.0) < 1.0 - _UNIT]
    except ProjectError as error:
        return Health(damage=str(error).splitlines()[0])
    now = {d.source: d.content_hash for d in documents}
    lengths = numpy.linalg.norm(vectors, axis=1) if len(ids) else numpy.zeros(0)
    altered = [
        i
        for i, text, length in zip(ids, texts, lengths, strict=True)
        if i in passages and (text != passages[i].text or not abs(length - 1.0) < _UNIT)
    ]
    return Health(
        new=_sorted(now.keys() - indexed.keys()),
        changed=_sorted(s for s in now.keys() & indexed.keys() if now[s] != indexed[s]),
        gone=_sorted(indexed.keys() - now.keys()),
        missing=_sorted(passages.keys() - set(ids)),
        stale=_sorted(set(ids) - passages.keys()),
        twice=_sorted(i for i, n in Counter(p.id for p in index.passages()).items() if n > 1),
        altered=_sorted(altered),
        lost=_sorted(lost),
    )


def _ended_by(index: Index) -> int:
    """The signal that ended a process which read the whole store; 0 where it ended by itself."""
    ended = subprocess.run([sys.executable, "-m", "rag.verify", str(index.folder)], capture_output=True, check=False)
    return max(0, -ended.returncode)


def _read_all(folder: Path) -> None:
    made = read_json(folder / MANIFEST)
    nothing: Any = SimpleNamespace(name=made["embedder"])  # reading embeds nothing
    index = Index(folder, nothing, max_tokens=made["max_tokens"])
    _, _, vectors = index.stored()
    for vector in vectors[:: max(1, len(vectors) // TRIED)]:
        index.nearest(vector, 1)


def _sorted(names: Any) -> tuple[str, ...]:
    return tuple(sorted(names))


if __name__ == "__main__":
    _read_all(Path(sys.argv[1]))
