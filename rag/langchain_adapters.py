"""The index as a LangChain retriever, an arm as a LangChain Runnable. Adds nothing but their interfaces.

``from rag import as_retriever, as_runnable`` gives both without importing LangChain before it is needed.
"""

from __future__ import annotations

import asyncio
import itertools
import threading
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.messages import AIMessage, AIMessageChunk, HumanMessage, convert_to_messages
from langchain_core.prompt_values import PromptValue
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import Runnable, RunnableLambda
from pydantic import ConfigDict, Field

from corpus.errors import InputError
from lm.answerer import Answer, Answerer
from lm.questions.conversation import Conversation
from lm.questions.followup import Rewrite
from rag.index.passage_filter import EVERYTHING, Filter
from rag.retrieve.retrieve import Retriever

Question = str | Mapping[str, Any] | Sequence[Any] | PromptValue
"""The question itself, a mapping that holds it as ``question`` (and earlier messages as ``history``), or messages of which
it is the last one (as LangChain takes them: objects, pairs or dictionaries; a filled prompt; a mapping's ``messages``)."""
_MEND = 'pass "…", {"question": "…"} or messages that end with the user\'s'


class PassageRetriever(BaseRetriever):
    """Finds the ``k`` best passages of an index.

    A document's ``page_content`` is the passage, verbatim; its ``metadata`` tell where it stands (``source``, ``title``,
    ``heading``, ``page``, and ``start`` and ``end`` in characters) and why it was found (``score``, ``similarity``, ``bm25``).
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    retriever: Retriever
    k: int = Field(4, ge=1)
    where: Filter = EVERYTHING
    """Only passages that pass it are found."""

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        documents = []
        for hit in self.retriever.within(self.where).retrieve(query, self.k):
            scores = asdict(hit)
            passage = scores.pop("passage")
            name, text = passage.pop("id"), passage.pop("text")
            documents.append(Document(page_content=text, metadata=passage | scores, id=name))
        return documents


def runnable(answerer: Answerer, rewrite: Rewrite | None = None) -> Runnable[Question, AIMessageChunk]:
    """An arm that answers a question with a message, piece by piece where it is streamed.

    ``response_metadata`` is what ``groundtune ask --json`` prints: citations, route, times. Of messages the last one is
    asked, with ``rewrite`` as the ones before it let it be understood; system messages are not obeyed: an arm has its own.
    Questions asked at the same time wait for each other: an engine has one model.
    """
    alone = threading.Lock()

    def answered(asked: Question) -> Iterator[AIMessageChunk]:
        said = ""
        with alone:
            question, talk = _conversation(asked, answerer, rewrite)
            for piece in talk.stream(question):
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


def _conversation(asked: Question, answerer: Answerer, rewrite: Rewrite | None) -> tuple[str, Conversation]:
    """The question to ask, and the conversation up to it. Raises ``InputError`` where no question comes last."""
    talk = Conversation(answerer, rewrite)
    if isinstance(asked, str):
        return asked, talk
    given: Any = asked.get("messages") if isinstance(asked, Mapping) else asked
    if isinstance(asked, Mapping) and "question" in asked:
        given = [*asked.get("history", ()), ("user", asked["question"])]
    try:
        messages = given.to_messages() if isinstance(given, PromptValue) else convert_to_messages(given)
    except (TypeError, ValueError, NotImplementedError) as error:
        raise InputError(f"{type(asked).__name__}: neither a question nor messages", mend=_MEND) from error
    spoken = [m for m in messages if isinstance(m, HumanMessage | AIMessage)]
    if not spoken or not isinstance(spoken[-1], HumanMessage):
        raise InputError("the last message is no question", mend=_MEND)
    for message, reply in itertools.pairwise(spoken):
        if isinstance(message, HumanMessage):
            talk.add(str(message.text), str(reply.text) if isinstance(reply, AIMessage) else "")
    return str(spoken[-1].text), talk
