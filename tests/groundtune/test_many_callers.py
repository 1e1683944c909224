"""One assistant asked from many threads, while its index is brought in step with its documents by another process."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from corpus.atomic_files import write_text
from groundtune.assistant import Assistant
from groundtune.jobs.build_index import build_index
from lm.answerer import Answer
from lm.engines.one_at_a_time import OneAtATime, alone
from tests.fakes import FakeEmbedder, FakeGenerator

THREADS, ROUNDS = 16, 4
QUESTIONS = ("When do refunds arrive?", "When does the Linz store open?", "How long can I return unworn items?")


def _asked(assistant: Assistant, n: int) -> list[Answer]:
    arms = ("rag", "extract", "auto")
    return [assistant.answerer(arms[(n + r) % 3]).answer(QUESTIONS[(n + r) % 3]) for r in range(ROUNDS)]


def test_sixteen_threads_ask_while_the_index_is_updated(assistant: Assistant) -> None:
    build_index(assistant)
    folder = assistant.project.document_paths()[0]
    there = {file.name for file in folder.iterdir()}
    other = Assistant(assistant.project, generator=FakeGenerator(), embedder=FakeEmbedder())
    with ThreadPoolExecutor(THREADS) as pool:
        asked = [pool.submit(_asked, assistant, n) for n in range(THREADS)]
        for n in range(3):
            write_text(folder / f"news-{n}.md", f"# News {n}\n\nThe shop moves to street number {n}.\n")
            build_index(other)
        answers = [answer for each in asked for answer in each.result()]
    assert len(answers) == THREADS * ROUNDS
    assert all(answer.text for answer in answers)
    assert {Path(c.source).name for answer in answers for c in answer.citations} <= there | {
        f"news-{n}.md" for n in range(3)
    }
    assistant.index.forget()
    assert len(assistant.index.entries()) == len(there) + 3


class _Counted(OneAtATime):
    """Notices whether two threads are in it at once."""

    def __init__(self) -> None:
        super().__init__()
        self.inside = self.most = 0

    @alone
    def work(self) -> None:
        self.inside += 1
        self.most = max(self.most, self.inside)
        time.sleep(0.001)
        self.inside -= 1


def test_an_engine_answers_one_thread_after_the_other() -> None:
    engine = _Counted()
    threads = [threading.Thread(target=engine.work) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert engine.most == 1


class _Closing(FakeGenerator):
    closed = 0

    def close(self) -> None:
        self.closed += 1


def test_a_closed_assistant_lets_go_and_answers_again(assistant: Assistant) -> None:
    engine = _Closing()
    built = Assistant(assistant.project, generator=engine, embedder=FakeEmbedder())
    built.close()
    assert engine.closed == 0, "nothing was opened"
    build_index(built)
    before = built.answerer("rag").answer(QUESTIONS[0])
    built.close()
    assert engine.closed == 1
    assert built.answerer("rag").answer(QUESTIONS[0]).text == before.text


@pytest.mark.slow
def test_real_models_answer_many_threads_as_they_answer_one(real_models: Path, assistant: Assistant) -> None:
    real = Assistant(assistant.project)
    build_index(real)
    alone_asked = [_texts(real, n) for n in range(3)]
    with ThreadPoolExecutor(THREADS) as pool:
        together = list(pool.map(lambda n: _texts(real, n % 3), range(THREADS)))
    assert together == [alone_asked[n % 3] for n in range(THREADS)]


def _texts(assistant: Assistant, n: int) -> Sequence[str]:
    return [assistant.answerer(arm).answer(QUESTIONS[n]).text for arm in ("rag", "extract")]
