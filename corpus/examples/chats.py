"""The question and answer of a chat: OpenAI's ``messages`` and ShareGPT's ``conversations``.

The answer is the last thing the assistant says, the question what the user says before it. What was said earlier stands
above the question, one turn a line: "And on Saturdays?" is not learned without what it goes on from.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from corpus.examples.example_rows import Passed, Unusable, shown, text_of

_ROLES = {
    "user": ("user", "human"),
    "assistant": ("assistant", "gpt", "model", "ai", "bot", "chatgpt", "bing", "bard"),
    "system": ("system", "developer"),
    "tool": ("tool", "function", "observation", "ipython"),
    "call": ("function_call", "tool_call"),
}
_ROLE_OF = {name: role for role, names in _ROLES.items() for name in names}
_CALLS = ("tool_calls", "function_call")
SYSTEM = "a system prompt: the assistant has its own"
TOOLS = "what tools returned"
EARLIER = "earlier replies: they stand above the question, the last one is learned"
LATER = "later turns of weight 0"
_LIST = "a list of turns with role and content"
NO_WEIGHT = (False, "0", "0.0", "0.00", 0)


@dataclass(frozen=True)
class Turn:
    """What one side says; None where it says nothing, as beside the call of a tool."""

    role: str
    text: str | None
    calls: bool = False
    learned: bool = True
    """False for a weight of 0: it is there to be read, not to be learned."""


@dataclass(frozen=True)
class Chat:
    """A question with what was said before it, its answer, and what else the row holds."""

    question: str
    answer: str
    beside: dict[str, str]
    """What is not learned, by kind; empty where its words are kept elsewhere or dropped."""


def turns_of(value: object, field: str) -> list[Turn]:
    """The turns of a chat. Raises ``Unusable`` for what is none, ``Passed`` for turns that are no text."""
    if isinstance(value, str):
        raise Unusable("a text", _LIST, "write the list itself, not a text that holds it", field=field)
    if not isinstance(value, list) or not value:
        raise Unusable("an empty list" if value == [] else shown(value), _LIST, field=field)
    return [_turn(turn, field) for turn in value]


def chat_of(turns: Sequence[Turn], field: str) -> Chat:
    """What a chat teaches. Raises ``Passed`` where it ends in no answer or in one that is not to be learned."""
    dialogue = [t for t in turns if t.role != "system"]
    if not any(t.role == "user" for t in dialogue):
        raise Unusable("no turn of a user", "a question and its answer", field=field)
    learned = _to_the_learned(dialogue)
    *before, last = learned
    if why := _teaches_nothing(last):
        raise Passed(why)
    question_at = max((n for n, t in enumerate(before) if t.role == "user"), default=-1)
    if question_at < 0:
        raise Passed("nothing is asked before what the assistant says")
    if not before[question_at].text:
        raise Unusable("the user's turn is empty", "text", field=field)
    question = [t for t in before[: question_at + 1] if t.role in ("user", "assistant")]
    beside = {
        SYSTEM: _joined([t for t in turns if t.role == "system"]),
        TOOLS: _joined([t for t in before if t.role == "tool"]),
    }
    beside_texts = {kind: text for kind, text in beside.items() if text}
    if any(t.role == "assistant" and t.text and t.learned for t in question):
        beside_texts[EARLIER] = ""
    if len(learned) < len(dialogue):
        beside_texts[LATER] = ""
    return Chat(_joined(question), _joined(_reply([*before[question_at + 1 :], last])), beside_texts)


def _teaches_nothing(last: Turn) -> str:
    """Why what ends with this turn holds nothing to learn; empty where it does."""
    if last.role == "user":
        return "the last turn is the user's: nothing answers it"
    if last.role == "tool":
        return "the last turn is what a tool returned: nothing answers the question"
    if last.calls:
        return "the reply is the call of a tool"
    return "" if last.text else "the assistant's last turn holds no text"


def turns_before(value: object, field: str = "history") -> list[Turn]:
    """What was said before: pairs of question and answer, as Alpaca's ``history`` has it, or turns."""
    if value in (None, "", []):
        return []
    if not isinstance(value, list):
        raise Unusable(shown(value), "a list of pairs: question and answer", field=field)
    if isinstance(value[0], dict):
        return turns_of(value, field)
    turns = []
    for pair in value:
        if not isinstance(pair, list) or len(pair) != 2 or not all(isinstance(text, str) for text in pair):
            raise Unusable(shown(pair), "pairs: question and answer", field=field)
        turns += [Turn("user", pair[0].strip()), Turn("assistant", pair[1].strip())]
    return turns


def _to_the_learned(dialogue: list[Turn]) -> list[Turn]:
    """The turns up to the last reply that is to be learned."""
    if dialogue[-1].role != "assistant" or dialogue[-1].learned:
        return dialogue
    last = max((n for n, t in enumerate(dialogue) if t.role == "assistant" and t.learned), default=-1)
    if last < 0:
        raise Passed("its weight is 0: it is not to be learned")
    return dialogue[: last + 1]


def _reply(turns: Sequence[Turn]) -> list[Turn]:
    """The last turn with those of the assistant directly before it."""
    reply: list[Turn] = []
    for turn in reversed(turns):
        if turn.role != "assistant" or turn.calls or not turn.learned:
            break
        reply.insert(0, turn)
    return reply


def _joined(turns: Sequence[Turn]) -> str:
    return "\n".join(t.text for t in turns if t.text)


def _turn(value: object, field: str) -> Turn:
    if not isinstance(value, dict):
        raise Unusable(shown(value), _LIST, field=field)
    name = value.get("role", value.get("from"))
    role = _ROLE_OF.get(name.strip().lower()) if isinstance(name, str) else None
    if role is None:
        problem = "a turn without a role" if name is None else f"the role {shown(name)}"
        raise Unusable(problem, "user, assistant, system or tool", field=field)
    content = next((value[key] for key in ("content", "value", "parts", "text") if value.get(key) is not None), None)
    calls = role == "call" or any(value.get(key) for key in _CALLS)
    learned = value.get("weight", True) not in NO_WEIGHT
    if role in ("tool", "call") and not isinstance(content, str):
        content = json.dumps(content, ensure_ascii=False) if content else None
    return Turn("assistant" if role == "call" else role, _content(content, field), calls, learned)


def _content(value: object, field: str) -> str | None:
    """The text of a turn, its parts joined."""
    if value is None or value == "" or value == []:
        return None
    if isinstance(value, str):
        return text_of(value, field) if value.strip() else None
    if not isinstance(value, list):
        raise Unusable(f"a turn that holds {shown(value)}", "text, or a list of its parts", field=field)
    texts = []
    for part in value:
        text = part.get("text") if isinstance(part, dict) else part
        if not isinstance(text, str):
            raise Passed("a part of a turn is no text")
        if text.strip():
            texts.append(text_of(text, field))
    return "\n".join(texts) or None
