"""The index on disk: what is finished is read here, and ``rag.index.update_index`` keeps it in step with the documents.

Every state of the index is a folder of its own (``index/0001``, see ``rag.index.snapshot``), whose passages, vectors and words
stay as they are once it is finished; ``index/manifest.json``, replaced last, names it. Readers go on with theirs while the
next one is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.atomic_files import MANIFEST, is_complete, read_json
from corpus.errors import ProjectError
from corpus.records import Document, Passage
from lm.engine_contract import Embedder
from rag.index.choose_location import choose_location
from rag.index.chunk import CHUNKING, MAX_TOKENS
from rag.index.index_damage import undamaged
from rag.index.index_report import Agree, IndexReport, OnProgress
from rag.index.index_sources import Source
from rag.index.nearest_passages import nearest_passages
from rag.index.terms import COUNTING
from rag.index.vector_store import COLLECTION, StoreLocation, VectorStore

if TYPE_CHECKING:
    import numpy

    from rag.index.document_names import Named
    from rag.index.index_manifest import IndexManifest, IndexSettings
    from rag.index.snapshot import Entry, Snapshot

EXACT = 200_000
"""Up to so many passages every vector is compared: quicker there than to open a store, and never wrong."""


class Index:
    """A folder with an index made by one embedder. Opening it reads nothing; ``passages`` and ``nearest`` do.

    ``location`` says where its vectors are held; without it ``chroma_url`` and ``collection`` do (``choose_location``).
    """

    def __init__(
        self,
        folder: Path,
        embedder: Embedder,
        *,
        max_tokens: int = MAX_TOKENS,
        chroma_url: str = "",
        collection: str = COLLECTION,
        location: StoreLocation | None = None,
        exact: int = EXACT,
    ) -> None:
        self.folder = folder
        self.embedder = embedder
        self.max_tokens = max_tokens
        self.location = location or choose_location(chroma_url, collection)
        self.exact = exact
        self.counted: VectorStore | None = None
        """The store that was seen to hold all of its state."""
        self._opened: tuple[Snapshot, VectorStore] | None = None

    @property
    def exists(self) -> bool:
        """Is there a complete index?"""
        return is_complete(self.folder)

    def build(
        self, documents: Iterable[Document | Source], on_progress: OnProgress | None = None, agree: Agree | None = None
    ) -> IndexReport:
        """Make the index hold exactly ``documents``: what is unchanged costs nothing, what a killed run left is used.

        Raises ``BusyError`` while another process writes, ``ProjectError`` where the index is damaged or was made with other
        settings, ``ResourceError`` where the disk is full, and what ``agree`` raises; the index is then what it was.
        """
        from rag.index.update_index import update

        return update(self, documents, on_progress, agree, anew=False)

    def rebuild(
        self, documents: Iterable[Document | Source], on_progress: OnProgress | None = None, agree: Agree | None = None
    ) -> IndexReport:
        """Build anew, whatever is there, sound or damaged. Raises as ``build`` does."""
        from rag.index.update_index import update

        return update(self, documents, on_progress, agree, anew=True)

    def forget(self) -> None:
        """Look at the folder anew at the next question."""
        if self._opened:
            self._opened[1].close()
        self._opened = None

    def manifest(self) -> IndexManifest:
        """The manifest of the current state. Raises ``ProjectError`` without a complete index, or one with our settings."""
        if not self.exists:
            raise ProjectError(f"{self.folder}: no complete index", mend="run groundtune provision")
        manifest: IndexManifest = read_json(self.folder / MANIFEST)
        for name, wanted in self.settings().items():
            if (value := manifest.get(name)) != wanted:
                back = "" if name in ("chunking", "counting") else ", or change it back"
                raise ProjectError(
                    f"{self.folder}: made with {name} {value}, now it is {wanted}",
                    mend=f"run groundtune index rebuild{back}",
                )
        return manifest

    def entries(self) -> tuple[Entry, ...]:
        """The documents. Raises ``ProjectError`` where there is no complete index."""
        with undamaged(self.folder):
            return self.snapshot().entries

    def passages(self) -> Sequence[Passage]:
        """Every passage, in the order of the documents, read when it is asked for. Raises as ``entries``."""
        with undamaged(self.folder):
            return self.snapshot().passages

    def place(self, name: str) -> int | None:
        """Where in ``passages()`` the one with this id stands; None where none has it. Raises as ``entries``."""
        with undamaged(self.folder):
            return self.snapshot().place(name)

    def vectors(self) -> numpy.ndarray:
        """The passages' unit vectors, ``(len(passages()), dimension)``, in the order of ``passages()``."""
        with undamaged(self.folder):
            return self.snapshot().vectors

    def word_scores(self, question: str) -> numpy.ndarray:
        """BM25 of every passage for the question, ``(len(passages()),)``."""
        with undamaged(self.folder):
            snapshot = self.snapshot()
            return snapshot.words.scores(question, len(snapshot.passages))

    def named(self, question: str) -> Named:
        """Which documents, in the order of ``entries()``, a question names, and what else it says."""
        with undamaged(self.folder):
            return self.snapshot().named.named(question)

    def documents_of(self, places: numpy.ndarray) -> numpy.ndarray:
        """The number in ``entries()`` of the document that each of these passages is of."""
        import numpy

        with undamaged(self.folder):
            return numpy.searchsorted(self.snapshot().firsts, places, "right") - 1

    def span_of(self, document: int) -> tuple[int, int]:
        """The places of a document's first passage and of the one behind its last; ``document``: a place in ``entries()``."""
        with undamaged(self.folder):
            snapshot = self.snapshot()
            firsts = snapshot.firsts
            after = firsts[document + 1] if document + 1 < len(firsts) else len(snapshot.passages)
            return int(firsts[document]), int(after)

    def word_places(self, question: str) -> list[numpy.ndarray]:
        """For each different word of the question, stemmed, the places of the passages that have it."""
        with undamaged(self.folder):
            return self.snapshot().words.places(question)

    def nearest(
        self, vector: numpy.ndarray, k: int, allowed: numpy.ndarray | None = None
    ) -> tuple[numpy.ndarray, numpy.ndarray]:
        """Places and cosines of the ``k`` passages nearest to a unit vector, nearest first.

        ``allowed``: the places to look at, in rising order; None: all. Every vector is compared, but where there are more
        than ``exact``, or a server holds them, and all are asked for: then the store answers, while its files are there.
        """
        with undamaged(self.folder):
            return nearest_passages(self, vector, k, allowed)

    def snapshot(self) -> Snapshot:
        """The state the manifest names. Raises ``ProjectError`` without a complete index or with other settings."""
        return self._open()[0]

    def store(self) -> VectorStore:
        """The store of that state."""
        return self._open()[1]

    def _open(self) -> tuple[Snapshot, VectorStore]:
        while (opened := self._opened) is None:
            manifest = self.manifest()
            if self.elsewhere(manifest):
                written = replace(self.location, url=manifest["store"], collection=manifest["collection"])
                raise ProjectError(
                    f"{self.folder}: its vectors are {written}, the project says {self.location}",
                    mend="run groundtune index update: they are moved, nothing is embedded again",
                )
            try:
                with undamaged(self.folder):
                    self._opened = self._state(manifest)
            except ProjectError:  # another process may just have finished the next state and be removing this one
                if self.manifest()["generation"] == manifest["generation"]:
                    raise
        return opened

    def elsewhere(self, manifest: IndexManifest) -> bool:
        """Does the manifest name another place for the vectors than this index does?"""
        here = self.location
        return manifest["store"] != here.url or (bool(here.url) and manifest["collection"] != here.collection)

    def _state(self, manifest: IndexManifest) -> tuple[Snapshot, VectorStore]:
        from rag.index.snapshot import Snapshot

        snapshot = Snapshot(self.folder / manifest["generation"], manifest["dimension"])
        snapshot.require_whole(without="" if manifest["passages"] > self.exact else self.location.folder)
        snapshot.open()
        return snapshot, self.location.store(snapshot.folder)

    def settings(self) -> IndexSettings:
        """What an index must have been made with for this one to go on with it."""
        name, tokens = self.embedder.name, self.max_tokens
        return {"embedder": name, "max_tokens": tokens, "chunking": CHUNKING, "counting": COUNTING}
