"""Deterministic stand-ins for an embedder and an engine, for fast tests. They know nothing of models."""

from __future__ import annotations

import re
import time
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.cancellation import stop_if_cancelled
from corpus.text.refusal import REFUSAL
from lm.engine_contract import Generation, Message

if TYPE_CHECKING:
    import numpy

Reply = Callable[[Sequence[Message], Path | None], str]


class FakeEmbedder:
    """Hashed bag of words: texts that share words are near, the same on every machine."""

    max_tokens = 256

    def __init__(self, dimension: int = 64) -> None:
        self.dimension = dimension
        self.name = f"fake-{dimension}"

    def embed(self, texts: Sequence[str]) -> numpy.ndarray:
        """``(len(texts), dimension)`` unit vectors."""
        import numpy

        stop_if_cancelled()
        vectors = numpy.zeros((len(texts), self.dimension), dtype=numpy.float32)
        for row, text in enumerate(texts):
            for word in _words(text):
                vectors[row, zlib.crc32(word.encode()) % self.dimension] += 1.0
            vectors[row, 0] += 1e-3
        return vectors / numpy.linalg.norm(vectors, axis=1, keepdims=True)

    def embed_tokens(self, texts: Sequence[str]) -> list[numpy.ndarray]:
        """A vector for each word; one for an empty text."""
        return [self.embed(_words(text) or [""]) for text in texts]

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """One token a word."""
        return [len(_words(text)) for text in texts]


class FakeGenerator:
    """Answers with ``reply``; without one, with the first sentence of passage [1], or that it does not know."""

    name = "fake"

    def __init__(self, reply: Reply | None = None) -> None:
        self._reply = reply or _first_sentence

    def generate(
        self,
        messages: Sequence[Message],
        *,
        adapter: Path | None = None,
        max_new_tokens: int = 96,
        on_text: Callable[[str], None] | None = None,
    ) -> Generation:
        """See ``TextGenerator``; the text comes word by word where ``on_text`` is given."""
        start = time.perf_counter()
        stop_if_cancelled()
        text = self._reply(messages, adapter)
        if on_text:
            for piece in re.findall(r"\S+\s*", text):
                stop_if_cancelled()
                on_text(piece)
        prompt = sum(len(_words(m["content"])) for m in messages)
        return Generation(text, prompt, len(_words(text)), time.perf_counter() - start)


def _first_sentence(messages: Sequence[Message], adapter: Path | None) -> str:
    shown = re.search(r"\[1\] (.+?[.!?])(\s|$)", messages[-1]["content"], re.S)
    return shown.group(1) if shown else REFUSAL


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())
