"""What is trained is what is told: every example is learned, held back or named, and nothing else becomes current."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import numpy
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.console import Console
from safetensors.numpy import load_file, save_file

from advisor.training_needs import Size, memory_gib
from corpus.atomic_files import MANIFEST, read_json, write_json, write_text
from corpus.errors import Fault, InputError, ModelError, ProjectError, ResourceError
from corpus.records import Example, Passage
from finetune.adapter_report import AdapterReport
from finetune.divergence import Diverged, require_below_chance, require_finite
from finetune.hardware import require_memory
from finetune.lengths import LongAnswers, long_answers
from finetune.mixture import Mixture
from finetune.recipe import Recipe
from finetune.train import Trainer
from finetune.training_batches import at_most
from finetune.versions import TEACHING, current, list_versions
from groundtune.assistant import Assistant
from groundtune.jobs.prove import prove
from groundtune.jobs.status import status_of
from groundtune.jobs.train_adapter import train_adapter
from groundtune.jobs.training_memory import training_memory
from groundtune.project.new_project import init
from groundtune.project.project import Project
from groundtune.project.settings import Settings
from groundtune.screens.provision_screen import Building, show_adapter
from groundtune.screens.status_screen import show_status
from lm.engines.transformers_engine import TransformersGenerator
from lm.models.weights import require_numbers, weights_id
from tests.fakes import FakeEmbedder, FakeGenerator
from tests.finetune.finetuned import finetune
from tests.tiny import tiny_model

TOOLS = ("drill", "sander", "saw", "ladder", "mixer", "router", "plane", "vice", "torch", "jack", "winch", "pump")
EXAMPLES = [Example(f"e{n}", f"Where is the {tool} kept?", f"In rack {n}.") for n, tool in enumerate(TOOLS)]
RECIPE = Recipe(epochs=2, batch_examples=4, rank=2, threads=1, max_tokens=600, learning_rate=1e-3)


def _train(model: Path, folder: Path, examples: list[Example] = EXAMPLES, **changed: object) -> AdapterReport:
    told = {k: changed.pop(k) for k in ("answer_tokens", "on_notice", "on_progress") if k in changed}
    recipe = RECIPE.model_copy(update=changed)
    return finetune(examples, retrieve=None, passages=(), model=model, folder=folder, recipe=recipe, **told)  # type: ignore[arg-type]


# --- every example is learned or held back ---------------------------------------------------------------------------

_PLACES = [Passage(f"p{n}", f"The {tool} is kept in rack {n}.", f"d{n}") for n, tool in enumerate(TOOLS)]


@st.composite
def _mixtures(draw: st.DrawFn) -> Mixture:
    """Examples of which some have passages with their answer, some an answer that changed, some none, some no index."""
    kinds = draw(
        st.lists(st.sampled_from(("grounded", "changed", "unanswerable", "elsewhere")), min_size=1, max_size=20)
    )
    examples = []
    for n, kind in enumerate(kinds):
        place = n % len(TOOLS)
        question = f"Where is the {TOOLS[place]} kept, case {n}?"
        of = {
            "grounded": Example(f"e{n}", question, f"In rack {place}.", evidence=(_PLACES[place].text,)),
            "changed": Example(f"e{n}", question, "In the yard.", kind="changed"),
            "unanswerable": Example(f"e{n}", question, None, kind="unanswerable"),
            "elsewhere": Example(f"e{n}", f"Who is member {n}?", f"Number {n}.", evidence=("Not indexed.",)),
        }
        examples.append(of[kind])

    def retrieve(example: Example, k: int) -> list[Passage]:
        asked = set(example.question.split())
        return sorted(_PLACES, key=lambda p: -len(asked & set(p.text.split())))[: draw(st.integers(0, 3)) and k]

    recipe = Recipe(closed_book_share=draw(st.sampled_from((0.0, 0.2, 1.0))), passages=draw(st.integers(1, 3)))
    indexed = draw(st.booleans())
    return Mixture(examples, _PLACES if indexed else (), retrieve if indexed else None, recipe, draw(st.integers(0, 9)))


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(_mixtures(), st.floats(0.01, 0.49), st.integers(0, 5))
def test_every_example_is_taught_in_every_epoch_or_held_back(whole: Mixture, share: float, epoch: int) -> None:
    train, validation = whole.hold_back(share)
    assert sorted(e.id for e in (*train.examples, *validation.examples)) == sorted(e.id for e in whole.examples)
    for part, number in ((train, epoch), (validation, -1)):
        taught = {lesson.example for group in part.epoch(number) for lesson in group} - {""}
        assert taught == {e.id for e in part.examples}


def test_without_documents_each_example_is_taught_once_an_epoch() -> None:
    train, validation = Mixture(EXAMPLES, (), None, Recipe(), 0).hold_back(0.2)
    for part, number in ((train, 0), (train, 1), (validation, -1)):
        asked = [lesson.question for group in part.epoch(number) for lesson in group]
        assert sorted(asked) == sorted(e.question for e in part.examples)
    assert validation.examples


def test_only_questions_with_passages_are_also_asked_without_by_share() -> None:
    grounded = [replace(e, evidence=(p.text,)) for e, p in zip(EXAMPLES, _PLACES, strict=True)]
    mixture = Mixture(grounded, _PLACES, lambda e, k: _PLACES[:k], Recipe(closed_book_share=0.0), 0)
    assert all(lesson.passages for group in mixture.epoch(0) for lesson in group)


def test_what_is_all_the_same_question_is_not_held_back() -> None:
    same = [replace(e, question="Where is the drill kept?") for e in EXAMPLES]
    train, validation = Mixture(same, (), None, Recipe(), 0).hold_back(0.08)
    assert (len(train.examples), len(validation.examples)) == (len(same), 0)


def test_questions_that_say_nearly_the_same_are_held_back_together() -> None:
    twice = [replace(e, id=f"{e.id}-{n}", question=e.question + " " * n) for e in EXAMPLES for n in range(2)]
    for seed in range(5):
        train, validation = Mixture(twice, (), None, Recipe(), seed).hold_back(0.2)
        assert validation.examples
        assert not {e.question.strip() for e in train.examples} & {e.question.strip() for e in validation.examples}


@given(st.integers(1, 5), st.lists(st.integers(1, 3), max_size=9))
def test_a_long_epoch_loses_no_batch(count: int, sizes: list[int]) -> None:
    batches = [[(n, i) for i in range(size)] for n, size in enumerate(sizes)]
    made = at_most(count, batches)  # type: ignore[arg-type]
    assert [x for batch in made for x in batch] == [x for batch in batches for x in batch]
    assert len(made) == min(count, len(batches))


@pytest.mark.long
def test_the_steps_told_are_those_taken(tmp_path: Path) -> None:
    many = [Example(f"e{n}", f"Where is the {TOOLS[n % 12]} number {n} kept?", f"Rack {n}.") for n in range(40)]
    seen: list[int] = []
    given = {"on_progress": lambda at: seen.append(at.done), "epochs": 4, "patience": 99, "batch_examples": 12}
    made = _train(tiny_model(tmp_path), tmp_path / "a", many, **given)
    assert made.steps == len(seen)
    assert sorted(set(seen)) == seen
    curve = json.loads((tmp_path / "a" / "0001" / "manifest.json").read_text())["training"]["curve"]
    assert len(curve) >= 4, "each epoch validates"


@pytest.mark.long
@pytest.mark.parametrize("batch_examples", [4, 100])
def test_what_is_measured_is_what_is_trained(tmp_path: Path, batch_examples: int) -> None:
    model, recipe = tiny_model(tmp_path), RECIPE.model_copy(update={"epochs": 1, "batch_examples": batch_examples})
    speed = Trainer(model, Mixture(EXAMPLES, (), None, recipe, 0), recipe, checkpoint=tmp_path / "state.pt").speed(0.0)
    _train(model, tmp_path / "a", epochs=1, batch_examples=batch_examples)
    trained = json.loads((tmp_path / "a" / "0001" / "manifest.json").read_text())["training"]
    assert speed.tokens_per_epoch == trained["tokens"]
    assert speed.tokens_per_s < 1e7, "also where one batch is the whole epoch"


# --- what is too long is named ---------------------------------------------------------------------------------------


def test_examples_that_are_too_long_are_named_and_not_counted_as_learned(tmp_path: Path) -> None:
    long = [replace(e, id=f"long{n}", answer="word " * (200 + n)) for n, e in enumerate(EXAMPLES[:3])]
    told: list[object] = []
    given = {"on_notice": told.append, "on_progress": told.append}
    made = _train(tiny_model(tmp_path), tmp_path / "a", [*EXAMPLES[3:], *long], **given)
    assert {x.id for x in made.left_out} == {"long0", "long1", "long2"}
    assert all(x.tokens > RECIPE.max_tokens for x in made.left_out)
    assert (made.examples, made.learned + made.held_back) == (9, 9)
    fault = told[0]
    assert isinstance(fault, Fault), "before the first step"
    assert "3 of 12 examples" in fault.found
    assert "long0" in fault.found
    enough = int(fault.mend.split("max_tokens: ")[1].split(",")[0])
    again = _train(tmp_path / "tiny", tmp_path / "b", [*EXAMPLES[3:], *long], max_tokens=enough)
    assert (again.left_out, again.examples) == ((), 12)


def test_where_too_few_are_short_enough_nothing_is_trained(tmp_path: Path) -> None:
    long = [replace(e, answer="word " * 200) for e in EXAMPLES[:6]]
    with pytest.raises(InputError, match=r"6 examples are short enough.*wanted at least 8[^$]*6 of 12 examples"):
        _train(tiny_model(tmp_path), tmp_path / "a", [*EXAMPLES[6:], *long])
    assert list_versions(tmp_path / "a") == ()


@given(st.lists(st.integers(1, 90), min_size=1, max_size=12), st.integers(8, 64))
def test_answers_that_would_be_cut_off_are_counted_with_what_would_do(words: list[int], limit: int) -> None:
    examples = [Example(f"e{n}", "q?", "w " * count) for n, count in enumerate(words)]

    def count(texts: object) -> list[int]:
        return [len(text.split()) for text in texts]  # type: ignore[attr-defined]

    taught = [n for n in words if n <= 80]
    found = long_answers(examples, count, limit, max_tokens=80)
    assert (found.count if found else 0) == sum(n > limit for n in taught)
    if found:
        enough = int(found.fault.mend.split("answer_tokens: ")[1].split(",")[0])
        assert enough >= found.longest == max(taught)
        assert long_answers(examples, count, enough, max_tokens=80) is None


def test_no_setting_is_proposed_that_is_refused() -> None:
    long = LongAnswers(64, 1, 3000, ("e1",))
    assert "answer_tokens" not in long.fault.mend
    Settings(answer_tokens=int(LongAnswers(64, 1, 2041, ("e1",)).fault.mend.split("answer_tokens: ")[1].split(",")[0]))


def test_long_answers_are_told_before_training_also_of_a_version_that_is_reused(tmp_path: Path) -> None:
    model, told = tiny_model(tmp_path), []
    _train(model, tmp_path / "a", answer_tokens=64, on_notice=told.append)
    assert told == []
    again = _train(model, tmp_path / "a", answer_tokens=8, on_notice=told.append)
    assert again.reused
    assert again.long_answers
    assert again.long_answers.count == 12, "a token is a byte here"
    assert "answer_tokens" in told[0].where


# --- what goes wrong becomes nothing -----------------------------------------------------------------------------------


def _poisoned(tmp_path: Path) -> Path:
    """A model whose weights are no numbers: its loss is NaN at once."""
    model = tiny_model(tmp_path)
    weights = load_file(model / "model.safetensors")
    name = next(n for n in weights if "down_proj" in n)
    save_file(
        weights | {name: numpy.full_like(weights[name], numpy.nan)}, model / "model.safetensors", {"format": "pt"}
    )
    return model


def test_a_loss_that_is_no_number_stops_with_its_mend_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(Diverged, match=r"diverged at step 1: the loss is nan[^$]*recipe.learning_rate"):
        _train(_poisoned(tmp_path), tmp_path / "a")
    assert current(tmp_path / "a") is None
    assert {f.name for f in (tmp_path / "a").iterdir()} <= {".lock"}


def test_a_recipe_that_diverges_leaves_the_version_in_use(tmp_path: Path) -> None:
    model = tiny_model(tmp_path)
    assert _train(model, tmp_path / "a").version == "0001"
    wild = {"learning_rate": 1e30, "alpha": 1024, "rank": 1, "epochs": 9}
    with pytest.raises(Diverged, match=r"recipe.learning_rate to 0.0008 or less[^$]*recipe.alpha to 2"):
        _train(model, tmp_path / "a", **wild)
    assert list_versions(tmp_path / "a") == ("0001",)
    assert current(tmp_path / "a") == tmp_path / "a" / "0001"
    assert not list((tmp_path / "a").glob(".training-*"))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_what_is_no_number_is_divergence(value: float) -> None:
    with pytest.raises(Diverged, match="step 7"):
        require_finite(value, "the loss", 7, Recipe())


def test_worse_than_guessing_is_divergence() -> None:
    require_below_chance(10.8, 49152, 3, Recipe())
    with pytest.raises(Diverged, match="worse than guessing"):
        require_below_chance(11.2, 49152, 3, Recipe())


def _adapter(folder: Path, dtype: str, bad: bool) -> Path:
    """A file of one tensor as safetensors writes it; the bits of bfloat16 are the upper half of float32's."""
    values = numpy.array([0.5, -2.0, numpy.nan if bad else 3.0], "<f4")
    bits = {
        "F32": values.tobytes(),
        "F16": values.astype("<f2").tobytes(),
        "BF16": (values.view("<u4") >> 16).astype("<u2").tobytes(),
    }[dtype]
    header = json.dumps({"lora_A": {"dtype": dtype, "shape": [3], "data_offsets": [0, len(bits)]}}).encode()
    folder.mkdir()
    (folder / "adapter_model.safetensors").write_bytes(len(header).to_bytes(8, "little") + header + bits)
    return folder


