"""The screen of what changed since an earlier comparison: scores, and the answers that turned. Scores nothing."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table

from groundtune.screens.fitting_tables import add_columns, show_fitting, table_of

if TYPE_CHECKING:
    from rich.console import Console

    from compare.changes import ChangeJson, ChangesJson

_METRICS = {"f1": "F1", "is_right": "right", "contains": "key"}
_COLUMNS = ("before", "now", "change", "95 %", "p", "significant")
_SPARE = ("95 %", "p")
_LONGEST = 160


def show_changes(changes: ChangesJson, console: Console) -> None:
    """Points of 100, this run less the earlier one. What the runs do not share is told."""
    if changes["arms"]:
        show_fitting(lambda left_out: _table(changes, left_out), _SPARE, console)
    else:
        console.print(f"[yellow]nothing to hold against {escape(changes['against'])}: no arm and question in both[/]")
    for words in _not_shared(changes):
        console.print(f"[dim]{escape(words)}[/]")
    for arm, turned in changes["turned_in_all"].items():
        if any(turned.values()):
            console.print(
                f"{arm}: {turned['wrong']} answers that were right are wrong now, {turned['right']} the other way"
            )
    for t in changes["turned"]:
        colour = "green" if t["turned"] == "right" else "red"
        console.print(f"[{colour}]{t['turned']} now[/] {escape(t['arm'])}, {escape(t['id'])}")
        console.print(f"  [dim]before[/] {escape(_short(t['before']))}\n  [dim]now[/]    {escape(_short(t['now']))}")


def _table(changes: ChangesJson, left_out: Collection[str]) -> Table:
    table = table_of(f"Since {changes['against']}, {changes['questions']} questions in both (points; paired, Holm)")
    add_columns(table, ("arm", "score"), no_wrap=True)
    columns = [c for c in _COLUMNS if c not in left_out]
    add_columns(table, columns, "right", no_wrap=True)
    for change in changes["arms"]:
        cells = _cells(change)
        table.add_row(change["arm"], _METRICS[change["metric"]], *(cells[c] for c in columns))
    return table


def _cells(change: ChangeJson) -> dict[str, str]:
    low, high, least = change["low"], change["high"], change["smallest_detectable"]
    not_significant = "too few to tell" if least is None else f"no (detects {least * 100:.1f})"
    colour = "green" if change["difference"] > 0 else "red"
    return {
        "before": f"{change['before'] * 100:.1f}",
        "now": f"{change['now'] * 100:.1f}",
        "change": f"{change['difference'] * 100:+.1f}",
        "95 %": "" if low is None or high is None else f"{low * 100:+.1f} to {high * 100:+.1f}",
        "p": f"{change['p']:.4f}",
        "significant": f"[{colour}]yes[/]" if change["significant"] else not_significant,
    }


def _not_shared(changes: ChangesJson) -> list[str]:
    words = []
    if changes["only_now"] or changes["only_before"]:
        words.append(f"questions asked only now: {changes['only_now']}, only then: {changes['only_before']}")
    if changes["only_in_one"]:
        words.append(f"arms that one of the runs lacks: {', '.join(changes['only_in_one'])}")
    return words


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
