"""What is trained on: questions alone, with the right passages among distractors, with passages that do not help, and
reading exercises on the passages shown.

An adapter that never saw passages reads them worse than the base model does (RAFT, Zhang et al. 2024), so every question
is shown as the assistant will show it: with what retrieval really returns.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from corpus.examples.evidence_passages import Evidence
from corpus.examples.labels import labels
from corpus.examples.restated import Restatements
from corpus.examples.split import alike
from corpus.records import EarlierAnswer, Example, Passage, ShownText
from corpus.text.match import holds, normalise, says_the_same
from corpus.text.refusal import REFUSAL
from finetune.exercises import exercises
from finetune.recipe import Recipe
from lm.prompts import NO_PASSAGE, pointed

Retrieve = Callable[[Example, int], Sequence[ShownText]]
"""What is shown for an example, best first."""
_CANDIDATES = 10
_MOST_HELD = 0.25
"""Share of the examples that is held back at most, unless more is wanted."""
_ELSEWHERE = 2
"""Exercises on passages that no example asks about, for each one on those that are asked about."""


@dataclass(frozen=True)
class Lesson:
    """One question as it will be shown, and the reply to learn."""

    question: str
    passages: tuple[ShownText, ...]
    reply: str
    example: str = ""
    """Id of the example that it teaches; none for an exercise, or for a question behind passages that mislead."""


@dataclass
class _Group:
    """Questions with the same right passages."""

    gold: tuple[Passage, ...]
    members: list[Example] = field(default_factory=list)
    guests: list[Example] = field(default_factory=list)
    """Questions whose answer stands in no passage, at home where retrieval would look for it."""


class Mixture:
    """The lessons of each epoch, drawn anew from ``seed`` and the epoch's number."""

    def __init__(
        self,
        examples: Sequence[Example],
        passages: Sequence[Passage],
        retrieve: Retrieve | None,
        recipe: Recipe,
        seed: int = 0,
    ) -> None:
        self.examples = tuple(examples)
        self.recipe = recipe
        self.seed = seed
        self.exercises = recipe.exercises
        self._evidence = Evidence(passages, labels(examples))
        self._candidates = {e.id: tuple(retrieve(e, _CANDIDATES)) for e in examples} if retrieve else {}
        self._groups = self._grouped() if retrieve else []
        self._places = self._ranks_of_right_passages()

    @property
    def _placed(self) -> set[str]:
        """Ids of the examples that have passages to be shown with."""
        return {e.id for g in self._groups for e in (*g.members, *g.guests)}

    def hold_back(self, share: float) -> tuple[Mixture, Mixture]:
        """Two mixtures that share no right passage: to train on, and about ``share`` of the examples to validate on.

        Questions that say nearly the same stay together. What is too large a part of the examples is not held back:
        where all of them belong together nothing is left to validate on.
        """
        rng = random.Random(self.seed)
        units = [[*g.members, *g.guests] for g in self._groups]
        placed = self._placed
        alone = [e for e in self.examples if e.id not in placed]
        units += [[alone[n] for n in places] for places in alike(alone)]
        rng.shuffle(units)
        wanted = share * len(self.examples)
        most = max(wanted, _MOST_HELD * len(self.examples))
        held: set[str] = set()
        for unit in units:
            if len(held) >= wanted:
                break
            if len(held) + len(unit) <= most:
                held.update(e.id for e in unit)
        validation = self._only(lambda e: e.id in held)
        validation.exercises = 0
        return self._only(lambda e: e.id not in held), validation

    def epoch(self, number: int) -> list[list[Lesson]]:
        """Groups of lessons with the same passages, or without any, in a random order: a lesson or more of every example.

        Alone stand all the examples that have no passages to be shown with, and ``closed_book_share`` of the others.
        """
        rng = random.Random(f"{self.seed}/{number}")
        groups = self._grounded_lessons(rng)
        groups += self._exercises_elsewhere({p.id for g in groups for x in g for p in x.passages}, len(groups), rng)
        share, placed = self.recipe.closed_book_share, self._placed
        alone = [e for e in self.examples if e.id not in placed or rng.random() < share]
        rng.shuffle(alone)
        size = 16
        groups += [
            [Lesson(e.question, (), e.answer or REFUSAL, e.id) for e in alone[i : i + size]]
            for i in range(0, len(alone), size)
        ]
        rng.shuffle(groups)
        return [g for g in groups if g]

    def _only(self, keep: Callable[[Example], bool]) -> Mixture:
        part = Mixture((), (), None, self.recipe, self.seed)
        part.examples = tuple(e for e in self.examples if keep(e))
        part._evidence, part._candidates, part._places = self._evidence, self._candidates, self._places
        for g in self._groups:
            kept = _Group(g.gold, [e for e in g.members if keep(e)], [e for e in g.guests if keep(e)])
            if kept.members or kept.guests:
                part._groups.append(kept)
        return part

    def _grouped(self) -> list[_Group]:
        groups: dict[tuple[str, ...], _Group] = {}
        homeless = []
        restatements = Restatements(self._evidence.passages)
        for example in self.examples:
            documents = [p for p in self._candidates[example.id] if isinstance(p, Passage)]
            gold = self._evidence.right(example, documents)
            if gold and len(gold) <= self.recipe.passages:
                key = tuple(sorted(p.id for p in gold))
                groups.setdefault(key, _Group(gold)).members.append(example)
            elif not (example.evidence or example.source or example.kind == "changed" or restatements.now(example)):
                homeless.append(example)  # what documents restate is outdated, nothing to repeat
        by_passage: dict[str, list[_Group]] = defaultdict(list)
        for group in groups.values():
            for p in group.gold:
                by_passage[p.id].append(group)
        for example in homeless:
            homes = [g for p in self._candidates[example.id] for g in by_passage.get(p.id, ())]
            if homes:
                homes[0].guests.append(example)
        return list(groups.values())

    def _ranks_of_right_passages(self) -> list[int]:
        """Where retrieval puts right passages among those shown: what the model should expect of each place."""
        places = []
        for group in self._groups:
            right = {p.id for p in group.gold}
            for e in group.members:
                shown = self._candidates[e.id][: self.recipe.passages]
                places += [n for n, p in enumerate(shown) if p.id in right]
        return places or [0]

    def _grounded_lessons(self, rng: random.Random) -> list[list[Lesson]]:
        """Every question once, behind what retrieval returns for it or for a question with the same best passage.

        A guest may also come behind passages among which its best one is not the first. No question is shown itself as
        an earlier one.
        """
        waiting = [_Group(g.gold, [e], []) for g in self._groups for e in g.members]
        waiting += [_Group((), [], [e]) for g in self._groups for e in g.guests]
        rng.shuffle(waiting)
        by_best: dict[str, list[_Group]] = defaultdict(list)
        for group in waiting:
            by_best[self._best(group)].append(group)
        lessons: list[list[Lesson]] = []
        done: set[int] = set()
        for group in waiting:
            if id(group) not in done:
                shown = self._shown(group, rng)
                ids = {p.id for p in shown}
                alike = [g for g in by_best[shown[0].id] if g is not group and {p.id for p in g.gold} <= ids]
                alike += [g for p in shown[1:] for g in by_best[p.id] if g.guests]
                fitting = (g for g in alike if id(g) not in done and not ids & {e.id for e in g.members})
                together = list({id(g): g for g in (group, *fitting)}.values())
                done.update(id(g) for g in together)
                lessons.append(self._lessons(together, shown, rng))
        return lessons

    def _exercises_elsewhere(self, shown: set[str], most: int, rng: random.Random) -> list[list[Lesson]]:
        """Exercises on passages that no question of this epoch shows, neighbours together, for at most ``most`` prompts."""
        unseen = [p for p in self._evidence.passages if p.id not in shown] if self.exercises else []
        together = self.recipe.passages
        starts = list(range(0, len(unseen), together))
        rng.shuffle(starts)
        prompts = [tuple(unseen[at : at + together]) for at in starts[:most]]
        return [
            [
                Lesson(q, ps, pointed(reply, [ps.index(p) + 1]))
                for q, reply, p in exercises(ps, _ELSEWHERE * self.exercises, rng)
            ]
            for ps in prompts
        ]

    def _best(self, group: _Group) -> str:
        (asked,) = group.members or group.guests
        return self._candidates[asked.id][0].id if self._candidates[asked.id] else ""

    def _shown(self, group: _Group, rng: random.Random) -> tuple[ShownText, ...]:
        """What retrieval returns, in its order; a right passage it missed takes a place right ones are found at."""
        (asked,) = group.members or group.guests
        shown = list(self._candidates[asked.id][: self.recipe.passages])
        if self._earlier_answers(asked, shown):
            return tuple(shown)
        for p in group.gold:
            if p not in shown:
                kept = [x for x in reversed(shown) if x not in group.gold]
                if kept and len(shown) >= self.recipe.passages:
                    shown.remove(kept[0])
                shown.insert(min(rng.choice(self._places), len(shown)), p)
        return tuple(shown)

    def _earlier_answers(self, example: Example, shown: Sequence[ShownText]) -> list[int]:
        """The numbers of the earlier answers that say what this one says."""
        return [
            n
            for n, p in enumerate(shown, 1)
            if isinstance(p, EarlierAnswer) and says_the_same(p.text, example.references)
        ]

    def _lessons(self, groups: Sequence[_Group], passages: tuple[ShownText, ...], rng: random.Random) -> list[Lesson]:
        """The groups' questions behind one set of passages, with some that these passages do not answer."""
        taught = [(e, self._pointed(e, g.gold, passages)) for g in groups for e in g.members]
        taught += [(e, pointed(e.answer or REFUSAL, [NO_PASSAGE])) for g in groups for e in g.guests]
        lessons = [Lesson(e.question, passages, reply, e.id) for e, reply in taught]
        misled = self._misled(sum(len(g.members) for g in groups), passages, rng)
        lessons += [Lesson(e.question, passages, pointed(REFUSAL, [NO_PASSAGE])) for e in misled]
        documents = [p for p in passages if isinstance(p, Passage)]
        lessons += [
            Lesson(asked, passages, pointed(reply, [passages.index(p) + 1]))
            for asked, reply, p in exercises(documents, self.exercises, rng)
        ]
        rng.shuffle(lessons)
        return lessons

    def _pointed(self, example: Example, gold: Sequence[Passage], shown: Sequence[ShownText]) -> str:
        """The answer behind the number of the earlier answer that says the same, else of its right passages."""
        reply = example.answer or REFUSAL
        right = {p.id for p in gold}
        places = self._earlier_answers(example, shown)[:1] or [n for n, p in enumerate(shown, 1) if p.id in right]
        return pointed(reply, places)

    def _misled(self, members: int, shown: Sequence[ShownText], rng: random.Random) -> list[Example]:
        """Answerable questions that retrieval brings near ``shown`` but that ``shown`` does not answer."""
        wanted = members * self.recipe.unanswerable_share / (1 - self.recipe.unanswerable_share)
        count = int(wanted) + (rng.random() < wanted % 1)
        ids = {p.id for p in shown}
        text = " ".join(self._evidence.texts.get(p.id) or normalise(p.text) for p in shown)
        near: list[Example] = []
        far: list[Example] = []
        for other in self._groups:
            if ids & {p.id for p in other.gold}:
                continue
            for e in other.members:
                if not any(holds(text, normalise(k)) for k in _key_phrases(e)):
                    is_near = any(p.id in ids for p in self._candidates[e.id][: _CANDIDATES // 2])
                    (near if is_near else far).append(e)
        rng.shuffle(near)
        rng.shuffle(far)
        half = (count + 1) // 2
        return [*near[:half], *far][:count]


def _key_phrases(example: Example) -> list[str]:
    return [*example.key, *example.references]
