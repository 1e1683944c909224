"""How long a new process takes: ``--help``, ``advise --answers … --json`` and ``ask``, each several times, in turns.

``python -m benchmarks.speed.startup [--project DIR] [--runs N]``: the project must be provisioned (``make demo`` makes one).
Whole-process wall time and peak resident memory, kept in ``benchmarks/results/startup.json``.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks.machine import keep

SAMPLE = Path("data/outdoor-shop")
WANTED = {"help": (0.25, None), "advise_help": (0.25, None), "advise": (0.5, None), "ask": (4.0, 1.5)}
"""Seconds and GiB to stay below."""


def main() -> None:
    """Time each command ``--runs`` times, in turns, and keep the figures."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--project", type=Path, default=Path("demo-project"))
    options.add_argument("--runs", type=int, default=7)
    given = options.parse_args()
    commands = {
        "help": ["--help"],
        "advise_help": ["advise", "--help"],
        "advise": ["advise", "--answers", str(SAMPLE / "answers.yaml"), "--json"],
        "ask": ["ask", "How long does a boot fitting take?", "--arm", "hybrid", "--project", str(given.project)],
    }
    measured: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    for _ in range(given.runs):
        for name, arguments in commands.items():
            measured[name].append(timed(arguments))
    figures: dict[str, Any] = {}
    for name, runs in measured.items():
        seconds, memory = zip(*runs, strict=True)
        figures[name] = {
            "command": "groundtune " + " ".join(commands[name]).replace(str(given.project), given.project.name),
            "seconds": {"median": round(statistics.median(seconds), 3), "low": min(seconds), "high": max(seconds)},
            "peak_gib": round(max(memory), 3),
            "wanted": {"seconds": WANTED[name][0], "gib": WANTED[name][1]},
        }
        print(name, figures[name]["seconds"], f"{figures[name]['peak_gib']} GiB")
    print(keep("startup", {"runs": given.runs, "commands": figures}))


def timed(arguments: list[str]) -> tuple[float, float]:
    """Seconds and peak GiB of one process: measured by a small parent of its own, whose only child it is."""
    script = Path(sys.executable).with_name("groundtune")
    watch = (
        "import resource,subprocess,sys,time; s=time.perf_counter();"
        "subprocess.run(sys.argv[1:],check=True,stdout=subprocess.DEVNULL,stderr=subprocess.DEVNULL);"
        "print(time.perf_counter()-s, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", watch, str(script), *arguments], capture_output=True, text=True, check=True
    )
    seconds, peak = ended.stdout.split()
    return round(float(seconds), 3), int(peak) / 2**20


if __name__ == "__main__":
    main()
