"""The screens of building: progress with time left and live loss, then what was built. Builds nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

if TYPE_CHECKING:
    from corpus.errors import Fault
    from finetune.train import TrainingProgress
    from rag.index import IndexReport


class _Bars:
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

    def __enter__(self) -> Any:
        self.progress.start()
        return self

    def __exit__(self, *raised: object) -> None:
        self.progress.stop()

    def pause(self) -> None:
        self.progress.stop()

    def resume(self) -> None:
        self.progress.start()

    def update(self, name: str, done: float, of: float, note: str = "") -> None:
        if name not in self.tasks:
            self.tasks[name] = self.progress.add_task(name, total=of, note=note)
        self.progress.update(self.tasks[name], completed=done, total=of, note=note)


class Building(_Bars):
    """Progress of ``provision``."""

    def indexing(self, done: int, of: int) -> None:
        """Told by the index after some documents."""
        self.update("index", done, of, f"{done:,}/{of:,} documents")

    def indexed(self, report: IndexReport, skipped: tuple[Fault, ...]) -> None:
        """Told when the index is complete."""
        total = max(1, report.passages)
        self.update("index", total, total, f"{report.passages} passages of {report.documents} documents")
        for fault in skipped:
            self.console.print(f"[yellow]! skipped[/] {escape(str(fault))}")

    def training(self, at: TrainingProgress) -> None:
        """Told by the trainer after each step."""
        if at.validation_loss is not None:
            self.console.print(f"  step {at.step}: validation loss {at.validation_loss:.3f}")
        note = f"loss {at.train_loss:.3f} · {_left(at.seconds_left)} left"
        self.update("train", at.step, at.steps, note)


class Pulling(_Bars):
    """Progress of ``models pull``."""

    def step(self, name: str) -> Callable[[str, float], None]:
        """A callback for one model."""
        return lambda what, share: self.update(name, share, 1.0, what)


def show_index(made: dict[str, Any], console: Console) -> None:
    """What the index holds now."""
    changed = f"{made['added']} added, {made['removed']} removed, {made['seconds']:.1f} s"
    console.print(f"[green]✓[/] index: {made['passages']} passages of {made['documents']} documents ({changed})")


def show_protection(what: str, found: dict[str, Any], console: Console) -> None:
    """What was found of personal data, secrets and copies; nothing where there was none."""
    kinds = found["kinds"].values()
    masked, kept = sum(k["changed"] for k in kinds), sum(k["found"] - k["changed"] for k in kinds)
    told = [f"{masked} masked"] * (masked > 0) + [f"{kept} kept"] * (kept > 0)
    if told:
        console.print(f"[green]✓[/] personal data in {what}: {', '.join(told)} (groundtune audit says where)")
    if found["dropped"]:
        console.print(f"[yellow]![/] {what} left out for what they hold: {escape(', '.join(found['dropped']))}")
    if found["duplicates"]:
        pairs = ", ".join(f"{name} (repeats {first})" for name, first in found["duplicates"].items())
        console.print(f"[yellow]![/] left out as duplicates: {escape(pairs)}")
    if found["near"]:
        console.print(f"[yellow]![/] {len(found['near'])} repeat another, or nearly (groundtune audit says which)")


def show(approach: str, made: dict[str, Any], console: Console) -> None:
    """What was built."""
    index, adapter = made["index"], made["adapter"]
    if index:
        show_index(index, console)
    for what, found in (made["protection"] or {}).items():
        if found:
            show_protection(what, found, console)
    if made["retrieval"]:
        of = made["retrieval"]
        tuned = max(value for name, value in of.items() if name != "untuned")
        console.print(
            f"[green]✓[/] retrieval tuned on the examples: mean reciprocal rank of the right passages "
            f"{of['untuned']:.2f}, tuned {tuned:.2f} (on questions it was not tuned on)"
        )
    if adapter:
        how = "as trained before" if adapter["reused"] else f"{adapter['steps']} steps, {_left(adapter['seconds'])}"
        console.print(
            f"[green]✓[/] adapter {adapter['version']}: {adapter['examples']} examples, {how}, "
            f"validation loss {adapter['best_validation_loss']:.3f}"
        )
        if adapter["parity"]:
            p = adapter["parity"]
            console.print(
                f"[green]✓[/] engine check: token F1 {p['f1']:.2f} to the reference on {p['prompts']} prompts"
            )
    if made["router"]:
        console.print(f"[green]✓[/] router: abstains below {_abstains_below(made['router'])}")
    if not (index or adapter):
        console.print(
            f'Nothing to build: the advice is "{approach}". Ask the base model: groundtune ask "…" --arm base'
        )


def _abstains_below(router: dict[str, float]) -> str:
    if "refuse_below" in router and not router["calibrated"]:
        return (
            f"{router['refuse_below']:.0%} chance of an answer (a default, not calibrated on this project's questions)"
        )
    if "refuse_below" in router:
        return f"{router['refuse_below']:.0%} chance of an answer, doubts a refusal from {router['insist_from']:.0%}"
    return f"similarity {router['nothing_relevant']:.2f}"


def _left(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
