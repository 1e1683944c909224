"""The screens of a comparison: progress, then arms, pairs, kinds of question and the verdict. Scores nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.measure import Measurement
from rich.panel import Panel
from rich.table import Table

from groundtune.screens.provision_screen import _Bars

_COLUMNS_OF_ARMS = (
    "F1",
    "95 %",
    "taught",
    "new",
    "exact",
    "key",
    "+quotes",
    "refused",
    "p50",
    "p95",
    "tokens",
    "$/1000",
)
_SPARE_OF_ARMS = ("tokens", "$/1000", "p50", "taught", "95 %", "exact", "p95", "+quotes", "refused")
_SPARE_OF_PAIRS = ("95 %", "p", "a - b")
"""What can be done without, the first one first."""
_METRICS = {"f1": "F1", "contains": "key facts", "contains_quoted": "key facts, quotes read with it"}


class Comparing(_Bars):
    """Progress of ``compare``."""

    def asked(self, arm: str, done: int, of: int) -> None:
        """Told after each answer."""
        self.update(f"{arm:8}", done, of, f"{done}/{of} questions")


def show(result: dict[str, Any], console: Console) -> None:
    """Scores in points of 100. Where the terminal is narrow, columns are left out and named; no arm loses its name."""
    left_out = _show_fitting(lambda columns: _arms(result, columns), _SPARE_OF_ARMS, console)
    if "+quotes" not in left_out:
        console.print("[dim]key: all key facts stated; +quotes: in the answer or in the quotes under it[/]")
    if apart := result.get("taught"):
        told = (
            f"{apart['n']} questions ask for what an example teaches already (taught), {apart['others']} do not (new)"
        )
        console.print(f"[dim]{told}[/]")
    if any(arm.get("usd_per_1000", 0) is None for arm in result["arms"].values()):
        console.print(f"[dim]$/1000 ?: not known ({escape(result['prices']['source'] or 'no prices given')})[/]")
    if len(result["kinds"]) > 1:
        kinds = _kinds(result)
        if _fits(kinds, console):
            console.print(kinds)
        else:
            _show_kinds_in_lines(result, console)
    if result["pairs"]:
        _show_fitting(lambda columns: _pairs(result, columns), _SPARE_OF_PAIRS, console)
    _show_routing(result, console)
    console.print(Panel(escape(result["verdict"]), title="Verdict", border_style="green"))


def _show_routing(result: dict[str, Any], console: Console) -> None:
    """What choosing an arm for each question gains over the best arm alone, and whether the chances that are told are true."""
    for metric, of in (result.get("routing") or {}).items():
        told = f"auto against {of['best']}, the best arm by {_METRICS[metric]}: {of['difference'] * 100:+.1f}"
        if of["low"] is not None:
            told += f" ({of['low'] * 100:+.1f} to {of['high'] * 100:+.1f}, p {of['p']:.4f})"
        if of["gap_closed"]:
            told += f"; {of['gap_closed']['mean']:.0%} of the way to the best arm on each question"
        console.print(told)
    if found := result.get("calibration", {}).get("auto"):
        console.print(
            f"chance of being right as told by auto: off by {found['error'] * 100:.1f} points on average (true ones on"
            f" {found['answers']} answers: {found['error_by_chance'] * 100:.1f}); wrong are {found['risk'][0][1]:.0%} of"
            f" the likeliest quarter, {found['risk'][-1][1]:.0%} of all"
        )


def _show_fitting(
    table_of: Callable[[Collection[str]], Table], spare: Sequence[str], console: Console
) -> Sequence[str]:
    """The table with as many columns as fit; ``spare`` may be left out, the first ones first, are named then and returned."""
    for n in range(len(spare) + 1):
        table = table_of(spare[:n])
        if _fits(table, console):
            break
    console.print(table)
    if n:
        console.print(f"[dim]left out for want of width: {', '.join(spare[:n])}[/]")
    return spare[:n]


def _fits(table: Table, console: Console) -> bool:
    bare = Measurement.get(console, console.options.update(max_width=1000), table)
    return bare.maximum <= console.width


def _table(title: str) -> Table:
    return Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1), title=title, title_justify="left")


def _arms(result: dict[str, Any], left_out: Collection[str] = ()) -> Table:
    count = result["questions"]
    asked = "1 held-out question" if count == 1 else f"{count} held-out questions"
    table = _table(f"{asked} (points; refusals: right / wrong; seconds)")
    table.add_column("arm", no_wrap=True)
    apart = result.get("taught")
    columns = [c for c in _COLUMNS_OF_ARMS if c not in left_out and (apart or c not in ("taught", "new"))]
    for column in columns:
        table.add_column(column, justify="right", no_wrap=True)
    top = max(arm["f1"]["mean"] for name, arm in result["arms"].items() if name != "oracle")
    for name, arm in result["arms"].items():
        cells = _cells(arm)
        ahead = name != "oracle" and 0 < top == arm["f1"]["mean"]
        if apart and name in apart["arms"]:
            of = apart["arms"][name]
            cells |= {"taught": f"{of['taught']['f1'] * 100:.1f}", "new": f"{of['others']['f1'] * 100:.1f}"}
        shown = [cells.get(column, "") for column in columns]
        table.add_row(f"[bold green]{name}[/]" if ahead else name, *shown)
    return table


def _cells(arm: dict[str, Any]) -> dict[str, str]:
    """What is shown of an arm, by column; the oracle has no answers of its own, so no more than F1."""
    f1 = arm["f1"]
    cells = {"F1": f"{f1['mean'] * 100:.1f}"}
    if f1["low"] is not None:
        cells["95 %"] = f"{f1['low'] * 100:.0f}–{f1['high'] * 100:.0f}"
    if "seconds" not in arm:
        return cells
    refusals, seconds, usd = arm["refusals"], arm["seconds"], arm["usd_per_1000"]
    return cells | {
        "exact": f"{arm['exact']['mean'] * 100:.0f}",
        "key": f"{arm['contains']['mean'] * 100:.0f}",
        "+quotes": f"{arm['contains_quoted']['mean'] * 100:.0f}",
        "refused": f"{refusals['right']}/{refusals['wrong']}",
        "p50": f"{seconds['p50']:.2f}",
        "p95": f"{seconds['p95']:.2f}",
        "tokens": f"{arm['tokens']['prompt'] + arm['tokens']['completion']:.0f}",
        "$/1000": "?" if usd is None else f"{usd:.3f}",
    }


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


def _show_kinds_in_lines(result: dict[str, Any], console: Console) -> None:
    """The same as the table of kinds where it does not fit."""
    console.print("F1 by kind of question (bold: the best)", style="italic")
    arms = [a for a in result["arms"] if a != "oracle"]
    for kind, row in result["kinds"].items():
        top = max(row[a] for a in arms)
        told = [
            f"{a} {row[a] * 100:.0f}" if row[a] < top or not top else f"[bold]{a} {row[a] * 100:.0f}[/]" for a in arms
        ]
        console.print(f"{escape(kind)} ({row['n']}): {', '.join(told)}")


def _pairs(result: dict[str, Any], left_out: Collection[str] = ()) -> Table:
    table = _table("Pairs on F1 (paired; p by permutation, adjusted for the number of pairs)")
    for column in ("a", "b"):
        table.add_column(column, no_wrap=True)
    columns = [c for c in ("a - b", "95 %", "p", "significant") if c not in left_out]
    for column in columns:
        table.add_column(column, justify="right", no_wrap=True)
    for pair in result["pairs"]:
        cells = {
            "a - b": f"{pair['difference'] * 100:+.1f}",
            "p": f"{pair['p']:.4f}",
            "significant": _significance(pair),
        }
        if pair["low"] is not None:
            cells["95 %"] = f"{pair['low'] * 100:+.1f} to {pair['high'] * 100:+.1f}"
        table.add_row(pair["a"], pair["b"], *(cells.get(column, "") for column in columns))
    return table


def _significance(pair: dict[str, Any]) -> str:
    if pair["significant"]:
        return "[green]yes[/]"
    least = pair["smallest_detectable"]
    return "too few to tell" if least is None else f"no (detects {least * 100:.1f})"
