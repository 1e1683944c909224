"""What the elements of HTML are, by name, role, class and style."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import NamedTuple

_TABLE = tomllib.loads((Path(__file__).parent / "tables" / "html.toml").read_text(encoding="utf-8"))
VOID, INLINE, FORMULA, _NOT_CONTENT, _NOT_TEXT, _ROLES, _BOXES, _CALLOUTS, _PANELS = (
    frozenset(_TABLE[name].split())
    for name in ("void", "inline", "formula", "not_content", "not_text", "roles", "boxes", "callouts", "panels")
)
_ANYWHERE = re.compile("|".join(_TABLE["furniture_anywhere"]), re.IGNORECASE)
_FURNITURE = re.compile("|".join([*_TABLE["furniture"], _ANYWHERE.pattern]), re.IGNORECASE)
DATES: Sequence[str] = _TABLE["dates"].split()
HEADINGS = tuple(f"h{n}" for n in range(1, 7))
CLOSES = {
    "li": frozenset({"li"}),
    "dt": frozenset({"dt", "dd"}),
    "dd": frozenset({"dt", "dd"}),
    "tr": frozenset({"tr", "td", "th"}),
    "td": frozenset({"td", "th"}),
    "th": frozenset({"td", "th"}),
    "option": frozenset({"option"}),
}


class Kind(Enum):
    """What an element is to a reader of the page."""

    CONTENT = "content"
    STRUCK = "struck out"
    NO_TEXT = "no text: scripts, drawings, links to other pages, banners"
    BESIDE = "words beside the text, or not seen"
    FURNITURE = "words beside the text, by their class"


class Where(NamedTuple):
    """Where an element stands."""

    within: Mapping[str, int]
    """How many elements of each name are open."""
    main: bool
    """Is it in the page's main element?"""
    site: bool
    """Is the page one of a site, with words around its text? A book's chapter is not."""
    furnished: bool
    """Do classes mark furniture?"""
    shown: bool
    """Is it what a heading, a tab or a button before it shows when that is pressed?"""


def kind_of(tag: str, attributes: Mapping[str, str], where: Where) -> Kind:
    """What the element is."""
    if tag in ("html", "body", "main", "article"):
        return Kind.CONTENT
    inside = where.main or where.within["article"] > 0 or not where.site
    names = f"{attributes.get('class', '')} {attributes.get('id', '')}"[:1000].lower().split()
    if _is_kept(tag, names, inside, where.within):
        return Kind.CONTENT
    role = attributes.get("role", "").lower()
    if tag in _NOT_TEXT or role == "navigation" or "doc-backlink" in role:
        return Kind.NO_TEXT
    if where.site and (tag in _NOT_CONTENT or (tag == "header" and not inside)):
        return Kind.BESIDE
    if (
        role in _ROLES
        or attributes.get("aria-modal") == "true"
        or (_is_hidden(attributes) and not (where.shown and tag in _PANELS))
    ):
        return Kind.BESIDE
    furniture = _ANYWHERE if inside else _FURNITURE
    if not where.furnished or tag not in _BOXES or role == "main" or not any(map(furniture.fullmatch, names)):
        return Kind.CONTENT
    return Kind.NO_TEXT if any(map(_ANYWHERE.fullmatch, names)) else Kind.FURNITURE


def _is_kept(tag: str, names: Sequence[str], inside: bool, within: Mapping[str, int]) -> bool:
    """A button that is the words of a heading, or a note beside the text that belongs to it."""
    if tag == "button":
        return any(within[h] for h in HEADINGS)
    return tag == "aside" and inside and any(_CALLOUTS.intersection(re.split("[_-]+", name)) for name in names)


def _is_hidden(attributes: Mapping[str, str]) -> bool:
    unseen = re.search(r"display\s*:\s*none|visibility\s*:\s*hidden", attributes.get("style", "")[:1000])
    return "hidden" in attributes or attributes.get("aria-hidden") == "true" or unseen is not None
