"""``groundtune router``: what it shows, measures anew, and replays of recorded answers."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy
import pytest
from rich.cells import cell_len
from rich.console import Console
from safetensors.numpy import save_file
from typer.testing import CliRunner

from compare.score import score
from corpus.atomic_files import read_json, write_json, write_text
from corpus.errors import GroundtuneError, InputError, ProjectError
from corpus.records import Example
from groundtune.assistant import Assistant
from groundtune.cli.main import app
from groundtune.jobs.build_index import build_index
from groundtune.jobs.measure_arms import known
from groundtune.jobs.replay_recorded import BUDGETS, read_rows, replayed
from groundtune.project.project import Project
from groundtune.screens.router_screen import show_known, show_replayed
from lm.answerer import Answer
from tests.fakes import FakeEmbedder, FakeGenerator

Run = Callable[..., str]


@pytest.fixture
def run(project: Project, monkeypatch: pytest.MonkeyPatch) -> Run:
    """``groundtune router …`` on the small shop with fakes for models: standard output."""
    monkeypatch.setattr("lm.engines.choose_engine.load_embedder", lambda *_, **__: FakeEmbedder())
    monkeypatch.setattr("lm.engines.choose_engine.load_generator", lambda *_, **__: FakeGenerator())

    def run(*args: str, at: Path | None = project.folder) -> str:
        where = ["--project", str(at)] if at else []
        ended = CliRunner().invoke(app, ["router", *args, *where])
        if isinstance(ended.exception, GroundtuneError):
            raise ended.exception
        assert ended.exit_code == 0, ended.output
        return ended.stdout

    return run


def _tuned(assistant: Assistant) -> None:
    """As if an adapter had been trained that held six examples back."""
    build_index(assistant)
    adapter = assistant.project.adapters / "0001"
    held_back = [e.id for e in assistant.project.training_examples()][:6]
    write_json(adapter / "manifest.json", {"report": {}, "held_back": held_back})
    save_file({"weight": numpy.zeros(1, dtype=numpy.float32)}, adapter / "adapter_model.safetensors")
    write_text(assistant.project.adapters / "current", "0001\n")


def _rows(n: int = 60, costs: bool = True) -> list[dict[str, Any]]:
    """Recorded answers: questions about boats are answered by the dear arm alone, those about tents by either."""
    rows: list[dict[str, Any]] = []
    for i in range(n):
        boat = i % 2 == 0
        row = {"id": f"q{i}", "question": f"Question {i} about a {'boat' if boat else 'tent'}?"}
        row["scores"] = {"cheap": 0.0 if boat else 1.0, "dear": 1.0 if boat or i % 4 == 1 else 0.0}
        rows.append(row | ({"costs": {"cheap": 1, "dear": 5.0}} if costs else {}))
    return rows


def _file(folder: Path, rows: list[Any]) -> Path:
    file = folder / "recorded.jsonl"
    file.write_text("".join((r if isinstance(r, str) else json.dumps(r)) + "\n" for r in rows), encoding="utf-8")
    return file


def test_show_tells_why_nothing_was_measured(run: Run, assistant: Assistant) -> None:
    build_index(assistant)
    assert "not measured yet: groundtune router train does it" in json.loads(run("show", "--json"))["not_measured"]
    project = assistant.project
    without = replace(project, settings=project.settings.model_copy(update={"examples": None}))
    router = known(Assistant(without, generator=FakeGenerator(), embedder=FakeEmbedder()))
    assert router["measured"] is None
    assert "no examples" in router["not_measured"]
    assert router["best"] == "rag"
    assert router["rules"]["near_example"] > 0


def test_train_measures_anew_whatever_is_kept(run: Run, assistant: Assistant) -> None:
    _tuned(assistant)
    assert "not measured yet" in json.loads(run("show", "--json"))["not_measured"]
    router = json.loads(run("train", "--json"))
    assert router["measured"]["documents"]["questions"] + router["measured"]["alone"]["questions"] == 6
    assert router["up_to_date"]
    file = assistant.project.routes_file
    kept = read_json(file)
    kept["measured"]["scores"]["documents"]["lookup"] = [0.123] * 4
    write_json(file, kept)
    shown = json.loads(run("show", "--json"))["measured"]["documents"]["score"]["lookup"]
    assert shown == 0.123
    assert json.loads(run("train", "--json"))["measured"] == router["measured"]


@pytest.mark.parametrize("width", [80, 120])
def test_what_is_known_fits_the_terminal(assistant: Assistant, width: int) -> None:
    from groundtune.jobs.measure_arms import measure_arms

    _tuned(assistant)
    measure_arms(assistant)
    for router in (known(assistant), known(assistant) | {"measured": None, "not_measured": "not measured yet"}):
        out = io.StringIO()
        show_known(router, Console(file=out, width=width))
        assert max(cell_len(line.rstrip()) for line in out.getvalue().splitlines()) <= width
        assert "any other" in out.getvalue()


def test_a_file_is_replayed_outside_any_project(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    scores = json.loads(run("replay", str(_file(tmp_path, _rows())), "--json", at=None))
    assert scores["questions"] == 60
    assert scores["oracle"]["score"] == 1
    assert scores["always"]["dear"]["gap_closed"]["share"] == 0
    learned = scores["routers"]["learned"]["budgets"]
    assert [b["budget"] for b in learned] == list(BUDGETS)
    assert learned[0]["arms"] == {"cheap": 1.0}
    assert learned[-1]["score"] > 0.95
    assert learned[-1]["gap_closed"]["low"] > 0.5
    costs = [b["cost"] for b in learned]
    assert costs == sorted(costs)


def test_without_costs_only_the_best_score_is_looked_for(tmp_path: Path) -> None:
    scores = replayed(read_rows(_file(tmp_path, _rows(costs=False))), FakeEmbedder())
    assert [b["budget"] for b in scores["routers"]["learned"]["budgets"]] == [1.0]
    assert not scores["costs"]


def test_the_same_question_is_never_on_both_sides(tmp_path: Path) -> None:
    rng = numpy.random.default_rng(0)
    rows = []
    for n in range(40):
        right = float(rng.integers(2))
        for again in ("?", " ?"):
            question = f"word{n} word{n}x word{n}y{again}"
            rows.append({"id": f"{n}{again}", "question": question, "scores": {"a": right, "b": 1 - right}})
    scores = replayed(read_rows(_file(tmp_path, rows)), FakeEmbedder())
    assert scores["different_questions"] == 40
    assert scores["routers"]["knn"]["budgets"][0]["gap_closed"]["share"] < 0.5


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("costs", [True, False])
def test_a_replay_fits_the_terminal(tmp_path: Path, width: int, costs: bool) -> None:
    scores = replayed(read_rows(_file(tmp_path, _rows(costs=costs))), FakeEmbedder())
    out = io.StringIO()
    show_replayed(scores, Console(file=out, width=width))
    assert max(cell_len(line.rstrip()) for line in out.getvalue().splitlines()) <= width
    for word in ("always dear", "learned", "nearest questions", "oracle", "gap"):
        assert word in out.getvalue()


def test_the_last_comparison_is_replayed(run: Run, project: Project) -> None:
    questions = [Example(f"h{n}", f"Is thing {n} in stock?", "Yes.") for n in range(12)]
    rows = [{"id": q.id, "question": q.question, "answer": q.answer} for q in questions]
    write_text(project.folder / "questions.jsonl", "".join(json.dumps(r) + "\n" for r in rows))
    answers = [
        asdict(score(Answer(q.question, "Yes." if (n % 2 == 0) == (arm == "base") else "No.", arm), q, arm))
        for arm in ("base", "extract", "auto")
        for n, q in enumerate(questions)
    ]
    lines = [json.dumps({"stamp": "x"}), *map(json.dumps, answers)]
    write_text(project.comparisons / "abc" / "answers.jsonl", "\n".join(lines) + "\n")
    scores = json.loads(run("replay", "--json"))
    assert set(scores["always"]) == {"base", "extract"}
    assert scores["always"]["base"]["score"] == 0.5
    assert scores["oracle"]["score"] == 1.0
    assert "too few" in scores["routers"]["learned"]["rests_on"]
    assert "always extract" in run("replay")


def test_without_a_comparison_there_is_nothing_to_replay(run: Run) -> None:
    with pytest.raises(ProjectError, match="nothing was compared"):
        run("replay")


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("{", "line 2: not JSON"),
        ("[]", "line 2: list; wanted a JSON object"),
        ({"id": "q0"}, 'field "id": "q0" stands on an earlier line'),
        ({"id": True}, 'field "id": true'),
        ({"question": " "}, 'field "question": " "; wanted the question\'s text'),
        ({"scores": None}, 'field "scores": missing; wanted a number from 0 to 1 for each arm'),
        ({"scores": {"cheap": 2, "dear": 1}}, 'field "scores.cheap": 2; wanted a number from 0 to 1'),
        ({"scores": {"cheap": True, "dear": 1}}, 'field "scores.cheap": true'),
        ('{"id": "q1", "question": "Q?", "scores": {"cheap": NaN, "dear": 1}}', 'field "scores.cheap": NaN'),
        ({"scores": {"cheap": 1}}, "arms cheap; wanted the arms cheap, dear, as elsewhere in the file"),
        ({"costs": {"cheap": -1, "dear": 1}}, 'field "costs.cheap": -1; wanted a number from 0 on'),
        ({"costs": None}, 'field "costs": missing'),
        ({"costs": {"cheap": 1}}, "arms cheap; wanted the arms cheap, dear, as elsewhere in the file"),
    ],
)
def test_a_bad_row_is_told_with_its_line_and_field(tmp_path: Path, row: Any, message: str) -> None:
    first, second = _rows(2)
    with pytest.raises(InputError) as raised:
        read_rows(_file(tmp_path, [first, row if isinstance(row, str) else second | row]))
    assert message in str(raised.value)
    assert "line 2" in str(raised.value)
    assert "mend: a row is such as" in str(raised.value)


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(InputError) as raised:
        read_rows(_file(tmp_path, ["{", {"id": "q1", "question": "Q?", "scores": {"a": 1}}, "7"]))
    assert len(raised.value.faults) == 3


@pytest.mark.parametrize("text", ["", "\n\n"])
def test_too_few_rows_or_no_file_are_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "recorded.jsonl").write_text(text)
    with pytest.raises(InputError, match="no row"):
        read_rows(tmp_path / "recorded.jsonl")
    with pytest.raises(InputError, match="too few to replay"):
        replayed(read_rows(_file(tmp_path, _rows(4))), FakeEmbedder())
    with pytest.raises(InputError, match="no such file"):
        read_rows(tmp_path / "none.jsonl")
