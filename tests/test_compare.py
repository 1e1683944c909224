"""The statistics keep their laws, scores are right, and a killed comparison goes on where it was."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compare.run import compare, score
from compare.significance import holm, interval, paired_difference
from corpus.records import Example
from lm.answer import Answer
from lm.fake import FakeGenerator, Reply
from lm.model_answer import ModelAnswerer
from lm.prompts import REFUSAL
from router.answer import AutoAnswerer
from router.route import Router
from router.rules import default_rules

QUESTIONS = [Example(f"q{n}", f"number {n}", f"answer {n}", kind="fact") for n in range(20)]
QUESTIONS += [Example(f"u{n}", f"unknown {n}", None, kind="unanswerable") for n in range(5)]


class Counting(FakeGenerator):
    calls = 0
    stop_at = 10**9

    def generate(self, messages, **options):  # type: ignore[no-untyped-def]
        self.calls += 1
        if self.calls > self.stop_at:
            raise KeyboardInterrupt
        return super().generate(messages, **options)


def _good(messages: object, adapter: object) -> str:
    words = messages[-1]["content"].split()  # type: ignore[index]
    return f"answer {words[1]}" if words[0] == "number" else REFUSAL


def test_scores_of_an_answer_and_of_refusals() -> None:
    fact, unknown = QUESTIONS[3], QUESTIONS[-1]
    right = score(Answer("number 3", "Answer 3!", "rag"), fact, "rag")
    assert (right.f1, right.exact, right.contains, right.refused) == (1, 1, 1, False)
    refused = score(Answer("number 3", REFUSAL, "rag", abstained=True), fact, "rag")
    assert (refused.f1, refused.exact, refused.contains) == (0, 0, 0)
    assert score(Answer("unknown 1", REFUSAL, "rag", abstained=True), unknown, "rag").f1 == 1
    assert score(Answer("unknown 1", "Something.", "rag"), unknown, "rag").f1 == 0


def test_a_comparison_tells_the_better_arm_and_the_shape_is_stable() -> None:
    arms = {"base": ModelAnswerer("base", FakeGenerator()), "tuned": ModelAnswerer("tuned", FakeGenerator(_good))}
    result = compare(arms, QUESTIONS).to_json()
    assert result["questions"] == 25
    assert result["arms"]["tuned"]["f1"]["mean"] == 1
    assert result["arms"]["base"]["refusals"] == {"right": 5, "wrong": 20, "missed": 0}
    assert result["arms"]["oracle"]["f1"]["mean"] == 1
    (pair,) = result["pairs"]
    assert (pair["difference"], pair["significant"]) == (-0.8, True)
    assert pair["low"] <= pair["difference"] <= pair["high"]
    assert result["kinds"]["unanswerable"] == {"n": 5, "base": 1.0, "tuned": 1.0}
    assert result["verdict"].startswith("tuned answers best")
    keys = {"f1", "exact", "contains", "refusals", "seconds", "usd_per_1000"}
    assert keys <= result["arms"]["base"].keys()


def test_a_killed_comparison_resumes_without_asking_again(tmp_path: Path) -> None:
    engine = Counting(_good)
    engine.stop_at = 12
    records = tmp_path / "answers.jsonl"
    with pytest.raises(KeyboardInterrupt):
        compare({"base": ModelAnswerer("base", engine)}, QUESTIONS, records=records)
    with open(records, "a") as torn:
        torn.write('{"arm": "base", "id": "q1')
    engine.stop_at = 10**9
    compare({"base": ModelAnswerer("base", engine)}, QUESTIONS, records=records)
    asked_in_all, warm_ups, interrupted = engine.calls, 2, 1
    assert asked_in_all == len(QUESTIONS) + warm_ups + interrupted
    compare({"base": ModelAnswerer("base", engine)}, QUESTIONS, records=records)
    assert engine.calls == asked_in_all, "complete records are reused"
    compare({"base": ModelAnswerer("base", engine)}, QUESTIONS, records=records, stamp="another adapter")
    assert engine.calls > asked_in_all, "records of another build are not"


class Together(FakeGenerator):
    def __init__(self, reply: Reply) -> None:
        super().__init__(reply)
        self.batches: list[int] = []

    def generate_each(self, chats, *, adapter=None, max_new_tokens=96):  # type: ignore[no-untyped-def]
        self.batches.append(len(chats))
        return [self.generate(c, adapter=adapter, max_new_tokens=max_new_tokens) for c in chats]


def test_a_sample_is_timed_alone_and_the_others_are_answered_together(tmp_path: Path) -> None:
    many = [replace(q, id=f"{q.id}-{n}") for n in range(4) for q in QUESTIONS]
    engine, records = Together(_good), tmp_path / "answers.jsonl"
    together = compare({"base": ModelAnswerer("base", engine)}, many, records=records)
    alone = compare({"base": ModelAnswerer("base", FakeGenerator(_good))}, many)
    assert together.f1("base") == alone.f1("base")
    timed = [s for s in together.arms["base"] if s.seconds is not None]
    assert len(timed) + sum(engine.batches) == len(many)
    assert len(timed) < len(many) // 2 + 1
    assert max(engine.batches) > 1
    asked = len(engine.batches)
    assert compare({"base": ModelAnswerer("base", engine)}, many, records=records).to_json() == together.to_json()
    assert len(engine.batches) == asked, "complete records are reused"


def test_the_router_takes_over_what_its_arm_has_answered() -> None:
    engine = Counting(_good)
    tuned = ModelAnswerer("tuned", engine)
    auto = AutoAnswerer(Router(["tuned"], default_rules()), {"tuned": tuned})
    arms = compare({"tuned": tuned, "auto": auto}, QUESTIONS).to_json()["arms"]
    assert arms["auto"]["f1"] == arms["tuned"]["f1"]
    assert engine.calls == len(QUESTIONS) + 2  # a warm-up for each
    alone = compare({"auto": auto}, QUESTIONS).to_json()["arms"]
    assert alone["auto"]["f1"] == arms["tuned"]["f1"]


def test_equal_arms_do_not_differ() -> None:
    found = paired_difference([0.1, 0.9, 0.5], [0.1, 0.9, 0.5])
    assert (found.difference, found.p, found.smallest_detectable) == (0, 1, 0)


def test_unpaired_scores_are_refused() -> None:
    with pytest.raises(ValueError, match="lengths 1 and 2"):
        paired_difference([1.0], [1.0, 2.0])


def test_p_is_uniform_where_nothing_differs_and_intervals_cover() -> None:
    draws = numpy.random.default_rng(7)
    ps, covered = [], 0
    for n in range(200):
        a, b = draws.normal(0, 1, 40), draws.normal(0, 1, 40)
        found = paired_difference(a.tolist(), b.tolist(), seed=n)
        ps.append(found.p)
        covered += found.low <= 0 <= found.high
    assert 0.01 <= numpy.mean(numpy.array(ps) < 0.05) <= 0.10
    assert 0.4 <= numpy.mean(ps) <= 0.6
    assert 0.88 <= covered / 200 <= 0.99


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=2, max_size=60), st.integers(0, 3))
def test_an_interval_holds_its_mean_and_repeats(values: list[float], seed: int) -> None:
    found = interval(values, seed)
    assert found.low - 1e-9 <= found.mean <= found.high + 1e-9
    assert found == interval(values, seed)


@given(st.lists(st.floats(0, 1), max_size=12))
def test_holm_only_raises_and_keeps_the_order(ps: list[float]) -> None:
    adjusted = holm(ps)
    assert all(a >= p for a, p in zip(adjusted, ps, strict=True))
    assert all(a <= 1 for a in adjusted)
    order = sorted(range(len(ps)), key=lambda i: ps[i])
    assert [adjusted[i] for i in order] == sorted(adjusted)
