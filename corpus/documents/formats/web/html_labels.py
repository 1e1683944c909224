"""Controls that reveal a part of a page (a summary, a tab, a button), used as that part's heading."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

_TOGGLES = frozenset({"collapse", "tab", "pill", "list"})
_NO_LABELS = frozenset({"navbar-toggler", "navbar-toggle", "dropdown-toggle"})
_LONGEST = 300
_DEEPEST = 8
"""Nested labels that are shown."""


@dataclass
class _Scope:
    depth: int
    label: str
    used: bool = False


class Labels:
    """The labels above the current words."""

    def __init__(self) -> None:
        self.switch = 0
        """Depth of the label that is being read; 0: none."""
        self._words = ""
        self._summary = False
        self._names: list[str] = []
        self._by_name: dict[str, str] = {}
        self._scopes: list[_Scope] = []
        self._behind: _Scope | None = None
        """A button's label, for what stands behind it."""

    def is_switch(self, tag: str, attributes: Mapping[str, str]) -> bool:
        """Does an element show another when it is pressed?"""
        if not attributes and tag != "summary":
            return False
        if (
            self.switch
            or "aria-haspopup" in attributes
            or not _NO_LABELS.isdisjoint(attributes.get("class", "").split())
        ):
            return False
        toggled = attributes.get("data-bs-toggle", attributes.get("data-toggle", ""))
        pressed = "aria-expanded" in attributes or (tag == "button" and "aria-controls" in attributes)
        return tag == "summary" or attributes.get("role") == "tab" or pressed or toggled in _TOGGLES

    def start(self, depth: int, tag: str, attributes: Mapping[str, str]) -> None:
        """A label begins."""
        self.switch, self._words, self._summary = depth, "", tag == "summary"
        targets = (attributes.get(n, "") for n in ("id", "aria-controls", "data-bs-target", "data-target", "href"))
        self._names = [name for target in targets if (name := target.lstrip("#"))]

    def takes(self, words: str) -> bool:
        """Keeps the words if a label is being read; not those of a whole page in a button that nothing closes."""
        if not self.switch or len(self._words) + len(words) > _LONGEST:
            return False
        self._words = " ".join(f"{self._words} {words}".split())
        return True

    def names(self, attributes: Mapping[str, str]) -> bool:
        """Does a label belong to this element?"""
        return bool(self._label_of(attributes))

    def enter(self, depth: int, attributes: Mapping[str, str]) -> None:
        """An element begins that is no label; a quotation in a mail gets the heading "Quoted"."""
        if not attributes:
            return
        if attributes.get("type") == "cite" or "gmail_quote" in attributes.get("class", "").split():
            self._scopes.append(_Scope(depth, "Quoted", used=True))
        if self._by_name and (label := self._label_of(attributes)):
            self._scopes.append(_Scope(depth, label))
            self._behind = None

    def leave(self, depth: int) -> str:
        """An element has ended, ``depth`` are open; a summary's words where it had nothing to show."""
        if self.switch > depth:
            self._end_label(depth)
        lost = ""
        while self._scopes and self._scopes[-1].depth > depth:
            scope = self._scopes.pop()
            lost = lost if scope.used else scope.label
        if self._behind and depth < self._behind.depth - 1:
            if self._behind.used:
                self._behind = None
            else:
                self._behind.depth = depth + 1
        return lost

    def heading(self) -> None:
        """A heading begins: what a button before it shows has ended."""
        self._behind = None

    def path(self) -> list[str]:
        """The labels above the words that are kept now."""
        above = [*self._scopes, *([self._behind] if self._behind else [])]
        for scope in above:
            scope.used = True
        return [scope.label for scope in above[:_DEEPEST]]

    def _end_label(self, depth: int) -> None:
        self.switch = 0
        if not self._words:
            return
        self._by_name.update(dict.fromkeys(self._names, self._words))
        if self._summary:
            self._scopes.append(_Scope(depth, self._words))
        else:
            self._behind = _Scope(depth + 1, self._words)

    def _label_of(self, attributes: Mapping[str, str]) -> str:
        labels = (self._by_name.get(attributes.get(name, "")) for name in ("id", "aria-labelledby"))
        return next(filter(None, labels), "")
