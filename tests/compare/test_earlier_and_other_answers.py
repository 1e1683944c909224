"""A run held against an earlier one, answers of other systems, and conditions that a pipeline fails on."""

from __future__ import annotations

import json
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from compare.answer_costs import Prices
from compare.changes import changes
from compare.conditions import Condition
from compare.recorded_arm import RecordedArm
from compare.run_comparison import compare
from compare.score import Score
from corpus.errors import InputError
from corpus.records import Example
from groundtune.screens.changes_screen import show_changes
from groundtune.screens.comparison_screen import show
from lm.model_arm import ModelAnswerer
from tests.fakes import FakeGenerator

QUESTIONS = [Example(f"q{n}", f"number {n}?", f"answer {n}", kind="fact") for n in range(20)]
IDS = {q.id: q.question for q in QUESTIONS}


def _scored(arm: str, right: set[int], count: int = 20) -> list[Score]:
    hit = [1.0 if n in right else 0.0 for n in range(count)]
    return [
        Score(arm, f"q{n}", "fact", "yes" if h else "no", arm, h, h, h, h, h, True, False, 0.1, 1, 1)
        for n, h in enumerate(hit)
    ]


def test_each_arm_is_held_against_itself_and_what_turned_is_named() -> None:
    now = [*_scored("rag", set(range(15))), *_scored("hybrid", {1})]
    before = [*_scored("rag", {0, 19}), *_scored("base", set())]
    result = changes(now, before, "old", seed=0)
    assert (result["questions"], result["only_in_one"]) == (20, ["base", "hybrid"])
    (f1, right, key) = result["arms"]
    assert (f1["before"], f1["now"], f1["difference"], f1["significant"]) == (0.1, 0.75, 0.65, True)
    assert (right["metric"], key["metric"]) == ("is_right", "contains")
    assert result["turned_in_all"] == {"rag": {"right": 14, "wrong": 1}}
    assert (result["turned"][0]["id"], result["turned"][0]["turned"]) == ("q19", "wrong")


def test_a_run_against_itself_has_not_changed() -> None:
    scores = _scored("rag", {1, 2, 3})
    result = changes(scores, scores, "same", seed=0)
    assert all(row["difference"] == 0 and not row["significant"] and row["p"] == 1 for row in result["arms"])
    assert result["turned"] == []


def test_questions_of_one_run_alone_are_counted_and_not_compared() -> None:
    result = changes(
        _scored("rag", {1}, 12), [replace(s, id=f"x{s.id}") for s in _scored("rag", {1}, 3)], "old", seed=0
    )
    assert (result["questions"], result["only_now"], result["only_before"], result["arms"]) == (0, 12, 3, [])
    screen = Console(file=StringIO(), width=80)
    show_changes(result, screen)
    assert "nothing to hold against old" in screen.file.getvalue()  # type: ignore[attr-defined]


@pytest.mark.parametrize("width", [60, 80, 120])
def test_the_screen_of_changes_keeps_to_the_width_and_names_what_turned(width: int) -> None:
    screen = Console(file=StringIO(), width=width)
    show_changes(changes(_scored("rag", {1, 2}), _scored("rag", {3}), "runs/old", seed=0), screen)
    shown = screen.file.getvalue()  # type: ignore[attr-defined]
    assert all(len(line) <= width for line in shown.splitlines())
    assert "1 answers that were right are wrong now, 2 the other way" in " ".join(shown.split())


def _file(tmp_path: Path, rows: list[object]) -> Path:
    file = tmp_path / "ours.jsonl"
    file.write_text("\n".join(r if isinstance(r, str) else json.dumps(r) for r in rows) + "\n")
    return file


def test_answers_of_another_system_are_an_arm_by_id_or_question(tmp_path: Path) -> None:
    rows = [{"id": q.id, "answer": q.answer} for q in QUESTIONS[:10]]
    rows += [{"question": q.question.upper(), "answer": "no idea at all", "seconds": 2.5} for q in QUESTIONS[10:]]
    ours = RecordedArm.read("ours", _file(tmp_path, list(rows)), IDS)
    result = compare({"base": ModelAnswerer("base", FakeGenerator()), "ours": ours}, QUESTIONS).to_json()
    assert result["arms"]["ours"]["f1"]["mean"] == 0.5
    assert result["arms"]["ours"]["seconds"]["p50"] == 2.5  # type: ignore[typeddict-item]


