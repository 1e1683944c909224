"""SIGKILL at random moments of indexing and updating, then the same command again: is anything lost or twice?

``python -m benchmarks.robustness.kills [--kills N] [--together N]``: in every round some documents are changed, added and
deleted, ``index update`` is killed at a random moment, the former state must still answer, and after the same command again
``index verify`` must find the index clean. Kept in ``benchmarks/results/kills.json``.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from benchmarks.machine import keep
from groundtune.project.new_project import init

DOCUMENTS = 150
CHANGED = 0.4
"""Share of the documents that each round changes, adds or deletes."""
WORDS = Path("data/outdoor-shop/documents")


def main() -> None:
    """Kill ``--kills`` times over ``--together`` projects and keep what came of it."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--kills", type=int, default=200)
    options.add_argument("--together", type=int, default=2)
    given = options.parse_args()
    words = " ".join(f.read_text(encoding="utf-8") for f in sorted(WORDS.glob("*.md"))).split()
    each = -(-given.kills // given.together)
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(given.together) as pool:
        runs = [pool.submit(killed_often, Path(folder) / str(n), n, each, words) for n in range(given.together)]
        rounds = [r for run in runs for r in run.result()]
    figures = {
        "kills": len(rounds),
        "killed_with_a_state_half_written": sum(r["unfinished"] for r in rounds),
        "former_state_could_be_searched": sum(r["readable"] for r in rounds),
        "ended_before_the_kill": sum(r["ended"] for r in rounds),
        "clean_after_the_same_command": sum(r["clean"] for r in rounds),
        "documents": DOCUMENTS,
        "faults": [r for r in rounds if not (r["clean"] and r["readable"])],
    }
    print(json.dumps(figures, indent=2))
    print(keep("kills", figures))


def killed_often(folder: Path, seed: int, kills: int, words: list[str]) -> list[dict[str, Any]]:
    """One project, ``kills`` rounds; what each came to."""
    rng = random.Random(seed)
    (folder / "documents").mkdir(parents=True)
    for n in range(DOCUMENTS):
        _write(folder, n, words, rng)
    init(folder, [str(folder / "documents")], None, None)
    longest = 6.0
    rounds = []
    for number in range(kills):
        if number:
            for n in rng.sample(range(DOCUMENTS), round(CHANGED * DOCUMENTS)):
                _write(folder, n, words, rng)
        after = rng.uniform(0.3, longest)
        process = subprocess.Popen(_command(folder, "update"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        started = time.monotonic()
        try:
            process.wait(after)
            longest = max(1.0, 0.5 * (longest + time.monotonic() - started))  # aim before its end
        except subprocess.TimeoutExpired:
            os.kill(process.pid, signal.SIGKILL)
        ended = process.wait() == 0
        index = folder / ".groundtune" / "index"
        unfinished = (index / "next").is_dir()
        readable = not (index / "manifest.json").is_file() or _searched(folder)
        again = subprocess.run(_command(folder, "update"), capture_output=True, text=True, check=False)
        found = subprocess.run([*_command(folder, "verify"), "--json"], capture_output=True, text=True, check=False)
        clean = again.returncode == 0 and found.returncode == 0 and json.loads(found.stdout)["clean"]
        told = "" if clean else (again.stderr + found.stdout + found.stderr)[-800:]
        rounds.append(
            {
                "after_s": round(after, 2),
                "ended": ended,
                "unfinished": unfinished,
                "readable": readable,
                "clean": clean,
                "told": told,
            }
        )
        if number % 10 == 9:
            print(f"project {seed}: {number + 1} kills, {sum(r['clean'] for r in rounds)} clean", flush=True)
    return rounds


def _searched(folder: Path) -> bool:
    """Does the index that the killed run was changing still answer?"""
    asked = [*_command(folder, "search"), "Which boots are waterproof?", "--json"]
    found = subprocess.run(asked, capture_output=True, text=True, check=False)
    return found.returncode == 0 and bool(json.loads(found.stdout))


def _write(folder: Path, n: int, words: list[str], rng: random.Random) -> None:
    """Document ``n`` anew, or no longer there."""
    file = folder / "documents" / f"{n:03}.md"
    if file.exists() and rng.random() < 0.2:
        file.unlink()
        return
    at = rng.randrange(len(words) - 200)
    file.write_text(f"# Document {n}\n\n" + " ".join(words[at : at + rng.randint(40, 200)]) + "\n", encoding="utf-8")


def _command(folder: Path, verb: str) -> list[str]:
    return [sys.executable, "-m", "groundtune", "index", verb, "--project", str(folder)]


if __name__ == "__main__":
    main()
