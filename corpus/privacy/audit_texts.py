"""What documents and examples hold that someone should know before they are used. Tells places, never values.

Changes nothing, and knows nothing of indexes.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

from corpus.documents.duplicates import Duplicates
from corpus.examples import ExamplesFile
from corpus.examples.split import alike
from corpus.privacy.find_personal_data import NAME
from corpus.privacy.personal_data_kinds import kinds
from corpus.privacy.protect import Policy, Protector, heads_of
from corpus.records import Document, Example
from corpus.text.match import normalise, says_the_same
from corpus.text.refusal import is_refusal

_FIELDS = ("question", "answer", "evidence", "key", "answers", "extra")


@dataclass(frozen=True)
class Place:
    """Where something of ``kind`` stands, and what the policy does with it."""

    kind: str
    source: str
    action: str
    line: int | None = None
    """Line of the file from 1, where the file is text; of an examples file the line of the example."""
    column: int | None = None
    """Column from 1: in that line; of an example in its field."""
    page: int | None = None
    heading: str = ""
    field: str = ""
    """Of an example: which field."""


def places_in(document: Document, protector: Protector, raw: str | None) -> list[Place]:
    """Everything found in a document; ``raw``: the file's own text, where it is a text file."""
    text = document.text
    lines = _Lines(raw) if raw is not None else None
    starts = [s.start for s in document.sections]
    heads = heads_of(document)
    in_text, *in_heads = protector.findings_in([text, *heads])
    personal_heads = {head for head, some in zip(heads, in_heads, strict=True) if some}
    places = []
    for finding in in_text:
        value = text[finding.start : finding.end]
        line, column = lines.next(value) if lines else (None, None)
        section = document.sections[max(0, bisect_right(starts, finding.start) - 1)] if starts else None
        page, heading = (section.page, section.heading) if section else (None, "")
        heading = "" if heading in personal_heads else heading
        action = protector.policy.action(finding.kind)
        places.append(Place(finding.kind, document.source, action, line, column, page, heading))
    for head, some in zip(heads, in_heads, strict=True):
        where = "tag" if head in document.tags else "heading"
        places += [Place(f.kind, document.source, protector.policy.action(f.kind), field=where) for f in some]
    return places


def places_among(file: ExamplesFile, protector: Protector) -> Iterator[Place]:
    """Everything found in the examples of a file."""
    for example, line in zip(file.examples, file.lines, strict=True):
        pieces = [(name, piece) for name in _FIELDS for piece in _pieces(example, name)]
        findings = protector.findings_in([piece for _, piece in pieces])
        for (name, _), some in zip(pieces, findings, strict=True):
            for finding in some:
                action = protector.policy.action(finding.kind)
                yield Place(finding.kind, file.name, action, line, finding.start + 1, field=name)


def counts(documents: Sequence[Place], examples: Sequence[Place], policy: Policy) -> list[dict[str, str | int]]:
    """One row a kind that was found, with what laws call it and whether the policy names it, the most frequent first."""
    total = Counter(p.kind for p in (*documents, *examples))
    rows: list[dict[str, str | int]] = []
    for kind, n in total.most_common():
        details = kinds().get(kind)
        rows.append(
            {
                "kind": kind,
                "title": details.title if details else "person's name",
                "gdpr": details.gdpr if details else "ordinary",
                "hipaa": details.hipaa if details else "A" if kind == NAME else "",
                "found": n,
                "in_documents": sum(p.kind == kind for p in documents),
                "in_examples": sum(p.kind == kind for p in examples),
                "action": policy.action(kind),
                "decided": kind in policy.actions,
            }
        )
    return rows


def duplicates_of(texts: Sequence[tuple[str, str]], similarity: float) -> list[dict[str, object]]:
    """Groups of ``(name, text)`` that repeat one another, exactly or nearly."""
    duplicates = Duplicates(similarity)
    for name, text in texts:
        duplicates.add(name, text)
    return duplicates.groups()


def faults_of(training: Sequence[Example], held_out: Sequence[Example]) -> list[dict[str, str | list[str]]]:
    """Faults in examples: repeated, contradictory, in both training and held-out sets, a refusal as the answer."""
    faults: list[dict[str, str | list[str]]] = []
    for side, examples in (("examples", training), ("held_out", held_out)):
        faults += [{"fault": "refusal", side: [e.id]} for e in examples if e.answer and is_refusal(e.answer)]
    by_question: dict[str, list[Example]] = defaultdict(list)
    for example in training:
        by_question[normalise(example.question)].append(example)
    for same in by_question.values():
        ids = [e.id for e in same]
        if any(not _agree(same[0], e) for e in same[1:]):
            faults.append({"fault": "contradictory", "examples": ids})
        elif len(same) > 1:
            faults.append({"fault": "repeated", "examples": ids})
    everyone = [*training, *held_out]
    for group in alike(everyone) if held_out else ():
        sides = [n < len(training) for n in group]
        if len(set(sides)) == 2:
            both = {
                "examples": [everyone[n].id for n in group if n < len(training)],
                "held_out": [everyone[n].id for n in group if n >= len(training)],
            }
            faults.append({"fault": "overlap", **both})
    return faults


def place_json(place: Place) -> dict[str, str | int]:
    """The place as plain data, without what is not known."""
    return {k: v for k, v in asdict(place).items() if v not in (None, "")}


def _pieces(example: Example, name: str) -> Sequence[str]:
    value = getattr(example, name)
    if value is None:
        return ()
    if isinstance(value, dict):
        return tuple(value.values())
    return (value,) if isinstance(value, str) else value


def _agree(example: Example, other: Example) -> bool:
    if example.answer is None or other.answer is None:
        return example.answer == other.answer
    return says_the_same(example.answer, other.references) or says_the_same(other.answer, example.references)


class _Lines:
    """Finds one value after another in a file's text, in order."""

    def __init__(self, raw: str) -> None:
        self._raw = raw
        self._at = self._counted = self._line = self._begins = 0

    def next(self, value: str) -> tuple[int | None, int | None]:
        """Line and column of the value's next occurrence; None where the file writes it otherwise."""
        at = self._raw.find(value, self._at)
        if at < 0:
            return None, None
        if line_ends := self._raw.count("\n", self._counted, at):
            self._line += line_ends
            self._begins = self._raw.rfind("\n", self._counted, at) + 1
        self._counted, self._at = at, at + len(value)
        return self._line + 1, at - self._begins + 1
