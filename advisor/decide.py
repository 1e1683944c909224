"""The checklist applied: answers in, a decision with reasons, flips, warnings and a plan out. Knows nothing of screens."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from typing import Any

from advisor.answers import Answers
from advisor.costs import CostSheet, costs
from advisor.questions import TABLES, UNKNOWN

APPROACHES = ("prompt", "rag", "finetune", "hybrid", "defer")
_TRIED: dict[str, tuple[Any, ...]] = {
    "domain_expertise_critical": ("yes", "no"),
    "production": ("yes", "no"),
    "real_time_updates": ("yes", "no"),
    "examples": (50, 100, 500),
    "example_quality": ("high", "low"),
    "documents": (0, 50),
    "expected_improvement_percent": (5, 15, 25),
}


@dataclass(frozen=True)
class Reason:
    """One rule applied to one answer: ``verdict`` is for, against, open, retrieve or no_retrieval."""

    rule: str
    answer: str
    verdict: str
    because: str
    source: str


@dataclass(frozen=True)
class Decision:
    """What to do and why. Costs and flips are derived from the answers."""

    approach: str
    answers: Answers
    reasons: tuple[Reason, ...]
    warnings: tuple[dict[str, str], ...]
    plan: tuple[dict[str, str], ...]

    @property
    def costs(self) -> CostSheet:
        return costs(self.answers)

    @property
    def flips(self) -> tuple[dict[str, str], ...]:
        """Single answers that would change the approach."""
        found = []
        for key, values in _TRIED.items():
            for value in values:
                if self.answers[key] != value:
                    other = approach(self.answers.changed(key, value))
                    if other != self.approach:
                        found.append({"if": f"{key} = {value}", "then": other})
        return tuple(found)

    def to_json(self) -> dict[str, Any]:
        """The shape ``groundtune advise --json`` prints (stable: keys are only added)."""
        return {
            "approach": self.approach,
            "reasons": [vars(r) for r in self.reasons],
            "costs": self.costs.to_json(),
            "flips": list(self.flips),
            "warnings": list(self.warnings),
            "plan": list(self.plan),
            "answers": dict(self.answers.values),
        }


def decide(answers: Answers) -> Decision:
    """Apply the checklist. Total: every combination of answers gets one approach."""
    chosen = approach(answers)
    return Decision(chosen, answers, _reasons(answers), _warnings(answers, chosen), _plan(chosen))


def approach(answers: Answers) -> str:
    """The approach alone.

    Tuning is out where one rule speaks against it; it is in where the domain is critical, the system goes into production
    and no rule speaks against. Retrieval is in with changing facts, or with documents and a critical domain. Where tuning
    stays open for lack of examples or of a known improvement, retrieval or a prompt serves until a pilot has measured.
    """
    verdicts = dict(_cases(answers))
    domain, production = verdicts["domain"], verdicts["production"]
    fresh, documents = verdicts["updates"] == "yes", verdicts["documents"] != "none"
    retrieve = fresh or (documents and verdicts["documents"] == "some" and domain != "no")
    if production == "no":
        return "rag" if fresh and domain == "yes" else "prompt"
    against = domain == "no" or verdicts["examples"] in ("tiny", "poor") or verdicts["improvement"] == "low"
    if against:
        return "rag" if retrieve else "prompt"
    ready = verdicts["examples"] == "enough" and verdicts["improvement"] == "high" and domain == production == "yes"
    if ready:
        return "hybrid" if retrieve else "finetune"
    return "rag" if retrieve else "defer"


def _cases(answers: Answers) -> tuple[tuple[str, str], ...]:
    """Which case of each rule applies."""
    limits = _rules()["thresholds"]
    examples, documents = answers.number("examples"), answers.number("documents")
    gain = answers.number("expected_improvement_percent")
    if answers["example_quality"] == "low":
        lot = "poor"
    elif examples is None:
        lot = UNKNOWN
    elif examples < limits["memorises_below"]:
        lot = "tiny"
    else:
        lot = "enough" if examples >= limits["enough_examples"] else "few"
    if gain is None:
        worth = UNKNOWN
    elif gain < limits["skip_below_percent"]:
        worth = "low"
    else:
        worth = "high" if gain > limits["worth_above_percent"] else "middle"
    return (
        ("domain", answers["domain_expertise_critical"]),
        ("examples", lot),
        ("production", answers["production"]),
        ("improvement", worth),
        ("updates", answers["real_time_updates"]),
        ("documents", UNKNOWN if documents is None else ("some" if documents else "none")),
    )


def _reasons(answers: Answers) -> tuple[Reason, ...]:
    rules = {r["id"]: r for r in _rules()["rule"]}
    made = []
    for name, case in _cases(answers):
        rule = rules[name]
        verdict, because = rule[case]
        made.append(Reason(name, str(answers[rule["answer_key"]]), verdict, because, _title(rule["source"])))
    return tuple(made)


def _warnings(answers: Answers, chosen: str) -> tuple[dict[str, str], ...]:
    tunes = chosen in ("finetune", "hybrid")
    examples = answers.number("examples")
    applies = {
        "low-quality data": answers["example_quality"] != "high",
        "too few examples": examples is not None and examples < _rules()["thresholds"]["memorises_below"],
        "not validated against the base model": tunes,
        "maintenance ignored": tunes,
        "over-specialised": tunes,
    }
    return tuple(
        {"pitfall": p["id"], "because": p["because"], "source": _title(p["source"])}
        for p in _rules()["pitfall"]
        if applies[p["id"]]
    )


def _plan(chosen: str) -> tuple[dict[str, str], ...]:
    steps = {
        "prompt": [
            ("weeks 1-4", "build a prototype on the base model with a good prompt"),
            ("weeks 5-8", "collect questions, answers and how good they were"),
            ("week 9", "answer this questionnaire again with what was measured"),
        ],
        "defer": [
            ("week 1", "count and grade the examples; hold 20 % back"),
            ("weeks 2-3", "run a pilot: groundtune provision --approach hybrid, then groundtune compare"),
            ("week 4", "decide on the measured improvement, only if it is significant"),
        ],
        "rag": [
            ("week 1", "groundtune provision: build the index; write 100 held-out questions"),
            ("week 2", "groundtune compare: retrieval against the base model"),
            ("monthly", "collect examples; from 500 good ones on, ask again whether tuning pays"),
        ],
        "finetune": [
            ("week 1", "clean the examples; hold 20 % back"),
            ("week 2", "groundtune provision: train; groundtune compare: deploy only on a significant gain"),
            ("every 3-6 months", "retrain on new examples and compare again"),
        ],
        "hybrid": [
            ("week 1", "groundtune provision: the index serves at once, the adapter trains beside"),
            ("week 2", "groundtune compare: deploy the arm that wins significantly"),
            ("when documents change", "groundtune provision again: only what changed is indexed"),
            ("every 3-6 months", "retrain on new examples and compare again"),
        ],
    }
    return tuple({"when": when, "do": do} for when, do in steps[chosen])


def _title(source: str) -> str:
    return str(_rules()["sources"][source])


@cache
def _rules() -> dict[str, Any]:
    return tomllib.loads((TABLES / "rules.toml").read_text(encoding="utf-8"))
