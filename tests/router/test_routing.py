"""Which arm answers: measured on what was kept out of training, with the sort of question told from the examples."""

from __future__ import annotations

import io
import json
import random
from dataclasses import replace
from pathlib import Path

import numpy
import pytest
from rich.console import Console
from safetensors.numpy import save_file

from corpus.atomic_files import write_json, write_text
from corpus.errors import ProjectError
from groundtune.arms import FAST
from groundtune.assistant import Assistant
from groundtune.jobs.build_index import build_index
from groundtune.jobs.measure_arms import measure_arms, routes_report
from groundtune.jobs.provision import provision
from groundtune.jobs.status import status_of
from groundtune.project.new_project import init
from groundtune.reader import reader
from groundtune.screens.provision_screen import show, show_routes
from groundtune.screens.status_screen import show_status
from lm.engine_contract import Generation
from router.measured_arms import ALONE, DOCUMENTS, MINIMUM, Measured
from router.question_sort import QuestionSort, learn_sort
from router.route import Router
from router.rules import default_rules
from tests.fakes import FakeEmbedder, FakeGenerator

ARMS = ("base", "rag", "tuned", "hybrid", "extract", "lookup")


def _questions(seed: int = 0) -> tuple[numpy.ndarray, list[bool]]:
    """Vectors of two sorts of questions, each around its own direction."""
    rng = numpy.random.default_rng(seed)
    closed = [n % 4 == 0 for n in range(120)]
    vectors = rng.normal(size=(120, 8)) * 0.3
    vectors[:, 0] += [2.0 if c else -2.0 for c in closed]
    return vectors / numpy.linalg.norm(vectors, axis=1, keepdims=True), closed


def test_questions_answered_without_documents_are_told_from_the_others() -> None:
    vectors, closed = _questions()
    learned = learn_sort(vectors, closed)
    assert learned is not None
    assert learned.right > 0.9
    assert learned.wrong < 0.05
    told = [learned.probability(v) >= learned.threshold for v in vectors]
    assert sum(a == b for a, b in zip(told, closed, strict=True)) > 110
    assert QuestionSort.from_json(learned.to_json()).probability(vectors[0]) == pytest.approx(
        learned.probability(vectors[0]), abs=1e-4
    )


def test_nothing_is_told_from_too_few_or_from_noise() -> None:
    vectors, closed = _questions()
    assert learn_sort(vectors, [False] * len(closed)) is None
    noise = closed[:]
    random.Random(3).shuffle(noise)
    learned = learn_sort(vectors, noise)
    assert learned is None or learned.right < 0.3


@pytest.mark.parametrize("arm", ARMS)
def test_a_question_goes_to_any_arm_that_was_clearly_best(arm: str) -> None:
    scores = {a: tuple(0.9 if a == arm else 0.1 for _ in range(20)) for a in ARMS}
    measured = Measured({DOCUMENTS: scores})
    route = Router(ARMS, default_rules(), measured=measured).route("Which?")
    assert route.arm == arm
    assert "20 such questions" in route.reason
    assert "F1 and key facts 90" in route.reason


def test_the_usual_arm_stays_where_another_is_ahead_by_chance() -> None:
    rng = random.Random(1)
    hybrid = tuple(rng.random() for _ in range(20))
    extract = tuple(min(1.0, x + rng.uniform(-0.5, 0.52)) for x in hybrid)
    measured = Measured({DOCUMENTS: {"hybrid": hybrid, "extract": extract}})
    assert measured.best(DOCUMENTS, ("hybrid", "extract")).arm == "hybrid"


def test_rules_decide_where_too_little_was_measured_and_it_says_so() -> None:
    few = {a: (1.0,) * (MINIMUM - 1) if a == "lookup" else (0.0,) * (MINIMUM - 1) for a in ARMS}
    vectors, closed = _questions()
    learned = learn_sort(vectors, closed)
    router = Router(ARMS, default_rules(), measured=Measured({ALONE: few}, learned), embed=lambda q: vectors[0])
    route = router.route("How many days has a week?")
    assert route.arm == "tuned"
    assert "too few" in route.reason
    assert route.scores["answered_alone"] > 0.5


