"""The decision table as a golden file, its laws, and what bad answers are told."""

from __future__ import annotations

import json
import tomllib
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.answers import Answers, preset_answers, read_answers
from advisor.costs import costs
from advisor.decide import APPROACHES, approach, decide
from advisor.pilot import pilot
from advisor.questions import UNKNOWN, questions
from advisor.rule_cases import rules
from advisor.stakeholders import ranking
from advisor.worlds import possible, worlds
from corpus.errors import InputError
from tests.conftest import SAMPLE

GOLDEN = Path(__file__).parents[1] / "golden" / "decisions.json"
_YES_NO = ("yes", "no", UNKNOWN)
TABLE: dict[str, tuple[Any, ...]] = {
    "domain_expertise_critical": _YES_NO,
    "examples": (50, 250, 1000, UNKNOWN),
    "production": _YES_NO,
    "expected_improvement_percent": (5, 15, 30, UNKNOWN),
    "real_time_updates": _YES_NO,
    "documents": (0, 100, UNKNOWN),
}


def decision_table() -> dict[str, str]:
    """Every combination of the checklist's answers with its approach."""
    keys = list(TABLE)
    rows = product(*TABLE.values())
    return {" ".join(map(str, row)): approach(Answers.of(dict(zip(keys, row, strict=True)))) for row in rows}


def test_the_whole_decision_table_is_as_reviewed() -> None:
    table = decision_table()
    assert len(table) == 3 * 4 * 3 * 4 * 3 * 3
    assert table == json.loads(GOLDEN.read_text())["table"]


@pytest.mark.parametrize(
    ("given_answers", "expected"),
    [
        ({}, "defer"),
        ({"domain_expertise_critical": "no"}, "prompt"),
        ({"domain_expertise_critical": "no", "real_time_updates": "yes"}, "rag"),
        ({"domain_expertise_critical": "yes", "production": "no"}, "prompt"),
        ({"domain_expertise_critical": "yes", "documents": 40, "examples": 20, "production": "yes"}, "rag"),
        ({"examples": 5000, "example_quality": "low", "domain_expertise_critical": "yes"}, "prompt"),
    ],
)
def test_written_cases(given_answers: dict[str, Any], expected: str) -> None:
    assert approach(Answers.of(given_answers)) == expected


def _ready(**more: Any) -> Answers:
    base = {"domain_expertise_critical": "yes", "production": "yes", "examples": 2000, "example_quality": "high"}
    return Answers.of(base | {"expected_improvement_percent": 30} | more)


def test_static_knowledge_is_tuned_and_fresh_knowledge_is_both() -> None:
    assert approach(_ready(documents=0, real_time_updates="no")) == "finetune"
    assert approach(_ready(documents=50, real_time_updates="yes")) == "hybrid"


settings.register_profile("advisor", deadline=None, max_examples=60)
settings.load_profile("advisor")
ANSWERS = st.fixed_dictionaries({key: st.sampled_from(values) for key, values in TABLE.items()}).map(Answers.of)
_TUNES = {"finetune", "hybrid"}


@given(ANSWERS, st.integers(0, 3000), st.integers(0, 3000))
def test_more_examples_never_speak_against_tuning(answers: Answers, few: int, more: int) -> None:
    few, more = min(few, more), max(few, more)
    tuned = approach(answers.changed("examples", few)) in _TUNES
    assert not tuned or approach(answers.changed("examples", more)) in _TUNES


@given(ANSWERS)
def test_changing_facts_never_lead_to_tuning_alone(answers: Answers) -> None:
    assert approach(answers.changed("real_time_updates", "yes")) != "finetune"


@given(ANSWERS, st.integers(0, 365), st.integers(0, 365))
def test_more_frequent_change_never_speaks_for_tuning_alone(answers: Answers, a: int, b: int) -> None:
    often, seldom = min(a, b), max(a, b)
    if approach(_changing(answers, often)) == "finetune":
        assert approach(_changing(answers, seldom)) == "finetune"


def _changing(answers: Answers, days: int) -> Answers:
    """Facts that change every ``days``: within a month they change while the system runs."""
    return answers.changed("real_time_updates", "yes" if days <= 30 else "no")


@given(ANSWERS)
def test_each_stated_flip_flips_and_holds_until_there(answers: Answers) -> None:
    decision = decide(answers)
    for flip in decision.flips:
        assert approach(answers.changed(flip.key, flip.example)) == flip.then != decision.approach
        if answers[flip.key] != UNKNOWN and flip.sign in (">=", ">"):
            before = flip.value - 1 if flip.sign == ">=" else flip.value
            assert approach(answers.changed(flip.key, max(before, answers[flip.key]))) == decision.approach
        if answers[flip.key] != UNKNOWN and flip.sign in ("<", "<="):
            before = flip.value if flip.sign == "<" else flip.value + 0.01
            assert approach(answers.changed(flip.key, min(before, answers[flip.key]))) == decision.approach


@given(ANSWERS)
def test_every_reason_and_every_rule_has_its_document(answers: Answers) -> None:
    decision = decide(answers)
    titles, ids = set(rules()["sources"].values()), {r["id"] for r in rules()["rule"]}
    assert decision.approach in APPROACHES
    assert {r["rule"] for r in decision.reasons} <= ids
    assert {r["source"] for r in decision.reasons} | {decision.because["source"]} <= titles
    assert decision.to_json()["plan"]


