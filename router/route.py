"""From a question to the arm that answers it, by rules whose reason is shown."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from corpus.records import Example, ScoredPassage
from lm.answerer import Route
from lm.arm_facts import arms, preferred, readers, reads_by_adapter
from router.measured_arms import ALONE, Measured
from router.rules import Rules

if TYPE_CHECKING:
    import numpy

    Embed = Callable[[str], numpy.ndarray]

Retrieve = Callable[[str], Sequence[ScoredPassage]]
Nearest = Callable[[str], tuple[Example, float]]
ABSTAIN = "abstain"


class Router:
    """Chooses among ``available`` arms. ``retrieve`` and ``nearest`` may be None where nothing of the kind is built."""

    def __init__(
        self,
        available: Sequence[str],
        rules: Rules,
        retrieve: Retrieve | None = None,
        nearest: Nearest | None = None,
        measured: Measured | None = None,
        embed: Embed | None = None,
    ) -> None:
        self.available = tuple(available)
        self.rules = rules
        self.retrieve = retrieve
        self.nearest = nearest
        self.measured = measured
        self.embed = embed

    def route(self, question: str) -> Route:
        """The arm for this question (or ``abstain``), the reason, and the similarities it rests on."""
        scores, example = self.scores(question)
        rules, reasons = self.rules, self.rules.reasons
        best = preferred(self.available)
        chosen = self._measured(question, scores) if self.measured else None
        reading = readers(self.available)
        if self._asks_for_fresh_facts(question) and best in reading:
            return Route(best, reasons["fresh"], scores)
        if scores and max(scores.values()) < rules.nothing_relevant:
            return Route(ABSTAIN, reasons["nothing"], scores)
        recalling = None if reading else self._recalling()  # where documents are read, a stored answer may be old
        if example and recalling and scores["nearest_example"] >= rules.near_example:
            return Route(recalling, reasons["near"].format(example=example.id), scores)
        if chosen:
            return chosen
        return Route(best, reasons["both" if reads_by_adapter(best) else "only"], scores)

    def _measured(self, question: str, scores: dict[str, float]) -> Route | None:
        """By what the arms scored on questions of this one's sort; ``scores`` gets the probability of the sort."""
        measured, reasons = self.measured, self.rules.reasons
        if measured is None:
            return None
        chance = measured.answered_alone(question, self.embed(question)) if self.embed else None
        sort = measured.sort(chance)
        if chance is not None:
            scores["answered_alone"] = round(chance, 4)
        chosen = measured.best(sort, self.available)
        if chosen.measured and chosen.score is not None:
            values = {"arm": chosen.arm, "score": f"{100 * chosen.score:.0f}", "questions": chosen.questions}
            why = [reasons[sort]] if self.retrieve or sort == ALONE else []
            return Route(chosen.arm, "; ".join([*why, reasons["measured"].format(**values)]), scores)
        if sort == ALONE:
            return Route(chosen.arm, f"{reasons[sort]}; {reasons['thin']}", scores)
        return None

    def scores(self, question: str) -> tuple[dict[str, float], Example | None]:
        """Cosine to the best passage (``similarity``) and to the nearest training question (``nearest_example``)."""
        scores: dict[str, float] = {}
        if self.retrieve:
            scores["similarity"] = round(max((f.similarity for f in self.retrieve(question)), default=0.0), 4)
        if not self.nearest:
            return scores, None
        example, cosine = self.nearest(question)
        scores["nearest_example"] = round(cosine, 4)
        return scores, example

    def _recalling(self) -> str | None:
        """The arm that answers with an example's stored answer, if it is built."""
        return next((arm.name for arm in arms() if arm.recalls_examples and arm.name in self.available), None)

    def _asks_for_fresh_facts(self, question: str) -> bool:
        return any(re.search(rf"\b{re.escape(word)}\b", question.lower()) for word in self.rules.fresh_words)
