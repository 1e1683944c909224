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


def show(decision: dict[str, Any], console: Console) -> None:
    """The advice, its reasons, the money, what would change it, what to watch and what to do."""
    chosen = decision["approach"]
    console.print(Panel(f"[bold]{_ADVICE[chosen]}[/]", title=f"Advice: {chosen}", border_style="green", expand=False))
    _reasons(decision["reasons"], console)
    _costs(decision["costs"], chosen, console)
    if decision["flips"]:
        flips = "; ".join(f"[bold]{f['if']}[/] → {f['then']}" for f in decision["flips"])
        console.print(f"[bold]What would change it:[/] {flips}\n")
    for warning in decision["warnings"]:
        console.print(f"[yellow]![/] {warning['pitfall']}: {warning['because']}")
    console.print()
    for step in decision["plan"]:
        console.print(f"[bold]{step['when']}[/]  {step['do']}")
    console.print()


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
    console.print()


def _costs(costs: dict[str, Any], chosen: str, console: Console) -> None:
    table = Table(
        box=box.SIMPLE_HEAD, pad_edge=False, title="Cost in US dollars (low – mid – high)", title_justify="left"
    )
    table.add_column("approach")
    for column in ("one-off", "a month", "first year"):
        table.add_column(column, justify="right")
    for name, option in costs["options"].items():
        figures = [option[k] for k in ("one_off_usd", "monthly_usd", "first_year_usd")]
        cells = [f"{f['low']:,.0f} – [bold]{f['mid']:,.0f}[/] – {f['high']:,.0f}" for f in figures]
        table.add_row(f"[green]{name}[/]" if name == chosen else name, *cells)
    console.print(table)
    even = costs["break_even_queries_per_month"]
    if even is not None:
        console.print(f"Fine-tuning is cheaper than retrieval in the first year from {even:,} questions a month on.\n")