@given(ANSWERS)
def test_unknown_answers_widen_the_result_and_the_decisive_one_narrows_it(answers: Answers) -> None:
    remaining = possible(answers.by_key)
    names = list(remaining["approaches"])
    assert sum(remaining["approaches"].values()) == pytest.approx(1, abs=1e-3)
    if remaining["decides"]:
        assert answers[remaining["decides"]] == UNKNOWN
        assert all(set(rest) <= set(names) for rest in remaining["outcomes"].values())
        assert set(names) == {n for rest in remaining["outcomes"].values() for n in rest}
    else:
        assert len(names) == 1


@pytest.mark.long
@given(ANSWERS)
def test_worlds_are_the_same_for_the_same_seed(answers: Answers) -> None:
    first = worlds(answers.by_key)
    assert first == worlds(answers.by_key)
    assert 0 <= first["agree"] <= 1


@given(ANSWERS, st.lists(st.integers(1, 9), min_size=6, max_size=6))
def test_the_stated_weight_reverses_the_ranking(answers: Answers, numbers: list[int]) -> None:
    names = ("quality", "cost", "speed", "freshness", "privacy", "effort")
    view = ranking(answers.by_key, costs(answers), dict(zip(names, numbers, strict=True)))
    for r in view.reversals:
        rest = {n: w for n, w in view.weights.items() if n != r["wish"]}
        scale = (1 - r["weight"]) / sum(rest.values())
        nudge = 1e-6 if r["above"] else -1e-6
        weights = {n: w * scale for n, w in rest.items()} | {r["wish"]: max(0.0, r["weight"] + nudge)}
        moved = ranking(answers.by_key, costs(answers), weights)
        assert moved.totals[r["then"]] >= moved.totals[view.order[0]] - 1e-5


CASES = tomllib.loads((GOLDEN.parent / "cases.toml").read_text())["case"]


@pytest.mark.parametrize("case", CASES, ids=[c["name"] for c in CASES])
def test_written_cases_from_documents_and_studies(case: dict[str, Any]) -> None:
    answers = Answers.of(preset_answers(case["preset"]) if "preset" in case else case["answers"])
    decision = decide(answers)
    assert decision.approach == case["expected"], case["because"]
    assert set(case.get("also", ())) <= set(decision.possible["approaches"])


def test_there_are_at_least_twenty_written_cases() -> None:
    assert len(CASES) >= 20


def test_contradictions_are_told_with_both_keys_and_the_mend() -> None:
    with pytest.raises(InputError) as raised:
        Answers.of({"citations_required": "yes", "documents": 0, "in_house": "yes", "hardware": "hosted"})
    message = str(raised.value)
    assert len(raised.value.faults) == 2
    assert '"citations_required" and "documents"' in message
    assert "choose hardware" in message


def test_grey_zones_come_with_the_size_of_the_pilot_that_settles_them() -> None:
    decision = decide(_ready(documents=50, expected_improvement_percent=15, baseline_percent=60))
    assert decision.approach == "rag"
    assert [g["zone"] for g in decision.grey_zones] == ["10 to 20 % improvement"]
    assert decision.pilot is not None
    assert decision.pilot["questions"] > 100


@given(st.integers(5, 90), st.integers(5, 60), st.integers(1, 40))
def test_a_smaller_improvement_needs_a_larger_pilot(baseline: int, improvement: int, more: int) -> None:
    small, large = pilot(baseline, improvement), pilot(baseline, improvement + more)
    assert small["questions"] >= large["questions"] > 0 or large["to_percent"] >= 99


def test_a_pilot_of_the_stated_size_finds_the_improvement_four_times_in_five() -> None:
    import numpy

    questions, rng = pilot(50, 20)["questions"], numpy.random.default_rng(0)
    hits, runs = 0, 2000
    for _ in range(runs):
        before, after = rng.random(questions) < 0.5, rng.random(questions) < 0.6
        won, lost = int((after & ~before).sum()), int((before & ~after).sum())
        hits += abs(won - lost) / max(1, won + lost) ** 0.5 > 1.96 and won > lost
    assert hits / runs == pytest.approx(0.8, abs=0.03)


def test_the_sample_is_advised_to_do_both() -> None:
    decision = decide(read_answers(SAMPLE / "answers.yaml")).to_json()
    assert decision["approach"] == "hybrid"
    assert set(decision) >= {"approach", "reasons", "costs", "flips", "warnings", "plan"}
    assert set(decision["costs"]["options"]) == {"prompt", "rag", "finetune", "hybrid"}


def test_every_bad_answer_is_named_at_once() -> None:
    with pytest.raises(InputError) as raised:
        Answers.of({"exampels": 1, "examples": -1, "production": "maybe", "documents": 1.5})
    message = str(raised.value)
    assert len(raised.value.faults) == 4
    assert 'write "examples"' in message
    assert "from 0 to" in message
    assert "yes, no, unknown" in message


def test_malformed_yaml_names_its_line(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("examples: 5\nproduction: [yes\n")
    with pytest.raises(InputError, match="line 3"):
        read_answers(file)


def test_yaml_and_json_say_the_same(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("examples: 5\nproduction: yes\n")
    (tmp_path / "a.json").write_text('{"examples": 5, "production": "yes"}')
    assert read_answers(tmp_path / "a.yaml") == read_answers(tmp_path / "a.json")


def test_every_question_explains_itself_and_takes_unknown() -> None:
    for question in questions():
        assert question.why
        assert question.wanted
        assert question.parse("unknown") == UNKNOWN
