"""The money: laws of the cost sheet, its prices and their age, the training estimate against published runs."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.answers import Answers
from advisor.cost_lines import Range
from advisor.costs import OPTIONS, costs
from advisor.decide import decide
from advisor.price_table import read_prices
from advisor.training_needs import Job, Size
from benchmarks.speed.costs import WANTED, against_published
from corpus.errors import InputError

TODAY = date(2026, 11, 21)
HARDWARE = st.sampled_from(["laptop", "rtx4090", "a10g", "a100", "h100", "hosted"])


def _answers(**more: Any) -> Answers:
    base = {"domain_expertise_critical": "yes", "production": "yes", "examples": 2000, "example_quality": "high"}
    return Answers.of(base | {"expected_improvement_percent": 30, "documents": 50} | more)


def _ordered(figure: Range) -> bool:
    return 0 <= figure.low <= figure.mid <= figure.high


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(1, 20000), st.integers(0, 10**5), HARDWARE)
def test_costs_are_ordered_and_never_fall_with_more_questions(
    a: int, b: int, examples: int, documents: int, hardware: str
) -> None:
    low, high = (
        costs(_answers(queries_per_month=n, examples=examples, documents=documents, hardware=hardware))
        for n in (min(a, b), max(a, b))
    )
    for name, option in low.options.items():
        for figure in (option.one_off_usd, option.monthly_usd, option.hours, option.first_year_usd):
            assert _ordered(figure)
        assert all(_ordered(line.usd) and line.source and line.formula and line.as_of for line in option.lines)
        assert option.monthly_usd.mid <= high.options[name].monthly_usd.mid


@pytest.mark.parametrize("hardware", ["laptop", "hosted"])
@pytest.mark.parametrize(("a", "b"), [("rag", "finetune"), ("prompt", "hybrid"), ("rag", "hybrid")])
def test_at_the_break_even_both_cost_the_same(hardware: str, a: str, b: str) -> None:
    sheet = costs(_answers(hardware=hardware))
    even = sheet.break_even(a, b)
    if even is None:
        gaps = [
            costs(_answers(hardware=hardware, queries_per_month=n)).options[a].first_year_usd.mid
            - costs(_answers(hardware=hardware, queries_per_month=n)).options[b].first_year_usd.mid
            for n in (0, 10**5, 10**8)
        ]
        assert all(g > 0 for g in gaps) or all(g < 0 for g in gaps)
        return
    options = costs(_answers(hardware=hardware, queries_per_month=round(even))).options
    assert options[a].first_year_usd.mid == pytest.approx(options[b].first_year_usd.mid, rel=1e-3)


def test_a_hosted_model_breaks_even_where_shorter_prompts_pay_for_the_tuning() -> None:
    sheet = costs(_answers(hardware="hosted", model_billion=8))
    assert sheet.break_even_queries_per_month is not None


def test_the_return_is_value_times_improvement_less_the_cost() -> None:
    sheet = costs(_answers(monthly_value_usd=10_000, expected_improvement_percent=30))
    earned = sheet.returns("hybrid")
    assert earned is not None
    base, cost = sheet.options["prompt"], sheet.options["hybrid"]
    extra = cost.first_year_usd.mid - base.first_year_usd.mid
    assert earned["first_year_usd"]["mid"] == pytest.approx(12 * 3000 - extra, abs=0.02)
    assert earned["first_year_usd"]["low"] <= earned["first_year_usd"]["mid"] <= earned["first_year_usd"]["high"]
    assert earned["payback_month"] >= 1
    assert costs(_answers()).returns("hybrid") is None


def test_the_cost_of_wrong_answers_stands_in_for_an_unknown_value() -> None:
    sheet = costs(_answers(wrong_answer_usd=10, queries_per_month=1000, expected_improvement_percent=20))
    assert sheet.value_usd is not None
    assert sheet.value_usd.mid == pytest.approx(1000 * 10 * 0.2)


def test_old_prices_warn_and_new_ones_do_not() -> None:
    sheet = costs(_answers())
    assert sheet.warnings(TODAY) == []
    later = sheet.warnings(date(2027, 6, 1))
    assert later
    assert all("days old" in warning for warning in later)


def test_a_model_too_large_for_the_machine_warns() -> None:
    (warning,) = costs(_answers(model_billion=70, hardware="a10g")).warnings(TODAY)
    assert "choose a smaller model" in warning


def test_prices_can_be_overridden_and_a_bad_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "prices.toml"
    file.write_text("[hardware.a10g]\nusd_per_hour = [9, 10, 11]\n")
    before, after = (
        costs(_answers(hardware="a10g"), prices).options["rag"].monthly_usd.mid
        for prices in (read_prices(), read_prices(file))
    )
    assert after > before
    for text, wanted in (
        ("[hardware.a10q]\nusd_per_hour = [1, 2, 3]\n", "hardware.a10q"),
        ("[hardware.a10g]\nusd_per_hour = [1, 2]\n", "three numbers"),
        ("[hardware.a10g]\nusd_per_hour = 3\n", "usd_per_hour"),
        ("[hardware\n", "not TOML"),
        ('[endpoints."openai:mine"]\ninput_usd = 2.0\n', "openai:mine.*output_usd"),
        ('[endpoints."openai:mine"]\ninput_usd = 2.0\noutput_usd = 8\nper = 1\n', "no such entry per"),
    ):
        file.write_text(text)
        with pytest.raises(InputError, match=wanted):
            read_prices(file)
    with pytest.raises(InputError, match="cannot be read"):
        read_prices(tmp_path / "none.toml")


def test_tiers_stand_beside_our_figures_with_the_reason_they_differ() -> None:
    for examples, name in ((600, "small"), (2000, "medium"), (9000, "large")):
        tier = costs(_answers(examples=examples)).tier()
        assert tier["name"] == name
        assert tier["because"]


def test_what_was_measured_replaces_the_table() -> None:
    table, measured = (costs(_answers(), measured=m).training_hours().mid for m in (None, {"train_tokens_per_s": 1.0}))
    assert measured > table


def test_training_estimates_keep_to_litgpts_published_table() -> None:
    figures = against_published()
    assert len(figures["rows"]) >= 35
    assert min(figures["within_factor_2"].values()) >= WANTED


@given(st.floats(0.05, 80), st.floats(1e3, 1e7), st.floats(1, 5))
def test_training_takes_longer_for_larger_models_and_more_tokens(billion: float, tokens: float, more: float) -> None:
    def seconds(b: float, t: float) -> float:
        return Job(Size.of(b), "lora", t, 1, 1024, 1024).seconds(70, 0.3)

    assert seconds(billion * more, tokens) >= seconds(billion, tokens) * 0.999
    assert seconds(billion, tokens * more) >= seconds(billion, tokens)


def test_limits_name_budget_and_deadline() -> None:
    decision = decide(_answers(budget_usd=10, deadline_weeks=0.2, real_time_updates="yes"), today=TODAY)
    limits = decision.to_json()["limits"]
    assert any(t.startswith("budget") for t in limits)
    assert any(t.startswith("deadline") for t in limits)


def test_every_option_of_the_sheet_is_priced() -> None:
    assert tuple(costs(_answers()).options) == OPTIONS
