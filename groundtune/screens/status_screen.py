"""The screens of ``status``, ``doctor`` and ``models list``. Look at nothing themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, cast

from rich.console import Console
from rich.markup import escape

from groundtune.project.not_read import NotRead
from groundtune.screens.fitting_tables import add_columns, table_of

if TYPE_CHECKING:
    from groundtune.jobs.doctor import Check
    from groundtune.screens.built_json import AdapterJson, ModelJson, StatusJson


def show_checks(checks: Sequence[Check], console: Console) -> None:
    """One line a check: ok, or what to do."""
    for check in checks:
        mark = "[green]ok  [/]" if check.ok else "[red]mend[/]"
        mend = "" if check.ok else f"  [yellow]→ {check.mend}[/]"
        console.print(f"{mark}  {check.name:<22}{check.found}{mend}", soft_wrap=True)


def show_models(models: Sequence[Mapping[str, object]], console: Console) -> None:
    """The catalogue."""
    table = table_of()
    add_columns(table, ("name", "model", "kind", "licence"))
    table.add_column("MB", justify="right")
    table.add_column("here")
    for row in cast("Sequence[ModelJson]", models):
        here = "[green]yes[/]" if row["pulled"] else "no"
        table.add_row(row["name"], row["title"], row["kind"], row["licence"], str(row["size_mb"]), here)
    console.print(table)
    console.print("[dim]Any other model: hub:OWNER/NAME, path:FOLDER or endpoint:PROVIDER:MODEL[/]")


def show_status(status: Mapping[str, object], console: Console) -> None:
    """What is advised, built and measured, with the next step."""
    report = cast("StatusJson", status)
    index, adapter = report["index"], report["adapter"]
    lines = {
        "advice": report["approach"] or "none yet → groundtune advise",
        "models": f"{report['generator']}, {report['embedder']}",
        "index": f"{index['passages']} passages of {index['documents']} documents" if index else "not built",
        "adapter": _adapter(adapter, len(report["adapter_versions"])) if adapter else "not built",
        "compared": report["verdict"] or "not yet → groundtune compare",
    }
    if not_read := NotRead.of_json(report, "unreadable"):
        lines["not read"] = f"{'; '.join(not_read.counts())} → groundtune audit"
    if report["adapter_fault"]:
        lines["adapter"] = f"[red]not usable[/]: {escape(report['adapter_fault'])}"
    elif report["adapter_taught_otherwise"]:
        lines["adapter"] += "; taught for prompts of another version → groundtune provision"
    if abstains := report["abstention"]:
        learned = "calibrated on" if abstains["calibrated"] else "a default, not calibrated on"
        text = f"below {abstains['refuse_below']:.0%} chance of an answer ({learned} this project's questions)"
        lines["abstains"] = text
    for name, of in report["estimates"].items():
        actual = "not built yet" if of["actual"] is None else f"actual {of['actual']:.0f} s"
        lines[f"{name.removesuffix('_s')} time"] = f"estimated {of['estimated']:.0f} s, {actual}"
    for name, text in lines.items():
        console.print(f"[bold]{name:<12}[/]{text}")
    for n, (ability, consequence) in enumerate(report["engine_lacks"].items()):
        console.print(f"[bold]{'' if n else 'lacking':<12}[/]{ability}: {consequence}")


def _adapter(adapter: AdapterJson, versions: int) -> str:
    loss = adapter["best_validation_loss"]
    validation = "nothing to validate on" if loss is None else f"validation loss {loss:.3f}"
    return f"{adapter['version']} of {versions}, {validation}, trained in {adapter['seconds']:.0f} s"
