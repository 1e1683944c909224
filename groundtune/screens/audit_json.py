"""The shapes of JSON that ``audit`` shows. Hold no figures themselves."""

from __future__ import annotations

from typing import NotRequired, TypedDict

from groundtune.screens.built_json import FaultJson, NotReadJson


class KindJson(TypedDict):
    """A kind of personal data, and how much of it there is."""

    kind: str
    title: str
    gdpr: str
    hipaa: str
    in_documents: int
    in_examples: int
    action: str


class PlaceJson(TypedDict):
    """Where one stands, without what is not known."""

    kind: str
    action: str
    source: str
    line: NotRequired[int]
    column: NotRequired[int]
    page: NotRequired[int]
    heading: NotRequired[str]
    field: NotRequired[str]


class CopyJson(TypedDict):
    """What repeats another, and how nearly."""

    name: str
    similarity: float


class CopiesJson(TypedDict):
    """One, and what repeats it."""

    first: str
    others: list[CopyJson]


class FaultyJson(TypedDict):
    """A faulty example: where it stands, or the examples it concerns."""

    fault: str
    where: NotRequired[str]
    examples: NotRequired[list[str]]
    held_out: NotRequired[list[str]]


class AuditJson(NotReadJson):
    """The whole report."""

    documents: int
    examples: int
    questions: int
    level: str
    names_looked_for: bool
    kinds: list[KindJson]
    places: list[PlaceJson]
    duplicates: dict[str, list[CopiesJson]]
    faults: list[FaultyJson]
    skipped: list[FaultJson]
    rows_left_out: list[FaultJson]
    rows_not_learned: list[FaultJson]
    to_decide: list[str]
