"""What every engine must keep, whichever it is: ``lm.engine_contract`` in the form of checks."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpus.cancellation import Cancellation, Cancelled, cancellable
from corpus.errors import ModelError
from lm.engine_contract import (
    BatchGenerator,
    ContinuingGenerator,
    Generation,
    ScoringGenerator,
    TextGenerator,
    tells_confidence,
)
from lm.prompts import messages_for

QUESTIONS = ("What is the capital of France?", "When does the shop open?")


def check_engine(engine: TextGenerator) -> None:
    """Generation, streaming, batches, begun replies and likelihoods, as far as the engine offers them."""
    chat = messages_for(QUESTIONS[0])
    pieces: list[str] = []
    whole = engine.generate(chat, max_new_tokens=12, on_text=pieces.append)
    _check_generation(whole)
    assert (whole.confidence is not None) == tells_confidence(engine)
    assert "".join(pieces).strip() == whole.text.strip()
    assert engine.generate(chat, max_new_tokens=12).text == whole.text, "greedy generation is repeatable"
    assert engine.name
    _check_cancelling(engine, whole.text)
    if isinstance(engine, BatchGenerator):
        chats = [messages_for(q) for q in QUESTIONS]
        together = engine.generate_each(chats, max_new_tokens=12)
        assert [g.text for g in together] == [engine.generate(c, max_new_tokens=12).text for c in chats]
        assert engine.generate_each([], max_new_tokens=12) == []
    if isinstance(engine, ContinuingGenerator):
        _check_begun(engine)
    if isinstance(engine, ScoringGenerator):
        _check_likelihood(engine)


def _check_generation(made: Generation) -> None:
    assert made.text.strip()
    assert made.prompt_tokens > 0
    assert made.completion_tokens > 0
    assert made.seconds >= made.first_token_s >= 0
    assert made.confidence is None or 0 < made.confidence <= 1


def _check_cancelling(engine: TextGenerator, text: str) -> None:
    chat, stop, pieces = messages_for(QUESTIONS[0]), Cancellation(), list[str]()

    def hear(piece: str) -> None:
        pieces.append(piece)
        stop.cancel()

    with cancellable(stop), pytest.raises(Cancelled):
        engine.generate(chat, max_new_tokens=200, on_text=hear)
    assert len("".join(pieces)) < 60, "it ends at its next piece"
    with cancellable(stop), pytest.raises(Cancelled):
        engine.generate(chat, max_new_tokens=200)
    with cancellable(Cancellation()):
        assert engine.generate(chat, max_new_tokens=12).text == text, "it answers the next one"


def _check_begun(engine: ContinuingGenerator) -> None:
    pieces: list[str] = []
    begun = engine.continue_reply(messages_for(QUESTIONS[0]), "The capital", max_new_tokens=6, on_text=pieces.append)
    assert begun.text.startswith("The capital")
    assert pieces[0] == "The capital"
    (shares,) = engine.next_tokens([messages_for(QUESTIONS[0])], "The capital of France", most=4)
    assert len(shares) <= 4
    assert 0 < sum(shares.values()) <= 1 + 1e-3


def _check_likelihood(engine: ScoringGenerator) -> None:
    chat = messages_for(QUESTIONS[0])
    likely, unlikely, nothing = engine.log_probabilities([chat] * 3, ["Paris", "Xylophone quux", ""])
    assert nothing == []
    assert all(p <= 0 for p in (*likely, *unlikely))
    assert sum(likely) > sum(unlikely)


def check_unknown_adapter(engine: TextGenerator, folder: Path) -> None:
    """An adapter that is not there is told as such."""
    with pytest.raises(ModelError):
        engine.generate(messages_for(QUESTIONS[0]), adapter=folder / "nothing", max_new_tokens=2)
