"""The screen of a conversation: replies broken between words, short sources, full ones on demand. Answers nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from groundtune.screens.answer_screen import place
from lm.answerer import Answer


class Flow:
    """Text that comes in pieces, printed as it comes and, on a terminal, broken between words."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self._column = 0
        self._word = ""

    def write(self, piece: str) -> None:
        """Print what is complete: a word waits for the space behind it."""
        for part in re.findall(r"\s|\S+", piece):
            if part.isspace():
                self.end()
                if part == "\n" or not self._full(1):
                    self._print(part)
            else:
                self._word += part

    def end(self) -> None:
        """Print the word that waits."""
        if self._column and self._full(len(self._word)):
            self._print("\n")
        self._print(self._word)
        self._word = ""

    def _full(self, more: int) -> bool:
        return self.console.is_terminal and self._column + more > self.console.width

    def _print(self, text: str) -> None:
        self.console.print(text, end="", soft_wrap=True, markup=False)
        self._column = 0 if text == "\n" else self._column + len(text)


def show_reply(pieces: Iterator[str | Answer], console: Console) -> Answer | None:
    """Print a reply as it comes, then where it stands, a line a source; what was answered."""
    flow = Flow(console)
    for piece in pieces:
        if isinstance(piece, str):
            flow.write(piece)
            continue
        flow.end()
        console.print()
        for c in piece.citations:
            line = f"  [{c.n}] {c.source.rpartition('/')[2]}: “{' '.join(c.quote.split())}”"
            console.print(f"[dim]{escape(_shortened(line, console.width))}[/]")
        console.print(f"  [dim]{escape(piece.arm)} · {piece.total_s:.2f} s[/]\n")
        return piece
    return None


def show_asked(asked: str, console: Console) -> None:
    """How a question was understood, where not as it stands."""
    console.print(f"[dim]asked: {escape(asked)}[/]")


def show_sources(answer: Answer | None, console: Console) -> None:
    """The citations of an answer in full: the quote, where it stands, its offsets; and why this arm answered."""
    if answer is None:
        console.print("[dim]Nothing was answered yet.[/]\n")
        return
    if not answer.citations:
        console.print("[dim]The last answer has no sources.[/]")
    for c in answer.citations:
        console.print(
            f"[green]\\[{c.n}][/] {escape(place(c.source, c.page, c.heading))} [dim](characters {c.start}–{c.end})[/]"
        )
        console.print(f"“{escape(c.quote)}”\n")
    reason = f": {answer.route.reason}" if answer.route else ""
    console.print(f"[dim]{escape(answer.arm + reason)}[/]\n")


def show_commands(commands: dict[str, str], console: Console) -> None:
    """Every command with what it does."""
    table = Table.grid(padding=(0, 2))
    for name, sense in commands.items():
        table.add_row(f"[cyan]{escape(name)}[/]", sense)
    console.print(table)
    console.print()


def _shortened(line: str, width: int) -> str:
    return line if len(line) <= width else line[: width - 2] + "…”"
