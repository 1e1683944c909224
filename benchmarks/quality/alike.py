"""Documents that are alike but for their names: which retrieval finds the right document, and in it the right passage?

``python -m benchmarks.quality.alike``: quarterly reports, policies by country and manuals by model, all invented
(``benchmarks.data.alike_documents``), read from their files, cut and searched as by default; and the contracts of CUAD,
where the data set is at hand. Recall among the first one, three and five, and reciprocal rank, of the documents asked for
and of passages of them that hold the answer; ours against the others question by question. ``sum`` is z-scored dense plus
BM25 alone, without regard to names; LangChain as in ``benchmarks.quality.retrieval`` (its chunks hold several of our
passages). The development half was looked at while names were built in, the test half was not; of the contracts all
questions were. Kept in ``benchmarks/results/alike.json``.
"""

from __future__ import annotations

import argparse
import json
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy

from benchmarks.data.alike_documents import Asked, Need, questions, write_documents
from benchmarks.machine import datasets, keep, rounded
from compare.significance import interval, paired_difference
from corpus.documents.read_documents import read_documents
from corpus.records import Document, Passage
from groundtune.offline import be_quiet
from groundtune.project.settings import Settings
from lm.engine_contract import Embedder
from lm.engines.choose_engine import load_embedder
from lm.models.catalogue import cache_folder
from rag.index.index import Index
from rag.index.vector_math import best_of
from rag.retrieve.retrieve import Retriever

RANKS = (1, 3, 5)
_DEEP = 60
"""Passages looked through."""
_CLAUSE = 60
"""Characters: a passage that holds the beginning of a longer answer, or stands within it, holds the answer."""
_SHORT = 40

Shown = tuple[str, str]
"""Source and text of a passage."""
Search = Callable[[str], Sequence[Shown]]


def main() -> None:
    """Measure every way on every kind of documents, and keep the figures."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    be_quiet()
    embedder = load_embedder("minilm-l6", cache_folder())
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        write_documents(folder)
        told = measured(read_documents([folder], folder).documents, questions(), embedder)
    contracts = datasets() / "ready" / "cuad"
    if contracts.is_dir():
        documents = read_documents([contracts / "documents"], contracts).documents
        told |= measured(documents, list(of_contracts(contracts / "questions.jsonl")), embedder)
    data = "invented (benchmarks/data/alike.toml); CUAD v1 (CC BY 4.0)"
    print(keep("alike", {"data": data, "embedder": embedder.name, "kinds": told}))


def of_contracts(file: Path) -> Iterator[Asked]:
    """The questions of CUAD that a clause answers."""
    for line in file.read_text(encoding="utf-8").splitlines():
        asked = json.loads(line)
        clauses = tuple(a for a in asked.get("answers", ()) if len(a) > _CLAUSE)
        if clauses and asked.get("kind") != "absent":
            need = Need(frozenset(asked["source"]), clauses)
            yield Asked(asked["question"], "contracts", "development", (need,))


def measured(documents: Sequence[Document], asked: Sequence[Asked], embedder: Embedder) -> dict[str, Any]:
    """By kind and half: each way's scores, and ours against the others."""
    from benchmarks.quality.retrieval import langchain_passages

    with tempfile.TemporaryDirectory() as folder:
        index = Index(Path(folder) / "index", embedder, max_tokens=Settings().passage_tokens)
        index.build(documents)
        ways: dict[str, Search] = {name: partial(_found, index, embedder, rank) for name, rank in RANKERS.items()}
        found = langchain_passages(documents, embedder)
        ways["langchain"] = lambda question: [(p.metadata["source"], p.page_content) for p in found(question)]
        scores = {
            name: [scores_of(question, search(question.question)) for question in asked]
            for name, search in ways.items()
        }
    told: dict[str, Any] = {}
    for kind, half in dict.fromkeys((a.kind, a.half) for a in asked):
        rows = [n for n, a in enumerate(asked) if (a.kind, a.half) == (kind, half)]
        told[f"{kind}, {half}"] = _compared({way: [each[n] for n in rows] for way, each in scores.items()})
        for measure in ("document_recall_at_3", "passage_recall_at_3"):
            print(kind, half, measure, {w: x["mean"] for w, x in told[f"{kind}, {half}"][measure].items()}, flush=True)
    return told


