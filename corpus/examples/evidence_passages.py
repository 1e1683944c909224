"""Which passages hold an example's answer: by its evidence, else by the answer's own words; a label's, by its document."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from corpus.examples.labels import meaning
from corpus.records import Example, Passage, file_of
from corpus.text.match import holds, normalise


class Evidence:
    """Finds the right passages of examples among ``passages``. ``labels``: the answers that no passage states."""

    def __init__(self, passages: Sequence[Passage], labels: Collection[str] = ()) -> None:
        self.passages = tuple(passages)
        self.labels = frozenset(labels)
        self.texts = {p.id: normalise(p.text) for p in passages}

    def right(self, example: Example, near: Sequence[Passage] = ()) -> tuple[Passage, ...]:
        """The passages that hold the answer; empty where it is not known or not found.

        With evidence: one passage for each piece, all or none. Without: the first of ``near`` (the passages retrieved,
        best first) that contains a reference answer and belongs to the example's documents, if it names any. A label is
        judged from the first of ``near`` that belongs to them: "no" stands in many passages by chance.
        """
        if example.answer is None:
            return ()
        if example.evidence:
            passages = [self._holding(piece, example.source) for piece in example.evidence]
            return () if None in passages else tuple({p.id: p for p in passages if p}.values())
        wanted = [normalise(r) for r in example.references]
        mine = [p for p in near if not example.source or file_of(p.source) in map(file_of, example.source)]
        if self.is_label(example):
            return tuple(mine[:1]) if example.source else ()
        return next(((p,) for p in mine if any(w and holds(self.texts[p.id], w) for w in wanted)), ())

    def is_label(self, example: Example) -> bool:
        """Is its answer a label, which no evidence quotes?"""
        return bool(self.labels) and not example.evidence and meaning(example.answer) in self.labels

    def _holding(self, piece: str, sources: Sequence[str]) -> Passage | None:
        of_source = [p for p in self.passages if not sources or any(same_file(p.source, s) for s in sources)]
        if "|" in piece:
            return next((p for p in of_source if _has_row(p.text, piece)), None)
        wanted = normalise(piece)
        return next((p for p in of_source if holds(self.texts[p.id], wanted)), None)


def _has_row(text: str, row: str) -> bool:
    """Do the cells of a row, quoted as Markdown has it, stand in one line of the text, in their order?"""
    cells = [normalise(c) for c in row.split("|") if any(map(str.isalnum, c))]
    return bool(cells) and any(_in_order(cells, normalise(line)) for line in text.splitlines())


def _in_order(parts: Sequence[str], text: str) -> bool:
    text, at = f" {text} ", 0
    for part in parts:
        place = text.find(f" {part} ", at)
        if place < 0:
            return False
        at = place + 1 + len(part)
    return True


def same_file(a: str, b: str) -> bool:
    """``documents/x.md`` and ``data/shop/documents/x.md`` name the same file, as does a part of a long one."""
    a, b = file_of(a), file_of(b)
    return a == b or a.endswith(f"/{b}") or b.endswith(f"/{a}")
