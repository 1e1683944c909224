"""Do the statistics of a comparison keep what they promise? False alarms, power, agreement with other libraries, speed.

``python -m benchmarks.quality.statistics``: writes ``benchmarks/results/statistics.json``. Simulated scores only:

- A/A: an arm against itself, each question's chance of a right answer the same, 1,000 samplings; by question, and with
  questions of one document right and wrong together, tested by document and, to show what that is for, by question.
- A planted difference of 8 points on 240 questions: how often it is found, beside the power that the smallest detectable
  difference stands for.
- Five looks at a comparison before it is over, by the bounds of early stopping: false alarms over 1,000 simulated pilots, how
  often a planted difference is found, and after how many questions on average.
- p values and intervals beside scipy's on fixed cases.
- 10,000 questions and seven arms: seconds and memory.
"""

from __future__ import annotations

import math
import resource
import time
from collections.abc import Callable

import numpy

from benchmarks.machine import keep
from compare.answer_costs import Prices
from compare.comparison_result import Comparison
from compare.early_stopping import levels, looks
from compare.score import Score
from compare.significance import Difference, interval, paired_difference

_SAMPLINGS, _QUESTIONS, _DOCUMENTS, _PLANTED = 1000, 240, 40, 0.08
_DETECTABLE = 1.959964
ARMS = ("base", "rag", "tuned", "hybrid", "extract", "lookup", "auto")

Scores = Callable[[numpy.random.Generator], tuple[numpy.ndarray, numpy.ndarray]]


def main() -> None:
    """Simulate, compare, time, keep."""
    documents = [f"d{n % _DOCUMENTS}" for n in range(_QUESTIONS)]
    kept = {
        "same_arm_twice": {
            "by_question": called_different(binary(0.0)),
            "f1_by_question": called_different(graded(0.0)),
            "by_document": called_different(clustered(0.0), documents),
            "documents_ignored": called_different(clustered(0.0)),
        },
        "planted_difference": {
            "by_question": power(binary(_PLANTED)),
            "f1_by_question": power(graded(_PLANTED)),
            "by_document": power(clustered(_PLANTED), documents),
        },
        "early_stopping": {"same_arm_twice": pilots(binary(0.0)), "planted_20_points": pilots(binary(0.2))},
        "beside_scipy": beside_scipy(),
        "large": large(),
    }
    print(kept, keep("statistics", {"samplings": _SAMPLINGS, "questions": _QUESTIONS, "documents": _DOCUMENTS} | kept))


def binary(ahead: float) -> Scores:
    """Right or wrong: half of the questions are easy, half are hard; the first arm is ``ahead`` by so much."""

    def draw(rng: numpy.random.Generator) -> tuple[numpy.ndarray, numpy.ndarray]:
        chance = numpy.where(numpy.arange(_QUESTIONS) % 2, 0.8, 0.2)
        a = rng.random(_QUESTIONS) < chance + ahead
        return a.astype(float), (rng.random(_QUESTIONS) < chance).astype(float)

    return draw


def graded(ahead: float) -> Scores:
    """Token F1: between 0 and 1, most at the ends."""

    def draw(rng: numpy.random.Generator) -> tuple[numpy.ndarray, numpy.ndarray]:
        mean = 0.5 + ahead
        a = rng.beta(0.6 * mean / 0.5, 0.6 * (1 - mean) / 0.5, _QUESTIONS)
        return a, rng.beta(0.6, 0.6, _QUESTIONS)

    return draw


def clustered(ahead: float) -> Scores:
    """Right or wrong, where an arm tends to be right on all questions of a document or on none."""

    def draw(rng: numpy.random.Generator) -> tuple[numpy.ndarray, numpy.ndarray]:
        place = numpy.arange(_QUESTIONS) % _DOCUMENTS
        of_a, of_b = rng.uniform(0.1, 0.9 - ahead, _DOCUMENTS), rng.uniform(0.1, 0.9 - ahead, _DOCUMENTS)
        a = rng.random(_QUESTIONS) < of_a[place] + ahead
        return a.astype(float), (rng.random(_QUESTIONS) < of_b[place]).astype(float)

    return draw


def called_different(draw: Scores, documents: list[str] | None = None) -> float:
    """The share of samplings in which p is below .05."""
    ps = [_once(draw, seed, documents).p for seed in range(_SAMPLINGS)]
    return round(float(numpy.mean([p < 0.05 for p in ps])), 4)


