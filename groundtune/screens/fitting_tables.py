"""Tables and lists that fit the terminal: what there is no room for is left out and named, or counted."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

from rich import box
from rich.console import Console, JustifyMethod
from rich.markup import escape
from rich.measure import Measurement
from rich.table import Table


def table_of(title: str | None = None) -> Table:
    """A table without columns."""
    return Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1), title=title, title_justify="left")


def add_columns(table: Table, names: Iterable[str], justify: JustifyMethod = "left", no_wrap: bool = False) -> None:
    """A column for each name, all in one style."""
    for name in names:
        table.add_column(name, justify=justify, no_wrap=no_wrap)


def some_of(names: Sequence[str], most: int) -> str:
    """The first names in a line, and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return escape(", ".join(names[:most])) + more


def show_fitting(
    table_without: Callable[[Collection[str]], Table], spare: Sequence[str], console: Console
) -> Sequence[str]:
    """The table with as many columns as fit; ``spare`` may be left out, the first ones first, are named then and returned."""
    for n in range(len(spare) + 1):
        table = table_without(spare[:n])
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