def test_answers_without_times_have_no_latency_and_the_screen_says_so(tmp_path: Path) -> None:
    ours = RecordedArm.read("ours", _file(tmp_path, [{"id": q.id, "answer": "x"} for q in QUESTIONS]), IDS)
    result = compare({"ours": ours}, QUESTIONS).to_json()
    assert result["arms"]["ours"]["seconds"] == {"p50": None, "p95": None, "p99": None}  # type: ignore[typeddict-item]
    screen = Console(file=StringIO(), width=140)
    show(result, screen)
    assert "–" in screen.file.getvalue()  # type: ignore[attr-defined]


def test_questions_that_the_other_system_did_not_answer_are_counted_apart(tmp_path: Path) -> None:
    ours = RecordedArm.read("ours", _file(tmp_path, [{"id": q.id, "answer": "x"} for q in QUESTIONS[1:]]), IDS)
    result = compare({"ours": ours}, QUESTIONS).to_json()
    assert (result["questions"], result["failed"]) == (19, {"arms": {"ours": 1}, "questions": ["q0"]})


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (["{broken"], ["line 1", "no JSON"]),
        ([{"id": "q1"}], ["line 1", 'field "answer"', "a text"]),
        ([{"id": "q1", "answer": "x", "seconds": "fast"}], ['field "seconds"', "a number of seconds"]),
        ([{"answer": "x"}], ["neither question nor id"]),
        (["[1]"], ["an object"]),
        ([{"id": "q1", "answer": "x"}, {"id": "q1", "answer": "y"}], ["line 2", "a second answer", "leave one out"]),
        ([{"id": "other", "answer": "x"}], ["answers none of the 20 held-out questions"]),
    ],
)
def test_what_cannot_be_read_of_them_is_named(tmp_path: Path, rows: list[object], words: list[str]) -> None:
    with pytest.raises(InputError) as error:
        RecordedArm.read("ours", _file(tmp_path, rows), IDS)
    assert all(w in str(error.value) for w in words)


def test_what_another_system_costs_is_not_known(tmp_path: Path) -> None:
    rows = [{"id": q.id, "answer": "x", "seconds": 1} for q in QUESTIONS]
    arms = {
        "base": ModelAnswerer("base", FakeGenerator()),
        "ours": RecordedArm.read("ours", _file(tmp_path, list(rows)), IDS),
    }
    result = compare(arms, QUESTIONS, prices=Prices(machine_usd_per_hour=3.6)).to_json()
    assert result["arms"]["base"]["usd_per_1000"] is not None  # type: ignore[typeddict-item]
    assert result["arms"]["ours"]["usd_per_1000"] is None  # type: ignore[typeddict-item]


def test_an_arm_in_a_condition_may_be_called_like_any_file(tmp_path: Path) -> None:
    ours = RecordedArm.read("2026.bot-1", _file(tmp_path, [{"id": q.id, "answer": "x"} for q in QUESTIONS]), IDS)
    result = compare({"2026.bot-1": ours}, QUESTIONS).to_json()
    assert Condition.of("2026.bot-1.key < .5").holds(result) == "2026.bot-1.key (0) < .5"
    assert Condition.of("0.5 < 2026.bot-1.key").holds(result) is None


def test_a_condition_holds_or_not_and_says_by_which_figures() -> None:
    arms = {"base": ModelAnswerer("base", FakeGenerator()), "rag": ModelAnswerer("rag", FakeGenerator())}
    result = compare(arms, QUESTIONS).to_json()
    assert Condition.of("base.key < 0.5").holds(result) == "base.key (0) < 0.5"
    assert Condition.of("base.key >= 0.5").holds(result) is None
    assert Condition.of("base.f1 <= rag.f1").holds(result) == "base.f1 (0) <= rag.f1 (0)"
    with pytest.raises(InputError, match="hybrid was not compared"):
        Condition.of("hybrid.f1 < 1").holds(result)
    with pytest.raises(InputError, match="not measured"):
        Condition.of("base.usd > 1").holds(result)


@pytest.mark.parametrize("text", ["", "auto.key", "auto.key = 1", "auto.keys < 1", "0.5 auto.key", "auto < 1"])
def test_what_is_no_condition_is_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"auto\.key < 0\.5"):
        Condition.of(text)
