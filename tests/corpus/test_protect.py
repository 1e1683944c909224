"""Masking by policy: sections stay where they say, documents and examples agree, no value is kept; cleaning; duplicates."""

from __future__ import annotations

import multiprocessing
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.documents.duplicates import Duplicates
from corpus.documents.read_documents import read_documents
from corpus.documents.rewrite import Edit, rewritten
from corpus.examples import read_examples
from corpus.privacy.protect import Policy, Protector
from corpus.privacy.pseudonyms import Pseudonyms
from corpus.records import Document, Example, Section
from corpus.text.clean import clean, cleaned
from tests.conftest import SAMPLE

CARD, IBAN, MAIL = "4111 1111 1111 1111", "DE89370400440532013000", "eva.lindner@post.example"


def protector(level: str = "mask", **policy: object) -> Protector:
    """A protector that numbers every value 7."""
    return Protector(Policy(level, **policy), lambda kind, value: 7)  # type: ignore[arg-type]


def document(*words: str, heading: str = "") -> Document:
    """A document with one section for each of ``words``."""
    sections, text = [], ""
    for each in words:
        sections.append(Section(each, heading, None, len(text)))
        text += each + "\n\n"
    return Document("a.md", heading or "a", text, tuple(sections))


def lies_right(made: Document) -> bool:
    return all(made.text[s.start : s.start + len(s.text)] == s.text for s in made.sections)


@settings(deadline=None)
@given(st.lists(st.sampled_from([f"card {CARD}.", f"to {IBAN}", MAIL, "nothing", "a\u200bb ﬁ\u00a0é"]), min_size=1))
def test_sections_lie_where_they_say_and_protecting_twice_changes_nothing(words: list[str]) -> None:
    made = protector().document(document(*words))
    assert made is not None
    assert lies_right(made)
    assert len(made.sections) == len(words)
    assert CARD not in made.text
    assert protector().document(made) == made


@settings(deadline=None, max_examples=50)
@given(st.data(), st.lists(st.text(min_size=1, max_size=9).filter(str.strip), min_size=1, max_size=5))
def test_any_edit_leaves_sections_right(data: st.DataObject, words: list[str]) -> None:
    before = document(*words)
    cuts = sorted(data.draw(st.sets(st.integers(0, len(before.text)), max_size=6)))
    edits = [Edit(a, b, "xyz") for a, b in zip(cuts[::2], cuts[1::2], strict=False)]
    made = rewritten(before, edits)
    assert lies_right(made)
    ends = [(s.start, s.start + len(s.text)) for s in made.sections]
    assert all(a[1] <= b[0] for a, b in pairwise(ends))
    assert len(made.text) == len(before.text) + sum(3 - (e.end - e.start) for e in edits)


