"""The contract of an engine: messages in, text out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypedDict, runtime_checkable

if TYPE_CHECKING:
    import numpy


class Message(TypedDict):
    """One turn of a chat: role is ``system``, ``user`` or ``assistant``."""

    role: str
    content: str


@dataclass(frozen=True)
class Generation:
    """What one call of an engine produced."""

    text: str
    prompt_tokens: int
    completion_tokens: int
    seconds: float
    first_token_s: float = 0.0
    confidence: float | None = None
    """Geometric mean probability of the generated tokens; None where the engine does not tell."""


class TextGenerator(Protocol):
    """An engine with one model. Construction stores; the weights load at the first call."""

    @property
    def name(self) -> str: ...

    def generate(
        self,
        messages: Sequence[Message],
        *,
        adapter: Path | None = None,
        max_new_tokens: int = 96,
        on_text: Callable[[str], None] | None = None,
    ) -> Generation:
        """Generate greedily. ``adapter`` is a peft adapter folder; ``on_text`` gets each new piece of text.

        Raises ``ModelError`` where model or adapter cannot be loaded or do not fit each other.
        """
        ...


@runtime_checkable
class BatchGenerator(Protocol):
    """What an engine that answers several chats at once has besides."""

    def generate_each(
        self, chats: Sequence[Sequence[Message]], *, adapter: Path | None = None, max_new_tokens: int = 96
    ) -> list[Generation]:
        """The texts of ``generate`` one by one, up to near ties; ``seconds`` is each one's share of the whole."""
        ...


def generate_each(
    generator: TextGenerator,
    chats: Sequence[Sequence[Message]],
    *,
    adapter: Path | None = None,
    max_new_tokens: int = 96,
) -> list[Generation]:
    """Generate for every chat: at once where the engine can, else one after another."""
    if isinstance(generator, BatchGenerator):
        return generator.generate_each(chats, adapter=adapter, max_new_tokens=max_new_tokens)
    return [generator.generate(chat, adapter=adapter, max_new_tokens=max_new_tokens) for chat in chats]


@runtime_checkable
class ContinuingGenerator(Protocol):
    """What an engine that can be given the beginning of its reply has besides."""

    def continue_reply(
        self,
        messages: Sequence[Message],
        begun: str,
        *,
        adapter: Path | None = None,
        max_new_tokens: int = 96,
        on_text: Callable[[str], None] | None = None,
    ) -> Generation:
        """As ``generate``, for a reply that begins with ``begun``: the text has it, ``on_text`` is told it first."""
        ...

    def next_tokens(
        self, chats: Sequence[Sequence[Message]], begun: str, *, adapter: Path | None = None, most: int = 4
    ) -> list[dict[str, float]]:
        """For every chat the ``most`` likeliest next tokens of a reply that begins with ``begun``: their probabilities."""
        ...


@runtime_checkable
class ConfidentGenerator(Protocol):
    """What an engine has besides whose ``Generation.confidence`` is told."""

    tells_confidence: bool


def tells_confidence(generator: TextGenerator) -> bool:
    """Is ``Generation.confidence`` known of what it generates?"""
    return isinstance(generator, ConfidentGenerator) and generator.tells_confidence


@runtime_checkable
class ScoringGenerator(Protocol):
    """What an engine that tells how likely a given text is has besides; hosted models seldom do."""

    def log_probabilities(
        self, chats: Sequence[Sequence[Message]], replies: Sequence[str], *, adapter: Path | None = None
    ) -> list[list[float]]:
        """For each chat the natural logarithms of the probabilities of its reply's tokens, one after another, at most 0.

        Comparable within one engine. Raises what ``generate`` raises.
        """
        ...


@runtime_checkable
class ClosingGenerator(Protocol):
    """What an engine that holds weights in memory has besides."""

    def close(self) -> None:
        """Let go of them; what is asked afterwards loads them anew."""
        ...


@runtime_checkable
class PreparingGenerator(Protocol):
    """What an engine that can load its weights beside other work has besides."""

    def prepare(self, *, adapter: Path | None = None) -> None:
        """Begin to load what ``generate`` will need; return at once. What goes wrong is told by ``generate``."""
        ...


@runtime_checkable
class PreparingScorer(Protocol):
    """The same of ``log_probabilities``."""

    def prepare_scoring(self, *, adapter: Path | None = None) -> None:
        """Begin to load what it will need; return at once. What goes wrong is told by ``log_probabilities``."""
        ...


class Embedder(Protocol):
    """Texts to unit vectors, so that a dot product is the cosine."""

    @property
    def name(self) -> str: ...

    @property
    def dimension(self) -> int: ...

    def embed(self, texts: Sequence[str]) -> numpy.ndarray:
        """``(len(texts), dimension)`` float32, each row of length 1, in the order of ``texts``."""
        ...

    def embed_tokens(self, texts: Sequence[str]) -> list[numpy.ndarray]:
        """For each text ``(tokens, dimension)`` float32, a unit vector for each token the embedder sees."""
        ...

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text by the embedder's own tokenizer, special tokens left out."""
        ...

    @property
    def max_tokens(self) -> int:
        """What one text may have before the embedder cuts it off."""
        ...
