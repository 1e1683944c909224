"""How large a pilot must be: held-out questions that show an improvement at 80 % power."""

from __future__ import annotations

import math

from advisor.decision_json import PilotJson

_TWO_SIDED_5 = 1.959964
_POWER_80 = 0.841621


def pilot(baseline_percent: float, improvement_percent: float) -> PilotJson:
    """The size of a paired test (McNemar, both arms answer the same questions), two-sided 5 %, power 80 %.

    ``improvement_percent`` is relative: 20 % of 50 right answers is 60. Where the two arms are right independently of each
    other, the most discordant case, the size is n = (z_a sqrt(p) + z_b sqrt(p - d^2))^2 / d^2 with d the difference and p
    the share of questions that exactly one arm answers (Connor 1987). Agreement between the arms only lowers it.

    >>> pilot(50, 20)
    {'questions': 391, 'from_percent': 50, 'to_percent': 60.0}
    """
    before = baseline_percent / 100
    after = min(0.995, before * (1 + improvement_percent / 100))
    difference, questions = after - before, 0
    if difference > 0:
        discordant = before * (1 - after) + after * (1 - before)
        root = _TWO_SIDED_5 * math.sqrt(discordant) + _POWER_80 * math.sqrt(max(0.0, discordant - difference**2))
        questions = math.ceil((root / difference) ** 2)
    return {"questions": questions, "from_percent": baseline_percent, "to_percent": round(after * 100, 2)}
