"""Precision and recall of finding personal data and secrets, on the written set ``personal_data.jsonl``.

``python -m benchmarks.robustness.personal_data``: per kind and over all, on the half that patterns were tuned on and on the
other half, which they were not. A finding counts where kind and span are right; ``touched`` where something is found of
every value. Intervals: Wilson, 95 %.
"""

from __future__ import annotations

import argparse
import json
import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.machine import keep
from corpus.privacy.find_personal_data import find

ITEMS = Path(__file__).with_name("personal_data.jsonl")
Span = tuple[str, int, int]
Finder = Callable[[str], Iterable[Span]]


def wilson(hits: int, of: int) -> dict[str, float | int | None]:
    """A share with its 95 % interval."""
    if not of:
        return {"share": None, "hits": hits, "of": of}
    z, p = 1.96, hits / of
    middle, half = p + z * z / (2 * of), z * math.sqrt(p * (1 - p) / of + z * z / (4 * of * of))
    low, high = (middle - half) / (1 + z * z / of), (middle + half) / (1 + z * z / of)
    return {"share": round(p, 4), "low": round(low, 4), "high": round(min(high, 1.0), 4), "hits": hits, "of": of}


def ours(text: str) -> list[Span]:
    """What groundtune finds."""
    return [(f.kind, f.start, f.end) for f in find(text)]


def scored(items: Sequence[dict[str, Any]], finder: Finder) -> dict[str, Any]:
    """Precision and recall over all and by kind, and the share of values of which something is found."""
    right, wanted, found = Counter[str](), Counter[str](), Counter[str]()
    touched = false_items = 0
    for item in items:
        told = set(finder(item["text"]))
        spans = {(k, a, b) for k, a, b in item["spans"]}
        wanted.update(k for k, _, _ in spans)
        found.update(k for k, _, _ in told)
        right.update(k for k, _, _ in spans & told)
        touched += sum(any(a < e and s < b for _, s, e in told) for _, a, b in spans)
        false_items += not spans and bool(told)
    by_kind = {
        k: {"precision": wilson(right[k], found[k]), "recall": wilson(right[k], wanted[k])}
        for k in sorted(wanted | found)
    }
    return {
        "precision": wilson(right.total(), found.total()),
        "recall": wilson(right.total(), wanted.total()),
        "touched": wilson(touched, wanted.total()),
        "look_alikes_taken": wilson(false_items, sum(not i["spans"] for i in items)),
        "kinds": by_kind,
    }


def wrong(items: Sequence[dict[str, Any]], finder: Finder) -> list[str]:
    """The items that are not wholly right, with what was wanted and what was found."""
    told = ((i["text"], sorted(map(tuple, i["spans"])), sorted(finder(i["text"]))) for i in items)
    return [f"{text!r}\n   wanted {wanted}\n   found  {found}" for text, wanted, found in told if wanted != found]


def main() -> None:
    """Score both halves, and keep the figures."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--tune", action="store_true", help="only the tuning half, with every item that is wrong")
    given = options.parse_args()
    items = [json.loads(line) for line in ITEMS.read_text(encoding="utf-8").splitlines()]
    halves = {half: [i for i in items if i["split"] == half] for half in ("tune", "test")}
    if given.tune:
        print(*wrong(halves["tune"], ours), sep="\n")
        figures = scored(halves["tune"], ours)
        print({k: v for k, v in figures.items() if k != "kinds"})
        return
    counts = {"items": len(items), "true": sum(bool(i["spans"]) for i in items)}
    figures = {half: scored(of, ours) for half, of in halves.items()}
    for half, of in figures.items():
        shares = {k: of[k]["share"] for k in ("precision", "recall", "touched", "look_alikes_taken")}
        print(half, shares)
    print(keep("personal_data", counts | figures))


if __name__ == "__main__":
    main()
