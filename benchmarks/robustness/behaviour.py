"""What every verb prints, recorded; and what differs between two recordings. For changes that are to change nothing.

``python -m benchmarks.robustness.behaviour DIR --project DIR``: runs every verb as a user does, on a copy of a provisioned
sample project, on one without examples, on one without documents, and with every kind of bad input, at 80 columns and with
``--json``; one text file for each in ``DIR``. ``python -m benchmarks.robustness.behaviour DIR --against OTHER``: the
difference of two recordings; exit status 1 where there is one. Times, sizes and folders are left out, as they are never
twice the same.
"""

from __future__ import annotations

import argparse
import difflib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from typer.main import get_command

from groundtune.arms import all_arms
from groundtune.cli.main import app

SAMPLE = Path("data").absolute() / "outdoor-shop"
QUESTIONS = (
    "How long does a boot fitting take?",
    "What does a Juniper Solo footprint cost by itself?",
    "How many metres go into one kilometre?",
    "What does waxing cost and how long does it take?",
)
_TIMES = r'("(?:seconds|p50|p95|retrieve|generate|total|modified|made_at|date|\w*_s|seconds_\w+|free_\w+)": )[\d.e-]+'
_VOLATILE = (
    (re.compile(r"^Usage: python -m \w+", re.M), "Usage: groundtune"),
    (re.compile(_TIMES), r"\1…"),
    (re.compile(r"\d+(?:[.,]\d+)* ?(?=(?:s|ms|min|MB|GB|GiB|MiB|kB)\b)"), "… "),
    (re.compile(r"\d+:\d\d(?::\d\d)?"), "…"),
    (re.compile(r"(?<= \d/\d   )\d+\.\d\d(?= )|(?<=\"usd_per_1000\": )[\d.e-]+|(?<=comparisons/)[0-9a-f]{12}"), "…"),
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[\d.+:Z]*"), "…"),
)


@dataclass(frozen=True)
class Case:
    """A command in a project, under a name that a file can have."""

    name: str
    project: str
    command: tuple[str, ...]
    typed: str = ""


def cases() -> Iterator[Case]:
    """Every verb where it works, and every kind of error."""
    yield Case(
        "sample-provision", "sample", ("provision", "--approach", "hybrid", "--json")
    )  # first: the copy's documents lie elsewhere
    for verb in get_command(app).commands:  # type: ignore[attr-defined]
        yield Case(f"help-{verb}", "none", (verb, "--help"))
    yield Case("help", "none", ("--help",))
    for project in ("sample", "no-examples", "no-documents", "none"):
        for shown in (
            ("status",),
            ("doctor",),
            ("audit",),
            ("router", "show"),
            ("index", "stats"),
            ("index", "verify"),
        ):
            for form in ((), ("--json",)):
                yield Case(f"{project}-{'-'.join(shown)}{''.join(form)}", project, (*shown, *form))
    for n, question in enumerate(QUESTIONS):
        for arm in all_arms():
            yield Case(f"sample-ask-{n}-{arm}", "sample", ("ask", question, "--arm", arm, "--json"))
        yield Case(f"sample-ask-{n}", "sample", ("ask", question))
    yield Case("sample-ask-fast", "sample", ("ask", QUESTIONS[0], "--fast"))
    yield Case("sample-ask-source", "sample", ("ask", QUESTIONS[0], "--source", "*boot*", "--json"))
    yield Case("sample-chat", "sample", ("chat",), f"{QUESTIONS[0]}\nAnd what does it cost?\n/quit\n")
    yield Case("sample-search", "sample", ("index", "search", QUESTIONS[0], "--json"))
    yield Case("sample-replay", "sample", ("router", "replay", "--project", "."))
    yield Case("sample-compare", "sample", ("compare", "--arms", "extract,lookup", "--limit", "30"))
    yield Case("sample-compare--json", "sample", ("compare", "--arms", "extract,lookup", "--limit", "30", "--json"))
    for project in ("no-examples", "no-documents"):
        for approach in ("rag", "finetune", "hybrid"):
            if (project, approach) != ("no-documents", "finetune"):  # that one would train
                yield Case(f"{project}-provision-{approach}", project, ("provision", "--approach", approach))
        for arm in all_arms():
            yield Case(f"{project}-ask-{arm}", project, ("ask", QUESTIONS[0], "--arm", arm))
        yield Case(f"{project}-compare", project, ("compare", "--arms", "extract,lookup", "--limit", "10"))
    answers = str(SAMPLE / "answers.yaml")
    for form in ((), ("--json",)):
        yield Case(f"advise{''.join(form)}", "no-examples", ("advise", "--answers", answers, *form))
        yield Case(f"advise-preset{''.join(form)}", "no-examples", ("advise", "--preset", "customer-service", *form))
        yield Case(f"models{''.join(form)}", "none", ("models", "list", *form))
    yield Case("advise-report", "no-examples", ("advise", "--answers", answers, "--report", "report.md"))
    yield Case("advise-history", "no-examples", ("advise", "--history"))
    yield from errors()


