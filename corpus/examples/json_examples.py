"""Rows of JSON, whatever the file is called: one object a line, a list of objects, columns, or either within an object."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from corpus.errors import Fault
from corpus.examples.example_layouts import CHATS, is_example, name_of
from corpus.examples.example_rows import Row
from corpus.examples.json_decoder import NotJson, decoded, space

_A_LINE = "one JSON object a line"
_NESTED = ("paragraphs", "qas")
"""SQuAD: an article's paragraphs, and the questions on each."""
_SHARED = ("context", "title")
"""What a paragraph and an article say of each of their questions."""
Placed = tuple[int, object]
"""A value and the offset in the text where it begins."""


def rows(text: str, name: str) -> Iterator[Row | Fault]:
    """Every row of ``text``, and a fault for each line that is not JSON or, where it is one value, for the first place."""
    lines = [(n, line) for n, line in enumerate(text.split("\n"), 1) if line.strip()]
    if not lines:
        return
    if lines[0][1].lstrip().startswith("{") and _is_of_lines(lines):
        yield from _of_lines(lines, name)
        return
    placed, fault = [], None
    try:
        for entry in _entries(text):
            placed.append(entry)
    except NotJson as error:
        if not text.lstrip().startswith("[") and 2 * sum(map(_begins_object, lines)) > len(lines):
            yield from _of_lines(lines, name)
            return
        line, begins = text.count("\n", 0, error.at) + 1, text.rfind("\n", 0, error.at) + 1
        where = f"{name}, line {line}, column {error.at - begins + 1}"
        fault = Fault(where, f"not JSON ({error})", f"{_A_LINE}, or one list of objects")
    yield from _numbered(placed, text)
    if fault:
        yield fault


def _numbered(placed: Sequence[Placed], text: str) -> Iterator[Row]:
    """The rows with their lines, where no two share one."""
    breaks = [m.start() for m in re.finditer("\n", text)]
    at = [bisect_right(breaks, offset) + 1 if offset >= 0 else 0 for offset, _ in placed]
    apart = len(set(at)) == len(at) and 0 not in at
    for number, ((_, value), line) in enumerate(zip(placed, at, strict=True), 1):
        yield Row(value, number, line if apart else None)


def _is_of_lines(lines: Sequence[tuple[int, str]]) -> bool:
    """Is the first line an object by itself, with others below or behind it?"""
    objects = _whole(lines[0][1])
    return objects > 1 or (objects == 1 and len(lines) > 1)


def _begins_object(line: tuple[int, str]) -> bool:
    begin = line[1].strip()
    return begin.startswith("{") and len(begin) > 1


def _whole(line: str) -> int:
    """0 where the line does not begin with a whole object, 1 where it is one, 2 where more follows it."""
    start = len(line) - len(line.lstrip())
    try:
        value, end = decoded(line, start)
    except NotJson:
        return 0
    return 0 if not isinstance(value, dict) else 2 if line[end:].strip() else 1


def _of_lines(lines: Sequence[tuple[int, str]], name: str) -> Iterator[Row | Fault]:
    number = 0
    for n, line in lines:
        start = len(line) - len(line.lstrip())
        try:
            value, end = decoded(line, start)
        except NotJson as error:
            yield Fault(f"{name}, line {n}, column {error.at + 1}", f"not JSON ({error})", _A_LINE)
            continue
        if rest := line[end:].strip():
            several = rest.startswith("{")
            problem = "more than one object on the line" if several else f'"{rest[:1]}" behind the object'
            mend = "break the line there" if several else "remove it"
            yield Fault(f"{name}, line {n}, column {end + 1}", problem, _A_LINE, mend)
            continue
        for _, question in _questions(line, (start, value), {}):
            number += 1
            yield Row(question, number, n)


def _entries(text: str) -> Iterator[Placed]:
    at = space(text, 0)
    if text[at : at + 1] == "[":
        for placed in _elements(text, at, alone=True):
            yield from _questions(text, placed, {})
        return
    first = at
    while at < len(text):
        value, end = decoded(text, at)
        behind = space(text, end)
        is_only = at == first and behind == len(text)
        yield from _of_object(text, (at, value)) if is_only else _questions(text, (at, value), {})
        at = behind


