"""An examples file as examples, faults, and what it holds that is not learned."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from corpus.documents.encodings import encoding_of
from corpus.errors import Fault, InputError, Omission
from corpus.examples import csv_examples, json_examples
from corpus.examples.example_layouts import LAYOUTS, row_example
from corpus.examples.example_rows import Passed, Row, Unusable
from corpus.records import Example

_TABLES = {".csv": ",", ".tsv": "\t", ".tab": "\t"}
_JSON = (".json", ".jsonl", ".ndjson")
_PACKED = {
    b"PAR1": ("Parquet", 'pandas.read_parquet(FILE).to_json("examples.jsonl", orient="records", lines=True)'),
    b"ARROW1": ("Arrow", 'pandas.read_feather(FILE).to_json("examples.jsonl", orient="records", lines=True)'),
    b"SQLite format 3": ("an SQLite database", "export the table as CSV"),
    b"\xd0\xcf\x11\xe0": ("an Excel or Office file", "save it as CSV UTF-8"),
    b"PK\x03\x04": ("an Excel or Office file, or a zip archive", "save it as CSV UTF-8, or unpack it"),
    b"\x1f\x8b": ("gzip", "unpack it"),
    b"BZh": ("bzip2", "unpack it"),
    b"\x28\xb5\x2f\xfd": ("Zstandard", "unpack it"),
    b"%PDF": ("PDF", "write questions and answers as CSV or JSON"),
}
"""How files begin that are no text, and what to make of them."""


@dataclass(frozen=True)
class ExamplesFile:
    """The examples of a file with where each stands, what cannot be used, and what is not learned on purpose."""

    name: str
    examples: tuple[Example, ...]
    lines: tuple[int | None, ...]
    """The line of each example; None where its file has no lines of its own for each."""
    faults: tuple[Fault, ...] = ()
    """Rows that have to be mended."""
    left_out: tuple[Omission, ...] = ()
    """Rows that are in order and hold nothing to learn: of weight 0, or without an answer in words."""
    beside: tuple[Omission, ...] = ()
    """What rows hold beside their question and answer that is not learned: system prompts, contexts."""

    def require(self) -> ExamplesFile:
        """Itself. Raises ``InputError`` with every fault where there is one, or where there is no example."""
        if self.faults:
            count = "1 row" if len(self.faults) == 1 else f"{len(self.faults)} rows"
            summary = f"{self.name}: {count} not usable"
            raise InputError(summary, self.faults, mend="correct or remove them; nothing was changed")
        if not self.examples:
            wanted = f"write one JSON object a line with {LAYOUTS}"
            raise InputError(f"{self.name}: no examples in it", self.left_out, mend=wanted)
        return self


def examples_file(path: Path) -> ExamplesFile:
    """Everything in ``path``, usable or not. Raises ``InputError`` for what is no file of text."""
    text = _text(path)
    examples: list[Example] = []
    lines: list[int | None] = []
    faults: list[Fault] = []
    left_out: list[Omission] = []
    beside: list[Omission] = []
    places: dict[str, str] = {}
    for row in _rows(path, text):
        if isinstance(row, Fault):
            faults.append(row)
            continue
        where = row.where(path.name)
        try:
            entry = row_example(row, f"{path.stem}-{row.place}")
        except Unusable as error:
            faults.append(error.fault(where))
        except Passed as reason:
            left_out.append(Omission(where, str(reason)))
        else:
            if first := places.get(entry.example.id):
                problem = f'"{entry.example.id}" stands on {first} too'
                faults.append(Fault(f'{where}, field "id"', problem, "an id of its own"))
                continue
            places[entry.example.id] = where.removeprefix(f"{path.name}, ")
            examples.append(entry.example)
            lines.append(row.line)
            beside += [Omission(where, kind) for kind in entry.beside]
    return ExamplesFile(path.name, tuple(examples), tuple(lines), tuple(faults), tuple(left_out), tuple(beside))


def _rows(path: Path, text: str) -> Iterator[Row | Fault]:
    suffix = path.suffix.lower()
    as_json = suffix in _JSON or (suffix not in _TABLES and text.lstrip().startswith(("{", "[")))
    if as_json:
        return json_examples.rows(text, path.name)
    return csv_examples.rows(text, path.name, _TABLES.get(suffix, ","))


def _text(path: Path) -> str:
    """The file's text with ``\n`` behind each line. Raises ``InputError`` where it is none."""
    if not path.is_file():
        problem = "a folder" if path.is_dir() else "no such file"
        raise InputError(f"{path}: {problem}", mend="name a .jsonl, .json or .csv file with questions and answers")
    raw = path.read_bytes()
    for begins, (kind, mend) in _PACKED.items():
        if raw.startswith(begins):
            raise InputError(f"{path}: {kind} is not read as examples", mend=mend)
    try:
        encoding, broken = encoding_of(path)
        text = raw.decode(encoding, "strict" if broken == "replace" else broken)
    except (ValueError, LookupError) as error:
        at = f"byte {error.start}" if isinstance(error, UnicodeDecodeError) else str(error)
        raise InputError(f"{path}: its text cannot be read ({at})", mend="save it as UTF-8") from error
    return text.replace("\r\n", "\n").replace("\r", "\n")
