"""The contract of every arm, checked from outside."""

from __future__ import annotations

import pytest

from corpus.errors import InputError
from lm.answerer import Answer, Answerer

KEYS = {"text", "arm", "abstained", "confidence", "citations", "route", "seconds", "tokens"}


def check_answerer(answerer: Answerer, documents: dict[str, str]) -> None:
    """``documents`` maps sources to texts: quotes must stand there, verbatim, at their offsets."""
    assert isinstance(answerer, Answerer)
    question = "How long can unworn items be returned?"
    answer = answerer.answer(question)
    assert answer.question == question
    assert answer.text.strip()
    assert answer.to_json().keys() >= KEYS
    assert answerer.name == "auto" or answer.arm == answerer.name
    for citation in answer.citations:
        assert documents[citation.source][citation.start : citation.end] == citation.quote
    *pieces, last = answerer.stream(question)
    assert isinstance(last, Answer)
    assert all(isinstance(piece, str) for piece in pieces)
    assert last.abstained or "".join(map(str, pieces)).strip() == last.text
    assert (last.text, last.citations) == (answer.text, answer.citations)
    for empty in ("", "  \n"):
        with pytest.raises(InputError):
            answerer.answer(empty)
