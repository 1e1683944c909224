"""The records every room passes on. They hold words and where the words stand; they do nothing."""

from __future__ import annotations

from dataclasses import dataclass, field

PART = "#part-"
"""Between the path of a long text and the number of the part that is a document of its own."""


def file_of(source: str) -> str:
    """The file that a document's source stands for: ``big.txt`` of ``big.txt#part-2``."""
    file, mark, number = source.rpartition(PART)
    return file if mark and number.isdecimal() else source


@dataclass(frozen=True)
class Section:
    """A piece of a document under one heading (and, in a PDF, on one page)."""

    text: str
    heading: str = ""
    """The heading path, outermost first, joined by `` > ``; empty above the first heading."""
    page: int | None = None
    """Page number from 1, where the format has pages."""
    start: int = 0
    """Offset of ``text`` in ``Document.text``, in characters."""
    table: bool = False
    """Is each line a row of a table, written out with the names of its columns (``corpus.documents.formats.table_rows``)?"""


@dataclass(frozen=True)
class Document:
    """One file as plain text: ``text`` is what citations quote and offsets count in."""

    source: str
    """The path as the user gave it, relative to the project, with forward slashes."""
    title: str
    text: str
    sections: tuple[Section, ...] = ()
    date: str = ""
    """The day the file states (last change, else creation), as ``2026-02-28``; empty where it states none."""
    tags: tuple[str, ...] = ()
    """The keywords the file states of itself."""


@dataclass(frozen=True)
class Passage:
    """What retrieval finds and the prompt shows: ``document.text[start:end] == text``, always."""

    id: str
    text: str
    source: str
    title: str = ""
    heading: str = ""
    page: int | None = None
    start: int = 0
    end: int = 0
    date: str = ""
    """``date`` and ``tags`` of the document."""
    tags: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "tags", tuple(self.tags))  # JSON has lists alone

    @property
    def label(self) -> str:
        """Title and heading path, as the prompt and the embedder see them: ``Returns > Refunds``."""
        return label_of(self.title, self.heading)


ASKED_BEFORE = "Asked before"


@dataclass(frozen=True)
class EarlierAnswer:
    """An answer that was given before, as a model is shown it beside passages. It stands in no document: nothing cites it."""

    id: str
    """Its example's."""
    text: str
    question: str

    @property
    def label(self) -> str:
        """What the prompt and the embedder see above it: ``Asked before > When are refunds paid?``."""
        return label_of(ASKED_BEFORE, self.question)


ShownText = Passage | EarlierAnswer
"""What a model may be shown and read."""


def label_of(title: str, heading: str) -> str:
    """Title and heading path as one, the title not twice."""
    parts = [p for p in (title, heading) if p]
    if len(parts) == 2 and (parts[1] == parts[0] or parts[1].startswith(parts[0] + " > ")):
        parts = parts[1:]
    return " > ".join(parts)


@dataclass(frozen=True)
class ScoredPassage:
    """A retrieved passage with its scores. ``score`` orders; the others explain."""

    passage: Passage
    score: float
    """The fused score (z-scored dense + z-scored BM25): comparable within one question only."""
    similarity: float = 0.0
    """Cosine of question and passage, -1 to 1: comparable between questions."""
    bm25: float = 0.0


@dataclass(frozen=True)
class Candidate:
    """A sentence that may answer a question. ``prior``: what speaks for it before a model reads it, higher is better."""

    text: ShownText
    prior: float


@dataclass(frozen=True)
class Example:
    """A question with its reference answer. ``answer`` None: the right reply is that it is not known."""

    id: str
    question: str
    answer: str | None
    kind: str = "fact"
    source: tuple[str, ...] = ()
    """The documents that hold the answer, as ``Document.source``; empty where not stated."""
    evidence: tuple[str, ...] = ()
    """Verbatim pieces of those documents that hold it; empty where not stated."""
    key: tuple[str, ...] = ()
    """Phrases a right answer contains; ``|`` inside one separates equal alternatives. Empty: the answer itself."""
    answers: tuple[str, ...] = ()
    """Further reference answers, as in SQuAD."""
    extra: dict[str, str] = field(default_factory=dict, compare=False)

    @property
    def references(self) -> tuple[str, ...]:
        """All reference answers, the first one first; empty for an unanswerable question."""
        return () if self.answer is None else (self.answer, *(a for a in self.answers if a != self.answer))
