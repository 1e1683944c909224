"""Documents into passages: where they are cut, what they repeat, and rows of tables."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.documents.formats.table_rows import row_text
from corpus.documents.formats.text.markdown_table import tables_apart
from corpus.examples.evidence_passages import Evidence
from corpus.records import Document, Example, Passage, Section
from rag.index.chunk import WHOLE, CountTokens, chunk
from rag.index.write_index import embedded_text


def _count(texts: list[str]) -> list[int]:
    return [len(t.split()) for t in texts]


def _document(*sections: tuple[str, bool]) -> Document:
    text, made = "", []
    for words, table in sections:
        made.append(Section(words, start=len(text), table=table))
        text += words + "\n\n"
    return Document("a.md", "A", text, tuple(made))


_TEXT = st.lists(st.sampled_from(["one", "two.", "three!\n", "four\n\n", "five, six"]), min_size=1, max_size=60).map(
    " ".join
)


@given(_TEXT, st.integers(2, 20), st.integers(0, 10))
def test_passages_stand_at_their_offsets_lose_no_word_and_repeat_only_what_overlap_allows(
    text: str, limit: int, overlap: int
) -> None:
    document = _document((text, False))
    passages = chunk(document, _count, max_tokens=limit, overlap=overlap)
    end = 0
    for passage in passages:
        assert document.text[passage.start : passage.end] == passage.text
        assert _count([passage.text])[0] <= limit or not re.search(r"[.!?]\s|\n", passage.text), "one sentence"
        assert passage.end > end, "each goes further than the one before"
        if passage.start < end:
            assert _count([document.text[passage.start : end]])[0] <= overlap
        else:
            assert not document.text[end : passage.start].strip()
        end = passage.end
    assert not document.text[end:].strip()


def test_with_overlap_a_passage_begins_with_the_end_of_the_one_before() -> None:
    document = _document(("One two three. Four five. Six seven eight. Nine ten.", False))
    texts = [p.text for p in chunk(document, _count, max_tokens=6, overlap=3)]
    assert texts == ["One two three. Four five.", "Four five. Six seven eight.", "Six seven eight. Nine ten."]


def test_a_sentence_stays_whole_and_only_a_very_long_one_is_cut_at_words() -> None:
    sentence, endless = "Word " + "word " * 19 + "end.", "Word " + "word " * 399 + "end."
    texts = [p.text for p in chunk(_document((f"First. {sentence} {endless}", False)), _count, max_tokens=10)]
    assert texts[:2] == ["First.", sentence]
    assert len(texts) > 3
    assert all(_count([t])[0] <= WHOLE for t in texts[2:])


def _pieces_of_words(texts: list[str]) -> list[int]:
    """A token for every six characters of a word, as tokenizers part long words."""
    return [sum(-(-len(w) // 6) for w in t.split()) for t in texts]


def _characters(texts: list[str]) -> list[int]:
    return [len("".join(t.split())) for t in texts]


def _blind(texts: list[str]) -> list[int]:
    """One token for each unbroken string, however long: how WordPiece counts what it does not know."""
    return _count(texts)


@pytest.mark.parametrize("count", [_pieces_of_words, _characters, _blind])
@given(
    st.lists(
        st.sampled_from(["x" * 5000, "aGk0/" * 900, "水" * 700, "มีดํา" * 200, "word. ", "Next one ", "。", "\n"]),
        min_size=1,
        max_size=6,
    ).map("".join)
)
@settings(max_examples=30, deadline=None)
def test_nothing_is_longer_than_the_embedder_reads_and_no_letter_is_lost(count: CountTokens, text: str) -> None:
    for table in (False, True):
        document = Document("a.md", "Title", text, (Section(text, "Heading " * 8, table=table),))
        passages = chunk(document, count, max_tokens=32, read=128)
        assert "".join("".join(p.text for p in passages).split()) == "".join(text.split())
        for p in passages:
            assert count([f"{p.label}\n{p.text}"])[0] <= 126
            assert len(p.text) <= 2000
            assert unicodedata.category(p.text[0]) != "Mn", "a mark stays with its letter"


def test_pieces_that_count_as_one_token_are_not_joined_beyond_what_is_read() -> None:
    text = "มีดํา" * 200 + "word. " + "มีดํา" * 200
    passages = chunk(Document("a.md", "", text, (Section(text),)), _blind, max_tokens=32)
    assert max(len(p.text) for p in passages) < 2000
    assert "".join("".join(p.text for p in passages).split()) == "".join(text.split())


def test_a_very_long_heading_is_embedded_behind_its_passage() -> None:
    heading = "How to fold the large tent " * 12
    text = "It folds. " * 200
    document = Document("a.md", "Tents", text, (Section(text, heading),))
    for passage in chunk(document, _count, read=64):
        assert embedded_text(passage).startswith(passage.text)
        assert _count([passage.text])[0] <= 62


def test_passages_are_cut_where_quotations_are() -> None:
    text = "A cart carries approx. 40 kg. Ask Dr. Marlow at no. 17. 自転車は無料です。船は有料です。"
    texts = [p.text for p in chunk(_document((text, False)), _characters, max_tokens=24)]
    assert texts == ["A cart carries approx. 40 kg.", "Ask Dr. Marlow at no. 17.", "自転車は無料です。船は有料です。"]


def test_a_row_of_a_table_is_never_cut_and_short_ones_share_a_passage() -> None:
    long = "Model: Forest; " + "; ".join(f"Column {n}: value" for n in range(8))
    document = _document(("Before it.", False), (f"A: 1; B: 2\nA: 3; B: 4\n{long}", True))
    texts = [p.text for p in chunk(document, _count, max_tokens=9)]
    assert texts == ["Before it.", "A: 1; B: 2\nA: 3; B: 4", long]


def test_rows_of_a_markdown_table_carry_the_names_of_their_columns() -> None:
    lines = [
        "Text.",
        "| Model | Weight |",
        "|:--|--:|",
        "| Solo | 1.35 kg |",
        "| Duo \\| Pro | |",
        "",
        "a | b",
        "After.",
    ]
    assert list(tables_apart(lines)) == [
        (["Text."], False),
        (["Model: Solo; Weight: 1.35 kg", "Model: Duo | Pro"], True),
        (["", "a | b", "After."], False),
    ]
    assert list(tables_apart(["| Only | names |", "|---|---|"])) == [([], False), (["Only; names"], True), ([], False)]
    code = ["```", "| a | b |", "|---|---|", "| 1 | 2 |", "```"]
    assert list(tables_apart(code)) == [(code, False)]
    assert row_text(["1", "2"], ["A"]) == "A: 1; 2"


def test_evidence_quoted_as_a_row_of_markdown_is_found_in_the_row_as_it_is_read() -> None:
    rows = Passage("1", "Model: Solo; Persons: 1; Weight: 1.35 kg\nModel: Duo; Persons: 2; Weight: 2.2 kg", "a.md")
    known = Evidence([rows])
    example = Example("e", "How heavy is the Duo?", "2.2 kg", evidence=("| Duo | 2 | 2.2 kg |",))
    assert known.right(example) == (rows,)
    wrong = Example("f", "How heavy is the Duo?", "2.2 kg", evidence=("| Duo | 2.2 kg | 2 |",))
    assert known.right(wrong) == ()
