"""The screen of a decision. Draws the JSON of ``Decision``; decides nothing."""

from __future__ import annotations

from typing import Any

from rich import box
from rich.console import Console
from rich.panel import Panel
from rich.table import Table

_ADVICE = {
    "prompt": "Stay on the base model with a good prompt.",
    "rag": "Retrieve: answer from your documents (RAG).",
    "finetune": "Fine-tune: a LoRA adapter on your examples.",
    "hybrid": "Both: retrieve the facts, fine-tune the reading and the tone.",
    "defer": "Wait: measure with a pilot before deciding.",
}
_MARKS = {"for": "[green]+ tune[/]", "against": "[red]- tune[/]", "open": "[yellow]? open[/]"}
_MARKS |= {"retrieve": "[cyan]+ retrieve[/]", "no_retrieval": "[dim]- retrieve[/]"}
_STATUS = {"ok": "[green]ok[/]", "warn": "[yellow]! [/]", "open": "[yellow]? [/]"}
_BAR = 24


def show(decision: dict[str, Any], console: Console) -> None:
    """The advice, its reasons, how firmly it stands, the money, what to watch and what to do."""
    chosen, why = decision["approach"], decision["because"]
    text = f"[bold]{headline(decision)}[/]\n{why['because'][0].upper()}{why['because'][1:]}."
    console.print(Panel(text, title=f"Advice: {chosen}", border_style="green"))
    if decision["evidence"]:
        _evidence(decision["evidence"], chosen, console)
    _reasons(decision["reasons"], console)
    _firmness(decision, console)
    _costs(decision["costs"], chosen, console)
    _wishes(decision["stakeholders"], chosen, console)
    _pitfalls(decision["pitfalls"], console)
    _steps(decision, console)


def headline(decision: dict[str, Any]) -> str:
    """The advice in one sentence."""
    return str(decision["because"].get("headline") or _ADVICE[decision["approach"]])


def _heading(text: str, console: Console) -> None:
    console.print(f"\n[bold]{text}[/]")


def _item(text: str, console: Console, mark: str = "·") -> None:
    """One line of a list, wrapped below its own start."""
    row = Table.grid(padding=(0, 1, 0, 0))
    row.add_column(no_wrap=True)
    row.add_column()
    row.add_row(f"  {mark}", text)
    console.print(row)


def _evidence(found: dict[str, Any], chosen: str, console: Console) -> None:
    told = "changes the advice" if found["changed"] else "confirms the advice"
    console.print(f"[bold]Measured evidence {told}:[/] the checklist alone said {found['checklist']}.")
    improvement = found["improvement_percent"]
    if improvement:
        console.print(
            f"  improvement: {improvement['difference']:+.0f} % (95 % interval {improvement['low']:+.0f} to "
            f"{improvement['high']:+.0f} %) instead of the expected one"
        )
    for arm, of in found["arms"].items():
        usd = of.get("usd_per_1000")
        cost = "" if usd is None else f" · {usd:.3f} USD for 1,000 answers"
        console.print(f"  [dim]{arm}: F1 {of['f1']['mean'] * 100:.1f} · p95 {of['seconds']['p95']:.2f} s{cost}[/]")
    if found["general_loss"] is not None:
        told = "[yellow]forgetting[/]" if found["forgets"] else "no forgetting"
        console.print(f"  general questions: {-found['general_loss'] * 100:+.1f} F1 points ({told})")


def _reasons(reasons: list[dict[str, str]], console: Console) -> None:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in ("rule", "answer", "verdict", "because"):
        table.add_column(column, no_wrap=column != "because")
    titles = list(dict.fromkeys(r["source"] for r in reasons))
    for r in reasons:
        mark = f" [dim]\\[{titles.index(r['source']) + 1}][/]"
        table.add_row(r["rule"], r["answer"], _MARKS[r["verdict"]], r["because"] + mark)
    console.print(table)
    for n, title in enumerate(titles, 1):
        console.print(f"[dim]\\[{n}] {title}[/]")


