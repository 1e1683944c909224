"""The shapes of JSON that ``provision``, ``status``, ``models list`` and ``index stats`` show. Hold no figures themselves."""

from __future__ import annotations

from typing import TypedDict

from groundtune.screens.router_json import JudgeJson, SortJson, TellingJson

FaultJson = dict[str, str]
"""A ``Fault`` or an ``Omission``, field by field."""


class NotReadJson(TypedDict):
    """What of the documents was not read. Whole files stand beside, under a name of the verb's own."""

    left_out: list[FaultJson]
    formats_not_read: dict[str, list[str]]


class IndexSizeJson(TypedDict):
    """How large the index is."""

    documents: int
    passages: int


class IndexJson(IndexSizeJson):
    """An ``IndexReport``."""

    seconds: float
    added: int
    removed: int


class KindCountJson(TypedDict):
    """How often a kind of personal data occurs, and was changed."""

    found: int
    changed: int


class ProtectionJson(TypedDict):
    """Personal data, secrets and copies."""

    kinds: dict[str, KindCountJson]
    dropped: list[str]
    duplicates: dict[str, str]
    near: dict[str, str]


class LeftOutJson(TypedDict):
    """An example that was left out."""

    id: str


class LongAnswersJson(TypedDict):
    """Taught answers that will be cut off."""

    count: int
    answer_tokens: int
    longest: int


class SelectionJson(TypedDict):
    """How well the sentences that are read are chosen."""

    right_first: float
    right_first_before: float
    choices: int
    not_reached: int


class ParityJson(TypedDict):
    """The engine held against the reference."""

    f1: float
    prompts: int


class AdapterJson(TypedDict):
    """An ``AdapterReport``."""

    version: str
    steps: int
    best_validation_loss: float | None
    seconds: float
    parity: ParityJson | None
    reused: bool
    learned: int
    held_back: int
    left_out: list[LeftOutJson]
    best_step: int
    long_answers: LongAnswersJson | None
    minutes: float | None
    planned_steps: int
    not_reached: int
    selection: SelectionJson | None


class OpeningJson(TellingJson):
    """How answers open where examples teach it."""

    words: str


class RouterJson(TypedDict, total=False):
    """When nothing is answered, and what was measured of the arms, as far as either is known."""

    documents: SortJson
    alone: SortJson
    answered_alone: TellingJson | None
    calibrated: bool
    refuse_below: float
    insist_from: float
    nothing_relevant: float
    word_for_word: int
    openings: list[OpeningJson]


class QuotingJson(TypedDict):
    """How much of the documents is quoted."""

    unit: str
    most: int


class LearnedQuotingJson(TypedDict):
    """The same, and from how many examples it was learned."""

    quoting: QuotingJson
    examples: int


class ProvisionedJson(NotReadJson):
    """A ``Provisioned``."""

    index: IndexJson | None
    adapter: AdapterJson | None
    retrieval: dict[str, float] | None
    quoting: LearnedQuotingJson | None
    router: RouterJson | None
    skipped: list[FaultJson]
    rows_left_out: list[FaultJson]
    protection: dict[str, ProtectionJson | None] | None


class EstimateOfTimeJson(TypedDict):
    """What building was predicted to take, and took."""

    estimated: float
    actual: float | None


class StatusJson(NotReadJson):
    """What is advised, built and measured."""

    generator: str
    likelihood: bool
    engine_lacks: dict[str, str]
    embedder: str
    approach: str | None
    index: IndexSizeJson | None
    unreadable: list[FaultJson]
    adapter: AdapterJson | None
    adapter_fault: str | None
    adapter_taught_otherwise: bool
    adapter_versions: list[str]
    estimates: dict[str, EstimateOfTimeJson]
    abstention: JudgeJson | None
    verdict: str | None


class TokenCountsJson(TypedDict):
    """Lengths of passages."""

    median: float
    most: int
    all: int


class DocumentSizeJson(TypedDict):
    """One document with its number of passages."""

    source: str
    passages: int


class StatsJson(IndexSizeJson):
    """What an index holds."""

    tokens: TokenCountsJson
    embedder: str
    passage_tokens: int
    bytes: int
    largest: list[DocumentSizeJson]
    without_text: list[str]


class ModelJson(TypedDict):
    """A model of the catalogue."""

    name: str
    title: str
    kind: str
    licence: str
    size_mb: int
    pulled: bool