def _of_object(text: str, placed: Placed) -> Iterator[Placed]:
    """The rows within the one object of a file; itself where it is one."""
    at, value = placed
    if not isinstance(value, dict):
        yield from _questions(text, placed, {})
        return
    if columns := _columns(value):
        yield from ((-1, row) for row in columns)
        return
    holding = [key for key, member in value.items() if isinstance(member, list) and member and _all_objects(member)]
    if is_example(value) or any(key in value for key in _NESTED) or len(holding) != 1:
        yield from _questions(text, placed, {})
        return
    for key, start, _ in _members(text, at):
        if key == holding[0]:
            for element in _elements(text, start):
                yield from _questions(text, element, {})


def _questions(text: str, placed: Placed, shared: dict[str, object]) -> Iterator[Placed]:
    """The questions below an article or a paragraph of SQuAD, each with its context; any other value as it is."""
    at, value = placed
    inner = next((key for key in _NESTED if isinstance(value, dict) and isinstance(value.get(key), list)), None)
    if inner is None:
        yield (at, {**shared, **value}) if isinstance(value, dict) and shared else placed
        return
    assert isinstance(value, dict)
    shared = shared | {key: value[key] for key in _SHARED if key in value}
    for key, start, _ in _members(text, at):
        if key == inner:
            for element in _elements(text, start):
                yield from _questions(text, element, shared)


def _columns(value: dict[str, object]) -> list[dict[str, object]]:
    """The rows of what pandas writes as one object: "split", "index", columns by index (its default), lists of cells."""
    names, cells = value.get("columns"), value.get("data")
    if isinstance(names, list) and isinstance(cells, list) and all(isinstance(c, list) for c in cells):
        return [dict(zip(map(str, names), row, strict=False)) for row in cells]
    columns = {name: column for name, column in value.items() if isinstance(column, dict)}
    if len(columns) == len(value) and all(map(is_example, columns.values())):
        return list(columns.values())
    if not is_example(value):
        return []
    if len(columns) == len(value):
        index = list(dict.fromkeys(key for column in columns.values() for key in column))
        return [{name: column[key] for name, column in columns.items() if key in column} for key in index]
    lists = {name: column for name, column in value.items() if isinstance(column, list)}
    if len(lists) < len(value) or len({len(c) for c in lists.values()}) > 1 or any(_is_cell(*c) for c in lists.items()):
        return []
    return [dict(zip(lists, row, strict=True)) for row in zip(*lists.values(), strict=True)]


def _is_cell(name: str, cells: Sequence[object]) -> bool:
    """Is the list the value of one row, as a chat is one of turns, and no column?"""
    if name_of(name) in CHATS:
        return not all(isinstance(cell, list) for cell in cells)
    return any(isinstance(cell, dict) and "role" in cell for cell in cells)


def _all_objects(entries: Sequence[object]) -> bool:
    return all(isinstance(entry, dict) for entry in entries)


def _elements(text: str, at: int, *, alone: bool = False) -> Iterator[Placed]:
    """The entries of the list that begins at ``at``. ``alone``: nothing may stand behind it."""
    at = space(text, at + 1)
    while text[at : at + 1] != "]":
        value, end = decoded(text, at)
        yield at, value
        at = _next(text, end, "]", "entry")
    behind = space(text, at + 1)
    if alone and behind < len(text):
        raise NotJson("more behind the list", behind)


def _members(text: str, at: int) -> Iterator[tuple[str, int, object]]:
    """Key, offset and value of each member of the object that begins at ``at``."""
    at = space(text, at + 1)
    while text[at : at + 1] != "}":
        key, end = decoded(text, at)
        start = space(text, space(text, end) + 1)  # behind the colon
        value, end = decoded(text, start)
        yield str(key), start, value
        at = _next(text, end, "}", "field")


def _next(text: str, at: int, closing: str, entry: str) -> int:
    """The offset of the next entry, or of the ``closing`` bracket."""
    at = space(text, at)
    if text[at : at + 1] == closing:
        return at
    if text[at : at + 1] != ",":
        raise NotJson(f"no comma behind the {entry}" if at < len(text) else f'no "{closing}" at the end', at)
    behind = space(text, at + 1)
    if text[behind : behind + 1] == closing:
        raise NotJson(f"a comma behind the last {entry}", at)
    return behind
