"""Nothing is dropped in silence: files, pieces of files and formats that are not read are told by every verb."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console
from typer.testing import CliRunner

from corpus.atomic_files import read_json
from corpus.documents.document_files import IGNORE, listed
from corpus.documents.formats.known_formats import FORMATS
from corpus.documents.formats.part import Block, LeftOut, Part
from corpus.documents.read_documents import documents_from, read_documents
from corpus.errors import Fault, GroundtuneError, InputError, Omission
from corpus.records import Document
from groundtune.assistant import Assistant
from groundtune.cli.main import app
from groundtune.jobs.build_index import build_index
from groundtune.project.not_read import NotRead, alike, by_suffix
from groundtune.project.project import Project
from groundtune.screens.not_read_screen import show_not_read
from tests.fakes import FakeEmbedder, FakeGenerator


@pytest.fixture
def run(project: Project, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """``groundtune …`` on the small shop with fakes: its standard output, in one line."""
    monkeypatch.setattr("lm.engines.choose_engine.load_embedder", lambda *_: FakeEmbedder())
    monkeypatch.setattr("lm.engines.choose_engine.load_generator", lambda *_, **__: FakeGenerator())

    def run(*args: str, status: int = 0) -> str:
        ended = CliRunner().invoke(app, [*args, "--project", str(project.folder)])
        if isinstance(ended.exception, GroundtuneError):
            raise ended.exception
        assert ended.exit_code == status, ended.output
        return ended.stdout if "--json" in args else " ".join(ended.stdout.split())

    return run


@pytest.fixture
def lacking(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """The small shop with a file whose reader leaves pieces out, one without text and two of formats that are not read."""
    folder = project.folder / "documents"

    def read(file: Path) -> Iterator[Part]:
        left_out = tuple(LeftOut(f"page {n}", "holds no text", "recognise it") for n in range(2, 42))
        yield Part((Block("", file.read_text()),), left_out=left_out)

    monkeypatch.setattr("corpus.documents.formats.text.plain.read", read)
    (folder / "lease.txt").write_text("The rent is due on the 3rd.")
    (folder / "blank.md").write_text("\n")
    (folder / "minutes.DOC").write_bytes(b"\xd0\xcf\x11\xe0")
    (folder / "README").write_text("Read me.")
    for file in folder.iterdir():
        os.utime(file, (1_700_000_000, 1_700_000_000))
    return project


COUNTS = (
    "1 file cannot be read",
    "40 pieces left out of 1 document",
    "2 files of formats not read: .doc 1, without suffix 1",
)


@pytest.mark.long
def test_every_verb_tells_what_is_not_read_the_second_time_too(run: Callable[..., str], lacking: Project) -> None:
    verbs = [("index", "update"), ("index", "update"), ("index", "verify"), ("audit",), ("index", "rebuild")]
    for verb in verbs:
        screen = run(*verb)
        assert all(count in screen for count in COUNTS), screen
        assert "documents/blank.md: holds no text" in screen
        assert "documents/lease.txt, page 2: holds no text" in screen
        assert "page 5" not in screen
        assert "… and 37 more in 1 file mend: recognise it" in screen
    assert all(count in run("status") for count in COUNTS)
    assert all(count in run("provision", "--approach", "rag") for count in COUNTS)


@pytest.mark.long
def test_json_names_each_of_them(run: Callable[..., str], lacking: Project) -> None:
    verbs = {("index", "update"): "skipped", ("index", "verify"): "unreadable", ("status",): "unreadable"}
    verbs |= {("audit",): "skipped", ("provision", "--approach", "rag"): "skipped"}
    for verb, whole in verbs.items():
        report = json.loads(run(*verb, "--json"))
        assert [f["where"] for f in report[whole]] == ["documents/blank.md"]
        assert [o["where"] for o in report["left_out"]] == [f"documents/lease.txt, page {n}" for n in range(2, 42)]
        assert {o["source"] for o in report["left_out"]} == {"documents/lease.txt"}
        assert report["formats_not_read"] == {".doc": ["documents/minutes.DOC"], "without suffix": ["documents/README"]}
    assert read_json(lacking.audit_file)["unreadable"] == ["documents/blank.md"]


@pytest.mark.long
def test_strict_refuses_each_sort_of_them(run: Callable[..., str], lacking: Project) -> None:
    folder = lacking.folder / "documents"
    run("index", "update")
    for wanted, mend in [
        ("blank.md: holds no text", (folder / "blank.md").unlink),
        (r"page 2: holds no text", (folder / "lease.txt").unlink),
        (r"documents/minutes.DOC, documents/README: 2 files of formats", lambda: None),
    ]:
        for verb in [("index", "update"), ("index", "rebuild"), ("provision", "--approach", "rag")]:
            with pytest.raises(InputError, match=wanted):
                run(*verb, "--strict")
        run("index", "verify", "--strict", status=1)
        run("audit", "--strict", status=1)
        mend()
    (folder / IGNORE).write_text("*.doc\nREADME\n*.DOC\n")
    assert "not read" not in run("index", "update", "--strict")
    run("index", "verify", "--strict")
    assert "not read" not in run("status")


def test_what_strict_refuses_to_add_is_not_named(run: Callable[..., str], project: Project, tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "a.md").write_text("Words.")
    (tmp_path / "more" / "b.odt").write_text("Words.")
    before = (project.folder / "groundtune.yaml").read_text()
    with pytest.raises(InputError, match=r"more/b.odt: 1 file of formats not read: .odt 1"):
        run("index", "add", str(tmp_path / "more"), "--strict")
    assert (project.folder / "groundtune.yaml").read_text() == before
    assert "1 file of formats not read: .odt 1" in run("index", "add", str(tmp_path / "more"))


def test_a_project_with_nothing_but_unread_formats_says_so(run: Callable[..., str], project: Project) -> None:
    for file in (project.folder / "documents").iterdir():
        file.rename(file.with_suffix(".odt"))
    with pytest.raises(InputError, match=r"no readable document(.|\n)*2 files of formats not read: \.odt 2"):
        run("index", "update")


def test_an_error_stays_short_however_much_is_left_out() -> None:
    pieces = tuple(
        Omission(f"{n % 9}.pdf, page {n}", f"{n} formulas of “x{n}”", mend="m", source=f"{n % 9}.pdf")
        for n in range(999)
    )
    others = tuple(Omission(f"a.pdf, {n}", "kind " + "x" * n, source="a.pdf") for n in range(30))
    assert [len(a.shown) + a.more for a in alike(pieces)] == [999]
    assert alike(pieces)[0].rest() == "and 996 more in 9 files"
    assert sum(len(a.shown) + a.more for a in alike([*pieces, *others])) == 1029
    assert len(NotRead(pieces=(*pieces, *others)).faults()) < 30
    assert NotRead(formats=by_suffix(f"a.{n}x" for n in range(40))).counts()[0].endswith("28 more suffixes")


@pytest.mark.parametrize("width", [80, 120])
def test_the_screen_keeps_its_words_at_any_width(width: int) -> None:
    not_read = NotRead(
        (Fault("docs/[a].md", "holds no text", mend="fill it"),),
        (Omission("docs/b.pdf, page 2", "holds no text", mend="recognise it", source="docs/b.pdf"),),
        {".doc": ("docs/c.doc",)},
    )
    console = Console(width=width, record=True, file=open(os.devnull, "w"))  # noqa: SIM115
    show_not_read(not_read, console)
    assert console.export_text().splitlines() == [
        "! 1 file cannot be read",
        "  docs/[a].md: holds no text",
        "  mend: fill it",
        "! 1 piece left out of 1 document",
        "  docs/b.pdf, page 2: holds no text",
        "  mend: recognise it",
        "! 1 file of formats not read: .doc 1",
        "  docs/c.doc",
        f"  mend: convert them, or name them in {IGNORE} at the top of the folder",
    ]
    assert not NotRead()


def test_a_file_that_breaks_off_stays_told(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def read(file: Path) -> Iterator[Part]:
        yield Part((Block("", "Half of it."),))
        yield Part((Block("", "More of it."),))
        raise ValueError("the rest is lost")

    monkeypatch.setattr("corpus.documents.formats.text.plain.read", read)
    (project.folder / "documents" / "half.txt").write_text("x")
    os.utime(project.folder / "documents" / "half.txt", (1_700_000_000, 1_700_000_000))
    faults = [build_index(Assistant(project, embedder=FakeEmbedder()))[1].files for _ in range(2)]
    assert faults[0] == faults[1]
    assert "the rest is lost" in faults[0][0].found


# --- what lies in a folder ----------------------------------------------------------------------------------------


def test_links_loops_and_hidden_files(tmp_path: Path) -> None:
    docs, other = tmp_path / "docs", tmp_path / "other"
    for name in ("docs/sub/a.md", "docs/Thumbs.db", "docs/~$a.docx", "docs/.h.md", "docs/.git/x", "other/b.md"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("Words.")
    (docs / "loop").symlink_to(docs, target_is_directory=True)
    (docs / "sub" / "up").symlink_to("..", target_is_directory=True)
    (docs / "round.md").symlink_to(docs / "about.md")
    (docs / "about.md").symlink_to(docs / "round.md")
    (docs / "A first name.md").symlink_to(docs / "sub" / "a.md")
    os.link(docs / "sub" / "a.md", docs / "z.md")
    (docs / "elsewhere").symlink_to(other, target_is_directory=True)
    os.mkfifo(docs / "pipe.md")
    listing = listed([docs], tmp_path)
    assert [source for _, source in listing.files] == ["docs/sub/a.md"]
    assert listing.again == {"docs/A first name.md": "docs/sub/a.md", "docs/z.md": "docs/sub/a.md"}
    assert listing.unread == ()
    assert {f.where: f.found for f in listing.faults} == {
        "docs/about.md": "cannot be read (a link that leads nowhere)",
        "docs/elsewhere": "cannot be read (a link to a folder elsewhere, which is not followed)",
        "docs/pipe.md": "cannot be read (it is no regular file)",
        "docs/round.md": "cannot be read (a link that leads nowhere)",
    }
    assert [f.where for f in listed([docs, other], tmp_path).faults] == [
        "docs/about.md",
        "docs/pipe.md",
        "docs/round.md",
    ]
    (docs / IGNORE).write_text("elsewhere/\n*about.md\n/round.md\npipe.*\n")
    assert not listed([docs], tmp_path).faults
    with pytest.raises(InputError, match="not followed"):
        (docs / IGNORE).unlink()
        read_documents([docs], tmp_path, strict=True)


def test_a_name_with_brackets_is_ignored_as_it_is_written(tmp_path: Path) -> None:
    for name in ("a [1].md", "sub/b [2].md", "sub/c [2].md", "x1.md", "x2.md"):
        (tmp_path / "d" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "d" / name).write_text("Words.")
    (tmp_path / "d" / IGNORE).write_text("a [1].md \n/sub/b [2].md\nx[1].md\n")
    names = [source for _, source in listed([tmp_path / "d"], tmp_path).files]
    assert names == ["d/sub/c [2].md", "d/x2.md"]


def test_a_file_under_two_names_is_told_as_a_copy(run: Callable[..., str], project: Project) -> None:
    folder = project.folder / "documents"
    (folder / "a link.md").symlink_to(folder / "hours.md")
    assert "documents/a link.md (repeats documents/hours.md)" in run("index", "update")
    assert "documents/hours.md ← documents/a link.md (the same)" in run("audit")
    assert len(json.loads(run("index", "stats", "--json"))["largest"]) == 2


def test_questions_and_settings_among_the_documents_are_no_unread_formats(project: Project) -> None:
    settings = project.settings.model_copy(update={"documents": ["."]})
    report, not_read = build_index(Assistant(Project(project.folder, settings), embedder=FakeEmbedder()))
    assert report.documents == 2
    assert not not_read


_NAMES = st.sampled_from(["a", "B b", "ö", "o\u0308", "x[1]", "w?", "-", "#2", ".h", "~$o", "\udcff", "Thumbs"])
_SUFFIX = st.sampled_from([".md", ".MD", ".txt", ".csv", ".doc", "", ".json", ".db", ".odt", ".Txt"])
_CONTENT = st.sampled_from([b"Words.", b"", b"\x00\x01\x02\x03", b"a,b\n1,2\n"])
_PLACE = st.lists(st.sampled_from(["sub", "d [1]", "old", "ä", ".git"]), max_size=2)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(_PLACE, _NAMES, _SUFFIX, _CONTENT), max_size=12),
    st.sampled_from(["", "old/\n", "*.doc\nö*\n", "/a.md\n*\n!*.md\n"]),
)
def test_every_file_is_read_or_named_or_counted_or_ignored(
    files: list[tuple[list[str], str, str, bytes]], ignore: str
) -> None:
    from pathspec import GitIgnoreSpec

    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / IGNORE).write_text(ignore)
        for place, name, suffix, content in files:
            at = root.joinpath(*place, name + suffix)
            at.parent.mkdir(parents=True, exist_ok=True)
            at.write_bytes(content)
        there = {p for p in root.rglob("*") if p.is_file() and p.name != IGNORE}
        ignored = GitIgnoreSpec.from_lines(ignore.splitlines())
        passed = {
            p for p in there if _hidden(p.relative_to(root)) or ignored.match_file(_composed(p.relative_to(root)))
        }
        listing = listed([root], root)
        read = list(documents_from([root], root))
    by_name = {os.fsencode(p.relative_to(root).as_posix()).decode("utf-8", "backslashreplace"): p for p in there}
    documents = {by_name[r.source] for r in read if isinstance(r, Document)}
    named = {by_name[r.where] for r in read if isinstance(r, Fault)}
    counted = {by_name[source] for source in listing.unread}
    assert documents | named | counted | passed == there
    assert len(documents) + len(named) + len(counted) + len(passed) == len(there)
    assert all(p.suffix.lower() not in FORMATS for p in counted)


def _hidden(place: Path) -> bool:
    return any(part.startswith((".", "~$")) for part in place.parts) or place.name.lower() == "thumbs.db"


def _composed(place: Path) -> str:
    import unicodedata

    return unicodedata.normalize("NFC", place.as_posix())


def test_a_file_of_a_folder_elsewhere_is_known_by_its_source(tmp_path: Path) -> None:
    from groundtune.project.document_list import remove
    from groundtune.project.new_project import init

    elsewhere = tmp_path / "elsewhere" / "docs"
    elsewhere.mkdir(parents=True)
    (elsewhere / "Rope care [2013].md").write_text("# Ropes\n\nRopes are washed.\n")
    project = init(tmp_path / "p", [str(elsewhere)], None, None)
    with pytest.raises(InputError, match=r"it is a part of .*docs.*groundtuneignore"):
        remove(project, [Path("docs/Rope care [2013].md")])
    assert remove(project, [Path("docs")]).settings.documents == []
    with pytest.raises(InputError, match="no document of the project"):
        remove(project, [Path("other/Rope care [2013].md")])
