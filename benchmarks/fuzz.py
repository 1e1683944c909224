"""Reading thousands of broken and hostile files: does it ever raise, hang or fill the memory?

``python -m benchmarks.fuzz [--files N] [--seed N] [--seconds S]``: the files of ``benchmarks.broken`` are made and read a few
hundred at a time, in a process whose memory (with that of its readers) is looked at 20 times a second. Kept in
``benchmarks/results/fuzz.json``.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks.broken import files, write
from benchmarks.machine import keep

BATCH = 250


def main() -> None:
    """Make, read, count and keep."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--files", type=int, default=5000)
    options.add_argument("--seed", type=int, default=0)
    options.add_argument(
        "--seconds", type=float, default=10.0, help="time for a file (the product's own limit is 60 s)"
    )
    options.add_argument("--read", type=Path, help="read this folder and tell each file's fate (used by itself)")
    given = options.parse_args()
    if given.read:
        for fate in fates(given.read, given.seconds):
            print(json.dumps(fate), flush=True)
        return
    started = time.monotonic()
    told: list[dict[str, Any]] = []
    errors: list[str] = []
    peak = 0
    made = files(given.files, given.seed)
    while batch := list(islice(made, BATCH)):
        kinds = {name: kind for kind, name, _ in batch}
        with tempfile.TemporaryDirectory() as folder:
            for each in batch:
                write(Path(folder), each)
            del batch, each
            these, used, error = _read_apart(Path(folder), given.seconds)
        told += [fate | {"kind": kinds[fate["file"]]} for fate in these]
        peak = max(peak, used)
        errors += [error] if error else []
        print(f"{len(told)} files, {time.monotonic() - started:.0f} s, peak {peak / 2**20:.0f} MiB", flush=True)
    figures = summary(told) | {
        "files": given.files,
        "seed": given.seed,
        "seconds_a_file": given.seconds,
        "peak_memory_mib": round(peak / 2**20),
        "errors_raised": errors,
    }
    print(json.dumps(figures, indent=2, ensure_ascii=False))
    print(keep("fuzz", figures))


def fates(folder: Path, seconds: float) -> Iterator[dict[str, Any]]:
    """What became of each file: documents, characters, fault, and how long it was waited for."""
    from corpus.errors import Fault, Omission
    from corpus.read import documents_of
    from corpus.records import file_of

    names = sorted(p.name for p in folder.iterdir())
    fate = {n: {"file": n, "documents": 0, "characters": 0, "fault": None, "waited_s": 0.0} for n in names}
    before = time.monotonic()
    for read in documents_of([(folder / name, name) for name in names], seconds=seconds):
        if isinstance(read, Omission):  # its place is a piece of a file that was told before
            continue
        name = read.where if isinstance(read, Fault) else file_of(read.source)
        if isinstance(read, Fault):
            fate[name]["fault"] = read.found
        else:
            fate[name]["documents"] += 1
            fate[name]["characters"] += len(read.text)
            read.text.encode()
        now = time.monotonic()
        fate[name]["waited_s"] = round(fate[name]["waited_s"] + now - before, 3)
        before = now
    yield from fate.values()


def summary(told: list[dict[str, Any]]) -> dict[str, Any]:
    """Counts by kind and by reason, and the slowest file."""
    kinds: dict[str, Counter[str]] = defaultdict(Counter)
    for fate in told:
        state = "skipped" if fate["fault"] and not fate["documents"] else "read in part" if fate["fault"] else "read"
        kinds[fate["kind"]][state if fate["fault"] or fate["documents"] else "neither read nor named"] += 1
    slowest = max(told, key=lambda fate: fate["waited_s"], default=None)
    return {
        "told_of": len(told),
        "fates": dict(sum(kinds.values(), Counter())),
        "kinds": {kind: dict(kinds[kind]) for kind in sorted(kinds)},
        "reasons": dict(Counter(_reason(fate["fault"]) for fate in told if fate["fault"]).most_common()),
        "slowest": slowest,
        "longest_text": max((fate["characters"] for fate in told), default=0),
    }


def _reason(fault: str) -> str:
    """The fault without the numbers, which differ from file to file."""
    return re.sub(r"\b\d[\d.]*|0x\w+", "…", fault)[:60]


def _read_apart(folder: Path, seconds: float) -> tuple[list[dict[str, Any]], int, str]:
    """Fates, peak memory of the whole tree in bytes, and the traceback, if there was one."""
    command = [sys.executable, "-m", "benchmarks.fuzz", "--read", str(folder), "--seconds", str(seconds)]
    reader = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    peak = [0]
    watch = threading.Thread(target=_watch, args=(reader.pid, peak), daemon=True)
    watch.start()
    out, error = reader.communicate()
    watch.join()
    return [json.loads(line) for line in out.splitlines()], peak[0], error if reader.returncode else ""


def _watch(pid: int, peak: list[int]) -> None:
    import psutil

    try:
        reader = psutil.Process(pid)
        while reader.is_running() and reader.status() != psutil.STATUS_ZOMBIE:
            used = 0
            for process in (reader, *reader.children(recursive=True)):
                try:
                    used += process.memory_info().rss
                except psutil.NoSuchProcess:
                    continue  # it ended meanwhile
            peak[0] = max(peak[0], used)
            time.sleep(0.05)
    except psutil.NoSuchProcess:
        return


if __name__ == "__main__":
    main()
