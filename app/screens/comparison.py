"""The screens of a comparison: progress, then arms, pairs, kinds of question and the verdict. Scores nothing."""

from __future__ import annotations

from typing import Any

from rich import box
from rich.console import Console
from rich.panel import Panel
from rich.table import Table

from app.screens.provision import _Bars


class Comparing(_Bars):
    """Progress of ``compare``."""

    def asked(self, arm: str, done: int, of: int) -> None:
        """Told after each answer."""
        self.update(f"{arm:8}", done, of, f"{done}/{of} questions")


def show(result: dict[str, Any], console: Console) -> None:
    """Every table fits 80 columns; scores are in points of 100."""
    console.print(_arms(result))
    console.print(_kinds(result))
    console.print(_pairs(result))
    console.print(Panel(result["verdict"], title="Verdict", border_style="green"))


def _table(title: str) -> Table:
    return Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1), title=title, title_justify="left")


def _arms(result: dict[str, Any]) -> Table:
    table = _table(f"{result['questions']} held-out questions (points; refusals: right / wrong; seconds)")
    table.add_column("arm")
    for column in ("F1", "95 %", "exact", "key", "refused", "p50", "p95", "tokens", "$/1000"):
        table.add_column(column, justify="right", no_wrap=True)
    best = max((a for a in result["arms"] if a != "oracle"), key=lambda a: result["arms"][a]["f1"]["mean"])
    for name, arm in result["arms"].items():
        f1 = arm["f1"]
        cells = [f"{f1['mean'] * 100:.1f}", f"{f1['low'] * 100:.0f}–{f1['high'] * 100:.0f}"]
        if "seconds" in arm:
            refusals, seconds = arm["refusals"], arm["seconds"]
            cells += [f"{arm['exact']['mean'] * 100:.0f}", f"{arm['contains']['mean'] * 100:.0f}"]
            cells += [f"{refusals['right']}/{refusals['wrong']}", f"{seconds['p50']:.2f}", f"{seconds['p95']:.2f}"]
            cells += [f"{arm['tokens']['prompt'] + arm['tokens']['completion']:.0f}", f"{arm['usd_per_1000']:.3f}"]
        table.add_row(f"[bold green]{name}[/]" if name == best else name, *cells)
    return table


def _kinds(result: dict[str, Any]) -> Table:
    table = _table("F1 by kind of question")
    table.add_column("kind")
    arms = [a for a in result["arms"] if a != "oracle"]
    for column in ("n", *arms):
        table.add_column(column, justify="right")
    for kind, row in result["kinds"].items():
        top = max(row[a] for a in arms)
        cells = [f"[bold]{row[a] * 100:.0f}[/]" if row[a] == top else f"{row[a] * 100:.0f}" for a in arms]
        table.add_row(kind, str(row["n"]), *cells)
    return table


def _pairs(result: dict[str, Any]) -> Table:
    table = _table("Pairs on F1 (paired; p by permutation, adjusted for the number of pairs)")
    for column in ("a", "b"):
        table.add_column(column)
    for column in ("a - b", "95 %", "p", "significant"):
        table.add_column(column, justify="right")
    for pair in result["pairs"]:
        span = f"{pair['low'] * 100:+.1f} to {pair['high'] * 100:+.1f}"
        told = "[green]yes[/]" if pair["significant"] else f"no (detects {pair['smallest_detectable'] * 100:.1f})"
        table.add_row(pair["a"], pair["b"], f"{pair['difference'] * 100:+.1f}", span, f"{pair['p']:.4f}", told)
    return table