def test_an_arm_that_is_not_built_is_never_chosen() -> None:
    scores = {"lookup": (0.9,) * 20, "hybrid": (0.5,) * 20, "rag": (0.1,) * 20}
    assert Measured({DOCUMENTS: scores}).best(DOCUMENTS, ("hybrid", "rag")).arm == "hybrid"


def test_arms_are_measured_on_what_was_held_back_without_their_own_earlier_answers(assistant: Assistant) -> None:
    build_index(assistant)
    examples = assistant.project.training_examples()
    held_back = [e.id for e in examples][:6]
    adapter = assistant.project.adapters / "0001"
    write_json(adapter / "manifest.json", {"report": {}, "held_back": held_back})
    save_file({"weight": numpy.zeros(1, dtype=numpy.float32)}, adapter / "adapter_model.safetensors")
    write_text(assistant.project.adapters / "current", "0001\n")
    measured = measure_arms(assistant)
    assert measured is not None
    counted = {sort: {len(s) for s in of.values()} for sort, of in measured.scores.items()}
    assert sum(max(n) for n in counted.values()) == len(held_back)
    assert set(measured.scores[DOCUMENTS]) == set(assistant.available)
    lookup = measured.scores[DOCUMENTS]["lookup"]
    assert sum(lookup) < len(lookup)  # its own answer would score 1 each time
    assert measure_arms(assistant) == measured
    told = routes_report(measured, assistant.available)
    assert told[DOCUMENTS]["questions"] == len(lookup)
    assert assistant.answerer("auto").answer(examples[0].question).route is not None


def test_the_screen_tells_where_questions_go_and_why() -> None:
    told = {
        "documents": {"arm": "hybrid", "measured": True, "questions": 40, "score": {"extract": 0.3, "hybrid": 0.614}},
        "alone": {"arm": "tuned", "measured": False, "questions": 3, "score": {"tuned": 0.5}},
        "answered_alone": {"known": 0.7, "mistaken": 0.01},
        "openings": [{"words": "Happy to help.", "known": 0.72, "mistaken": 0.004}],
    }
    out = io.StringIO()
    show_routes(told, Console(file=out, width=200))
    assert "go to hybrid (F1 and key facts on 40 kept out of training: hybrid 61, extract 30)" in out.getvalue()
    assert "without documents go to tuned (too few to measure)" in out.getvalue()
    assert 'open with "Happy to help."' in out.getvalue()
    assert "72 % of such questions known, 0.4 % of the others" in out.getvalue()


def test_without_an_adapter_every_example_is_asked_as_if_it_had_never_been_seen(assistant: Assistant) -> None:
    build_index(assistant)
    measured = measure_arms(assistant)
    assert measured is not None
    examples = assistant.project.training_examples()
    assert sum(len(of["lookup"]) for of in measured.scores.values()) == len(examples)
    assert {arm for of in measured.scores.values() for arm in of} == {"base", "rag", "extract", "lookup"}
    lookup = [s for of in measured.scores.values() for s in of["lookup"]]
    assert sum(lookup) < len(lookup)  # its own answer would score 1 each time
    assert measure_arms(assistant) == measured


def test_a_model_that_costs_or_is_not_here_is_not_asked_to_measure(assistant: Assistant) -> None:
    project = replace(
        assistant.project, settings=assistant.project.settings.model_copy(update={"generator": "endpoint:openai:gpt"})
    )
    hosted = Assistant(project, embedder=FakeEmbedder())
    build_index(hosted)
    measured = measure_arms(hosted)
    assert measured is not None
    assert set(measured.scores[DOCUMENTS]) == {"extract", "lookup"}
    assert not measured.best(DOCUMENTS, hosted.available).measured
    assert "generator" not in vars(hosted)


