"""Reading thousands of broken, hostile and sound files: does it ever raise, hang, fill the memory or lose a word in silence?

``python -m benchmarks.robustness.fuzz [--files N] [--known N] [--seed N] [--seconds S]``: the files of
``benchmarks.data.broken`` and ``benchmarks.data.known`` are made and read a few hundred at a time, in a process whose memory
(with that of its readers) is looked at 20 times a second. Of the known files each word is looked for in what was read. Kept
in ``benchmarks/results/fuzz.json``.
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
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks.data.broken import files, write
from benchmarks.data.known import Known, known_files
from benchmarks.machine import keep

BATCH = 250
_TOLD = "known.json"
"""Beside the folder of a batch: the words of its known files."""


def main() -> None:
    """Make, read, count and keep."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--files", type=int, default=5000)
    options.add_argument("--known", type=int, default=2000, help="so many of the files are sound, with known words")
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
    for batch in _batches(given.files, given.known, given.seed):
        kinds = {name: kind for kind, name, _ in batch}
        with tempfile.TemporaryDirectory() as above:
            folder = Path(above) / "files"
            folder.mkdir()
            words = {}
            for kind, name, content in batch:
                write(folder, (kind, name, content.content if isinstance(content, Known) else content))
                if isinstance(content, Known):
                    words[name] = [content.seen, content.unseen]
            (Path(above) / _TOLD).write_text(json.dumps(words), encoding="utf-8")
            del batch
            these, used, error = _read_apart(folder, given.seconds)
        told += [fate | {"kind": kinds[fate["file"]]} for fate in these]
        peak = max(peak, used)
        errors += [error] if error else []
        print(f"{len(told)} files, {time.monotonic() - started:.0f} s, peak {peak / 2**20:.0f} MiB", flush=True)
    figures = summary(told) | {
        "files": given.files,
        "known": given.known,
        "seed": given.seed,
        "seconds_a_file": given.seconds,
        "peak_memory_mib": round(peak / 2**20),
        "errors_raised": errors,
    }
    print(json.dumps(figures, indent=2, ensure_ascii=False))
    print(keep("fuzz", figures))


def _batches(number: int, known: int, seed: int) -> Iterator[list[tuple[str, str, Any]]]:
    """Kind, name and content, some hundred at a time; a known file's name tells it from a broken one's."""
    broken, sound = files(number - known, seed), known_files(known, seed)
    while batch := [
        *islice(broken, BATCH * (number - known) // number),
        *_renamed(islice(sound, BATCH * known // number)),
    ]:
        yield batch


def _renamed(sound: Iterator[tuple[str, str, Known]]) -> Iterator[tuple[str, str, Known]]:
    return ((kind, f"known-{name}", content) for kind, name, content in sound)


def fates(folder: Path, seconds: float) -> Iterator[dict[str, Any]]:
    """What became of each file: documents, characters, faults, how long it was waited for; of known words which were lost."""
    from corpus.documents.read_documents import documents_of
    from corpus.errors import Fault, Omission
    from corpus.records import file_of

    names = sorted(p.name for p in folder.iterdir())
    known = json.loads((folder.parent / _TOLD).read_text(encoding="utf-8"))
    fate = {
        n: {"file": n, "documents": 0, "characters": 0, "fault": None, "left_out": 0, "waited_s": 0.0} for n in names
    }
    texts = dict.fromkeys(known, "")
    before = time.monotonic()
    for read in documents_of([(folder / name, name) for name in names], seconds=seconds):
        name = read.where.partition(",")[0] if isinstance(read, Fault) else file_of(read.source)
        if isinstance(read, Omission):
            fate[name]["left_out"] += 1
        elif isinstance(read, Fault):
            fate[name]["fault"] = read.found
        else:
            fate[name]["documents"] += 1
            fate[name]["characters"] += len(read.text)
            read.text.encode()
            if name in texts:
                texts[name] += "\n".join([read.title, read.text, *(s.heading for s in read.sections)])
        now = time.monotonic()
        fate[name]["waited_s"] = round(fate[name]["waited_s"] + now - before, 3)
        before = now
    for name, (seen, unseen) in known.items():
        fate[name] |= _kept(seen, unseen, texts[name], fate[name])
    yield from fate.values()


def _kept(seen: list[str], unseen: list[str], text: str, fate: Mapping[str, Any]) -> dict[str, Any]:
    """Characters of the words that stand in the file, of those that were read, that were named as left out, and the rest."""
    read = _plain(text)
    lost = [w for w in seen if _plain(w) not in read]
    shown = [w for w in unseen if _plain(w) in read]
    told = bool(fate["left_out"] or fate["fault"])
    named = (lost if fate["fault"] else []) + ([w for w in unseen if w not in shown] if told else [])
    missing = [w for w in (*lost, *(w for w in unseen if w not in shown)) if w not in named]
    return {
        "characters_in": sum(map(len, (*seen, *unseen))),
        "characters_read": sum(len(w) for w in seen if w not in lost),
        "characters_named": sum(map(len, named)),
        "characters_lost": sum(map(len, missing)),
        "hidden_shown": len(shown),
        "lost": missing[:3],
    }


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


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
        "known_words": _words_kept(told),
    }


def _words_kept(told: list[dict[str, Any]]) -> dict[str, Any]:
    """By kind of known file: characters in, read, named and lost, and hidden words that were read as valid."""
    sums = ("characters_in", "characters_read", "characters_named", "characters_lost", "hidden_shown")
    kinds: dict[str, Counter[str]] = defaultdict(Counter)
    for fate in told:
        if "characters_in" in fate:
            kinds[fate["kind"]].update({name: fate[name] for name in sums})
            kinds["all"].update({name: fate[name] for name in sums})
    worst = [f for f in told if f.get("characters_lost") or f.get("hidden_shown")]
    return {
        "kinds": {
            k: dict(c) | {"lost_share": round(c["characters_lost"] / c["characters_in"], 4)} for k, c in kinds.items()
        },
        "files_with_loss": len(worst),
        "examples": [{k: f[k] for k in ("kind", "file", "lost", "hidden_shown")} for f in worst[:20]],
    }


def _reason(fault: str) -> str:
    """The fault without the numbers, which differ from file to file."""
    return re.sub(r"\b\d[\d.]*|0x\w+", "…", fault)[:60]


def _read_apart(folder: Path, seconds: float) -> tuple[list[dict[str, Any]], int, str]:
    """Fates, peak memory of the whole tree in bytes, and the traceback, if there was one."""
    command = [sys.executable, "-m", "benchmarks.robustness.fuzz", "--read", str(folder), "--seconds", str(seconds)]
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
