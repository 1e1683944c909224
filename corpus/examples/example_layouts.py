"""A row as an example, in the layouts the field has.

question/answer (or ``answers``, as SQuAD's), prompt/completion, instruction/(input)/output (Alpaca, with ``history``),
instruction/context/response (Dolly), input/output, query/response, and chats.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from corpus.examples.chats import NO_WEIGHT, SYSTEM, Turn, chat_of, turns_before, turns_of
from corpus.examples.example_rows import Passed, Repeating, Row, Unusable, field_names, present, shown, text_of
from corpus.examples.reference_answers import SINGLE, answers_of, start_of, texts_of
from corpus.records import Example
from corpus.text.sentences import sentences

QUESTIONS = ("question", "query", "prompt", "instruction", "input")
ANSWERS = (*SINGLE, "answers")
CHATS = ("messages", "conversations", "conversation")
LAYOUTS = '"question" and "answer", "prompt" and "completion", "instruction" and "output", or "messages"'
LISTS = ("source", "evidence", "key")
_HEADS = ("instruction", "prompt")
_INPUTS = ("input", "query")
_TAUGHT = {*LISTS, "id", "kind"}
_SYSTEMS = ("system", "system_prompt")
CONTEXT = "a context that does not hold the answer word for word"


@dataclass(frozen=True)
class RowExample:
    """The example of a row, and what of the row is kept beside it and not learned."""

    example: Example
    beside: tuple[str, ...] = ()


@dataclass
class _Pair:
    question: str
    answers: tuple[str, ...]
    """Empty: it is not known."""
    beside: dict[str, str] = field(default_factory=dict)
    """What is not learned, by what it is."""
    used: set[str] = field(default_factory=set)


def is_example(value: Mapping[str, object]) -> bool:
    """Do its fields name a layout?"""
    names = {name_of(key) for key in value}
    return any(c in names for c in CHATS) or (any(q in names for q in QUESTIONS) and any(a in names for a in ANSWERS))


@lru_cache(4096)
def name_of(key: str) -> str:
    """A field's name whatever its capitals and spaces: ``is_impossible`` for ``Is impossible ``."""
    return re.sub(r"[\s\ufeff_-]+", "_", key.strip("\ufeff \t\n\r\xa0")).lower()


def row_example(row: Row, default_id: str) -> RowExample:
    """The example of a row. Raises ``Unusable`` where it has to be mended, ``Passed`` where it holds none to learn."""
    fields = _fields(row.value)
    chat = next((c for c in CHATS if c in fields), None)
    pair = _of_chat(fields, chat) if chat else _of_pair(fields, cells=row.cells)
    lists = {name: tuple(texts_of(fields.get(name), name)) for name in LISTS}
    lists["evidence"] = lists["evidence"] or _evidence(fields, pair)
    if any(fields.get(name) for name in _SYSTEMS):
        pair.beside.setdefault(SYSTEM, "")
    extra = {kind.partition(":")[0]: text for kind, text in pair.beside.items() if text}
    for key, value in present(row.value if isinstance(row.value, dict) else {}):
        if name_of(key) not in _TAUGHT | pair.used and (text := _text(value)):
            extra[key] = text
    first, *more = pair.answers or (None,)
    example = Example(
        id=_text(fields.get("id")) or default_id,
        question=pair.question,
        answer=first,
        kind=_text(fields.get("kind")) or "fact",
        answers=tuple(a for a in more if a),
        extra=extra,
        **lists,
    )
    return RowExample(example, tuple(pair.beside))


def _fields(value: object) -> dict[str, object]:
    """The fields of a row by their names without capitals; NaN is left out where it is not the question or answer."""
    if not isinstance(value, dict):
        raise Unusable(shown(value), "a JSON object")
    if isinstance(value, Repeating):
        raise Unusable("it is there twice", "each field once", field=value.key)
    if not is_example(value):
        lists = [key for key, item in value.items() if isinstance(item, list) and item and isinstance(item[0], dict)]
        mend = "name a file that holds one of the lists alone" if len(lists) > 1 else ""
        raise Unusable(f"fields {', '.join(field_names(value)) or 'none'}", LAYOUTS, mend)
    fields: dict[str, object] = {}
    for key, entry in present(value):
        if name_of(key) in fields:
            raise Unusable("it is there twice", "each field once", field=key)
        fields[name_of(key)] = entry
    asking = [key for key in value if name_of(key) in QUESTIONS]
    if not any(name in fields for name in (*QUESTIONS, *CHATS)):
        raise Unusable("no value (NaN)", "text", field=(asking or ["messages"])[0])
    return fields


def _of_chat(fields: dict[str, object], name: str) -> _Pair:
    if fields.get("weight", True) in NO_WEIGHT:
        raise Passed("its weight is 0: it is not to be learned")
    return _from_turns(turns_of(fields[name], name), name, {name})


def _from_turns(turns: list[Turn], name: str, used: set[str]) -> _Pair:
    chat = chat_of(turns, name)
    return _Pair(chat.question, (chat.answer,), chat.beside, used)


def _of_pair(fields: dict[str, object], *, cells: bool) -> _Pair:
    asking = next(q for q in QUESTIONS if q in fields)
    prompt = fields[asking]
    if isinstance(prompt, list) and any(isinstance(turn, dict) for turn in prompt):
        return _of_prompt(fields, asking)
    question, used = _question(fields, asking)
    before = turns_before(fields.get("history"))
    question = "\n".join([*(t.text for t in before if t.text and t.role != "system"), question])
    answers, fields_read = answers_of(fields, cells=cells)
    return _Pair(question, answers, used=used | fields_read | {"history"})


def _question(fields: dict[str, object], asking: str) -> tuple[str, set[str]]:
    """The question and the fields that hold it: an instruction stands above what it is about."""
    head = next((q for q in _HEADS if q in fields), None)
    subject = next((q for q in _INPUTS if q in fields), None)
    if head is None or subject is None or asking not in (head, subject):
        return text_of(fields[asking], asking), {asking}
    filled = [q for q in (head, subject) if fields[q] not in (None, "") and str(fields[q]).strip()]
    return "\n".join(text_of(fields[q], q) for q in filled or [head]), {head, subject}


def _of_prompt(fields: dict[str, object], asking: str) -> _Pair:
    """A prompt that is a list of turns, with the reply as turns or as text."""
    turns = turns_of(fields[asking], asking)
    replying = next((a for a in ANSWERS if a in fields), "completion")
    reply = fields.get(replying, math.nan)
    turns += turns_of(reply, replying) if isinstance(reply, list) else [Turn("assistant", text_of(reply, replying))]
    return _from_turns(turns, asking, {asking, replying})


def _evidence(fields: dict[str, object], pair: _Pair) -> tuple[str, ...]:
    """The sentence of a context that holds the answer word for word. The whole of it may stand in several passages."""
    context = fields.get("context")
    if not isinstance(context, str) or not context.strip():
        return ()
    pair.used.add("context")
    for answer in pair.answers:
        start = start_of(fields.get("answers"))
        stated = start >= 0 and answer == pair.answers[0] and context.startswith(answer, start)
        match = re.search(rf"(?<!\w){re.escape(answer)}(?!\w)", context)
        at = start if stated else match.start() if match else len(context)
        if holding := [context[a:b] for a, b in sentences(context) if a < at + len(answer) and b > at]:
            return tuple(holding)
    if pair.answers:
        pair.beside[CONTEXT] = context
    return ()


def _text(value: object) -> str:
    """A value as text; empty where there is none."""
    if value is None or value == "" or value == [] or value == {}:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
