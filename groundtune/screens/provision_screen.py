"""The screens of building: progress with time left and live loss, then what was built. Builds nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from rich.console import Console
from rich.markup import escape

from corpus.errors import Omission
from groundtune.project.not_read import NotRead
from groundtune.screens.examples_screen import show_left_out
from groundtune.screens.fitting_tables import some_of
from groundtune.screens.not_read_screen import show_not_read
from groundtune.screens.progress_bars import Bars, duration
from groundtune.screens.router_screen import show_routes

if TYPE_CHECKING:
    from corpus.errors import Fault
    from groundtune.screens.built_json import (
        AdapterJson,
        IndexJson,
        LearnedQuotingJson,
        ProtectionJson,
        ProvisionedJson,
        RouterJson,
        SelectionJson,
    )
    from rag.index.index_report import IndexReport


_NAMED = 5
"""Of the examples left out at most so many are named on the screen; ``--json`` names all."""


class Building(Bars):
    """Progress of ``provision``."""

    def indexed(self, report: IndexReport, not_read: NotRead | None = None) -> None:
        """Called when the index is complete, long before an adapter is."""
        total = max(1, report.passages)
        self.update("index", total, total, f"{report.passages} passages of {report.documents} documents")
        if not_read:
            show_not_read(not_read, self.console)

    def notice(self, fault: Fault) -> None:
        """Called before training: what will not be learned, or will be cut off."""
        self.console.print(f"[yellow]![/] {escape(str(fault))}")


def show_index(report: Mapping[str, object], console: Console) -> None:
    """What the index holds now."""
    index = cast("IndexJson", report)
    changed = f"{index['added']} added, {index['removed']} removed, {index['seconds']:.1f} s"
    mark = "[green]✓[/]" if index["passages"] else "[yellow]![/]"
    console.print(f"{mark} index: {index['passages']} passages of {index['documents']} documents ({changed})")


def show_protection(what: str, protection: Mapping[str, object], console: Console) -> None:
    """Personal data, secrets and copies; nothing where there are none."""
    changes = cast("ProtectionJson", protection)
    kinds = changes["kinds"].values()
    masked, kept = sum(k["changed"] for k in kinds), sum(k["found"] - k["changed"] for k in kinds)
    counts = [f"{masked} masked"] * (masked > 0) + [f"{kept} kept"] * (kept > 0)
    if counts:
        console.print(f"[green]✓[/] personal data in {what}: {', '.join(counts)} (groundtune audit says where)")
    if changes["dropped"]:
        console.print(f"[yellow]![/] {what} left out for what they hold: {escape(', '.join(changes['dropped']))}")
    if changes["duplicates"]:
        pairs = ", ".join(f"{name} (repeats {first})" for name, first in changes["duplicates"].items())
        console.print(f"[yellow]![/] left out as duplicates: {escape(pairs)}")
    if changes["near"]:
        console.print(f"[yellow]![/] {len(changes['near'])} repeat another, or nearly (groundtune audit says which)")


def show_adapter(report: Mapping[str, object], console: Console) -> None:
    """What the adapter learned from, how it came out, and what it did not learn."""
    adapter = cast("AdapterJson", report)
    how = "as trained before" if adapter["reused"] else f"{adapter['steps']} steps, {duration(adapter['seconds'])}"
    if adapter["best_step"] < adapter["steps"]:
        how += f", weights of step {adapter['best_step']}, the best"
    console.print(f"[green]✓[/] adapter {adapter['version']}, in use now: {adapter['learned']} examples learned, {how}")
    loss = adapter["best_validation_loss"]
    if loss is None:
        console.print("[yellow]![/] not validated: no example was held back, nothing tells whether training helped")
    else:
        console.print(f"[green]✓[/] validation loss {loss:.3f} on {adapter['held_back']} examples held back")
    if adapter["minutes"]:
        time = "1 minute was" if adapter["minutes"] == 1 else f"{adapter['minutes']:g} minutes were"
        console.print(
            f"[yellow]![/] {time} enough for {adapter['steps']} of about {adapter['planned_steps']} steps: "
            f"{adapter['not_reached']} examples were not reached (longer: provision --minutes, all: without)"
        )
    if adapter["left_out"]:
        ids = [x["id"] for x in adapter["left_out"]]
        console.print(
            f"[yellow]![/] {len(ids)} examples left out, too long for recipe.max_tokens: {some_of(ids, _NAMED)}"
        )
    if adapter["long_answers"]:
        of = adapter["long_answers"]
        limit = f"answer_tokens ({of['answer_tokens']}; the longest has {of['longest']})"
        console.print(f"[yellow]![/] {of['count']} taught answers are longer than {limit}: they will be cut off")
    if adapter["selection"]:
        show_selection(adapter["selection"], console)
    if adapter["parity"]:
        p = adapter["parity"]
        mark = "[green]✓[/]" if p["prompts"] else "[yellow]![/]"
        console.print(f"{mark} engine check: token F1 {p['f1']:.2f} to the reference on {p['prompts']} prompts")


def show_selection(selection: SelectionJson, console: Console) -> None:
    """How well the sentences that are read are chosen."""
    first, before = selection["right_first"], selection["right_first_before"]
    mark = "[green]✓[/]" if first > before else "[yellow]![/]"
    left = f" of {selection['choices'] + selection['not_reached']}" if selection["not_reached"] else ""
    console.print(
        f"{mark} what to read: learned on {selection['choices']}{left} questions; before each was learned, its right "
        f"sentence was ahead of the others drawn with it in {first:.0%} (by retrieval alone in {before:.0%})"
    )


def show(approach: str, provisioned: Mapping[str, object], console: Console) -> None:
    """What was built."""
    built = cast("ProvisionedJson", provisioned)
    show_left_out([Omission(**row) for row in built["rows_left_out"]], console)
    index, adapter = built["index"], built["adapter"]
    if index:
        show_index(index, console)
        if not_read := NotRead.of_json(built):
            console.print(f"[yellow]![/] {escape('; '.join(not_read.counts()))} (groundtune audit says which)")
    for what, changes in (built["protection"] or {}).items():
        if changes:
            show_protection(what, changes, console)
    if built["retrieval"]:
        of = built["retrieval"]
        tuned = max(value for name, value in of.items() if name != "untuned")
        console.print(
            f"[green]✓[/] retrieval tuned on the examples: mean reciprocal rank of the right passages "
            f"{of['untuned']:.2f}, tuned {tuned:.2f} (on questions it was not tuned on)"
        )
    if built["quoting"]:
        console.print(f"[green]✓[/] {_quotes(built['quoting'])}")
    if adapter:
        show_adapter(adapter, console)
    if built["router"]:
        console.print(f"[green]✓[/] router: abstains below {_abstains_below(built['router'])}")
        if word_for_word := built["router"].get("word_for_word"):
            console.print(
                f"[yellow]![/] {word_for_word} examples ask what stands in the documents word for word: "
                "they do not teach when to abstain; examples in your users' own words would"
            )
        show_routes(built["router"], console, indexed=bool(index))
    elif not (index or adapter):
        console.print(
            f'Nothing to build: the advice is "{approach}". Ask the base model: groundtune ask "…" --arm base'
        )


def _quotes(learned: LearnedQuotingJson) -> str:
    unit, most = learned["quoting"]["unit"], learned["quoting"]["most"]
    if unit == "section":
        what = f"the section of the best passage, up to {most} sentences"
    else:
        what = f"the best {most} sentences" if most > 1 else "the best sentence"
    return f"extract quotes {what}: nearest to the answers of {learned['examples']} examples"


def _abstains_below(router: RouterJson) -> str:
    if "refuse_below" in router and not router["calibrated"]:
        return (
            f"{router['refuse_below']:.0%} chance of an answer (a default, not calibrated on this project's questions)"
        )
    if "refuse_below" in router:
        return f"{router['refuse_below']:.0%} chance of an answer, doubts a refusal from {router['insist_from']:.0%}"
    return f"similarity {router['nothing_relevant']:.2f}"
