"""Reading exercises made from the passages themselves: fill in a blank, quote a sentence. Need no examples.

A few hundred questions teach a small model the answers' form before they teach it to find a place in a text; exercises
on every passage, also those no example asks about, teach the finding. The blanks follow cloze training for question
answering (Lewis et al. 2019, Unsupervised Question Answering by Cloze Translation; Ram et al. 2021, Splinter).
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence

from corpus.records import Passage
from corpus.sentences import sentences

_NAME_OR_NUMBER = re.compile(
    r"\b(?:[A-Z][\w'’-]+(?:\s+(?:of|the|de|and)?\s*[A-Z][\w'’-]+)*|\d[\d,.:]*(?:\s*%|\s+\w+)?)|[$£€]\d[\d,.]*"
)
_LONG_WORDS = re.compile(r"\b[a-z]{5,}(?:\s+[a-z]{4,})?\b")
_WORDS = range(6, 46)
"""Words of a sentence that is used."""
_MOST_ANSWER_WORDS = 6


def exercises(passages: Sequence[Passage], count: int, rng: random.Random) -> Iterator[tuple[str, str]]:
    """Up to ``count`` exercises on ``passages``, as question and reply: two blanks for each quotation."""
    known = [p.text[a:b] for p in passages for a, b in sentences(p.text)]
    usable = [s for s in known if len(s.split()) in _WORDS and "|" not in s]
    for n in range(count if usable else 0):
        sentence = rng.choice(usable)
        made = _quotation(sentence, rng) if n % 3 == 2 else _blank(sentence, rng)
        if made:
            yield made


def _blank(sentence: str, rng: random.Random) -> tuple[str, str] | None:
    """A name, a number or long words left out of a piece of the sentence."""
    spans = [
        m for m in _NAME_OR_NUMBER.finditer(sentence) if m.start() and len(m.group().split()) <= _MOST_ANSWER_WORDS
    ]
    spans = spans or list(_LONG_WORDS.finditer(sentence))
    if not spans:
        return None
    chosen = rng.choice(spans)
    before = sentence[: chosen.start()].split()[-rng.randint(3, 12) :]
    after = sentence[chosen.end() :].split()[: rng.randint(3, 12)]
    return f"Fill in the blank: {' '.join(before)} ____ {' '.join(after)}", chosen.group().strip(" .,:")


def _quotation(sentence: str, rng: random.Random) -> tuple[str, str] | None:
    """The sentence that a few of its words, in any order, point to."""
    words = [w.strip('.,;:()"“”') for w in sentence.split()]
    words = [w for w in words if len(w) > 3 or w[:1].isdigit()]
    if len(words) < 3:
        return None
    shown = rng.sample(words, min(len(words), rng.randint(2, 4)))
    return f"Quote the sentence about: {', '.join(shown)}", sentence
