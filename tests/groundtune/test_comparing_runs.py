"""``compare`` with an earlier run, another system's answers, and a condition: files in, exit status out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from corpus.errors import InputError
from groundtune.assistant import Assistant
from groundtune.cli.main import app
from groundtune.jobs.build_index import build_index
from groundtune.jobs.prove import earlier_answers, prove


@pytest.fixture
def built(assistant: Assistant) -> Assistant:
    build_index(assistant)
    return assistant


def _answers(assistant: Assistant, tmp_path: Path) -> Path:
    file = tmp_path / "present.jsonl"
    rows = [{"id": q.id, "answer": q.answer or "no idea"} for q in assistant.project.held_out_questions()]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return file


def test_another_systems_answers_stand_beside_the_projects_arms(built: Assistant, tmp_path: Path) -> None:
    file = _answers(built, tmp_path)
    result, kept = prove(built, ["extract"], imported=[file])
    assert list(result["arms"])[:2] == ["extract", "present"]
    file.write_text(file.read_text().replace("no idea", "none"))
    assert prove(built, ["extract"], imported=[file])[1] != kept, "other answers are another comparison"
    with pytest.raises(InputError, match="an arm is called extract already"):
        prove(built, ["extract"], imported=[file.rename(tmp_path / "extract.jsonl")])


def test_an_earlier_run_is_named_by_file_folder_or_project(built: Assistant) -> None:
    _, kept = prove(built, ["extract"])
    for run in (kept.parent, kept.with_name("comparison.json"), built.project.folder):
        assert earlier_answers(run) == kept
    result, _ = prove(built, ["extract"], against=kept.parent)
    assert result["changes"]["arms"][0]["difference"] == 0
    with pytest.raises(InputError, match="no comparison there"):
        earlier_answers(kept.parent / "nothing")


def test_the_reference_must_be_compared(built: Assistant) -> None:
    with pytest.raises(InputError, match="--reference hybrid"):
        prove(built, ["extract", "base"], reference="hybrid")


def test_a_condition_that_holds_ends_with_status_3(built: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("groundtune.assistant.open_assistant", lambda folder: built)
    common = ["compare", "--project", str(built.project.folder), "--arms", "extract", "--fail-if"]
    assert CliRunner().invoke(app, [*common, "extract.f1 < 0"]).exit_code == 0
    failing = CliRunner().invoke(app, [*common, "extract.f1 <= 1"])
    assert failing.exit_code == 3
    assert "<= 1" in failing.stderr
