"""What of an examples file is not learned, in a few lines. Reads nothing."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape

from corpus.errors import Omission, by_kind


def show_left_out(left_out: Sequence[Omission], console: Console) -> None:
    """Rows that hold nothing to learn, those of a kind in one line."""
    for line in by_kind(left_out):
        console.print(f"[yellow]![/] not an example: {escape(line)}", soft_wrap=True)


def show_not_learned(beside: Sequence[Omission], console: Console) -> None:
    """What examples hold beside question and answer, those of a kind in one line."""
    for line in by_kind(beside):
        console.print(f"[yellow]![/] read, but not learned: {escape(line)}", soft_wrap=True)
