"""What a policy makes of personal data and secrets in documents and examples, before anything is indexed or learned.

Keeps no value.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypedDict, TypeVar

from corpus.documents.duplicates import Duplicates, fingerprint
from corpus.documents.rewrite import Edit, edited, rewritten
from corpus.privacy.find_personal_data import NAME, Finding, NameFinder, find
from corpus.privacy.personal_data_kinds import kinds, table
from corpus.records import Document, Example
from corpus.text.clean import cleaned, cleaned_example

ACTIONS = ("keep", "mask", "pseudonym", "drop")
LEVELS = ("off", "report", "proven", "mask", "pseudonym")
"""What is done with a kind that has no action of its own: nothing is looked for; all is kept and counted; secrets and what a
check digit proves are masked and the rest is counted; all is masked; all gets numbered placeholders."""
_Span = TypeVar("_Span", Edit, Finding)
_BETWEEN = "\n\n\0\n\n"
"""Between texts that are read as one: no pattern crosses it, and no clean text holds it."""


@dataclass(frozen=True)
class Policy:
    """What to do with what is found."""

    level: str = "proven"
    actions: Mapping[str, str] = field(default_factory=dict)
    """By kind; before ``level``."""
    allow: tuple[str, ...] = ()
    """Never touched nor counted: a value, ``@domain`` for every address there, or ``/pattern/`` for a whole value."""
    exact_duplicates: str = "drop"
    near_duplicates: str = "report"
    similarity: float = 0.9

    def version(self) -> str:
        """Another one for every policy and table of kinds: texts protected under the same one come out the same.

        What a numbered placeholder is called depends on the project's numbers besides.
        """
        settings = [vars(self) | {"actions": dict(self.actions)}, table()]
        return hashlib.sha256(json.dumps(settings, sort_keys=True, default=str).encode()).hexdigest()

    def action(self, kind: str) -> str:
        """``keep``, ``mask``, ``pseudonym`` or ``drop``."""
        if kind in self.actions:
            return self.actions[kind]
        if self.level == "proven":
            return "mask" if kind != NAME and kinds()[kind].masked_by_default else "keep"
        return self.level if self.level in ACTIONS else "keep"

    def allows(self, value: str) -> bool:
        """Is the value on the allow list?"""
        folded = value.casefold()
        for entry in self.allow:
            if len(entry) > 2 and entry[0] == entry[-1] == "/":
                if re.fullmatch(entry[1:-1], value):
                    return True
            elif folded == entry.casefold() or (entry.startswith("@") and folded.endswith(entry.casefold())):
                return True
        return False


class ReportRecord(TypedDict):
    """The report on one file as it is kept: ``vars`` of a ``Protected``, perhaps read from JSON."""

    found: Mapping[str, int]
    changed: Mapping[str, int]
    dropped: list[str]
    duplicates: dict[str, str]
    near: dict[str, str]
    texts: dict[str, str]
    names_looked_for: bool


@dataclass
class Protected:
    """The running report: what was found and what was done, by kind; never a value."""

    found: Counter[str] = field(default_factory=Counter)
    changed: Counter[str] = field(default_factory=Counter)
    dropped: list[str] = field(default_factory=list)
    """Sources of documents and ids of examples that were dropped for what they hold."""
    duplicates: dict[str, str] = field(default_factory=dict)
    """Source of a document left out as a duplicate, and of the one it repeats."""
    near: dict[str, str] = field(default_factory=dict)
    """Source of a document that nearly repeats an earlier one, which is kept."""
    texts: dict[str, str] = field(default_factory=dict)
    """Source of each document and the fingerprint of its words."""
    names_looked_for: bool = False

    @classmethod
    def of_all(cls, reports: Iterable[ReportRecord], *, names_looked_for: bool) -> Protected:
        """The reports of several files (``vars`` of each) as one."""
        whole = cls(names_looked_for=names_looked_for)
        for report in reports:
            whole.found.update(report["found"])
            whole.changed.update(report["changed"])
            whole.dropped += report["dropped"]
            whole.duplicates.update(report["duplicates"])
            whole.near.update(report["near"])
            whole.texts.update(report["texts"])
        return whole

    def to_json(self) -> dict[str, object]:
        """As plain data."""
        rows = {k: {"found": n, "changed": self.changed[k]} for k, n in sorted(self.found.items())}
        return {"kinds": rows} | {k: getattr(self, k) for k in ("dropped", "duplicates", "near", "names_looked_for")}


class Protector:
    """Applies one policy to one document or example after another.

    ``number`` gives a value's number where an action is ``pseudonym`` (``Pseudonyms.number``); ``names`` finds names,
    ``names_by`` tells which model it is and of what version.
    """

    def __init__(
        self,
        policy: Policy,
        number: Callable[[str, str], int],
        names: NameFinder | None = None,
        names_by: str = "",
    ) -> None:
        self.policy = policy
        self.version = f"{policy.version()[:12]} {names_by}".rstrip()
        """Another one for every policy, table of kinds and finder of names."""
        self.report = Protected(names_looked_for=names is not None and policy.level != "off")
        self._number = number
        self._names = names
        self._duplicates = Duplicates(policy.similarity if policy.near_duplicates != "off" else None)

    def taken_report(self) -> Protected:
        """The report since the last call; a new one is begun."""
        taken, self.report = self.report, Protected(names_looked_for=self.report.names_looked_for)
        return taken

    def know(self, texts: Mapping[str, str]) -> None:
        """Note documents that are indexed already, by source with the fingerprint of their words."""
        for source, text in texts.items():
            self._duplicates.know(source, text)

    def document(self, document: Document) -> Document | None:
        """The document clean and protected, its sections laid anew; None where the policy leaves it out."""
        document = cleaned(document)
        if self._repeats(document):
            return None
        heads = heads_of(document)
        texts = self._protected([document.text, *heads], document.source)
        if texts is None:
            return None
        edits, *head_edits = texts
        says = {head: edited(head, changes) for head, changes in zip(heads, head_edits, strict=True)}
        document = rewritten(document, edits)
        if any(head_edits):
            sections = tuple(replace(s, heading=says[s.heading]) for s in document.sections)
            tags = tuple(says[tag] for tag in document.tags)
            document = replace(document, title=says[document.title], tags=tags, sections=sections)
        return document

    def example(self, example: Example) -> Example | None:
        """The example clean and protected, each value replaced alike in all fields; None where the policy leaves it out."""
        example = cleaned_example(example)
        lists = (example.evidence, example.key, example.answers, tuple(example.extra.values()))
        texts = [example.question, example.answer or "", *(words for of in lists for words in of)]
        edits = self._protected(texts, example.id, everywhere=True)
        if edits is None:
            return None
        if not any(edits):
            return example
        replaced = iter([edited(text, changes) for text, changes in zip(texts, edits, strict=True)])
        question, answer = next(replaced), next(replaced)
        evidence, key, answers, extra = (tuple(next(replaced) for _ in of) for of in lists)
        return replace(
            example,
            question=question,
            answer=None if example.answer is None else answer,
            evidence=evidence,
            key=key,
            answers=answers,
            extra=dict(zip(example.extra, extra, strict=True)),
        )

    def findings(self, text: str) -> tuple[Finding, ...]:
        """What is found in the text and not on the allow list."""
        if self.policy.level == "off":
            return ()
        findings = find(text, self._names)
        return tuple(f for f in findings if not self.policy.allows(text[f.start : f.end]))

    def findings_in(self, texts: Sequence[str]) -> list[list[Finding]]:
        """What is found in each of the texts, which are read as one: a value told in one is known in the others."""
        return _parted(texts, self.findings(_BETWEEN.join(texts)))

    def _protected(self, texts: Sequence[str], where: str, *, everywhere: bool = False) -> list[list[Edit]] | None:
        """The edits of each text, which are read as one; None where something in them is to be dropped.

        ``everywhere``: what is to be changed is changed in all texts wherever it stands word for word.
        """
        if self.policy.level == "off":
            return [[] for _ in texts]
        whole = _BETWEEN.join(texts)
        findings = self.findings(whole)
        actions = {f.kind: self.policy.action(f.kind) for f in findings}
        self.report.found.update(f.kind for f in findings)
        if "drop" in actions.values():
            self.report.dropped.append(where)
            return None
        changed = [f for f in findings if actions[f.kind] != "keep"]
        edits = [Edit(f.start, f.end, self._placeholder(f.kind, whole[f.start : f.end])) for f in changed]
        self.report.changed.update(f.kind for f in changed)
        if everywhere and edits:
            edits = _repeated(whole, edits)
        return _parted(texts, edits)

    def _placeholder(self, kind: str, value: str) -> str:
        name = "NAME" if kind == NAME else kinds()[kind].placeholder
        return f"[{name} {self._number(kind, value)}]" if self.policy.action(kind) == "pseudonym" else f"[{name}]"

    def _repeats(self, document: Document) -> bool:
        """Is it to be left out as a duplicate? Noted in the report either way."""
        heads = (s.heading for s in document.sections)
        words = "\n".join([document.text, *heads])
        self.report.texts[document.source] = fingerprint(words)
        like = self._duplicates.add(document.source, words)
        if like is None:
            return False
        policy = self.policy.exact_duplicates if like.exact else self.policy.near_duplicates
        leave = policy == "drop"
        (self.report.duplicates if leave else self.report.near)[document.source] = like.name
        return leave


def _repeated(text: str, edits: Sequence[Edit]) -> list[Edit]:
    """With each edit's value edited alike wherever else it stands as a word of its own."""
    says = {text[e.start : e.end]: e.text for e in edits}
    longest_first = sorted(says, key=len, reverse=True)
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)")
    places = {n for e in edits for n in range(e.start, e.end)}
    more = [Edit(m.start(), m.end(), says[m[0]]) for m in pattern.finditer(text) if places.isdisjoint(range(*m.span()))]
    return sorted([*edits, *more], key=lambda e: e.start)


def heads_of(document: Document) -> list[str]:
    """What is said of a document beside its text, each once: title, headings, tags."""
    return list(dict.fromkeys([document.title, *(s.heading for s in document.sections), *document.tags]))


def _parted(texts: Sequence[str], spans: Sequence[_Span]) -> list[list[_Span]]:
    """Spans of the joined texts given back to each text; one from text to text (of a name) goes to both sides."""
    parted: list[list[_Span]] = []
    at = n = 0
    for text in texts:
        end, mine = at + len(text), []
        while n < len(spans) and spans[n].start < end:
            span = spans[n]
            mine.append(replace(span, start=max(0, span.start - at), end=min(len(text), span.end - at)))
            if span.end > end:
                break
            n += 1
        parted.append([e for e in mine if e.start < e.end])
        at = end + len(_BETWEEN)
    return parted
