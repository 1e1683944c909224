"""How far graders agree: published worked examples, laws, and what too few grades cannot tell."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compare.people.agreement import Level, alpha, kappa, krippendorff_alpha, spearman
from compare.people.arm_points import sign_test

FOUR_OBSERVERS = (
    "1 2 3 3 2 1 4 1 2 . . .",
    "1 2 3 3 2 2 4 1 2 5 . 3",
    ". 3 3 3 2 3 4 2 2 5 1 .",
    "1 2 3 3 2 4 4 1 2 5 1 .",
)
"""Krippendorff (2011), section D: twelve units, four observers, missing values."""


def _units(*observers: str) -> list[list[float]]:
    columns = zip(*(o.split() for o in observers), strict=True)
    return [[float(ord(v)) if v.isalpha() else float(v) for v in of if v != "."] for of in columns]


@pytest.mark.parametrize(("level", "published"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)])
def test_alpha_of_four_observers_with_missing_values_is_as_published(level: Level, published: float) -> None:
    assert krippendorff_alpha(_units(*FOUR_OBSERVERS), level) == pytest.approx(published, abs=5e-4)


def test_alpha_of_two_observers_is_as_published() -> None:
    binary = _units("0 1 0 0 0 0 0 0 1 0", "1 1 1 0 0 1 0 0 0 0")
    assert krippendorff_alpha(binary, "nominal") == pytest.approx(0.095, abs=5e-4)
    five_values = _units("a a b b d c c c e d d a", "b a b b b c c c e d d d")
    assert krippendorff_alpha(five_values, "nominal") == pytest.approx(0.692, abs=5e-4)


@given(st.lists(st.lists(st.integers(1, 5), min_size=0, max_size=4), min_size=2, max_size=12), st.randoms())
def test_alpha_knows_no_order_of_units_or_graders(units: list[list[int]], drawn: random.Random) -> None:
    shuffled = [drawn.sample(unit, len(unit)) for unit in drawn.sample(units, len(units))]
    for level in ("nominal", "ordinal", "interval"):
        first, second = krippendorff_alpha(units, level), krippendorff_alpha(shuffled, level)
        assert (first is None and second is None) or first == pytest.approx(second)
        assert first is None or first <= 1 + 1e-12


@given(st.lists(st.integers(1, 5), min_size=2, max_size=20).filter(lambda values: len(set(values)) > 1))
def test_alpha_of_full_agreement_is_1(values: list[int]) -> None:
    assert krippendorff_alpha([[v, v, v] for v in values], "ordinal") == pytest.approx(1)


def test_an_item_with_one_grade_counts_for_nothing() -> None:
    units: list[list[float]] = [[n % 5, (n + n % 2) % 5] for n in range(20)]
    with_lone = [*units, [3], []]
    assert alpha(units, "ordinal") == alpha(with_lone, "ordinal")
    assert alpha(with_lone, "ordinal")["items"] == 20


def test_the_interval_of_alpha_holds_it_and_is_told_where_it_reaches_low() -> None:
    figure = alpha(_units(*FOUR_OBSERVERS), "ordinal")
    value, low, high = figure["value"], figure["low"], figure["high"]
    assert value is not None
    assert low is not None
    assert high is not None
    assert low < value < high <= 1
    assert "on so few items it may be as low as" in figure["meaning"]


def test_kappa_is_as_published() -> None:
    # Cohen (1960), by its usual example: 50 cases, both yes 20, both no 15, apart 5 and 10
    a = ["yes"] * 25 + ["no"] * 25
    b = ["yes"] * 20 + ["no"] * 5 + ["yes"] * 10 + ["no"] * 15
    figure = kappa(a, b, ("no", "yes"), weighted=False)
    assert figure["value"] == pytest.approx(0.4)
    assert figure["items"] == 50
    assert figure["meaning"] == "fair agreement; the very same grade on 70%"


def test_weighted_kappa_forgives_neighbours() -> None:
    labels = [str(n) for n in range(1, 6)]
    a = labels * 4
    near = [str(min(5, int(x) + 1)) for x in a]
    far = [str(6 - int(x)) for x in a]
    near_figure, far_figure = kappa(a, near, labels, weighted=True), kappa(a, far, labels, weighted=True)
    plain = kappa(a, near, labels, weighted=False)
    assert near_figure["value"] is not None
    assert plain["value"] is not None
    assert near_figure["value"] > 0.7 > plain["value"]
    assert far_figure["value"] == pytest.approx(-1)


@pytest.mark.parametrize(
    ("values", "why"), [(["4"] * 9, "9 of 10 items needed"), (["4"] * 20, "all grades are the same")]
)
def test_what_cannot_be_told_has_no_figure(values: Sequence[str], why: str) -> None:
    of_two = kappa(values, values, [str(n) for n in range(1, 6)], weighted=True)
    of_all = alpha([[float(v), float(v)] for v in values], "ordinal")
    for figure in (of_two, of_all):
        assert figure["value"] is None
        assert why in figure["meaning"]
        assert figure["items"] == len(values)


def test_rank_correlation_takes_ties_at_their_mean_rank() -> None:
    a = [1, 2, 2, 3, 4, 5, 5, 5, 2, 1]
    assert spearman(a, [x * x for x in a])["value"] == pytest.approx(1)
    assert spearman(a, [-x for x in a])["value"] == pytest.approx(-1)
    # ranks by hand: x and y share four of ten places, rho = cov / (sd * sd)
    x, y = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], [2, 1, 4, 3, 6, 5, 8, 7, 10, 9]
    assert spearman(x, y)["value"] == pytest.approx(1 - 6 * 10 / (10 * 99), abs=5e-5)
    assert spearman([1] * 12, list(range(12)))["value"] is None


@pytest.mark.parametrize(
    ("wins", "losses", "p"), [(9, 1, 22 / 1024), (5, 5, 1.0), (0, 0, 1.0), (10, 0, 2 / 1024), (0, 6, 2 / 64)]
)
def test_the_sign_test_is_exact(wins: int, losses: int, p: float) -> None:
    assert sign_test(wins, losses) == pytest.approx(p)
    assert sign_test(losses, wins) == pytest.approx(p)
