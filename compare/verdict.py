"""What a comparison shows, in plain words: who is ahead and how surely, ties, and where tuning has not paid. Scores nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from lm.arm_facts import arms, baselines

if TYPE_CHECKING:
    from compare.comparison_json import PairJson

FEWEST = 10
"""The fewest questions for intervals and detectable differences.

With fewer, the bootstrap's 95 % interval holds the true mean too seldom (an arm right on 80 % of all questions: 47 times in
a hundred with 3 questions, 62 with 5, 81 with 8, 86 with 10, 93 with 12), and of seven arms' 21 pairs none can come out as
significant, however different: the least p of a sign-flip test is 2 / 2**n."""


def verdict(
    means: Mapping[str, float],
    pairs: Sequence[PairJson],
    kinds: Mapping[str, Mapping[str, float]],
    count: int,
    right: Sequence[PairJson] = (),
) -> str:
    """One paragraph. ``means``: F1 of each arm, 0 to 1; ``pairs``, ``right`` and ``kinds`` as ``Comparison`` has them.

    ``right``: the pairs on whether an answer is right.
    """
    ranked = {arm: means[arm] for arm in sorted(means, key=lambda a: -means[a]) if arm != "auto" or len(means) == 1}
    return " ".join(
        [_lead(ranked, pairs, count), *_of_100(ranked, right), *_unearned(ranked, pairs), *_by_kind(ranked, kinds)]
    )


def _lead(means: Mapping[str, float], pairs: Sequence[PairJson], count: int) -> str:
    top = max(means.values())
    first = [arm for arm in means if _level(means[arm], top)]
    asked = f"{count} question" if count == 1 else f"{count} questions"
    if not top:
        return f"None answers: the F1 of {_named(first)} is 0 on {asked}."
    if len(first) > 1:
        others = [a for a in means if a not in first]
        ahead = f", ahead of {_named(others)}" if others else ""
        return f"Tie: {_named(first)} have the same F1 ({_points(top)}){ahead}.{_few(count)}"
    best, others = first[0], [a for a in means if a not in first]
    if not others:
        return f"{best} alone was asked: F1 {_points(top)}.{_few(count)}"
    if count < FEWEST:
        return f"{best} has the highest F1 ({_points(top)}).{_few(count)}"
    beaten = [a for a in others if _significant(best, a, pairs)]
    level = [a for a in others if a not in beaten]
    if not beaten:
        sentence = f"No arm is certainly ahead: {best} has the highest F1 ({_points(top)}), "
        return sentence + f"not significantly above {_named(level)}."
    lead = (top - means[beaten[0]]) * 100
    sentence = f"{best} answers best (F1 {_points(top)}); significantly better than {', '.join(beaten)}, "
    sentence += f"by {lead:.1f} points over the nearest, {beaten[0]}"
    return sentence + (f"; not significantly better than {', '.join(level)}." if level else ".")


def _of_100(means: Mapping[str, float], right: Sequence[PairJson]) -> Iterator[str]:
    """A sentence on the two arms that are ahead: how many more of 100 questions the one answers right."""
    if len(means) < 2:
        return
    best, second = list(means)[:2]
    pair = next((p for p in right if {p["a"], p["b"]} == {best, second}), None)
    if pair is None or pair["low"] is None or pair["high"] is None or pair["smallest_detectable"] is None:
        return
    sign = 100 if pair["a"] == best else -100
    more, ends = sign * pair["difference"], sorted((sign * pair["low"], sign * pair["high"]))
    yield (
        f"Of 100 questions {best} answers {abs(more):.0f} {'more' if more >= 0 else 'fewer'} right than {second} "
        f"({ends[0]:+.0f} to {ends[1]:+.0f}); a difference under {pair['smallest_detectable'] * 100:.0f} could hardly be seen."
    )


def _unearned(means: Mapping[str, float], pairs: Sequence[PairJson]) -> Iterator[str]:
    """A sentence for each tuned arm that a baseline without a model equals or beats."""
    for arm in (a.name for a in arms() if a.is_tuned and a.name in means):
        ahead = [b for b in means if b in baselines() and means[b] > means[arm] and not _level(means[b], means[arm])]
        if ahead:
            sure = [
                f"{b} ({_points(means[b])}{', significantly' if _significant(b, arm, pairs) else ''})" for b in ahead
            ]
            yield (
                f"The {arm} model (F1 {_points(means[arm])}) loses to a baseline that needs no model, {' and '.join(sure)}: "
                "it has not earned its place."
            )
        elif level := [b for b in means if b in baselines() and _level(means[b], means[arm])]:
            yield f"The {arm} model does no better than {_named(level)}, which needs no model: it has not earned its place."


def _by_kind(means: Mapping[str, float], kinds: Mapping[str, Mapping[str, float]]) -> Iterator[str]:
    """A sentence where an arm that is not ahead overall leads a kind that has questions enough."""
    top = max(means.values())
    overall = {arm for arm in means if _level(means[arm], top)}
    leads = []
    for kind, row in kinds.items():
        best = max(row[a] for a in means)
        leading = [a for a in means if _level(row[a], best)]
        if len(kinds) > 1 and row["n"] >= FEWEST and best and not overall & set(leading):
            leads.append(f"{kind} ({row['n']:.0f} questions) {_named(leading)} with {_points(best)}")
    if leads:
        yield f"Others lead by kind of question: {'; '.join(leads)}."


def _significant(a: str, b: str, pairs: Sequence[PairJson]) -> bool:
    return any(pair["significant"] for pair in pairs if {pair["a"], pair["b"]} == {a, b})


def _few(count: int) -> str:
    return (
        "" if count >= FEWEST else f" {count} of {FEWEST} questions needed: too few to tell a difference from chance."
    )


def _level(one: float, other: float) -> bool:
    return abs(one - other) < 1e-9


def _points(f1: float) -> str:
    """As the tables have it, which print what is kept: four digits."""
    return f"{round(f1, 4) * 100:.1f}"


def _named(arms: Sequence[str]) -> str:
    return " and ".join([", ".join(arms[:-1]), arms[-1]] if len(arms) > 1 else arms)
