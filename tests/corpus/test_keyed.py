"""Settings and answers as people save them: encodings, doubled keys, odd file names, numbers of a sheet."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from advisor.answers import Answers, given_in, read_answers
from advisor.decide import decide
from corpus.errors import InputError
from corpus.yaml_files import parse_keyed, read_keyed, yaml_text
from groundtune.project.new_project import init
from groundtune.project.project import open_project

YAML = "# Größe\nexamples: 1105\nproduction: yes\n"
JSON = '{"examples": 1105, "production": "yes"}'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize(("name", "text"), [("a.yaml", YAML), ("a.json", JSON), ("a.JSON", JSON)])
def test_answers_are_read_in_every_unicode_encoding(tmp_path: Path, encoding: str, name: str, text: str) -> None:
    (tmp_path / name).write_bytes(text.replace("\n", "\r\n").encode(encoding))
    assert Answers.of(given_in(tmp_path / name)).known == {"examples": 1105, "production": "yes"}


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252"])
def test_another_encoding_is_named_with_its_line(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "a.yaml").write_bytes(f"production: yes\n{YAML}".encode(encoding))
    with pytest.raises(InputError, match=r"line 2.*not UTF-8.*cp1252") as raised:
        read_answers(tmp_path / "a.yaml")
    assert "save the file as UTF-8" in str(raised.value)


def test_what_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(bytes(range(256)) * 4)
    with pytest.raises(InputError, match="not text"):
        read_keyed(tmp_path / "a.yaml")


@pytest.mark.parametrize(
    ("text", "as_json", "lines"),
    [
        ("examples: 5\nproduction: yes\nexamples: 12\n", False, (1, 3)),
        ("recipe:\n  rank: 4\n  alpha: 8\n  rank: 16\n", False, (2, 4)),
        ('{"examples": 5,\n "examples": 12}', True, (1, 2)),
        ('{"recipe": {\n"rank": 4,\n"rank": 5}}', True, (2, 3)),
    ],
)
def test_a_key_that_stands_twice_is_refused_with_both_lines(text: str, as_json: bool, lines: tuple[int, int]) -> None:
    with pytest.raises(InputError, match="twice") as raised:
        parse_keyed(text, "a", as_json=as_json)
    (fault,) = raised.value.faults
    assert f"line {lines[1]}" in fault.where
    assert f"line {lines[0]}" in fault.found


def test_merged_mappings_are_no_doubled_keys() -> None:
    assert parse_keyed("a: &a {x: 1}\nb: {<<: *a, y: 2}\n", "a")["b"] == {"x": 1, "y": 2}


@given(st.text(min_size=1).filter(lambda t: not any("\ud800" <= c <= "\udfff" for c in t)))
def test_any_text_is_read_back_from_one_line(text: str) -> None:
    told = yaml_text(text)
    assert len(told.splitlines()) == 1
    assert yaml.safe_load(f"key: {told}\nother: 1\n") == {"key": text, "other": 1}


@pytest.mark.parametrize(
    "name",
    [
        "FAQ #2",
        "2024",
        "yes",
        "null",
        "~",
        "Q&A: x",
        "- a",
        "it's",
        'a "b"',
        "[x]",
        "{y}",
        "ö ä",
        "1e3",
        "2026-01-01",
        "%a",
        "@b",
    ],
)
def test_any_file_name_works_in_the_settings(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    (tmp_path / name / "a.md").write_text("# A\n\nWords.\n")
    (tmp_path / f"{name}.jsonl").write_text('{"question": "What?", "answer": "That."}\n')
    made = init(tmp_path / "p", [str(tmp_path / name)], str(tmp_path / f"{name}.jsonl"), None)
    assert made.settings.documents == [f"../{name}"]
    again = open_project(tmp_path / "p")
    assert [p.resolve() for p in again.document_paths()] == [tmp_path / name]
    assert again.settings.examples == f"../{name}.jsonl"


@pytest.mark.parametrize(
    ("given_value", "key", "read"),
    [
        ("1,105", "examples", 1105),
        ("12 500", "queries_per_month", 12500),
        ("30 %", "expected_improvement_percent", 30),
        ("30%", "expected_improvement_percent", 30),
        ("$1,500.50", "monthly_value_usd", 1500.5),
        ("Y", "production", "yes"),
        ("false", "production", "no"),
    ],
)
def test_numbers_as_a_sheet_writes_them(given_value: str, key: str, read: object) -> None:
    assert Answers.of({key: given_value})[key] == read


@pytest.mark.parametrize("value", ["1,10", "1.105", "1,1055", "30 % more", "1,105 pages"])
def test_what_may_mean_two_numbers_is_refused(value: str) -> None:
    with pytest.raises(InputError, match="examples"):
        Answers.of({"examples": value})


@pytest.mark.parametrize("production", ["yes", "no"])
@pytest.mark.parametrize("examples", [0, 50, 300, 2000])
def test_facts_that_change_and_stand_in_no_document_come_from_a_live_source(production: str, examples: int) -> None:
    answers = {"real_time_updates": "yes", "documents": 0, "production": production, "examples": examples}
    answers |= {"domain_expertise_critical": "yes", "expected_improvement_percent": 40}
    told = decide(Answers.of(answers)).to_json()
    assert "live source" in told["because"]["because"]
    assert "live source" in told["because"]["headline"]
    assert any("live source" in r["because"] for r in told["reasons"] if r["rule"] == "documents")
    assert not any("build the index" in step["do"] or "index answers" in step["do"] for step in told["plan"])


def test_with_documents_the_advice_names_no_live_source() -> None:
    told = decide(Answers.of({"real_time_updates": "yes", "documents": 40, "production": "yes"})).to_json()
    assert "headline" not in told["because"]
    assert any("build the index" in step["do"] for step in told["plan"])
