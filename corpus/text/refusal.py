"""Does a reply say that the answer is not known, and nothing else?

The wordings, in many languages, are ``tables/refusals.toml``. A reply that goes on with an answer or with advice is no
refusal, nor is a sentence that only begins like one: "The passages do not close in winter."
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import regex

REFUSAL = "I don't know."
"""The answer models are trained to give where it is not known; ``is_refusal`` also accepts other wordings."""
_LONGEST = 400
"""Characters; what is longer says more than that."""
_SPACE = re.compile(r"\s+")
_PLAIN = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "´": "'", "`": "'"} | dict.fromkeys('*_"“”„«»「」'))
_BETWEEN = r"(?:[\s.,;:!?…—–\-。，、！；：．]+(?:(?:and|but|as|because|since|aber|da|weil|mais|pero) )?)"
"""A clause ends with it."""
_PART = re.compile(r"\{([a-z]+)\}")
_ONLY = r"(?:(?:(?P<refusal>{refusal})|{courtesy})(?:{between}|\Z))+"


def is_refusal(reply: str) -> bool:
    """Does the reply say nothing but that the answer is not known? An empty one says no more.

    >>> is_refusal("I don't know."), is_refusal("I'm not sure about the law, so please ask a lawyer.")
    (True, False)
    """
    folded = _folded(reply)
    match = _pattern().fullmatch(folded) if len(folded) <= _LONGEST else None
    return not folded.strip() or bool(match and match["refusal"])


def may_become_refusal(beginning: str) -> bool:
    """Can a reply that begins so, up to any character, still turn out as a refusal? True of every beginning of one."""
    folded = _folded(beginning)
    return not folded.strip() or (len(folded) <= _LONGEST and _pattern().fullmatch(folded, partial=True) is not None)


def _folded(reply: str) -> str:
    return _SPACE.sub(" ", reply.translate(_PLAIN).casefold().lstrip())


@cache
def _pattern() -> regex.Pattern[str]:
    import regex

    table = tomllib.loads((Path(__file__).with_name("tables") / "refusals.toml").read_text(encoding="utf-8"))
    parts: dict[str, str] = {"between": _BETWEEN}
    for name, pattern in table["parts"].items():
        parts[name] = _filled(pattern, parts)
    clauses = (clause for wordings in table["clauses"].values() for clause in wordings)
    parts["refusal"] = _filled("|".join(clauses), parts)
    parts["courtesy"] = _filled("|".join(table["courtesy"]["clauses"]), parts)
    return regex.compile(_filled(_ONLY, parts))


def _filled(pattern: str, parts: dict[str, str]) -> str:
    return _PART.sub(lambda match: f"(?:{parts[match[1]]})", pattern)
