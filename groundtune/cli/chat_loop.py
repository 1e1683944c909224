"""A conversation in the terminal: reads lines, obeys commands, shows replies."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from rich.markup import escape

from corpus.errors import GroundtuneError
from groundtune.arms import arms_in_words
from groundtune.screens.chat_screen import show_asked, show_commands, show_reply, show_sources
from lm.questions.conversation import Conversation

if TYPE_CHECKING:
    from rich.console import Console

    from lm.answerer import Answer, Answerer

COMMANDS = {
    "/new": "begin a new subject: what was said is forgotten",
    "/arm NAME": f"answer with another arm: {arms_in_words()}",
    "/sources": "the sources of the last answer in full",
    "/help": "this list",
    "/quit": "end (so does Ctrl-D; Ctrl-C stops an answer)",
}
_PROMPT = "› "
_COLOURED = "\001\x1b[1;36m\002› \001\x1b[0m\002"
"""The prompt in bold cyan; the marks tell readline what takes no room."""


class Chat:
    """One conversation, from its first line to its end. ``answerer`` makes an arm's answerer by name."""

    def __init__(self, talk: Conversation, answerer: Callable[[str], Answerer], console: Console) -> None:
        self.talk = talk
        self.answerer = answerer
        self.console = console
        self.last: Answer | None = None

    def run(self) -> None:
        """Ask until the input ends."""
        read = _reader(self.console)
        self.console.print("[dim]Ask a question. /help lists the commands, Ctrl-D ends.[/]")
        while True:
            try:
                line = read().strip()
            except EOFError:
                return
            except KeyboardInterrupt:
                self.console.print("\n[dim]Ctrl-D ends.[/]")
                continue
            if line == "/quit":
                return
            if line:
                self._obey(line)

    def _obey(self, line: str) -> None:
        try:
            if line.startswith("/"):
                self._command(*line.split(maxsplit=1))
            else:
                self._ask(line)
        except GroundtuneError as error:
            self.console.print(f"[red]{escape(str(error))}[/]\n")
        except KeyboardInterrupt:
            self.console.print("\n[dim]stopped[/]\n")

    def _ask(self, question: str) -> None:
        asked = self.talk.understood(question)
        if asked != question:
            show_asked(asked, self.console)
        with contextlib.closing(self.talk.stream(question, asked)) as pieces:
            self.last = show_reply(pieces, self.console)

    def _command(self, name: str, rest: str = "") -> None:
        if name == "/new":
            self.talk.begin()
            self.console.print("[dim]A new subject.[/]\n")
        elif name == "/arm":
            self.talk.answerer = self.answerer(rest.strip())
            self.console.print(f"[dim]{self.talk.answerer.name} answers from here on.[/]\n")
        elif name == "/sources":
            show_sources(self.last, self.console)
        else:
            if name != "/help":
                self.console.print(f"[dim]There is no {escape(name)}.[/]")
            show_commands(COMMANDS, self.console)


def _reader(console: Console) -> Callable[[], str]:
    """Reads a line: with editing and this session's history on a terminal; echoed where the input is a file or a pipe."""
    if sys.stdin.isatty():
        with contextlib.suppress(ImportError):  # not on Windows
            import readline  # noqa: F401 - its import gives ``input`` line editing
        return lambda: input(_COLOURED if console.is_terminal else _PROMPT)

    def echoed() -> str:
        line = input()
        console.print(f"{_PROMPT}{line}", markup=False, soft_wrap=True)
        return line

    return echoed
