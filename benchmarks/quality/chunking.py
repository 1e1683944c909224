"""Which way of cutting documents finds the right words: four strategies, sizes and overlaps, at token level.

``python -m benchmarks.quality.chunking``: 472 questions over five texts (chunking_evaluation, MIT), each with the exact
spans that answer it. Every way of cutting is embedded by the same model and searched by the same retrieval (vectors and
BM25). For the first ``k`` passages: recall (share of the answering words among those shown), precision (share of the words
shown that answer) and IoU, as in Smith and Troynikov 2024; a word that is shown twice counts twice against precision. As
small passages shown in equal number hold fewer words, recall is also taken among as many of the best passages as fit
``BUDGET`` words. Kept in ``benchmarks/results/chunking.json`` with intervals and paired tests of the best against the others
(Holm); the best is chosen on the same questions.

The ways: ``structure`` (ours: headings, paragraphs, sentences, counted by the embedder's tokenizer), ``window`` (equal
numbers of words, whatever they say), ``recursive`` (LangChain's RecursiveCharacterTextSplitter), ``semantic`` (cut where
two neighbouring sentences are least alike) and ``sentence`` (each alone).
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import tempfile
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.machine import datasets, keep, rounded
from compare.significance import holm, interval, paired_difference
from corpus.records import Document, Passage, Section
from corpus.text.sentences import sentences
from groundtune.offline import be_quiet
from lm.engine_contract import Embedder
from lm.engines.choose_engine import load_embedder
from lm.models.catalogue import cache_folder
from rag.index.chunk import chunk
from rag.index.index import Index
from rag.index.index_sources import Source
from rag.retrieve.retrieve import Retriever

FIRST = 5
"""As published: Smith and Troynikov retrieve five."""
BUDGET = 200
"""Words: what two of LangChain's default chunks or a small model's prompt hold."""
_WORD = re.compile(r"\w+|[^\w\s]")

Span = tuple[int, int]
Cut = Callable[[Document, Embedder], Sequence[Span]]


@dataclass(frozen=True)
class Question:
    """A question with the spans, in words of the document named, that answer it."""

    text: str
    source: str
    right: frozenset[int]


def main() -> None:
    """Measure every way of cutting, and keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", help="part of a way's name, to look at some; nothing is kept then")
    only = parser.parse_args().only
    be_quiet()
    embedder = load_embedder("minilm-l6", cache_folder())
    texts, questions = corpora()
    scores = {name: measured(cut, texts, questions, embedder) for name, cut in WAYS.items() if not only or only in name}
    if not only:
        print(keep("chunking", told(scores, texts, questions)))


def corpora() -> tuple[dict[str, Document], list[Question]]:
    """The five texts as they are, and the questions with the words that answer them."""
    folder = datasets() / "chunking"
    texts = {p.name: p.read_text(encoding="utf-8") for p in sorted(folder.glob("*.md"))}
    documents = {name: Document(name, Path(name).stem, text, (Section(text),)) for name, text in texts.items()}
    words = {name: _starts(text) for name, text in texts.items()}
    with (folder / "questions_df.csv").open(encoding="utf-8", newline="") as rows:
        asked = list(csv.DictReader(rows))
    return documents, [_question(row, words) for row in asked]


def _question(row: dict[str, str], words: dict[str, list[int]]) -> Question:
    source = f"{row['corpus_id']}.md"
    spans = [(s["start_index"], s["end_index"]) for s in json.loads(row["references"])]
    right = {n for a, b in spans for n in range(bisect_left(words[source], a), bisect_left(words[source], b))}
    return Question(row["question"], source, frozenset(right))


def measured(cut: Cut, texts: dict[str, Document], questions: Sequence[Question], embedder: Embedder) -> dict[str, Any]:
    """Scores of each question for one way of cutting."""
    with tempfile.TemporaryDirectory() as folder:
        index = Index(Path(folder) / "index", embedder)
        index.build([cut_into(document, cut(document, embedder)) for document in texts.values()])
        retriever = Retriever(index, embedder)
        starts = {source: _starts(d.text) for source, d in texts.items()}
        each = [_scores(q, [f.passage for f in retriever.retrieve(q.text, 100)], starts) for q in questions]
        sizes = embedder.count_tokens([p.text for p in index.passages()])
    made = {"passages": len(sizes), "mean_tokens": round(sum(sizes) / len(sizes), 1)}
    values = {name: [scores[name] for scores in each] for name in each[0]}
    print(cut_name(cut), made, {n: round(sum(v) / len(v), 4) for n, v in values.items()}, flush=True)
    return {"made": made, "values": values}


def cut_into(document: Document, spans: Sequence[Span]) -> Source:
    """A document whose passages are these spans of its text, as they are; they are embedded like any others."""
    sections = tuple(Section(document.text[a:b], start=a) for a, b in spans)
    return Source(document.source, lambda: (replace(document, sections=sections),), vectors=dict)


