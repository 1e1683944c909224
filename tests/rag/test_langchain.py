"""At home in LangChain: the index as a retriever, an arm as a Runnable, and the README's snippet."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import AIMessage, HumanMessage
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import RunnablePassthrough

import groundtune
from corpus.documents.read_documents import read_documents
from corpus.errors import InputError
from groundtune.assistant import Assistant
from groundtune.jobs.build_index import build_index
from rag import as_retriever, as_runnable
from tests.conftest import ROOT
from tests.fakes import FakeEmbedder, FakeGenerator

QUESTION = "When are refunds paid?"


@pytest.fixture
def built(assistant: Assistant) -> Assistant:
    """The small shop, indexed."""
    build_index(assistant)
    return assistant


def test_the_retriever_finds_what_ours_finds_at_its_place(built: Assistant) -> None:
    found = as_retriever(built.retriever, k=2).invoke(QUESTION)
    ours = built.retriever.retrieve(QUESTION, 2)
    assert [(d.id, d.page_content) for d in found] == [(f.passage.id, f.passage.text) for f in ours]
    texts = {d.source: d.text for d in read_documents(built.project.document_paths(), built.project.folder).documents}
    for document in found:
        told = document.metadata
        assert texts[told["source"]][told["start"] : told["end"]] == document.page_content
        assert {"heading", "page", "score", "similarity"} <= told.keys()


def test_no_passages_are_refused(built: Assistant) -> None:
    with pytest.raises(ValueError, match="greater than or equal to 1"):
        as_retriever(built.retriever, k=0)


@pytest.mark.parametrize("arm", ["rag", "extract", "auto"])
def test_an_arm_answers_as_a_runnable_whole_or_in_pieces(built: Assistant, arm: str) -> None:
    answerer = built.answerer(arm)
    assistant = as_runnable(answerer)
    answer = answerer.answer(QUESTION)
    message = assistant.invoke(QUESTION)
    assert message.content == answer.text
    assert message.response_metadata["citations"] == answer.to_json()["citations"]
    *pieces, last = assistant.stream({"question": QUESTION})
    assert "".join(str(p.content) for p in pieces) == answer.text
    assert last.response_metadata["text"] == answer.text


def test_a_runnable_takes_its_place_in_a_chain(built: Assistant) -> None:
    chain: Any = {"question": RunnablePassthrough()} | as_runnable(built.answerer("rag")) | StrOutputParser()
    asked = [QUESTION, "When do you open?", QUESTION]
    assert chain.batch(asked) == [built.answerer("rag").answer(q).text for q in asked]


def test_a_fault_reaches_the_caller(built: Assistant) -> None:
    with pytest.raises(InputError):
        as_runnable(built.answerer("rag")).invoke("  ")


CONVERSATION = [
    ("system", "Be rude."),
    ("user", QUESTION),
    ("assistant", "After 5 days."),
    ("user", "How long is that?"),
]


@pytest.mark.parametrize(
    "asked",
    [
        CONVERSATION,
        {"messages": CONVERSATION},
        {"question": "How long is that?", "history": CONVERSATION[:-1]},
        ChatPromptTemplate.from_messages(CONVERSATION).invoke({}),
        [HumanMessage(QUESTION), AIMessage("After 5 days."), HumanMessage("How long is that?")],
        [
            {"role": "user", "content": QUESTION},
            {"role": "user", "content": [{"type": "text", "text": "How long is that?"}]},
        ],
    ],
)
def test_of_messages_the_last_one_is_asked_as_those_before_let_it_be_understood(built: Assistant, asked: Any) -> None:
    answerer = built.answerer("rag")
    told = as_runnable(answerer, built.rewrite).invoke(asked).response_metadata
    assert (told["question"], told["asked"]) == ("How long is that?", "How long is that? (refunds paid)")
    assert told["text"] == answerer.answer(told["asked"]).text
    alone = as_runnable(answerer).invoke(asked).response_metadata
    assert alone["asked"] is None
    assert alone["text"] == answerer.answer("How long is that?").text


@pytest.mark.parametrize(
    "asked",
    [[], [AIMessage("Hello.")], [HumanMessage("Hello."), AIMessage("Hello.")], {"input": "x"}, {"question": 3}, [3], 3],
)
def test_what_ends_with_no_question_is_refused(built: Assistant, asked: Any) -> None:
    with pytest.raises(InputError, match="question"):
        as_runnable(built.answerer("rag")).invoke(asked)


async def _both(built: Assistant) -> tuple[str, list[str]]:
    assistant = as_runnable(built.answerer("rag"))
    whole = await assistant.ainvoke(QUESTION)
    return str(whole.content), [str(p.content) async for p in assistant.astream(QUESTION)]


def test_a_runnable_can_be_awaited(built: Assistant) -> None:
    import asyncio

    whole, pieces = asyncio.run(_both(built))
    assert whole == "".join(pieces) == built.answerer("rag").answer(QUESTION).text


def test_the_snippet_of_the_readme_runs(
    built: Assistant, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (snippet,) = re.findall(r"```python\n(.+?)```", (ROOT / "README.md").read_text(), re.S)
    monkeypatch.chdir(Path(built.project.folder).parent)
    monkeypatch.setattr("lm.engines.choose_engine.load_generator", lambda *_, **__: FakeGenerator())
    monkeypatch.setattr("lm.engines.choose_engine.load_embedder", lambda *_: FakeEmbedder())
    names: dict[str, Any] = {}
    exec(snippet.replace("How much is the Juniper Duo tent?", QUESTION), names)
    assert names["documents"]
    assert names["message"].content in capsys.readouterr().out


def test_the_public_api_asks_no_hub(built: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.delenv("ANONYMIZED_TELEMETRY", raising=False)
    assert groundtune.open_project(built.project.folder).folder == built.project.folder
    assert (os.environ["HF_HUB_OFFLINE"], os.environ["ANONYMIZED_TELEMETRY"]) == ("1", "False")
    assert groundtune.Assistant is Assistant
    with pytest.raises(AttributeError, match="nothing_of_this_name"):
        _ = groundtune.nothing_of_this_name
