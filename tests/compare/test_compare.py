"""The statistics keep their laws, scores are right, and a killed comparison goes on where it was."""

from __future__ import annotations

from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from advisor.measured_evidence import evidence
from compare.answer_costs import Prices, usd_per_1000
from compare.run_comparison import compare
from compare.score import Score, score
from compare.significance import holm, interval, paired_difference, ratio
from compare.verdict import FEWEST
from corpus.errors import InputError
from corpus.records import Example
from corpus.text.refusal import REFUSAL
from groundtune.jobs.prove import taught
from groundtune.screens.comparison_screen import show
from lm.answerer import Answer, Citation
from lm.model_arm import ModelAnswerer
from router.auto_arm import AutoAnswerer
from router.route import Router
from router.rules import default_rules
from tests.fakes import FakeGenerator, Reply

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


def test_the_quotes_under_an_answer_are_read_with_it_where_that_is_asked_for() -> None:
    fact = Example("q", "How old must they be?", "At least 12.", key=("12",))
    quote = Citation(1, "d.md", "", None, "Children must be 12.", 0, 20, (1,))
    said = score(Answer(fact.question, "They must be old enough.", "hybrid", citations=(quote,)), fact, "hybrid")
    assert (said.contains, said.contains_quoted) == (0, 1)
    bare = score(Answer(fact.question, "They must be old enough.", "hybrid"), fact, "hybrid")
    assert (bare.contains, bare.contains_quoted) == (0, 0)
    refused = score(Answer(fact.question, REFUSAL, "hybrid", abstained=True, nearest=(quote,)), fact, "hybrid")
    assert refused.contains_quoted == 0


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
    keys = {"f1", "exact", "contains", "contains_quoted", "refusals", "seconds", "usd_per_1000"}
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


def test_questions_that_examples_teach_are_counted_apart_from_the_others() -> None:
    result = compare(
        {"base": ModelAnswerer("base", FakeGenerator(_good))}, QUESTIONS, taught=[QUESTIONS[0].id]
    ).to_json()
    apart, f1 = result["taught"], compare({"base": ModelAnswerer("base", FakeGenerator(_good))}, QUESTIONS).f1("base")
    assert (apart["n"], apart["others"]) == (1, len(QUESTIONS) - 1)
    assert apart["arms"]["base"]["taught"]["f1"] == pytest.approx(f1[0], abs=1e-4)
    assert apart["arms"]["base"]["others"]["f1"] == pytest.approx(sum(f1[1:]) / len(f1[1:]), abs=1e-4)
    assert any("1 questions ask for what an example teaches" in line for line in _shown(result, 120))
    assert compare({"base": ModelAnswerer("base", FakeGenerator(_good))}, QUESTIONS).to_json()["taught"] is None


def test_a_question_is_taught_where_an_example_has_its_evidence_or_its_answer() -> None:
    known = [
        Example("e1", "Hours?", "Nine to five.", evidence=("Open from 9 to 5.",)),
        Example("e2", "Paint?", "Use the blue paint only."),
    ]
    asked = [
        Example("a", "When?", "Nine.", evidence=("Open from 9 to 5.",)),
        Example("b", "When and where?", "Nine, Linz.", evidence=("Open from 9 to 5.", "In Linz.")),
        Example("c", "Which paint?", "use the blue paint only"),
        Example("d", "Really?", "Nine to five."),
        Example("e", "Who?", None),
    ]
    assert taught(asked, known) == {"a", "c"}


def test_equal_arms_do_not_differ() -> None:
    difference = paired_difference([0.1, 0.9, 0.5], [0.1, 0.9, 0.5])
    assert (difference.difference, difference.p, difference.smallest_detectable) == (0, 1, 0)


def test_unpaired_scores_are_refused() -> None:
    with pytest.raises(ValueError, match="lengths 1 and 2"):
        paired_difference([1.0], [1.0, 2.0])


def test_p_is_uniform_where_nothing_differs_and_intervals_cover() -> None:
    draws = numpy.random.default_rng(7)
    ps, covered = [], 0
    for n in range(200):
        a, b = draws.normal(0, 1, 40), draws.normal(0, 1, 40)
        difference = paired_difference(a.tolist(), b.tolist(), seed=n)
        ps.append(difference.p)
        covered += difference.low <= 0 <= difference.high
    assert 0.01 <= numpy.mean(numpy.array(ps) < 0.05) <= 0.10
    assert 0.4 <= numpy.mean(ps) <= 0.6
    assert 0.88 <= covered / 200 <= 0.99


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=2, max_size=60), st.integers(0, 3))
def test_an_interval_holds_its_mean_and_repeats(values: list[float], seed: int) -> None:
    drawn = interval(values, seed)
    assert drawn.low - 1e-9 <= drawn.mean <= drawn.high + 1e-9
    assert drawn == interval(values, seed)


@given(st.lists(st.floats(0, 1), max_size=12))
def test_holm_only_raises_and_keeps_the_order(ps: list[float]) -> None:
    adjusted = holm(ps)
    assert all(a >= p for a, p in zip(adjusted, ps, strict=True))
    assert all(a <= 1 for a in adjusted)
    order = sorted(range(len(ps)), key=lambda i: ps[i])
    assert [adjusted[i] for i in order] == sorted(adjusted)


