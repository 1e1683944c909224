"""The lines that tell what of the documents was not read. Look at nothing themselves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape

from groundtune.project.not_read import CONVERT, alike

if TYPE_CHECKING:
    from corpus.errors import Fault
    from groundtune.project.not_read import NotRead


def show_not_read(not_read: NotRead, console: Console) -> None:
    """A line for each sort with its number, and below it the first of each kind with what to do."""
    counts = iter(not_read.counts())
    for faults in (not_read.files, not_read.pieces):
        if faults:
            console.print(f"[yellow]![/] {next(counts)}")
            _show(faults, console)
    if not_read.formats:
        console.print(f"[yellow]![/] {escape(next(counts))}")
        console.print(f"  {escape(not_read.some_unread())}")
        console.print(f"  mend: {CONVERT}")


def _show(faults: Sequence[Fault], console: Console) -> None:
    for kind in alike(faults):
        for fault in kind.shown:
            console.print(f"  {escape(f'{fault.where}: {fault.found}')}")
        if kind.more:
            console.print(f"  … {kind.rest()}")
        if kind.shown and kind.shown[0].mend:
            console.print(f"  mend: {escape(kind.shown[0].mend)}")
