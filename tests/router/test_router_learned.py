"""What is learned from recorded answers: which arm to ask, within a budget; what a question's wording shows."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.quality.routing import apgr, apgr_in_bins
from router.learned_router import MINIMUM, Learning, Recorded, learn, learn_neighbours, learn_ridge
from router.replay import always, gap_closed, oracle, replay
from router.surface import surface

WAYS = (learn_ridge, learn_neighbours)


def _recorded(n: int = 200, arms: int = 2, told: float = 1.0, seed: int = 0) -> Recorded:
    """Questions whose first direction tells, by ``told``, where the dear arms are right and the cheap one is not."""
    rng = numpy.random.default_rng(seed)
    vectors = rng.normal(size=(n, 8))
    vectors /= numpy.linalg.norm(vectors, axis=1, keepdims=True)
    hard = told * vectors[:, 0] + (1 - told) * rng.normal(size=n) > 0
    scores = {"cheap": numpy.where(hard, 0.1, 0.8) + rng.uniform(0, 0.1, n)}
    scores |= {f"dear{a}": 0.5 + 0.1 * a + rng.uniform(0, 0.1, n) for a in range(1, arms)}
    costs = {arm: numpy.full(n, 1.0 + 3 * at) for at, arm in enumerate(scores)}
    return Recorded(vectors, vectors[:, :2] ** 2, scores, costs, [f"q{i}" for i in range(n)])


def _score(recorded: Recorded, chosen: list[str]) -> float:
    return float(numpy.mean([recorded.scores[arm][n] for n, arm in enumerate(chosen)]))


@pytest.mark.parametrize("how", WAYS)
def test_hard_questions_go_to_the_dear_arm_and_easy_ones_to_the_cheap(how: Learning) -> None:
    known, new = _recorded(), _recorded(seed=1)
    router = learn(known, how)
    assert router.tells_questions_apart
    assert "200 questions" in router.reason
    chosen = router.choose(new.vectors, new.features)
    assert set(chosen) == {"cheap", "dear1"}
    assert _score(new, chosen) > max(float(s.mean()) for s in new.scores.values()) + 0.05


@pytest.mark.parametrize("how", WAYS)
def test_what_tells_nothing_is_said_to_tell_nothing(how: Learning) -> None:
    router = learn(_recorded(told=0.0), how)
    assert not router.tells_questions_apart
    assert "tells beforehand" in router.reason
    new = _recorded(seed=1)
    assert set(router.choose(new.vectors, new.features)) == {"dear1"}
    guessed = router.choose(new.vectors, new.features, budget=0.5)
    assert 0.3 < guessed.count("dear1") / 200 < 0.7
    assert set(router.choose(new.vectors, new.features, budget=0.0)) == {"cheap"}


def test_from_few_questions_the_best_arm_on_average_is_taken_and_it_says_so() -> None:
    few = _recorded(MINIMUM - 1)
    router = learn(few)
    assert "too few" in router.reason
    assert len(set(router.choose(few.vectors, few.features))) == 1
    assert set(router.choose(few.vectors, few.features, budget=0.0)) == {"cheap"}


@settings(max_examples=20, deadline=None)
@given(
    st.sampled_from(WAYS),
    st.integers(2, 4),
    st.floats(0, 1),
    st.integers(0, 5),
    st.lists(st.floats(0, 1), min_size=2, max_size=4),
)
def test_a_larger_budget_never_takes_a_cheaper_arm(
    how: Learning, arms: int, told: float, seed: int, budgets: list[float]
) -> None:
    known, new = _recorded(60, arms, told, seed), _recorded(40, arms, told, seed + 50)
    router = learn(known, how)
    price = dict(zip(router.arms, router.costs, strict=True))
    spent = [[price[a] for a in router.choose(new.vectors, new.features, b)] for b in sorted(budgets)]
    for less, more in pairwise(spent):
        assert all(a <= b for a, b in zip(less, more, strict=True))
    assert set(router.choose(new.vectors, new.features, 0.0)) == {"cheap"}


@pytest.mark.parametrize("budget", [0.25, 0.5, 0.75])
def test_a_budget_is_about_kept_on_new_questions(budget: float) -> None:
    router, new = learn(_recorded(400)), _recorded(400, seed=9)
    dear = [a != "cheap" for a in router.choose(new.vectors, new.features, budget)]
    assert budget - 0.25 < numpy.mean(dear) < budget + 0.1


@pytest.mark.parametrize("budget", [-0.1, 1.1, float("nan")])
def test_a_budget_is_a_share(budget: float) -> None:
    with pytest.raises(ValueError, match="0 to 1"):
        learn(_recorded()).weight(budget)


@pytest.mark.parametrize("how", WAYS)
def test_a_question_is_judged_by_what_was_not_learned_from_it_or_its_like(how: Learning) -> None:
    known = _recorded(120)
    alike = Recorded(known.vectors, known.features, known.scores, known.costs, [f"g{n // 4}" for n in range(120)])
    lies = {arm: s.copy() for arm, s in known.scores.items()}
    for rows in alike.folds(seed=0)[:1]:
        for arm in lies:
            lies[arm][rows] = 1 - lies[arm][rows]
        rest = numpy.setdiff1d(numpy.arange(120), rows)
        assert not {alike.groups[n] for n in rows} & {alike.groups[n] for n in rest}
        told = replace(alike, scores=lies)
        expected = [how(r.only(rest), known.arms).expected(r.vectors[rows], r.features[rows]) for r in (alike, told)]
        assert numpy.array_equal(*expected)


def test_folds_hold_each_question_once() -> None:
    known = _recorded(53)
    assert sorted(n for rows in known.folds(3) for n in rows) == list(range(53))


def test_arms_that_cost_the_same_need_no_budget() -> None:
    known = _recorded()
    same = replace(known, costs={arm: numpy.ones(200) for arm in known.costs})
    router = learn(same)
    assert router.choose(same.vectors, same.features, 0.0) == router.choose(same.vectors, same.features, 1.0)


def test_records_of_other_lengths_or_of_one_arm_are_refused() -> None:
    known = _recorded()
    with pytest.raises(ValueError, match="two arms"):
        replace(known, groups=["one"])
    with pytest.raises(ValueError, match="two arms"):
        replace(known, scores={"cheap": known.scores["cheap"]}, costs={"cheap": known.costs["cheap"]})


def test_wording_shows_numbers_names_and_choices() -> None:
    plain, sums, chosen = surface(
        [
            "Hello",
            "Ann pays $2.50 each week, half of 1,000. How much is left?",
            "Which?\nA. one of it\nB. two\nC. All of these",
        ]
    )
    assert len(plain) == len(sums) == len(chosen)
    assert (sums != plain).sum() > 8
    assert chosen[-10:].any()
    assert not plain[-10:].any()
    assert not sums[-10:].any()


@given(st.lists(st.text(max_size=80), max_size=4))
def test_any_wording_gives_finite_signs(questions: list[str]) -> None:
    told = surface(questions)
    assert told.shape[0] == len(questions)
    assert numpy.isfinite(told).all()


def test_a_replay_lies_between_the_best_arm_and_the_oracle() -> None:
    known = _recorded()
    played, reasons = replay(known, learn_ridge, (0.0, 1.0))
    best = max(float(p.scores.mean()) for p in always(known).values())
    assert best < played[1.0].scores.mean() <= oracle(known).scores.mean()
    assert set(played[0.0].arms) == {"cheap"}
    assert len(reasons) == 10
    closed, perfect = gap_closed(known, played[1.0]), gap_closed(known, oracle(known))
    assert closed is not None
    assert 0 < closed.low <= closed.share <= closed.high <= 1
    assert perfect is not None
    assert perfect.share == perfect.low == 1


def test_where_one_arm_is_always_best_there_is_no_gap() -> None:
    known = _recorded()
    same = replace(known, scores={"cheap": known.scores["dear1"] - 0.1, "dear1": known.scores["dear1"]})
    assert gap_closed(same, oracle(same)) is None


def test_the_performance_gap_recovered_is_half_by_chance_and_most_for_who_knows() -> None:
    rng = numpy.random.default_rng(7)
    weak, strong = (rng.random(20_000) < 0.6).astype(float), (rng.random(20_000) < 0.8).astype(float)
    for area in (apgr, apgr_in_bins):
        assert area(weak, strong, rng.random(20_000)) == pytest.approx(0.5, abs=0.05)
        assert area(weak, strong, strong - weak + 0.01 * rng.random(20_000)) > 1
        assert area(weak, strong, weak - strong + 0.01 * rng.random(20_000)) < 0
    assert apgr(weak, strong, 0 * weak) == pytest.approx(0.5, abs=0.05)
