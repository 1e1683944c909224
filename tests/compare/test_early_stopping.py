"""Looks before the end spend the 5 % little by little and together no more than that."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from compare.early_stopping import ALPHA, levels, looks, may_stop, spent


@pytest.mark.parametrize(
    ("shares", "bounds"),
    [  # Lan and DeMets' O'Brien-Fleming bounds, two-sided 5 %, as ldbounds and gsDesign have them
        ((1.0,), (1.9600,)),
        ((0.5, 1.0), (2.9626, 1.9686)),
        ((0.2, 0.4, 0.6, 0.8, 1.0), (4.8769, 3.3569, 2.6803, 2.2898, 2.0310)),
    ],
)
def test_the_bounds_are_the_published_ones(shares: tuple[float, ...], bounds: tuple[float, ...]) -> None:
    assert [float(norm.isf(p / 2)) for p in levels(shares)] == pytest.approx(bounds, abs=0.003)


@settings(deadline=None, max_examples=20)
@given(st.lists(st.floats(0.05, 0.95), min_size=1, max_size=4, unique=True))
def test_each_look_is_less_strict_than_the_one_before_and_none_spends_more_than_all(shares: list[float]) -> None:
    rising = sorted({round(s, 2) for s in shares})
    spending = [spent(s) for s in (*rising, 1.0)]
    assert spending == sorted(spending)
    assert spending[-1] == pytest.approx(ALPHA)
    assert all(0 <= p <= ALPHA + 1e-3 for p in levels((*rising, 1.0)))


@pytest.mark.parametrize("shares", [(), (0.5,), (0.8, 0.4, 1.0), (0.0, 1.0), (0.5, 0.5, 1.0)])
def test_looks_must_rise_to_all_questions(shares: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="rise to 1"):
        levels(shares)


@given(st.integers(2, 2000), st.integers(1, 100))
def test_the_last_look_is_at_all_questions_and_none_is_at_too_few(questions: int, first: int) -> None:
    places = looks(questions, first)
    assert places[-1] == questions
    assert all(p >= min(first, questions) for p in places)
    assert places == sorted(set(places))


def test_a_look_stops_where_every_asked_difference_is_sure() -> None:
    assert may_stop([0.001, 0.002], 0.01)
    assert not may_stop([0.001, 0.02], 0.01)
    assert not may_stop([], 0.01)
