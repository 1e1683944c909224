"""Every command of the README exists and parses; the quick ones are run."""

from __future__ import annotations

import re
import shlex

import pytest

from benchmarks.quality.sets import stored, table
from tests.conftest import ROOT
from tests.groundtune.test_app import run

COMMANDS = re.findall(r"^\$ (.+?)(?:\s+#.*)?$", (ROOT / "README.md").read_text(), re.M)


def test_the_readme_shows_the_three_jobs() -> None:
    verbs = {shlex.split(c)[1] for c in COMMANDS}
    assert {"demo", "test", "advise", "init", "provision", "ask", "compare", "pilot"} <= verbs


def test_the_table_of_all_sets_is_made_of_the_stored_results() -> None:
    assert table(stored()) in (ROOT / "README.md").read_text(encoding="utf-8"), "run: python -m benchmarks.quality.sets"


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_is_known(command: str) -> None:
    program, verb, *rest = shlex.split(command)
    if program == "make":
        assert re.search(rf"^{verb}:", (ROOT / "Makefile").read_text(), re.M)
    else:
        options = {o for o in shlex.split(command) if o.startswith("--")}
        verbs = [verb, rest[0]] if verb in ("index", "router") else [verb]
        told = run(*verbs, "--help", COLUMNS="200").stdout
        assert all(option in told for option in options)


@pytest.mark.long
def test_init_and_advise_run_as_written(tmp_path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "data").symlink_to(ROOT / "data")
    for command in COMMANDS:
        args = shlex.split(command)
        if args[0] == "groundtune" and args[1] in ("init", "advise"):
            run(*args[1:], cwd=tmp_path)
