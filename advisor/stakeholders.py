"""Whose wishes the approach serves: weighted scores, and the weight at which the ranking reverses. Decides nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from advisor.costs import OPTIONS, CostSheet
from advisor.decision_json import ReversalJson, StakeholdersJson
from advisor.robustness_table import table
from advisor.rule_cases import Values, cases, holds
from corpus.errors import Fault, InputError


@dataclass(frozen=True)
class Ranking:
    """Scores of each approach for each wish (0 to 1), the weights (sum 1), the order, and what reverses it."""

    scores: dict[str, dict[str, float]]
    weights: dict[str, float]
    totals: dict[str, float]
    reversals: list[ReversalJson]

    @property
    def order(self) -> tuple[str, ...]:
        return tuple(sorted(self.totals, key=lambda o: -self.totals[o]))

    def to_json(self) -> StakeholdersJson:
        return {
            "weights": {k: round(v, 4) for k, v in self.weights.items()},
            "scores": {o: {k: round(v, 3) for k, v in s.items()} for o, s in self.scores.items()},
            "totals": {o: round(v, 4) for o, v in self.totals.items()},
            "order": list(self.order),
            "reversals": [{**r, "weight": round(r["weight"], 4)} for r in self.reversals],
        }


def ranking(values: Values, sheet: CostSheet, weights: Mapping[str, float] | None = None) -> Ranking:
    """Rank the approaches under ``weights`` (see ``parse_weights``); without, under the table's for this case."""
    wishes = table()["wishes"]["names"]
    given = _own_weights(values) if weights is None else {w: float(weights.get(w, 0)) for w in wishes}
    whole = sum(given.values())
    shares = {w: v / whole for w, v in given.items()}
    scores = _scores(values, sheet)
    totals = {o: sum(shares[w] * scores[o][w] for w in wishes) for o in OPTIONS}
    return Ranking(scores, shares, totals, _reversals(scores, shares, totals))


def parse_weights(text: str) -> dict[str, float]:
    """``quality=3,cost=1`` as weights. Raises ``InputError`` naming every part that is not usable."""
    names = table()["wishes"]["names"]
    weights, faults = {}, []
    for part in text.split(","):
        name, _, value = (piece.strip() for piece in part.partition("="))
        try:
            number = float(value)
        except ValueError:
            number = -1.0
        if name not in names or not 0 <= number < 1e6:
            wanted = f"NAME=NUMBER with a name of {', '.join(names)} and a number from 0"
            faults.append(Fault(f'--weights, "{part.strip()}"', "not usable", wanted, "--weights quality=3,cost=1"))
        else:
            weights[name] = number
    if not faults and not sum(weights.values()):
        faults.append(Fault("--weights", "every weight is 0", "one above 0"))
    if faults:
        raise InputError("the weights cannot be used", faults)
    return weights


def _own_weights(values: Values) -> dict[str, float]:
    settings, case_of = table(), cases(values)
    weights = {wish: float(weight) for wish, weight in settings["weights"].items()}
    for entry in settings["weigh"]:
        if holds(entry["when"], case_of):
            for wish, more in entry["add"].items():
                weights[wish] += more
    return weights


def _scores(values: Values, sheet: CostSheet) -> dict[str, dict[str, float]]:
    settings, case_of = table(), cases(values)
    scores = {option: dict(settings["score"][option]) for option in OPTIONS}
    for entry in settings["adjust"]:
        if holds(entry["when"], case_of):
            for option, changes in entry["add"].items():
                for wish, change in changes.items():
                    scores[option][wish] = min(1.0, max(0.0, scores[option][wish] + change))
    cheapest = min(sheet.options[o].first_year_usd.mid for o in OPTIONS)
    for option in OPTIONS:
        mid = sheet.options[option].first_year_usd.mid
        scores[option]["cost"] = 1.0 if mid <= 0 else max(0.0, min(1.0, cheapest / mid))
    return scores


def _reversals(
    scores: dict[str, dict[str, float]], shares: dict[str, float], totals: dict[str, float]
) -> list[ReversalJson]:
    """For each wish the nearest weights, above and below the present one, at which another approach comes first.

    The other weights keep their proportions: with share w on the wish, total = w * own + (1 - w) * rest.
    """
    reversals: list[ReversalJson] = []
    best = max(totals, key=lambda o: totals[o])
    for wish, share in shares.items():
        if share >= 1:
            continue
        rest = {o: (totals[o] - share * scores[o][wish]) / (1 - share) for o in totals}
        crossings = []
        for other in totals:
            slope = (scores[other][wish] - rest[other]) - (scores[best][wish] - rest[best])
            if other != best and abs(slope) > 1e-12:
                weight = (rest[best] - rest[other]) / slope
                if 0 <= weight <= 1:
                    crossings.append((weight, other))
        above = min(((w, o) for w, o in crossings if w >= share), default=None)
        below = max(((w, o) for w, o in crossings if w < share), default=None)
        for nearest, side in ((above, True), (below, False)):
            if nearest:
                reversals.append({"wish": wish, "weight": nearest[0], "above": side, "then": nearest[1]})
    return reversals