def _fixed(**replies: dict[str, str]) -> dict[str, ModelAnswerer]:
    """Arms that reply to each question as told, else with a word that is in no reference."""

    def arm(name: str, of: dict[str, str]) -> ModelAnswerer:
        return ModelAnswerer(
            name, FakeGenerator(lambda messages, adapter: of.get(messages[-1]["content"], "Nonsense."))
        )

    return {name: arm(name, of) for name, of in replies.items()}


FACTS = [Example(f"f{n}", f"fact {n}", f"word{n}", kind="fact" if n < 15 else "list") for n in range(30)]
RIGHT = {e.question: str(e.answer) for e in FACTS}


def _first(n: int) -> dict[str, str]:
    return dict(list(RIGHT.items())[:n])


def _last(n: int) -> dict[str, str]:
    return dict(list(RIGHT.items())[-n:])


@pytest.mark.parametrize(
    ("replies", "questions", "wanted", "unwanted"),
    [
        (
            {"base": {}, "lookup": {}},
            FACTS,
            ["None answers", "base and lookup", "0 on 30 questions"],
            ["best", "highest"],
        ),
        ({"base": _first(9), "lookup": _last(9)}, FACTS, ["Tie: base and lookup have the same F1 (30.0)"], ["best"]),
        ({"base": {}, "rag": RIGHT, "extract": RIGHT}, FACTS, ["Tie: rag and extract", "ahead of base"], ["best"]),
        ({"base": _first(9), "rag": _first(10)}, FACTS, ["No arm is certainly ahead: rag", "above base"], ["best"]),
        ({"base": {}, "rag": RIGHT}, FACTS, ["rag answers best (F1 100.0); significantly better than base"], ["Tie"]),
        ({"base": RIGHT}, FACTS, ["base alone was asked: F1 100.0"], ["best"]),
        (
            {"base": {}, "rag": RIGHT},
            FACTS[:1],
            ["rag has the highest F1", "1 of 10 questions", "chance"],
            ["significant"],
        ),
        # a tuned model behind a baseline, whoever is ahead of both
        (
            {"tuned": _first(2), "hybrid": RIGHT, "lookup": _first(15)},
            FACTS,
            [
                "hybrid answers best",
                "The tuned model (F1 6.7) loses",
                "lookup (50.0, significantly)",
                "earned its place",
            ],
            ["hybrid model"],
        ),
        ({"tuned": RIGHT, "extract": RIGHT}, FACTS, ["tuned model does no better than extract"], ["loses"]),
        ({"tuned": RIGHT, "extract": _first(9)}, FACTS, ["tuned answers best"], ["earned"]),
        # ahead of all, but not on every kind
        (
            {"rag": _first(15), "base": _last(14)},
            FACTS,
            ["Others lead by kind of question: list (15 questions) base"],
            [],
        ),
    ],
)
def test_the_verdict_tells_what_was_measured(
    replies: dict[str, dict[str, str]], questions: list[Example], wanted: list[str], unwanted: list[str]
) -> None:
    verdict = compare(_fixed(**replies), questions).to_json()["verdict"]
    assert all(words in verdict for words in wanted), verdict
    assert not any(words in verdict for words in unwanted), verdict


@pytest.mark.parametrize(("count", "few"), [(1, True), (FEWEST - 1, True), (FEWEST, False)])
def test_below_a_handful_of_questions_no_interval_is_told(count: int, few: bool) -> None:
    result = compare(_fixed(base={}, rag=RIGHT), FACTS[:count]).to_json()
    (pair,) = result["pairs"]
    assert [pair[k] is None for k in ("low", "high", "smallest_detectable")] == [few] * 3
    assert pair["significant"] is not few
    assert (result["arms"]["rag"]["f1"]["low"] is None) == (result["arms"]["oracle"]["f1"]["low"] is None) == few
    assert result["arms"]["rag"]["f1"]["mean"] == 1
    assert (result["note"] is not None) == few
    measured = evidence({**result, "arms": {**result["arms"], "hybrid": result["arms"]["rag"]}, "pairs": [
        {**pair, "b": "hybrid"}, pair, {**pair, "a": "hybrid", "b": "rag"}]})  # fmt: skip
    assert not (few and measured.significant)
    for width in (60, 80, 120):
        lines = _shown(result, width)
        assert max(map(len, lines)) <= width
        assert any("too few to tell" in line for line in lines) == few


def _shown(result: dict[str, Any], width: int) -> list[str]:
    console = Console(width=width, file=StringIO(), force_terminal=False)
    show(result, console)
    return console.file.getvalue().splitlines()  # type: ignore[attr-defined]


def test_seven_arms_and_their_kinds_fit_eighty_columns() -> None:
    names = ("base", "rag", "tuned", "hybrid", "extract", "lookup")
    result = compare(_fixed(**{name: _first(n * 5) for n, name in enumerate(names)}), FACTS).to_json()
    for width in (80, 120):
        lines = _shown(result, width)
        assert not any("…" in line for line in lines), "\n".join(lines)
        (head,) = (line for line in lines if line.split()[:2] == ["kind", "n"])
        assert head.split() == ["kind", "n", *names]
    one_kind = compare(_fixed(base={}, rag=RIGHT), FACTS[:12]).to_json()
    assert not any(line.startswith("F1 by kind") for line in _shown(one_kind, 80))


