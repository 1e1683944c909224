"""The screens of past decisions. Compare nothing themselves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console

if TYPE_CHECKING:
    from groundtune.project.decision_store import Change, HistoryRow


def show_history(rows: Sequence[HistoryRow], console: Console) -> None:
    """Each decision, with what changed since the one before."""
    for row in rows:
        console.print(f"[bold]{row['version']}[/]  {row['date']}  [green]{row['approach']}[/]  {row['because']}")
        _changes(row["changes"], console)


def show_changes(versions: tuple[str, str], changes: Sequence[Change], console: Console) -> None:
    """What differs between two decisions."""
    console.print(f"[bold]{versions[0]} → {versions[1]}[/]")
    if not changes:
        console.print("  nothing differs")
    _changes(changes, console)


def _changes(changes: Sequence[Change], console: Console) -> None:
    for change in changes:
        console.print(f"      {change['what']}: {change['before']} → [bold]{change['now']}[/]")
