"""What the tuned model is shown for a question: passages and earlier answers, in one order."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

from corpus.records import Passage, ShownText
from rag.retrieve.earlier_answers import Memory
from rag.retrieve.late_interaction import EARLIER
from rag.retrieve.retrieve import Retriever

if TYPE_CHECKING:
    import numpy


@dataclass(frozen=True)
class Shown:
    """A text as the prompt shows it, and the passages an answer made from it rests on."""

    text: ShownText
    rests_on: tuple[Passage, ...]


def what_to_show(
    retriever: Retriever,
    memory: Memory | None,
    question: str,
    k: int,
    remembered: int,
    vector: numpy.ndarray | None = None,
    but: Collection[str] = (),
) -> tuple[Shown, ...]:
    """The ``k`` best texts, best first, at most ``remembered`` of them earlier answers, none of those named in ``but``.

    Without a reranking the earlier answers that are near enough come first.
    """
    if vector is None:
        vector = retriever.embedder.embed([question])[0]
    barred = _barred(retriever, memory) if memory and retriever.where else []
    near = memory.near(vector, EARLIER, {*but, *barred}) if memory and remembered else []
    texts = retriever.retrieve_beside(question, k + EARLIER, vector, [(e.shown, cosine) for e, cosine in near])
    if memory and not retriever.tuning.late:
        texts = (*(e.shown for e, cosine in near if cosine >= memory.threshold), *texts)
    evidence = {e.id: e.evidence for e, _ in near}
    return tuple(Shown(t, (t,) if isinstance(t, Passage) else evidence[t.id]) for t in at_most(remembered, texts)[:k])


def _barred(retriever: Retriever, memory: Memory) -> list[str]:
    """The earlier answers that rest on anything that does not pass the retriever's filter."""
    where = retriever.where.among(retriever.index.entries())
    return [e.id for e in memory.entries if not all(where.passes(p) for p in e.evidence)]


def at_most(most: int, texts: Iterable[ShownText]) -> list[ShownText]:
    """``texts`` with only the first ``most`` of the earlier answers among them."""
    earlier = count(1)
    return [t for t in texts if isinstance(t, Passage) or next(earlier) <= most]
