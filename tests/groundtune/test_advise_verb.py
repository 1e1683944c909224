"""``groundtune advise`` as a user runs it: presets, single answers, evidence, reports, history, interruption."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from advisor.questions import questions
from corpus.errors import InputError
from groundtune.cli.main import app
from groundtune.reports.html_report import html
from groundtune.screens.decision_screen import show
from tests.advisor.test_evidence import comparison
from tests.conftest import ROOT, SAMPLE

RUNNER = CliRunner()
ANSWERS = str(SAMPLE / "answers.yaml")


def advise(*arguments: str, stdin: str | None = None) -> Any:
    result = RUNNER.invoke(app, ["advise", *arguments, "--json"], input=stdin)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return json.loads(result.stdout)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project on the sample's documents and examples."""
    folder = tmp_path / "p"
    result = RUNNER.invoke(
        app,
        ["init", str(folder), "--documents", str(SAMPLE / "documents"), "--examples", str(SAMPLE / "examples.jsonl")],
    )
    assert result.exit_code == 0, result.output
    return folder


def test_a_preset_and_single_answers() -> None:
    assert advise("--preset", "customer-service")["approach"] == "hybrid"
    assert advise("--preset", "customer-service", "--set", "examples=20")["approach"] == "rag"
    assert advise("--answers", ANSWERS, "--set", "production=no")["answers"]["production"] == "no"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--preset", "custommer-service"], 'did you mean "customer-service"'),
        (["--set", "examples"], "KEY=VALUE"),
        (["--set", "examples=many"], "a whole number from 0"),
        (["--answers", ANSWERS, "--weights", "quality=x"], "--weights"),
        (["--answers", ANSWERS, "--weights", "quality=0"], "every weight is 0"),
        (["--answers", ANSWERS, "--report", "x.pdf"], ".md or .html"),
        (["--answers", ANSWERS, "--evidence", "none.json"], "cannot be read"),
        (["--history"], "not in a project"),
    ],
)
def test_bad_options_are_told_with_their_mend(arguments: list[str], message: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "groundtune", "advise", *arguments],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert ended.returncode == 2
    assert message in ended.stderr
    assert "Traceback" not in ended.stderr


def test_weights_change_the_ranking_but_not_the_advice() -> None:
    cheap, good = (advise("--answers", ANSWERS, "--weights", w) for w in ("cost=1", "quality=1"))
    assert cheap["stakeholders"]["order"][0] == "prompt"
    assert good["stakeholders"]["order"][0] == "hybrid"
    assert cheap["approach"] == good["approach"] == "hybrid"


def test_reports_are_whole_and_hold_every_cost_line(tmp_path: Path) -> None:
    page, text = tmp_path / "r.html", tmp_path / "r.md"
    decision = advise("--answers", ANSWERS, "--report", str(page), "--report", str(text))
    lines = [x["item"] for option in decision["costs"]["options"].values() for x in option["lines"]]
    for file in (page, text):
        written = file.read_text()
        assert all(item in written for item in lines)
    written = page.read_text()
    assert written.count("<svg") == 2
    assert "http" not in written.replace("https://", "http").split("<main>")[0]
    assert "<script" not in written


def test_a_report_escapes_what_it_is_given() -> None:
    decision = advise("--answers", ANSWERS)
    decision["plan"].append({"when": "<b>now</b>", "do": "<script>alert(1)</script>"})
    assert "<script>" not in html(decision)


@pytest.mark.parametrize("width", [80, 120])
def test_the_screen_fits_the_terminal(width: int) -> None:
    from io import StringIO

    from rich.console import Console

    out = StringIO()
    show(advise("--preset", "health"), Console(file=out, width=width, highlight=False))
    assert max(len(line) for line in out.getvalue().splitlines()) <= width


def test_decisions_are_kept_told_and_compared(project: Path) -> None:
    at = ("--project", str(project))
    assert advise("--answers", ANSWERS, *at)["version"] == "0001"
    assert advise("--answers", ANSWERS, *at)["version"] == "0001"
    assert advise("--set", "examples=50", *at)["version"] == "0002"
    rows = advise("--history", *at)
    assert [r["approach"] for r in rows] == ["hybrid", "rag"]
    assert {"what": "examples", "before": 1105, "now": 50} in rows[1]["changes"]
    differences = advise("--compare", "1", "2", *at)
    assert {c["what"] for c in differences} >= {"examples", "approach"}
    ended = RUNNER.invoke(app, ["advise", "--compare", "1", "9", *at])
    assert isinstance(ended.exception, InputError)


def test_evidence_keeps_the_projects_answers_and_decides(project: Path, tmp_path: Path) -> None:
    at = ("--project", str(project))
    advise("--answers", ANSWERS, *at)
    file = tmp_path / "c.json"
    file.write_text(json.dumps(comparison({"base": 0.1, "rag": 0.4, "tuned": 0.1, "hybrid": 0.4})))
    decision = advise("--evidence", str(file), *at)
    assert decision["approach"] == "rag"
    assert decision["evidence"]["changed"]
    assert decision["answers"]["documents"] == 48


def test_an_interrupted_questionnaire_goes_on_and_offers_what_the_project_tells(project: Path) -> None:
    at = ("--project", str(project))
    first = RUNNER.invoke(app, ["advise", *at], input="yes\nyes\n")
    assert isinstance(first.exception, InputError)
    left = len(questions()) - 2
    again = RUNNER.invoke(app, ["advise", *at, "--json"], input="\n" * (left + 1))
    assert again.exit_code == 0, again.output
    decision = json.loads(again.stdout)
    assert decision["answers"]["production"] == "yes"
    assert decision["answers"]["examples"] >= 500
    assert decision["answers"]["documents"] == 48
    assert not (project / ".groundtune" / "questionnaire.json").exists()


def test_help_back_and_review_in_the_questionnaire() -> None:
    answers = "?\nperhaps\nyes\n<\nno\n" + "\n" * (len(questions()) - 1) + "1\nyes\n\n"
    result = RUNNER.invoke(app, ["advise", "--json"], input=answers)
    assert result.exit_code == 0, result.output
    assert "Sensible:" in result.stderr
    assert "cannot be used" in result.stderr
    assert json.loads(result.stdout)["answers"]["domain_expertise_critical"] == "yes"
