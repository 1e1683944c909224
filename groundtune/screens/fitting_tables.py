"""Tables that fit the terminal: what there is no room for is left out and named. Knows nothing of what they show."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from rich import box
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table


def table_titled(title: str) -> Table:
    """An empty table under its title."""
    return Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1), title=title, title_justify="left")


def show_fitting(table_of: Callable[[Collection[str]], Table], spare: Sequence[str], console: Console) -> Sequence[str]:
    """The table with as many columns as fit; ``spare`` may be left out, the first ones first, are named then and returned."""
    for n in range(len(spare) + 1):
        table = table_of(spare[:n])
        if fits(table, console):
            break
    console.print(table)
    if n:
        console.print(f"[dim]left out for want of width: {', '.join(spare[:n])}[/]")
    return spare[:n]


def fits(table: Table, console: Console) -> bool:
    """Whether the terminal is wide enough for the whole table."""
    bare = Measurement.get(console, console.options.update(max_width=1000), table)
    return bare.maximum <= console.width