@given(st.text())
def test_cleaning_ends_and_a_clean_text_comes_back(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    once.encode()


def test_what_eyes_do_not_see_is_gone() -> None:
    assert (
        clean("pass\u00adword\u200b ﬁve\u00a0km\r\ncafe\u0301\x07 a\u202eb \U000e0041x")
        == "password five km\ncafé ab x"
    )
    assert clean("می\u200cخواهم 👩\u200d🚀 x² ½") == "می\u200cخواهم 👩\u200d🚀 x² ½"
    made = cleaned(document("a\u200bb", "c\u00add", heading="T\u00adop"))
    assert (made.title, made.text, made.sections[1].heading) == ("Top", "ab\n\ncd\n\n", "Top")
    assert lies_right(made)


def test_the_sample_is_as_it_was_under_the_default_policy() -> None:
    keeper = Protector(Policy(), lambda kind, value: 1)
    for each in read_documents([SAMPLE / "documents"], SAMPLE).documents:
        assert keeper.document(each) == each
    for file in ("examples.jsonl", "questions.jsonl"):
        for example in read_examples(SAMPLE / file):
            made = keeper.example(example)
            assert made == example
            assert made.extra == example.extra
    assert keeper.report.found["email"] == 17
    assert not keeper.report.changed


def test_by_default_secrets_and_proven_numbers_are_masked_and_the_rest_is_counted() -> None:
    keeper = protector("proven")
    made = keeper.document(document(f"Write to {MAIL}; card {CARD}; password: kX9#mmq2L; IP 81.3.44.7"))
    assert made is not None
    assert made.text.strip() == f"Write to {MAIL}; card [CARD]; password: [PASSWORD]; IP 81.3.44.7"
    assert keeper.report.found == {"email": 1, "card": 1, "password": 1, "ip_address": 1}
    assert keeper.report.changed == {"card": 1, "password": 1}


def test_a_policy_for_one_kind_comes_before_the_level() -> None:
    keeper = protector("proven", actions={"email": "pseudonym", "card": "keep", "iban": "drop"})
    made = keeper.document(document(f"{MAIL}, {CARD}"))
    assert made is not None
    assert made.text.strip() == f"[EMAIL 7], {CARD}"
    assert keeper.document(document(IBAN)) is None
    assert keeper.example(Example("e9", "Which account?", IBAN)) is None
    assert keeper.report.dropped == ["a.md", "e9"]


@pytest.mark.parametrize("entry", [MAIL, MAIL.upper(), "@post.example", r"/eva\..*/"])
def test_what_is_allowed_is_neither_changed_nor_counted(entry: str) -> None:
    keeper = protector("mask", allow=(entry,))
    before = document(f"{MAIL} but not other@else.example")
    made = keeper.document(before)
    assert made is not None
    assert made.text.strip() == f"{MAIL} but not [EMAIL]"
    assert keeper.report.found == {"email": 1}


def test_off_looks_for_nothing() -> None:
    keeper = protector("off")
    before = document(f"{MAIL} {CARD}")
    assert keeper.document(before) == before
    assert not keeper.report.found


def test_titles_and_headings_are_protected_too() -> None:
    made = protector().document(document("Nothing here.", heading=f"Desk of {MAIL}"))
    assert made is not None
    assert made.title == made.sections[0].heading == "Desk of [EMAIL]"


def test_tags_are_cleaned_and_protected() -> None:
    made = protector().document(Document("a", "A", "Words.", tags=("te\u200bnts", MAIL)))
    assert made is not None
    assert made.tags == ("tents", "[EMAIL]")


def test_nothing_goes_from_the_text_over_into_the_title() -> None:
    made = protector().document(Document("a", "OAuth2 guide", "Reset your password"))
    assert made is not None
    assert (made.text, made.title) == ("Reset your password", "OAuth2 guide")


def test_an_example_is_protected_in_all_its_fields_alike() -> None:
    before = Example(
        "e1",
        "What is the Wi-Fi password?",
        "Sommer2025x",
        evidence=("The Wi-Fi password is Sommer2025x.",),
        key=("Sommer2025x|the summer one",),
        answers=("Sommer2025x, as on the board",),
        extra={"note": "was Sommer2025x"},
    )
    made = protector("proven").example(before)
    assert made is not None
    assert "Sommer2025x" not in repr(made)
    assert made.answer == "[PASSWORD]"
    assert made.evidence == ("The Wi-Fi password is [PASSWORD].",)
    assert made.key == ("[PASSWORD]|the summer one",)
    unknown = Example("e2", "Who?", None)
    assert protector().example(unknown) == unknown


def test_document_and_example_get_the_same_placeholder_and_no_value_is_kept(tmp_path: Path) -> None:
    numbers = Pseudonyms(tmp_path / "privacy")
    keeper = Protector(Policy("pseudonym"), numbers.number)
    made = keeper.document(document(f"Ask other@else.example or {MAIL}.", f"IBAN {IBAN}"))
    assert made is not None
    assert made.text.startswith("Ask [EMAIL 1] or [EMAIL 2].\n\nIBAN [IBAN 1]")
    again = Protector(Policy("pseudonym"), Pseudonyms(tmp_path / "privacy").number)
    example = again.example(Example("e", f"Who is {MAIL.upper()}?", "DE89 3704 0044 0532 0130 00"))
    assert example is not None
    assert (example.question, example.answer) == ("Who is [EMAIL 2]?", "[IBAN 1]")
    kept = b"".join(f.read_bytes() for f in (tmp_path / "privacy").iterdir())
    assert MAIL.encode() not in kept
    assert IBAN.encode() not in kept
    assert (tmp_path / "privacy" / "key").stat().st_mode & 0o077 == 0


def test_a_torn_line_of_a_killed_writer_harms_no_number(tmp_path: Path) -> None:
    first = Pseudonyms(tmp_path)
    assert [first.number("email", v) for v in "aba"] == [1, 2, 1]
    with (tmp_path / "numbers").open("a") as torn:
        torn.write("email 12ab")
    assert [first.number("email", v) for v in "abc"] == [1, 2, 3]
    assert [Pseudonyms(tmp_path).number("email", v) for v in "cba"] == [3, 2, 1]


def _number_all(folder: Path, values: range) -> dict[int, int]:
    numbers = Pseudonyms(folder)
    return {v: numbers.number("email", str(v)) for v in values}


def test_two_processes_give_one_value_one_number(tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        one, other = pool.starmap(_number_all, [(tmp_path, range(60)), (tmp_path, range(59, -1, -1))])
    assert one == other
    assert sorted(one.values()) == list(range(1, 61))


WORDS = " ".join(f"word{n} comes" for n in range(200))


def test_copies_are_left_out_and_near_copies_are_told() -> None:
    keeper = protector("proven")
    assert keeper.document(document(WORDS)) is not None
    assert keeper.document(replace(document(WORDS), source="copy.md")) is None
    assert keeper.document(replace(document(WORDS.replace("word150", "other")), source="near.md")) is not None
    assert keeper.document(replace(document(WORDS[::-1]), source="else.md")) is not None
    assert keeper.report.duplicates == {"copy.md": "a.md"}
    assert keeper.report.near == {"near.md": "a.md"}


def test_the_same_words_under_another_heading_are_no_copy() -> None:
    keeper = protector("proven")
    assert keeper.document(document("One pair costs €9.", heading="Prices 2025")) is not None
    assert keeper.document(replace(document("One pair costs €9.", heading="Prices 2026"), source="b.md")) is not None


def test_duplicates_form_groups_around_the_first() -> None:
    made = Duplicates(0.8)
    assert made.add("a", WORDS) is None
    like = made.add("b", WORDS + " and a little more")
    assert like is not None
    assert like.name == "a"
    assert not like.exact
    assert made.add("c", WORDS) is not None
    assert made.add("d", "short") is None
    assert made.add("e", "short") is not None
    groups = made.groups()
    assert [(g["first"], len(g["others"])) for g in groups] == [("a", 2), ("d", 1)]  # type: ignore[arg-type]


def test_what_a_copy_holds_is_counted_once() -> None:
    keeper = protector("proven")
    assert keeper.document(document(CARD)) is not None
    assert keeper.document(replace(document(CARD), source="copy.md")) is None
    assert keeper.report.found == {"card": 1}


@pytest.mark.parametrize("shared", [0.0, 0.8, 0.9, 0.97])
def test_the_similarity_told_is_near_the_true_one(shared: float) -> None:
    import random

    rng = random.Random(3)
    words = [f"w{rng.random()}" for _ in range(2000)]
    cut = int(len(words) * shared)
    other = words[:cut] + [f"x{rng.random()}" for _ in range(len(words) - cut)]
    one, two = ({tuple(w[n : n + 5]) for n in range(len(w) - 4)} for w in (words, other))
    true = len(one & two) / len(one | two)
    made = Duplicates(0.0)
    made.add("one", " ".join(words))
    like = made.add("two", " ".join(other))
    assert (like.similarity if like else 0.0) == pytest.approx(true, abs=0.12)


def test_a_policy_has_a_version_of_its_own() -> None:
    versions = [Policy().version(), Policy("mask").version(), Policy(actions={"email": "mask"}).version()]
    assert len(set(versions)) == 3
    assert versions[0] == Policy().version()
