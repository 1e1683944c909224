"""Learning which sentence answers a question: the model reversed, made to find the question likelier after the right one.

A sentence is scored by the mean log-probability of the question's words after it (query likelihood, Ponte and Croft 1998;
with language models: UPR, Sachan et al. 2022). One pass over the questions, each once: its right sentence against others
found for it, by a softmax over their scores. What a question's sentences score before it is learned is what a new question's
would: from these scores follow how well the choice goes and what the reader is shown in training, at no cost of their own.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import TypeAdapter

from corpus.atomic_files import MANIFEST, read_json, whole_folder, write_json
from corpus.cancellation import Cancelled, is_cancelled
from corpus.examples.evidence_passages import Evidence
from corpus.progress import OnProgress, Progress, untold
from corpus.records import Candidate, EarlierAnswer, Example, ShownText
from corpus.text.match import holds, normalise, says_the_same
from finetune.budget import UNLIMITED, Budget
from finetune.packing import Item, Pack, computed_tokens, micro_batches, pack
from finetune.recipe import Recipe
from lm.prompts import question_messages

if TYPE_CHECKING:
    import torch

    from finetune.lora import LoraModel

MINIMUM_CHOICES = 150
"""With fewer questions whose right sentence is known nothing is learned. Right sentence first before and after learning from
131 examples .71 and .55 (COVID-QA), from 160 .26 and .28 (HotpotQA), from 312 .44 and .87 (MedQuAD); once each."""
_WORDS = 5
"""Of a sentence that answers where the answer contains it: a shorter one is contained by chance."""
_SHARPNESS = 8.0
"""Of the softmax over mean log-probabilities."""
_OF_THE_QUESTION = 0.2
"""How much the right sentence's own likelihood counts beside its being ahead of the others."""
_BATCH = 4
_CHECKPOINT_S = 60.0
PRIOR_WEIGHT = 0.5
"""How much a candidate's prior counts beside its likelihood. Not learned: the sentences that a step draws were chosen by it."""


@dataclass(frozen=True)
class Choice:
    """One question with sentences that answer it and sentences, the nearest first, that do not."""

    example: str
    question: str
    right: tuple[Candidate, ...]
    wrong: tuple[Candidate, ...]


@dataclass(frozen=True)
class Selection:
    """What came of it. ``scores``: by example, then by sentence, before the example was learned."""

    choices: int
    steps: int
    seconds: float
    tokens: int
    right_first: float
    """Share of the second half's questions whose right sentence was ahead of the few others drawn, before it was learned.

    New questions have more sentences to tell it from, and not always the right one among them: it comes first less often."""
    right_first_before: float
    """The same by the prior alone."""
    prior_weight: float
    """How much the prior counts beside the likelihood."""
    scores: Mapping[str, Mapping[str, float]]
    not_reached: int = 0
    """Questions that were not learned from: the time was over before."""


@dataclass
class SelectorState:
    """Where it stands. A checkpoint holds these fields, and a killed run goes on from them."""

    step: int = 0
    seconds: float = 0.0
    tokens: int = 0
    scores: dict[str, dict[str, float]] = field(default_factory=dict)
    """As ``Selection`` has them."""


