"""The verb ``audit`` and protection in a project: places without values, defaults, settings, what is indexed and learned."""

from __future__ import annotations

import json
import os
from itertools import combinations
from pathlib import Path
from types import SimpleNamespace
from typing import ClassVar

import pytest
from typer.testing import CliRunner

from corpus.errors import InputError, ModelError
from corpus.privacy.audit_texts import ExamplesFile, faults_of, places_among, places_in
from corpus.privacy.find_personal_data import find
from corpus.privacy.person_names import Names, name_finder
from corpus.privacy.protect import Policy, Protector
from corpus.records import Document, Example
from groundtune.assistant import Assistant
from groundtune.cli.main import app
from groundtune.jobs.audit import audit
from groundtune.jobs.build_index import build_index
from groundtune.jobs.measure_machine import measure
from groundtune.project.project import Project, open_project
from groundtune.project.project_documents import Documents
from rag.index.adopt_collection import adopt
from rag.index.chroma_store import client_of
from tests.fakes import FakeEmbedder, FakeGenerator
from tests.groundtune.test_app import run

CARD, IBAN, MAIL, SSN = "4111 1111 1111 1111", "DE89 3704 0044 0532 0130 00", "eva.lindner@post.example", "536-22-8841"
KEY = "hunter2-blue-77"
VALUES = (CARD, IBAN, MAIL, SSN, KEY)


@pytest.fixture
def holding(project: Project) -> Project:
    """The small shop with personal data and secrets in a document and in an example, and a document twice."""
    shop = project.folder
    (shop / "documents" / "desk.md").write_text(
        f"# Desk\n\nAsk {MAIL} or\npay to {IBAN}.\n\n## Staff\n\nThe password is {KEY}. Card {CARD}, SSN {SSN}.\n"
    )
    (shop / "documents" / "hours copy.md").write_text((shop / "documents" / "hours.md").read_text())
    with (shop / "examples.jsonl").open("a") as more:
        more.write(json.dumps({"id": "p1", "question": "Whose card?", "answer": f"{CARD}, of {MAIL}"}) + "\n")
        more.write(json.dumps({"id": "p2", "question": "When do refunds arrive?", "answer": "Never, ever."}) + "\n")
        more.write(json.dumps({"id": "p3", "question": "Until when may I return unworn things?", "answer": "60 days."}))
    return project


def set_(project: Project, lines: str) -> Project:
    """The project with further settings."""
    file = project.folder / "groundtune.yaml"
    file.write_text(file.read_text() + lines)
    return open_project(project.folder)


def test_audit_tells_kinds_places_copies_and_faults(holding: Project) -> None:
    report = audit(holding)
    rows = {row["kind"]: row for row in report["kinds"]}
    assert set(rows) == {"email", "iban", "card", "us_ssn", "password"}
    assert (rows["card"]["in_documents"], rows["card"]["in_examples"], rows["card"]["action"]) == (1, 1, "mask")
    assert (rows["email"]["action"], rows["email"]["hipaa"], rows["email"]["gdpr"]) == ("keep", "F", "ordinary")
    places = {(p["kind"], p["source"], p["line"], p["column"]) for p in report["places"]}
    assert ("email", "documents/desk.md", 3, 5) in places
    assert ("iban", "documents/desk.md", 4, 8) in places
    line = (holding.folder / "documents" / "desk.md").read_text().splitlines()[7]
    assert ("us_ssn", "documents/desk.md", 8, line.index(SSN) + 1) in places
    assert {
        "kind": "card",
        "source": "examples.jsonl",
        "action": "mask",
        "line": 9,
        "column": 1,
        "field": "answer",
    } in report["places"]
    assert [g["first"] for g in report["duplicates"]["documents"]] == ["documents/hours copy.md"]
    faults = {f["fault"]: f for f in report["faults"]}
    assert faults["contradictory"]["examples"] == ["e1", "p2"]
    assert faults["overlap"]["examples"] == ["p3"]
    assert report["to_decide"] == ["email", "contradictory", "overlap"]
    assert not report["names_looked_for"]


