"""A comparison in words and figures: the one view that screens and reports draw. Built from its JSON; scores nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from compare.comparison_json import (
        ArmJson,
        CalibrationJson,
        ComparisonJson,
        IntervalJson,
        OracleJson,
        PairJson,
        RoutingJson,
        TaughtJson,
    )

ARM_COLUMNS = ("F1", "95 %", "taught", "new", "exact", "key", "+quotes", "refused", "p50", "p95", "tokens", "$/1000")
PAIR_COLUMNS = ("a - b", "95 %", "p", "significant")
SIGNIFICANT = "yes"
ORACLE = "oracle"
_TAUGHT_COLUMNS = ("taught", "new")
_METRICS = {"f1": "F1", "contains": "key facts", "contains_quoted": "key facts, quotes read with it"}


@dataclass(frozen=True)
class ArmRow:
    """An arm's scores, in points of 100, by column. The oracle has no answers of its own, so no more than F1."""

    name: str
    best: bool
    cells: Mapping[str, str]


@dataclass(frozen=True)
class PairRow:
    """Two arms compared on F1, by column."""

    a: str
    b: str
    significant: bool
    cells: Mapping[str, str]

    @classmethod
    def of(cls, pair: PairJson) -> PairRow:
        """From JSON."""
        low, high, least = pair["low"], pair["high"], pair["smallest_detectable"]
        not_significant = "too few to tell" if least is None else f"no (detects {least * 100:.1f})"
        cells = {
            "a - b": f"{pair['difference'] * 100:+.1f}",
            "p": f"{pair['p']:.4f}",
            "significant": SIGNIFICANT if pair["significant"] else not_significant,
        }
        if low is not None and high is not None:
            cells["95 %"] = f"{low * 100:+.1f} to {high * 100:+.1f}"
        return cls(pair["a"], pair["b"], pair["significant"], cells)


@dataclass(frozen=True)
class KindScore:
    """An arm's F1 on one kind of question, in points of 100."""

    arm: str
    points: str
    best: bool


@dataclass(frozen=True)
class KindRow:
    """One kind of question."""

    kind: str
    questions: str
    scores: tuple[KindScore, ...]

    @classmethod
    def of(cls, kind: str, row: Mapping[str, float], arms: tuple[str, ...]) -> KindRow:
        """From JSON, where the count stands as ``n`` beside the arms."""
        top = max(row[arm] for arm in arms)
        scores = (KindScore(arm, f"{row[arm] * 100:.0f}", bool(top) and row[arm] >= top) for arm in arms)
        return cls(kind, str(row["n"]), tuple(scores))


@dataclass(frozen=True)
class ComparisonView:
    """The whole comparison."""

    asked: str
    """On how many questions: ``20 held-out questions``."""
    columns: tuple[str, ...]
    """Those of ``ARM_COLUMNS`` that hold something."""
    arms: tuple[ArmRow, ...]
    kinds: tuple[KindRow, ...]
    pairs: tuple[PairRow, ...]
    method: tuple[str, ...]
    """What was drawn, which tests are one family, and what could not be measured."""
    taught: str | None
    """How many questions ask for what an example teaches."""
    unpriced: str | None
    """Why the price of an arm's answers is not known."""
    routing: tuple[str, ...]
    """What choosing an arm for each question gains over the best arm alone."""
    calibration: str | None
    """Are the stated chances true?"""
    verdict: str

    @classmethod
    def of(cls, c: ComparisonJson) -> ComparisonView:
        """From JSON, new or as a project keeps it: an old one lacks what was added since."""
        apart, count = c.get("taught"), c["questions"]
        names = tuple(name for name in c["arms"] if name != ORACLE)
        calibrations = c.get("calibration") or {}
        return cls(
            asked="1 held-out question" if count == 1 else f"{count} held-out questions",
            columns=tuple(column for column in ARM_COLUMNS if apart or column not in _TAUGHT_COLUMNS),
            arms=_arms(c["arms"], apart),
            kinds=tuple(KindRow.of(kind, row, names) for kind, row in c["kinds"].items()),
            pairs=tuple(PairRow.of(pair) for pair in c["pairs"]),
            method=tuple(_method(c)),
            taught=_taught(apart) if apart else None,
            unpriced=_unpriced(c),
            routing=tuple(_routed(metric, of) for metric, of in (c.get("routing") or {}).items()),
            calibration=_calibrated(calibrations["auto"]) if calibrations.get("auto") else None,
            verdict=c["verdict"],
        )


