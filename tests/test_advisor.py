"""The decision table as a golden file, its laws, and what bad answers are told."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.answers import Answers, read_answers
from advisor.costs import costs
from advisor.decide import APPROACHES, approach, decide
from advisor.questions import UNKNOWN, questions
from corpus.errors import InputError

from .conftest import SAMPLE

GOLDEN = Path(__file__).parent / "golden" / "decisions.json"
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


@given(ANSWERS)
def test_flips_flip_and_every_reason_has_a_source(answers: Answers) -> None:
    decision = decide(answers)
    assert decision.approach in APPROACHES
    for flip in decision.flips:
        key, _, value = flip["if"].partition(" = ")
        assert approach(answers.changed(key, value)) == flip["then"] != decision.approach
    assert {r.rule for r in decision.reasons} == {
        "domain",
        "examples",
        "production",
        "improvement",
        "updates",
        "documents",
    }
    assert all(r.source for r in decision.reasons)
    assert decision.plan


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 20000), st.integers(0, 10**5))
def test_costs_are_ordered_and_grow_with_questions(a: int, b: int, examples: int, documents: int) -> None:
    low, high = (
        costs(Answers.of({"queries_per_month": n, "examples": examples, "documents": documents}))
        for n in (min(a, b), max(a, b))
    )
    for name, option in low.options.items():
        for figure in (option.one_off_usd, option.monthly_usd, option.hours, option.first_year_usd):
            assert figure.low <= figure.mid <= figure.high
        assert option.monthly_usd.mid <= high.options[name].monthly_usd.mid


def test_at_the_break_even_both_cost_the_same() -> None:
    even = costs(_ready(documents=50)).break_even_queries_per_month
    assert even is not None
    options = costs(_ready(documents=50, queries_per_month=even)).options
    assert options["rag"].first_year_usd.mid == pytest.approx(options["finetune"].first_year_usd.mid, rel=1e-3)


def test_the_sample_is_advised_to_do_both() -> None:
    told = decide(read_answers(SAMPLE / "answers.yaml")).to_json()
    assert told["approach"] == "hybrid"
    assert set(told) >= {"approach", "reasons", "costs", "flips", "warnings", "plan"}
    assert set(told["costs"]["options"]) == {"prompt", "rag", "finetune", "hybrid"}


def test_every_bad_answer_is_named_at_once() -> None:
    with pytest.raises(InputError) as raised:
        Answers.of({"exampels": 1, "examples": -1, "production": "maybe", "documents": 1.5})
    told = str(raised.value)
    assert len(raised.value.faults) == 4
    assert 'write "examples"' in told
    assert "from 0 to" in told
    assert "yes, no, unknown" in told


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
