"""The index of a project brought in step with its documents: read, protected, cut, embedded."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from corpus.atomic_files import write_json
from corpus.errors import Fault, InputError
from corpus.progress import OnProgress, Progress, untold
from groundtune.assistant import Assistant
from groundtune.project.not_read import NotRead
from groundtune.project.project_documents import Documents

if TYPE_CHECKING:
    from rag.index.index_report import IndexReport


def build_index(
    assistant: Assistant,
    *,
    strict: bool = False,
    on_progress: OnProgress = untold,
    anew: bool = False,
    emptied: bool = False,
) -> tuple[IndexReport, NotRead]:
    """Read the documents that may have changed, protect them, and bring the index in step with them or make it ``anew``.

    ``emptied``: that no document is left is what was wanted. Raises ``InputError`` for passages that the embedder cuts off.
    """
    project = assistant.project
    wanted, most = project.settings.passage_tokens, assistant.embedder.max_tokens
    if wanted > most:
        least = f"at most {most}: {assistant.embedder.name} reads no further"
        fault = Fault(
            "groundtune.yaml, passage_tokens", str(wanted), least, "lower it, or name an embedder that reads more"
        )
        raise InputError("the passages would be longer than what the embedder reads", [fault])
    build = assistant.index.rebuild if anew else assistant.index.build
    with Documents(project, anew=anew) as documents:

        def agree(left: int) -> None:
            documents.require(strict=strict, any_is_left=left > 0 or emptied)
            documents.keep_report()

        report: IndexReport = build(
            documents.sources(), lambda done, of: on_progress(Progress("index", done, of)), agree
        )
    if report.added == report.passages:  # a whole build: what an estimate is compared with
        write_json(project.built / "index_report.json", asdict(report))
    return report, documents.not_read