def test_behind_an_endpoint_retrieval_chooses_the_sentences_and_status_says_so(assistant: Assistant) -> None:
    class Hosted:
        """Generates, and tells nothing of likelihoods, as an endpoint does."""

        name = "endpoint:openai:gpt"

        def generate(self, messages: object, **_: object) -> Generation:
            return Generation("Thirty days.", 1, 1, 0.0)

    settings = assistant.project.settings.model_copy(update={"generator": "endpoint:openai:gpt"})
    hosted = Assistant(replace(assistant.project, settings=settings), generator=Hosted(), embedder=FakeEmbedder())
    build_index(hosted)
    arm = reader(hosted, "rag")
    assert arm.selector is not None
    assert arm.selector.likelihood is None
    assert arm.adapter is None
    assert arm.shown("Return period?")
    console = Console(record=True, width=120, file=io.StringIO())
    show_status(status_of(hosted.project), console)
    assert "likelihood: sentences are chosen by retrieval and words alone" in console.export_text()
    assert status_of(assistant.project)["likelihood"]


def test_nothing_is_measured_without_examples_or_where_an_adapter_held_none_back(assistant: Assistant) -> None:
    build_index(assistant)
    write_json(assistant.project.routes_file, {"made_of": "x"})
    settings = assistant.project.settings
    bare = replace(assistant.project, settings=settings.model_copy(update={"examples": None}))
    assert measure_arms(Assistant(bare, embedder=FakeEmbedder())) is None
    assert not Path(assistant.project.routes_file).exists()
    adapter = assistant.project.adapters / "0001"
    write_json(adapter / "manifest.json", {"report": {}, "held_back": []})
    save_file({"weight": numpy.zeros(1, dtype=numpy.float32)}, adapter / "adapter_model.safetensors")
    write_text(assistant.project.adapters / "current", "0001\n")
    assert measure_arms(assistant) is None


def test_questions_with_few_answers_go_to_the_arm_that_learned_them(tmp_path: Path) -> None:
    labels = {"card arrival": "card delivery post", "top up": "money balance deposit"}
    rng = random.Random(0)
    rows = []
    for n in range(60):
        label = list(labels)[n % 2]
        said = rng.sample(labels[label].split(), 2) + [f"word{rng.randrange(40)}" for _ in range(4)]
        rows.append({"id": f"e{n}", "question": " ".join(said), "answer": label})
    write_text(tmp_path / "examples.jsonl", "".join(json.dumps(r) + "\n" for r in rows))
    project = init(tmp_path / "project", [], str(tmp_path / "examples.jsonl"), None)
    assistant = Assistant(project, generator=FakeGenerator(), embedder=FakeEmbedder(256))
    made = provision(assistant, "prompt")
    assert made.router is not None
    assert (made.router["documents"]["arm"], made.router["documents"]["measured"]) == ("lookup", True)
    answer = assistant.answerer("auto").answer("is my card delivery in the post")
    assert (answer.arm, answer.text) == ("lookup", "card arrival")
    assert answer.route is not None
    assert "documents" not in answer.route.reason
    out = io.StringIO()
    show("prompt", made.to_json(), Console(file=out, width=200))
    assert "questions go to lookup" in out.getvalue()
    assert "Nothing to build" not in out.getvalue()
    assert provision(assistant, "defer").router is None


def test_fast_answers_without_the_language_model(assistant: Assistant) -> None:
    with pytest.raises(ProjectError, match="fast"):
        Assistant(init(assistant.project.folder / "empty", [], None, None), embedder=FakeEmbedder()).answerer(FAST)
    build_index(assistant)
    assistant._generator = None  # one that is asked for would have to be loaded
    told = [assistant.answerer(FAST).answer(q) for q in ("How long can I return unworn items?", "When does Linz open?")]
    assert [a.arm for a in told] == ["lookup", "extract"]
    assert all(a.route is not None for a in told)
    assert "60 days" in told[0].text
    assert "generator" not in vars(assistant)


def test_fast_goes_to_what_was_measured_best_without_a_model() -> None:
    scores = {"hybrid": (0.9,) * 20, "extract": (0.2,) * 20, "lookup": (0.5,) * 20}
    router = Router(("extract", "lookup"), default_rules(), measured=Measured({DOCUMENTS: scores}))
    assert router.route("Which?").arm == "lookup"
