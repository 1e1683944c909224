"""The screen of one answer: the text as it comes, then the same with its citations' numbers, its sources and the route."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.live import Live
from rich.markup import escape
from rich.text import Text

from lm.answerer import Answer, Citation

_NEAREST = 2
"""So many near sources are named where no answer is known."""
_NUMBERS = r"(?<=\s)(?:\[\d+\])+(?=\s|$)"


def show_stream(pieces: Iterator[str | Answer], console: Console) -> None:
    """Print text as it comes; at the end the citations and how the answer came about.

    The numbers of the citations stand behind the sentences they support, so the text is printed anew when these are known.
    """
    written = ""
    with Live(console=console, transient=True, refresh_per_second=12) as live:
        for piece in pieces:
            if isinstance(piece, Answer):
                answer = piece
                break
            written += piece
            live.update(Text(written))
    text = Text(answer.marked)
    text.highlight_regex(_NUMBERS, "green")
    console.print(text, soft_wrap=True)
    _show_sources(answer, console)


def _show_sources(answer: Answer, console: Console) -> None:
    for c in answer.citations:
        _show(c, f"[green]\\[{c.n}][/] ", console, quoted=c.quote not in answer.text)
    if answer.nearest:
        by_default = (
            " (judged by default, not calibrated on this project's questions)" if answer.calibrated is False else ""
        )
        console.print(f"  [dim]Nothing found that answers it{by_default}. Nearest:[/]", soft_wrap=True)
    for c in answer.nearest[:_NEAREST]:
        _show(c, "[dim]·[/] ", console)
    route = f"{answer.arm}: {answer.route.reason}" if answer.route else answer.arm
    right = "" if answer.right is None else f" · such answers are right in {answer.right:.0%}"
    console.print(f"  [dim]{escape(route)}{right} · {answer.total_s:.2f} s[/]\n")


def _show(c: Citation, mark: str, console: Console, *, quoted: bool = True) -> None:
    """Where it stands, and what stands there unless the answer itself says it in these words."""
    where = f"[dim]{escape(place(c.source, c.page, c.heading))}[/]"
    console.print(f"  {mark}“{escape(c.quote)}”\n      {where}" if quoted else f"  {mark}{where}")


def place(source: str, page: int | None, heading: str) -> str:
    """Where something stands, in one line."""
    return source + (f", page {page}" if page else "") + (f" · {heading}" if heading else "")