def test_lines_are_counted_through_the_parts_of_a_long_file(holding: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("corpus.documents.formats.part.LONGEST_PART", 2_000)
    monkeypatch.setattr("corpus.documents.formats.text.plain._BLOCK", 500)
    text = "".join(f"{f'Pay to {IBAN}.' if n in (10, 150) else f'Line {n} of a long report.'}\n\n" for n in range(200))
    (holding.folder / "documents" / "long.txt").write_text(text)
    places = [p for p in audit(holding)["places"] if p["source"] == "documents/long.txt"]
    assert [(p["line"], p["column"]) for p in places] == [(21, 8), (301, 8)]


def test_what_is_looked_through_and_measured_is_what_is_indexed(
    holding: Project, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (holding.folder / "documents" / "taught.csv").write_text(f"question,answer\nWhose?,{CARD}\n")
    file = holding.folder / "groundtune.yaml"
    file.write_text(file.read_text().replace("examples: examples.jsonl", "examples: documents/taught.csv"))
    client = client_of(tmp_path / "foreign")
    boats = client.create_collection("boats", embedding_function=None)
    boats.add(
        ids=["1"], documents=[f"Ask {MAIL}."], embeddings=FakeEmbedder().embed(["x"]), metadatas=[{"source": "a"}]
    )
    client.close()
    adopt(tmp_path / "foreign", "boats", holding.adopted, FakeEmbedder())
    project = open_project(holding.folder)
    places = {(p["kind"], p["source"]) for p in audit(project)["places"]}
    assert ("email", "adopted://boats/a") in places
    assert ("card", "documents/taught.csv") not in places
    seen: list[str] = []
    monkeypatch.setattr(
        "groundtune.jobs.measure_machine._index", lambda _, documents, *__: seen.extend(d.source for d in documents)
    )
    monkeypatch.setattr("groundtune.jobs.measure_machine._train", lambda *_: None)
    assistant = Assistant(project, generator=FakeGenerator(), embedder=FakeEmbedder())
    measure(assistant)
    build_index(assistant)
    assert set(seen) == {p.source for p in assistant.index.passages()}


def said(project: Project, *options: str, status: int = 0) -> str:
    """What ``groundtune audit`` prints, on either stream."""
    ended = CliRunner().invoke(app, ["audit", "-p", str(project.folder), *options], env={"COLUMNS": "200"})
    assert ended.exit_code == status, ended.output
    return ended.stdout + ended.stderr


def test_no_value_is_told_anywhere(holding: Project) -> None:
    screens = [said(holding), said(holding, "--json")]
    written = [f.read_bytes() for f in holding.built.rglob("*") if f.is_file()]
    for value in VALUES:
        assert not any(value in t for t in screens)
        assert not any(value.encode() in w for w in written)


def test_the_json_is_what_is_kept(holding: Project) -> None:
    assert json.loads(run("audit", "-p", str(holding.folder), "--json").stdout) == json.loads(
        holding.audit_file.read_text()
    )


def test_strict_ends_with_1_until_all_is_decided(holding: Project) -> None:
    said(holding, "--strict", status=1)
    lines = [line for line in (holding.folder / "examples.jsonl").read_text().splitlines() if '"p2"' not in line]
    (holding.folder / "examples.jsonl").write_text("\n".join(lines[:-1]))
    set_(holding, "privacy:\n  kinds:\n    email: keep\n")
    assert "nothing left to be decided" in said(holding, "--strict")


def test_lines_that_are_no_examples_are_faults_without_their_words(holding: Project) -> None:
    (holding.folder / "examples.jsonl").write_text(
        f'{{"question": "a", "answer": {{"{CARD}": "1"}}}}\n{{"question": " ", "answer": "b"}}'
    )
    report = audit(holding)
    assert [f["where"] for f in report["faults"]] == [
        'examples.jsonl, line 1, field "answer"',
        'examples.jsonl, line 2, field "question"',
    ]
    assert CARD not in holding.audit_file.read_text()


def test_nothing_masked_reaches_index_or_training(holding: Project) -> None:
    assistant = Assistant(holding, generator=FakeGenerator(), embedder=FakeEmbedder())
    report, _ = build_index(assistant)
    assert report.documents == 3  # the copy is left out
    texts = " ".join(p.text for p in assistant.index.passages())
    assert "pay to [IBAN]" in texts
    assert MAIL in texts
    written = [f.read_bytes() for f in holding.built.rglob("*") if f.is_file()]
    for value in (CARD, IBAN, SSN, KEY):
        assert not any(value.encode() in w for w in written)
    (example,) = (e for e in holding.training_examples() if e.id == "p1")
    assert example.answer == f"[CARD], of {MAIL}"
    kept = json.loads(holding.protection_file.read_text())
    assert kept["kinds"]["card"] == {"found": 1, "changed": 1}
    assert kept["duplicates"] == {"documents/hours.md": "documents/hours copy.md"}


def test_pseudonyms_are_the_same_in_documents_and_examples(holding: Project) -> None:
    project = set_(holding, "privacy:\n  personal_data: pseudonym\n")
    document = project.protector().document(Document("a", "a", f"card {CARD}; {MAIL}"))
    assert document is not None
    assert document.text == "card [CARD 1]; [EMAIL 1]"
    (example,) = (e for e in project.training_examples() if e.id == "p1")
    assert example.answer == "[CARD 1], of [EMAIL 1]"


def test_off_is_off_though_yaml_calls_it_false(holding: Project) -> None:
    project = set_(holding, "privacy:\n  personal_data: off\n  names: off\nduplicates:\n  near: off\n  exact: keep\n")
    assert (project.settings.privacy.personal_data, project.settings.duplicates.near) == ("off", "off")
    assert audit(project)["kinds"] == []


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("privacy:\n  kinds: {e-mail: mask}\n", "no kind e-mail"),
        ("privacy:\n  allow: ['/(/']\n", "no regular expression"),
        ("privacy:\n  alow: []\n", 'write "allow"'),
        ("duplicates:\n  exact: perhaps\n", "'drop' or 'keep'"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(project: Project, lines: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        set_(project, lines)


def test_faults_of_examples() -> None:
    a, b = Example("a", "How long?", "60 days"), Example("b", "how long", "60 days!")
    c, d = Example("c", "How long?", None), Example("d", "Else?", "x")
    assert faults_of([a, d], []) == []
    assert faults_of([a, b], []) == [{"fault": "repeated", "examples": ["a", "b"]}]
    assert faults_of([a, c], []) == [{"fault": "contradictory", "examples": ["a", "c"]}]
    assert faults_of([a], [b]) == [{"fault": "overlap", "examples": ["a"], "held_out": ["b"]}]


class FakeSpacy:
    """spaCy with one model, which takes every word after ``Ms`` for a person and every ``Acme`` for a company."""

    def __init__(self, *installed: str, version: str = "1.0") -> None:
        self.version = version
        self.util = SimpleNamespace(get_installed_models=lambda: list(installed))

    def load(self, name: str) -> object:
        class Read:
            meta: ClassVar = {"version": self.version}

            def __call__(self, text: str) -> SimpleNamespace:
                return read(text)

        def read(text: str) -> SimpleNamespace:
            at = text.find("Ms ") + 3
            end = at + len(text[at:].split()[0])
            company = text.find("Acme")
            person = SimpleNamespace(label_="PERSON", start_char=at, end_char=end, text=text[at:end])
            other = SimpleNamespace(label_="ORG", start_char=company, end_char=company + 4, text="Acme")
            return SimpleNamespace(ents=[person, other])

        return Read()


def test_names_are_masked_where_a_model_for_them_is_installed() -> None:
    names = name_finder("auto", FakeSpacy("en_small"))
    assert names is not None
    text = "Ask Ms Lindqvist of Acme."
    assert [(f.kind, text[f.start : f.end]) for f in find(text, names.find)] == [("name", "Lindqvist")]
    masked = Protector(Policy("mask"), lambda kind, value: 1, names.find).document(Document("a", "Ms Lindqvist", text))
    assert masked is not None
    assert masked.text == "Ask Ms [NAME] of Acme."


def test_without_a_model_names_are_not_looked_for_and_a_named_one_is_missed() -> None:
    assert name_finder("off", FakeSpacy("en_small")) is None
    assert name_finder("auto", FakeSpacy()) is None
    with pytest.raises(ModelError, match="en_small"):
        name_finder("de_large", FakeSpacy("en_small"))


def test_another_model_for_names_or_another_version_is_another_protection(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stamps(names: Names | None) -> set[str]:
        monkeypatch.setattr("corpus.privacy.person_names.name_finder", lambda model: names)
        with Documents(project) as documents:
            return {source.stamp.rpartition(" ")[0] for source in documents.sources()}  # less what each record adds

    for file in project.folder.rglob("*"):
        os.utime(file, (1, 1))
    small, newer = (name_finder("auto", FakeSpacy("en_small", version=v)) for v in ("1.0", "1.1"))
    stamped = [stamps(names) for names in (None, small, newer)]
    assert all(stamped)
    assert all(one.isdisjoint(other) for one, other in combinations(stamped, 2))
    assert stamps(newer) == stamped[2]


def test_tags_and_further_fields_are_told_and_nothing_is_told_from_text_to_text() -> None:
    protector = Protector(Policy("mask"), lambda kind, value: 1)
    places = places_in(Document("a.md", "OAuth2 guide", "Reset your password", tags=("jo@shop.com",)), protector, None)
    assert [(p.kind, p.field) for p in places] == [("email", "tag")]
    file = ExamplesFile("e.jsonl", (Example("1", "Reset your password", "OAuth2", extra={"by": "jo@shop.com"}),), (1,))
    assert [(p.kind, p.field, p.column) for p in places_among(file, protector)] == [("email", "extra", 1)]
