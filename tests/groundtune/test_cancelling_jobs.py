"""A job that is cancelled leaves what was there, and the same call goes on from what it had done; its progress has a type."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict

import pytest

from corpus.cancellation import Cancellation, Cancelled, cancellable
from corpus.progress import Progress
from groundtune.assistant import Assistant
from groundtune.jobs.build_index import build_index
from groundtune.jobs.prove import prove
from groundtune.jobs.provision import provision
from tests.fakes import FakeEmbedder, FakeGenerator

QUESTION = "When does the store in Linz open?"


def _cancelled_at(stage: str, done: int, job: Callable[[Callable[[Progress], None]], object]) -> list[Progress]:
    """What a job told until it was cancelled at this point."""
    stop, events = Cancellation(), list[Progress]()

    def tell(at: Progress) -> None:
        events.append(at)
        if at.stage == stage and at.done >= done:
            stop.cancel()

    with cancellable(stop), pytest.raises(Cancelled):
        job(tell)
    return events


def test_an_index_that_is_cancelled_is_what_it_was(assistant: Assistant) -> None:
    build_index(assistant)
    before = [e.source for e in assistant.index.entries()]
    folder = assistant.project.document_paths()[0]
    for n in range(4):
        (folder / f"news-{n}.md").write_text(f"# News {n}\n\nThe shop moves to street number {n}.\n")
    stop = Cancellation()
    stop.cancel()
    with cancellable(stop), pytest.raises(Cancelled):
        build_index(assistant)
    assert [e.source for e in assistant.index.entries()] == before
    build_index(assistant)
    assert len(assistant.index.entries()) == len(before) + 4


def test_a_comparison_that_is_cancelled_goes_on_where_it_was(assistant: Assistant) -> None:
    build_index(assistant)
    asked: list[str] = []

    def reply(messages: object, adapter: object) -> str:
        asked.append(str(messages))
        return "I do not know that."

    counting = Assistant(assistant.project, generator=FakeGenerator(reply), embedder=FakeEmbedder())
    _cancelled_at("compare", 1, lambda tell: prove(counting, ["base"], on_progress=tell))
    before = len(asked)
    result, _ = prove(counting, ["base"])
    assert len(asked) - before == 2, "one to warm up and the one question that was left"
    assert result["questions"] == 2


def test_provisioning_that_is_cancelled_goes_on(assistant: Assistant) -> None:
    _cancelled_at("index", 1, lambda tell: provision(assistant, "rag", on_progress=tell))
    events: list[Progress] = []
    built = provision(assistant, "rag", on_progress=events.append)
    assert built.index is not None
    assert [at.stage for at in events][-1] == "measure"
    assert json.loads(json.dumps(asdict(events[0])))["stage"] == "index"
    assert assistant.ask(QUESTION, "extract").citations


def test_an_answer_that_is_streamed_stops_with_the_job_it_is_part_of(assistant: Assistant) -> None:
    build_index(assistant)
    stop = Cancellation()
    with cancellable(stop), pytest.raises(Cancelled):
        for _ in assistant.answerer("rag").stream(QUESTION):
            stop.cancel()
    assert assistant.ask(QUESTION, "rag").text
