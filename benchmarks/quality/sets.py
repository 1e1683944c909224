"""All arms on all sets: one table of what is stored, made from the results of ``sample``, ``ready`` and ``xquad``.

``python -m benchmarks.quality.sets``: keeps F1, key facts and refusals of each arm on each set, and ``auto`` against the
best arm alone, in ``benchmarks/results/sets.json``, and writes the table of README.md anew. Asks nothing.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from benchmarks.machine import RESULTS, keep
from corpus.atomic_files import read_json, write_text
from groundtune.arms import AUTO
from lm.arm_facts import baselines, generating

SETS = {
    "sample": "sample shop",
    "ready_covid_faq": "COVID-QA FAQ",
    "ready_hotpotqa": "HotpotQA",
    "ready_medquad": "MedQuAD",
    "ready_cuad": "CUAD",
    "xquad": "XQuAD",
}
"""The name of a result's file, and what the set is called."""
ORDER = (*generating(), *baselines(), AUTO)
README = Path(__file__).parents[2] / "README.md"
_BLOCK = re.compile(r"(?<=<!-- all sets -->\n).*?(?=<!-- end of all sets -->)", re.S)


def main() -> None:
    """Read, keep, and write the table into the README."""
    told = stored()
    text = README.read_text(encoding="utf-8")
    write_text(README, _BLOCK.sub(lambda _: table(told), text))
    print(table(told), keep("sets", {"sets": told}), sep="\n")


def stored() -> dict[str, dict[str, Any]]:
    """By name what is shown of each result that there is."""
    return {name: summed(read_json(file)) for name in SETS if (file := RESULTS / f"{name}.json").is_file()}


def summed(result: dict[str, Any]) -> dict[str, Any]:
    """What is shown of a stored comparison: per arm F1, key facts and refusals; ``auto`` against the best arm alone."""
    found = result["comparison"]
    arms = {
        arm: {
            "f1": of["f1"]["mean"],
            "key_facts": of["contains"]["mean"],
            "with_quotes": of["contains_quoted"]["mean"],
            "refusals": of["refusals"],
        }
        for arm, of in found["arms"].items()
        if arm in ORDER
    }
    about = {key: result[key] for key in ("commit", "date", "machine")}
    return about | {"questions": found["questions"], "arms": arms, "routing": found.get("routing")}


def table(told: dict[str, dict[str, Any]]) -> str:
    """Markdown: a row for each arm, F1, key facts, and these with the quotes read, on each set; then what ``auto`` does.

    The best arm alone is in bold.
    """
    rows = [["arm", *(f"{SETS[name]} ({of['questions']})" for name, of in told.items())]]
    rows.append(["---"] * len(rows[0]))
    rows += [[arm, *(_cell(of, arm) for of in told.values())] for arm in ORDER]
    rows.append(["`auto` − best", *(_difference(of) for of in told.values())])
    rows.append(["refused by `auto`", *(_refused(of) for of in told.values())])
    rows.append(["at commit", *(of["commit"] for of in told.values())])
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _cell(of: dict[str, Any], arm: str) -> str:
    if arm not in of["arms"]:
        return "–"
    shown = []
    for metric in ("f1", "key_facts", "with_quotes"):
        best = max(v[metric] for name, v in of["arms"].items() if name != "auto")
        value = of["arms"][arm][metric]
        figure = f"{value * 100:.1f}" if metric == "f1" else f"{value * 100:.0f}"
        shown.append(f"**{figure}**" if value == best and arm != "auto" else figure)
    return " / ".join(shown)


def _difference(of: dict[str, Any]) -> str:
    """The paired differences; a star where one is not due to chance (p < .05, unadjusted)."""
    if not of["routing"]:
        return "–"
    every = [of["routing"][metric] for metric in ("f1", "contains", "contains_quoted")]
    return " / ".join(
        f"{x['difference'] * 100:+.1f}{'*' if x['p'] is not None and x['p'] < 0.05 else ''}" for x in every
    )


def _refused(of: dict[str, Any]) -> str:
    """Wrongly of the answerable questions; rightly of the others, where there are any."""
    r = of["arms"]["auto"]["refusals"]
    without = r["right"] + r["missed"]
    wrong = f"{r['wrong']} of {of['questions'] - without} wrongly"
    return f"{r['right']} of {without} rightly, {wrong}" if without else wrong


if __name__ == "__main__":
    main()
