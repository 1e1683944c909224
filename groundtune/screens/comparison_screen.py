"""The screens of a comparison: progress, then arms, pairs, kinds of question and the verdict. Scores nothing."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table

from groundtune.reports.comparison_view import PAIR_COLUMNS, ComparisonView, PairRow
from groundtune.screens.fitting_tables import add_columns, fits, show_fitting, table_of

if TYPE_CHECKING:
    from compare.comparison_json import ComparisonJson

_SPARE_OF_ARMS = ("tokens", "$/1000", "p50", "taught", "95 %", "exact", "p95", "+quotes", "refused")
_SPARE_OF_PAIRS = ("95 %", "p", "a - b")
"""What can be done without, the first one first."""
_KINDS = "F1 by kind of question (bold: the best)"


def show(result: ComparisonJson, console: Console) -> None:
    """Scores in points of 100. Where the terminal is narrow, columns are left out and named; no arm loses its name."""
    view = ComparisonView.of(result)
    left_out = show_fitting(lambda columns: _arms(view, columns), _SPARE_OF_ARMS, console)
    if "+quotes" not in left_out:
        console.print("[dim]key: all key facts stated; +quotes: in the answer or in the quotes under it[/]")
    if view.taught:
        console.print(f"[dim]{view.taught}[/]")
    if view.unpriced:
        console.print(f"[dim]$/1000 ?: {escape(view.unpriced)}[/]")
    for line in view.method:
        console.print(f"[dim]{escape(line)}[/]")
    if len(view.kinds) > 1:
        kinds = _kinds(view)
        if fits(kinds, console):
            console.print(kinds)
        else:
            _show_kinds_in_lines(view, console)
    if view.pairs:
        show_fitting(lambda columns: _pairs(view, columns), _SPARE_OF_PAIRS, console)
    for sentence in (*view.routing, view.calibration):
        if sentence:
            console.print(sentence)
    console.print(Panel(escape(view.verdict), title="Verdict", border_style="green"))


def _arms(view: ComparisonView, left_out: Collection[str]) -> Table:
    table = table_of(f"{view.asked} (points; refusals: right / wrong; seconds)")
    table.add_column("arm", no_wrap=True)
    columns = [c for c in view.columns if c not in left_out]
    add_columns(table, columns, "right", no_wrap=True)
    for arm in view.arms:
        name = f"[bold green]{arm.name}[/]" if arm.best else arm.name
        table.add_row(name, *(arm.cells.get(column, "") for column in columns))
    return table


def _kinds(view: ComparisonView) -> Table:
    table = table_of(_KINDS)
    table.add_column("kind", overflow="fold")
    add_columns(table, ("n", *(score.arm for score in view.kinds[0].scores)), "right", no_wrap=True)
    for row in view.kinds:
        cells = [f"[bold]{s.points}[/]" if s.best else s.points for s in row.scores]
        table.add_row(escape(row.kind), row.questions, *cells)
    return table


def _show_kinds_in_lines(view: ComparisonView, console: Console) -> None:
    """The same as the table of kinds where it does not fit."""
    console.print(_KINDS, style="italic")
    for row in view.kinds:
        scores = [f"[bold]{s.arm} {s.points}[/]" if s.best else f"{s.arm} {s.points}" for s in row.scores]
        console.print(f"{escape(row.kind)} ({row.questions}): {', '.join(scores)}")


def _pairs(view: ComparisonView, left_out: Collection[str]) -> Table:
    table = table_of("Pairs on F1 (paired; p by permutation, adjusted by Holm)")
    add_columns(table, ("a", "b"), no_wrap=True)
    columns = [c for c in PAIR_COLUMNS if c not in left_out]
    add_columns(table, columns, "right", no_wrap=True)
    for pair in view.pairs:
        table.add_row(pair.a, pair.b, *(_cell(pair, column) for column in columns))
    return table


def _cell(pair: PairRow, column: str) -> str:
    text = pair.cells.get(column, "")
    return f"[green]{text}[/]" if column == "significant" and pair.significant else text
