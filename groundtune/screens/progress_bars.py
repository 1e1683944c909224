"""Progress with a bar for each stage of a job."""

from __future__ import annotations

from typing import Self

from rich.console import Console
from rich.progress import BarColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Display

from corpus.progress import Progress


class Bars:
    """A progress display that can step aside."""

    def __init__(self, console: Console) -> None:
        self.console = console
        columns = (
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TextColumn("{task.percentage:>3.0f} %"),
            TimeElapsedColumn(),
            TextColumn("[dim]{task.fields[note]}"),
        )
        self.display = Display(*columns, console=console)
        self.tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        self.display.start()
        return self

    def __exit__(self, *raised: object) -> None:
        self.display.stop()

    def pause(self) -> None:
        """Leave the terminal to others."""
        self.display.stop()

    def resume(self) -> None:
        """Take it again."""
        self.display.start()

    def show(self, at: Progress) -> None:
        """Move the bar of the stage; a validated step is told in a line of its own."""
        if at.validation_loss is not None:
            self.console.print(f"  step {at.done}: validation loss {at.validation_loss:.3f}")
        name = {"measure": "arms", "compare": f"{at.part:8}", "pull": at.part}.get(at.stage, at.stage)
        self.update(name, at.done, at.total, _note(at))

    def update(self, name: str, done: float, of: float, note: str = "") -> None:
        """Move a task's bar; the first time it appears."""
        if name not in self.tasks:
            self.tasks[name] = self.display.add_task(name, total=of, note=note)
        self.display.update(self.tasks[name], completed=done, total=of, note=note)


def _note(at: Progress) -> str:
    if at.train_loss is not None and at.seconds_left is not None:
        return f"loss {at.train_loss:.3f} · {duration(at.seconds_left)} left"
    counted = {"index": f"{at.done:,}/{at.total:,} documents", "compare": f"{at.done}/{at.total} questions"}
    return counted.get(at.stage, at.note or at.part)


def duration(seconds: float) -> str:
    """Seconds up to a minute and a half, minutes from there on."""
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
