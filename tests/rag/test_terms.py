"""What a text is found by: codes, numbers and single characters exactly, scripts without spaces by pairs of characters."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.records import Document, Section
from rag.index.bm25_files import WordCounts, Words
from rag.index.index import Index
from rag.index.terms import EXACT, terms_of, words_of
from rag.retrieve.retrieve import Retriever
from tests.fakes import FakeEmbedder

_PARTS = [f"Code: C-{n}; Part: cleat of brass; Shelf: {n % 7 + 10}" for n in range(1, 13)]
_PARTS += [f"Code: AR-{n}; Part: latch of steel; Shelf: {n + 20}" for n in range(1, 10)]
_PARTS += [f"Code: PPR-{n}; Part: rowlock of nylon; Shelf: {n - 9000}" for n in range(9081, 9093)]
_RELEASES = [f"Release {n} is out since {place}." for n, place in
             (("4.2.1", "May"), ("4.2.10", "June"), ("4.2.2", "July"), ("4.10.2", "August"), ("14.2.1", "April"))]  # fmt: skip
_GRADES = [f"Grade {n}: water of that grade." for n in range(1, 6)]
_ZONES = [f"Zone {letter} is for sailing." for letter in "ABCDI"]
_SEATS = ["The stand seats 1,043 spectators.", "The tent holds 2,500 spectators.", "The hall seats 430 spectators."]
_OTHERS = [
    "We build in C++.",
    "We build in C.",
    "We build in C# too.",
    "See § 5 of the statutes.",
    "See § 15 of the statutes.",
    "A 3/4 inch bolt.",
    "A 1/4 inch bolt.",
    "自転車は無料です。",
    "船は有料です。",
    "ราคาบัตร 20 บาท",
    "ห้องสมุดเปิดทุกวัน",
    "किताब मुफ़्त है।",
    "नाव महँगी है।",
]
_RACK = [*_PARTS, *_RELEASES, *_GRADES, *_ZONES, *_SEATS, *_OTHERS]


@pytest.fixture(scope="module")
def rack(tmp_path_factory: pytest.TempPathFactory) -> Words:
    counts = WordCounts(tmp_path_factory.mktemp("terms") / "words")
    for text in _RACK:
        counts.add(terms_of(text))
    counts.finish()
    return Words(counts.folder)


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ("C-8", "C-8;"),
        ("what is part c-1?", "C-1;"),
        ("Where is AR-7?", "AR-7;"),
        ("AR7", "AR-7;"),
        ("ar 7", "AR-7;"),
        ("PPR-9087", "PPR-9087;"),
        ("PPR\u20119090", "PPR-9090;"),
        ("What is new in release 4.2.1?", "4.2.1 "),
        ("4.2.10", "4.2.10 "),
        ("release 4.10.2", "4.10.2 "),
        ("Grade 3", "Grade 3"),
        ("water of grade 5", "Grade 5"),
        ("Zone B", "Zone B"),
        ("zone a", "Zone A"),
        ("Zone I", "Zone I"),
        ("1043 spectators", "1,043"),
        ("1,043", "1,043"),
        ("1\u202f043", "1,043"),
        ("2500", "2,500"),
        ("C++", "C++"),
        ("c#", "C#"),
        ("§5", "§ 5"),
        ("3/4", "3/4"),
        ("shelf 26", "AR-6"),
        ("無料", "自転車は無料"),
        ("船", "船は"),
        ("ราคา", "ราคาบัตร"),
        ("किताब", "किताब"),
        ("Ｃ－８", "C-8;"),
    ],
)
def test_the_text_with_exactly_that_code_comes_first(rack: Words, asked: str, wanted: str) -> None:
    scores = rack.scores(asked, len(_RACK))
    best = int(scores.argmax())
    assert wanted in _RACK[best]
    assert sum(scores == scores[best]) == 1


def test_the_code_also_decides_where_vectors_are_alike(tmp_path: Path) -> None:
    class Alike(FakeEmbedder):
        """Codes are one to it, as to many an embedder."""

        def embed(self, texts: Sequence[str]):  # type: ignore[no-untyped-def]
            return super().embed(["".join(c for c in t if not c.isdigit()) for t in texts])

    embedder = Alike()
    index = Index(tmp_path / "index", embedder, max_tokens=8)
    index.build([Document(f"{n}.md", "", text, (Section(text),)) for n, text in enumerate(_RACK)])
    found = Retriever(index, embedder).retrieve("Where do I find PPR-9087?", 1)
    assert "PPR-9087" in found[0].passage.text


def test_plain_text_has_plain_words_alone() -> None:
    told = "I can't say what the children's tents cost, nor do I know a shop; can I ask a friend?"
    assert terms_of(told) == words_of(told)
    assert "=" not in "".join(terms_of(told, asked=False))


def test_accents_and_width_do_not_matter_but_other_signs_of_a_script_do() -> None:
    assert words_of("Café Müller Straße") == words_of("cafe muller strasse")
    assert words_of("ＡＢＣ") == ["abc"]
    assert words_of("किताब") != words_of("कतब")
    assert words_of("мой") != words_of("мои")


_TEXT = st.text(st.sampled_from("aBcI 0123456789.,-/'’+#§:\n水船ราค é"), max_size=40)


@given(_TEXT)
def test_a_question_in_the_words_of_a_text_finds_each_of_its_plain_words_and_codes(text: str) -> None:
    there, asked = terms_of(text), terms_of(text, asked=True)
    assert {t for t in asked if not t.startswith(EXACT)} == {t for t in there if not t.startswith(EXACT)}
    codes = {t for t in asked if t.startswith(EXACT) and any(c.isdigit() for c in t)}
    assert codes <= set(there)
