"""The screens of building: progress with time left and live loss, then what was built. Builds nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal, cast

from rich.console import Console
from rich.markup import escape

from corpus.errors import Omission
from groundtune.project.not_read import NotRead
from groundtune.screens.examples_screen import show_left_out
from groundtune.screens.not_read_screen import show_not_read
from groundtune.screens.progress_bars import Bars, duration

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
        """Told when the index is complete, which is long before an adapter is."""
        total = max(1, report.passages)
        self.update("index", total, total, f"{report.passages} passages of {report.documents} documents")
        if not_read:
            show_not_read(not_read, self.console)

    def notice(self, fault: Fault) -> None:
        """Told before training of what will not be learned, or will be cut off."""
        self.console.print(f"[yellow]![/] {escape(str(fault))}")


def show_index(report: Mapping[str, object], console: Console) -> None:
    """What the index holds now."""
    made = cast("IndexJson", report)
    changed = f"{made['added']} added, {made['removed']} removed, {made['seconds']:.1f} s"
    mark = "[green]✓[/]" if made["passages"] else "[yellow]![/]"
    console.print(f"{mark} index: {made['passages']} passages of {made['documents']} documents ({changed})")


def show_protection(what: str, protection: Mapping[str, object], console: Console) -> None:
    """What was found of personal data, secrets and copies; nothing where there was none."""
    found = cast("ProtectionJson", protection)
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


def show_adapter(report: Mapping[str, object], console: Console) -> None:
    """What the adapter learned from, how it came out, and what it did not learn."""
    made = cast("AdapterJson", report)
    how = "as trained before" if made["reused"] else f"{made['steps']} steps, {duration(made['seconds'])}"
    if made["best_step"] < made["steps"]:
        how += f", weights of step {made['best_step']}, the best"
    console.print(f"[green]✓[/] adapter {made['version']}, in use now: {made['learned']} examples learned, {how}")
    loss = made["best_validation_loss"]
    if loss is None:
        console.print("[yellow]![/] not validated: no example was held back, nothing tells whether training helped")
    else:
        console.print(f"[green]✓[/] validation loss {loss:.3f} on {made['held_back']} examples held back")
    if made["minutes"]:
        time = "1 minute was" if made["minutes"] == 1 else f"{made['minutes']:g} minutes were"
        console.print(
            f"[yellow]![/] {time} enough for {made['steps']} of about {made['planned_steps']} steps: "
            f"{made['not_reached']} examples were not reached (longer: provision --minutes, all: without)"
        )
    if made["left_out"]:
        named = [x["id"] for x in made["left_out"]]
        more = f" and {len(named) - _NAMED} more" if len(named) > _NAMED else ""
        told = f"{len(named)} examples left out, too long for recipe.max_tokens: {', '.join(named[:_NAMED])}{more}"
        console.print(f"[yellow]![/] {escape(told)}")
    if made["long_answers"]:
        of = made["long_answers"]
        limit = f"answer_tokens ({of['answer_tokens']}; the longest has {of['longest']})"
        console.print(f"[yellow]![/] {of['count']} taught answers are longer than {limit}: they will be cut off")
    if made["selection"]:
        show_selection(made["selection"], console)
    if made["parity"]:
        p = made["parity"]
        mark = "[green]✓[/]" if p["prompts"] else "[yellow]![/]"
        console.print(f"{mark} engine check: token F1 {p['f1']:.2f} to the reference on {p['prompts']} prompts")


def show_selection(made: SelectionJson, console: Console) -> None:
    """How well the sentences that are read are chosen."""
    first, before = made["right_first"], made["right_first_before"]
    mark = "[green]✓[/]" if first > before else "[yellow]![/]"
    left = f" of {made['choices'] + made['not_reached']}" if made["not_reached"] else ""
    console.print(
        f"{mark} what to read: learned on {made['choices']}{left} questions; before each was learned, its right sentence was "
        f"ahead of the others drawn with it in {first:.0%} (by retrieval alone in {before:.0%})"
    )


def show_routes(routes: Mapping[str, object], console: Console, indexed: bool = True) -> None:
    """Which arm answers which sort of question, and what that was measured on."""
    router = cast("RouterJson", routes)
    to_documents = "questions to the documents" if indexed else "questions"
    sorts: dict[Literal["documents", "alone"], str] = {
        "documents": to_documents,
        "alone": "questions answered without documents",
    }
    for sort, what in sorts.items():
        of = router.get(sort)
        if of and (of["measured"] or (sort == "alone" and router["answered_alone"])):
            best = sorted(of["score"].items(), key=lambda arm: -arm[1])
            scores = ", ".join(f"{arm} {100 * score:.0f}" for arm, score in best)
            how = (
                f"F1 and key facts on {of['questions']} kept out of training: {scores}"
                if of["measured"]
                else "too few to measure"
            )
            console.print(f"[green]✓[/] {what} go to {of['arm']} ({how})")
    for opening in router.get("openings", ()):
        known, mistaken = f"{100 * opening['known']:.0f} %", f"{100 * opening['mistaken']:.1f} %"
        console.print(
            f'[green]✓[/] answers open with "{opening["words"]}" where examples teach it'
            f" ({known} of such questions known, {mistaken} of the others mistaken for such)"
        )


def show(approach: str, provisioned: Mapping[str, object], console: Console) -> None:
    """What was built."""
    made = cast("ProvisionedJson", provisioned)
    show_left_out([Omission(**row) for row in made["rows_left_out"]], console)
    index, adapter = made["index"], made["adapter"]
    if index:
        show_index(index, console)
        if not_read := NotRead.of_json(made):
            console.print(f"[yellow]![/] {escape('; '.join(not_read.counts()))} (groundtune audit says which)")
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
    if made["quoting"]:
        console.print(f"[green]✓[/] {_quotes(made['quoting'])}")
    if adapter:
        show_adapter(adapter, console)
    if made["router"]:
        console.print(f"[green]✓[/] router: abstains below {_abstains_below(made['router'])}")
        if word_for_word := made["router"].get("word_for_word"):
            console.print(
                f"[yellow]![/] {word_for_word} examples ask what stands in the documents word for word: "
                "they do not teach when to abstain; examples in your users' own words would"
            )
        show_routes(made["router"], console, indexed=bool(index))
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
