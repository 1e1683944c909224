"""What an arm says, and the contract every arm keeps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Protocol, TypedDict, runtime_checkable

from corpus.errors import InputError
from corpus.text.refusal import REFUSAL, is_refusal
from corpus.text.sentences import sentences
from lm.engine_contract import Generation
from lm.reply_stream import opened


@dataclass(frozen=True)
class Citation:
    """A verbatim piece of a document that the answer rests on."""

    n: int
    """Its number, from 1, as ``Answer.marked`` has it."""
    source: str
    heading: str
    page: int | None
    quote: str
    start: int
    """Offset of ``quote`` in the document's text, in characters."""
    end: int
    sentences: tuple[int, ...] = ()
    """The sentences of the answer that it supports, from 1, as ``corpus.text.sentences`` cuts them."""


@dataclass(frozen=True)
class Route:
    """Which arm answered, why, and what the choice rested on."""

    arm: str
    reason: str
    scores: dict[str, float] = field(default_factory=dict)


class AnswerJson(TypedDict):
    """An ``Answer`` as ``groundtune ask --json`` prints it. Stable: keys are only added."""

    question: str
    asked: str | None
    text: str
    arm: str
    abstained: bool
    confidence: float | None
    citations: list[dict[str, object]]
    """The fields of each ``Citation``."""
    nearest: list[dict[str, object]]
    answerable: float | None
    calibrated: bool | None
    right: float | None
    route: dict[str, object]
    """The fields of the ``Route``."""
    seconds: dict[str, float]
    tokens: dict[str, int]


@dataclass(frozen=True)
class Answer:
    """One reply. ``text`` is what the user reads; an abstention is a reply too."""

    question: str
    text: str
    arm: str
    abstained: bool = False
    confidence: float | None = None
    """Geometric mean probability of the generated tokens, 0 to 1; None where the engine does not tell."""
    citations: tuple[Citation, ...] = ()
    nearest: tuple[Citation, ...] = ()
    """Of an abstention: what came nearest in the documents. It supports nothing."""
    answerable: float | None = None
    """The probability, 0 to 1, that the documents answer the question; None where nothing judged it."""
    calibrated: bool | None = None
    """Was that learned from the project's own questions? False: it is a default; None: nothing judged it."""
    right: float | None = None
    """The probability, 0 to 1, that the answer is right, learned from questions kept out of training; None: nothing tells."""
    route: Route | None = None
    retrieve_s: float = 0.0
    generate_s: float = 0.0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    asked: str | None = None
    """In a conversation: the question made to stand by itself, where it did not."""

    @property
    def marked(self) -> str:
        """The text with ``[1]`` behind each sentence that citation 1 supports."""
        marked, at = "", 0
        for place, (_, end) in enumerate(sentences(self.text), 1):
            numbers = "".join(f"[{c.n}]" for c in self.citations if place in c.sentences)
            marked += self.text[at:end] + (f" {numbers}" if numbers else "")
            at = end
        return marked + self.text[at:]

    @property
    def total_s(self) -> float:
        return self.retrieve_s + self.generate_s

    def routed(self, route: Route) -> Answer:
        """The same answer with the route that led to it."""
        return replace(self, route=route)

    def to_json(self) -> AnswerJson:
        """The shape ``groundtune ask --json`` prints."""
        route = self.route or Route(self.arm, "asked for by name")
        return {
            "question": self.question,
            "asked": self.asked,
            "text": self.text,
            "arm": self.arm,
            "abstained": self.abstained,
            "confidence": self.confidence,
            "citations": [asdict(c) for c in self.citations],
            "nearest": [asdict(c) for c in self.nearest],
            "answerable": None if self.answerable is None else round(self.answerable, 4),
            "calibrated": self.calibrated,
            "right": None if self.right is None else round(self.right, 4),
            "route": asdict(route),
            "seconds": {
                "retrieve": round(self.retrieve_s, 4),
                "generate": round(self.generate_s, 4),
                "total": round(self.total_s, 4),
            },
            "tokens": {"prompt": self.prompt_tokens, "completion": self.completion_tokens},
        }


@runtime_checkable
class Answerer(Protocol):
    """The contract of every arm (``lm.arm_facts``), and of ``auto``."""

    @property
    def name(self) -> str: ...

    def answer(self, question: str) -> Answer:
        """Answer one question. An empty question raises ``InputError``."""
        ...

    def stream(self, question: str) -> Iterator[str | Answer]:
        """Yield pieces of text as they come, then the finished ``Answer`` as the last item."""
        ...


@runtime_checkable
class Batching(Protocol):
    """What an arm that answers several questions faster together has besides."""

    def answer_each(self, questions: Sequence[str]) -> list[Answer]:
        """The answers of ``answer`` one by one, up to near ties; the times in them are shares, no latencies."""
        ...


@runtime_checkable
class Routing(Protocol):
    """What an arm that hands its question to another one has besides."""

    def route(self, question: str) -> Route:
        """The arm that would answer."""
        ...


def checked_question(question: str) -> str:
    """The question without the space around it. Raises ``InputError`` where nothing is left."""
    if not question.strip():
        raise InputError("the question is empty", mend='ask something: groundtune ask "When do you open?"')
    return question.strip()


def answer_of(question: str, arm: str, generation: Generation, opening: str = "") -> Answer:
    """An ``Answer`` without citations from what the engine produced, behind its opening where it is no refusal."""
    refused = is_refusal(generation.text)
    text = generation.text.strip()
    return Answer(
        question=question,
        text=(text if refused else opened(text, opening if text else "")) or REFUSAL,
        arm=arm,
        abstained=refused,
        confidence=generation.confidence,
        generate_s=generation.seconds,
        prompt_tokens=generation.prompt_tokens,
        completion_tokens=generation.completion_tokens,
    )
