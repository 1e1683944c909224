"""The conversation in the terminal: commands, follow-ups, interruptions, and screens of two widths."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
from rich.console import Console

from groundtune.assistant import Assistant
from groundtune.cli.chat_loop import COMMANDS, Chat
from groundtune.jobs.build_index import build_index
from groundtune.screens.chat_screen import Flow
from lm.answerer import Answer
from lm.questions.conversation import Conversation


@pytest.fixture
def built(assistant: Assistant) -> Assistant:
    """The small shop, indexed."""
    build_index(assistant)
    return assistant


def said(
    assistant: Assistant, lines: str, monkeypatch: pytest.MonkeyPatch, width: int = 80, arm: str = "extract"
) -> str:
    """What is on the screen after ``lines`` came through a pipe."""
    monkeypatch.setattr("sys.stdin", io.StringIO(lines))
    screen = io.StringIO()
    Chat(assistant.conversation(arm), assistant.answerer, Console(file=screen, width=width, highlight=False)).run()
    return screen.getvalue()


def test_follow_ups_are_understood_and_shown_until_a_new_subject(
    built: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = said(built, "When do refunds arrive?\n\nHow long is that?\n/new\nHow long is that?\n", monkeypatch)
    assert screen.count("asked: How long is that? (refunds arrive)") == 1
    assert screen.index("asked:") < screen.index("A new subject.")
    assert "Refunds arrive after 5 days." in screen


def test_sources_are_shown_in_full_at_their_offsets(built: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Nothing was answered yet." in said(built, "/sources\n", monkeypatch)
    screen = said(built, "When do refunds arrive?\n/sources\n", monkeypatch, 200)
    (first, *_) = built.answerer("extract").answer("When do refunds arrive?").citations
    assert f"(characters {first.start}–{first.end})\n“{first.quote}”" in screen
    reason = built.answerer("auto").answer("When do refunds arrive?").route
    assert reason
    assert reason.reason in said(built, "When do refunds arrive?\n/sources\n", monkeypatch, 200, "auto")


def test_the_arm_can_be_changed_and_a_wrong_one_ends_nothing(built: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    screen = said(built, "/arm nosuch\n/arm\n/arm rag\nWhen do refunds arrive?\n", monkeypatch)
    assert 'no arm "nosuch"' in screen
    assert "rag answers from here on." in screen
    assert "  rag · " in screen


def test_help_names_every_command_and_unknown_ones_lead_there(
    built: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = said(built, "/wat\n/quit\nWhen do refunds arrive?\n", monkeypatch)
    assert "There is no /wat." in screen
    assert all(name in screen for name in COMMANDS)
    assert "Refunds" not in screen


class _Interrupted:
    """An arm whose first answer is stopped by the user."""

    name = "interrupted"
    times = 0

    def answer(self, question: str) -> Answer:
        return Answer(question, "At nine.", self.name)

    def stream(self, question: str) -> Iterator[str | Answer]:
        yield "At "
        self.times += 1
        if self.times == 1:
            raise KeyboardInterrupt
        yield "nine."
        yield self.answer(question)


def test_an_interruption_stops_the_answer_and_not_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    arm = _Interrupted()
    monkeypatch.setattr("sys.stdin", io.StringIO("When do you open?\nWhen do you open?\n"))
    screen = io.StringIO()
    talk = Conversation(arm)
    Chat(talk, lambda _: arm, Console(file=screen, width=80)).run()
    assert "stopped" in screen.getvalue()
    assert "At nine." in screen.getvalue()
    assert [t.answer for t in talk.turns] == ["At nine."]


@pytest.mark.parametrize("width", [80, 120])
def test_a_terminal_gets_whole_words_within_its_width(width: int) -> None:
    screen = io.StringIO()
    flow = Flow(Console(file=screen, width=width, force_terminal=True, color_system=None))
    text = "Refunds arrive after five days, if all is well with the returned article. " * 6
    for at in range(0, len(text), 7):
        flow.write(text[at : at + 7])
    flow.end()
    lines = screen.getvalue().splitlines()
    assert max(map(len, lines)) <= width
    assert len(lines) > 2
    assert screen.getvalue().split() == text.split()


def test_a_pipe_gets_the_text_as_it_is() -> None:
    screen = io.StringIO()
    flow = Flow(Console(file=screen, width=20))
    flow.write("one [two] three\n| four five six seven eight nine |")
    flow.end()
    assert screen.getvalue() == "one [two] three\n| four five six seven eight nine |"


@pytest.mark.parametrize("width", [80, 120])
def test_screens_fit(built: Assistant, monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    screen = said(built, "/help\nWhen do refunds arrive?\n/arm rag\n/new\n", monkeypatch, width)
    assert all(len(line) <= width for line in screen.splitlines() if not line.startswith("Refunds"))