def power(draw: Scores, documents: list[str] | None = None) -> dict[str, float]:
    """The share of samplings that find the difference, and the share that their detectable difference foretells."""
    each = [_once(draw, seed, documents) for seed in range(_SAMPLINGS)]
    errors = [d.smallest_detectable / (_DETECTABLE + 0.841621) for d in each]
    foretold = [1 - _normal(_DETECTABLE - _PLANTED / e) + _normal(-_DETECTABLE - _PLANTED / e) for e in errors]
    return {
        "found": round(float(numpy.mean([d.p < 0.05 for d in each])), 4),
        "foretold": round(float(numpy.mean(foretold)), 4),
        "interval_holds_it": round(float(numpy.mean([d.low <= _PLANTED <= d.high for d in each])), 4),
    }


def pilots(draw: Scores) -> dict[str, float]:
    """The share of simulated pilots that call the arms different at one of five looks, and the questions asked on average."""
    places = looks(_QUESTIONS, 40)
    bounds = levels(tuple(p / _QUESTIONS for p in places))
    asked, different = [], []
    for seed in range(_SAMPLINGS):
        a, b = draw(numpy.random.default_rng([seed, 11]))
        order = numpy.random.default_rng(seed).permutation(_QUESTIONS)
        sure = (
            place
            for place, bound in zip(places, bounds, strict=True)
            if paired_difference(a[order[:place]].tolist(), b[order[:place]].tolist(), seed).p < bound
        )
        stopped = next(sure, None)
        different.append(stopped is not None)
        asked.append(stopped or _QUESTIONS)
    return {"called_different": round(float(numpy.mean(different)), 4), "questions": round(float(numpy.mean(asked)), 1)}


def _once(draw: Scores, seed: int, documents: list[str] | None) -> Difference:
    a, b = draw(numpy.random.default_rng([seed, 7]))
    return paired_difference(a.tolist(), b.tolist(), seed, documents or ())


def _normal(z: float) -> float:
    return 0.5 * math.erfc(-z / math.sqrt(2))


def beside_scipy() -> dict[str, float]:
    """The largest distance from scipy's permutation test, bootstrap and binomial test on twenty fixed cases."""
    from scipy import stats

    apart = {"permutation_p": 0.0, "interval_end": 0.0, "mcnemar_p": 0.0}
    for seed in range(20):
        rng = numpy.random.default_rng(seed)
        a, b = rng.random(40), rng.random(40) + 0.1
        ours = paired_difference(a.tolist(), b.tolist(), seed)
        theirs = stats.permutation_test(
            (a, b), lambda x, y, axis: (x - y).mean(axis=axis), permutation_type="samples", vectorized=True,
            n_resamples=20_000, rng=seed,
        )  # fmt: skip
        apart["permutation_p"] = max(apart["permutation_p"], abs(ours.p - float(theirs.pvalue)))
        drawn = stats.bootstrap((a,), numpy.mean, n_resamples=20_000, method="percentile", rng=seed)
        mine = interval(a.tolist(), seed)
        ends = drawn.confidence_interval
        apart["interval_end"] = max(apart["interval_end"], abs(mine.low - ends.low), abs(mine.high - ends.high))
        right, other = (a > 0.4).astype(float), (b > 0.6).astype(float)
        split = int((right > other).sum()), int((right < other).sum())
        exact = stats.binomtest(split[0], sum(split)).pvalue - stats.binom.pmf(split[0], sum(split), 0.5)
        mid = 1.0 if split[0] == split[1] else float(exact)
        apart["mcnemar_p"] = max(apart["mcnemar_p"], abs(paired_difference(right.tolist(), other.tolist()).p - mid))
    return {name: round(value, 4) for name, value in apart.items()}


def large() -> dict[str, float]:
    """10,000 questions and seven arms: all figures of a comparison."""
    rng, count = numpy.random.default_rng(0), 10_000
    rows = []
    for arm in ARMS:
        for n, (f1, hit) in enumerate(zip(rng.random(count), rng.random(count) < 0.5, strict=True)):
            rows.append(
                Score(
                    arm, f"q{n}", "fact", "x", arm, round(float(f1), 4), 0.0, float(hit), float(f1), 0.0, True, False,
                    0.5, 100, 10, 0.5, float(hit),
                )
            )  # fmt: skip
    began = time.perf_counter()
    questions = [f"q{n}" for n in range(count)]
    of = Comparison.of(
        rows, questions, seed=0, prices=Prices(), documents={q: f"d{n % 900}" for n, q in enumerate(questions)}
    )
    of.to_json()
    spent = time.perf_counter() - began
    unclustered = time.perf_counter()
    Comparison.of(rows, questions, seed=0, prices=Prices()).to_json()
    return {
        "seconds_by_document": round(spent, 2),
        "seconds_by_question": round(time.perf_counter() - unclustered, 2),
        "peak_gib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, 2),
    }


if __name__ == "__main__":
    main()