@pytest.mark.parametrize("dtype", ["F32", "F16", "BF16"])
def test_weights_that_are_no_numbers_are_refused(tmp_path: Path, dtype: str) -> None:
    require_numbers(_adapter(tmp_path / "good", dtype, bad=False))
    with pytest.raises(ModelError, match=r"NaN or infinity[^$]*lora_A[^$]*recipe.learning_rate"):
        require_numbers(_adapter(tmp_path / "bad", dtype, bad=True))


@settings(deadline=None)
@given(st.integers(0, 90))
def test_a_file_of_weights_that_is_cut_off_is_refused(tmp_path_factory: pytest.TempPathFactory, kept: int) -> None:
    folder = _adapter(tmp_path_factory.mktemp("cut") / "a", "F32", bad=False)
    file = folder / "adapter_model.safetensors"
    whole = file.read_bytes()
    if kept < len(whole):
        file.write_bytes(whole[:kept])
        with pytest.raises(ModelError, match="no usable weights"):
            require_numbers(folder)


def test_an_adapter_of_nan_is_neither_applied_nor_reused(tmp_path: Path) -> None:
    model = tiny_model(tmp_path)
    first = _train(model, tmp_path / "a")
    file = tmp_path / "a" / first.version / "adapter_model.safetensors"
    save_file({n: numpy.full_like(w, numpy.nan) for n, w in load_file(file).items()}, file)
    with pytest.raises(ModelError, match="NaN or infinity"):
        TransformersGenerator(model, "tiny", device="cpu").generate(
            [{"role": "user", "content": "a"}], adapter=file.parent, max_new_tokens=4
        )
    again = _train(model, tmp_path / "a")
    assert (again.reused, again.version) == (False, "0002")


