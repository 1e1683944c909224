"""Documents in, retrieved passages and cited answers out. Knows nothing of training."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rag.index.passage_filter import EVERYTHING, Filter

if TYPE_CHECKING:
    from langchain_core.messages import AIMessageChunk
    from langchain_core.runnables import Runnable

    from lm.answerer import Answerer
    from lm.questions.followup import Rewrite
    from rag.langchain_adapters import PassageRetriever, Question
    from rag.retrieve.retrieve import Retriever


def as_retriever(retriever: Retriever, k: int = 4, where: Filter = EVERYTHING) -> PassageRetriever:
    """The LangChain retriever of the ``k`` best passages, of those that pass ``where``."""
    from rag.langchain_adapters import PassageRetriever

    return PassageRetriever(retriever=retriever, k=k, where=where)


def as_runnable(answerer: Answerer, rewrite: Rewrite | None = None) -> Runnable[Question, AIMessageChunk]:
    """The LangChain Runnable that answers as ``answerer`` does: a question, or with ``rewrite`` the last of messages."""
    from rag.langchain_adapters import runnable

    return runnable(answerer, rewrite)
