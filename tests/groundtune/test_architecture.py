"""The house as ``docs/architecture.md`` describes it: journeys, no circles, no two files of one name, nothing too long."""

from __future__ import annotations

import ast
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

import pytest

from advisor.answers import read_answers
from advisor.decide import decide
from groundtune.assistant import Assistant
from groundtune.jobs.build_index import build_index
from groundtune.jobs.learn_retrieval import tune_retrieval
from tests.conftest import ROOT, SAMPLE
from tests.groundtune.test_arms import _with_adapter

ROOMS = ("groundtune", "advisor", "rag", "finetune", "router", "compare", "lm", "corpus")
LONGEST_FILE, LONGEST_FUNCTION = 300, 50
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")


def _stops(call: Callable[[], object]) -> list[str]:
    """The files of the rooms that a call passes through, in order; a file is named again when it is come back to."""
    root, stops = f"{ROOT}/", [""]

    def see(frame: FrameType, event: str, argument: object) -> None:
        file = frame.f_code.co_filename.removeprefix(root)
        if event == "call" and file.split("/")[0] in ROOMS and stops[-1] != file:
            stops.append(file)

    sys.setprofile(see)
    try:
        call()
    finally:
        sys.setprofile(None)
    return stops[1:]


def _journey(name: str) -> list[str]:
    (part,) = re.findall(rf"### {name}\n(.+?)(?=\n###|\Z)", ARCHITECTURE, re.S)
    return re.findall(r"^\d+\. `([^`]+)`", part, re.M)


def _is_passed_in_order(journey: list[str], stops: list[str]) -> bool:
    left: Iterator[str] = iter(stops)
    return all(stop in left for stop in journey)


def test_a_question_a_document_and_an_example_pass_through_what_is_written(assistant: Assistant) -> None:
    assert _is_passed_in_order(_journey("A document"), _stops(lambda: build_index(assistant)))
    learning = _stops(lambda: (assistant.project.training_examples(), tune_retrieval(assistant)))
    assert _is_passed_in_order(_journey("An example"), learning)
    auto = _with_adapter(assistant).answerer("auto")
    auto.answer("When does the store in Linz open?")  # what is read once is read
    stops = _stops(lambda: auto.answer("When do refunds arrive?"))
    assert _is_passed_in_order(_journey("A question"), stops)
    assert not _is_passed_in_order(_journey("A question")[::-1], stops)


def test_an_answers_file_passes_through_what_is_written() -> None:
    stops = _stops(lambda: decide(read_answers(SAMPLE / "answers.yaml")))
    assert _is_passed_in_order(_journey("An answers file"), stops)


def _files() -> list[Path]:
    return [file for room in ROOMS for file in sorted((ROOT / room).rglob("*.py"))]


def test_every_place_that_the_document_names_is_there() -> None:
    named = re.findall(r"`((?:[a-z_]+/)+(?:[a-z_]+\.(?:py|toml))?)`", ARCHITECTURE)
    assert len(named) > 30
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_no_two_files_have_one_name() -> None:
    count = Counter(file.name for file in _files() if not file.name.startswith("__"))
    assert {name for name, n in count.items() if n > 1} == set()


def test_no_file_and_no_function_is_too_long() -> None:
    long = [str(file) for file in _files() if len(file.read_text(encoding="utf-8").splitlines()) > LONGEST_FILE]
    for file in _files():
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or 0) - node.lineno + 1
                long += [f"{file}: {node.name}"] if lines > LONGEST_FUNCTION else []
    assert long == []


def _imports(file: Path, names: set[str]) -> Iterator[str]:
    """The modules a file imports when it runs: not those for types alone."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for_types = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and id(node) not in for_types:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield whole if whole in names else node.module


def test_no_files_import_each_other_in_a_circle() -> None:
    modules = {
        ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): file for file in _files()
    }
    left = {
        name: {i for i in _imports(file, set(modules)) if i in modules and i != name} for name, file in modules.items()
    }
    while free := [name for name, imported in left.items() if not imported & left.keys()]:
        for name in free:
            del left[name]
    assert set(left) == set()


@pytest.mark.parametrize("room", ["router", "compare"])
def test_an_arm_is_known_by_its_facts_and_not_by_its_name(room: str) -> None:
    named = re.compile(r"[\"'](hybrid|tuned|lookup|extract|rag)[\"']")
    assert [f.name for f in (ROOT / room).glob("*.py") if named.search(f.read_text(encoding="utf-8"))] == []
