"""Examples as people have them: each row of a file is an example, a named fault, or a counted row that teaches nothing."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.console import Console

from corpus.errors import Fault, InputError, by_kind
from corpus.examples import ExamplesFile, example_json, examples_file, read_examples
from corpus.records import Example
from groundtune.assistant import Assistant
from groundtune.jobs.audit import audit
from groundtune.jobs.provision import provision
from groundtune.project.new_project import init
from groundtune.screens.audit_screen import show as show_audit
from groundtune.screens.provision_screen import show as show_provisioned
from tests.fakes import FakeEmbedder, FakeGenerator
from tests.groundtune.test_app import run

QUESTIONS = ("Wie lange für 3 € – „ohne Gewähr“?", "Who may borrow the saw?", 'Is a 5" pipe lent?', "What, if late?")
ANSWERS = ("Sieben Tage.", "Only members, with a course.", "No; not at all.", "2 euros a day.")
PAIRS = [*zip(QUESTIONS, ANSWERS, strict=True)]
SYSTEM = {"role": "system", "content": "You answer for a tool library."}


def written(folder: Path, name: str, text: str | bytes) -> ExamplesFile:
    file = folder / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return examples_file(file)


def of_rows(folder: Path, *rows: object) -> ExamplesFile:
    return written(folder, "e.jsonl", "".join(json.dumps(row) + "\n" for row in rows))


def said(file: ExamplesFile) -> list[tuple[str, str | None]]:
    return [(e.question, e.answer) for e in file.require().examples]


def table(
    delimiter: str, rows: object = None, end: str = "\r\n", header: tuple[str, ...] = ("question", "answer")
) -> str:
    told = io.StringIO()
    csv.writer(told, delimiter=delimiter, lineterminator=end).writerows([header, *(rows or PAIRS)])  # type: ignore[misc]
    return told.getvalue()


def chat(*turns: tuple[str, object], **more: object) -> dict[str, object]:
    return {"messages": [SYSTEM, *({"role": role, "content": text} for role, text in turns)], **more}


# Chats


def test_a_chat_teaches_the_last_reply_to_what_was_said_before(tmp_path: Path) -> None:
    (example,) = of_rows(
        tmp_path,
        chat(
            ("user", "Open on Fridays?"),
            ("assistant", "Till 18:30."),
            ("user", "And Saturdays?"),
            ("assistant", "13:00."),
        ),
    ).examples
    assert example.question == "Open on Fridays?\nTill 18:30.\nAnd Saturdays?"
    assert example.answer == "13:00."
    assert "earlier replies" in examples_file(tmp_path / "e.jsonl").beside[1].found


CALL = {"role": "assistant", "content": None, "tool_calls": [{"function": {"name": "loan", "arguments": "{}"}}]}


@pytest.mark.parametrize(
    ("turns", "why"),
    [
        ([CALL], "call of a tool"),
        ([{k: v for k, v in CALL.items() if k != "content"}], "call of a tool"),
        ([{**CALL, "content": "Let me look."}], "call of a tool"),
        ([{"role": "assistant", "function_call": {"name": "loan"}}], "call of a tool"),
        ([CALL, {"role": "tool", "content": "[]"}], "tool returned"),
        ([{"role": "assistant", "content": None}], "no text"),
        ([{"role": "assistant", "content": "No idea.", "weight": 0}], "weight is 0"),
        ([{"role": "assistant", "content": "Yes."}, {"role": "user", "content": "In cash?"}], "user's"),
        ([{"role": "assistant", "content": [{"type": "image_url", "image_url": "x"}]}], "no text"),
    ],
)
def test_a_chat_without_a_reply_in_words_is_counted_and_teaches_nothing(
    tmp_path: Path, turns: list[dict[str, object]], why: str
) -> None:
    row = {"messages": [{"role": "user", "content": "What is the fee?"}, *turns]}
    made = of_rows(tmp_path, {"question": "a", "answer": "b"}, row)
    assert said(made) == [("a", "b")]
    (left,) = made.left_out
    assert left.where == "e.jsonl, line 2"
    assert why in left.found
    with pytest.raises(InputError, match=why):
        of_rows(tmp_path, row).require()


def test_the_reply_behind_a_tool_is_the_answer(tmp_path: Path) -> None:
    turns = [{"role": "user", "content": "What is out?"}, CALL, {"role": "tool", "content": '["drill"]'}]
    made = of_rows(tmp_path, {"messages": [*turns, {"role": "assistant", "content": "A drill."}]})
    assert said(made) == [("What is out?", "A drill.")]


def test_only_what_has_weight_is_learned(tmp_path: Path) -> None:
    row = chat(("user", "A?"), ("assistant", "a."), ("user", "B?"), ("assistant", "b."))
    row["messages"][-1]["weight"] = 0  # type: ignore[index]
    assert said(of_rows(tmp_path, row)) == [("A?", "a.")]
    row["messages"][-1]["weight"] = 1  # type: ignore[index]
    row["messages"][2]["weight"] = 0  # type: ignore[index]
    assert said(of_rows(tmp_path, row)) == [("A?\na.\nB?", "b.")]


def test_parts_of_a_turn_are_its_text(tmp_path: Path) -> None:
    parts = [{"type": "text", "text": "Do you lend"}, {"type": "text", "text": "ladders?"}]
    assert said(of_rows(tmp_path, chat(("user", parts), ("assistant", "Yes.")))) == [("Do you lend\nladders?", "Yes.")]


def test_sharegpt_and_prompts_of_turns_are_chats(tmp_path: Path) -> None:
    share = {"conversations": [{"from": "human", "value": "A?"}, {"from": "gpt", "value": "a."}], "system": "Be kind."}
    turns = {"prompt": [{"role": "user", "content": "B?"}], "completion": [{"role": "assistant", "content": "b."}]}
    made = of_rows(tmp_path, share, turns)
    assert said(made) == [("A?", "a."), ("B?", "b.")]
    assert [o.where for o in made.beside] == ["e.jsonl, line 1"]


def test_what_is_not_learned_is_named(tmp_path: Path) -> None:
    made = of_rows(tmp_path, chat(("user", "A?"), ("assistant", "a.")))
    assert [o.found for o in made.beside] == ["a system prompt: the assistant has its own"]
    assert made.examples[0].extra["a system prompt"] == SYSTEM["content"]


@pytest.mark.parametrize(
    "messages",
    [json.dumps([SYSTEM]), [], None, [{"content": "x"}], ["x"], [{"role": "wizard", "content": "x"}], [SYSTEM]],
)
def test_what_is_no_chat_is_a_fault(tmp_path: Path, messages: object) -> None:
    made = of_rows(tmp_path, {"messages": messages})
    assert [f.where for f in made.faults] == ['e.jsonl, line 1, field "messages"']


# Pairs


@pytest.mark.parametrize(
    ("row", "question", "answer"),
    [
        ({"instruction": "Q?", "input": "", "output": "A."}, "Q?", "A."),
        ({"instruction": "", "input": "Q?", "output": "A."}, "Q?", "A."),
        ({"instruction": "Answer.", "input": "Q?", "output": "A."}, "Answer.\nQ?", "A."),
        ({"instruction": "Q?", "output": "A.", "history": [["B?", "b."]]}, "B?\nb.\nQ?", "A."),
        ({"instruction": "Q?", "context": "", "response": "A."}, "Q?", "A."),
        ({"input": "Q?", "output": "A."}, "Q?", "A."),
        ({"query": "Q?", "response": "A."}, "Q?", "A."),
        ({"Question ": "Q?", "ANSWER": "A."}, "Q?", "A."),
        ({"question": "Q?", "answer": 5}, "Q?", "5"),
        ({"question": "Q?", "answer": None}, "Q?", None),
        ({"question": "Q?", "answers": {"text": [], "answer_start": []}}, "Q?", None),
        ({"question": "Q?", "answers": [], "is_impossible": True}, "Q?", None),
        ({"question": "Q?", "answer": "", "kind": "unanswerable"}, "Q?", None),
        ({"question": "Q?", "answer": "I don't know.", "unanswerable": True}, "Q?", None),
    ],
)
def test_pairs_of_the_field_are_read(tmp_path: Path, row: object, question: str, answer: str | None) -> None:
    assert said(of_rows(tmp_path, row)) == [(question, answer)]


@pytest.mark.parametrize("answer", ["1.50", "12000000000000000000000", "1e3", "-0.0"])
def test_numbers_are_answers_as_they_are_written(tmp_path: Path, answer: str) -> None:
    assert said(written(tmp_path, "e.jsonl", f'{{"question": "Q?", "answer": {answer}}}')) == [("Q?", answer)]


@pytest.mark.parametrize(
    "fields",
    [
        {"answer": ["A.", "a."]},
        {"answers": ["A.", "a."]},
        {"answers": {"text": ["A.", "a."], "answer_start": [0, 0]}},
        {"answers": [{"text": "A.", "answer_start": 0}, {"text": "a."}]},
        {"answer": "A.", "answers": {"text": ["A.", "a."]}},
        {"answer": {"value": "A.", "aliases": ["a."]}},
    ],
)
def test_several_answers_are_references_in_whatever_way_they_are_listed(tmp_path: Path, fields: dict) -> None:
    (example,) = of_rows(tmp_path, {"question": "Q?", **fields}).require().examples
    assert example.references == ("A.", "a.")


@pytest.mark.parametrize(
    ("row", "field", "found"),
    [
        ({"question": "Q?", "answer": True}, "answer", "true"),
        ({"question": "Q?", "answer": {"a": 1}}, "answer", "an object"),
        ({"question": "Q?", "answer": float("nan")}, "answer", "NaN"),
        ({"question": "Q?", "answer": "nan"}, "answer", "NaN"),
        ({"question": float("nan"), "answer": "A."}, "question", "NaN"),
        ({"question": ["Q?"], "answer": "A."}, "question", "a list"),
        ({"prompt": [{"role": "user", "content": "Q?"}], "completion": float("nan")}, "completion", "NaN"),
        ({"question": "Q?", "answer": []}, "answer", "empty"),
        ({"question": "Q?", "answers": []}, "answers", "empty"),
        ({"question": "Q?", "answers": "['A.']"}, "answers", "list"),
        ({"question": "Q?", "answer": None, "answers": ["A."]}, "answer", "null"),
        ({"question": "Q?", "answer": "A.", "unanswerable": True}, "answer", "unanswerable"),
        ({"question": "Q?", "answer": None, "is_impossible": False}, "answer", "answerable"),
        ({"question": "Q?", "answer": "A.", "is_impossible": "maybe"}, "is_impossible", "maybe"),
        ({"question": "Q \ud83d?", "answer": "A."}, "question", "surrogate"),
        ({"question": "Q?", "answer": "A.", "source": {"a": 1}}, "source", "an object"),
        ({"instruction": "Q?", "output": "A.", "history": ["B?"]}, "history", "B?"),
        ({"instruction": " ", "input": "", "output": "A."}, "instruction", "empty"),
        ({"question": "Q?", "Question": "R?", "answer": "A."}, "Question", "twice"),
    ],
)
def test_what_cannot_be_used_is_named_with_its_field(tmp_path: Path, row: object, field: str, found: str) -> None:
    made = of_rows(tmp_path, row)
    assert made.examples == ()
    (fault,) = made.faults
    assert fault.where == f'e.jsonl, line 1, field "{field}"'
    assert found in fault.found
    assert fault.wanted


def test_a_key_that_stands_twice_is_named(tmp_path: Path) -> None:
    made = written(tmp_path, "e.jsonl", '{"question": "Q?", "answer": "A.", "answer": "B."}')
    assert made.faults[0].where == 'e.jsonl, line 1, field "answer"'


def test_nan_is_absent_beside_the_answer(tmp_path: Path) -> None:
    nan = float("nan")
    (example,) = of_rows(
        tmp_path, {"id": nan, "question": "Q?", "answer": "A.", "source": nan, "evidence": [nan, "E"], "note": nan}
    ).examples
    assert example == Example("e-1", "Q?", "A.", evidence=("E",))
    assert example.extra == {}


def test_squad_is_read_flat_and_nested_with_the_sentence_that_holds_the_answer(tmp_path: Path) -> None:
    context = "The fee is 30 euros. A drill is lent for seven days. Trailers are not lent."
    asked = {"id": "s1", "question": "How long?", "answers": [{"text": "seven days", "answer_start": 40}]}
    never = {"id": "s2", "question": "Who founded it?", "answers": [], "is_impossible": True}
    nested = {"version": "v2.0", "data": [{"title": "T", "paragraphs": [{"context": context, "qas": [asked, never]}]}]}
    for name, text in (("n.json", json.dumps(nested)), ("n.json", json.dumps(nested, indent=1))):
        first, second = written(tmp_path, name, text).require().examples
        assert (first.answer, first.evidence) == ("seven days", ("A drill is lent for seven days.",))
        assert (second.answer, second.evidence) == (None, ())
    flat = of_rows(tmp_path, {**asked, "context": context}, {**never, "context": context})
    assert flat.examples == (first, second)
    lines = written(tmp_path, "n.json", json.dumps(nested, indent=1)).lines
    text = (tmp_path / "n.json").read_text().splitlines()
    assert all(line and '"id"' in text[line] for line in lines)  # the line below the bracket


def test_evidence_is_where_the_answer_is_said_to_begin_else_where_it_stands_as_a_word(tmp_path: Path) -> None:
    context = "Hall 15 opens at 9. Hall 5 opens at 9."
    stated = {
        "question": "When does hall 5 open?",
        "context": context,
        "answers": {"text": ["9"], "answer_start": [36]},
    }
    found = {"question": "Which hall?", "context": context, "answer": "5"}
    last = {"question": "Last?", "context": "It ends here. Hall B ends with b", "answer": "b"}
    assert of_rows(tmp_path, last).examples[0].evidence == ("Hall B ends with b",)
    assert [e.evidence for e in of_rows(tmp_path, stated, found).examples] == [("Hall 5 opens at 9.",)] * 2


def test_a_context_that_does_not_hold_the_answer_is_named(tmp_path: Path) -> None:
    made = of_rows(tmp_path, {"instruction": "Sum up.", "context": "Long.", "response": "Short."})
    assert ["word for word" in o.found for o in made.beside] == [True]


# JSON files


def rows_of_shelves(n: int) -> list[dict[str, str]]:
    return [{"question": f"Where is shelf {i}?", "answer": f"In row {i}."} for i in range(n)]


SHELVES = rows_of_shelves(12)
COLUMNS = {k: [r[k] for r in SHELVES] for k in ("question", "answer")}


@pytest.mark.parametrize("name", ["e.json", "e.jsonl", "e.txt"])
@pytest.mark.parametrize(
    "text",
    [
        json.dumps(SHELVES),
        json.dumps(SHELVES, indent=2),
        "\n".join(map(json.dumps, SHELVES)),
        "\ufeff" + "\r\n".join(map(json.dumps, SHELVES)) + "\r\n\r\n",
        "\n".join(json.dumps(r, indent=2) for r in SHELVES),
        json.dumps({"data": SHELVES}),
        json.dumps({"version": 1, "examples": SHELVES}, indent=1),
        json.dumps(COLUMNS),
        json.dumps({k: {str(i): v for i, v in enumerate(c)} for k, c in COLUMNS.items()}),
        json.dumps({"columns": ["question", "answer"], "index": [0], "data": [[*r.values()] for r in SHELVES]}),
        json.dumps({str(i): r for i, r in enumerate(SHELVES)}),
    ],
)
def test_json_is_read_as_what_it_is_whatever_its_name(tmp_path: Path, name: str, text: str) -> None:
    assert said(written(tmp_path, name, text)) == [(r["question"], r["answer"]) for r in SHELVES]


def test_lines_end_at_line_feeds_only(tmp_path: Path) -> None:
    rows = [{"question": f"Line{c}end?", "answer": f"Yes{c}."} for c in "\u2028\u2029\x85\x0b\x0c\x1c"]
    made = written(tmp_path, "e.jsonl", "\n".join(json.dumps(r, ensure_ascii=False) for r in rows[:3]))
    assert said(made) == [(r["question"], r["answer"]) for r in rows[:3]]
    made = written(tmp_path, "e.csv", table(",", [(r["question"], r["answer"]) for r in rows]))
    assert said(made) == [(r["question"], r["answer"]) for r in rows]


@pytest.mark.parametrize(
    ("name", "text", "where"),
    [
        ("a.json", '[\n{"question": "a", "answer": "b"},\n]', "a.json, line 2, column 33"),
        ("a.json", '[{"question": "a", "answer": "b"}\n{"question": "c", "answer": "d"}]', "a.json, line 2"),
        ("a.json", '[{"question": "a", "answer": "b"}', "a.json, line 1"),
        ("a.json", '[{"question": "a", "answer": "b"}] and more', "a.json, line 1, column 36"),
        ("a.jsonl", '{"question": "a", "answer": "b"}{"question": "c", "answer": "d"}', "a.jsonl, line 1, column 33"),
        (
            "a.jsonl",
            '{"question": "a", "answer": "b"},\n{"question": "c", "answer": "d"}',
            "a.jsonl, line 1, column 33",
        ),
        (
            "a.jsonl",
            '{"question": "a"\n{"question": "c", "answer": "d"}\n{"question": "e", "answer": "f"}',
            "a.jsonl, line 1",
        ),
        ("a.json", "[" * 100_000, "a.json, line 1"),
        ("a.jsonl", "question: a", "a.jsonl, line 1"),
    ],
)
def test_where_json_breaks_is_named(tmp_path: Path, name: str, text: str, where: str) -> None:
    faults = written(tmp_path, name, text).faults
    assert len(faults) == 1
    assert faults[0].where.startswith(where)


def test_a_folder_an_empty_file_and_a_file_of_another_kind_are_named(tmp_path: Path) -> None:
    for content, found in (
        (b"", "no examples"),
        (b"PAR1\0\0", "Parquet"),
        (b"PK\x03\x04", "Excel"),
        (b"\x1f\x8b", "gzip"),
    ):
        file = tmp_path / "e.jsonl"
        file.write_bytes(content)
        with pytest.raises(InputError, match=found) as raised:
            read_examples(file)
        assert raised.value.mend
    with pytest.raises(InputError, match="a folder"):
        read_examples(tmp_path)
    with pytest.raises(InputError, match="no such file"):
        read_examples(tmp_path / "none.jsonl")


# CSV


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp1252"])
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_every_table_that_spreadsheets_write_is_read(tmp_path: Path, delimiter: str, encoding: str, end: str) -> None:
    text = table(delimiter, end=end)
    assert said(written(tmp_path, "e.csv", text.encode(encoding))) == PAIRS
    assert said(written(tmp_path, "e.tsv", text.encode(encoding))) == PAIRS
    stated = f"sep={delimiter}{end}{text}{delimiter}{end}{end}"
    assert said(written(tmp_path, "e.csv", stated.encode(encoding))) == PAIRS


def test_headers_have_any_capitals_and_cells_hold_lists_and_lines(tmp_path: Path) -> None:
    rows = [("Q?", "A.\r\nSecond", json.dumps(["A.", "a."]), "1"), ("R?", "B.", "['B.', 'b.']", "")]
    made = written(tmp_path, "e.csv", table(";", rows, header=("QUESTION", " Answer ", "answers", "")))
    assert [e.references for e in made.require().examples] == [("A.\nSecond", "A.", "a."), ("B.", "b.")]
    assert made.examples[0].extra == {"column 4": "1"}
    assert made.lines == (2, 4)


@pytest.mark.parametrize(
    "cell", ["['A.' 'B.']", "{'text': array(['A.'], dtype=object), 'answer_start': array([0])}", "['A."]
)
def test_a_list_that_cannot_be_read_from_its_cell_is_no_answer(tmp_path: Path, cell: str) -> None:
    made = written(tmp_path, "e.csv", table(",", [("Q?", "A.", cell)], header=("question", "answer", "answers")))
    assert [f.where for f in made.faults] == ['e.csv, line 2, field "answers"']


def test_rows_above_the_place_where_a_list_breaks_are_looked_at_too(tmp_path: Path) -> None:
    made = written(
        tmp_path, "e.json", '[\n{"question": "", "answer": "A."},\n{"question": "Q?", "answer": "A."},\n{oh}]'
    )
    assert [f.where for f in made.faults] == ['e.json, line 2, field "question"', "e.json, line 4, column 2"]


def test_broken_lines_are_named_even_where_they_are_many(tmp_path: Path) -> None:
    lines = [json.dumps(r)[: None if n % 3 == 2 else -9] for n, r in enumerate(SHELVES)]
    faults = written(tmp_path, "e.jsonl", "\n".join(lines)).faults
    assert [f.where.split(", ")[1] for f in faults] == [f"line {n + 1}" for n in range(12) if n % 3 != 2]


def test_several_lists_in_one_file_are_named(tmp_path: Path) -> None:
    (fault,) = written(tmp_path, "e.json", json.dumps({"train": SHELVES, "test": SHELVES})).faults
    assert "one of the lists" in fault.mend


def test_a_cell_without_answer_is_unanswerable_where_a_column_says_so(tmp_path: Path) -> None:
    header = ("question", "answer", "Unanswerable")
    made = written(tmp_path, "e.csv", table(",", [("Q?", "A.", "no"), ("R?", "", "yes")], header=header))
    assert said(made) == [("Q?", "A."), ("R?", None)]
    made = written(tmp_path, "e.csv", table(",", [("Q?", "A."), ("R?", "")]))
    assert [str(f) for f in made.faults] == [
        'e.csv, line 3, field "answer": empty; wanted text or, where it is not known, "yes" in a column "unanswerable"'
    ]


def test_a_table_is_refused_where_cells_would_be_lost(tmp_path: Path) -> None:
    surplus = written(tmp_path, "e.csv", "question,answer\nQ?,A., and more\nR?,B.\n")
    assert [(f.where, "more cells" in f.found) for f in surplus.faults] == [("e.csv, line 2", True)]
    twice = written(tmp_path, "e.csv", "question,answer,Answer\nQ?,A.,B.\n")
    assert "two columns" in twice.faults[0].found
    bare = written(tmp_path, "e.csv", "Who may?,Members.\nWhat, then?,Nothing.\n")
    assert [f.where for f in bare.faults] == ["e.csv, line 1"]
    assert "names them" in bare.faults[0].wanted


@pytest.mark.parametrize("at", [0, 3, 11])
def test_a_quotation_mark_left_open_is_named_with_its_line(tmp_path: Path, at: int) -> None:
    lines = [f"{r['question']},{r['answer']}" for r in SHELVES]
    lines[at] = '"' + lines[at]
    made = written(tmp_path, "e.csv", "\n".join(["question,answer", *lines]))
    assert [f.where for f in made.faults] == [f"e.csv, line {at + 2}"]
    if at == 3:  # closed by chance further below
        lines[9] += '"'
        made = written(tmp_path, "e.csv", "\n".join(["question,answer", *(f"{line},x" for line in lines)]))
        assert f"e.csv, line {at + 2}" in [f.where for f in made.faults]


def test_a_long_cell_is_read(tmp_path: Path) -> None:
    long = "Tool. " * 60_000
    assert said(written(tmp_path, "e.csv", table(",", [("Q?", long)]))) == [("Q?", long.strip())]


# What is told


def test_faults_of_a_kind_are_one_message_with_their_lines(tmp_path: Path) -> None:
    made = of_rows(
        tmp_path, *[{"question": "", "answer": "A."}] * 400, *[{"text": "x"}] * 3, {"question": 1, "answer": True}
    )
    with pytest.raises(InputError) as raised:
        made.require()
    told = str(raised.value)
    assert len(raised.value.faults) == 404
    assert len(told.splitlines()) == 5
    assert 'e.jsonl, lines 1–400, field "question": empty (400 times)' in told
    assert "lines 401–403: fields" in told


@given(st.lists(st.tuples(st.integers(1, 10**6), st.integers(0, 40)), min_size=1))
def test_a_message_never_fills_the_screen(places: list[tuple[int, int]]) -> None:
    told = by_kind([Fault(f"e.csv, line {line}", f"kind {kind}") for line, kind in places])
    assert len(told) <= 17
    assert all(len(line) < 200 for line in told)


# Laws

TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n\t\x85"), min_size=1).filter(
    lambda t: t.strip() == t and t.lower() not in ("nan", "<na>", "#n/a") and t.strip("\ufeff") == t
)
PAIRED = st.tuples(TEXT, TEXT)
BROKEN = st.sampled_from([{"question": "Q?", "answer": True}, {"x": "y"}, ["a"], {"question": "", "answer": "A."}])
PASSED = st.sampled_from(
    [
        {"messages": [{"role": "user", "content": "Q?"}, CALL]},
        {"messages": [{"role": "user", "content": "Q?"}, {"role": "assistant", "content": "A.", "weight": 0}]},
    ]
)
ROW = st.one_of(
    PAIRED.map(lambda p: ("example", {"question": p[0], "answer": p[1]})),
    PAIRED.map(
        lambda p: ("example", {"messages": [{"role": "user", "content": p[0]}, {"role": "assistant", "content": p[1]}]})
    ),
    PAIRED.map(lambda p: ("example", {"instruction": "", "input": p[0], "output": p[1]})),
    BROKEN.map(lambda row: ("fault", row)),
    PASSED.map(lambda row: ("left out", row)),
)
IN_A_FOLDER = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@IN_A_FOLDER
@given(st.lists(ROW, min_size=1, max_size=8), st.sampled_from(["lines", "array", "pretty"]), st.booleans())
def test_every_row_of_json_is_an_example_a_fault_or_counted(
    tmp_path: Path, rows: list[tuple[str, object]], form: str, ascii_only: bool
) -> None:
    values = [row for _, row in rows]
    if form == "lines":
        text = "\n".join(json.dumps(v, ensure_ascii=ascii_only) for v in values)
    else:
        text = json.dumps(values, ensure_ascii=ascii_only, indent=1 if form == "pretty" else None)
    if form == "lines" and not isinstance(values[0], dict):
        return  # begins as a list does
    made = written(tmp_path, "e.jsonl", text)
    counted = {"example": len(made.examples), "fault": len(made.faults), "left out": len(made.left_out)}
    if len(values) > 1 or form != "lines":
        assert counted == {kind: sum(k == kind for k, _ in rows) for kind in counted}
    assert len(made.lines) == len(made.examples)


@IN_A_FOLDER
@given(st.lists(PAIRED, min_size=1, max_size=6), st.sampled_from(",;\t|"), st.sampled_from(["\n", "\r\n"]))
def test_every_row_of_a_table_is_an_example_or_a_fault(
    tmp_path: Path, pairs: list[tuple[str, str]], delimiter: str, end: str
) -> None:
    made = written(tmp_path, "e.csv", table(delimiter, pairs, end))
    assert len(made.examples) + len(made.faults) == len(pairs)
    if not made.faults:
        assert said(made) == pairs


@IN_A_FOLDER
@given(
    st.lists(
        st.builds(
            lambda question, answer, more, kind, source, evidence, key: Example(
                "", question, answer, kind, source, evidence, key, more if answer else ()
            ),
            TEXT,
            st.none() | TEXT,
            st.lists(TEXT, unique=True, max_size=3).map(tuple),
            st.sampled_from(["fact", "general", "unanswerable"]),
            *[st.lists(TEXT, max_size=2).map(tuple)] * 3,
        ),
        min_size=1,
        max_size=4,
    )
)
def test_examples_are_read_as_they_are_written(tmp_path: Path, examples: list[Example]) -> None:
    numbered = tuple(
        Example(
            f"x{n}",
            e.question,
            e.answer,
            e.kind,
            e.source,
            e.evidence,
            e.key,
            tuple(a for a in e.answers if a != e.answer),
        )
        for n, e in enumerate(examples)
    )
    text = "\n".join(json.dumps(example_json(e), ensure_ascii=False) for e in numbered)
    assert written(tmp_path, "e.jsonl", text).require().examples == numbered


# In a project


@pytest.fixture
def chats(tmp_path: Path) -> Path:
    """A file of two chats that teach and one that does not."""
    rows = [chat(("user", q), ("assistant", a)) for q, a in PAIRS[:2]]
    made = of_rows(tmp_path, *rows, {"messages": [{"role": "user", "content": "Find loan 17."}, CALL]})
    return tmp_path / made.name


def test_init_tells_what_is_not_learned(chats: Path) -> None:
    ended = run("init", "p", "--examples", chats.name, cwd=chats.parent)
    told = " ".join((ended.stdout + ended.stderr).split())
    assert "not an example: e.jsonl, line 3: the reply is the call of a tool" in told
    assert "read, but not learned: e.jsonl, lines 1–2: a system prompt: the assistant has its own (2 times)" in told


def test_init_names_the_bad_rows_of_all_files_and_writes_nothing(tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_text("question;answer\nQ?;A.\nR?;\n;B.\n")
    (tmp_path / "held.jsonl").write_text('{"question": "Q?"}\n' * 300)
    ended = run("init", "p", "--examples", "bad.csv", "--questions", "held.jsonl", cwd=tmp_path, status=2)
    for place in ('bad.csv, line 3, field "answer"', 'bad.csv, line 4, field "question"', "held.jsonl, lines 1–300"):
        assert place in ended.stderr
    assert len(ended.stderr.splitlines()) <= 6
    assert not (tmp_path / "p").exists()


def test_audit_and_provision_keep_every_row_that_is_left_out(chats: Path) -> None:
    project = init(chats.parent / "p", [], str(chats), None)
    made = audit(project)
    assert (made["examples"], made["faults"]) == (2, [])
    assert made["rows_left_out"] == [{"where": "e.jsonl, line 3", "found": "the reply is the call of a tool"}]
    assert [o["where"] for o in made["rows_not_learned"]] == ["e.jsonl, line 1", "e.jsonl, line 2"]
    console = Console(file=io.StringIO(), width=60)
    show_audit(made, console)
    assert "not an example: e.jsonl, line 3" in console.file.getvalue()  # type: ignore[attr-defined]
    (chats.parent / "rules.md").write_text("# Rules\n\nA drill is lent for seven days.\n")
    project = init(chats.parent / "q", [str(chats.parent / "rules.md")], str(chats), None)
    built = provision(Assistant(project, generator=FakeGenerator(), embedder=FakeEmbedder()), "rag").to_json()
    assert [row["where"] for row in built["rows_left_out"]] == ["e.jsonl, line 3"]
    console = Console(file=io.StringIO(), width=60)
    show_provisioned("rag", built, console)
    assert "not an example: e.jsonl, line 3: the reply is the call of a tool" in console.file.getvalue()  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", ["e.json", "e.csv"])
def test_audit_names_the_lines_of_lists_and_tables(tmp_path: Path, name: str) -> None:
    rows = [*PAIRS, ("Who is in charge?", "Write to jo.smith@shop.example.com.")]
    objects = [{"question": q, "answer": a} for q, a in rows]
    written(tmp_path, name, json.dumps(objects, indent=1) if name == "e.json" else table(";", rows))
    made = audit(init(tmp_path / "p", [], str(tmp_path / name), None))
    assert [(p["kind"], p["line"]) for p in made["places"]] == [("email", 18 if name == "e.json" else 6)]
