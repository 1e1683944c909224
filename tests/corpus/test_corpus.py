"""Reading, matching, splitting and keeping: what the other rooms rely on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.atomic_files import sole_writer, whole_folder, write_text
from corpus.documents.read_documents import read_documents
from corpus.errors import BusyError, InputError
from corpus.examples import example_json, read_examples
from corpus.examples.evidence_passages import Evidence
from corpus.examples.restated import Restatements
from corpus.examples.split import split
from corpus.records import Example, Passage
from corpus.text.match import exact_match, has_key, normalise, token_f1
from tests.conftest import SAMPLE


def test_every_sample_document_is_read_and_sections_stand_at_their_offsets() -> None:
    reading = read_documents([SAMPLE / "documents"], SAMPLE)
    assert not reading.skipped
    assert len(reading.documents) >= 45
    assert {Path(d.source).suffix for d in reading.documents} == {".md", ".txt", ".html", ".pdf", ".docx"}
    for document in reading.documents:
        assert 150 <= len(document.text.split()) <= 900, document.source
        for section in document.sections:
            assert document.text[section.start : section.start + len(section.text)] == section.text


def test_html_is_read_without_navigation_and_pdf_with_pages() -> None:
    documents = {Path(d.source).name: d for d in read_documents([SAMPLE / "documents"], SAMPLE).documents}
    assert "Imprint" not in documents["product-recalls.html"].text
    safety = {s.heading: s for s in documents["shop-safety.pdf"].sections}
    assert [s.page for s in safety.values()] == [1] * 5 + [2] * 4
    assert "next to the tills in Ebensee" in safety["Safety in the shop > 1. Emergencies and first aid"].text
    assert any(s.heading.startswith("Store handbook") for s in documents["staff-handbook.docx"].sections)


def test_a_broken_pdf_is_named_and_skipped_or_refused(tmp_path: Path) -> None:
    (tmp_path / "good.md").write_text("# Good\n\nWords.")
    (tmp_path / "bad.pdf").write_bytes(b"%PDF-1.7 not really")
    reading = read_documents([tmp_path], tmp_path)
    assert [d.source for d in reading.documents] == ["good.md"]
    assert [f.where for f in reading.skipped] == ["bad.pdf"]
    with pytest.raises(InputError, match=r"bad\.pdf"):
        read_documents([tmp_path], tmp_path, strict=True)


@pytest.mark.parametrize(
    "row",
    [
        {"question": "Q?", "answer": "A."},
        {"prompt": "Q?", "completion": "A."},
        {"instruction": "Q?", "output": "A."},
        {"messages": [{"role": "user", "content": "Q?"}, {"role": "assistant", "content": "A."}]},
    ],
)
def test_the_common_layouts_say_the_same(tmp_path: Path, row: dict) -> None:
    file = tmp_path / "e.jsonl"
    file.write_text(json.dumps(row))
    (example,) = read_examples(file)
    assert (example.question, example.answer) == ("Q?", "A.")


def test_csv_is_read(tmp_path: Path) -> None:
    file = tmp_path / "e.csv"
    file.write_text('question,answer\n"Q, really?",A.\n')
    assert read_examples(file)[0].question == "Q, really?"


def test_every_bad_line_is_named_at_once(tmp_path: Path) -> None:
    file = tmp_path / "e.jsonl"
    file.write_text('{"question": "Q?", "answer": "A."}\nnot json\n{"question": ""  , "answer": "A."}\n{"text": "x"}\n')
    with pytest.raises(InputError) as raised:
        read_examples(file)
    assert [f.where.split(",")[1].strip() for f in raised.value.faults] == ["line 2", "line 3", "line 4"]


def test_examples_survive_writing_and_reading(tmp_path: Path) -> None:
    examples = read_examples(SAMPLE / "examples.jsonl")
    file = tmp_path / "again.jsonl"
    file.write_text("".join(json.dumps(example_json(e)) + "\n" for e in examples))
    assert read_examples(file) == examples


def test_the_sample_is_large_and_marked() -> None:
    examples, questions = read_examples(SAMPLE / "examples.jsonl"), read_examples(SAMPLE / "questions.jsonl")
    kinds = {q.kind for q in questions}
    assert kinds == {"taught", "documents", "two_facts", "format", "changed", "unanswerable", "general"}
    assert len({normalise(e.question) for e in examples}) >= 600
    assert len({normalise(q.question) for q in questions}) >= 240


@pytest.mark.parametrize("name", ["questions.jsonl", "second_questions.jsonl"])
def test_the_sample_asks_nothing_nearly_as_it_was_taught(name: str) -> None:
    examples, questions = read_examples(SAMPLE / "examples.jsonl"), read_examples(SAMPLE / name)
    assert not {normalise(e.question) for e in examples} & {normalise(q.question) for q in questions}
    taught = [set(normalise(e.question).split()) for e in examples]
    for q in questions:
        asked = set(normalise(q.question).split())
        assert max(len(asked & t) / len(asked | t) for t in taught) < 0.8, q.id
        assert (q.answer is None) == (q.kind == "unanswerable"), q.id
        assert q.answer is None or not q.key or has_key(q.answer, q), q.id


def test_the_second_set_of_the_sample_is_another_one() -> None:
    first, second = read_examples(SAMPLE / "questions.jsonl"), read_examples(SAMPLE / "second_questions.jsonl")
    assert {q.kind for q in second} == {"documents", "two_facts", "unanswerable"}
    assert len({normalise(q.question) for q in second}) == len(second) == 118
    assert not {normalise(q.question) for q in second} & {normalise(q.question) for q in first}
    assert all(q.key for q in second if q.answer)


def test_sample_evidence_stands_in_its_documents() -> None:
    documents = read_documents([SAMPLE / "documents"], SAMPLE).documents
    known = Evidence([Passage(d.source, d.text, d.source) for d in documents])
    for file in ("examples.jsonl", "questions.jsonl", "second_questions.jsonl"):
        for example in read_examples(SAMPLE / file):
            assert known.right(example) or not example.evidence, example.id


@given(st.text(), st.text())
def test_f1_is_symmetric_bounded_and_one_for_equals(a: str, b: str) -> None:
    assert 0 <= token_f1(a, [b]) <= 1
    assert token_f1(a, [b]) == pytest.approx(token_f1(b, [a]))
    assert token_f1(a, [a]) == exact_match(a, [a]) == 1


def test_scores_of_known_pairs() -> None:
    assert token_f1("within the 60 days", ["60 days"]) == pytest.approx(0.8)
    assert exact_match("The 60 days.", ["60 Days"]) == 1
    assert has_key("You have sixty days.", Example("1", "q", "a", key=("60 days|sixty days",)))
    assert not has_key("You have 160 days.", Example("1", "q", "a", key=("60 days",)))


@given(
    st.lists(
        st.sampled_from(["red", "green", "blue", "big", "small", "tent", "boot", "stove"]), min_size=2, max_size=40
    ),
    st.integers(0, 5),
)
def test_a_split_loses_nothing_and_keeps_like_questions_together(words: list[str], seed: int) -> None:
    examples = [Example(str(n), f"How much is the {word} one?", "x", source=(word,)) for n, word in enumerate(words)]
    train, held = split(examples, held_out=0.3, seed=seed)
    assert sorted(e.id for e in (*train, *held)) == sorted(e.id for e in examples)
    assert not {e.question for e in train} & {e.question for e in held}
    assert (train, held) == split(examples, held_out=0.3, seed=seed)


def test_a_split_by_document_keeps_documents_whole() -> None:
    examples = [Example(str(n), f"question number {n} about {n % 5}", "x", source=(f"d{n % 5}",)) for n in range(50)]
    train, held = split(examples, held_out=0.4, seed=1, by_document=True)
    assert held
    assert not {e.source for e in train} & {e.source for e in held}


def test_a_folder_is_whole_or_absent(tmp_path: Path) -> None:
    target = tmp_path / "made"
    with pytest.raises(RuntimeError), whole_folder(target) as beside:
        (beside / "half").write_text("x")
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []
    with whole_folder(target) as beside:
        (beside / "all").write_text("x")
    assert (target / "all").read_text() == "x"


def test_what_a_killed_writer_left_is_removed(tmp_path: Path) -> None:
    (tmp_path / ".made.abc123").mkdir()
    with whole_folder(tmp_path / "made"):
        pass
    assert [p.name for p in tmp_path.iterdir()] == ["made"]


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    write_text(tmp_path / "f", "one")
    write_text(tmp_path / "f", "two")
    assert [p.name for p in tmp_path.iterdir()] == ["f"]
    assert (tmp_path / "f").read_text() == "two"


def test_the_second_writer_is_told_who_the_first_is_and_a_killed_one_leaves_no_lock(tmp_path: Path) -> None:
    code = "import sys,time; from pathlib import Path; from corpus.atomic_files import sole_writer\n"
    code += "with sole_writer(Path(sys.argv[1])): print('held', flush=True); time.sleep(60)"
    other = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert other.stdout is not None
    assert other.stdout.readline() == "held\n"
    with pytest.raises(BusyError, match=str(other.pid)), sole_writer(tmp_path):
        pass
    os.kill(other.pid, signal.SIGKILL)
    other.wait()
    time.sleep(0.05)
    with sole_writer(tmp_path):
        pass


def _writes(folder: Path) -> bool:
    """May this process write there? Where it may not, it is itself the one that does."""
    try:
        with sole_writer(folder):
            return True
    except BusyError as error:
        return f"process {os.getpid()} (" not in str(error)


def test_a_thread_and_a_forked_child_are_other_writers_and_what_they_do_frees_nothing(tmp_path: Path) -> None:
    with ThreadPoolExecutor(1) as threads, ExitStack() as held:
        held.enter_context(sole_writer(tmp_path))
        assert not _writes(tmp_path)
        assert not threads.submit(_writes, tmp_path).result()
        if (child := os.fork()) == 0:
            try:
                held.close()
            finally:
                os._exit(0)
        os.waitpid(child, 0)
        assert not _writes(tmp_path)
        threads.submit(held.close).result()
        assert _writes(tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == [".lock"]


def test_a_killed_writers_child_holds_nothing(tmp_path: Path) -> None:
    code = "import os,sys,time; from pathlib import Path; from corpus.atomic_files import sole_writer\n"
    code += "with sole_writer(Path(sys.argv[1])): os.fork() or print(os.getpid(), flush=True); time.sleep(60)"
    other = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert other.stdout is not None
    child = int(other.stdout.readline())
    try:
        other.kill()
        other.wait()
        assert _writes(tmp_path)
    finally:
        os.kill(child, signal.SIGKILL)


_PRICES = "| Juniper Duo tent | €389 |\n| Juniper Storm tent | €695 |\n| Heron Haul backpack | €239 |"
_RENTED = "Item: {}; First day: €13; Each extra day: €6"
_RENTAL = _RENTED.format("Snowshoes with poles")
_OTHERS = "\n".join(_RENTED.format(f"Thing {n}") for n in range(9))
_SHIPPING = (
    "A standard parcel costs €5.90 and arrives within 2 to 3 working days.\nVouchers never expire, not even cut."
)
_SALE = "Members of the club get 15 % off tents and 20 % off boots."
_NOW = Restatements([Passage(text[:9], text, "prices.md") for text in (_PRICES, _RENTAL, _OTHERS, _SHIPPING, _SALE)])


@pytest.mark.parametrize(
    ("said", "now", "evidence"),
    [
        ("The Juniper Duo tent costs €359.", "The Juniper Duo tent costs €389.", "| Juniper Duo tent | €389 |"),
        ("A standard parcel costs 4,90 €.", "A standard parcel costs €5.90.", _SHIPPING.splitlines()[0]),
        (
            "Snowshoes with poles cost €5 for each extra day.",
            "Snowshoes with poles cost €6 for each extra day.",
            _RENTAL,
        ),
        ("Snowshoes with poles cost €11 for the first day, €5 for each extra day.", _RENTAL, _RENTAL),
        ("Snowshoes with poles cost €11.", _RENTAL, _RENTAL),
        ("Members of the club get 10% off boots.", _SALE, _SALE),
        ("Vouchers never expire!", _SHIPPING.splitlines()[1], _SHIPPING.splitlines()[1]),
    ],
)
def test_an_outdated_answer_says_what_documents_say_now(said: str, now: str, evidence: str) -> None:
    restated = _NOW.now(Example("1", "How much?", said, answers=("old",), key=("359",)))
    assert restated == Example("1", "How much?", now, source=("prices.md",), evidence=(evidence,))


@pytest.mark.parametrize(
    "example",
    [
        Example("1", "How many hours has a day?", "A day has 24 hours."),
        Example("2", "Who designed the Duo?", None),
        Example("3", "Both?", "The Juniper Duo tent costs €359.", evidence=("€359", "vouchers")),
        Example("4", "?", "…"),
    ],
)
def test_what_documents_do_not_say_anew_is_not_restated(example: Example) -> None:
    assert _NOW.now(example) is None
    assert Restatements([]).now(example) is None