def errors() -> Iterator[Case]:
    """Bad input of each kind."""
    yield Case("error-no-project", "none", ("ask", "When?"))
    yield Case("error-empty-question", "sample", ("ask", " "))
    yield Case("error-arm", "sample", ("ask", "When?", "--arm", "magic"))
    yield Case("error-day", "sample", ("ask", "When?", "--since", "yesterday"))
    yield Case("error-answers", "none", ("advise", "--answers", "nowhere.yaml"))
    yield Case("error-set", "no-examples", ("advise", "--set", "nothing=1"))
    yield Case("error-preset", "no-examples", ("advise", "--preset", "nothing"))
    yield Case("error-settings", "bad-settings", ("status",))
    yield Case("error-yaml", "bad-yaml", ("status",))
    yield Case("error-examples", "bad-examples", ("provision", "--approach", "hybrid"))
    yield Case("error-init", "none", ("init", "new", "--documents", "nowhere"))
    yield Case("error-init-twice", "sample", ("init", "."))
    yield Case("error-model", "none", ("models", "pull", "nothing"))
    yield Case("error-arms", "sample", ("compare", "--arms", "magic"))
    yield Case("error-index-add", "no-examples", ("index", "add", "nowhere.md"))
    yield Case("error-filter", "no-examples", ("ask", "When?", "--source", "nothing/*", "--arm", "extract"))


def projects(folder: Path, sample: Path) -> None:
    """The projects that the cases run in."""
    shutil.copytree(sample, folder / "sample", symlinks=True)
    documents, examples, questions = SAMPLE / "documents", SAMPLE / "examples.jsonl", SAMPLE / "questions.jsonl"
    named = {"documents": f"documents: [{documents}]\n", "examples": f"examples: {examples}\nquestions: {questions}\n"}
    settings = {
        "sample": "".join(named.values()),
        "no-examples": named["documents"],
        "no-documents": named["examples"],
        "bad-settings": named["documents"] + "colour: red\n",
        "bad-yaml": "documents: [\n",
        "bad-examples": f"documents: [{documents}]\nexamples: bad.jsonl\n",
        "none": "",
    }
    for name, text in settings.items():
        (folder / name).mkdir(exist_ok=True)
        if text:
            (folder / name / "groundtune.yaml").write_text(text, encoding="utf-8")
    (folder / "bad-examples" / "bad.jsonl").write_text(
        '{"question": "When?", "answer": 5}\n{"question": \n', encoding="utf-8"
    )


def run(case: Case, folder: Path) -> str:
    """What a command prints and how it ends."""
    done = subprocess.run(
        [sys.executable, "-m", "groundtune", *case.command],
        cwd=folder / case.project,
        input=case.typed,
        capture_output=True,
        text=True,
        env=os.environ | {"COLUMNS": "80", "TERM": "dumb", "PYTHONPATH": str(Path.cwd())},
        check=False,
    )
    said = f"$ groundtune {' '.join(case.command)}\n{done.stdout}--- stderr\n{done.stderr}--- {done.returncode}\n"
    return steady(said, folder)


def steady(said: str, folder: Path) -> str:
    """The text without what is never twice the same."""
    said = said.replace(str(folder), "PROJECTS").replace(str(SAMPLE), "SAMPLE")
    for pattern, shown in _VOLATILE:
        said = pattern.sub(shown, said)
    return said


def differences(one: Path, other: Path) -> list[str]:
    """The lines that differ, as ``diff -u`` has them."""
    names = sorted({f.name for folder in (one, other) for f in folder.glob("*.txt")})
    told: list[str] = []
    for name in names:
        before, after = (_lines(folder / name) for folder in (one, other))
        told += difflib.unified_diff(before, after, f"{one}/{name}", f"{other}/{name}", lineterm="", n=1)
    return told


def _lines(file: Path) -> list[str]:
    return steady(file.read_text(encoding="utf-8"), file.parent).splitlines() if file.is_file() else []


def main(arguments: Sequence[str] | None = None) -> int:
    """Record, or compare."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", type=Path)
    options.add_argument("--project", type=Path, help="a provisioned sample project; it is copied")
    options.add_argument("--against", type=Path)
    given = options.parse_args(arguments)
    if given.against:
        told = differences(given.against, given.folder)
        print("\n".join(told) or "no difference")
        return int(bool(told))
    given.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        projects(Path(scratch), given.project)
        for case in cases():
            (given.folder / f"{case.name}.txt").write_text(run(case, Path(scratch)), encoding="utf-8")
            print(case.name, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