def _scores(question: Question, found: Sequence[Passage], starts: dict[str, list[int]]) -> dict[str, float]:
    shown: list[set[int] | int] = []
    for p in found:
        words = starts[p.source]
        here = range(bisect_left(words, p.start), bisect_left(words, p.end))
        shown.append(set(here) if p.source == question.source else len(here))
    first, of_budget = shown[:FIRST], _within(shown, BUDGET)
    right = len(question.right)
    hit, total = _hit(first, question.right), _words(first)
    return {
        "recall": hit / right,
        "precision": hit / max(1, total),
        "iou": hit / (total + right - hit),
        "recall_in_budget": _hit(of_budget, question.right) / right,
    }


def _within(shown: Sequence[set[int] | int], budget: int) -> list[set[int] | int]:
    """The best passages that fit; of one that does not, nothing."""
    kept: list[set[int] | int] = []
    for each in shown:
        if _words([*kept, each]) > budget:
            break
        kept.append(each)
    return kept


def _hit(shown: Sequence[set[int] | int], right: frozenset[int]) -> int:
    return len(right & set().union(*(s for s in shown if isinstance(s, set))))


def _words(shown: Sequence[set[int] | int]) -> int:
    return sum(s if isinstance(s, int) else len(s) for s in shown)


def told(scores: dict[str, Any], texts: dict[str, Document], questions: Sequence[Question]) -> dict[str, Any]:
    """Means with intervals; and for each measure the best way against every other, question by question."""
    ways: dict[str, Any] = {name: dict(found["made"]) for name, found in scores.items()}
    best: dict[str, str] = {}
    for measure in next(iter(scores.values()))["values"]:
        of_way = {name: found["values"][measure] for name, found in scores.items()}
        best[measure] = max(of_way, key=lambda name: sum(of_way[name]))
        for name, values in of_way.items():
            ways[name][measure] = rounded(asdict(interval(values)))
        others = [name for name in of_way if name != best[measure]]
        gaps = [paired_difference(of_way[best[measure]], of_way[name]) for name in others]
        for name, gap, p in zip(others, gaps, holm([g.p for g in gaps]), strict=True):
            ways[name][f"{measure}_best_minus"] = rounded(asdict(gap) | {"p_holm": p})
    data = "brandonstarxel/chunking_evaluation (MIT)"
    return {"data": data, "questions": len(questions), "texts": len(texts), "first": FIRST, "budget_words": BUDGET} | {
        "best": best,
        "ways": ways,
    }


def structure(document: Document, embedder: Embedder, size: int, overlap: int = 0) -> list[Span]:
    """Ours."""
    made = chunk(document, embedder.count_tokens, max_tokens=size, overlap=overlap)
    return [(p.start, p.end) for p in made]


def window(document: Document, embedder: Embedder, size: int, overlap: int = 0) -> list[Span]:
    """So many words after another (0.75 of a word for each token)."""
    words = [m.span() for m in re.finditer(r"\S+", document.text)]
    many, step = round(size * 0.75), round((size - overlap) * 0.75)
    return [(part[0][0], part[-1][1]) for at in range(0, len(words), step) if (part := words[at : at + many])]


def recursive(document: Document, embedder: Embedder, size: int, overlap: int = 0) -> list[Span]:
    """LangChain's splitter, in characters."""
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    splitter = RecursiveCharacterTextSplitter(chunk_size=size, chunk_overlap=overlap, add_start_index=True)
    pieces = splitter.create_documents([document.text])
    return [(p.metadata["start_index"], p.metadata["start_index"] + len(p.page_content)) for p in pieces]


def semantic(document: Document, embedder: Embedder, size: int) -> list[Span]:
    """Cut at the least alike of neighbouring sentences until each part fits."""
    spans = [s for s in sentences(document.text) if document.text[s[0] : s[1]].strip()]
    vectors = embedder.embed([document.text[a:b] for a, b in spans])
    alike = (vectors[1:] * vectors[:-1]).sum(1)
    tokens = embedder.count_tokens([document.text[a:b] for a, b in spans])
    made: list[Span] = []
    todo = [(0, len(spans))]
    while todo:
        a, b = todo.pop()
        if b - a == 1 or sum(tokens[a:b]) <= size:
            made.append((spans[a][0], spans[b - 1][1]))
            continue
        at = a + 1 + int(alike[a : b - 1].argmin())
        todo += [(a, at), (at, b)]
    return sorted(made)


def sentence(document: Document, embedder: Embedder) -> list[Span]:
    """Each sentence alone."""
    return [s for s in sentences(document.text) if document.text[s[0] : s[1]].strip()]


def cut_name(cut: Cut) -> str:
    """The name under which a way is kept."""
    return next(name for name, each in WAYS.items() if each is cut)


WAYS: dict[str, Cut] = {
    **{f"structure {n}": partial(structure, size=n) for n in (32, 48, 64, 96, 160)},
    **{f"structure {n}+{n // 4}": partial(structure, size=n, overlap=n // 4) for n in (64, 160)},
    **{f"window {n}": partial(window, size=n) for n in (48, 160)},
    "window 160+40": partial(window, size=160, overlap=40),
    "recursive 1000+200": partial(recursive, size=1000, overlap=200),
    "recursive 400": partial(recursive, size=400),
    "recursive 200": partial(recursive, size=200),
    "semantic 64": partial(semantic, size=64),
    "semantic 160": partial(semantic, size=160),
    "sentence": sentence,
}


def _starts(text: str) -> list[int]:
    return [m.start() for m in _WORD.finditer(text)]


if __name__ == "__main__":
    main()
