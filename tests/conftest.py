"""What tests share: a small shop on disk, fakes, the sample domain, and a home of their own."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from groundtune.assistant import Assistant
from groundtune.project.new_project import init
from groundtune.project.project import Project
from lm.models.catalogue import cache_folder, catalogue, is_pulled
from tests.fakes import FakeEmbedder, FakeGenerator

ROOT = Path(__file__).parent.parent
SAMPLE = ROOT / "data" / "outdoor-shop"

RETURNS = """# Returns

## Period

Unworn items can be returned within 60 days.

## Refunds

Refunds arrive after 5 days.
"""
HOURS = "# Opening hours\n\nThe store in Linz opens at 9:00 and closes at 18:30.\n"
EXAMPLES = [
    {"id": f"e{n}", "question": question, "answer": answer}
    for n, (question, answer) in enumerate(
        [
            ("How long can I return unworn items?", "Unworn items can be returned within 60 days."),
            ("When do refunds arrive?", "Refunds arrive after 5 days."),
            ("When does the Linz store open?", "The store in Linz opens at 9:00."),
            ("When does Linz close?", "Linz closes at 18:30."),
            ("Do you sell boats?", None),
            ("Is there a canteen?", None),
            ("Return period?", "60 days."),
            ("Refund time?", "5 days."),
        ]
    )
]


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A folder with two documents, eight examples and two held-out questions."""
    folder = tmp_path / "shop"
    (folder / "documents").mkdir(parents=True)
    (folder / "documents" / "returns.md").write_text(RETURNS)
    (folder / "documents" / "hours.md").write_text(HOURS)
    (folder / "examples.jsonl").write_text("".join(json.dumps(e) + "\n" for e in EXAMPLES))
    asked: list[dict[str, str | None]] = [
        {"question": "Until when may I return unworn things?", "answer": "Within 60 days."}
    ]
    asked.append({"question": "Who owns the moon?", "answer": None, "kind": "unanswerable"})
    (folder / "questions.jsonl").write_text("".join(json.dumps(q) + "\n" for q in asked))
    return folder


@pytest.fixture
def project(shop: Path) -> Project:
    """A project made of the small shop."""
    return init(shop, [str(shop / "documents")], str(shop / "examples.jsonl"), str(shop / "questions.jsonl"))


@pytest.fixture
def assistant(project: Project) -> Assistant:
    """The small shop's assistant with fakes for models."""
    return Assistant(project, generator=FakeGenerator(), embedder=FakeEmbedder())


@pytest.fixture
def real_models() -> Path:
    """The cache with the two offline models; the test is skipped where they were not pulled."""
    missing = [m.name for m in catalogue() if not is_pulled(m.name, cache_folder())]
    if missing:
        pytest.skip(f"not pulled: {', '.join(missing)} (run make setup)")
    return cache_folder()


@pytest.fixture(scope="session")
def chroma_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a Chroma server of this session; tests that need it are skipped where it cannot be started."""
    program = Path(sys.executable).with_name("chroma")
    if not program.is_file():
        pytest.skip(f"no {program.name} beside this Python")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = tmp_path_factory.mktemp("chroma-server")
    command = [str(program), "run", "--path", str(folder), "--host", "127.0.0.1", "--port", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 30
        while not _answers(port):
            if server.poll() is not None or time.monotonic() > until:
                pytest.skip("the Chroma server does not start here")
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.kill()
        server.wait()


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
