"""A pilot asks until it is sure or the time is over, says what it cannot tell, and its result is evidence for the advice."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from advisor.measured_evidence import read_evidence
from compare.answer_costs import Prices
from compare.comparison_result import Comparison
from compare.score import Score
from corpus.errors import InputError, ProjectError
from groundtune.assistant import Assistant
from groundtune.cli.main import app
from groundtune.jobs.run_pilot import PilotRequest, _Watch, drawn, largest_approach, run_pilot
from groundtune.project.new_project import init
from groundtune.screens.pilot_screen import show_pilot
from tests.fakes import FakeEmbedder, FakeGenerator


@pytest.fixture
def asking(shop: Path) -> Assistant:
    """The small shop with forty held-out questions, which nothing answers."""
    rows = [{"id": f"q{n}", "question": f"Until when may I return item {n}?", "answer": "zebra"} for n in range(40)]
    (shop / "questions.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    project = init(shop, [str(shop / "documents")], str(shop / "examples.jsonl"), str(shop / "questions.jsonl"))
    return Assistant(project, generator=FakeGenerator(), embedder=FakeEmbedder())


def test_a_pilot_asks_all_where_nothing_is_sure_and_is_evidence(asking: Assistant) -> None:
    result, file = run_pilot(asking, PilotRequest(5, approach="rag"))
    run = result["pilot"]
    assert (run["ended"], run["asked"], run["of"]) == ("all asked", 40, 40)
    assert run["looks"][-1] == 40
    assert read_evidence(file).questions == 40
    assert any("tuning and retrieval" in words for words in run["cannot_tell"])


def test_the_same_pilot_again_asks_nothing_twice(asking: Assistant) -> None:
    _, file = run_pilot(asking, PilotRequest(5, approach="rag"))
    asked = (file.parent / "answers.jsonl").read_text()
    assert run_pilot(asking, PilotRequest(5, approach="rag"))[1] == file
    assert (file.parent / "answers.jsonl").read_text() == asked


def test_a_pilot_ends_at_the_first_look_where_the_time_is_over(asking: Assistant) -> None:
    run = run_pilot(asking, PilotRequest(0.0001, approach="rag"))[0]["pilot"]
    assert (run["ended"], run["asked"]) == ("time", 24)


def test_the_screen_says_how_it_ended_and_what_it_cannot_tell(asking: Assistant) -> None:
    result, file = run_pilot(asking, PilotRequest(5, approach="rag"))
    screen = Console(file=StringIO(), width=80)
    show_pilot(result, file, screen)
    shown = " ".join(screen.file.getvalue().split())  # type: ignore[attr-defined]
    assert "40 of 40 questions" in shown
    assert "ended as all questions were asked" in shown
    assert "cannot tell" in shown
    assert "advise --evidence" in shown


def _comparison(right: int, asked: int, level: float) -> Comparison:
    rows = []
    for arm, hits in (("rag", right), ("tuned", 0), ("extract", 0)):
        for n in range(asked):
            hit = float(n < hits)
            rows.append(Score(arm, f"q{n}", "fact", "x", arm, hit, hit, hit, hit, hit, True, False, 0.1, 1, 1))
    return Comparison.of(rows, [f"q{n}" for n in range(asked)], seed=0, prices=Prices(), level=level)


def test_it_ends_early_only_where_the_differences_asked_about_are_sure(asking: Assistant) -> None:
    questions = drawn(asking, 40)
    watch = _Watch(questions, deadline=1e12)
    levels = dict(watch.looks)
    assert not watch.is_enough(_comparison(6, 24, levels[24]))
    assert watch.is_enough(_comparison(24, 24, levels[24]))
    assert watch.ended == "sure"


def test_a_pilot_that_asked_all_says_so_though_the_time_is_over_and_a_question_failed(asking: Assistant) -> None:
    watch = _Watch(drawn(asking, 40), deadline=-1.0)
    watch.taken = [place for place, _ in watch.looks[:-1]]
    assert not watch.is_enough(_comparison(6, 39, 0.04))
    assert watch.ended == "all asked"


def test_what_is_built_follows_from_the_material(shop: Path, asking: Assistant) -> None:
    assert largest_approach(asking) == "hybrid"
    (shop / "few.jsonl").write_text(json.dumps({"question": "Open?", "answer": "Yes."}) + "\n")
    few = init(shop / "few", [str(shop / "documents")], str(shop / "few.jsonl"), str(shop / "questions.jsonl"))
    assert largest_approach(Assistant(few, generator=FakeGenerator(), embedder=FakeEmbedder())) == "rag"
    bare = init(shop / "bare", [], str(shop / "examples.jsonl"), str(shop / "questions.jsonl"))
    assert largest_approach(Assistant(bare, generator=FakeGenerator(), embedder=FakeEmbedder())) == "finetune"


def test_without_a_held_out_question_there_is_no_pilot(shop: Path) -> None:
    project = init(shop / "none", [str(shop / "documents")], None, None)
    with pytest.raises(ProjectError, match="neither questions nor examples"):
        run_pilot(Assistant(project, generator=FakeGenerator(), embedder=FakeEmbedder()), PilotRequest())


def test_an_unknown_approach_is_refused_by_the_verb(shop: Path) -> None:
    ended = CliRunner().invoke(app, ["pilot", "--project", str(shop), "--approach", "magic"])
    assert isinstance(ended.exception, InputError)
    assert "choose rag, finetune or hybrid" in str(ended.exception)
