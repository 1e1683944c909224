"""Files of keys and values that people write, in YAML or JSON: any Unicode encoding, no key twice."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus.errors import Fault, InputError

if TYPE_CHECKING:
    from yaml import MappingNode, Node

_WIDE_MARKS = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_MEND = 'write "key: value" on each line'
_CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")


def read_keyed(file: Path) -> dict[str, Any]:
    """The keys and values of a file. Raises ``InputError`` with line and mend for what cannot be read, or stands twice."""
    return parse_keyed(text_of(file), file.name, as_json=file.suffix.lower() == ".json")


def text_of(file: Path) -> str:
    """A settings file's text: UTF-8, or UTF-16 and UTF-32 as Windows writes them. Raises ``InputError`` for any other.

    A legacy encoding is not guessed: a wrong letter in a path or a word would be believed.
    """
    from corpus.documents.encodings import encoding_of

    raw = file.read_bytes()
    try:
        encoding, _ = encoding_of(file)
        if not raw.startswith((codecs.BOM_UTF8, *_WIDE_MARKS)) and not encoding.startswith(("utf-16", "utf-32")):
            encoding = "utf-8"
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        where = f"{file.name}, line {line}"
        fault = Fault(where, f"byte 0x{raw[error.start]:02x} is not UTF-8 ({encoding_of(file)[0]}?)", "UTF-8 or UTF-16")
        raise InputError(f"{file}: the encoding is not known for certain", [fault], "save the file as UTF-8") from error
    except ValueError as error:
        raise InputError(f"{file}: {error}", mend="name a text file of keys and values, in UTF-8") from error


def parse_keyed(text: str, name: str, *, as_json: bool = False) -> dict[str, Any]:
    """The keys and values of a text; ``name`` is what messages call it. Raises ``InputError`` as ``read_keyed`` does."""
    document = _json(text, name) if as_json else _yaml(text, name)
    if not isinstance(document, dict):
        raise InputError(f"{name}: {type(document).__name__}; wanted keys and values", mend=_MEND)
    return document


def yaml_text(value: str) -> str:
    """A text as YAML reads it back, on one line: quoted where it would be a number, a comment, null or something else.

    >>> yaml_text("FAQ #2.jsonl"), yaml_text("faq.jsonl")
    ("'FAQ #2.jsonl'", 'faq.jsonl')
    """
    import yaml

    style = '"' if _CONTROL.search(value) else None
    line = yaml.safe_dump(value, allow_unicode=True, width=2**30, default_style=style)
    return str(line).removesuffix("\n").removesuffix("\n...")


def _json(text: str, name: str) -> Any:
    doubled: list[str] = []

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        for key, value in pairs:
            if key in mapping:
                doubled.append(key)
            mapping[key] = value
        return mapping

    try:
        document = json.loads(text, object_pairs_hook=once)
    except json.JSONDecodeError as error:
        where = f"{name}, line {error.lineno}, column {error.colno}"
        raise InputError(f"{where}: not JSON ({error.msg})", mend="correct that line") from error
    _require_once(name, [(key, _lines_of(key, text)) for key in doubled])
    return document


def _lines_of(key: str, text: str) -> list[int]:
    """The lines on which a JSON object has this key."""
    wanted = re.compile(re.escape(json.dumps(key, ensure_ascii=False)) + r"\s*:")
    return [text.count("\n", 0, match.start()) + 1 for match in wanted.finditer(text)]


def _yaml(text: str, name: str) -> Any:
    import yaml

    try:
        root: Any = yaml.compose(text, Loader=yaml.SafeLoader)
        _require_once(name, list(_doubled(root)))
        return yaml.safe_load(text) or {}
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{name}, line {mark.line + 1}, column {mark.column + 1}" if mark else name
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "malformed"
        raise InputError(f"{where}: not YAML ({problem})", mend=_MEND) from error


def _doubled(node: Node | None) -> Iterator[tuple[str, list[int]]]:
    """Each key that one mapping has more than once, with its lines."""
    from yaml import MappingNode, SequenceNode

    if isinstance(node, MappingNode):
        lines: dict[str, list[int]] = {}
        for key, value in node.value:
            lines.setdefault(_name(key), []).append(key.start_mark.line + 1)
            yield from _doubled(value)
        yield from ((key, at) for key, at in lines.items() if len(at) > 1 and key != "<<")
    elif isinstance(node, SequenceNode):
        for value in node.value:
            yield from _doubled(value)


def _name(key: Node | MappingNode) -> str:
    return str(key.value) if isinstance(key.value, str) else f"{key.start_mark.line}:{key.start_mark.column}"


def _require_once(name: str, doubled: list[tuple[str, list[int]]]) -> None:
    faults = [
        Fault(
            f'{name}, line {lines[-1] if lines else "?"}, key "{key}"',
            f"stands on line {lines[0]} too" if lines else "twice",
        )
        for key, lines in doubled
    ]
    if faults:
        raise InputError(f"{name}: a key stands twice", faults, mend="keep one of them: the other one would be ignored")
