"""Which retrieval finds the right text: BM25, dense, LangChain's default and ours, on the same questions.

``python -m benchmarks.quality.retrieval``: recall among the first three and reciprocal rank of the right texts, with intervals,
and ours against each of the others question by question; kept in ``benchmarks/results/retrieval.json``. A text is what a
data set's questions name: a paragraph of XQuAD, a section of ``anthropic_docs``, a document of the sample shop or of the
sets in the product's own layout. It stands where its first passage stands. Ours and its parts share one index; LangChain
splits, embeds and searches as it does by default (RecursiveCharacterTextSplitter 1000/200, Chroma) with the same embedder.
Where there are training examples (the sample shop), ours has learned from them, and ``reranked`` is what the fine-tuned
model reads from.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.machine import datasets, keep, rounded
from compare.significance import interval, paired_difference
from corpus.documents.read_documents import read_documents
from corpus.examples import read_examples
from corpus.records import Document, Example, Section
from groundtune.jobs.taught_examples import right_passages
from groundtune.offline import be_quiet
from groundtune.project.settings import Settings
from lm.engine_contract import Embedder
from lm.engines.choose_engine import load_embedder
from lm.models.catalogue import cache_folder
from rag.index.chunk import MAX_TOKENS
from rag.index.index import Index
from rag.index.vector_math import best_of
from rag.retrieve.retrieve import Retriever
from rag.retrieve.tune_retrieval import tune

if TYPE_CHECKING:
    from langchain_core.documents import Document as LangChainDocument

SAMPLE = Path("data/outdoor-shop")
FIRST = 3
_TOGETHER = 4000
"""Texts that Chroma takes at once."""
_DEEP = 60
"""Passages looked through for the texts they belong to."""

Search = Callable[[str], Sequence[str]]
"""From a question to the sources of passages, best first."""


@dataclass(frozen=True)
class Task:
    """Documents, and questions with the sources of the documents that answer them."""

    documents: Sequence[Document]
    questions: Sequence[tuple[str, frozenset[str]]]
    max_tokens: int = MAX_TOKENS
    examples: Sequence[Example] = ()


def main() -> None:
    """Measure every way on every data set, and keep the figures."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    be_quiet()
    embedder = load_embedder("minilm-l6", cache_folder())
    found = {name: measured(make(), embedder) for name, make in TASKS.items()}
    data = (
        "XQuAD English (CC BY-SA 4.0); anthropics/anthropic-cookbook (MIT); data/outdoor-shop; deepset-ai/COVID-QA"
        " (Apache-2.0); CUAD v1 (CC BY 4.0); hotpotqa (CC BY-SA 4.0); MedQuAD (CC BY 4.0)"
    )
    print(keep("retrieval", {"data": data, "embedder": embedder.name, "tasks": found}))


def measured(task: Task, embedder: Embedder) -> dict[str, Any]:
    """Recall and reciprocal rank of each way, and ours against the others."""
    with tempfile.TemporaryDirectory() as folder:
        index = Index(Path(folder) / "index", embedder, max_tokens=task.max_tokens)
        index.build(task.documents)
        ways = {**our_ways(index, embedder, task.examples), "langchain": langchain_default(task.documents, embedder)}
        scores = {name: [_scores(search(q), right) for q, right in task.questions] for name, search in ways.items()}
    told: dict[str, Any] = {"questions": len(task.questions), "documents": len(task.documents)}
    for n, measure in enumerate((f"recall_at_{FIRST}", "reciprocal_rank")):
        of_way = {name: [s[n] for s in each] for name, each in scores.items()}
        told[measure] = {name: rounded(asdict(interval(values))) for name, values in of_way.items()}
        told[f"{measure}_ours_minus"] = {
            name: rounded(asdict(paired_difference(of_way["ours"], values)))
            for name, values in of_way.items()
            if name != "ours"
        }
        print(measure, {name: x["mean"] for name, x in told[measure].items()}, flush=True)
    return told


