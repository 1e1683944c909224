"""A pilot: all there is material for is built, and every arm is asked until differences are sure or the time is over."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from compare.early_stopping import levels, looks, may_stop
from compare.verdict import FEWEST
from corpus.atomic_files import write_json
from corpus.errors import InputError
from corpus.progress import OnProgress, untold
from corpus.records import Example
from finetune.ledger import MINIMUM_EXAMPLES
from groundtune.assistant import Assistant
from groundtune.jobs.prove import COMPARISON, PilotPlan, prove
from groundtune.jobs.provision import provision
from lm.arm_facts import arm_of, baselines, generating

if TYPE_CHECKING:
    from compare.comparison_json import ComparisonJson, PilotRunJson
    from compare.comparison_result import Comparison

_TRAINING_SHARE = 0.4
"""Of the minutes, for training: the index, what is measured of the arms and the questions take the rest."""
_FIRST_LOOK, _LOOKS = 24, 10
_MOST = 240
"""Questions of a pilot, unless more are asked for: 80 % power for a difference of about 13 of 100 right answers."""


@dataclass(frozen=True)
class PilotRequest:
    """How long a pilot may take, in minutes, and how many questions it may ask; ``approach``: build this instead."""

    minutes: float = 15.0
    questions: int | None = None
    approach: str | None = None


def run_pilot(
    assistant: Assistant, request: PilotRequest, on_progress: OnProgress = untold
) -> tuple[ComparisonJson, Path]:
    """Build, ask, and tell: the comparison, with what it cannot tell, and its file, for ``advise --evidence``.

    The same pilot again goes on with what was asked before. Raises ``InputError`` where no question is held out.
    """
    started = time.monotonic()
    questions = drawn(assistant, request.questions or _MOST)
    approach = request.approach or largest_approach(assistant)
    within = assistant.project.within(max(0.5, request.minutes * _TRAINING_SHARE))
    limited = Assistant(within, generator=assistant.generator, embedder=assistant.embedder)
    provisioned = provision(limited, approach, on_progress=on_progress)
    watch = _Watch(questions, started + request.minutes * 60)
    plan = PilotPlan(questions, watch.looks, watch.is_enough)
    result, answers = prove(limited, on_progress=on_progress, plan=plan)
    run: PilotRunJson = {
        "minutes": request.minutes,
        "spent": round((time.monotonic() - started) / 60, 2),
        "asked": result["questions"],
        "of": len(questions),
        "looks": watch.taken,
        "ended": watch.ended,
        "cannot_tell": list(
            _cannot_tell(result, approach, provisioned.adapter.not_reached if provisioned.adapter else 0)
        ),
    }
    result["pilot"] = run
    file = answers.with_name(COMPARISON)
    write_json(file, result)
    return result, file


def drawn(assistant: Assistant, most: int) -> list[Example]:
    """Held-out questions in an order drawn from the project's seed, so that a part of them is a sample of all."""
    held_out = assistant.project.held_out_questions()
    if not held_out:
        raise InputError("there is no question for a pilot", [assistant.project.nothing_held_out()])
    return random.Random(assistant.project.settings.seed).sample(held_out, min(most, len(held_out)))


def largest_approach(assistant: Assistant) -> str:
    """All that the project has the material for: a pilot compares."""
    settings = assistant.project.settings
    examples = len(assistant.project.training_examples()) if settings.examples else 0
    if not settings.documents:
        return "finetune"
    return "hybrid" if examples >= MINIMUM_EXAMPLES else "rag"


@dataclass
class _Watch:
    """Looks at the comparison as it grows, and ends it when time is over or what is asked is sure."""

    questions: Sequence[Example]
    deadline: float
    now: Callable[[], float] = time.monotonic
    taken: list[int] = field(default_factory=list)
    ended: Literal["sure", "time", "all asked"] = "all asked"

    @property
    def looks(self) -> list[tuple[int, float]]:
        """After how many questions, and at which level of p."""
        places = looks(len(self.questions), _FIRST_LOOK, _LOOKS)
        return list(zip(places, levels(tuple(p / len(self.questions) for p in places)), strict=True))

    def is_enough(self, comparison: Comparison) -> bool:
        """Is it sure which of tuned, untuned and search is ahead, or is the time over?"""
        asked = len(comparison.questions)
        self.taken.append(asked)
        if len(self.taken) < len(self.looks):
            if may_stop(_asked_about(comparison), comparison.level) and asked >= FEWEST:
                self.ended = "sure"
            elif self.now() > self.deadline:
                self.ended = "time"
        return self.ended != "all asked"


def _asked_about(comparison: Comparison) -> list[float]:
    """The adjusted p of the best tuned arm against the best untuned one, and of the best with a model against search."""
    means = {arm: sum(comparison.f1(arm)) / len(comparison.questions) for arm in comparison.arms}
    tuned = [a for a in means if (known := arm_of(a)) and known.is_tuned]
    untuned = [a for a in generating() if a in means and a not in tuned]
    search = [a for a in baselines() if a in means]
    groups = [tuned, untuned], [[*tuned, *untuned], search]
    wanted = [{max(g, key=lambda a: means[a]) for g in pair} for pair in groups if all(pair)]
    return [p["p"] for names in wanted for p in comparison.pairs() if {p["a"], p["b"]} == names]


def _cannot_tell(result: ComparisonJson, approach: str, not_reached: int) -> list[str]:
    """What the pilot's questions, minutes and arms leave open, in words."""
    words = []
    top = [p for p in result["pairs"] if not p["significant"] and p["smallest_detectable"] is not None]
    if top:
        least = max(p["smallest_detectable"] or 0 for p in top)
        words.append(f"differences under {least * 100:.0f} points of F1 between arms that are not significantly apart")
    few = [kind for kind, row in result["kinds"].items() if row["n"] < FEWEST]
    if few and len(result["kinds"]) > 1:
        words.append(f"kinds of question asked fewer than {FEWEST} times: {', '.join(few)}")
    if approach != "hybrid":
        words.append("what tuning and retrieval do together: not both were built")
    if not_reached:
        words.append(f"what longer training gives: {not_reached} examples were not reached in the minutes given")
    return words
