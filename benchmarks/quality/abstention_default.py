"""When to say "I don't know." in a project without examples: a judge learned from other projects, and how it carries over.

``python -m benchmarks.quality.abstention_default``: five public sets, and the sample shop's examples, whose questions share
few words with its documents; each with passages as a new project cuts them. Every question is judged with its documents and
with those that answer it taken for absent (XQuAD: all of its article), and where a set has questions without an answer,
these too. The judge reads signs of retrieval alone (``rag.retrieve.signs``), no question's vector. Each set is judged by
what the others taught: area under the ROC curve, and refusals at the threshold below which a given share of the others'
answerable questions lies; ``far_off`` are questions of CLINC150 that belong to no set and teach nothing. What all sets teach
stands in ``router/tables/abstention.toml``, and what it does on each set, the shop's held-out questions among them; kept in
``benchmarks/results/abstention_default.json``.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy

from benchmarks.machine import datasets, keep, rounded
from benchmarks.quality.mixed import out_of_scope
from benchmarks.quality.retrieval import anthropic_docs, xquad
from corpus.documents.read_documents import read_documents
from corpus.records import Document
from groundtune.offline import be_quiet
from groundtune.project.settings import Settings
from lm.engine_contract import Embedder
from lm.engines.choose_engine import load_embedder
from lm.models.catalogue import cache_folder
from rag.index.index import Index
from rag.retrieve.retrieve import Retriever
from rag.retrieve.signs import signs
from router.answerability import Logistic, fit

SIGNS = ("similarity", "coverage", "best_coverage")
"""Those that mean the same in a small index and in a large one, and of which more never speaks against an answer."""
SHARES = (0.01, 0.02, 0.04, 0.08)
"""Of the answerable questions, turned away where the threshold is learned."""
CHOSEN = 0.02
_QUESTIONS, _CHARACTERS = 120, 80_000
"""Of one set; of its documents, the shortest that answer questions first."""


@dataclass(frozen=True)
class PublicSet:
    """Documents, questions with the sources that answer them, and questions without an answer."""

    documents: Sequence[Document]
    questions: Sequence[tuple[str, frozenset[str]]]
    unanswerable: Sequence[str] = field(default=())


def main() -> None:
    """Judge, learn, keep."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    be_quiet()
    embedder = load_embedder("minilm-l6", cache_folder())
    rows = {name: judged(drawn(made()), embedder) for name, made in SETS.items()}
    held = {name: judged(_shop(f"{name}.jsonl"), embedder) for name in HELD_OUT}
    print(kept(rows, held, embedder.name))


Read = Mapping[str, Mapping[str, numpy.ndarray]]
"""By set and by sort of question: ``(questions, signs)``."""


def kept(rows: Read, held: Read, embedder: str) -> Path:
    """Store what the sets teach, how well it does on each, and how well what all others teach does."""
    data = "XQuAD English, hotpotqa (CC BY-SA 4.0); anthropics/anthropic-cookbook (MIT); covid_faq (Apache-2.0)"
    counts = {name: {kind: len(read) for kind, read in of.items()} for name, of in (*rows.items(), *held.items())}
    left_out = {name: carried_over(rows, name) for name in rows}
    taught = learned(rows)
    below = {str(CHOSEN): taught["refuse_below"][str(CHOSEN)]}
    told = {
        "data": f"{data}; medquad (CC BY 4.0); CLINC150 (CC BY 3.0); data/outdoor-shop",
        "embedder": embedder,
        "signs": list(SIGNS),
        "questions": counts,
        "left_out": left_out,
        "learned": taught,
        "refused": {name: refusals(taught, below, of) for name, of in (*rows.items(), *held.items())},
    }
    return keep("abstention_default", told)


def judged(of: PublicSet, embedder: Embedder) -> dict[str, numpy.ndarray]:
    """``(questions, signs)`` with the right documents, without them, and of questions without an answer."""
    with tempfile.TemporaryDirectory() as folder:
        index = Index(Path(folder) / "index", embedder, max_tokens=Settings().passage_tokens)
        index.build(of.documents)
        retriever = Retriever(index, embedder)

        def read(questions: Sequence[tuple[str, frozenset[str]]]) -> numpy.ndarray:
            vectors = embedder.embed([q for q, _ in questions]) if questions else []
            found = [signs(retriever, q, v, gone)[0] for (q, gone), v in zip(questions, vectors, strict=True)]
            return numpy.array([[s[n] for n in SIGNS] for s in found]).reshape(-1, len(SIGNS))

        return {
            "answerable": read([(q, frozenset()) for q, _ in of.questions]),
            "without": read(of.questions),
            "unanswerable": read([(q, frozenset()) for q in of.unanswerable]),
            "far_off": read([(row["question"], frozenset()) for row in out_of_scope()]),
        }


def learned(rows: Read) -> dict[str, Any]:
    """The judge that these sets teach, each counting alike, and its thresholds by the share of answerable ones below."""
    here = numpy.concatenate([r["answerable"] for r in rows.values()])
    gone = numpy.concatenate([numpy.concatenate([r["without"], r["unanswerable"]]) for r in rows.values()])
    weights = [1 / len(r["answerable"]) for r in rows.values() for _ in r["answerable"]]
    lost = [len(r["without"]) + len(r["unanswerable"]) for r in rows.values()]
    weights += [1 / n for n in lost for _ in range(n)]
    scale = len(weights) / sum(weights)
    made = fit(
        numpy.concatenate([here, gone]),
        numpy.repeat([True, False], [len(here), len(gone)]),
        numpy.array(weights) * scale,
    )
    chances = {name: _chances(made, r["answerable"]) for name, r in rows.items()}
    return {
        "weights": rounded(dict(zip(SIGNS, map(float, made.weights), strict=True))),
        "bias": round(made.bias, 4),
        "refuse_below": {str(s): round(_held_below(list(chances.values()), s), 4) for s in SHARES},
    }


