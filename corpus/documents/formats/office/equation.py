"""Equations of office files (OMML) as one line of text. Knows nothing of the words around them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from corpus.documents.formats.office.ooxml import MATH

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

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


def _raised(element: Element) -> str:
    sub, sup = _of(element, "sub"), _of(element, "sup")
    below = f"_{_bracketed(sub)}" if sub else ""
    above = f"^{_bracketed(sup)}" if sup else ""
    return f"{_bracketed(_of(element, 'e'))}{below}{above}"


def _before(element: Element) -> str:
    return f"_{_bracketed(_of(element, 'sub'))}^{_bracketed(_of(element, 'sup'))} {_of(element, 'e')}"


def _fraction(element: Element) -> str:
    return f"{_bracketed(_of(element, 'num'))}/{_bracketed(_of(element, 'den'))}"


def _root(element: Element) -> str:
    return f"{_of(element, 'deg')}√{_bracketed(_of(element, 'e'))}"


def _many(element: Element) -> str:
    sub, sup = _of(element, "sub"), _of(element, "sup")
    limits = (f"_{_bracketed(sub)}" if sub else "") + (f"^{_bracketed(sup)}" if sup else "")
    return f"{_setting(element, 'naryPr/chr', '∫')}{limits} {_of(element, 'e')}"


def _delimited(element: Element) -> str:
    begin, end = _setting(element, "dPr/begChr", "("), _setting(element, "dPr/endChr", ")")
    between = _setting(element, "dPr/sepChr", "|")
    return begin + between.join(linear(e).strip() for e in element.findall(f"{MATH}e")) + end


def _function(element: Element) -> str:
    return f"{_of(element, 'fName')} {_of(element, 'e')}"


def _limit(element: Element) -> str:
    return f"{_of(element, 'e')}_{_bracketed(_of(element, 'lim'))}"


def _matrix(element: Element) -> str:
    rows = ([linear(e).strip() for e in row.findall(f"{MATH}e")] for row in element.findall(f"{MATH}mr"))
    return "[" + "; ".join(", ".join(row) for row in rows) + "]"


def _lines(element: Element) -> str:
    return "; ".join(linear(e).strip() for e in element.findall(f"{MATH}e"))


_FORMS = {
    "f": _fraction,
    "sSup": _raised,
    "sSub": _raised,
    "sSubSup": _raised,
    "sPre": _before,
    "rad": _root,
    "nary": _many,
    "d": _delimited,
    "func": _function,
    "limLow": _limit,
    "limUpp": _limit,
    "m": _matrix,
    "eqArr": _lines,
}