def our_ways(index: Index, embedder: Embedder, examples: Sequence[Example]) -> dict[str, Search]:
    """Ours and its two parts alone; with examples also what they taught to rerank."""
    retriever = Retriever(index, embedder)
    tuned = tune(retriever, *right_passages(retriever, examples))
    passages = index.passages()
    if tuned:
        retriever = retriever.tuned(tuned.plain)

    def part(question: str, of: str) -> list[str]:
        if of == "dense":
            places, _ = index.nearest(retriever.tuning.query(embedder.embed([question])[0]), _DEEP)
        else:
            places = best_of(index.word_scores(question), _DEEP)
        return [passages[place].source for place in places]

    def ranked(question: str, by: Retriever) -> list[str]:
        return [f.passage.source for f in by.retrieve(question, _DEEP)]

    ways: dict[str, Search] = {"ours": partial(ranked, by=retriever)}
    ways |= {of: partial(part, of=of) for of in ("dense", "bm25")}
    return ways | ({"reranked": partial(ranked, by=retriever.tuned(tuned.mapped))} if tuned else {})


def langchain_default(documents: Sequence[Document], embedder: Embedder) -> Search:
    """LangChain's own splitter and vector store with their defaults."""
    found = langchain_passages(documents, embedder)
    return lambda question: [p.metadata["source"] for p in found(question)]


def langchain_passages(
    documents: Sequence[Document], embedder: Embedder
) -> Callable[[str], Sequence[LangChainDocument]]:
    """The same, with the texts that are found."""
    from langchain_chroma import Chroma
    from langchain_core.embeddings import Embeddings
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    class Same(Embeddings):
        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            rows: list[list[float]] = embedder.embed(texts).tolist()
            return rows

        def embed_query(self, text: str) -> list[float]:
            return self.embed_documents([text])[0]

    splitter = RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=200)
    pieces = splitter.create_documents([d.text for d in documents], [{"source": d.source} for d in documents])
    store = Chroma(f"documents-{len(pieces)}", Same())
    for at in range(0, len(pieces), _TOGETHER):
        store.add_documents(pieces[at : at + _TOGETHER])
    return lambda question: store.similarity_search(question, k=_DEEP)


def _scores(sources: Sequence[str], right: frozenset[str]) -> tuple[float, float]:
    order = list(dict.fromkeys(sources))
    recall = len(right & set(order[:FIRST])) / len(right)
    return recall, next((1 / rank for rank, source in enumerate(order, 1) if source in right), 0.0)


def xquad() -> Task:
    """All 1,190 questions over all 240 paragraphs."""
    articles = json.loads((datasets() / "xquad" / "xquad.en.json").read_text(encoding="utf-8"))["data"]
    paragraphs = [(f"{a}-{p}", x) for a, article in enumerate(articles) for p, x in enumerate(article["paragraphs"])]
    documents = [_document(name, "", paragraph["context"]) for name, paragraph in paragraphs]
    return Task(documents, [(q["question"], frozenset([name])) for name, x in paragraphs for q in x["qas"]])


def anthropic_docs() -> Task:
    """100 questions over 232 sections of technical documentation."""
    folder = datasets() / "anthropic_docs"
    sections = json.loads((folder / "anthropic_docs.json").read_text(encoding="utf-8"))
    asked = json.loads((folder / "docs_evaluation_dataset.json").read_text(encoding="utf-8"))
    documents = [_document(s["chunk_link"], s["chunk_heading"], s["text"]) for s in sections]
    return Task(documents, [(q["question"], frozenset(q["correct_chunks"])) for q in asked])


def sample() -> Task:
    """The sample shop's held-out questions that name their documents."""
    documents = read_documents([SAMPLE / "documents"], SAMPLE).documents
    asked = [(q.question, frozenset(q.source)) for q in read_examples(SAMPLE / "questions.jsonl") if q.source]
    return Task(documents, asked, Settings().passage_tokens, read_examples(SAMPLE / "examples.jsonl"))


def ready(name: str) -> Task:
    """A set in the product's own layout, without its examples, cut as by default."""
    folder = datasets() / "ready" / name
    documents = read_documents([folder / "documents"], folder).documents
    lines = (folder / "retrieval.jsonl").read_text(encoding="utf-8").splitlines()
    asked = [(q["question"], frozenset(q["relevant"])) for q in map(json.loads, lines)]
    return Task(documents, asked, Settings().passage_tokens)


TASKS: dict[str, Callable[[], Task]] = {
    **{"xquad": xquad, "anthropic_docs": anthropic_docs, "sample": sample},
    **{name: partial(ready, name) for name in ("covid_faq", "cuad", "hotpotqa", "medquad")},
}


def _document(source: str, title: str, text: str) -> Document:
    return Document(source, title, text, (Section(text),))


if __name__ == "__main__":
    main()
