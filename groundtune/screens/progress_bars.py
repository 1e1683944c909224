"""Progress with a bar for each task. Knows nothing of what takes so long."""

from __future__ import annotations

from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn


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
        self.progress = Progress(*columns, console=console)
        self.tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        self.progress.start()
        return self

    def __exit__(self, *raised: object) -> None:
        self.progress.stop()

    def pause(self) -> None:
        """Leave the terminal to others."""
        self.progress.stop()

    def resume(self) -> None:
        """Take it again."""
        self.progress.start()

    def update(self, name: str, done: float, of: float, note: str = "") -> None:
        """Move a task's bar; the first time it appears."""
        if name not in self.tasks:
            self.tasks[name] = self.progress.add_task(name, total=of, note=note)
        self.progress.update(self.tasks[name], completed=done, total=of, note=note)
