"""The index as a LangChain retriever, an arm as a LangChain Runnable. Adds nothing but their interfaces.

``from rag import as_retriever, as_runnable`` gives both without importing LangChain before it is needed.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import asdict

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.messages import AIMessageChunk
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import Runnable, RunnableLambda
from pydantic import ConfigDict, Field

from lm.answer import Answer, Answerer
from rag.filter import Filter
from rag.retrieve import Retriever

Question = str | Mapping[str, str]
"""The question itself, or a mapping that holds it as ``question``."""


class PassageRetriever(BaseRetriever):
    """Finds the ``k`` best passages of an index.

    A document's ``page_content`` is the passage, verbatim; its ``metadata`` tell where it stands (``source``, ``title``,
    ``heading``, ``page``, and ``start`` and ``end`` in characters) and why it was found (``score``, ``similarity``, ``bm25``).
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    retriever: Retriever
    k: int = Field(4, ge=1)
    where: Filter | None = None
    """In the place of the retriever's own filter."""

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        documents = []
        for found in self.retriever.retrieve(query, self.k, where=self.where):
            told = asdict(found)
            passage = told.pop("passage")
            name, text = passage.pop("id"), passage.pop("text")
            documents.append(Document(page_content=text, metadata=passage | told, id=name))
        return documents


def runnable(answerer: Answerer) -> Runnable[Question, AIMessageChunk]:
    """An arm that answers a question with a message, piece by piece where it is streamed.

    ``response_metadata`` is what ``groundtune ask --json`` prints: citations, route, times. Questions asked at the same time
    wait for each other: an engine has one model.
    """
    alone = threading.Lock()

    def answered(asked: Question) -> Iterator[AIMessageChunk]:
        question = asked if isinstance(asked, str) else asked["question"]
        said = ""
        with alone:
            for piece in answerer.stream(question):
                if isinstance(piece, Answer):
                    yield AIMessageChunk(content="" if said else piece.text, response_metadata=piece.to_json())
                elif new := piece if said else piece.lstrip():
                    said += new
                    yield AIMessageChunk(content=new)

    async def awaited(asked: Question) -> AsyncIterator[AIMessageChunk]:
        pieces = answered(asked)
        while piece := await asyncio.to_thread(next, pieces, None):
            yield piece

    return RunnableLambda(answered, awaited, name=f"groundtune-{answerer.name}")
