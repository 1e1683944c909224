"""Processes of our own run our code, whatever lies in the folder where the user stands."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from corpus.documents.read_documents import read_documents
from corpus.python_process import command, own_paths
from corpus.records import Document, Section
from rag.index.index import Index
from rag.index.verify_index import verify
from tests.conftest import ROOT
from tests.fakes import FakeEmbedder
from tests.groundtune.test_app import run

_HOSTILE = "import pathlib; (pathlib.Path(__file__).parent.parent / 'RAN').touch(); raise SystemExit('not ours')\n"


@pytest.fixture
def hostile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The current folder, with packages and modules in it that have our names; nothing of it may be run."""
    here = tmp_path / "here"
    for name in ("rag", "lm", "corpus", "json", "chromadb", "pip"):
        (here / name).mkdir(parents=True)
        (here / name / "__init__.py").write_text(_HOSTILE)
    monkeypatch.chdir(here)
    yield here
    assert not (here / "RAN").exists()


@pytest.mark.long
def test_an_index_is_checked_by_our_own_code(hostile: Path, tmp_path: Path) -> None:
    index = Index(tmp_path / "index", FakeEmbedder())
    documents = [Document("a.md", "", "Boots.", (Section("Boots."),))]
    index.build(documents)
    assert verify(index, documents).clean
    code = "from rag.index.verify_index import read_all; read_all(sys.argv[1])"
    ended = subprocess.run(command(code, str(index.folder)), capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_files_are_read_by_our_own_code(hostile: Path, tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("<p>Boots are dry.</p>")
    assert read_documents([tmp_path / "a.html"], tmp_path).documents[0].text.strip() == "Boots are dry."


def test_a_command_given_in_such_a_folder_imports_our_own_rooms(hostile: Path) -> None:
    for name in ("corpus", "json"):  # Python itself puts the folder first for -m, before any of our code runs
        (hostile / name / "__init__.py").unlink()
        (hostile / name).rmdir()
    (hostile / "lm" / "arm_facts.py").write_text(_HOSTILE)
    told = json.loads(run("models", "list", "--json", cwd=hostile).stdout)
    assert told[0]["name"]


def test_our_packages_are_found_and_the_current_folder_is_not(hostile: Path) -> None:
    assert own_paths(["", str(hostile), "/lib"]) == ["/lib", str(ROOT)]
    assert own_paths([str(ROOT), "/lib"]) == [str(ROOT), "/lib"]
    os.chdir(ROOT)
    assert own_paths(["", "/lib"]) == ["", "/lib"]
    ended = subprocess.run(command("print(sys.argv[1:])", "a b"), capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "['a b']"
    assert command("")[:2] == [sys.executable, "-P"]
