"""The arm ``lookup``: where answers repeat it learns which one a question gets; where they do not, the nearest one's holds."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import numpy
import pytest

from corpus.examples.labels import MINIMUM
from corpus.records import Example
from rag.answer.answer_classes import Classes, Neighbours, Regression, learn_classes, repeating_answers
from rag.answer.lookup_arm import LookupAnswerer
from tests.conformance import check_answerer
from tests.fakes import FakeEmbedder

INTENTS = {
    "card arrival": "card delivery arrive post waiting envelope tracking",
    "lost card": "lost stolen missing card wallet block",
    "top up": "top up add money balance deposit",
    "exchange rate": "exchange rate currency euro dollar pounds",
}
NOISE = "please help me i want to know about the when is my can you for of it on this a"


class _CountingEmbedder(FakeEmbedder):
    def __init__(self) -> None:
        super().__init__(256)
        self.texts = 0

    def embed(self, texts):  # type: ignore[no-untyped-def]
        self.texts += len(texts)
        return super().embed(texts)


def _asked(count: int, seed: int) -> list[Example]:
    """Questions of four intents: two words that tell the intent among eight that tell nothing."""
    rng = random.Random(seed)
    made = []
    for n in range(count):
        intent = list(INTENTS)[n % len(INTENTS)]
        words = rng.sample(INTENTS[intent].split(), 2) + rng.sample(NOISE.split(), 8)
        rng.shuffle(words)
        made.append(Example(f"{seed}-{n}", " ".join(words), intent))
    return made


def _unlearned(lookup: LookupAnswerer, question: str) -> tuple[str | None, float]:
    example, cosine = lookup.nearest(question)
    return example.answer, cosine


def test_where_answers_repeat_it_answers_better_than_the_nearest_example() -> None:
    lookup = LookupAnswerer(FakeEmbedder(256), _asked(160, 1))
    questions = _asked(200, 2)
    answers = lookup.answer_each([q.question for q in questions])
    learned = [a.text == q.answer for a, q in zip(answers, questions, strict=True)]
    nearest = [_unlearned(lookup, q.question)[0] == q.answer for q in questions]
    assert sum(learned) > sum(nearest) + 10
    assert lookup.learned is not None
    classifier = lookup.learned.classifier
    assert classifier.accuracy > classifier.nearest_accuracy
    sure = numpy.array([a.right for a in answers])
    assert abs(sure.mean() - numpy.mean(learned)) < 0.1, "what is told is the probability of being right"
    assert all(a.confidence == a.right for a in answers)
    assert (answers[0].text, answers[0].confidence) == (
        (one := lookup.answer(questions[0].question)).text,
        one.confidence,
    )
    check_answerer(lookup, {})


def test_nothing_changes_where_answers_do_not_repeat() -> None:
    examples = [replace(e, answer=f"It is {e.id}.") for e in _asked(160, 1)]
    lookup = LookupAnswerer(FakeEmbedder(256), examples)
    assert lookup.learned is None
    for asked in _asked(20, 2):
        answer = lookup.answer(asked.question)
        text, cosine = _unlearned(lookup, asked.question)
        assert (answer.text, answer.confidence) == (text, pytest.approx(cosine))
        assert answer.right is None


def test_a_refusal_shared_by_many_examples_is_no_answer_that_repeats() -> None:
    examples = _asked(160, 1)
    mixed = [replace(e, answer=None if n % 2 else f"It is {e.id}.") for n, e in enumerate(examples)]
    assert repeating_answers(mixed) is None
    known = [replace(e, answer=None) if n % 4 == 0 else e for n, e in enumerate(examples)]
    classes = repeating_answers(known)
    assert classes is not None
    assert None in classes.answers


def test_nothing_changes_with_few_examples_or_one_answer() -> None:
    assert repeating_answers(_asked(MINIMUM - 1, 1)) is None
    assert repeating_answers([replace(e, answer="yes") for e in _asked(160, 1)]) is None
    rare = [replace(e, answer=e.id) if n % 5 == 0 else e for n, e in enumerate(_asked(160, 1))]
    assert repeating_answers(rare) is None, "a fifth of the answers stands alone"


def test_answers_are_the_same_whatever_their_case_and_marks() -> None:
    spelt = [replace(e, answer=(e.answer or "").title() + "." * (n % 7 == 0)) for n, e in enumerate(_asked(160, 1))]
    classes = repeating_answers(spelt)
    assert isinstance(classes, Classes)
    assert sorted(map(str, classes.answers)) == sorted(i.title() for i in INTENTS)


def test_the_nearest_one_stays_where_nothing_is_clearly_ahead() -> None:
    rng = numpy.random.default_rng(0)
    labels = numpy.arange(200) % 4
    centres = numpy.eye(4, 16)
    vectors = centres[labels] + 0.01 * rng.normal(size=(200, 16))
    vectors /= numpy.linalg.norm(vectors, axis=1, keepdims=True)
    assert learn_classes(vectors, labels, centres) is None, "all are right: the simple way stays"
    noise = rng.normal(size=(200, 16))
    noise /= numpy.linalg.norm(noise, axis=1, keepdims=True)
    taken = [learn_classes(noise, rng.permutation(labels), noise[:4], seed) for seed in range(12)]
    assert sum(t is not None for t in taken) <= 3, "of labels that say nothing seldom anything is learned"


def test_what_is_learned_where_one_answer_prevails_is_to_give_it() -> None:
    rng = numpy.random.default_rng(1)
    vectors = rng.normal(size=(300, 16))
    vectors /= numpy.linalg.norm(vectors, axis=1, keepdims=True)
    labels = (rng.random(300) < 0.3).astype(int)
    learned = learn_classes(vectors, labels, vectors[:2])
    assert learned is not None
    assert learned.accuracy > 0.65
    chosen, sure = learned.choose(vectors)
    assert (chosen == 0).mean() > 0.9
    assert 0.6 < sure.mean() < 0.8


def test_both_ways_give_probabilities() -> None:
    rng = numpy.random.default_rng(2)
    vectors = rng.normal(size=(30, 8))
    for way in (Neighbours(vectors, numpy.arange(30) % 3, 3, 10), Regression(rng.normal(size=(3, 8)), numpy.zeros(3))):
        told = way.probabilities(vectors)
        assert told.shape == (30, 3)
        assert told.sum(axis=1) == pytest.approx(1.0)


def test_what_was_learned_is_kept_and_read_again_only_for_the_same_examples(tmp_path: Path) -> None:
    examples = _asked(160, 1)
    first = LookupAnswerer(_CountingEmbedder(), examples, tmp_path / "lookup")
    first.keep()
    again = LookupAnswerer(counting := _CountingEmbedder(), examples, tmp_path / "lookup")
    question = _asked(1, 3)[0].question
    assert again.answer(question).text == first.answer(question).text
    assert again.answer(question).confidence == first.answer(question).confidence
    assert again.nearest(question)[0] == first.nearest(question)[0]
    assert counting.texts == 3, "the questions alone were embedded"
    other = LookupAnswerer(counting, examples[:-1], tmp_path / "lookup")
    other.answer(question)
    assert counting.texts > 100
    LookupAnswerer(counting, examples[:20], tmp_path / "lookup").keep()
    assert not (tmp_path / "lookup").exists()


def test_without_some_examples_it_is_as_if_they_had_never_been_seen() -> None:
    examples = _asked(160, 1)
    whole = LookupAnswerer(FakeEmbedder(256), examples)
    left = whole.without({e.id for e in examples[:80]})
    alone = LookupAnswerer(FakeEmbedder(256), examples[80:])
    for asked in _asked(20, 4):
        assert left.nearest(asked.question)[0] == alone.nearest(asked.question)[0]
        assert left.answer(asked.question).text == alone.answer(asked.question).text