def _firmness(decision: dict[str, Any], console: Console) -> None:
    _heading("How firmly it stands", console)
    agree = decision["worlds"]["shares"]
    told = ", ".join(f"{name} {share:.0%}" for name, share in agree.items() if share >= 0.005)
    _item(f"In {decision['worlds']['draws']:,} plausible worlds around your answers: {told}.", console)
    open_ones = decision["possible"]
    if open_ones["decides"]:
        names = ", ".join(open_ones["approaches"])
        _item(f"[yellow]Unknown answers leave open:[/] {names}.", console)
        outcomes = "; ".join(f"{value} → {', '.join(names)}" for value, names in open_ones["outcomes"].items())
        _item(f"Find out first: [bold]{open_ones['decides']}[/] ({outcomes}).", console)
    for flip in decision["flips"]:
        _item(f"would change with [bold]{flip['if']}[/] → {flip['then']}", console)
    for grey in decision["grey_zones"]:
        _item(f"[yellow]grey zone, {grey['zone']}:[/] {grey['because']}. Cheapest test: {grey['measure']}.", console)
    if decision["pilot"] and decision["pilot"]["questions"]:
        p = decision["pilot"]
        _item(
            f"A pilot of [bold]{p['questions']}[/] held-out questions shows a rise from {p['from_percent']:g} to "
            f"{p['to_percent']:g} right of 100 with 80 % power.",
            console,
        )


def _costs(costs: dict[str, Any], chosen: str, console: Console) -> None:
    _heading(f"What it costs, in US dollars: low – mid – high (prices of {costs['as_of']})", console)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("approach")
    for column in ("one-off", "a month", "first year", "hours"):
        table.add_column(column, justify="right")
    for name, option in costs["options"].items():
        figures = [option[k] for k in ("one_off_usd", "monthly_usd", "first_year_usd")]
        cells = [f"{_short(f['low'])}–[bold]{_short(f['mid'])}[/]–{_short(f['high'])}" for f in figures]
        hours = f"{option['hours']['mid']:,.0f}"
        table.add_row(f"[green]{name}[/]" if name == chosen else name, *cells, hours)
    console.print(table)
    even = costs["break_even_queries_per_month"]
    if even is not None:
        _item(f"Fine-tuning is cheaper than retrieval in the first year from {even:,} questions a month on.", console)
    back = costs["returns"].get(chosen)
    if back:
        year, pays = back["first_year_usd"], back["payback_month"]
        when = f"pays back in month {pays}" if pays is not None else "never pays back at the middle estimate"
        _item(
            f"Return of {chosen} in the first year: {year['low']:,.0f} – [bold]{year['mid']:,.0f}[/] – "
            f"{year['high']:,.0f} USD; {when}.",
            console,
        )
    tier = costs["tier"]
    _item(
        f"[dim]The documents' tier ({tier['name']}): {tier['usd']['low']:,.0f}–{tier['usd']['high']:,.0f} USD; "
        f"ours is {tier['because']}. Each line with formula and source: --report FILE.html[/]",
        console,
    )


def _short(figure: float) -> str:
    """A figure in at most six characters: 9,879, 34.2k, 1.25M."""
    if figure < 9_999.5:
        return f"{figure:,.0f}"
    return f"{figure / 1000:.1f}k" if figure < 999_950 else f"{figure / 1e6:.2f}M"


def _wishes(view: dict[str, Any], chosen: str, console: Console) -> None:
    _heading("Whose wishes it serves", console)
    weights = ", ".join(f"{name} {weight:.0%}" for name, weight in view["weights"].items() if weight)
    _item(f"[dim]weights: {weights}; yours: --weights quality=3,cost=1[/]", console)
    for name in view["order"]:
        total = view["totals"][name]
        bar = "█" * round(total * _BAR)
        console.print(f"  {'[green]' if name == chosen else '[dim]'}{name:<9}{bar} {total:.2f}[/]")
    first = view["order"][0]
    if first != chosen and chosen in view["totals"]:
        _item(
            f"[yellow]These weights rank {first} before {chosen}:[/] ask whether they are your stakeholders'.", console
        )
    for r in view["reversals"]:
        side = "above" if r["above"] else "below"
        _item(f"[dim]{r['wish']} {side} {r['weight']:.0%} of the weight: {r['then']} before {first}[/]", console)


def _pitfalls(pitfalls: list[dict[str, str]], console: Console) -> None:
    _heading("Pitfalls", console)
    for p in pitfalls:
        _item(f"{p['pitfall']}: {p['because']}", console, _STATUS[p["status"]])


def _steps(decision: dict[str, Any], console: Console) -> None:
    _heading("Plan", console)
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True, style="bold")
    table.add_column()
    for step in decision["plan"]:
        table.add_row(f"  {step['when']}", step["do"])
    console.print(table)
    for note in (*decision["compliance"], *decision["limits"], *decision["notes"]):
        _item(note, console, "[yellow]![/]")
    console.print()
