"""Labels are no words of a document: they are taught behind the passages of the example's document."""

from __future__ import annotations

from corpus.examples.evidence_passages import Evidence
from corpus.examples.labels import labels
from corpus.records import Example, Passage
from finetune.mixture import Mixture
from finetune.recipe import Recipe

PASSAGES = [Passage(f"p{n}", f"Study {n}. No difference was seen in {n} patients.", f"{n}.txt") for n in range(60)]
ANSWERS = ("yes", "no", "maybe")
EXAMPLES = [Example(f"e{n}", f"Does study {n} help?", ANSWERS[n % 3], source=(f"{n}.txt",)) for n in range(60)]


def test_answers_that_repeat_are_labels_and_others_are_not() -> None:
    assert labels(EXAMPLES) == set(ANSWERS)
    assert labels(EXAMPLES[:40]) == frozenset()
    assert labels([Example(f"e{n}", "?", f"answer {n}") for n in range(60)]) == frozenset()


def test_a_label_is_judged_from_its_document_though_the_word_stands_elsewhere() -> None:
    evidence = Evidence(PASSAGES, labels(EXAMPLES))
    assert [evidence.right(e, [PASSAGES[5], PASSAGES[n]]) for n, e in enumerate(EXAMPLES[:3])] == [
        (PASSAGES[n],) for n in range(3)
    ]
    assert Evidence(PASSAGES).right(EXAMPLES[0], [PASSAGES[0]]) == (), "without labels only a quoted answer is evidence"


def test_every_label_is_taught_behind_passages() -> None:
    mixture = Mixture(EXAMPLES, PASSAGES, lambda e, k: [PASSAGES[int(e.id[1:])]], Recipe())
    shown = {lesson.reply.split()[-1] for group in mixture.epoch(0) for lesson in group if lesson.passages}
    assert {"yes", "no", "maybe"} <= {word.strip(".") for word in shown}