def _compared(scores: Mapping[str, Sequence[Mapping[str, float]]]) -> dict[str, Any]:
    told: dict[str, Any] = {"questions": len(scores["ours"])}
    for measure in scores["ours"][0]:
        values = {way: [each[measure] for each in of_way] for way, of_way in scores.items()}
        told[measure] = {way: rounded(asdict(interval(v))) for way, v in values.items()}
        told[f"{measure}_ours_minus"] = {
            way: rounded(asdict(paired_difference(values["ours"], v))) for way, v in values.items() if way != "ours"
        }
    return told


def scores_of(asked: Asked, found: Sequence[Shown]) -> dict[str, float]:
    """How far what a question needs stands among the first, as documents and as passages that answer."""
    sources = list(dict.fromkeys(source for source, _ in found))
    documents = [[source in need.sources for need in asked.needs] for source in sources]
    passages = [
        [source in need.sources and holds(text, need.evidence) for need in asked.needs] for source, text in found
    ]
    made: dict[str, float] = {}
    for name, hits in (("document", documents), ("passage", passages)):
        for k in RANKS:
            met = [any(hit[n] for hit in hits[:k]) for n in range(len(asked.needs))]
            made[f"{name}_recall_at_{k}"] = sum(met) / len(met)
        made[f"{name}_reciprocal_rank"] = next((1 / rank for rank, hit in enumerate(hits, 1) if any(hit)), 0.0)
    return made


def holds(text: str, evidence: Sequence[str]) -> bool:
    """Does a text hold one of the pieces, or stand within a long one?

    >>> holds("Total net revenue 1,234 1,198", ["1,234"]), holds("Total 21,234", ["1,234"])
    (True, False)
    """
    plain = " ".join(text.split())
    for piece in (" ".join(e.split()) for e in evidence):
        if len(piece) > _CLAUSE:
            if piece[:_CLAUSE] in plain or (len(plain) > _SHORT // 2 and plain in piece):
                return True
        elif re.search(rf"(?<![\w,.]){re.escape(piece)}(?!\w)", plain):
            return True
    return False


def _found(
    index: Index, embedder: Embedder, rank: Callable[[Retriever, str], Sequence[Passage]], question: str
) -> list[Shown]:
    return [(p.source, p.text) for p in rank(Retriever(index, embedder), question)]


def _ours(retriever: Retriever, question: str) -> list[Passage]:
    return [f.passage for f in retriever.retrieve(question, _DEEP)]


def _of(retriever: Retriever, places: Sequence[int]) -> list[Passage]:
    passages = retriever.index.passages()
    return [passages[place] for place in places]


def _dense(retriever: Retriever, question: str) -> list[Passage]:
    return _of(retriever, retriever.index.nearest(retriever.embedder.embed([question])[0], _DEEP)[0].tolist())


def _words(retriever: Retriever, question: str) -> list[Passage]:
    return _of(retriever, best_of(retriever.index.word_scores(question), _DEEP).tolist())


def _sum(retriever: Retriever, question: str) -> list[Passage]:
    """What z-scored dense and BM25 make of the fifty best of each."""
    vector = retriever.embedder.embed([question])[0]
    words = retriever.index.word_scores(question)
    near, _ = retriever.index.nearest(vector, 50)
    places = numpy.union1d(near, best_of(words, 50))
    both = (retriever.index.vectors()[places] @ vector, words[places])
    fused = sum((s - s.mean()) / (s.std() or 1.0) for s in both)
    return _of(retriever, places[numpy.argsort(-numpy.asarray(fused), kind="stable")][:_DEEP].tolist())


RANKERS: dict[str, Callable[[Retriever, str], Sequence[Passage]]] = {
    "ours": _ours,
    "sum": _sum,
    "dense": _dense,
    "bm25": _words,
}


if __name__ == "__main__":
    main()
