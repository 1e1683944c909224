"""``auto`` held against the arms it chooses from: is it worth more than the best of them alone?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy

from compare.significance import Interval, paired_difference, ratio

if TYPE_CHECKING:
    from compare.comparison_json import IntervalJson, RoutingJson


def routing_gain(
    columns: Mapping[str, Sequence[float]], *, seed: int, documents: Sequence[str] = (), few: bool = False
) -> RoutingJson | None:
    """By one score, ``columns`` by arm: the best single arm on average, the paired difference to it, and the gap closed.

    The gap closed is how much of the way from there to the best arm on each question was gone: 0 is that arm, 1 what nobody
    can know beforehand. None where ``auto`` or the others were not asked.
    """
    values = {arm: numpy.array(of, dtype=float) for arm, of in columns.items()}
    single = [arm for arm in values if arm != "auto"]
    if "auto" not in values or not single:
        return None

    def unless_few(value: float) -> float | None:
        return None if few else round(value, 4)

    best = max(single, key=lambda arm: float(values[arm].mean()))
    oracle = numpy.max([values[arm] for arm in single], axis=0)
    difference = paired_difference(values["auto"].tolist(), values[best].tolist(), seed, documents)
    closed = ratio((values["auto"] - values[best]).tolist(), (oracle - values[best]).tolist(), seed, documents)
    return {
        "best": best,
        "oracle": round(float(oracle.mean()), 4),
        "difference": round(difference.difference, 4),
        "low": unless_few(difference.low),
        "high": unless_few(difference.high),
        "p": unless_few(difference.p),
        "smallest_detectable": unless_few(difference.smallest_detectable),
        "gap_closed": _rounded(closed) if closed and not few else None,
    }


def _rounded(of: Interval) -> IntervalJson:
    return {"mean": round(of.mean, 4), "low": round(of.low, 4), "high": round(of.high, 4)}
