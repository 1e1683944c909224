"""``groundtune grade``: blind, resumable, taken back, sent away and brought home, revealed at the end."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console
from typer.testing import CliRunner

from corpus.errors import BusyError, GroundtuneError, InputError, ProjectError
from groundtune.cli.main import app
from groundtune.jobs.grade import GradingRequest, sheet_of, sitting
from groundtune.jobs.grade_exchange import export_sheet, import_grades
from groundtune.jobs.grade_results import grade_results
from groundtune.jobs.human_answers import human_scores_of
from groundtune.project.project import Project
from groundtune.screens.grade_results_screen import show_results
from tests.conftest import ROOT
from tests.groundtune.graded_shop import ARMS, graded_shop

Run = Callable[..., str]


@pytest.fixture
def graded(project: Project) -> Project:
    return graded_shop(project)


@pytest.fixture
def run(graded: Project) -> Run:
    """``groundtune grade …`` with keys, a line each: all that it prints."""

    def run(*args: str, keys: str = "") -> str:
        lines = "".join(f"{key}\n" for key in keys.split())
        ended = CliRunner().invoke(app, ["grade", *args, "--project", str(graded.folder)], input=lines)
        if isinstance(ended.exception, GroundtuneError):
            raise ended.exception
        assert ended.exit_code == 0, ended.output
        return ended.output

    return run


def _lines(project: Project) -> list[dict[str, Any]]:
    files = sorted(project.grades.glob("writers/*/records.jsonl"))
    return [json.loads(line) for file in files for line in file.read_text().splitlines()]


def _grade_all(project: Project, grader: str, *, pairs: bool = False) -> None:
    """By what the answers say: those of ``base`` are bad, of the others right, where they name the price."""
    with sitting(project, GradingRequest(grader, pairs)) as (at_work, _):
        while item := at_work.current:
            good = [text.startswith("Thing ") or text.startswith("I don't") for text in item.answers]
            if pairs:
                at_work.give("bad" if not any(good) else "A" if good[0] else "B")
            else:
                at_work.give("5" if good[0] else "1")


def _no_arm(text: str) -> None:
    for arm in (*ARMS, "human", "lookup", "extract", "tuned"):
        assert arm not in text.lower()


def test_a_sitting_goes_on_where_the_last_one_ended(run: Run, graded: Project) -> None:
    first = run("--grader", "Anna", keys="5 4 q")
    assert "2 grades in this sitting, 2 in all" in first
    run("-g", " anna ", keys="3 q")
    asked = [tuple(row["answers"]) for row in _lines(graded)]
    assert len(set(asked)) == 3
    assert [row["grade"] for row in _lines(graded)] == ["5", "4", "3"]
    request = GradingRequest("anna")
    with sitting(graded, request) as (at_work, _):
        assert at_work.graded == 3
        assert at_work.current == sheet_of(graded, request).items[3]
    assert "0 grades in this sitting, 3 in all" in run("-g", "anna")  # the input ends: so does the sitting


def test_each_line_keeps_what_a_grade_rests_on(run: Run, graded: Project) -> None:
    run("--grader", "Anna", "--seed", "7", keys="5 q")
    (row,) = _lines(graded)
    assert (row["grader"], row["grade"], row["seed"], row["comparison"]) == ("anna", "5", 7, "c0ffee")
    item = sheet_of(graded, GradingRequest("anna", seed=7)).items[0]
    assert (row["question"], row["answers"]) == (item.question, list(item.fingerprints))
    assert row["time"].startswith("20")


def test_undo_appends_and_asks_again(run: Run, graded: Project) -> None:
    run("-g", "anna", keys="5 4 u 2 q")
    assert [row["grade"] for row in _lines(graded)] == ["5", "4", "undo", "2"]
    assert len({tuple(row["answers"]) for row in _lines(graded)[1:]}) == 1
    run("-g", "anna", keys="u u q")  # of an earlier sitting, too
    assert [row["grade"] for row in _lines(graded)][4:] == ["undo", "undo"]
    assert "There is nothing to take back" in run("-g", "anna", keys="u q")


def test_a_skipped_answer_comes_last_in_the_next_sitting(run: Run, graded: Project) -> None:
    items = sheet_of(graded, GradingRequest("anna")).items
    run("-g", "anna", keys="s 5 q")
    with sitting(graded, GradingRequest("anna")) as (at_work, _):
        assert at_work.current == items[2]
        for _ in range(len(items) - 2):
            at_work.give("3")
        assert at_work.current == items[0]
        at_work.give("4")
        assert at_work.current is None
        assert at_work.undo()
        assert at_work.current == items[0]


def test_a_key_that_says_nothing_is_told_and_keeps_nothing(run: Run, graded: Project) -> None:
    told = run("-g", "anna", keys="9 A [/] q")
    assert told.count("says nothing") == 3
    assert _lines(graded) == []
    assert "Wanted: a, b, t or x" in run("-g", "anna", "--pairs", keys="5 q")


def test_preferences_are_kept_with_the_side_that_was_shown(run: Run, graded: Project) -> None:
    run("-g", "anna", "--pairs", "--arms", "hybrid,base", "--sample", "4", keys="A b t x")
    assert [row["grade"] for row in _lines(graded)] == ["A", "B", "tie", "bad"]
    items = sheet_of(graded, GradingRequest("anna", pairs=True, arms=("hybrid", "base"), sample=4)).items
    assert [tuple(row["answers"]) for row in _lines(graded)] == [i.fingerprints for i in items]


@pytest.mark.parametrize("mode", ["--points", "--pairs"])
def test_no_screen_and_no_sheet_names_an_arm(run: Run, graded: Project, tmp_path: Path, mode: str) -> None:
    keys = "5 4 s u 9 3 q" if mode == "--points" else "a b s u 9 t q"
    _no_arm(run("-g", "anna", mode, keys=keys))
    _no_arm(run("-g", "anna", mode, keys=" ".join(["3" if mode == "--points" else "t"] * 99)))
    for name in ("sheet.csv", "sheet.json"):
        _no_arm(run("export", str(tmp_path / name), "-g", "anna", mode))
        _no_arm((tmp_path / name).read_text(encoding="utf-8"))
    _no_arm((tmp_path / "sheet.interface.xml").read_text(encoding="utf-8"))
    _no_arm(json.dumps([{**row, "grader": ""} for row in _lines(graded)]))
    assert "hybrid" in run("results")


def test_the_reference_can_be_hidden(run: Run, tmp_path: Path) -> None:
    assert "reference" in run("-g", "anna", keys="q")
    assert "reference" not in run("-g", "anna", "--no-reference", keys="q")
    run("export", str(tmp_path / "sheet.csv"), "--no-reference")
    assert "reference" not in (tmp_path / "sheet.csv").read_text()


def test_an_answer_that_changed_is_asked_again_and_no_other(graded: Project) -> None:
    _grade_all(graded, "anna")
    with sitting(graded, GradingRequest("anna")) as (at_work, _):
        assert at_work.current is None
    again = graded_shop(graded, comparison="newer", h3="Thing 3 costs nothing.")
    with sitting(again, GradingRequest("anna")) as (at_work, _):
        assert at_work.current is not None
        assert at_work.current.answers == ("Thing 3 costs nothing.",)
        at_work.give("2")
        assert at_work.current is None
    with sitting(again, GradingRequest("anna", comparison="c0ffee")) as (at_work, _):
        assert at_work.current is None
    assert grade_results(again)["stale"] == 1


def test_a_damaged_line_is_named_and_only_its_grade_is_asked_again(run: Run, graded: Project) -> None:
    _grade_all(graded, "anna")
    (file,) = graded.grades.glob("writers/*/records.jsonl")
    lines = file.read_text().splitlines(keepends=True)
    lost = json.loads(lines[4])
    lines[4] = lines[4].replace('"grade": "', '"grade": "9')
    file.write_text("".join(lines) + '{"time": "torn')
    told = run("-g", "anna", keys="q")
    assert f"{file}, line 5: damaged" in told.replace("\n", "")
    assert "torn" not in told
    with sitting(graded, GradingRequest("anna")) as (at_work, damaged):
        assert [f.where for f in damaged] == [f"{file}, line 5"]
        assert at_work.current is not None
        assert list(at_work.current.fingerprints) == lost["answers"]
        at_work.give("5")
        assert at_work.current is None
    assert [Path(where.rpartition(",")[0]) for where in grade_results(graded)["damaged"]] == [file]


def test_two_graders_may_sit_at_once_and_one_only_once(graded: Project) -> None:
    with sitting(graded, GradingRequest("anna")) as (anna, _), sitting(graded, GradingRequest("bert")) as (bert, _):
        anna.give("5")
        bert.give("1")
        anna.give("4")
        with pytest.raises(BusyError), sitting(graded, GradingRequest("Anna")):
            pass
    assert grade_results(graded)["graders"].keys() == {"anna", "bert"}
    assert len(_lines(graded)) == 3


@pytest.mark.parametrize("pairs", [False, True])
def test_a_sheet_that_comes_back_says_what_was_filled_in(graded: Project, tmp_path: Path, pairs: bool) -> None:
    file = tmp_path / "sheet.csv"
    request = GradingRequest("Anna", pairs)
    exported = export_sheet(graded, request, file)
    rows = list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8-sig"))))
    assert len(rows) == exported.items
    scale = ["A", "B", "Tie", " both  bad "] if pairs else ["1", "2.0", "3", "5"]
    for n, row in enumerate(rows[:8]):
        row["grade"] = scale[n % 4]
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), delimiter=";")  # as a German spreadsheet writes it
    writer.writeheader()
    writer.writerows(rows)
    file.write_bytes(out.getvalue().encode("cp1252"))
    taken = import_grades(graded, file)
    assert (taken.kept, taken.known, taken.blank, taken.people) == (8, 0, exported.items - 8, ("anna",))
    again = import_grades(graded, file)
    assert (again.kept, again.known) == (0, 8)
    with pytest.raises(InputError, match="perhaps with grades in it"):
        export_sheet(graded, request, file)
    export_sheet(graded, request, tmp_path / "next.csv")
    text = (tmp_path / "next.csv").read_text(encoding="utf-8-sig")
    filled = [row["grade"] for row in csv.DictReader(io.StringIO(text)) if row["grade"]]
    assert filled == (["A", "B", "tie", "both bad"] * 2 if pairs else ["1", "2", "3", "5"] * 2)
    with sitting(graded, request) as (at_work, _):
        assert at_work.graded == 8
        assert at_work.current == at_work.sheet.items[8]
        assert at_work.undo()  # what was taken over can be taken back here


def test_label_studio_brings_back_what_its_annotators_chose(graded: Project, tmp_path: Path) -> None:
    file = tmp_path / "tasks.json"
    export_sheet(graded, GradingRequest("", seed=3), file)
    tasks = json.loads(file.read_text())

    def annotated(task: dict[str, Any], number: int) -> dict[str, Any]:
        result = [{"from_name": "points", "to_name": "answer", "type": "choices", "value": {"choices": ["4"]}}]
        rated = [{"from_name": "points", "to_name": "answer", "type": "rating", "value": {"rating": 2}}]
        by = [{"completed_by": 7, "result": result}, {"completed_by": {"id": 8, "email": "b@x.org"}, "result": rated}]
        skipped = [{"completed_by": 7, "was_cancelled": True, "result": []}]
        return {"id": number, **task, "annotations": skipped if number == 2 else by if number < 2 else []}

    file.write_text(json.dumps([annotated(t, n) for n, t in enumerate(tasks)], indent=1))
    taken = import_grades(graded, file)
    assert (taken.kept, taken.blank, taken.people) == (4, len(tasks) - 2, ("annotator 7", "b@x.org"))
    (log,) = graded.grades.glob("imported/*.jsonl")
    assert {(r["grader"], r["grade"], r["seed"]) for r in map(json.loads, log.read_text().splitlines())} == {
        ("annotator 7", "4", 3),
        ("b@x.org", "2", 3),
    }
    flat = [{"id": 1, **tasks[5]["data"], "points": "5", "annotator": 7}]
    flat.append({"id": 2, **tasks[6]["data"], "points": [{"rating": 1}], "annotator": 7})
    file.write_text(json.dumps(flat))
    assert import_grades(graded, file).kept == 2


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("a0,5,anna", 'sheet.csv, line 3, field "item": "a0"; wanted an item of comparison c0ffee'),
        ("ITEM,6,anna", 'line 3, field "grade": "6"; wanted a whole number from 1 to 5, or nothing'),
        ("ITEM,A,anna", 'line 3, field "grade": "A"; wanted a whole number'),
        ("PAIR,5,anna", 'line 3, field "grade": "5"; wanted A, B, tie or both bad'),
        ("ITEM,5,", 'line 3, field "grader": missing'),
        ("ITEM,5,../x", 'line 3, field "grader": "../x"'),
        ("FIRST,5,Anna", 'line 3, field "item": graded at sheet.csv, line 2 too'),
        ('ITEM,5,"anna', "line 3: not CSV"),
    ],
)
def test_a_bad_row_is_named_and_nothing_is_taken_over(graded: Project, tmp_path: Path, row: str, message: str) -> None:
    first, second = sheet_of(graded, GradingRequest("anna")).items[:2]
    pair = sheet_of(graded, GradingRequest("anna", pairs=True)).items[0]
    for name, item in (("ITEM", second), ("PAIR", pair), ("FIRST", first)):
        row = row.replace(name, item.id)
    file = tmp_path / "sheet.csv"
    file.write_text(f"item,grade,grader\n{first.id},4,anna\n{row}\n")
    with pytest.raises(InputError) as refused:
        import_grades(graded, file)
    assert message in str(refused.value)
    assert not graded.grades.exists()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("question;points\nx;5\n", "line 1: columns question, points; wanted a column item and a column grade"),
        ("item,grade\n", "no grade in it"),
        ("[{]", "line 1, column 3: not JSON"),
        ("{}", "no list of tasks"),
        ("[\n 7]", "line 2: int; wanted a task"),
        ('[{"data": {"item": "a0"}}]', 'line 1, field "annotations"'),
        ('[{"data": {}, "annotations": [{}]}]', 'field "annotations[0].result": missing'),
        (
            '[{"data": {"item": "a0"}, "annotations": [{"completed_by": 1, "result": [{"from_name": "points", '
            '"value": {"rating": 2}}]}]}]',
            'field "data.item": "a0"',
        ),
    ],
)
def test_a_file_that_is_no_sheet_is_refused_in_words(graded: Project, tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "sheet"
    file.write_text(text)
    with pytest.raises(InputError) as refused:
        import_grades(graded, file, "anna")
    assert message in str(refused.value)


def test_a_cell_is_no_formula_for_a_spreadsheet(project: Project, tmp_path: Path) -> None:
    graded = graded_shop(project, h2="=1+1", h4="-5 °C")
    export_sheet(graded, GradingRequest("anna"), tmp_path / "sheet.csv")
    cells = [c for row in csv.reader(io.StringIO((tmp_path / "sheet.csv").read_text("utf-8-sig"))) for c in row]
    assert "'=1+1" in cells
    assert not any(cell.startswith(("=", "-", "+", "@")) for cell in cells)


def test_experts_answers_are_an_arm(run: Run, graded: Project, tmp_path: Path) -> None:
    run("answers", "-g", "Doris", "--sample", "2", keys="Yes /undo No /skip")
    examples = graded.held_out_questions()
    ((who, score),) = human_scores_of(graded, examples)
    assert (who, score.arm, score.text) == ("doris", "human", "No")
    file = tmp_path / "answers.jsonl"
    rows = [{"id": q.id, "answer": q.answer} for q in examples]
    file.write_text("".join(json.dumps(r) + "\n" for r in rows))
    assert "12 answers taken over, of emil" in run("answers", str(file), "-g", "Emil")
    assert "0 answers taken over" in run("answers", str(file), "-g", "Emil")
    scores = human_scores_of(graded, examples)
    assert [name for name, _ in scores] == ["emil"] * 12  # who answered most speaks for people
    assert {s.f1 for _, s in scores} == {1.0}
    assert [s.refused for _, s in scores] == [q.answer is None for q in examples]
    results = grade_results(graded)
    assert results["people"]["human"]["f1"]["mean"] == 1
    assert set(results["people"]) == {*ARMS, "human"}
    shown = {a for i in sheet_of(graded, GradingRequest("anna", arms=("human",))).items for a in i.answers}
    assert "Thing 3 costs 4 euros." in shown


def test_answers_of_a_reworded_question_are_asked_again(run: Run, graded: Project) -> None:
    run("answers", "-g", "doris", keys="Yes")
    assert len(human_scores_of(graded, graded.held_out_questions())) == 1
    file = graded.folder / "questions.jsonl"
    file.write_text(file.read_text().replace("What does", "How much does"))
    assert human_scores_of(graded, graded.held_out_questions()) == []


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("{", "line 2: not JSON"),
        ("[]", "line 2: list; wanted a JSON object"),
        ('{"id": "zz", "answer": "x"}', 'line 2, field "id": "zz"; wanted the id of a held-out question'),
        ('{"id": "h1", "answer": "x"}', 'line 2, field "id": "h1" stands on an earlier line'),
        ('{"id": "h2", "answer": " "}', 'line 2, field "answer": " "'),
        ('{"id": "h2"}', 'line 2, field "answer": missing'),
    ],
)
def test_a_bad_row_of_answers_is_named(run: Run, graded: Project, tmp_path: Path, row: str, message: str) -> None:
    file = tmp_path / "answers.jsonl"
    file.write_text('{"id": "h1", "answer": "Yes."}\n' + row + "\n")
    with pytest.raises(InputError) as refused:
        run("answers", str(file), "-g", "doris")
    assert message in str(refused.value)
    assert human_scores_of(graded, graded.held_out_questions()) == []


@pytest.mark.parametrize("width", [80, 120])
def test_results_fit_the_terminal(graded: Project, width: int) -> None:
    for who in ("anna", "bert", "carla"):
        _grade_all(graded, who)
        _grade_all(graded, who, pairs=True)
    out = io.StringIO()
    show_results(grade_results(graded), Console(file=out, width=width))
    told = out.getvalue()
    assert max(cell_len(line.rstrip()) for line in told.splitlines()) <= width
    for word in ("hybrid", "kappa", "alpha", "Spearman", "won/lost/tied", "anna"):
        assert word in told


def test_results_in_json_hold_what_was_graded(run: Run, graded: Project) -> None:
    for who in ("anna", "bert"):
        _grade_all(graded, who)
    results = json.loads(run("results", "--json"))
    assert results["comparison"] == "c0ffee"
    assert results["arms"]["hybrid"]["points"]["mean"] == 5
    assert results["arms"]["auto"] == results["arms"]["hybrid"]
    assert results["arms"]["base"]["points"]["mean"] == 1
    assert results["agreement"]["points"]["kappa"][0]["value"] == 1
    assert results["agreement"]["points"]["alpha"]["value"] == 1
    assert results["graders"]["anna"]["left"] == 0


def test_options_before_the_verb_count_for_it(graded: Project) -> None:
    _grade_all(graded, "anna")
    ended = CliRunner().invoke(app, ["grade", "--project", str(graded.folder), "results", "--json"])
    assert json.loads(ended.output)["graders"].keys() == {"anna"}
    ended = CliRunner().invoke(app, ["grade", "--pairs", "results", "--project", str(graded.folder)])
    assert isinstance(ended.exception, InputError)
    assert "grade results takes no --pairs" in str(ended.exception)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ([], "whose grades?"),
        (["-g", "/"], '"/" is no name'),
        (["-g", "anna", "--arms", "hybrid,none"], "--arms: none did not answer"),
        (["-g", "anna", "--comparison", "zz"], '--comparison: there is no "zz"'),
        (["-g", "anna", "--pairs", "--arms", "hybrid"], "no question has two different answers"),
        (["results"], "nobody graded anything yet"),
        (["export", "sheet.xlsx"], "neither .csv nor .json"),
        (["import", "nowhere.csv"], "no such file"),
    ],
)
def test_what_cannot_be_done_is_said_with_its_mend(run: Run, args: list[str], message: str) -> None:
    with pytest.raises(GroundtuneError) as refused:
        run(*args)
    assert message in str(refused.value)
    assert "mend:" in str(refused.value)


@pytest.mark.long
def test_a_terminal_takes_single_keys_and_ctrl_c_keeps_what_was_graded(graded: Project) -> None:
    pty = pytest.importorskip("pty")
    command = [sys.executable, "-m", "groundtune", "grade", "-g", "anna", "-p", str(graded.folder)]
    ours, theirs = pty.openpty()
    environment = os.environ | {"PYTHONPATH": str(ROOT), "TERM": "xterm"}
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=subprocess.PIPE, env=environment)
    os.close(theirs)
    printed = b""
    for n, key in enumerate((b"5", b"4", b"\x03"), 1):
        while printed.count("›".encode()) < n:
            printed += os.read(ours, 4096)
        time.sleep(0.2)  # until the key is waited for
        os.write(ours, key)
    _, said = process.communicate(timeout=60)
    os.close(ours)
    assert process.returncode == 130
    assert b"what was finished is kept" in said
    assert [row["grade"] for row in _lines(graded)] == ["5", "4"]


def test_without_a_comparison_there_is_nothing_to_grade(project: Project) -> None:
    with pytest.raises(ProjectError, match="nothing was compared"):
        sheet_of(project, GradingRequest("anna"))
