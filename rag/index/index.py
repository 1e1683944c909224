"""The index on disk: what is finished is read here, and ``rag.index.update_index`` keeps it in step with the documents.

Every state of the index is a folder of its own (``index/0001``, see ``rag.index.snapshot``), whose passages, vectors and words
stay as they are once it is finished; ``index/manifest.json``, replaced last, names it. Readers go on with theirs while the
next one is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.atomic_files import MANIFEST, read_json, sole_writer
from corpus.cancellation import Cancelled
from corpus.errors import GroundtuneError, ProjectError
from corpus.machine_errors import OF_THE_MACHINE
from corpus.records import Document, Passage
from lm.engine_contract import Embedder
from rag.index.chroma_store import COLLECTION, Store, place_of, unreachable
from rag.index.chunk import CHUNKING, MAX_TOKENS
from rag.index.index_report import IndexReport
from rag.index.index_sources import Source, given
from rag.index.terms import COUNTING
from rag.index.vector_math import best_of, products

if TYPE_CHECKING:
    import numpy

    from rag.index.document_names import Named
    from rag.index.index_manifest import IndexManifest, IndexSettings
    from rag.index.snapshot import Entry, Snapshot

EXACT = 200_000
"""Up to so many passages every vector is compared: quicker there than to import Chroma, and never wrong."""


class Index:
    """A folder with an index made by one embedder. Opening it reads nothing; ``passages`` and ``nearest`` do.

    ``chroma_url``: the Chroma server that holds the vectors in ``collection``, in the place of one in the folder.
    """

    def __init__(
        self,
        folder: Path,
        embedder: Embedder,
        *,
        max_tokens: int = MAX_TOKENS,
        chroma_url: str = "",
        collection: str = COLLECTION,
        exact: int = EXACT,
    ) -> None:
        self.folder = folder
        self.embedder = embedder
        self.max_tokens = max_tokens
        self.chroma_url = chroma_url
        self.collection = collection
        self.exact = exact
        self._opened: tuple[Snapshot, Store] | None = None
        self._counted: Store | None = None

    @property
    def exists(self) -> bool:
        """Is there a complete index?"""
        return (self.folder / MANIFEST).is_file()

    def build(
        self,
        documents: Iterable[Document | Source],
        on_progress: Callable[[int, int], None] | None = None,
        agree: Callable[[int], None] | None = None,
    ) -> IndexReport:
        """Make the index hold exactly ``documents``: what is unchanged costs nothing, what a killed run left is used.

        ``on_progress`` gets documents done and documents in all; ``agree`` the number of documents, all read, and may raise
        before anything is changed. Raises ``BusyError`` while another process writes,
        ``ProjectError`` where the index is damaged or was made with other settings, ``ResourceError`` where the disk is
        full; the index is then what it was.
        """
        return self._updated(documents, on_progress, agree, anew=False)

    def rebuild(
        self,
        documents: Iterable[Document | Source],
        on_progress: Callable[[int, int], None] | None = None,
        agree: Callable[[int], None] | None = None,
    ) -> IndexReport:
        """Build anew, whatever is there, sound or damaged. Raises as ``build`` does."""
        return self._updated(documents, on_progress, agree, anew=True)

    def _updated(
        self,
        documents: Iterable[Document | Source],
        tell: Callable[[int, int], None] | None,
        agree: Callable[[int], None] | None,
        *,
        anew: bool,
    ) -> IndexReport:
        from rag.index.update_index import update

        sources = [given(d) if isinstance(d, Document) else d for d in documents]
        with sole_writer(self.folder):
            if self.exists and not anew:
                self._require_same_settings()
            self.forget()
            try:
                return update(self, sources, tell, agree or (lambda _: None), anew=anew)
            finally:
                self.forget()

    def forget(self) -> None:
        """Look at the folder anew at the next question."""
        if self._opened:
            self._opened[1].close()
        self._opened = None

    def manifest(self) -> IndexManifest:
        """The manifest of the current state. Raises ``ProjectError`` where there is no complete index."""
        self._require_complete()
        manifest: IndexManifest = read_json(self.folder / MANIFEST)
        return manifest

    def entries(self) -> tuple[Entry, ...]:
        """The documents. Raises ``ProjectError`` where there is no complete index."""
        with self.undamaged():
            return self.snapshot().entries

    def passages(self) -> Sequence[Passage]:
        """Every passage, in the order of the documents, read when it is asked for. Raises as ``entries``."""
        with self.undamaged():
            return self.snapshot().passages

    def place(self, name: str) -> int | None:
        """Where in ``passages()`` the one with this id stands; None where none has it. Raises as ``entries``."""
        with self.undamaged():
            return self.snapshot().place(name)

    def vectors(self) -> numpy.ndarray:
        """The passages' unit vectors, ``(len(passages()), dimension)``, in the order of ``passages()``."""
        with self.undamaged():
            return self.snapshot().vectors

    def word_scores(self, question: str) -> numpy.ndarray:
        """BM25 of every passage for the question, ``(len(passages()),)``."""
        with self.undamaged():
            snapshot = self.snapshot()
            return snapshot.words.scores(question, len(snapshot.passages))

    def named(self, question: str) -> Named:
        """Which documents, in the order of ``entries()``, a question names, and what else it says."""
        with self.undamaged():
            return self.snapshot().named.named(question)

    def documents_of(self, places: numpy.ndarray) -> numpy.ndarray:
        """The number in ``entries()`` of the document that each of these passages is of."""
        import numpy

        with self.undamaged():
            return numpy.searchsorted(self.snapshot().firsts, places, "right") - 1

    def span_of(self, document: int) -> tuple[int, int]:
        """The places of a document's first passage and of the one behind its last; ``document``: a place in ``entries()``."""
        with self.undamaged():
            snapshot = self.snapshot()
            firsts = snapshot.firsts
            after = firsts[document + 1] if document + 1 < len(firsts) else len(snapshot.passages)
            return int(firsts[document]), int(after)

    def word_places(self, question: str) -> list[numpy.ndarray]:
        """For each different word of the question, stemmed, the places of the passages that have it."""
        with self.undamaged():
            return self.snapshot().words.places(question)

    def nearest(
        self, vector: numpy.ndarray, k: int, allowed: numpy.ndarray | None = None
    ) -> tuple[numpy.ndarray, numpy.ndarray]:
        """Places and cosines of the ``k`` passages nearest to a unit vector, nearest first.

        ``allowed``: the places to look at, in rising order; None: all. Every vector is compared, but where there are more
        than ``exact``, or a server holds them, and all are asked for: then Chroma's HNSW answers, while its files are there.
        """
        import numpy

        with self.undamaged():
            snapshot = self.snapshot()
            if allowed is None and (self.chroma_url or len(snapshot.passages) > self.exact):
                neighbours = self._from_chroma(snapshot, vector, k)
                if neighbours is not None:
                    there = [(place, cosine) for i, cosine in neighbours if (place := snapshot.place(i)) is not None]
                    return numpy.array([p for p, _ in there], int), numpy.array([c for _, c in there])
            cosines = products(snapshot.vectors if allowed is None else snapshot.vectors[allowed], vector)
            best = best_of(cosines, k)
            return (best if allowed is None else allowed[best]), cosines[best]

    def _from_chroma(self, snapshot: Snapshot, vector: numpy.ndarray, k: int) -> list[tuple[str, float]] | None:
        """What HNSW finds; None where an update has removed this state's folder meanwhile, and Chroma's files with it."""
        try:
            self._require_held(snapshot)
            neighbours = self.store().nearest(vector, k)
        except Exception:
            if self.chroma_url or not snapshot.removed:
                raise
            return None
        return neighbours if self.chroma_url or not snapshot.removed else None

    def _require_held(self, snapshot: Snapshot) -> None:
        """Once for each opening: does the server hold as many passages as the manifest names?"""
        store = self.store()
        if not self.chroma_url or self._counted is store:
            return
        held = store.count()
        if held < len(snapshot.passages) and self.manifest()["generation"] == snapshot.folder.name:
            raise ProjectError(
                f"{self.chroma_url}: it holds {held:,} of {len(snapshot.passages):,} passages",
                mend="run groundtune index update: it is given what it lacks, nothing is embedded again",
            )
        self._counted = store

    def snapshot(self) -> Snapshot:
        """The state the manifest names. Raises ``ProjectError`` without a complete index or with other settings."""
        return self._open()[0]

    def store(self) -> Store:
        """The Chroma collection of that state."""
        return self._open()[1]

    def _open(self) -> tuple[Snapshot, Store]:
        while (opened := self._opened) is None:
            manifest = self.manifest()
            if self.elsewhere(manifest):
                there = place_of(manifest["store"], manifest["collection"])
                wanted = place_of(self.chroma_url, self.collection)
                raise ProjectError(
                    f"{self.folder}: its vectors are {there}, the project says {wanted}",
                    mend="run groundtune index update: they are moved, nothing is embedded again",
                )
            try:
                with self.undamaged():
                    self._opened = self._state(manifest)
            except ProjectError:  # another process may just have finished the next state and be removing this one
                if self.manifest()["generation"] == manifest["generation"]:
                    raise
        return opened

    def elsewhere(self, manifest: IndexManifest) -> bool:
        """Does the manifest name another place for the vectors than this index does?"""
        other = bool(self.chroma_url) and manifest["collection"] != self.collection
        return other or manifest["store"] != self.chroma_url

    def _state(self, manifest: IndexManifest) -> tuple[Snapshot, Store]:
        from rag.index.snapshot import STORE, Snapshot

        snapshot = Snapshot(self.folder / manifest["generation"], manifest["dimension"])
        snapshot.require_whole(store=not self.chroma_url and manifest["passages"] > self.exact)
        snapshot.open()
        on_server = Store(self.chroma_url, self.collection) if self.chroma_url else None
        return snapshot, on_server or Store(snapshot.folder / STORE)

    @contextmanager
    def undamaged(self) -> Iterator[None]:
        """Say plainly that what was written once can no longer be read, whatever the store raises then.

        What the machine lacks (memory, disk, open files, rights) is no damage and stays as it is.
        """
        try:
            yield
        except (Cancelled, KeyboardInterrupt, SystemExit, GroundtuneError, MemoryError, PermissionError):
            raise
        except BaseException as error:  # a panic of Chroma's Rust core is no Exception
            if isinstance(error, OSError) and error.errno in OF_THE_MACHINE:
                raise
            if self.chroma_url and type(error).__module__.split(".")[0] in ("httpx", "httpcore"):
                raise unreachable(self.chroma_url) from error
            raise ProjectError(
                f"{self.folder}: the index is damaged ({type(error).__name__}: {error})",
                mend="run groundtune index rebuild: it is made anew from the documents",
            ) from error

    def settings(self) -> IndexSettings:
        """What an index must have been made with for this one to go on with it."""
        name, tokens = self.embedder.name, self.max_tokens
        return {"embedder": name, "max_tokens": tokens, "chunking": CHUNKING, "counting": COUNTING}

    def _require_same_settings(self) -> None:
        manifest = read_json(self.folder / MANIFEST)
        for name, value in self.settings().items():
            if manifest.get(name) != value:
                raise ProjectError(
                    f"{self.folder}: made with {name} {manifest.get(name)}, now it is {value}",
                    mend="run groundtune index rebuild"
                    + ("" if name in ("chunking", "counting") else ", or change it back"),
                )

    def _require_complete(self) -> None:
        if not self.exists:
            raise ProjectError(f"{self.folder}: no complete index", mend="run groundtune provision")
        self._require_same_settings()
