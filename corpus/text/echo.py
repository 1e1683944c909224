"""Does a reply only repeat words of the question?

A small model that does not see what is asked for names what the question is about: "Which town is near Rivington Hall?"
"Rivington". English only: for another language the answer is always no.
"""

from __future__ import annotations

import re

_ASKS = re.compile(r"\b(what|which|who|whom|whose|where|when|why|how)\b", re.I)
"""A question without any of these is answered by yes or no, or with its own words."""
_OFFERS = re.compile(r"\b(or|between|which of|which one)\b", re.I)
"""The question holds what it may be answered with."""
_ARTICLES = frozenset(("a", "an", "the"))


def is_echo(question: str, reply: str) -> bool:
    """Is there no word in the reply that the question does not have, although it asks for one?

    >>> is_echo("Which town is near Rivington Hall?", "Rivington Hall."), is_echo("Which town is near?", "Bolton.")
    (True, False)
    >>> is_echo("Which of these, Duo and Solo, is cheaper?", "Solo"), is_echo("What is between A and B?", "B")
    (False, False)
    >>> is_echo("Who is older, Ann or Bob?", "Bob"), is_echo("Is the stove grey?", "The stove is grey.")
    (False, False)
    """
    words = _words(reply)
    return bool(words) and may_become_echo(question, "") and set(words) <= {*_words(question), *_ARTICLES}


def may_become_echo(question: str, beginning: str) -> bool:
    """Can a reply that begins so still turn out as an echo? Its last word may be cut off anywhere."""
    if not _ASKS.search(question) or _OFFERS.search(question):
        return False
    vocabulary = {*_words(question), *_ARTICLES}
    *whole, last = _words(beginning) or [""]
    return set(whole) <= vocabulary and any(word.startswith(last) for word in vocabulary)


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())
