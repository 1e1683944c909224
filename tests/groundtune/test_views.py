"""The views of a decision and of a comparison: what every screen and report draws, once and in one wording."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
import tomllib
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from advisor.answers import Answers, preset_answers, read_answers
from advisor.decide import decide
from advisor.measured_evidence import evidence
from groundtune.reports.comparison_view import ARM_COLUMNS, ComparisonView
from groundtune.reports.decision_view import DecisionView
from groundtune.reports.html_report import html
from groundtune.reports.markdown_report import markdown
from groundtune.screens import comparison_screen, decision_screen
from tests.advisor.test_evidence import comparison
from tests.conftest import ROOT, SAMPLE

STORED = json.loads((ROOT / "benchmarks" / "results" / "second_set.json").read_text(encoding="utf-8"))["comparison"]
MEASURED = comparison({"base": 0.1, "rag": 0.2, "tuned": 0.3, "hybrid": 0.8})
DECISIONS = {
    "sample": decide(read_answers(SAMPLE / "answers.yaml")),
    "unknown": decide(Answers.of({})),
    "measured": decide(Answers.of(preset_answers("customer-service")), evidence=evidence(MEASURED)),
}


def _drawn(show: Any, shown: object, width: int = 1000) -> str:
    out = StringIO()
    show(shown, Console(file=out, width=width, highlight=False))
    return out.getvalue()


@pytest.mark.parametrize("name", list(DECISIONS))
def test_terminal_markdown_and_html_say_the_same(name: str) -> None:
    decision = json.loads(json.dumps(DECISIONS[name].to_json()))
    view = DecisionView.of(decision)
    everywhere = [
        view.headline,
        view.because,
        *(r["because"] for r in view.reasons),
        *(p["because"] for p in view.pitfalls),
        *(f"{turn.when} → {turn.then}" for turn in view.firmness.turns),
        *(grey.sentence for grey in view.firmness.grey_zones),
        *(step["do"] for step in view.plan),
        *view.notes,
        *([view.evidence.checklist] if view.evidence else []),
    ]
    page = html(decision).replace("&#x27;", "'").replace("&quot;", '"').replace("&gt;", ">").replace("&lt;", "<")
    for drawn in (_drawn(decision_screen.show, decision), markdown(decision), page.replace("&amp;", "&")):
        assert [sentence for sentence in everywhere if sentence not in drawn] == []


def test_a_report_escapes_quotes_as_before_and_leaves_markdown_as_it_is() -> None:
    decision = DECISIONS["sample"].to_json()
    decision["notes"] = ["""it's <b>"so"</b> & more"""]
    assert "<li>it&#x27;s &lt;b&gt;&quot;so&quot;&lt;/b&gt; &amp; more</li>" in html(decision)
    assert """- it's <b>"so"</b> & more\n""" in markdown(decision)


def test_a_report_has_no_gap_and_no_stray_line() -> None:
    for decision in DECISIONS.values():
        text = markdown(decision.to_json())
        assert "\n\n\n\n" not in text
        assert all(line == line.rstrip() for line in text.splitlines())
        assert "\n\n" not in html(decision.to_json())


def test_a_comparison_in_words() -> None:
    view = ComparisonView.of(STORED)
    assert view.asked == f"{STORED['questions']} held-out questions"
    assert [row.name for row in view.arms] == list(STORED["arms"])
    assert [row.name for row in view.arms if row.best] == [
        max(STORED["arms"], key=lambda arm: (arm != "oracle") * STORED["arms"][arm]["f1"]["mean"])
    ]
    assert {column for row in view.arms for column in row.cells} <= set(ARM_COLUMNS)
    assert len(view.pairs) == len(STORED["pairs"])
    assert [pair.cells["significant"] == "yes" for pair in view.pairs] == [p["significant"] for p in STORED["pairs"]]
    assert [row.kind for row in view.kinds] == list(STORED["kinds"])
    assert view.verdict == STORED["verdict"]


def test_an_old_comparison_and_one_of_few_questions_are_shown() -> None:
    old = copy.deepcopy(STORED) | {"questions": 1, "prices": {"source": ""}}
    for name in ("taught", "calibration", "routing"):
        del old[name]
    for arm in old["arms"].values():
        arm["f1"] |= {"low": None, "high": None}
        if "usd_per_1000" in arm:
            arm["usd_per_1000"] = None
    for pair in old["pairs"]:
        pair |= {"low": None, "high": None, "smallest_detectable": None, "significant": False}
    view = ComparisonView.of(old)
    assert (view.asked, view.taught, view.routing, view.calibration) == ("1 held-out question", None, (), None)
    assert view.unpriced == "not known (no prices given)"
    assert "taught" not in view.columns
    assert {pair.cells["significant"] for pair in view.pairs} == {"too few to tell"}
    assert "too few to tell" in _drawn(comparison_screen.show, old)


@pytest.mark.parametrize("width", [80, 120])
def test_a_comparison_fits_the_terminal(width: int) -> None:
    assert max(map(len, _drawn(comparison_screen.show, STORED, width).splitlines())) <= width


def test_templates_are_shipped_and_read_only_for_a_report() -> None:
    shipped = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]["package-data"]
    files = {file for pattern in shipped["groundtune"] for file in (ROOT / "groundtune").glob(pattern)}
    assert files >= set((ROOT / "groundtune" / "reports" / "templates").iterdir())
    asked = "import sys; from groundtune.cli import main, advise_verb; from groundtune.screens import decision_screen; "
    ended = subprocess.run(
        [sys.executable, "-c", asked + "print('jinja2' in sys.modules)"],
        capture_output=True,
        text=True,
        cwd=Path(ROOT),
        check=True,
    )
    assert ended.stdout.strip() == "False"