class SelectorTrainer:
    """Trains one adapter in one pass over ``choices``, or as far as the ``budget`` goes.

    A killed run resumes from ``checkpoint`` and, without a budget, ends the same.
    """

    def __init__(
        self,
        model_folder: Path,
        choices: Sequence[Choice],
        recipe: Recipe,
        *,
        checkpoint: Path,
        device: str = "cpu",
        seed: int = 0,
        on_progress: OnProgress = untold,
        budget: Budget = UNLIMITED,
    ) -> None:
        self.model_folder = model_folder
        self.budget = budget
        self.choices = random.Random(seed).sample(list(choices), len(choices))
        self.recipe = recipe
        self.checkpoint = checkpoint
        self.device = device
        self.seed = seed
        self.tell = on_progress
        self.state = SelectorState()

    def run(self, adapter_folder: Path) -> Selection:
        """Train, and write the adapter in peft's layout. Raises what ``LoraModel.optimise`` raises."""
        from finetune.lora import LoraModel, load_checkpoint, save_checkpoint

        lora = LoraModel(
            self.model_folder,
            self.recipe.model_copy(update={"learning_rate": self.recipe.selector_learning_rate}),
            device=self.device,
            seed=self.seed,
        )
        self.state = state = load_checkpoint(self.checkpoint, lora, SelectorState) or self.state
        batches = [self.choices[at : at + _BATCH] for at in range(0, len(self.choices), _BATCH)]
        started, before, first = time.monotonic(), state.seconds, state.step
        saved = started
        for batch in batches[state.step :]:
            steps = self.budget.steps(state.step, state.seconds, len(batches))
            if state.step >= steps:
                break
            if is_cancelled():
                save_checkpoint(self.checkpoint, lora, state)
                raise Cancelled
            loss = lora.optimise(state.step, steps, lambda batch=batch: self._backward(lora, batch))  # type: ignore[misc]
            state.step += 1
            state.seconds = before + time.monotonic() - started
            pace = (time.monotonic() - started) / (state.step - first)
            left = pace * (steps - state.step)
            self.tell(Progress("select", state.step, steps, seconds_left=left, train_loss=loss))
            if time.monotonic() - saved > _CHECKPOINT_S:
                save_checkpoint(self.checkpoint, lora, state)
                saved = time.monotonic()
        lora.save(adapter_folder)
        return self._selection()

    def _backward(self, lora: LoraModel, batch: Sequence[Choice]) -> float:
        packed = [self._packed(lora, choice) for choice in batch]
        places = {id(p): n for n, p in enumerate(packed)}
        total = 0.0
        for packs in micro_batches(packed, self.recipe.max_tokens):
            self.state.tokens += computed_tokens(packs)
            lengths = [sum(len(i.completion) for i in p.items) for p in packs]
            loss = 0.0
            for p, losses in zip(packs, lora.losses(packs)[0].split(lengths), strict=True):
                likelihoods = -losses.reshape(len(p.items), -1).mean(dim=1)
                loss = loss + self._loss(batch[places[id(p)]], likelihoods) / len(batch)
            loss.backward()  # type: ignore[attr-defined]
            total += float(loss.detach())  # type: ignore[attr-defined]
        return total

    def _loss(self, choice: Choice, likelihoods: torch.Tensor) -> torch.Tensor:
        """From the mean log-probability of the question after each sentence drawn, the right one first, ``(n,)``."""
        import torch

        drawn = zip(self._drawn(choice), likelihoods.detach().tolist(), strict=True)
        self.state.scores[choice.example] = {c.text.id: round(x, 4) for c, x in drawn}
        first = torch.zeros(1, dtype=torch.long, device=likelihoods.device)
        ahead = torch.nn.functional.cross_entropy((likelihoods * _SHARPNESS)[None], first)
        return ahead - _OF_THE_QUESTION * likelihoods[0]

    def _packed(self, lora: LoraModel, choice: Choice) -> Pack:
        """The question after each sentence drawn for it."""
        asked = lora.tokens(choice.question)
        items = [Item(lora.prompt(question_messages(c.text)), asked) for c in self._drawn(choice)]
        (packed,) = pack([items], sum(len(i.tokens) for i in items))
        return packed

    def _drawn(self, choice: Choice) -> list[Candidate]:
        """A right sentence, and others that it is to be told from."""
        rng = random.Random(f"{self.seed}/{choice.example}")
        wrong = choice.wrong[: max(self.recipe.distractors, self.recipe.candidates // 2)]
        return [rng.choice(choice.right), *rng.sample(wrong, min(self.recipe.distractors, len(wrong)))]

    def _selection(self) -> Selection:
        learned = self.choices[: self.state.step * _BATCH]
        half = learned[len(learned) // 2 :]
        before = sum(_first(self._drawn(c), lambda x: x.prior) for c in half) / len(half)
        return Selection(
            len(learned),
            self.state.step,
            round(self.state.seconds, 1),
            self.state.tokens,
            round(self._right_first(half), 4),
            round(before, 4),
            PRIOR_WEIGHT,
            self.state.scores,
            len(self.choices) - len(learned),
        )

    def _right_first(self, choices: Sequence[Choice]) -> float:
        def score(choice: Choice, candidate: Candidate) -> float:
            return self.state.scores[choice.example][candidate.text.id] + PRIOR_WEIGHT * candidate.prior

        return sum(_first(self._drawn(c), lambda x, c=c: score(c, x)) for c in choices) / len(choices)  # type: ignore[misc]


def _first(candidates: Sequence[Candidate], score: Callable[[Candidate], float]) -> bool:
    """Is the first of the candidates, the right one, ahead of all the others?"""
    first, *others = map(score, candidates)
    return all(first > other for other in others)


def choices(
    examples: Sequence[Example], candidates: Mapping[str, Sequence[Candidate]], evidence: Evidence
) -> list[Choice]:
    """The questions with both right and wrong sentences, of ``candidates`` by example id, the best by their prior first.

    A right sentence that was not found is looked for in all of ``evidence``. A question whose answer stands in several
    sentences has them all right.
    """
    known = []
    for e in examples:
        sentences = list(candidates.get(e.id, ()))
        if e.answer is None or not sentences or evidence.is_label(e):
            continue
        right = [c for c in sentences if _answers(c.text, e)]
        wrong = tuple(c for c in sentences if c not in right)
        if not right:
            lowest = min(c.prior for c in sentences)
            right = [Candidate(p, lowest) for p in evidence.right(e)] if e.evidence else []
        if right and wrong:
            known.append(Choice(e.id, e.question, tuple(right), wrong))
    return known


def _answers(sentence: ShownText, example: Example) -> bool:
    """Does it hold a piece of the example's evidence, or its answer, or is it an earlier answer that says the same?"""
    if isinstance(sentence, EarlierAnswer):
        return len(example.evidence) < 2 and says_the_same(sentence.text, example.references)
    alone = Evidence([sentence])
    pieces = [replace(example, evidence=(piece,)) for piece in example.evidence] or [example]
    if any(alone.right(e, [sentence]) for e in pieces):
        return True
    said = alone.texts[sentence.id]
    return len(said.split()) >= _WORDS and not example.evidence and holds(normalise(example.answer or ""), said)


def in_order(candidates: Sequence[Candidate], selection: Selection, example: str) -> list[ShownText]:
    """The sentences as the selector would have put them before it learned this example; those not looked at, last."""
    scores = selection.scores.get(example, {})

    def rank(c: Candidate) -> tuple[bool, float]:
        known = c.text.id in scores
        likelihood = scores[c.text.id] if known else 0.0
        return known, likelihood + (selection.prior_weight if known else 1.0) * c.prior

    return [c.text for c in sorted(candidates, key=rank, reverse=True)]


def learn_to_select(trainer: SelectorTrainer, folder: Path, check: Callable[[Path], None] | None = None) -> Selection:
    """Train into ``folder``, whole or not at all, or read what was trained there. ``check`` raises where it cannot serve."""
    if not (folder / MANIFEST).is_file():
        with whole_folder(folder) as beside:
            selection = trainer.run(beside)
            if check:
                check(beside)
            write_json(beside / MANIFEST, vars(selection))
        trainer.checkpoint.unlink(missing_ok=True)
    return TypeAdapter(Selection).validate_python(read_json(folder / MANIFEST))
