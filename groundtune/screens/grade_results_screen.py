"""What people said of each arm: points, win rates, how far they agree, and people's own answers beside. Computes nothing."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from groundtune.screens.fitting_tables import add_columns, show_fitting, table_of

if TYPE_CHECKING:
    from compare.comparison_json import IntervalJson
    from compare.people.agreement import FigureJson
    from compare.people.grades_json import GradesJson


def show_results(results: GradesJson, console: Console) -> None:
    """All of it, most important first; what too few grades cannot tell is said."""
    console.print(f"Comparison {results['comparison']}, graded by people")
    _show_graders(results, console)
    if results["arms"]:
        show_fitting(lambda left_out: _arms(results, left_out), ("grades", "right", "right 95 %"), console)
        _show_uneven(results, console)
    if results["differences"]:
        show_fitting(lambda left_out: _differences(results, left_out), ("questions", "95 %"), console)
    if results["wins"]:
        show_fitting(lambda left_out: _wins(results, left_out), ("same", "both bad", "questions", "95 %"), console)
        _show_position(results, console)
    _show_agreement(results, console)
    if results["people"]:
        asked = results["people_questions"]
        title = f"People as a reference: every arm on the {asked:,} questions that experts answered too (points of 100)"
        console.print(title, style="italic")
        console.print(_people(results))
    if results["stale"]:
        console.print(
            f"[yellow]![/] {results['stale']:,} grades are of answers that this comparison does not hold (any more)"
        )
    for where in results["damaged"]:
        console.print(f"[yellow]![/] {escape(where)}: damaged, not counted", soft_wrap=True)


def _show_graders(results: GradesJson, console: Console) -> None:
    for name, of in results["graders"].items():
        told = f"{of['points']:,} answers given points, {of['preferences']:,} pairs compared, {of['skipped']:,} skipped"
        console.print(f"  [bold]{escape(name)}[/]: {told}")
        if of["left"]:
            console.print(f"    [yellow]![/] {of['left']:,} answers left: who reads this is no longer blind")


def _arms(results: GradesJson, left_out: Collection[str]) -> Table:
    table = table_of("Points, 1 to 5 (a question counts once; right: 4 and more)")
    table.add_column("arm", no_wrap=True)
    columns = [c for c in ("points", "95 %", "right", "right 95 %", "questions", "grades") if c not in left_out]
    add_columns(table, columns, "right", no_wrap=True)
    top = max(arm["points"]["mean"] for arm in results["arms"].values())
    for name, arm in sorted(results["arms"].items(), key=lambda of: -of[1]["points"]["mean"]):
        cells = {
            "points": f"{arm['points']['mean']:.2f}",
            "95 %": _span(arm["points"], 1, 2),
            "right": f"{arm['right']['mean']:.0%}",
            "right 95 %": _span(arm["right"], 100, 0),
            "questions": f"{arm['questions']:,}",
            "grades": f"{arm['grades']:,}",
        }
        shown = f"[bold green]{escape(name)}[/]" if arm["points"]["mean"] == top else escape(name)
        table.add_row(shown, *(cells[c] for c in columns))
    return table


def _span(of: IntervalJson, times: float, digits: int) -> str:
    low, high = of["low"], of["high"]
    return "too few" if low is None or high is None else f"{low * times:.{digits}f}–{high * times:.{digits}f}"


def _show_uneven(results: GradesJson, console: Console) -> None:
    if len({arm["questions"] for arm in results["arms"].values()}) > 1:
        console.print("[dim]Not all arms were graded on the same questions: compare them by the differences below.[/]")


def _differences(results: GradesJson, left_out: Collection[str]) -> Table:
    table = table_of("Differences in points, on the questions graded for both (p adjusted for the number of pairs)")
    add_columns(table, ("a", "b"), no_wrap=True)
    columns = [c for c in ("a - b", "95 %", "p", "significant", "questions") if c not in left_out]
    add_columns(table, columns, "right", no_wrap=True)
    for pair in results["differences"]:
        low, high = pair["low"], pair["high"]
        cells = {
            "a - b": f"{pair['difference']:+.2f}",
            "95 %": "" if low is None or high is None else f"{low:+.2f} to {high:+.2f}",
            "p": _p(pair["p"]),
            "significant": _significant(pair["significant"], pair["p"]),
            "questions": f"{pair['questions']:,}",
        }
        table.add_row(pair["a"], pair["b"], *(cells[c] for c in columns))
    return table


def _wins(results: GradesJson, left_out: Collection[str]) -> Table:
    table = table_of("Preferences (win rate: ties count half; p by sign test, adjusted for the number of pairs)")
    add_columns(table, ("a", "b"), no_wrap=True)
    names = ("a wins", "95 %", "won/lost/tied", "p", "significant", "questions", "both bad", "same")
    columns = [c for c in names if c not in left_out]
    add_columns(table, columns, "right", no_wrap=True)
    for pair in results["wins"]:
        low, high, rate = pair["low"], pair["high"], pair["win_rate"]
        cells = {
            "a wins": "too few" if rate is None else f"{rate:.0%}",
            "95 %": "" if low is None or high is None else f"{low:.0%}–{high:.0%}",
            "won/lost/tied": f"{pair['wins']}/{pair['losses']}/{pair['ties']}",
            "p": _p(pair["p"]),
            "significant": _significant(pair["significant"], pair["p"]),
            "questions": f"{pair['questions']:,}",
            "both bad": f"{pair['both_bad']:,}",
            "same": f"{pair['same']:,}",
        }
        table.add_row(pair["a"], pair["b"], *(cells[c] for c in columns))
    return table


def _p(p: float | None) -> str:
    return "" if p is None else f"{p:.4f}"


def _significant(significant: bool, p: float | None) -> str:
    return "too few" if p is None else "[green]yes[/]" if significant else "no"


def _show_position(results: GradesJson, console: Console) -> None:
    place = results["position"]
    if place:
        words = "more than chance gives: look at the graders' habits" if place["p"] < 0.05 else "as chance may have it"
        console.print(
            f"[dim]Shown first was preferred {place['first']} times, shown second {place['second']}: {words}.[/]"
        )


def _show_agreement(results: GradesJson, console: Console) -> None:
    """A line a figure: what, how far, on how many items, and what that means."""
    lines: list[str] = []
    several = len(results["graders"]) > 1
    for name, of in results["agreement"].items():
        if several:
            lines += [_line(f"{name}, {k['a']} and {k['b']}: kappa", k) for k in of["kappa"] if k["items"]]
            if of["alpha"]["items"] or name == "points":
                lines.append(_line(f"{name}, all graders: alpha", of["alpha"]))
    if results["arms"]:
        lines.append(_line("right by score and by people: kappa", results["automatic"]["right"]))
        lines.append(_line("F1 and points: Spearman's rho", results["automatic"]["f1"]))
    if lines:
        console.print("Agreement (1: full, 0: as by chance)", style="italic")
    for line in lines:
        console.print(Padding(line, (0, 0, 0, 2)))
    if not several and results["graders"]:
        console.print("[dim]One grader: whether others would grade alike is not known. A second one tells.[/]")


def _line(name: str, figure: FigureJson) -> str:
    value, low, high = figure["value"], figure["low"], figure["high"]
    items = "1 item" if figure["items"] == 1 else f"{figure['items']:,} items"
    if value is None:
        return f"{escape(name)} [bold]–[/] ({items}): {escape(figure['meaning'])}"
    span = f", {low:.2f} to {high:.2f}" if low is not None and high is not None else ""
    return f"{escape(name)} [bold]{value:.2f}[/] ({items}{span}): {escape(figure['meaning'])}"


def _people(results: GradesJson) -> Table:
    table = table_of()
    table.add_column("arm", no_wrap=True)
    add_columns(table, ("F1", "95 %", "key", "right"), "right", no_wrap=True)
    for name, of in sorted(results["people"].items(), key=lambda arm: -arm[1]["f1"]["mean"]):
        shown = f"[bold]{name}[/]" if name == "human" else escape(name)
        f1, key = of["f1"], of["contains"]
        table.add_row(
            shown, f"{f1['mean'] * 100:.1f}", _span(f1, 100, 0), f"{key['mean'] * 100:.0f}", f"{of['right']:.0%}"
        )
    return table
