"""The screen of a decision. Draws its view with rich; decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.panel import Panel
from rich.table import Table

from groundtune.reports.decision_view import DecisionView
from groundtune.screens.fitting_tables import add_columns, table_of

if TYPE_CHECKING:
    from advisor.decision_json import DecisionJson, PitfallJson, ReasonJson
    from groundtune.reports.cost_view import CostView
    from groundtune.reports.decision_view import EvidenceView, WishesView
    from groundtune.reports.firmness_view import FirmnessView

_MARKS = {"for": "[green]+ tune[/]", "against": "[red]- tune[/]", "open": "[yellow]? open[/]"}
_MARKS |= {"retrieve": "[cyan]+ retrieve[/]", "no_retrieval": "[dim]- retrieve[/]"}
_STATUS = {"ok": "[green]ok[/]", "warn": "[yellow]! [/]", "open": "[yellow]? [/]"}
_BAR = 24
_LEAST_SHARE = 0.005
"""A smaller share would be shown as 0 %."""


def show(decision: DecisionJson, console: Console) -> None:
    """The advice, its reasons, how firmly it stands, the money, what to watch and what to do."""
    d = DecisionView.of(decision)
    console.print(Panel(f"[bold]{d.headline}[/]\n{d.because}", title=d.title, border_style="green"))
    if d.evidence:
        _evidence(d.evidence, console)
    _reasons(d.reasons, console)
    _firmness(d.firmness, console)
    _costs(d.costs, d.approach, console)
    _wishes(d.wishes, d.approach, console)
    _pitfalls(d.pitfalls, console)
    _steps(d, console)


def _heading(text: str, console: Console) -> None:
    console.print(f"\n[bold]{text}[/]")


def _item(text: str, console: Console, mark: str = "·") -> None:
    """One line of a list, wrapped below its own start."""
    row = Table.grid(padding=(0, 1, 0, 0))
    row.add_column(no_wrap=True)
    row.add_column()
    row.add_row(f"  {mark}", text)
    console.print(row)


def _evidence(evidence: EvidenceView, console: Console) -> None:
    effect = f"Measured evidence {evidence.effect} the advice"
    console.print(f"[bold]{effect}:[/] the checklist alone said {evidence.checklist}.")
    if evidence.improvement:
        console.print(f"  {evidence.improvement}")
    for row in evidence.rows:
        cost = "" if row.usd_per_1000 is None else f" · {row.usd_per_1000:.3f} USD for 1,000 answers"
        console.print(f"  [dim]{row.arm}: F1 {row.f1} · p95 {row.p95}{cost}[/]")
    if evidence.general is not None:
        forgetting = "[yellow]forgetting[/]" if evidence.forgets else "no forgetting"
        console.print(f"  general questions: {evidence.general} ({forgetting})")


def _reasons(reasons: Sequence[ReasonJson], console: Console) -> None:
    table = table_of()
    add_columns(table, ("rule", "answer", "verdict"), no_wrap=True)
    table.add_column("because")
    titles = list(dict.fromkeys(r["source"] for r in reasons))
    for r in reasons:
        mark = f" [dim]\\[{titles.index(r['source']) + 1}][/]"
        table.add_row(r["rule"], r["answer"], _MARKS[r["verdict"]], r["because"] + mark)
    console.print(table)
    for n, title in enumerate(titles, 1):
        console.print(f"[dim]\\[{n}] {title}[/]")


def _firmness(firmness: FirmnessView, console: Console) -> None:
    _heading("How firmly it stands", console)
    worlds = firmness.worlds
    _item(f"In {worlds.draws} plausible worlds around your answers: {worlds.shares_text(_LEAST_SHARE)}.", console)
    if firmness.open:
        _item(f"[yellow]Unknown answers leave open:[/] {firmness.open.approaches}.", console)
        _item(f"Find out first: [bold]{firmness.open.first}[/] ({firmness.open.outcomes}).", console)
    for turn in firmness.turns:
        _item(f"would change with [bold]{turn.when}[/] → {turn.then}", console)
    for grey in firmness.grey_zones:
        _item(f"[yellow]grey zone, {grey.zone}:[/] {grey.sentence}.", console)
    p = firmness.pilot
    if p and p["questions"]:
        _item(
            f"A pilot of [bold]{p['questions']}[/] held-out questions shows a rise from {p['from_percent']:g} to "
            f"{p['to_percent']:g} right of 100 with 80 % power.",
            console,
        )


def _costs(costs: CostView, chosen: str, console: Console) -> None:
    _heading(f"What it costs, in US dollars: low – mid – high (prices of {costs.as_of})", console)
    table = table_of()
    table.add_column("approach")
    add_columns(table, ("one-off", "a month", "first year", "hours"), "right")
    for approach, option in costs.options.items():
        cells = [
            f"{_short(usd['low'])}–[bold]{_short(usd['mid'])}[/]–{_short(usd['high'])}"
            for usd in (option["one_off_usd"], option["monthly_usd"], option["first_year_usd"])
        ]
        name = f"[green]{approach}[/]" if approach == chosen else approach
        table.add_row(name, *cells, f"{option['hours']['mid']:,.0f}")
    console.print(table)
    if costs.tuning_pays_from is not None:
        even = f"{costs.tuning_pays_from:,} questions a month"
        _item(f"Fine-tuning is cheaper than retrieval in the first year from {even} on.", console)
    if back := costs.returns:
        year = back.first_year
        _item(
            f"Return of {chosen} in the first year: {year['low']:,.0f} – [bold]{year['mid']:,.0f}[/] – "
            f"{year['high']:,.0f} USD; {back.pays_back('never pays back at the middle estimate')}.",
            console,
        )
    tier = costs.tier
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


def _wishes(view: WishesView, chosen: str, console: Console) -> None:
    _heading("Whose wishes it serves", console)
    weights = ", ".join(label for wish, label in view.weight_labels.items() if view.weights[wish])
    _item(f"[dim]weights: {weights}; yours: --weights quality=3,cost=1[/]", console)
    for row in view.rows:
        bar = "█" * round(row.total * _BAR)
        style = "[green]" if row.approach == chosen else "[dim]"
        console.print(f"  {style}{row.approach:<9}{bar} {row.total:.2f}[/]")
    if view.against:
        _item(f"[yellow]{view.against}:[/] ask whether they are your stakeholders'.", console)
    for label in view.reversals:
        _item(f"[dim]{label}[/]", console)


def _pitfalls(pitfalls: Sequence[PitfallJson], console: Console) -> None:
    _heading("Pitfalls", console)
    for p in pitfalls:
        _item(f"{p['pitfall']}: {p['because']}", console, _STATUS[p["status"]])


def _steps(d: DecisionView, console: Console) -> None:
    _heading("Plan", console)
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True, style="bold")
    table.add_column()
    for step in d.plan:
        table.add_row(f"  {step['when']}", step["do"])
    console.print(table)
    for note in d.notes:
        _item(note, console, "[yellow]![/]")
    console.print()
