"""Training: shared prompts change nothing but the cost, the mixture shows what it should, a killed run ends the same."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import asdict, replace
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from corpus.cancellation import Cancellation, Cancelled, cancellable
from corpus.errors import InputError, ModelError, ProjectError
from corpus.progress import Progress
from corpus.records import EarlierAnswer, Example, Passage, ShownText
from corpus.text.refusal import REFUSAL
from finetune.adapter_report import AdapterReport
from finetune.budget import Budget
from finetune.exercises import exercises
from finetune.mixture import Mixture
from finetune.packing import IGNORED, Item, computed_tokens, micro_batches, pack, tensors
from finetune.parity import Parity, parity, require_parity
from finetune.recipe import Recipe
from finetune.versions import current, list_versions, set_current
from groundtune.screens.provision_screen import show_adapter
from lm.prompts import messages_for, split_pointer
from tests.fakes import FakeGenerator
from tests.finetune.finetuned import finetune
from tests.tiny import tiny_model

PASSAGES = [
    Passage(f"p{n}", f"The {word} costs {n} euros.", f"d{n}")
    for n, word in enumerate(["tent", "boot", "stove", "rope"])
]
EXAMPLES = [
    Example(
        f"e{n}{v}", f"{ask} the {word}?", f"{n} euros", source=(f"d{n}",), evidence=(f"The {word} costs {n} euros.",)
    )
    for n, word in enumerate(["tent", "boot", "stove", "rope"])
    for v, ask in enumerate(["How much is", "What is the price of", "Cost of"])
]


def _retrieve(example: Example, k: int) -> list[Passage]:
    asked = set(example.question.rstrip("?").split())
    return sorted(PASSAGES, key=lambda p: -len(set(p.text.split()) & asked))[:k]


def _mixture(**settings: object) -> Mixture:
    recipe = Recipe.model_validate({"passages": 2, "unanswerable_share": 0.2} | settings)
    return Mixture(EXAMPLES, PASSAGES, _retrieve, recipe, seed=1)


def test_each_question_is_shown_once_with_its_passage_and_once_alone() -> None:
    lessons = [lesson for group in _mixture(closed_book_share=1.0).epoch(0) for lesson in group]
    for e in EXAMPLES:
        shown = [x for x in lessons if x.question == e.question and x.passages and x.reply.endswith(e.answer or "")]
        assert len(shown) == 1
        places, reply = split_pointer(shown[0].reply)
        assert reply == e.answer
        assert [e.evidence[0] in p.text for p in shown[0].passages].index(True) + 1 == places[0]
        assert sum(x.question == e.question and not x.passages for x in lessons) == 1


def test_misled_questions_are_refused_and_never_answerable() -> None:
    mixture = _mixture(unanswerable_share=0.5)
    refused = [x for n in range(20) for group in mixture.epoch(n) for x in group if x.reply == f"[0] {REFUSAL}"]
    assert refused
    answers = {e.question: e.evidence[0] for e in EXAMPLES}
    assert not any(answers[x.question] in p.text for x in refused for p in x.passages)


def test_what_no_passage_answers_is_learned_behind_what_retrieval_brings_with_the_number_0() -> None:
    unknown = Example("u", "Which colour has the tent?", None, kind="unanswerable")
    common = Example("g", "What is a rope made of?", "Of fibres.", kind="general")
    mixture = Mixture([*EXAMPLES, unknown, common], PASSAGES, _retrieve, Recipe(passages=2, closed_book_share=0), 0)
    for example in (unknown, common):
        (lesson,) = [x for group in mixture.epoch(0) for x in group if x.question == example.question]
        assert lesson.reply == f"[0] {example.answer or REFUSAL}"
        assert _retrieve(example, 1)[0] in lesson.passages


def test_groups_share_their_passages_and_epochs_differ_but_repeat() -> None:
    mixture = _mixture()
    assert all(len({x.passages for x in group}) == 1 for group in mixture.epoch(0))
    assert mixture.epoch(0) == _mixture().epoch(0)
    assert mixture.epoch(0) != mixture.epoch(1)


def test_validation_shares_no_passage_with_training() -> None:
    train, validation = _mixture().hold_back(0.25)
    assert validation.examples
    assert not {e.source for e in train.examples} & {e.source for e in validation.examples}
    assert len(train.examples) + len(validation.examples) == len(EXAMPLES)


@pytest.mark.parametrize(
    "old",
    [
        Example("old", "How much was the tent?", "9 euros", kind="changed"),
        Example("old", "How much was the rope?", "The rope costs 9 euros."),
    ],
)
def test_facts_that_changed_are_learned_without_passages(old: Example) -> None:
    lessons = [
        x for g in Mixture([*EXAMPLES, old], PASSAGES, _retrieve, Recipe(closed_book_share=1), 0).epoch(0) for x in g
    ]
    assert [x.passages for x in lessons if x.question == old.question] == [()]


def test_packs_hold_every_item_within_the_limit() -> None:
    items = [Item((1, 2, 3, 4, n), (9, n)) for n in range(10)]
    packs = pack([items], max_tokens=14)
    assert [i for p in packs for i in p.items] == items
    assert all(len(p) <= 14 for p in packs)
    assert sum(len(p) for p in packs) < sum(p.separate for p in packs)
    assert pack([[Item((1,) * 20, (2,))]], max_tokens=14) == []


def test_micro_batches_hold_every_pack_in_order_within_the_limit() -> None:
    packs = pack([[Item((g, 2, 3, n), (9, n)) for n in range(3)] for g in range(5)], max_tokens=20)
    made = micro_batches(packs, max_tokens=25)
    assert [p for micro in made for p in micro] == packs
    assert all(sum(len(p) for p in micro) <= 25 for micro in made)
    assert len(made) < len(packs)


@pytest.mark.long
def test_sharing_prompts_gives_the_losses_of_separate_sequences(tmp_path: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(tiny_model(tmp_path), attn_implementation="sdpa").eval()
    groups = [[Item((5, 6, 7, 8 + g, 20 + n, 3), (40 + n, 41 + g, 0)) for n in range(4)] for g in range(3)]
    items = [item for group in groups for item in group]
    (packs,) = micro_batches(pack(groups, 1000), 1000)
    given = tensors(packs)
    assert given["input_ids"].shape[1] == computed_tokens(packs) < sum(len(p) for p in packs)
    labels = given.pop("labels")[0]
    logits = model(**given).logits[0]
    wanted = labels != IGNORED
    together = torch.nn.functional.cross_entropy(logits[wanted], labels[wanted], reduction="none")
    apart = []
    for item in items:
        ids = torch.tensor([item.tokens])
        of_item = model(input_ids=ids).logits[0, len(item.prompt) - 1 : -1]
        apart.append(torch.nn.functional.cross_entropy(of_item, torch.tensor(item.completion), reduction="none"))
    torch.testing.assert_close(together, torch.cat(apart), rtol=1e-4, atol=1e-5)


def _train(
    model: Path,
    folder: Path,
    stop_after: int | None = None,
    cancellation: Cancellation | None = None,
    on_step: Callable[[int], None] = lambda step: None,
) -> AdapterReport:
    def tell(at: Progress) -> None:
        on_step(at.done)
        if stop_after is not None and at.done >= stop_after:
            if cancellation is None:
                raise KeyboardInterrupt
            cancellation.cancel()

    recipe = Recipe(
        epochs=4, batch_examples=6, rank=4, learning_rate=5e-3, dropout=0.1, passages=2, threads=1, validation_share=0.2
    )
    return finetune(
        EXAMPLES, retrieve=_retrieve, passages=PASSAGES, model=model, folder=folder, recipe=recipe, on_progress=tell
    )


@pytest.mark.long
def test_a_run_that_was_killed_resumes_and_ends_with_the_same_adapter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from safetensors.torch import load_file

    import finetune.train

    original = finetune.train.Trainer.__init__

    def eager(self: object, *args: object, **options: object) -> None:
        original(self, *args, **(options | {"checkpoint_every_s": 0.0}))  # type: ignore[arg-type]

    monkeypatch.setattr(finetune.train.Trainer, "__init__", eager)
    model = tiny_model(tmp_path)
    whole = _train(model, tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        _train(model, tmp_path / "cut", stop_after=whole.steps // 2)
    assert list_versions(tmp_path / "cut") == ()
    assert current(tmp_path / "cut") is None
    resumed = _train(model, tmp_path / "cut")
    assert resumed.steps == whole.steps
    one, other = (load_file(tmp_path / n / "0001" / "adapter_model.safetensors") for n in ("whole", "cut"))
    assert all((one[k] - other[k]).abs().max() < 1e-5 for k in one)
    again = _train(model, tmp_path / "cut")
    assert (again.reused, again.version, list_versions(tmp_path / "cut")) == (True, "0001", ("0001",))


@pytest.mark.long
def test_training_that_is_cancelled_loses_no_step_and_ends_the_same(tmp_path: Path) -> None:
    from safetensors.torch import load_file

    model, stop = tiny_model(tmp_path), Cancellation()
    whole = _train(model, tmp_path / "whole")
    with cancellable(stop), pytest.raises(Cancelled):
        _train(model, tmp_path / "cut", stop_after=3, cancellation=stop)
    assert list_versions(tmp_path / "cut") == ()
    steps: list[int] = []
    resumed = _train(model, tmp_path / "cut", on_step=steps.append)
    assert steps[0] == 4
    assert resumed.steps == whole.steps
    one, other = (load_file(tmp_path / n / "0001" / "adapter_model.safetensors") for n in ("whole", "cut"))
    assert all((one[k] - other[k]).abs().max() < 1e-5 for k in one)


@pytest.mark.long
def test_training_ends_with_its_time_is_validated_and_names_what_was_not_reached(tmp_path: Path) -> None:
    told: list[Progress] = []
    recipe = Recipe(epochs=3, batch_examples=4, rank=4, passages=2, threads=1, validation_share=0.2, patience=9)
    shown = {"retrieve": _retrieve, "passages": PASSAGES, "model": tiny_model(tmp_path), "on_progress": told.append}

    def train(name: str, minutes: float | None) -> AdapterReport:
        timed = recipe.model_copy(update={"minutes": minutes})
        return finetune(EXAMPLES, **shown, folder=tmp_path / name, recipe=timed)  # type: ignore[arg-type]

    short = train("short", 1e-6)
    assert (short.steps, told[-1].done, told[-1].total) == (1, 1, 1)
    assert told[-1].validation_loss is not None
    whole = train("whole", None)
    assert short.planned_steps >= whole.steps > short.steps
    assert (short.minutes, whole.minutes, whole.not_reached) == (1e-6, None, 0)
    assert short.learned + short.not_reached == whole.learned
    assert short.not_reached > 0
    assert short.left_out == ()
    long = train("long", 100)
    assert (long.steps, long.minutes) == (whole.steps, None)
    for minutes in (None, 1e-6, 100):
        again = train("whole", minutes)
        assert (again.reused, again.version) == (True, "0001"), "what learned all serves whatever time is given"
    assert train("short", 1e-6).reused
    longer = train("short", None)
    assert (longer.reused, longer.version, longer.steps) == (False, "0002", whole.steps)
    assert train("short", 1e-6).version == "0002"
    console = Console(record=True, width=120, file=StringIO())
    for report in (short, whole):
        show_adapter(asdict(report), console)
    screen = console.export_text()
    assert screen.count("minutes were enough for 1 of") == 1
    assert f"{short.not_reached} examples were not reached" in " ".join(screen.split())


@given(st.integers(0, 500), st.floats(0, 1e4), st.integers(1, 500), st.one_of(st.none(), st.floats(0.01, 1e3)))
def test_a_budget_allows_the_planned_steps_at_most_and_no_fewer_than_are_done(
    done: int, spent: float, more: int, minutes: float | None
) -> None:
    budget, planned = Budget.of(minutes), done + more
    steps = budget.steps(done, spent, planned)
    assert done <= steps <= planned
    if minutes is None or not done:
        assert steps == planned
    elif steps < planned:
        assert (steps + 1) * spent / done >= budget.seconds * (1 - 1e-9)
    assert budget.share(0.5).steps(done, spent, planned) <= steps
    assert budget.less(spent).seconds >= 0


@pytest.mark.long
def test_the_last_step_is_validated(tmp_path: Path) -> None:
    told: list[Progress] = []
    recipe = Recipe(epochs=3, batch_examples=4, rank=4, passages=2, threads=1, validation_share=0.2, patience=9)
    given = {"retrieve": _retrieve, "passages": PASSAGES, "model": tiny_model(tmp_path), "folder": tmp_path / "a"}
    finetune(EXAMPLES, **given, recipe=recipe, on_progress=told.append)  # type: ignore[arg-type]
    assert told[-1].validation_loss is not None
    assert told[-1].done == told[-1].total


def test_training_lowers_the_validation_loss(tmp_path: Path) -> None:
    _train(tiny_model(tmp_path), tmp_path / "a")
    curve = json.loads((tmp_path / "a" / "0001" / "manifest.json").read_text())["training"]["curve"]
    assert curve[-1]["validation"] < curve[0]["validation"]


def test_too_few_examples_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="at least 8"):
        finetune(EXAMPLES[:3], retrieve=None, passages=(), model=tmp_path, folder=tmp_path, recipe=Recipe())


def test_versions_can_be_rolled_back(tmp_path: Path) -> None:
    for version in ("0001", "0002"):
        (tmp_path / version).mkdir()
        (tmp_path / version / "manifest.json").write_text("{}")
    set_current(tmp_path, "0002")
    set_current(tmp_path, "0001")
    assert current(tmp_path) == tmp_path / "0001"
    with pytest.raises(ProjectError, match="0003"):
        set_current(tmp_path, "0003")


def _echo(words: str) -> Callable[..., str]:
    return lambda messages, adapter: words


def test_parity_measures_and_refuses() -> None:
    chats = [messages_for("a?"), messages_for("b?")]
    same = parity(FakeGenerator(_echo("60 days")), FakeGenerator(_echo("60 days")), chats, None)
    assert same == Parity(2, 1.0, 1.0)
    require_parity(same)
    other = parity(FakeGenerator(_echo("60 days")), FakeGenerator(_echo("no idea")), chats, None)
    with pytest.raises(ModelError, match=r"0\.00"):
        require_parity(other)


_SENTENCE = st.lists(st.text("abcdefghijklmnop", min_size=3, max_size=9), min_size=6, max_size=20).map(
    lambda words: f"Lena {' '.join(words)} for 45 minutes."
)


@settings(deadline=None)
@given(st.lists(_SENTENCE, min_size=1, max_size=4), st.integers(0, 99))
def test_every_exercise_is_answered_by_the_passages(texts: list[str], seed: int) -> None:
    passages = [Passage(f"p{n}", text, "d") for n, text in enumerate(texts)]
    made = list(exercises(passages, 6, random.Random(seed)))
    assert made
    for question, reply, passage in made:
        assert reply in passage.text
        assert reply not in question
    assert made == list(exercises(passages, 6, random.Random(seed)))


def test_earlier_questions_are_shown_but_never_the_one_that_is_asked() -> None:
    def retrieve(example: Example, k: int) -> list[ShownText]:
        near = sorted(EXAMPLES, key=lambda e: -len(set(e.question.split()) & set(example.question.split())))
        earlier = [EarlierAnswer(e.id, e.answer or "", e.question) for e in near if e.id != example.id]
        return [earlier[0], *_retrieve(example, k - 1)]

    recipe = Recipe(passages=3, unanswerable_share=0.0, exercises=1)
    by_question = {e.question: e for e in EXAMPLES}
    pointed_at = 0
    for group in Mixture(EXAMPLES, PASSAGES, retrieve, recipe, 0).epoch(0):
        for x in (x for x in group if x.passages and x.question in by_question):
            (place,), reply = split_pointer(x.reply)
            shown = x.passages[place - 1]
            assert by_question[x.question].id not in {p.id for p in x.passages}
            assert reply in shown.text
            pointed_at += isinstance(shown, EarlierAnswer)
    assert pointed_at, "another question about the same fact has the answer in the very words"


def test_passages_that_no_example_asks_about_are_exercised_on() -> None:
    unasked = [
        Passage(f"u{n}", f"The hut number {n} was built by Maria in the year {1900 + n}.", f"u{n}") for n in range(3)
    ]
    mixture = Mixture(EXAMPLES, [*PASSAGES, *unasked], _retrieve, Recipe(passages=2, exercises=1), 0)
    seen = {p.id for n in range(5) for group in mixture.epoch(n) for x in group for p in x.passages}
    assert seen >= {p.id for p in unasked}
    silent = Mixture(EXAMPLES, [*PASSAGES, *unasked], _retrieve, Recipe(passages=2, exercises=0), 0)
    assert not {p.id for group in silent.epoch(0) for x in group for p in x.passages} & {p.id for p in unasked}


def test_exercises_are_trained_on_but_not_validated_on() -> None:
    passages = [replace(p, text=f"{p.text} It was made in Linz by Anna for the winter of 2019.") for p in PASSAGES]
    train, validation = Mixture(EXAMPLES, passages, lambda e, k: passages[:k], Recipe(exercises=8), 0).hold_back(0.25)

    def asked(mixture: Mixture) -> set[str]:
        return {x.question.split(":")[0] for group in mixture.epoch(0) for x in group}

    assert {"Fill in the blank", "Quote the sentence about"} <= asked(train)
    assert not {"Fill in the blank", "Quote the sentence about"} & asked(validation)


@pytest.mark.parametrize(("examples", "passes", "held_back"), [(30, 4, 8), (131, 4, 33), (400, 2, 40), (1105, 1, 88)])
def test_passes_and_what_is_held_back_follow_the_number_of_examples(examples: int, passes: int, held_back: int) -> None:
    recipe = Recipe()
    assert recipe.passes(examples) == passes
    assert round(recipe.held_back(examples) * examples) == held_back


def test_what_is_set_by_hand_is_taken_as_it_is() -> None:
    recipe = Recipe(epochs=7, validation_share=0.1)
    assert (recipe.passes(10), recipe.held_back(10)) == (7, 0.1)


def test_only_the_last_layers_are_adapted_where_a_share_is_set() -> None:
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    from finetune.lora import _linear_of_last

    config = LlamaConfig(hidden_size=8, intermediate_size=8, num_hidden_layers=4, num_attention_heads=2, vocab_size=16)
    model: torch.nn.Module = LlamaForCausalLM(config)
    of_half = _linear_of_last(0.5, model)
    assert {n.split(".layers.")[1].split(".")[0] for n in of_half} == {"2", "3"}
    assert len(of_half) == 2 * 7
    assert len(_linear_of_last(0.01, model)) == 7


def test_a_fine_tune_begins_as_the_starter_does(tmp_path: Path) -> None:
    import torch

    from finetune.lora import LoraModel
    from finetune.packing import Item, Pack

    model = tiny_model(tmp_path)
    small = LoraModel(model, Recipe(rank=2, alpha=4, layers=0.5, threads=1))
    for name, weight in small.weights.items():
        weight.data = torch.randn_like(weight) if "lora_B" in name else weight.data
    small.save(tmp_path / "starter")
    large = LoraModel(model, Recipe(rank=4, alpha=8, threads=1), seed=7)
    packed = [Pack((), (Item((1, 2, 3), (4, 5)),))]
    untaught = large.losses(packed)[0]
    large.start_from(tmp_path / "starter")
    assert torch.allclose(large.losses(packed)[0], small.losses(packed)[0], atol=1e-5)
    assert not torch.allclose(untaught, small.losses(packed)[0], atol=1e-3)


@pytest.mark.parametrize("recipe", [Recipe(rank=4, alpha=4, threads=1), Recipe(rank=1, alpha=2, threads=1)])
def test_a_starter_that_does_not_fit_is_refused(tmp_path: Path, recipe: Recipe) -> None:
    from corpus.errors import ModelError
    from finetune.lora import LoraModel

    model = tiny_model(tmp_path)
    LoraModel(model, Recipe(rank=2, alpha=4, threads=1)).save(tmp_path / "starter")
    with pytest.raises(ModelError, match=r"scale|does not fit"):
        LoraModel(model, recipe).start_from(tmp_path / "starter")
