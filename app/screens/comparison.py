"""The screens of a comparison: progress, then arms, pairs, kinds of question and the verdict. Scores nothing."""

from __future__ import annotations

from typing import Any

from rich import box
from rich.console import Console
from rich.markup import escape
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
    if any(arm.get("usd_per_1000", 0) is None for arm in result["arms"].values()):
        console.print(f"[dim]$/1000 ?: not known ({escape(result['prices']['source'] or 'no prices given')})[/]")
    if len(result["kinds"]) > 1:
        console.print(_kinds(result))
    if result["pairs"]:
        console.print(_pairs(result))
    console.print(Panel(escape(result["verdict"]), title="Verdict", border_style="green"))


def _table(title: str) -> Table:
    return Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1), title=title, title_justify="left")


def _arms(result: dict[str, Any]) -> Table:
    count = result["questions"]
    asked = "1 held-out question" if count == 1 else f"{count} held-out questions"
    table = _table(f"{asked} (points; refusals: right / wrong; seconds)")
    table.add_column("arm", no_wrap=True)
    for column in ("F1", "95 %", "exact", "key", "refused", "p50", "p95", "tokens", "$/1000"):
        table.add_column(column, justify="right", no_wrap=True)
    top = max(arm["f1"]["mean"] for name, arm in result["arms"].items() if name != "oracle")
    for name, arm in result["arms"].items():
        f1 = arm["f1"]
        cells = [
            f"{f1['mean'] * 100:.1f}",
            "" if f1["low"] is None else f"{f1['low'] * 100:.0f}–{f1['high'] * 100:.0f}",
        ]
        if "seconds" in arm:
            refusals, seconds, usd = arm["refusals"], arm["seconds"], arm["usd_per_1000"]
            cells += [f"{arm['exact']['mean'] * 100:.0f}", f"{arm['contains']['mean'] * 100:.0f}"]
            cells += [f"{refusals['right']}/{refusals['wrong']}", f"{seconds['p50']:.2f}", f"{seconds['p95']:.2f}"]
            cells.append(f"{arm['tokens']['prompt'] + arm['tokens']['completion']:.0f}")
            cells.append("?" if usd is None else f"{usd:.3f}")
        ahead = name != "oracle" and 0 < top == f1["mean"]
        table.add_row(f"[bold green]{name}[/]" if ahead else name, *cells)
    return table


def _kinds(result: dict[str, Any]) -> Table:
    table = _table("F1 by kind of question (bold: the best)")
    table.add_column("kind", overflow="fold")
    arms = [a for a in result["arms"] if a != "oracle"]
    for column in ("n", *arms):
        table.add_column(column, justify="right", no_wrap=True)
    for kind, row in result["kinds"].items():
        top = max(row[a] for a in arms)
        cells = [f"{row[a] * 100:.0f}" if row[a] < top or not top else f"[bold]{row[a] * 100:.0f}[/]" for a in arms]
        table.add_row(escape(kind), str(row["n"]), *cells)
    return table


def _pairs(result: dict[str, Any]) -> Table:
    table = _table("Pairs on F1 (paired; p by permutation, adjusted for the number of pairs)")
    for column in ("a", "b"):
        table.add_column(column, no_wrap=True)
    for column in ("a - b", "95 %", "p", "significant"):
        table.add_column(column, justify="right")
    for pair in result["pairs"]:
        span = "" if pair["low"] is None else f"{pair['low'] * 100:+.1f} to {pair['high'] * 100:+.1f}"
        table.add_row(
            pair["a"], pair["b"], f"{pair['difference'] * 100:+.1f}", span, f"{pair['p']:.4f}", _significance(pair)
        )
    return table


def _significance(pair: dict[str, Any]) -> str:
    if pair["significant"]:
        return "[green]yes[/]"
    least = pair["smallest_detectable"]
    return "too few to tell" if least is None else f"no (detects {least * 100:.1f})"
