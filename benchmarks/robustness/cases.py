"""Small inputs that once came out wrong: is each of them told as its user expects?

``python -m benchmarks.robustness.cases [--only PART] [--product FOLDER] [--before FILE]``: each case of ``cases.toml``
becomes a project, its commands are run as a user runs them, and what they print is held against what is expected. Prints a
table, keeps it in ``benchmarks/results/cases.json`` and exits 1 where a case is wrong. ``--product`` runs another checkout
of the product, ``--before`` shows the figures of an earlier run beside these. Inputs: ``$GROUNDTUNE_CASES``, default
``../shared/cases``.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import tomllib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.machine import commit, keep

EXPECTED = Path(__file__).with_suffix(".toml")
_WORKERS = 2
_SECONDS = 900
_READ = (
    "import json, pathlib, sys; from corpus.examples import read_examples; "
    "rows = read_examples(pathlib.Path(sys.argv[1])); "
    "print(len(rows), 'examples'); "
    "[print(json.dumps([e.question, e.answer, *e.answers], ensure_ascii=False)) for e in rows]"
)
"""What ``run = ["read", FILE]`` runs: the examples of a file, one a line, as every verb reads them."""
_REFUSED = (
    "from corpus.errors import GroundtuneError\n"
    "try:\n    exec({code!r})\nexcept GroundtuneError as error:\n    print(error); raise SystemExit(2)"
)


@dataclass(frozen=True)
class Outcome:
    """What one command of a case printed, and what was wrong with it."""

    case: str
    command: str
    shown: str
    faults: tuple[str, ...]


def main() -> None:
    """Run every case, print the table, keep it."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--only", default="", help="run the cases whose name holds this; nothing is kept")
    options.add_argument("--product", type=Path, default=Path.cwd(), help="the checkout whose product is run")
    options.add_argument("--before", type=Path, help="results of an earlier run, shown beside")
    options.add_argument("--to", default="cases", help="the name the results are kept under")
    given = options.parse_args()
    inputs = Path(os.environ.get("GROUNDTUNE_CASES", "../shared/cases")).resolve()
    if not inputs.is_dir():
        sys.exit(f"{inputs}: no cases there; set GROUNDTUNE_CASES")
    wanted = [c for c in tomllib.loads(EXPECTED.read_text(encoding="utf-8"))["cases"] if given.only in c["name"]]
    missing = {str(p.parent.relative_to(inputs)) for p in inputs.glob("*/*/expected.md")} - {c["name"] for c in wanted}
    with ThreadPoolExecutor(_WORKERS) as pool:
        outcomes = [o for some in pool.map(lambda c: outcomes_of(c, inputs, given.product), wanted) for o in some]
    before = json.loads(given.before.read_text(encoding="utf-8"))["cases"] if given.before else {}
    table = summed(outcomes)
    for name, row in table.items():
        was = f"{before[name]['right']} of {before[name]['checks']} → " if name in before else ""
        print(f"{'✓' if row['right'] == row['checks'] else '✗'} {name:32} {was}{row['right']} of {row['checks']}")
        for outcome in row["commands"]:
            if outcome["faults"] or given.only:
                print(f"    {outcome['command']}\n      {outcome['shown']}", *outcome["faults"], sep="\n      ")
    right = sum(row["right"] == row["checks"] for row in table.values())
    print(f"{right} of {len(table)} cases right")
    if not given.only:
        if missing:
            print(f"without expectations: {', '.join(sorted(missing))}")
        figures = {"product": commit(given.product), "right": right, "of": len(table), "cases": table}
        print(keep(given.to, figures | {"without_expectations": sorted(missing)}))
    sys.exit(right < len(table) or bool(missing and not given.only))


def outcomes_of(case: dict[str, Any], inputs: Path, product: Path) -> list[Outcome]:
    """What came of each command of a case; each project is made once, and each case has a folder of its own."""
    folder = inputs / case["name"]
    with tempfile.TemporaryDirectory() as made:
        shell = _Shell(product, Path(made))
        outcomes = [_outcome(case, check, folder, shell) for check in case["checks"]]
    print(f"{case['name']}: {sum(not o.faults for o in outcomes)} of {len(outcomes)}", file=sys.stderr, flush=True)
    return outcomes


def _outcome(case: dict[str, Any], check: dict[str, Any], folder: Path, shell: _Shell) -> Outcome:
    given = {k: check.get(k, case.get(k, "")) for k in ("documents", "examples", "questions", "settings", "build")}
    run: list[str] = [word.replace("{case}", str(folder)) for word in check["run"]]
    project, failed = shell.project(folder, given)
    code, said = failed or (0, "")
    if run[0] == "read":
        code, said = shell.python(_READ, str(folder / run[1]))
    elif run[0] == "init":
        run = ["init"]  # what making the project says is what is looked at
        code, said = shell.making[project]
    elif not failed:
        code, said = shell.groundtune(
            [*run, *(["--project", str(project)] if given["documents"] or given["examples"] else [])]
        )
    faults = faults_of(check, code, said)
    command = " ".join(run).replace(str(folder), case["name"])
    return Outcome(case["name"], command, _excerpt(said, check).replace(str(folder), case["name"]), tuple(faults))


