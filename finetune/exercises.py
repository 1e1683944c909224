"""Reading exercises made from the passages themselves: a rough question, a blank, a quotation. Need no examples.

A few hundred questions teach a small model the answers' form before they teach it to find a place in a text; exercises
on every passage, also those no example asks about, teach the finding. Blanks and the questions made from them (a
question word and the noisy words around the blank) follow Lewis et al. 2019, Unsupervised Question Answering by Cloze
Translation, and Ram et al. 2021, Splinter.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence

from corpus.records import Passage
from corpus.text.sentences import sentences

_NAME_OR_NUMBER = re.compile(
    r"\b(?:[A-Z][\w'’-]+(?:\s+(?:of|the|de|and)?\s*[A-Z][\w'’-]+)*"
    r"|\d[\d,.:]*(?:\s*%|\s+(?!after|before|until|their|there|which|where|while|would|could)[a-z]{5,})?)|[$£€]\d[\d,.]*"
)
_LONG_WORDS = re.compile(r"\b[a-z]{5,}(?:\s+[a-z]{4,})?\b")
_WORDS = range(6, 46)
"""Words of a sentence that is used."""
_MOST_ANSWER_WORDS = 6
_PREPOSITIONS = ("in", "at", "from", "near", "to", "on", "by", "of", "for", "with", "during", "since", "until")
_ROW = re.compile(r"[^:;]{1,80}: [^;]+; ")
"""A row of a table in words is no sentence."""
_LOST = 0.15
"""Share of a question's words left out."""
_MOVED = 2.5
"""Places that a question's word may move."""


def exercises(passages: Sequence[Passage], count: int, rng: random.Random) -> Iterator[tuple[str, str, Passage]]:
    """Up to ``count`` exercises on ``passages``, as question and reply: half are questions, the rest blanks and quotations."""
    known = [(p.text[a:b], p) for p in passages for a, b in sentences(p.text)]
    usable = [(s, p) for s, p in known if len(s.split()) in _WORDS and not _ROW.match(s)]
    for _ in range(count if usable else 0):
        sentence, passage = rng.choice(usable)
        exercise = rng.choice(_KINDS)(sentence, rng)
        if exercise:
            yield *exercise, passage


def _blank(sentence: str, rng: random.Random) -> tuple[str, str] | None:
    """A name, a number or long words left out of a piece of the sentence."""
    cut = _cut_out(sentence, rng)
    if not cut:
        return None
    before, answer, after = cut
    return f"Fill in the blank: {' '.join(before)} ____ {' '.join(after)}", answer


def _question(sentence: str, rng: random.Random) -> tuple[str, str] | None:
    """The same as a question: the question word that fits, and the other words, some lost and some in another order."""
    cut = _cut_out(sentence, rng)
    if not cut:
        return None
    before, answer, after = cut
    preposition = before.pop() if before and before[-1].lower() in _PREPOSITIONS else ""
    words = [w.strip('.,;:()"“”') for w in (*after, *before) if rng.random() > _LOST]
    at = [n + rng.uniform(0, _MOVED) for n in range(len(words))]
    words = [word for _, word in sorted(zip(at, words, strict=True))]
    asked = f"{_question_word(answer, preposition.lower(), rng)} {' '.join(words)}".strip()
    return (f"{asked[0].upper()}{asked[1:]}?", answer) if len(words) > 1 else None


def _question_word(answer: str, preposition: str, rng: random.Random) -> str:
    number = re.match(r"[$£€]|\d", answer)
    if number and re.fullmatch(r"(?:1[0-9]|20)\d\d", answer):
        return rng.choice(("when did", "in what year", "when was", "when"))
    if number and "%" in answer:
        return "what percentage"
    if number and answer[0] in "$£€":
        return "how much"
    if number:
        return "how many"
    if answer[0].isupper() and preposition in ("in", "at", "from", "near", "to"):
        return rng.choice(("where", "where did", "where is", "in what place"))
    if answer[0].isupper():
        return rng.choice(("who", "what", "which", "who was", "what is the name of"))
    return rng.choice(("what", "what kind of", "how", "what is", "why"))


def _cut_out(sentence: str, rng: random.Random) -> tuple[list[str], str, list[str]] | None:
    """Some words before, a name, a number or long words, and some words after."""
    spans = [
        m for m in _NAME_OR_NUMBER.finditer(sentence) if m.start() and len(m.group().split()) <= _MOST_ANSWER_WORDS
    ]
    spans = spans or list(_LONG_WORDS.finditer(sentence))
    if not spans:
        return None
    chosen = rng.choice(spans)
    before = sentence[: chosen.start()].split()[-rng.randint(3, 12) :]
    after = sentence[chosen.end() :].split()[: rng.randint(3, 12)]
    return before, chosen.group().strip(" .,:"), after


def _quotation(sentence: str, rng: random.Random) -> tuple[str, str] | None:
    """The sentence that a few of its words, in any order, point to."""
    words = [w.strip('.,;:()"“”') for w in sentence.split()]
    words = [w for w in words if len(w) > 3 or w[:1].isdigit()]
    if len(words) < 3:
        return None
    shown = rng.sample(words, min(len(words), rng.randint(2, 4)))
    return f"Quote the sentence about: {', '.join(shown)}", sentence


_KINDS = (_question, _blank, _question, _quotation)
