"""The checklist applied: answers in; a decision with reasons, money, robustness and plan out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from advisor.answers import Answers
from advisor.costs import OPTIONS, CostSheet, costs
from advisor.decision_json import (
    BecauseJson,
    DecisionJson,
    GreyZoneJson,
    PilotJson,
    PitfallJson,
    PossibleJson,
    ReasonJson,
    WorldsJson,
)
from advisor.measured_evidence import Evidence
from advisor.pilot import pilot
from advisor.plan import compliance, limits, pitfalls, plan
from advisor.price_table import PriceTable
from advisor.questions import UNKNOWN
from advisor.rule_cases import approach as approach_of
from advisor.rule_cases import cases, decisive_rule, holds
from advisor.rule_table import rules, title
from advisor.stakeholders import Ranking, ranking
from advisor.worlds import Flip, flips, possible, sweeps, worlds

APPROACHES = (*OPTIONS, "defer")
_SMALLEST_WORTH_DETECTING = 20.0


@dataclass(frozen=True)
class Decision:
    """What to do and why. Everything beyond the answers and what was measured is derived from them."""

    answers: Answers
    """As given; with evidence, the measured improvement stands in place of the expected one."""
    today: date
    checklist: str
    """The checklist's approach on the answers as given, before evidence."""
    evidence: Evidence | None = None
    prices: PriceTable | None = None
    measured: Mapping[str, float] | None = None
    weights: Mapping[str, float] | None = None

    @cached_property
    def approach(self) -> str:
        """The advice: the checklist's, or the measured winner's where there is evidence, with retrieval where needed."""
        if self.evidence is None:
            return self.checklist
        must_retrieve = self.answers["real_time_updates"] == "yes" or self.answers["citations_required"] == "yes"
        with_retrieval = {"prompt": "rag", "finetune": "hybrid"}
        measured = self.evidence.approach
        return with_retrieval.get(measured, measured) if must_retrieve else measured

    @property
    def because(self) -> BecauseJson:
        """The decisive rule: its name, the reason, the document and, where the approach's own does not fit, its headline."""
        if self.evidence is not None:
            return {"rule": "evidence", "because": self._measured(), "source": title("checklist")}
        entry = decisive_rule(cases(self.answers.by_key))
        reason: BecauseJson = {"rule": entry["id"], "because": entry["because"], "source": title(entry["source"])}
        if "headline" in entry:
            reason["headline"] = entry["headline"]
        return reason

    @property
    def reasons(self) -> list[ReasonJson]:
        """Each rule of the checklist with its verdict on the answer."""
        case_of = cases(self.answers.by_key)
        reasons: list[ReasonJson] = []
        for rule in rules()["rule"]:
            case = case_of[rule["id"]]
            if case == UNKNOWN and rule.get("only_if_known"):
                continue
            instead = (i["says"] for i in rule.get("instead", ()) if holds(i["when"], case_of))
            verdict, because = next(instead, rule["says"][case])
            answer = self.answers[rule["answer_key"]]
            reasons.append(
                {
                    "rule": rule["id"],
                    "answer": f"{answer:,g}" if isinstance(answer, int | float) else answer,
                    "verdict": verdict,
                    "because": because,
                    "source": title(rule["source"]),
                }
            )
        return reasons

    @cached_property
    def costs(self) -> CostSheet:
        return costs(self.answers, self.prices, self.measured)

    @cached_property
    def flips(self) -> tuple[Flip, ...]:
        """Single answers that would change the checklist's approach."""
        return flips(self.answers.by_key)

    @cached_property
    def possible(self) -> PossibleJson:
        return possible(self.answers.by_key)

    @cached_property
    def worlds(self) -> WorldsJson:
        return worlds(self.answers.by_key)

    @cached_property
    def ranking(self) -> Ranking:
        return ranking(self.answers.by_key, self.costs, self.weights)

    @cached_property
    def pilot(self) -> PilotJson | None:
        """The pilot that would settle what is open; None where nothing is."""
        if not self.grey_zones and self.possible["decides"] is None and self.approach != "defer":
            return None
        percent = self.answers.number("expected_improvement_percent")
        wanted = _SMALLEST_WORTH_DETECTING if percent is None or percent <= 0 else percent
        return pilot(self.answers.figure("baseline_percent"), wanted)

    @cached_property
    def grey_zones(self) -> list[GreyZoneJson]:
        """Where the documents are silent or contradict: why, and the cheapest measurement that settles it."""
        if self.evidence is not None:
            return []
        case_of = cases(self.answers.by_key)
        return [
            {"zone": g["zone"], "because": g["because"], "measure": g["measure"], "source": title(g["source"])}
            for g in rules()["grey"]
            if holds(g["when"], case_of)
        ]

    @cached_property
    def pitfalls(self) -> list[PitfallJson]:
        return pitfalls(self.approach, self.answers, self.evidence.cases if self.evidence else {})

    def to_json(self) -> DecisionJson:
        """The shape ``groundtune advise --json`` prints (stable: keys are only added)."""
        return {
            "approach": self.approach,
            "because": self.because,
            "reasons": self.reasons,
            "costs": self.costs.to_json(),
            "flips": [f.to_json() for f in self.flips],
            "sweeps": sweeps(self.answers.by_key),
            "warnings": [
                {"pitfall": p["pitfall"], "because": p["because"], "source": p["source"]}
                for p in self.pitfalls
                if p["status"] == "warn"
            ],
            "plan": plan(self.approach, self.answers, self.pilot, self.today),
            "answers": self.answers.by_key,
            "possible": self.possible,
            "worlds": self.worlds,
            "stakeholders": self.ranking.to_json(),
            "grey_zones": self.grey_zones,
            "pilot": self.pilot,
            "pitfalls": self.pitfalls,
            "compliance": compliance(self.answers),
            "limits": limits(self.approach, self.answers, self.costs),
            "notes": self.costs.warnings(self.today),
            "evidence": self.evidence.to_json(self.checklist, self.approach) if self.evidence else None,
            "measured": dict(self.measured or {}),
            "date": self.today.isoformat(),
        }

    def _measured(self) -> str:
        evidence = self.evidence
        assert evidence is not None
        if evidence.search is not None and evidence.search.is_enough:
            return f"on {evidence.questions} held-out questions {evidence.search}"
        measured = evidence.difference
        if measured is None:
            return f"no tuned arm was measured; {evidence.untuned} is the best of those without tuning"
        figures = (("mean", measured["difference"]), ("low", measured["low"]), ("high", measured["high"]))
        gap = ", ".join(f"{name} {points * 100:+.1f}" for name, points in figures if points is not None)
        result = "a significant improvement" if evidence.significant else "not significant, so tuning is not deployed"
        return (
            f"on {evidence.questions} held-out questions {evidence.tuned} against {evidence.untuned}: F1 points {gap}, "
            f"p {measured['p']:.3g}: {result}"
        )


def decide(
    answers: Answers,
    *,
    today: date | None = None,
    evidence: Evidence | None = None,
    prices: PriceTable | None = None,
    measured: Mapping[str, float] | None = None,
    weights: Mapping[str, float] | None = None,
) -> Decision:
    """Apply the checklist. Total: every combination of answers gets one approach.

    With ``evidence`` (see ``read_evidence``) its measured improvement replaces the expected one, and the measured winner
    decides. ``prices`` as from ``read_prices``, ``measured`` as in ``costs``, ``weights`` as in ``ranking``.
    """
    day, checklist = today or date.today(), approach(answers)
    if evidence is not None and evidence.improvement_percent is not None:
        improvement = min(1000.0, max(0.0, evidence.improvement_percent["difference"]))
        answers = answers.changed("expected_improvement_percent", improvement)
    return Decision(answers, day, checklist, evidence, prices, measured, weights)


def approach(answers: Answers) -> str:
    """The checklist's approach alone."""
    return approach_of(answers.by_key)