class _Shell:
    """Runs the product's commands as a user does, in a home of its own."""

    def __init__(self, product: Path, made: Path) -> None:
        self.product = product.resolve()
        self.made = made
        self.making: dict[Path, tuple[int, str]] = {}

    def groundtune(self, words: list[str]) -> tuple[int, str]:
        """Exit status and everything printed."""
        return self._run([sys.executable, "-m", "groundtune", *words])

    def python(self, code: str, *words: str) -> tuple[int, str]:
        """The same of a line of Python, which tells a refusal as the command line does."""
        return self._run([sys.executable, "-c", _REFUSED.format(code=code), *words])

    def project(self, case: Path, given: dict[str, str]) -> tuple[Path, tuple[int, str] | None]:
        """The project made of what is given, once; with what was printed where that failed."""
        name = re.sub(r"\W+", "-", "-".join(given.values())) or "none"
        folder = self.made / name[:100]
        if folder not in self.making and (given["documents"] or given["examples"]):
            words = ["init", str(folder)]
            for option in ("documents", "examples", "questions"):
                words += [f"--{option}", str(case / given[option])] if given[option] else []
            self.making[folder] = self.groundtune(words)
            if self.making[folder][0] == 0:
                with open(folder / "groundtune.yaml", "a", encoding="utf-8") as settings:
                    settings.write(given["settings"])
                for build in filter(None, given["build"].split(" && ")):
                    code, said = self.groundtune([*build.split(), "--project", str(folder)])
                    self.making[folder] = (code, self.making[folder][1] + said)
        code, said = self.making.get(folder, (0, ""))
        return folder, (code, said) if code else None

    def _run(self, command: list[str]) -> tuple[int, str]:
        environment = os.environ | {"COLUMNS": "200", "TERM": "dumb", "NO_COLOR": "1"}
        done = subprocess.run(
            command, cwd=self.product, env=environment, capture_output=True, timeout=_SECONDS, check=False
        )
        return done.returncode, (done.stdout + done.stderr).decode("utf-8", "replace")


def faults_of(check: dict[str, Any], code: int, said: str) -> list[str]:
    """What is wrong: another exit status, words that are missing or should not be there, a screen that is filled."""
    plain = " ".join(said.split())
    faults = [f"exit {code}, wanted {check.get('exit', 0)}"] if code not in _exits(check) else []
    faults += [f"does not say /{wanted}/" for wanted in check.get("says", ()) if not _search(wanted, plain)]
    faults += [f"says /{found[0]}/" for wrong in check.get("never", ()) if (found := _search(wrong, plain))]
    faults += ["a traceback"] if "Traceback (most recent call last)" in said else []
    if (first := check.get("first")) and not _search(first, _first(said)):
        faults.append(f"the first one does not say /{first}/")
    most = check.get("lines_at_most", 60 if code else None)
    if most and len(said.splitlines()) > most:
        faults.append(f"{len(said.splitlines())} lines, wanted {most} at most")
    return faults


def summed(outcomes: list[Outcome]) -> dict[str, dict[str, Any]]:
    """Per case: how many commands, how many of them right, and what each showed."""
    table: dict[str, dict[str, Any]] = {}
    for o in outcomes:
        row = table.setdefault(o.case, {"checks": 0, "right": 0, "commands": []})
        row["checks"] += 1
        row["right"] += not o.faults
        row["commands"].append({"command": o.command, "shown": o.shown, "faults": list(o.faults)})
    return table


def _search(pattern: str, text: str) -> re.Match[str] | None:
    return re.search(pattern, text, re.IGNORECASE)


def _exits(check: dict[str, Any]) -> tuple[int, ...]:
    wanted = check.get("exit", 0)
    return tuple(wanted) if isinstance(wanted, list) else (wanted,)


def _first(said: str) -> str:
    """The first passage of ``index search --json``, with its heading."""
    start = said.find("[")
    try:
        found = json.JSONDecoder().raw_decode(said[start:])[0] if start >= 0 else []
    except json.JSONDecodeError:
        return ""
    return f"{found[0]['passage']['heading']} {found[0]['passage']['text']}" if found else ""


def _excerpt(said: str, check: dict[str, Any]) -> str:
    """What to show of the output: the first passage, or the words about what was looked for, or how it begins."""
    plain = " ".join((_first(said) if check.get("first") else said).split())
    found = next((m for wanted in check.get("says", ()) if (m := _search(wanted, plain))), None)
    at = max(0, found.start() - 80) if found else 0
    return plain[at : at + 200]


if __name__ == "__main__":
    main()
