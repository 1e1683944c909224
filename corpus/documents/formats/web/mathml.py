"""Formulas of MathML on one line: ``E = m c^2``."""

from __future__ import annotations

_SPACED = frozenset("=+−-±×·<>≤≥≠≈→∈")
_BETWEEN = {"msup": "^", "msub": "_", "mfrac": "/", "mover": "^", "munder": "_"}
_NOT_SHOWN = frozenset({"annotation", "annotation-xml", "semantics-annotation", "mphantom"})
_DEEPEST = 200


class Formula:
    """Takes the tags and words of one ``math`` element as they come."""

    def __init__(self, alternative: str = "") -> None:
        self._alternative = alternative
        self._open: list[tuple[str, list[str]]] = [("math", [])]

    def start(self, tag: str) -> None:
        """An element begins; those nested too deeply are one with the one around them."""
        if len(self._open) < _DEEPEST:
            self._open.append((tag, []))

    def end(self, tag: str) -> None:
        """An element ends, with those in it that were left open."""
        if any(name == tag for name, _ in self._open[1:]):
            while self._close() != tag:
                pass

    def words(self, words: str) -> None:
        words = " ".join(words.split())
        if words:
            self._open[-1][1].append(words)

    def text(self) -> str:
        """The formula on one line, or what its author says of it."""
        while len(self._open) > 1:
            self._close()
        return " ".join("".join(self._open[0][1]).split()) or self._alternative

    def _close(self) -> str:
        tag, parts = self._open.pop()
        if tag not in _NOT_SHOWN and (text := _linear(tag, parts)):
            self._open[-1][1].append(text)
        return tag


def _linear(tag: str, parts: list[str]) -> str:
    text = "".join(parts)
    if tag == "mo":
        return f" {text} " if text in _SPACED else text
    if tag in _BETWEEN and len(parts) == 2:
        return _BETWEEN[tag].join(map(_grouped, parts))
    if tag in ("msubsup", "munderover") and len(parts) == 3:
        return f"{_grouped(parts[0])}_{_grouped(parts[1])}^{_grouped(parts[2])}"
    if tag == "msqrt":
        return f"√{_grouped(text)}"
    if tag == "mroot" and len(parts) == 2:
        return f"{_grouped(parts[0])}^(1/{_grouped(parts[1])})"
    if tag in ("mtr", "mtd", "mtext"):
        return f"{text} "
    return text


def _grouped(text: str) -> str:
    text = text.strip()
    return text if len(text) == 1 or text.replace(".", "").isalnum() else f"({text})"
