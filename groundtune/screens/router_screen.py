"""The screens of the router: progress of measuring, what it knows, what recorded answers say of it. Measures nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Literal, cast

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from groundtune.screens.fitting_tables import show_fitting, table_of
from lm.arm_facts import arm_of, readers, reads_by_adapter

if TYPE_CHECKING:
    from groundtune.screens.built_json import RouterJson
    from groundtune.screens.router_json import KnownJson, MeasuredJson, PlayedJson, ReplayedJson, SortJson

_SORTS: dict[Literal["documents", "alone"], str] = {
    "documents": "questions to the documents",
    "alone": "questions answered without documents",
}
_SPARE = ("goes to", "cost", "95 %")
_NAMES = {"learned": "learned", "knn": "nearest questions"}
_FEW_SHARES = 3


def show_routes(routes: Mapping[str, object], console: Console, indexed: bool = True) -> None:
    """Which arm answers which sort of question, and what that was measured on."""
    router = cast("RouterJson", routes)
    for sort, what in _SORTS.items():
        of = router.get(sort)
        if of and (of["measured"] or (sort == "alone" and router["answered_alone"])):
            best = sorted(of["score"].items(), key=lambda arm: -arm[1])
            scores = ", ".join(f"{arm} {100 * score:.0f}" for arm, score in best)
            how = (
                f"F1 and key facts on {of['questions']} kept out of training: {scores}"
                if of["measured"]
                else "too few to measure"
            )
            what = what if indexed else what.removesuffix(" to the documents")
            console.print(f"[green]✓[/] {what} go to {of['arm']} ({how})")
    for opening in router.get("openings", ()):
        known, mistaken = f"{100 * opening['known']:.0f} %", f"{100 * opening['mistaken']:.1f} %"
        console.print(
            f'[green]✓[/] answers open with "{opening["words"]}" where examples teach it'
            f" ({known} of such questions known, {mistaken} of the others mistaken for such)"
        )


def show_known(known: Mapping[str, object], console: Console) -> None:
    """The arms as measured by sort of question, how well the sorts are recognised, when nothing is answered, and the rules."""
    router = cast("KnownJson", known)
    measured = router["measured"]
    if measured:
        console.print(_measured(measured, router["arms"]))
        if not router["up_to_date"]:
            console.print("[yellow]![/] something was built since: groundtune router train measures anew")
        closed = measured["answered_alone"]
        if closed:
            said = (
                f"{closed['known']:.0%} are known for such, {closed['mistaken']:.0%} of the others are taken for such"
            )
            console.print(f"[dim]of the questions answered without documents {said} (out of fold)[/]")
        else:
            console.print("[dim]which questions are answered without documents is not told from the others[/]")
    else:
        console.print(f"[yellow]![/] {escape(router['not_measured'] or '')}. The rules below decide.")
    console.print()
    console.print("[bold]The first that holds decides[/]")
    rows = Table.grid(padding=(0, 2, 0, 0))
    for n, (when, then, why) in enumerate(_rules(router), 1):
        lines = f"{escape(when)} → [bold]{escape(then)}[/]\n[dim]{escape(why)}[/]"
        rows.add_row(f"[cyan]{n}[/]", lines)
    console.print(rows)


def _measured(measured: MeasuredJson, arms: Collection[str]) -> Table:
    table = table_of("Half F1, half key facts, in points of 100, on examples kept out of training")
    table.add_column("arm", no_wrap=True)
    for sort in _SORTS:
        table.add_column(f"{_SORTS[sort]}\n({measured[sort]['questions']} asked)", justify="right")
    for arm in arms:
        cells = []
        for sort in _SORTS:
            of = measured[sort]
            score = f"{100 * of['score'][arm]:.0f}" if arm in of["score"] else "–"
            cells.append(f"[bold green]✓ {score}[/]" if of["arm"] == arm else score)
        table.add_row(arm, *cells)
    few = [_SORTS[sort] for sort in _SORTS if not measured[sort]["measured"]]
    table.caption = "✓ answers them" + (f"; too few {' and '.join(few)} to go by the scores" if few else "")
    table.caption_justify = "left"
    return table


def _rules(router: KnownJson) -> list[tuple[str, str, str]]:
    """When, then, why; in the order in which the router asks."""
    rules, arms, measured = router["rules"], router["arms"], router["measured"]
    reasons = rules["reasons"]
    reading = next(iter(readers(arms)), None)
    rows = []
    if reading:
        rows.append((f"it says {', '.join(rules['fresh_words'][:4])} or the like", reading, reasons["fresh"]))
    calibrated = router["abstention"] and router["abstention"]["calibrated"]
    if not (calibrated and reading):
        rows.append(
            (f"no passage nor example is nearer than {rules['nothing_relevant']:.2f}", "abstain", reasons["nothing"])
        )
    recalling = [name for name in arms if (arm := arm_of(name)) and arm.recalls_examples]
    if recalling and not reading:
        near = reasons["near"].format(example="…")
        rows.append((f"a training example is nearer than {rules['near_example']:.2f}", recalling[0], near))
    if measured and measured["answered_alone"]:
        of = measured["alone"]
        reason = _filled(reasons["measured" if of["measured"] else "thin"], of)
        rows.append(("it is answered without documents", of["arm"], reason))
    if measured and measured["documents"]["measured"]:
        of = measured["documents"]
        rows.append(("any other", of["arm"], _filled(reasons["measured"], of)))
    else:
        rows.append(("any other", router["best"], reasons["both" if reads_by_adapter(router["best"]) else "only"]))
    if router["abstention"]:
        below = f"the chance that documents answer it is below {router['abstention']['refuse_below']:.0%}"
        whose = "calibrated on this project's questions" if calibrated else "a default, not calibrated on this project"
        rows.append((f"then, in an arm that reads documents: {below}", "abstain", whose))
    return rows


def _filled(reason: str, of: SortJson) -> str:
    score = f"{100 * of['score'].get(of['arm'], 0):.0f}"
    return reason.format(arm=of["arm"], score=score, questions=of["questions"])


def show_replayed(replayed: Mapping[str, object], console: Console) -> None:
    """Every arm alone, each router at each budget, and the oracle: score, cost, and share of the gap closed."""
    replay = cast("ReplayedJson", replayed)
    show_fitting(lambda left_out: _replayed(replay, left_out), _SPARE, console)
    for name, of in replay["routers"].items():
        console.print(f"{_NAMES[name]}: {escape(of['rests_on'])}")
    console.print("[dim]gap: of the way from the arm that is best on average (0 %) to the oracle (100 %)[/]")
    if replay["costs"]:
        console.print("[dim]budget: of the way from the cheapest arm's mean cost (0 %) to the dearest's (100 %)[/]")
    else:
        console.print("[dim]no costs, or all alike: only the best score is looked for[/]")


def _replayed(replay: ReplayedJson, left_out: Collection[str]) -> Table:
    different = replay["different_questions"]
    table = table_of(
        f"{replay['questions']} recorded questions, {different} different; scores in points, cross-validated"
    )
    table.add_column("who", no_wrap=True)
    columns = [c for c in ("budget", "score", "cost", "gap", "95 %", "goes to") if c not in left_out]
    columns = [c for c in columns if replay["costs"] or c not in ("budget", "cost")]
    for column in columns:
        table.add_column(column, justify="left" if column == "goes to" else "right", no_wrap=True)
    for arm, of in replay["always"].items():
        table.add_row(f"always {arm}", *_cells({**of, "arms": {}}, columns))
    for name, router in replay["routers"].items():
        table.add_section()
        for of in router["budgets"]:
            table.add_row(_NAMES[name], *_cells(of, columns))
    table.add_section()
    table.add_row("oracle", *_cells(replay["oracle"], columns))
    return table


def _cells(of: PlayedJson, columns: Collection[str]) -> list[str]:
    closed = of["gap_closed"]
    goes = [f"{arm} {share:.0%}" for arm, share in list(of["arms"].items())[:_FEW_SHARES]]
    cells = {
        "budget": f"{of['budget']:.0%}" if "budget" in of else "",
        "score": f"{100 * of['score']:.1f}",
        "cost": f"{of['cost']:.3g}",
        "gap": f"{closed['share']:.0%}" if closed else "–",
        "95 %": f"{closed['low']:.0%} to {closed['high']:.0%}" if closed else "",
        "goes to": ", ".join(goes),
    }
    return [escape(cells[c]) for c in columns]
