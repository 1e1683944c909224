"""Building what was advised: the index, the adapter, the router. Each is complete or absent; the same call resumes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from corpus.atomic_files import read_json
from corpus.errors import Fault, InputError, Omission, ProjectError
from corpus.progress import OnProgress, untold
from groundtune.assistant import Assistant
from groundtune.jobs.build_index import build_index
from groundtune.jobs.calibrate_abstention import by_default, calibrated
from groundtune.jobs.learn_openings import learn_openings
from groundtune.jobs.learn_quoting import learn_quotes
from groundtune.jobs.learn_retrieval import tune_retrieval
from groundtune.jobs.measure_arms import measure_arms, routes_report
from groundtune.jobs.train_adapter import train_adapter
from groundtune.project.not_read import NotRead

if TYPE_CHECKING:
    from finetune.adapter_report import AdapterReport
    from rag.answer.quote_length import LearnedQuoting
    from rag.index.index_report import IndexReport

BUILDS = {"prompt": (), "defer": (), "rag": ("index",), "finetune": ("adapter",), "hybrid": ("index", "adapter")}


@dataclass(frozen=True)
class Provisioned:
    """What was built; None where the approach does not need it."""

    index: IndexReport | None
    adapter: AdapterReport | None
    router: dict[str, Any] | None
    not_read: NotRead = field(default_factory=NotRead)
    retrieval: dict[str, float] | None = None
    """Mean reciprocal rank of the right passages, untuned and tuned, out of fold; None where nothing was tuned."""
    rows_left_out: tuple[Omission, ...] = ()
    """Rows of the examples and questions that hold nothing to learn or to ask."""
    protection: dict[str, Any] | None = None
    """Personal data, secrets and duplicates among the documents indexed and the examples learned from, in counts."""
    notices: tuple[Fault, ...] = ()
    """What was told before training: examples left out, answers that will be cut off, nothing held back."""
    quoting: LearnedQuoting | None = None
    """How much of the documents is quoted; None where it is the default, for want of examples."""

    def to_json(self) -> dict[str, Any]:
        """The shape ``groundtune provision --json`` prints (stable: keys are only added)."""
        return {
            "index": asdict(self.index) if self.index else None,
            "adapter": asdict(self.adapter) if self.adapter else None,
            "retrieval": self.retrieval,
            "quoting": self.quoting.to_json() if self.quoting else None,
            "router": self.router,
            "skipped": [vars(f) for f in self.not_read.files],
            "rows_left_out": [vars(o) for o in self.rows_left_out],
            "protection": self.protection,
            "notices": [vars(f) for f in self.notices],
            **self.not_read.to_json(),
        }


def chosen_approach(assistant: Assistant, asked: str | None) -> str:
    """The approach to build: the one asked for, else the last decision's. Raises where there is neither."""
    if asked:
        if asked not in BUILDS:
            raise InputError(f'no approach "{asked}"', mend=f"use one of {', '.join(BUILDS)}")
        return asked
    decision = assistant.project.decision()
    if decision is None:
        raise ProjectError("nothing was advised yet", mend="run groundtune advise first, or name --approach")
    return str(decision["approach"])


def provision(
    assistant: Assistant,
    approach: str,
    *,
    strict: bool = False,
    on_progress: OnProgress = untold,
    on_indexed: Callable[[IndexReport, NotRead], None] | None = None,
    on_notice: Callable[[Fault], None] | None = None,
) -> Provisioned:
    """Build the parts of ``approach``. ``on_indexed`` is told when retrieval can answer, before training starts.

    ``on_progress`` is told of the stages ``index``, ``select``, ``train`` and ``measure``; ``on_notice``, before training, of
    examples that will not be learned and answers that will be cut off.
    """
    builds = BUILDS[approach]
    index: IndexReport | None = None
    not_read = NotRead()
    if "index" in builds:
        index, not_read = build_index(assistant, strict=strict, on_progress=on_progress)
        if on_indexed:
            on_indexed(index, not_read)
    tuned = tune_retrieval(assistant) if "index" in builds else None
    quoting = learn_quotes(assistant) if "index" in builds else None
    notices: list[Fault] = []

    def notice(fault: Fault) -> None:
        notices.append(fault)
        if on_notice:
            on_notice(fault)

    adapter = train_adapter(assistant, on_progress, tuned, notice) if "adapter" in builds else None
    router = calibrated(assistant) if builds else None
    openings = learn_openings(assistant.project, assistant.embedder) if "adapter" in builds else []
    assistant.forget_tuning()
    if approach != "defer" and assistant.project.settings.examples:
        assistant.lookup.keep()
    measured = measure_arms(assistant, on_progress=on_progress) if approach != "defer" else None
    if measured:
        router = (router or by_default()) | routes_report(measured, assistant.available)
    if router is not None and openings:
        router["openings"] = openings
    protection = {
        "documents": read_json(assistant.project.protection_file) if index else None,
        "examples": assistant.project.examples_protection() if builds else None,
    }
    rows = tuple(o for f in assistant.project.examples_files() for o in f.left_out) if builds else ()
    mrr = dict(tuned.mrr) if tuned else None
    return Provisioned(index, adapter, router, not_read, mrr, rows, protection, tuple(notices), quoting)
