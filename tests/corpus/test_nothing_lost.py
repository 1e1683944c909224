"""What stands in a file is indexed, masked or named: files of known words through reading, protection and cutting."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.data.known import KINDS, known_files
from corpus.documents.read_documents import documents_of
from corpus.errors import Fault, Omission
from corpus.privacy.protect import Policy, Protector
from corpus.records import Document, Passage
from rag.index.chunk import chunk

FILES = 3 * len(KINDS)


def _count(texts: list[str] | tuple[str, ...]) -> list[int]:
    return [len(text) // 4 + 1 for text in texts]


def _number(kind: str, value: str) -> int:
    return len(kind + value)


def _passages(document: Document) -> tuple[Passage, ...]:
    return chunk(document, _count, max_tokens=32)


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, int]]:
    """By file: all that its passages and their labels say, and how many omissions are named."""
    folder = tmp_path_factory.mktemp("known")
    for _, name, known in known_files(FILES, seed=7):
        (folder / name).write_bytes(known.content)
    told: dict[str, tuple[str, int]] = {}
    protector = Protector(Policy(exact_duplicates="keep"), _number)
    for each in documents_of([(f, f.name) for f in sorted(folder.iterdir())]):
        name = each.source if isinstance(each, Document | Omission) else each.where
        text, named = told.get(name, ("", 0))
        if isinstance(each, Fault):
            told[name] = text, named + 1
            continue
        kept = protector.document(each)
        assert kept is not None
        told[name] = text + "\n".join(f"{p.label}\n{p.text}" for p in _passages(kept)), named
    return told


@pytest.mark.parametrize("number", range(FILES))
def test_every_word_of_a_file_is_indexed_and_what_is_not_valid_is_named(
    number: int, read: dict[str, tuple[str, int]]
) -> None:
    kind, name, known = list(known_files(FILES, seed=7))[number]
    said, named = _plain(read[name][0]), read[name][1]
    assert [w for w in known.seen if _plain(w) not in said] == [], kind
    assert [w for w in known.unseen if _plain(w) in said] == [], kind
    assert bool(known.unseen) <= bool(named), f"{kind}: what is left out is not named"


WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=300)


@given(st.lists(WORDS, min_size=1, max_size=12))
def test_passages_hold_every_character_that_is_no_space(paragraphs: list[str]) -> None:
    document = Document("a.txt", "A", "\n\n".join(paragraphs))
    held = set()
    for passage in _passages(document):
        assert document.text[passage.start : passage.end] == passage.text
        held |= set(range(passage.start, passage.end))
    assert [c for n, c in enumerate(document.text) if n not in held and not c.isspace()] == []


@given(st.lists(st.sampled_from(["jo@example.org", "words", "4111 1111 1111 1111", "in", "a row."]), max_size=20))
def test_protection_takes_what_it_counts_and_nothing_else(pieces: list[str]) -> None:
    protector = Protector(Policy("mask"), _number)
    kept = protector.document(Document("a.txt", "A", " ".join(pieces)))
    assert kept is not None
    left = kept.text.split()
    for plain in ("words", "in", "row."):
        assert left.count(plain) == " ".join(pieces).split().count(plain)
    hidden = sum(piece in ("jo@example.org", "4111 1111 1111 1111") for piece in pieces)
    assert sum(protector.report.found.values()) == hidden


def test_the_files_are_of_ten_formats(tmp_path: Path) -> None:
    assert len({name.rpartition(".")[2] for _, name, _ in known_files(len(KINDS), 0)}) == 10