def carried_over(rows: Read, name: str) -> dict[str, Any]:
    """How well the judge of all other sets tells this one's questions apart."""
    taught = learned({n: r for n, r in rows.items() if n != name})
    chances = _by_kind(taught, rows[name])
    areas = {f"auroc_{k}": round(_area(chances["answerable"], c), 4) for k, c in chances.items() if k != "answerable"}
    return areas | refusals(taught, taught["refuse_below"], rows[name])


def refusals(
    taught: Mapping[str, Any], below: Mapping[str, float], read: Mapping[str, numpy.ndarray]
) -> dict[str, Any]:
    """The share of each sort of question that lies below each threshold."""
    chances = _by_kind(taught, read)
    return {
        f"refused_at_{s}": {k: round(float((c < t).mean()), 4) for k, c in chances.items()} for s, t in below.items()
    }


def _by_kind(taught: Mapping[str, Any], read: Mapping[str, numpy.ndarray]) -> dict[str, numpy.ndarray]:
    judge = Logistic(numpy.array(list(taught["weights"].values())), taught["bias"])
    return {kind: _chances(judge, of) for kind, of in read.items() if len(of)}


def _held_below(sets: Sequence[numpy.ndarray], share: float) -> float:
    """The threshold below which this share of the chances lies, each set counting alike."""
    order = numpy.sort(numpy.concatenate(sets))
    below = [numpy.mean([(s < at).mean() for s in sets]) for at in order]
    return float(order[numpy.searchsorted(below, share, "right") - 1])


def _chances(judge: Logistic, read: numpy.ndarray) -> numpy.ndarray:
    return numpy.asarray(1 / (1 + numpy.exp(-judge.logit(read))))


def _area(yes: numpy.ndarray, no: numpy.ndarray) -> float:
    return float((yes[:, None] > no).mean() + (yes[:, None] == no).mean() / 2)


def drawn(of: PublicSet, seed: int = 0) -> PublicSet:
    """Some of the questions and documents, the shortest that answer questions first."""
    order = random.Random(seed)
    by_source = {d.source: d for d in of.documents}
    asked = [(q, s) for q, s in order.sample(list(of.questions), len(of.questions)) if s <= by_source.keys()]
    asked.sort(key=lambda each: sum(len(by_source[s].text) for s in each[1]))
    others = order.sample(sorted(by_source), len(by_source))
    kept: dict[str, Document] = {}
    size = 0
    for group in [*(sorted(s) for _, s in asked), *([s] for s in others)]:
        added = {s: by_source[s] for s in group if s not in kept}
        if size + sum(len(d.text) for d in added.values()) <= _CHARACTERS:
            kept |= added
            size += sum(len(d.text) for d in added.values())
    known = [(q, s) for q, s in asked if s <= kept.keys()]
    some = order.sample(known, min(_QUESTIONS, len(known)))
    return PublicSet([d for d in of.documents if d.source in kept], some, of.unanswerable)


def _ready(name: str) -> PublicSet:
    folder = datasets() / "ready" / name
    asked = [json.loads(line) for line in (folder / "retrieval.jsonl").read_text(encoding="utf-8").splitlines()]
    file = folder / "unanswerable.jsonl"
    without = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
    documents = read_documents([folder / "documents"], folder).documents
    return PublicSet(
        documents,
        [(q["question"], frozenset(q["relevant"])) for q in asked],
        [json.loads(line)["question"] for line in without],
    )


def _xquad() -> PublicSet:
    task = xquad()
    articles: dict[str, set[str]] = {}
    for document in task.documents:
        articles.setdefault(document.source.partition("-")[0], set()).add(document.source)
    whole = {source: frozenset(articles[source.partition("-")[0]]) for d in task.documents for source in [d.source]}
    some = set(list(articles)[::4])
    return PublicSet(
        [d for d in task.documents if d.source.partition("-")[0] in some],
        [(q, whole[next(iter(right))]) for q, right in task.questions if next(iter(right)).partition("-")[0] in some],
    )


def _anthropic_docs() -> PublicSet:
    task = anthropic_docs()
    return PublicSet(task.documents, task.questions)


def _shop(file: str) -> PublicSet:
    shop = Path("data") / "outdoor-shop"
    asked = [json.loads(line) for line in (shop / file).read_text(encoding="utf-8").splitlines()]
    return PublicSet(
        read_documents([shop / "documents"], shop).documents,
        [(q["question"], frozenset(q["source"])) for q in asked if q.get("source") and q["answer"]],
        [q["question"] for q in asked if q["answer"] is None],
    )


SETS: dict[str, Callable[[], PublicSet]] = {
    "xquad": _xquad,
    "anthropic_docs": _anthropic_docs,
    "covid_faq": lambda: _ready("covid_faq"),
    "hotpotqa": lambda: _ready("hotpotqa"),
    "medquad": lambda: _ready("medquad"),
    "outdoor_shop": lambda: _shop("examples.jsonl"),
}
HELD_OUT = ("questions", "second_questions")
"""Of the sample shop: they teach nothing here."""


if __name__ == "__main__":
    main()
