"""A decision as one self-contained HTML page: no script, no font, nothing fetched."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import Any

from groundtune.reports.charts import cost_chart, flip_chart
from groundtune.screens.decision_screen import headline

_STYLE = """
:root{--ink:#1d2733;--dim:#5d6b7a;--line:#dfe5ec;--soft:#f5f7fa;--go:#0f766e;--warn:#b45309;--paper:#fff}
@media(prefers-color-scheme:dark){:root{--ink:#e6ebf1;--dim:#9aa7b5;--line:#33404d;--soft:#1b232c;--go:#5eead4;
--warn:#fbbf24;--paper:#12181f}}
*{box-sizing:border-box}body{margin:0;background:var(--paper);color:var(--ink);
font:16px/1.55 system-ui,-apple-system,"Segoe UI",sans-serif}
main{max-width:60rem;margin:0 auto;padding:2rem 1.25rem 4rem}h1{font-size:1.9rem;margin:.2rem 0}
h2{font-size:1.15rem;margin:2.4rem 0 .6rem;border-bottom:1px solid var(--line);padding-bottom:.3rem}
.lead{font-size:1.15rem;margin:.2rem 0}.dim,small{color:var(--dim)}.badge{display:inline-block;background:var(--go);
color:var(--paper);border-radius:.4rem;padding:.05rem .6rem;font-weight:600}
.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.92rem}
th,td{text-align:left;padding:.35rem .6rem;border-bottom:1px solid var(--line);vertical-align:top}
th{color:var(--dim);font-weight:600}td.n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
tr.chosen td{background:var(--soft);font-weight:600}.warn{color:var(--warn)}li{margin:.25rem 0}
svg{width:100%;height:auto;display:block}svg text{fill:var(--ink);font:13px system-ui,sans-serif}
svg .dim{fill:var(--dim)}details{margin:.6rem 0}summary{cursor:pointer;color:var(--go)}
@media print{details{display:block}}
"""


def html(decision: dict[str, Any]) -> str:
    """The whole decision as one page."""
    title = f"Advice: {decision['approach']}"
    body = "\n".join(_body(decision))
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><title>{escape(title)}</title>'
        f"<style>{_STYLE}</style></head><body><main>\n{body}\n</main></body></html>\n"
    )


def _body(d: dict[str, Any]) -> Iterator[str]:
    why = d["because"]
    chosen = escape(d["approach"])
    yield f'<p class="dim">groundtune · {escape(d["date"])}</p><h1>Advice: <span class="badge">{chosen}</span></h1>'
    yield f'<p class="lead">{escape(headline(d))}</p>'
    yield f"<p>{escape(_sentence(why['because']))} <small>{escape(why['source'])}</small></p>"
    if d["evidence"]:
        yield from _evidence(d["evidence"])
    yield "<h2>Reasons</h2>"
    rows = [[r["rule"], r["answer"], r["verdict"].replace("_", " "), r["because"], r["source"]] for r in d["reasons"]]
    yield _table(("rule", "your answer", "verdict", "because", "source"), rows)
    yield from _firmness(d)
    yield from _money(d)
    yield from _wishes(d["stakeholders"], d["approach"])
    yield "<h2>Pitfalls</h2>"
    yield _table(
        ("", "pitfall", "here", "source"),
        [[p["status"], p["pitfall"], p["because"], p["source"]] for p in d["pitfalls"]],
    )
    yield "<h2>Plan</h2>"
    yield _table(("when", "what"), [[s["when"], s["do"]] for s in d["plan"]])
    kept = [*d["compliance"], *d["limits"], *d["notes"]]
    if kept:
        yield "<h2>To keep in mind</h2>" + _list(kept)
    yield "<details><summary>All answers</summary>"
    yield _table(("question", "answer"), [[k, str(v)] for k, v in d["answers"].items()]) + "</details>"


def _evidence(found: dict[str, Any]) -> Iterator[str]:
    told = "changes" if found["changed"] else "confirms"
    yield f"<p><b>Measured evidence {told} the checklist's advice</b> ({escape(found['checklist'])}).</p>"
    rows = [
        [arm, _interval(of["f1"]), f"{of['seconds']['p95']:.2f} s", _price(of.get("usd_per_1000"))]
        for arm, of in found["arms"].items()
    ]
    yield _table(("arm", "F1 (95 % interval)", "p95", "USD for 1,000 answers"), rows)


def _interval(f1: dict[str, float | None]) -> str:
    mean, *ends = (f"{of * 100:.1f}" for k in ("mean", "low", "high") if (of := f1[k]) is not None)
    return f"{mean} ({' to '.join(ends) or 'too few questions'})"


def _price(usd: float | None) -> str:
    return "not known" if usd is None else f"{usd:.4f}"


def _firmness(d: dict[str, Any]) -> Iterator[str]:
    yield "<h2>How firmly it stands</h2>"
    shares = ", ".join(f"{name} {share:.0%}" for name, share in d["worlds"]["shares"].items())
    told = [f"In {d['worlds']['draws']:,} plausible worlds around the answers: {shares}."]
    if d["possible"]["decides"]:
        names = ", ".join(d["possible"]["approaches"])
        told.append(f"Unknown answers leave open: {names}. Find out first: {d['possible']['decides']}.")
    told += [f"Would change with {f['if']} → {f['then']}." for f in d["flips"]]
    told += [f"Grey zone, {g['zone']}: {g['because']}. Cheapest test: {g['measure']}." for g in d["grey_zones"]]
    if d["pilot"]:
        told.append(f"A pilot of {d['pilot']['questions']} held-out questions settles it (80 % power, two-sided 5 %).")
    yield _list(told)
    yield flip_chart(d["sweeps"], d["answers"], d["approach"])


def _money(d: dict[str, Any]) -> Iterator[str]:
    costs = d["costs"]
    yield f"<h2>What it costs</h2><p class='dim'>US dollars, low – middle – high; prices of {escape(costs['as_of'])}.</p>"
    yield cost_chart({name: option["first_year_usd"] for name, option in costs["options"].items()}, d["approach"])
    keys = ("one_off_usd", "monthly_usd", "first_year_usd", "hours")
    rows = [[name, *(_range(option[k]) for k in keys)] for name, option in costs["options"].items()]
    yield _table(("approach", "one-off", "a month", "first year", "hours of work"), rows, 1, d["approach"])
    told = [
        f"{e['a']} and {e['b']} cost the same in the first year at {e['queries_per_month']:,} questions a month."
        for e in costs["break_evens"]
        if e["queries_per_month"] is not None
    ]
    back = costs["returns"].get(d["approach"])
    if back:
        pays = (
            f"pays back in month {back['payback_month']}" if back["payback_month"] is not None else "does not pay back"
        )
        told.append(f"Return in the first year: {_range(back['first_year_usd'])} USD; {pays}. {back['formula']}.")
    tier = costs["tier"]
    told.append(
        f"The documents' tier for this number of examples ({tier['name']}): {_range(tier['usd'])} USD; bottom-up "
        f"{_range(tier['bottom_up_usd'])} USD: {tier['because']}."
    )
    yield _list(told)
    for name, option in costs["options"].items():
        rows = [[x["item"], x["when"].replace("_", "-"), _range(x["usd"]), x["formula"], x["source"], x["as_of"]]
                for x in option["lines"]]  # fmt: skip
        yield f"<details><summary>Every line of {escape(name)}</summary>"
        yield _table(("line", "when", "USD", "formula", "source", "as of"), rows, 2) + "</details>"


def _wishes(view: dict[str, Any], chosen: str) -> Iterator[str]:
    yield "<h2>Whose wishes it serves</h2>"
    wishes = list(view["weights"])
    heads = ("approach", "total", *(f"{w} {view['weights'][w]:.0%}" for w in wishes))
    rows = [
        [name, f"{view['totals'][name]:.2f}", *(f"{view['scores'][name][w]:.2f}" for w in wishes)]
        for name in view["order"]
    ]
    yield _table(heads, rows, 1, chosen)
    first = view["order"][0]
    if first != chosen and chosen in view["totals"]:
        yield f'<p class="warn">These weights rank {first} before {chosen}: ask whether they are your stakeholders\'.</p>'
    yield _list(
        f"{r['wish']} {'above' if r['above'] else 'below'} {r['weight']:.0%} of the weight: {r['then']} before {first}."
        for r in view["reversals"]
    )


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]], numbers_from: int = 99, chosen: str = "") -> str:
    head = "".join(f"<th>{escape(h)}</th>" for h in heads)
    made = []
    for row in rows:
        cells = "".join(
            f'<td class="n">{escape(c)}</td>' if numbers_from <= i and c[:1].isdigit() else f"<td>{escape(c)}</td>"
            for i, c in enumerate(row)
        )
        made.append(f"<tr{' class=chosen' if row[0] == chosen else ''}>{cells}</tr>")
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{"".join(made)}</tbody></table></div>'


def _list(items: Iterable[str]) -> str:
    return "<ul>" + "".join(f"<li>{escape(item)}</li>" for item in items) + "</ul>"


def _range(f: dict[str, float]) -> str:
    return f"{f['low']:,.0f} – {f['mid']:,.0f} – {f['high']:,.0f}"


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."
