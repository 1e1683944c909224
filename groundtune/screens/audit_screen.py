"""The screen of ``audit``: kinds with what laws call them, places, copies, faulty examples. Looks at nothing itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, cast

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from corpus.errors import Omission
from groundtune.project.not_read import NotRead
from groundtune.screens.examples_screen import show_left_out, show_not_learned
from groundtune.screens.fitting_tables import add_columns, some_of, table_of
from groundtune.screens.not_read_screen import show_not_read

if TYPE_CHECKING:
    from groundtune.screens.audit_json import AuditJson, CopiesJson, FaultyJson, PlaceJson

_SHOWN = 6
_DONE = {
    "keep": "[yellow]kept[/]",
    "mask": "[green]masked[/]",
    "pseudonym": "[green]numbered[/]",
    "drop": "[red]left out[/]",
}
_FAULTS = {
    "unusable": "no usable examples",
    "contradictory": "the same question, answers that disagree",
    "overlap": "held-out questions that are taught, nearly word for word",
    "refusal": "an answer that only says it is not known: write null",
    "repeated": "the same question and answer more than once",
}


def show(report: Mapping[str, object], console: Console) -> None:
    """The whole report, the most pressing first in each part."""
    audit = cast("AuditJson", report)
    sizes = {"documents": audit["documents"], "examples": audit["examples"], "questions": audit["questions"]}
    console.print(", ".join(f"{count:,} {name if count != 1 else name[:-1]}" for name, count in sizes.items()))
    _show_kinds(audit, console)
    _show_places(audit["places"], console)
    _show_duplicates(audit["duplicates"], console)
    _show_faults(audit["faults"], console)
    show_left_out([Omission(**row) for row in audit["rows_left_out"]], console)
    show_not_learned([Omission(**row) for row in audit["rows_not_learned"]], console)
    show_not_read(NotRead.of_json(audit), console)
    if audit["to_decide"]:
        console.print(f"[bold]To decide:[/] {escape(', '.join(audit['to_decide']))}")
        kept = [row["kind"] for row in audit["kinds"] if row["kind"] in audit["to_decide"]]
        if kept:
            console.print(
                f"  groundtune.yaml, privacy:  [cyan]kinds: {{{kept[0]}: mask}}[/] (or keep, pseudonym, drop)"
            )
            console.print("  what is your own:          [cyan]allow: \\['@your-domain.example'][/]")
    else:
        console.print("[green]✓[/] nothing left to be decided")


def _show_kinds(audit: AuditJson, console: Console) -> None:
    if audit["level"] == "off":
        console.print("[yellow]![/] personal data is not looked for (privacy.personal_data: off)")
        return
    if audit["kinds"]:
        table = table_of()
        table.add_column("found", min_width=18)
        add_columns(table, ("documents", "examples"), "right")
        add_columns(table, ("GDPR", "HIPAA", "is"))
        for row in audit["kinds"]:
            gdpr = {"special": "[red]special[/]", "none": "–"}.get(row["gdpr"], row["gdpr"])
            cells = (row["title"], str(row["in_documents"] or "–"), str(row["in_examples"] or "–"))
            table.add_row(*cells, gdpr, f"({row['hipaa']})" if row["hipaa"] else "–", _DONE[row["action"]])
        console.print(table)
    else:
        console.print("[green]✓[/] no personal data and no secrets found")
    if not audit["names_looked_for"]:
        console.print("[dim]People's names were not looked for: that needs spaCy and one of its models.[/]")


def _show_places(places: Sequence[PlaceJson], console: Console) -> None:
    """The first few places of each kind, what is kept before what is masked."""
    by_kind: dict[str, list[PlaceJson]] = {}
    for place in sorted(places, key=lambda p: p["action"] != "keep"):
        by_kind.setdefault(place["kind"], []).append(place)
    table = Table.grid(padding=(0, 2))
    for kind, same_kind in by_kind.items():
        where = Counter(_where(p) for p in same_kind)
        lines = [f"{escape(w)} ×{n}" if n > 1 else escape(w) for w, n in where.items()]
        more = [f"[dim]and {len(lines) - _SHOWN} more places[/]"] if len(lines) > _SHOWN else []
        table.add_row(f"[bold]{kind}[/]", "\n".join([*lines[:_SHOWN], *more]))
    if by_kind:
        console.print(table)
        console.print()


def _where(place: PlaceJson) -> str:
    said = str(place["source"])
    if "line" in place:
        said += f":{place['line']}"
        if "column" in place and "field" not in place:
            said += f":{place['column']}"
    elif "page" in place:
        said += f", page {place['page']}"
    elif place.get("heading"):
        said += f" ({place['heading'].rpartition(' > ')[2]})"
    return f"{said} {place['field']}" if "field" in place else said


def _show_duplicates(groups: Mapping[str, Sequence[CopiesJson]], console: Console) -> None:
    for what, copies in groups.items():
        for group in copies[:_SHOWN]:
            others = [
                f"{o['name']} ({'the same' if o['similarity'] == 1 else format(o['similarity'], '.0%')})"
                for o in group["others"]
            ]
            console.print(f"[yellow]=[/] {what} alike: {escape(group['first'])} ← {some_of(others, _SHOWN)}")
        if len(copies) > _SHOWN:
            console.print(f"[yellow]=[/] and {len(copies) - _SHOWN} more groups of {what}")


def _show_faults(faults: Sequence[FaultyJson], console: Console) -> None:
    for fault, title in _FAULTS.items():
        rows = [f for f in faults if f["fault"] == fault]
        if rows:
            mark = "[yellow]=[/]" if fault == "repeated" else "[red]✗[/]"
            console.print(f"{mark} {title} ({len(rows)}): {some_of([_named(f) for f in rows], _SHOWN)}")


def _named(fault: FaultyJson) -> str:
    if "where" in fault:
        return fault["where"]
    sides = (fault.get("examples"), fault.get("held_out"))
    return " ~ ".join("+".join(ids) for ids in sides if ids is not None)
