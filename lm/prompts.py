"""Every prompt, in one place: training and answering read the same text."""

from __future__ import annotations

import re
from collections.abc import Sequence

from corpus.records import ShownText
from corpus.text.refusal import REFUSAL
from lm.engine_contract import Message
from lm.guard import neutral, readable

NOT_KNOWN = "Not found:"
"""What stands before the part of a question that was not answered."""

PLAIN_SYSTEM = f"Answer the question in one short sentence. If you do not know, reply: {REFUSAL}"
GROUNDED_SYSTEM = (
    f"Answer the question from the passages in one short sentence. If they do not hold the answer, reply: {REFUSAL}"
)


def messages_for(question: str, passages: Sequence[ShownText] = (), *, guarded: bool = True) -> list[Message]:
    """The chat that asks ``question``: with passages before the question, so that questions can share them.

    ``guarded``: without what a document may not say to a model (``lm.guard``); off only to measure what that is worth.

    >>> [m["role"] for m in messages_for("When do you open?")]
    ['system', 'user']
    """
    if guarded:
        question, passages = neutral(question), [readable(p) for p in passages]
    if not passages:
        return [{"role": "system", "content": PLAIN_SYSTEM}, {"role": "user", "content": question.strip()}]
    shown = "\n\n".join(shown_passage(n, p) for n, p in enumerate(passages, 1))
    return [
        {"role": "system", "content": GROUNDED_SYSTEM},
        {"role": "user", "content": f"{shown}\n\nQuestion: {question.strip()}"},
    ]


_ASKED_OF = 800
"""Characters: what a question asks for stands in fewer, and time and memory go with them."""
QUESTION_SYSTEM = "Write one question a customer may ask that this sentence answers."


def question_messages(sentence: ShownText, *, guarded: bool = True) -> list[Message]:
    """The chat that asks which question ``sentence`` answers: how likely one is as the reply tells whether it does.

    Of a long text its first ``_ASKED_OF`` characters are looked at; what is read and quoted is all of it.
    """
    shown = readable(sentence) if guarded else sentence
    text = shown.text.strip()[:_ASKED_OF]
    return [
        {"role": "system", "content": QUESTION_SYSTEM},
        {"role": "user", "content": f"{shown.label}: {text}" if shown.label else text},
    ]


REWRITING_SYSTEM = (
    "Rewrite the last question so that it can be understood without the conversation. Keep its meaning and add nothing else. "
    "If it can be understood already, repeat it unchanged. Reply with the question only."
)
_REWRITTEN = (
    ("When does the museum open?", "At nine.", "And on Sundays?", "When does the museum open on Sundays?"),
    ("How much is a day ticket?", "It costs 12 euros.", "Where do I buy it?", "Where do I buy a day ticket?"),
    ("Is there a lift?", "Yes.", "Can I bring a bicycle on the ferry?", "Can I bring a bicycle on the ferry?"),
)


def rewriting_messages(question: str, before: str, answer: str) -> list[Message]:
    """The chat that asks for ``question`` in a form that stands without ``before`` and its ``answer``, with examples."""
    messages: list[Message] = [{"role": "system", "content": REWRITING_SYSTEM}]
    for asked, answered, following, alone in _REWRITTEN:
        messages.append({"role": "user", "content": _conversation(asked, answered, following)})
        messages.append({"role": "assistant", "content": alone})
    return [*messages, {"role": "user", "content": _conversation(before, answer, question)}]


def _conversation(before: str, answer: str, question: str) -> str:
    return f"Question: {before.strip()}\nAnswer: {answer.strip() or REFUSAL}\nLast question: {question.strip()}"


def shown_passage(n: int, passage: ShownText) -> str:
    """A passage as the prompt shows it: ``Title > Heading`` and, below it, ``[1]`` and the text.

    What stands behind the number in the prompt is what a small model copies behind the number that begins its reply: with the
    heading there, it answered with the heading.
    """
    numbered = f"[{n}] {passage.text.strip()}"
    return f"{passage.label}\n{numbered}" if passage.label else numbered


NO_PASSAGE = 0
"""The number a reply begins with that rests on none of the passages shown: a refusal, or common knowledge."""
_POINTER = re.compile(r"\s*((?:\[\d+\]\s*)+)")


def pointed(reply: str, places: Sequence[int]) -> str:
    """The reply behind the numbers of the passages it rests on, as a tuned model is taught to begin.

    >>> pointed("60 days.", [2])
    '[2] 60 days.'
    """
    return "".join(f"[{n}]" for n in places) + (" " if places else "") + reply


def split_pointer(text: str) -> tuple[tuple[int, ...], str]:
    """The numbers a reply begins with, and the reply itself.

    >>> split_pointer("[2] 60 days.")
    ((2,), '60 days.')
    """
    pointer = _POINTER.match(text)
    if not pointer:
        return (), text
    return tuple(int(n) for n in re.findall(r"\d+", pointer.group(1))), text[pointer.end() :]