# --- what is told is what is served --------------------------------------------------------------------------------------


def test_an_earlier_recipe_again_makes_its_version_current(tmp_path: Path) -> None:
    model = tiny_model(tmp_path)
    made = [_train(model, tmp_path / "a", epochs=epochs).version for epochs in (1, 2, 1, 2, 1)]
    assert made == ["0001", "0002", "0001", "0002", "0001"]
    assert current(tmp_path / "a") == tmp_path / "a" / "0001"


@pytest.fixture
def tuned(project: Project, tmp_path: Path) -> Assistant:
    """The small shop's assistant with an adapter that was trained on its model, a tiny one on disk."""
    model = tiny_model(tmp_path)
    made = replace(project, settings=project.settings.model_copy(update={"generator": f"path:{model}"}))
    told = {"version": "0001", "best_validation_loss": None, "seconds": 1.0}
    manifest = {"report": told, "model": f"path:{model}", "weights": weights_id(model)}
    _adapter(_empty(made.adapters) / "0001", "F32", bad=False)
    write_json(made.adapters / "0001" / "manifest.json", manifest)
    write_text(made.adapters / "current", "0001\n")
    return Assistant(made, generator=FakeGenerator(), embedder=FakeEmbedder())


def _empty(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder


def _with_other_model(tuned: Assistant) -> Assistant:
    """The same project where the generator's weights are others now."""
    model = Path(tuned.project.settings.generator.removeprefix("path:"))
    weights = load_file(model / "model.safetensors")
    save_file({n: w + 1 for n, w in weights.items()}, model / "model.safetensors", {"format": "pt"})
    return tuned


def test_an_adapter_of_todays_model_is_used(tuned: Assistant) -> None:
    assert tuned.answerer("tuned").answer("Return period?").text
    assert status_of(tuned.project)["adapter_fault"] is None


@pytest.mark.parametrize("arm", ["tuned", "auto"])
def test_an_adapter_of_another_model_is_refused(tuned: Assistant, arm: str) -> None:
    other = _with_other_model(tuned)
    with pytest.raises(
        ProjectError, match=r"adapter 0001 was trained on path:[^$]*is not applied[^$]*groundtune provision"
    ):
        other.answerer(arm)
    assert other.answerer("base").answer("Return period?").text
    assert other.sound_adapter is None


def test_an_adapter_is_refused_where_the_generator_has_another_name(tuned: Assistant) -> None:
    named = tuned.project.settings.model_copy(update={"generator": "endpoint:openai:some-model"})
    other = Assistant(replace(tuned.project, settings=named), generator=FakeGenerator(), embedder=FakeEmbedder())
    with pytest.raises(ProjectError, match="the generator is now endpoint:openai:some-model"):
        other.answerer("tuned")


def test_compare_refuses_an_adapter_of_another_model_but_compares_without_it(tuned: Assistant) -> None:
    other = _with_other_model(tuned)
    with pytest.raises(ProjectError, match="is not applied"):
        prove(other)
    assert set(prove(other, ["base", "lookup"])[0]["arms"]) >= {"base", "lookup"}


def test_status_tells_of_an_adapter_of_another_model(tuned: Assistant) -> None:
    found = status_of(_with_other_model(tuned).project)
    assert found["adapter"] is None
    assert "is not applied" in found["adapter_fault"]
    assert "not usable" in _shown(lambda console: show_status(found, console))


def test_status_tells_of_an_adapter_that_was_taught_for_other_prompts(tuned: Assistant) -> None:
    written = tuned.project.adapters / "0001" / MANIFEST
    write_json(written, read_json(written) | {"teaching": TEACHING})
    assert not status_of(tuned.project)["adapter_taught_otherwise"]
    write_json(written, read_json(written) | {"teaching": TEACHING - 1})
    assert "taught for prompts of another version" in _shown(
        lambda console: show_status(status_of(tuned.project), console)
    )


# --- no mark of success on nothing ---------------------------------------------------------------------------------------


def _shown(show: object) -> str:
    out = io.StringIO()
    show(Console(file=out, width=200))  # type: ignore[operator]
    return out.getvalue()


REPORT = {
    "version": "0001", "examples": 12, "steps": 9, "best_step": 9, "best_validation_loss": 0.5, "seconds": 3.0,
    "reused": False, "learned": 11, "held_back": 1, "left_out": [], "long_answers": None,
    "minutes": None, "planned_steps": 9, "not_reached": 0,
    "selection": {"choices": 800, "right_first": 0.64, "right_first_before": 0.55, "not_reached": 0},
    "parity": {"prompts": 4, "f1": 1.0, "identical": 1.0},
}  # fmt: skip


def test_the_screen_tells_what_was_learned_and_held_back() -> None:
    told = _shown(lambda console: show_adapter(REPORT, console))
    assert "11 examples learned" in told
    assert "on 1 examples held back" in told
    assert "!" not in told


@pytest.mark.parametrize(
    ("changed", "wanted"),
    [
        ({"best_validation_loss": None, "held_back": 0}, "not validated"),
        ({"selection": REPORT["selection"] | {"right_first": 0.5, "right_first_before": 0.5}}, "right sentence"),  # type: ignore[operator]
        ({"minutes": 2.0, "planned_steps": 30, "not_reached": 4}, "2 minutes were enough for 9 of about 30 steps"),
        ({"minutes": 1.0, "planned_steps": 30, "not_reached": 4}, "1 minute was enough for 9 of about 30 steps"),
        ({"parity": {"prompts": 0, "f1": 0.0, "identical": 0.0}}, "engine check"),
        ({"left_out": [{"id": f"e{n}", "tokens": 2000} for n in range(7)]}, "7 examples left out"),
        ({"long_answers": {"answer_tokens": 64, "count": 2, "longest": 163}}, "longer than answer_tokens"),
    ],
)
def test_what_was_not_done_has_no_mark_of_success(changed: dict[str, object], wanted: str) -> None:
    lines = _shown(lambda console: show_adapter(REPORT | changed, console)).splitlines()
    (line,) = (line for line in lines if wanted in line)
    assert line.startswith("!")


def test_a_notice_is_shown_whole() -> None:
    fault = Fault("groundtune.yaml, answer_tokens", "64; 2 taught answers [e1] are longer", "at least 163", "set 168")
    assert str(fault) in _shown(lambda console: Building(console).notice(fault))


# --- memory ------------------------------------------------------------------------------------------------------------

SMOLLM = Size(0.1345, 30, 576, 49152)


@pytest.mark.parametrize(
    ("size", "tokens", "value_bytes", "measured_gib"),
    [
        (SMOLLM, 256, 4.0, 1.56),
        (SMOLLM, 1024, 4.0, 3.45),
        (SMOLLM, 1024, 2.0, 1.93),
        (Size(0.1095, 12, 768, 32000), 256, 4.0, 1.26),
        (Size(0.1872, 8, 1024, 64000), 1024, 4.0, 2.59),
    ],
)
def test_the_formula_holds_for_what_was_measured(
    size: Size, tokens: int, value_bytes: float, measured_gib: float
) -> None:
    wanted = memory_gib(size, "lora", tokens, weight_bytes=4.0, value_bytes=value_bytes, adapter_rank=16)
    assert 0.85 < wanted / measured_gib < 1.5


def test_memory_is_asked_for_the_model_at_hand(tmp_path: Path) -> None:
    tiny = training_memory(tiny_model(tmp_path), 16)
    assert tiny(4096) > tiny(256)
    assert tiny(1024) < 1.25 * memory_gib(SMOLLM, "lora", 1024, weight_bytes=4.0)


def test_too_little_memory_is_refused_with_what_would_fit() -> None:
    with pytest.raises(ResourceError, match=r"about 1000\.0 GiB") as raised:
        require_memory(Recipe(max_tokens=1024), lambda tokens: 1000.0 if tokens > 512 else 0.1)
    assert "recipe.max_tokens to 512 or less" in raised.value.mend
    require_memory(Recipe(max_tokens=512), lambda tokens: 0.1)


# --- tiny sets -----------------------------------------------------------------------------------------------------------


def _project(folder: Path, examples: list[Example]) -> Assistant:
    file = folder / "few.jsonl"
    file.write_text("".join(json.dumps({"question": e.question, "answer": e.answer}) + "\n" for e in examples))
    made = init(folder / "made", [], str(file), None)
    made = replace(made, settings=made.settings.model_copy(update={"generator": f"path:{folder / 'no-model'}"}))
    return Assistant(made, generator=FakeGenerator(), embedder=FakeEmbedder())


def test_too_few_examples_are_told_with_those_held_out(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"9 examples, of which 2 are held out[^$]*7 to learn from; wanted at least 8"):
        train_adapter(_project(tmp_path, EXAMPLES[:9]))


def test_where_nothing_can_be_held_out_that_is_told_before_anything_else(tmp_path: Path) -> None:
    same = [replace(e, question="Where is the drill kept?") for e in EXAMPLES]
    told: list[Fault] = []
    with pytest.raises(ModelError):  # the model is not on this machine
        train_adapter(_project(tmp_path, same), on_notice=told.append)
    assert "none can be held out to compare on" in told[0].found


def test_where_nothing_can_be_held_back_that_is_told_and_nothing_is_validated(tmp_path: Path) -> None:
    same = [replace(e, question="Where is the drill kept?") for e in EXAMPLES]
    told: list[Fault] = []
    made = _train(tiny_model(tmp_path), tmp_path / "a", same, on_notice=told.append)
    assert (made.best_validation_loss, made.held_back, made.learned) == (None, 0, 12)
    assert made.best_step == made.steps, "the last weights are kept"
    assert "none can be held back" in told[0].found
