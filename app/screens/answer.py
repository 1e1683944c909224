"""The screen of one answer: the text as it comes, then its sources and the route. Answers nothing."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.markup import escape

from lm.answer import Answer


def show_stream(pieces: Iterator[str | Answer], console: Console) -> None:
    """Print text as it comes; at the end the citations and how the answer came about."""
    for piece in pieces:
        if isinstance(piece, str):
            console.print(escape(piece), end="", soft_wrap=True)
        else:
            console.print()
            _show_sources(piece, console)


def _show_sources(answer: Answer, console: Console) -> None:
    for c in answer.citations:
        place = c.source + (f", page {c.page}" if c.page else "") + (f" · {c.heading}" if c.heading else "")
        console.print(f"  [green]\\[{c.n}][/] “{escape(c.quote)}”\n      [dim]{escape(place)}[/]")
    route = f"{answer.arm}: {answer.route.reason}" if answer.route else answer.arm
    console.print(f"  [dim]{escape(route)} · {answer.total_s:.2f} s[/]\n")
