"""A decision as Markdown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from groundtune.screens.decision_screen import headline


def markdown(decision: dict[str, Any]) -> str:
    """The whole decision as one Markdown document."""
    return "\n".join(_lines(decision)).rstrip() + "\n"


def _lines(d: dict[str, Any]) -> Iterator[str]:
    yield from (f"# Advice: {d['approach']}", "", f"**{headline(d)}**", "")
    yield f"{d['because']['because'][0].upper()}{d['because']['because'][1:]}. ({d['because']['source']}; {d['date']})"
    if d["evidence"]:
        found = d["evidence"]
        told = "changes" if found["changed"] else "confirms"
        yield from ("", f"Measured evidence {told} the checklist's advice ({found['checklist']}).")
    yield from ("", "## Reasons", "", "| rule | answer | verdict | because | source |", "|---|---|---|---|---|")
    for r in d["reasons"]:
        yield f"| {r['rule']} | {r['answer']} | {r['verdict']} | {r['because']} | {r['source']} |"
    yield from ("", "## How firmly it stands", "")
    shares = ", ".join(f"{name} {share:.0%}" for name, share in d["worlds"]["shares"].items())
    yield f"- In {d['worlds']['draws']:,} plausible worlds around the answers: {shares}"
    yield from (f"- Would change with {f['if']} → {f['then']}" for f in d["flips"])
    if d["possible"]["decides"]:
        left, first = ", ".join(d["possible"]["approaches"]), d["possible"]["decides"]
        yield f"- Unknown answers leave open: {left}; find out first: {first}"
    yield from (f"- Grey zone: {g['zone']}: {g['because']}. Cheapest test: {g['measure']}" for g in d["grey_zones"])
    if d["pilot"]:
        yield f"- Pilot: {d['pilot']['questions']} held-out questions (80 % power, two-sided 5 %)"
    yield from _money(d)
    yield from (
        "",
        "## Whose wishes it serves",
        "",
        "| approach | total | " + " | ".join(d["stakeholders"]["weights"]) + " |",
    )
    yield "|---|---|" + "---|" * len(d["stakeholders"]["weights"])
    for name in d["stakeholders"]["order"]:
        scores = " | ".join(f"{d['stakeholders']['scores'][name][w]:.2f}" for w in d["stakeholders"]["weights"])
        yield f"| {name} | {d['stakeholders']['totals'][name]:.2f} | {scores} |"
    yield from ("", "## Pitfalls", "")
    yield from (f"- {p['status']}: {p['pitfall']}: {p['because']} ({p['source']})" for p in d["pitfalls"])
    yield from ("", "## Plan", "")
    yield from (f"- **{s['when']}**: {s['do']}" for s in d["plan"])
    kept = [*d["compliance"], *d["limits"], *d["notes"]]
    if kept:
        yield from ("", "## To keep in mind", "", *(f"- {note}" for note in kept))
    yield from ("", "## Answers", "", *(f"- {key}: {value}" for key, value in d["answers"].items()))


def _money(d: dict[str, Any]) -> Iterator[str]:
    costs = d["costs"]
    yield from ("", "## Costs", "", f"US dollars, low – mid – high; prices of {costs['as_of']}.", "")
    yield from ("| approach | one-off | a month | first year | hours of work |", "|---|---|---|---|---|")
    for name, option in costs["options"].items():
        cells = " | ".join(_range(option[k]) for k in ("one_off_usd", "monthly_usd", "first_year_usd", "hours"))
        yield f"| {name} | {cells} |"
    yield ""
    for even in costs["break_evens"]:
        if even["queries_per_month"] is not None:
            yield f"- {even['a']} and {even['b']} cost the same at {even['queries_per_month']:,} questions a month"
    back = costs["returns"].get(d["approach"])
    if back:
        yield f"- Return in the first year: {_range(back['first_year_usd'])} USD; payback month: {back['payback_month']}"
    yield f"- The documents' tier ({costs['tier']['name']}): {_range(costs['tier']['usd'])}; ours is {costs['tier']['because']}"
    yield from ("", "| approach | line | when | USD | formula | source | as of |", "|---|---|---|---|---|---|---|")
    for name, option in costs["options"].items():
        for x in option["lines"]:
            yield (
                f"| {name} | {x['item']} | {x['when']} | {_range(x['usd'])} | {x['formula']} | {x['source']} | {x['as_of']} |"
            )


def _range(f: dict[str, float]) -> str:
    return f"{f['low']:,.0f} – {f['mid']:,.0f} – {f['high']:,.0f}"
