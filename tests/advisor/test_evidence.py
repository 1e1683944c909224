"""Evidence: measurements replace guesses, and only a significant improvement is deployed."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from advisor.answers import Answers
from advisor.decide import decide
from advisor.measured_evidence import evidence, read_evidence
from corpus.errors import InputError

TODAY = date(2026, 11, 21)
READY = {
    "domain_expertise_critical": "yes",
    "production": "yes",
    "examples": 2000,
    "example_quality": "high",
    "expected_improvement_percent": 30,
    "documents": 50,
}


def comparison(
    means: dict[str, float], *, spread: float = 0.02, general: dict[str, float] | None = None
) -> dict[str, Any]:
    """A comparison as ``groundtune compare --json`` prints it, with intervals of ``spread`` to each side."""
    arms = {
        arm: {
            "f1": {"mean": m, "low": m - spread, "high": m + spread},
            "seconds": {"p50": 0.5, "p95": 0.9},
            "usd_per_1000": 0.02,
        }
        for arm, m in means.items()
    }
    names = list(means)
    pairs = [
        {"a": a, "b": b, "metric": "f1", "difference": means[a] - means[b], "low": means[a] - means[b] - spread,
         "high": means[a] - means[b] + spread, "p": 0.001 if abs(means[a] - means[b]) > spread else 0.4}
        for i, a in enumerate(names) for b in names[i + 1 :]
    ]  # fmt: skip
    kinds = {"general": {"n": 20} | general} if general else {}
    return {"questions": 200, "arms": arms, "pairs": pairs, "kinds": kinds, "verdict": ""}


def _advice(measured: dict[str, Any], **more: Any) -> Any:
    return decide(Answers.of(READY | more), today=TODAY, evidence=evidence(measured))


@pytest.mark.parametrize(
    ("means", "more", "expected"),
    [
        ({"base": 0.1, "rag": 0.2, "tuned": 0.15, "hybrid": 0.5}, {}, "hybrid"),
        ({"base": 0.1, "rag": 0.4, "tuned": 0.15, "hybrid": 0.41}, {}, "rag"),
        ({"base": 0.3, "rag": 0.31, "tuned": 0.3, "hybrid": 0.3}, {}, "prompt"),
        ({"base": 0.1, "rag": 0.2, "tuned": 0.5, "hybrid": 0.51}, {}, "finetune"),
        ({"base": 0.1, "rag": 0.2, "tuned": 0.5, "hybrid": 0.51}, {"real_time_updates": "yes"}, "hybrid"),
        ({"base": 0.3, "rag": 0.31}, {"citations_required": "yes"}, "rag"),
        ({"rag": 0.2, "hybrid": 0.5}, {}, "hybrid"),
    ],
)
def test_the_significant_winner_is_advised_and_nothing_else_is_deployed(
    means: dict[str, float], more: dict[str, Any], expected: str
) -> None:
    assert _advice(comparison(means), **more).approach == expected


def test_the_measured_improvement_replaces_the_expected_one_and_is_told() -> None:
    decision = _advice(comparison({"base": 0.1, "rag": 0.2, "tuned": 0.15, "hybrid": 0.3})).to_json()
    assert decision["answers"]["expected_improvement_percent"] == pytest.approx(50)
    assert decision["evidence"]["improvement_percent"] == {"difference": 50.0, "low": 40.0, "high": 60.0}
    assert decision["evidence"]["significant"]
    assert decision["because"]["rule"] == "evidence"
    assert "200 held-out questions" in decision["because"]["because"]


def test_evidence_can_change_the_checklists_advice_and_says_so() -> None:
    decision = _advice(comparison({"base": 0.3, "rag": 0.31, "tuned": 0.3, "hybrid": 0.3})).to_json()
    assert decision["evidence"]["changed"]
    assert decision["evidence"]["checklist"] == "hybrid"
    assert decision["approach"] == "prompt"


def test_forgetting_is_noticed() -> None:
    means = {"base": 0.1, "rag": 0.2, "tuned": 0.15, "hybrid": 0.5}
    for of_hybrid, status in ((0.2, "warn"), (0.5, "ok")):
        measured = comparison(means, general={"base": 0.5, "rag": 0.5, "tuned": 0.5, "hybrid": of_hybrid})
        pitfall = next(p for p in _advice(measured).pitfalls if p["pitfall"] == "over-specialised")
        assert pitfall["status"] == status


def test_pairs_are_found_whichever_way_round_they_stand() -> None:
    measured = comparison({"hybrid": 0.5, "tuned": 0.15, "rag": 0.2, "base": 0.1})
    assert (
        evidence(measured).difference
        == evidence(comparison({"base": 0.1, "rag": 0.2, "tuned": 0.15, "hybrid": 0.5})).difference
    )


def test_another_file_is_refused_with_the_command_that_makes_one(tmp_path: Path) -> None:
    file = tmp_path / "c.json"
    for text in ("{", "[]", "{}", json.dumps({"arms": {"lookup": {}}}), "3"):
        file.write_text(text)
        with pytest.raises(InputError, match="groundtune compare --json"):
            read_evidence(file)
    with pytest.raises(InputError, match="cannot be read"):
        read_evidence(tmp_path / "none.json")


PUBLIC_FAQ = {"base": 0.16, "rag": 0.14, "tuned": 0.19, "hybrid": 0.33}


@pytest.mark.parametrize(
    ("search", "approach", "enough"),
    [
        ({"extract": 0.72}, "rag", True),
        ({"extract": 0.32}, "rag", True),
        ({"lookup": 0.40}, "prompt", True),
        ({"extract": 0.2, "lookup": 0.1}, "hybrid", False),
    ],
)
def test_where_no_model_beats_search_it_is_said_that_search_is_enough(
    search: dict[str, float], approach: str, enough: bool
) -> None:
    advice = _advice(comparison(PUBLIC_FAQ | search))
    assert (advice.approach, advice.to_json()["evidence"]["search_is_enough"]) == (approach, enough)
    because = advice.because["because"]
    assert ("search is enough" in because) is enough
    if enough:
        assert max(search, key=lambda a: search[a]) in because
        assert "A model pays once" in because


def test_too_few_questions_do_not_tell_that_search_is_enough() -> None:
    few = comparison(PUBLIC_FAQ | {"extract": 0.72})
    for pair in few["pairs"]:
        pair |= {"low": None, "high": None, "significant": False}
    assert _advice(few).to_json()["evidence"]["search_is_enough"] is False


def test_a_comparison_without_search_says_nothing_of_it() -> None:
    assert _advice(comparison(PUBLIC_FAQ)).to_json()["evidence"]["search_is_enough"] is None