def _arms(arms: Mapping[str, ArmJson | OracleJson], apart: TaughtJson | None) -> tuple[ArmRow, ...]:
    top = max(arm["f1"]["mean"] for name, arm in arms.items() if name != ORACLE)
    rows = []
    for name, arm in arms.items():
        cells = _cells(arm)
        if apart and name in apart["arms"]:
            of = apart["arms"][name]
            cells |= {"taught": f"{of['taught']['f1'] * 100:.1f}", "new": f"{of['others']['f1'] * 100:.1f}"}
        rows.append(ArmRow(name, name != ORACLE and 0 < top == arm["f1"]["mean"], cells))
    return tuple(rows)


def _cells(arm: ArmJson | OracleJson) -> dict[str, str]:
    f1 = arm["f1"]
    cells = {"F1": f"{f1['mean'] * 100:.1f}"}
    if f1["low"] is not None and f1["high"] is not None:
        cells["95 %"] = f"{f1['low'] * 100:.0f}–{f1['high'] * 100:.0f}"
    if "seconds" not in arm:
        return cells
    answered = cast("ArmJson", arm)
    refusals, seconds, usd = answered["refusals"], answered["seconds"], answered["usd_per_1000"]
    return cells | {
        "exact": _points(answered["exact"]),
        "key": _points(answered["contains"]),
        "+quotes": _points(answered["contains_quoted"]),
        "refused": f"{refusals['right']}/{refusals['wrong']}",
        "p50": _seconds(seconds["p50"]),
        "p95": _seconds(seconds["p95"]),
        "tokens": f"{answered['tokens']['prompt'] + answered['tokens']['completion']:.0f}",
        "$/1000": "?" if usd is None else f"{usd:.3f}",
    }


def _seconds(percentile: float | None) -> str:
    return "–" if percentile is None else f"{percentile:.2f}"


def _points(score: IntervalJson) -> str:
    return f"{score['mean'] * 100:.0f}"


def _method(c: ComparisonJson) -> Iterator[str]:
    units, failed = c.get("units"), c.get("failed")
    if units and units["units"] < units["questions"]:
        yield f"intervals and tests draw the questions of each of {units['documents']} documents together"
    if c.get("family") and len(c["pairs"]) > 1:
        yield c["family"]
    if failed:
        arms = ", ".join(f"{arm} {n}" for arm, n in failed["arms"].items())
        count, first = len(failed["questions"]), ", ".join(failed["questions"][:5])
        more = f" and {count - 5} more" if count > 5 else ""
        asked = "1 question" if count == 1 else f"{count} questions"
        yield f"not measured, in no figure: {asked} that ended in an error ({arms}): {first}{more}"


def _taught(apart: TaughtJson) -> str:
    return f"{apart['n']} questions ask for what an example teaches already (taught), {apart['others']} do not (new)"


def _unpriced(comparison: ComparisonJson) -> str | None:
    if all(arm.get("usd_per_1000", 0) is not None for arm in comparison["arms"].values()):
        return None
    return f"not known ({comparison['prices']['source'] or 'no prices given'})"


def _routed(metric: str, of: RoutingJson) -> str:
    sentence = f"auto against {of['best']}, the best arm by {_METRICS[metric]}: {of['difference'] * 100:+.1f}"
    low, high, closed = of["low"], of["high"], of["gap_closed"]
    if low is not None and high is not None:
        sentence += f" ({low * 100:+.1f} to {high * 100:+.1f}, p {of['p']:.4f})"
    if closed:
        sentence += f"; {closed['mean']:.0%} of the way to the best arm on each question"
    return sentence


def _calibrated(calibration: CalibrationJson) -> str:
    by_chance, risk = calibration["error_by_chance"] * 100, calibration["risk"]
    return (
        f"chance of being right as told by auto: off by {calibration['error'] * 100:.1f} points on average (true ones on"
        f" {calibration['answers']} answers: {by_chance:.1f}); wrong are {risk[0][1]:.0%} of the likeliest quarter,"
        f" {risk[-1][1]:.0%} of all"
    )
