"""Equations of office files (OMML) as one line of text."""

from __future__ import annotations

from collections.abc import Callable
from xml.etree.ElementTree import Element

from corpus.documents.formats.office.ooxml import MATH

_ATOM = 1
"""Characters that need no brackets around them."""


def linear(element: Element) -> str:
    """``(a+b)/2``, ``x^2``, ``√(x)`` of the parts of an ``m:oMath``; what has no such form stands piece by piece."""
    tag = element.tag.removeprefix(MATH)
    if tag == "t":
        return element.text or ""
    if tag.endswith("Pr"):
        return ""
    form = _FORMS.get(tag)
    return form(element) if form else "".join(map(linear, element))


def _of(element: Element, name: str) -> str:
    child = element.find(f"{MATH}{name}")
    return "" if child is None else linear(child).strip()


def _setting(element: Element, path: str, default: str) -> str:
    child = element.find("/".join(f"{MATH}{step}" for step in path.split("/")))
    return default if child is None else str(child.get(f"{MATH}val", default))


def _bracketed(text: str) -> str:
    return text if len(text) <= _ATOM or text.isalnum() else f"({text})"


def _atom(element: Element, name: str) -> str:
    return _bracketed(_of(element, name))


def _items(element: Element) -> list[str]:
    return [linear(item).strip() for item in element.findall(f"{MATH}e")]


def _scripts(element: Element) -> str:
    """The subscript and the superscript, if there are any."""
    return "".join(f"{sign}{_atom(element, name)}" for sign, name in (("_", "sub"), ("^", "sup")) if _of(element, name))


def _scripted(element: Element) -> str:
    return f"{_atom(element, 'e')}{_scripts(element)}"


def _delimited(element: Element) -> str:
    begin, end = _setting(element, "dPr/begChr", "("), _setting(element, "dPr/endChr", ")")
    return begin + _setting(element, "dPr/sepChr", "|").join(_items(element)) + end


def _limit(element: Element) -> str:
    return f"{_of(element, 'e')}_{_atom(element, 'lim')}"


_FORMS: dict[str, Callable[[Element], str]] = {
    "f": lambda e: f"{_atom(e, 'num')}/{_atom(e, 'den')}",
    "sSup": _scripted,
    "sSub": _scripted,
    "sSubSup": _scripted,
    "sPre": lambda e: f"_{_atom(e, 'sub')}^{_atom(e, 'sup')} {_of(e, 'e')}",
    "rad": lambda e: f"{_of(e, 'deg')}√{_atom(e, 'e')}",
    "nary": lambda e: f"{_setting(e, 'naryPr/chr', '∫')}{_scripts(e)} {_of(e, 'e')}",
    "d": _delimited,
    "func": lambda e: f"{_of(e, 'fName')} {_of(e, 'e')}",
    "limLow": _limit,
    "limUpp": _limit,
    "m": lambda e: f"[{'; '.join(', '.join(_items(row)) for row in e.findall(f'{MATH}mr'))}]",
    "eqArr": lambda e: "; ".join(_items(e)),
}
