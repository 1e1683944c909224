"""A question that asks two things, cut into two questions: each is then found and answered by itself.

The rules are English: a question in another language stays whole.
"""

from __future__ import annotations

import re

from lm.questions.followup import Rewrite, Turn

_ASKS = (
    r"(?:what|which|who|whom|whose|when|where|why|how|whether|is|are|was|were|do|does|did"
    r"|can|could|may|must|should|will|would|has|have)"
)
_PREPOSITION = r"(?:(?:at|by|for|from|in|of|on|to|until|till|up to|with|within|under|over|about|after|before)\s+)"
_CUT = re.compile(
    r"(?:[,;]\s+(?:and|also|plus|or)\s+|\s+and\s+(?:also\s+)?|[;?]\s+(?:and\s+)?)"
    rf"(?=(?:(?:then|if so),?\s+)?{_PREPOSITION}?{_ASKS}(?:['’]s|['’]re)?\b)",
    re.I,
)
_ASKING = re.compile(rf"\b{_ASKS}(?:['’]s|['’]re)?\b|\b(?:tell|give|need|know|want|wonder)\b|['’]s\s+\w+$", re.I)
_SHORTEST = 3
"""Words of a part that is a question by itself."""


def question_parts(question: str, rewrite: Rewrite | None = None) -> tuple[str, ...]:
    """The question, or the two that it asks; ``rewrite`` makes the second stand without the first.

    >>> question_parts("What does the Drift weigh, and where do the farms lie?")
    ('What does the Drift weigh?', 'Where do the farms lie?')
    >>> question_parts("What does the Drift weigh?")
    ('What does the Drift weigh?',)
    """
    cuts = list(_CUT.finditer(question.strip()))
    for cut in cuts:
        first, second = question.strip()[: cut.start()], question.strip()[cut.end() :]
        if _is_whole(first) and _is_question(second):
            alone = _ended(first)
            second = _ended(second)
            return alone, rewrite(second, [Turn(alone)]) if rewrite else second
    return (question,)


def _is_whole(first: str) -> bool:
    return len(first.split()) >= _SHORTEST and _ASKING.search(first) is not None


def _is_question(second: str) -> bool:
    return len(second.split()) >= _SHORTEST


def _ended(part: str) -> str:
    part = part.strip().rstrip(",;:.")
    part = part[:1].upper() + part[1:]
    return part if part.endswith((")", "?", "!")) else f"{part}?"
