"""From options and a project to a decision: whose answers, which evidence, which prices. Decides and draws nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from advisor.answers import Answers, given_as, given_in, preset_answers
from advisor.decide import Decision, decide
from advisor.measured_evidence import read_evidence
from advisor.price_table import read_prices
from advisor.stakeholders import parse_weights
from corpus.atomic_files import read_json, write_json
from groundtune.project.project import open_project
from groundtune.project.project_paths import SETTINGS

if TYPE_CHECKING:
    from rich.console import Console

ESTIMATE = "estimate.json"
UNFINISHED = "questionnaire.json"


@dataclass(frozen=True)
class Request:
    """What ``groundtune advise`` was asked for; each part as given, None or empty where it was not."""

    project: Path
    answers: Path | None = None
    preset: str | None = None
    settings: Sequence[str] = ()
    evidence: Path | None = None
    prices: Path | None = None
    weights: str | None = None

    @property
    def built(self) -> Path | None:
        """Where the project keeps what is built; None outside a project."""
        return self.project / ".groundtune" if (self.project / SETTINGS).is_file() else None


def advise(request: Request, console: Callable[[], Console]) -> Decision:
    """The decision: from a file, a preset or settings, else by asking; with the project's measurements."""
    given = _given(request, console)
    where = request.answers.name if request.answers else "answers"
    return decide(
        Answers.of(given, where),
        evidence=read_evidence(request.evidence) if request.evidence else None,
        prices=read_prices(request.prices),
        measured=measured_of(request.built),
        weights=parse_weights(request.weights) if request.weights else None,
    )


def measured_of(built: Path | None) -> dict[str, float] | None:
    """The numbers of the project's last estimate from ``advise --measure``, or None."""
    file = built / ESTIMATE if built else None
    measured = read_json(file) if file and file.is_file() else None
    return {k: v for k, v in measured.items() if isinstance(v, int | float)} if measured else None


def project_counts(folder: Path) -> dict[str, int]:
    """What the project folder already tells: counts of examples and documents, tokens, days between changes."""
    from corpus.documents.read_documents import documents_in
    from corpus.text.match import normalise

    project = open_project(folder)
    counts: dict[str, int] = {}
    if project.settings.examples:
        examples = project.training_examples()
        counts["examples"] = len({normalise(e.question) for e in examples})
        counts["tokens_per_example"] = max(
            1, round(sum(_tokens(f"{e.question} {e.answer or ''}") for e in examples) / max(1, len(examples)))
        )
    files = documents_in(project.document_paths())
    if files:
        counts["documents"] = len(files)
        sizes = [f.stat().st_size for f in files if f.suffix in (".md", ".txt")]
        if sizes:
            counts["tokens_per_document"] = max(1, round(sum(sizes) / len(sizes) / 4.5))
    return counts


def _given(request: Request, console: Callable[[], Console]) -> Mapping[str, object]:
    given: dict[str, object] = {}
    if request.built and request.answers is None and request.preset is None and (request.settings or request.evidence):
        current = request.built / "decision.json"  # new evidence or one changed answer: the rest as before
        if current.is_file():
            given |= {k: v for k, v in read_json(current)["answers"].items() if v != "unknown"}
    if request.preset:
        given |= preset_answers(request.preset)
    if request.answers:
        given |= given_in(request.answers)
    given |= given_as(request.settings)
    if given or request.answers:
        return given
    from groundtune.screens.questionnaire_screen import ask_questions

    unfinished = request.built / UNFINISHED if request.built else None
    offered = project_counts(request.project) if request.built else {}
    kept = read_json(unfinished) if unfinished and unfinished.is_file() else {}
    answered = ask_questions(
        console(), offered, kept, (lambda now: write_json(unfinished, now)) if unfinished else None
    )
    if unfinished:
        unfinished.unlink(missing_ok=True)
    return answered


def _tokens(text: str) -> int:
    return len(text) // 4 + 1
