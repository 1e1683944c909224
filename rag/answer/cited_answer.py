"""From the model's replies to one answer: what is not known of several parts is named, the rest is cited. Asks no model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from corpus.records import Passage
from corpus.text.refusal import REFUSAL, is_refusal
from lm.answerer import Answer, answer_of
from lm.engine_contract import Generation
from lm.prompts import NOT_KNOWN, split_pointer
from rag.answer.asked_question import ReadQuestion
from rag.answer.cite import cite, nearest


def cited_answer(arm: str, read: ReadQuestion, replies: Sequence[Generation]) -> Answer:
    """The answer of an arm to a question from the reply to each of its parts; none were asked where it was hopeless."""
    parts = [prompt.informative(*split_pointer(r.text)) for prompt, r in zip(read.prompts, replies, strict=True)]
    known = [n for n, (_, text) in enumerate(parts) if text.strip() and not is_refusal(text)]
    reply = _joined(replies) if replies else Generation(REFUSAL, 0, 0, 0.0)
    unknown = [f'{NOT_KNOWN} "{p.question}"' for n, p in enumerate(read.prompts) if n not in known]
    said = " ".join([*dict.fromkeys(parts[n][1].strip() for n in known), *unknown])
    text = said if known else split_pointer(reply.text)[1]
    named, shown = _rests_on(read, parts, known)
    answer = answer_of(read.question, arm, replace(reply, text=text), read.opening if known else "")
    return replace(
        answer,
        abstained=not known,
        citations=cite(answer.text, named, shown) if known else (),
        nearest=() if known else nearest(read.near),
        answerable=read.chance,
        calibrated=read.calibrated,
        retrieve_s=read.seconds,
    )


def _rests_on(
    read: ReadQuestion, parts: Sequence[tuple[tuple[int, ...], str]], known: Sequence[int]
) -> tuple[list[Passage], list[Passage]]:
    """The passages of the texts that the replies point to, and those of all texts that were shown."""
    texts = [(at in parts[n][0], ps) for n in known for at, ps in enumerate(read.prompts[n].rests_on, 1)]
    named = [p for is_named, ps in texts if is_named for p in ps]
    return named, list({p.id: p for _, ps in texts for p in ps}.values())


def _joined(replies: Sequence[Generation]) -> Generation:
    """Several generations as one: as sure as the least sure, with the first one's text."""
    confidences = [r.confidence for r in replies if r.confidence is not None]
    return replace(
        replies[0],
        prompt_tokens=sum(r.prompt_tokens for r in replies),
        completion_tokens=sum(r.completion_tokens for r in replies),
        seconds=sum(r.seconds for r in replies),
        confidence=min(confidences) if confidences else None,
    )