def test_routing_is_held_against_the_best_arm_alone_and_the_best_on_each_question() -> None:
    asked = _fixed(base=_first(15), rag=_last(14), auto=_first(20))
    result = compare(asked, FACTS).to_json()
    of = result["routing"]["f1"]
    assert (of["best"], of["difference"], of["oracle"]) == ("base", pytest.approx(5 / 30, abs=1e-4), round(29 / 30, 4))
    assert of["gap_closed"]["mean"] == pytest.approx(5 / 14, abs=1e-4)
    assert of["gap_closed"]["low"] < 5 / 14 < of["gap_closed"]["high"]
    assert any(line.startswith("auto against base, the best arm by key facts: +16.7") for line in _shown(result, 120))
    best = compare(_fixed(base=_first(15), rag=_last(14), auto=_first(30)), FACTS).to_json()["routing"]["f1"]
    assert best["gap_closed"]["mean"] > 1, "above the oracle: auto answers a question that no arm alone does"
    assert compare(_fixed(base=RIGHT, auto=RIGHT), FACTS).to_json()["routing"]["f1"]["gap_closed"] is None
    assert compare(_fixed(base=RIGHT), FACTS).to_json()["routing"] is None


@given(
    st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=2, max_size=40),
    st.floats(0.1, 10),
)
def test_a_ratio_of_sums_does_not_change_with_the_unit(rows: list[tuple[float, float]], unit: float) -> None:
    above, below = [a for a, _ in rows], [b + 0.01 for _, b in rows]
    plain, scaled = ratio(above, below), ratio([a * unit for a in above], [b * unit for b in below])
    assert plain is not None
    assert scaled is not None
    assert plain.mean == pytest.approx(sum(above) / sum(below))
    assert scaled.mean == pytest.approx(plain.mean)
    assert ratio(above, [0.0] * len(above)) is None


def test_without_a_question_the_comparison_says_so() -> None:
    with pytest.raises(InputError, match="no question to compare on"):
        compare(_fixed(base={}), [])


def test_an_answer_equal_to_its_reference_is_right_however_it_begins() -> None:
    for said in (
        "The passages do not close: they stay open.",
        "I cannot answer medical questions; call 1450.",
        "Unknown.",
    ):
        closed = Example("1", "q", said, answers=("They stay open.",))
        scored = score(Answer("q", said, "tuned", abstained=said == "Unknown."), closed, "tuned")
        assert (scored.exact, scored.f1, scored.refused, scored.answerable) == (1, 1, False, True)


@pytest.mark.parametrize("reference", [None, REFUSAL, "Not mentioned in the rules.", "Das weiß ich leider nicht."])
def test_a_refusal_as_reference_is_an_unanswerable_question(reference: str | None) -> None:
    unknown = Example("1", "q", reference)
    right = score(Answer("q", "The documents don't say.", "rag"), unknown, "rag")
    assert (right.f1, right.exact, right.refused, right.answerable) == (1, 1, True, False)
    assert score(Answer("q", "In 1998.", "rag"), unknown, "rag").f1 == 0


def test_squads_own_scores_stand_beside_ours() -> None:
    scored = score(Answer("q", "€359", "rag"), Example("1", "q", "€3.59"), "rag")
    assert (scored.exact, scored.squad_exact, scored.squad_f1) == (0, 1, 1)
    arms = compare(_fixed(rag=RIGHT), FACTS).to_json()["arms"]
    assert arms["rag"]["squad_f1"]["mean"] == arms["rag"]["squad_exact"]["mean"] == 1


def _used(arm: str, seconds: float | None, prompt: int = 0, completion: int = 0, refused: bool = False) -> Score:
    scored = score(Answer("q", REFUSAL if refused else "word", arm), Example("1", "q", "word"), "auto")
    return replace(scored, seconds=seconds, prompt_tokens=prompt, completion_tokens=completion)


def test_costs_are_told_where_prices_are_known() -> None:
    here = Prices(machine_usd_per_hour=0.36)
    assert usd_per_1000([_used("rag", 1.0), _used("rag", 3.0), _used("rag", None)], here) == pytest.approx(0.2)
    assert usd_per_1000([_used("rag", 1.0)], Prices()) is None
    hosted = Prices(0.36, True, 2.0, 10.0)
    assert usd_per_1000([_used("rag", 9.0, 500, 100)], hosted) == pytest.approx(2.0)
    assert usd_per_1000([_used("rag", 9.0, 500, 100)], Prices(0.36, True)) is None
    assert usd_per_1000([_used("rag", 9.0)], hosted) is None, "the endpoint did not tell what it used"
    assert usd_per_1000([_used("abstain", 0.1, refused=True)], hosted) == 0
    assert usd_per_1000([_used("extract", 1.0)], Prices(0.36, True)) == pytest.approx(0.1)
