"""An index of 100,000 passages, 10,000 unchanged files, and documents by the thousand: time, recall and memory.

``python -m benchmarks.speed.scale [--passages N]``, kept in ``benchmarks/results/scale.json``:

- ``retrieval``: whole ``Retriever.retrieve`` and its parts for questions of XQuAD; recall@10 of the dense search against
  comparing every vector in float64; what opening and the first question take in a new process, and its peak memory. The
  vectors are mixtures of real embeddings (pieces of XQuAD and anthropic_docs) with noise (``mixed``), and points drawn
  evenly on the sphere (``random``), for which no graph helps; ``hnsw`` is Chroma on both, as it searches a larger index.
- ``unchanged``: the whole command ``groundtune index update`` on 10,000 files that did not change.
- ``memory``: peak of a process that indexes 2,000 and 20,000 small documents, with a hash in the embedder's place.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy

from benchmarks.machine import datasets, keep, rounded
from corpus.records import Document, Section
from groundtune.offline import be_quiet
from groundtune.project.new_project import init
from lm.engines.choose_engine import load_embedder
from lm.models.catalogue import cache_folder
from rag.index.index import Index
from rag.index.index_sources import Source
from rag.retrieve.retrieve import Retriever
from tests.fakes import FakeEmbedder

QUESTIONS, PIECES, DEPTH = 200, 1_000, 10
FILES = 10_000
DOCUMENTS = (2_000, 20_000)
_NOISE = 0.3
_OF = """
import json, sys, time
def of(name):  # MiB; a child's ru_maxrss would begin at its parent's
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith(name)) / 1024
"""
_OPEN = """
from pathlib import Path
from lm.models.catalogue import cache_folder
from lm.engines.choose_engine import load_embedder
from rag.index.index import Index
from rag.retrieve.retrieve import Retriever
embedder = load_embedder("minilm-l6", cache_folder())
question = embedder.embed(["How long may boots be returned?"])[0]
before, started = of("VmHWM"), time.perf_counter()
index = Index(Path(sys.argv[1]), embedder, max_tokens=10**6)
len(index.passages())
opened = time.perf_counter() - started
Retriever(index, embedder).retrieve("How long may boots be returned?", 4, question)
first = time.perf_counter() - started
told = {"open_s": opened, "first_question_s": first, "before_opening_mib": before, "peak_mib": of("VmHWM")}
print(json.dumps(told | {"without_mapped_files_mib": of("RssAnon")}))
"""
_MEMORY = """
from pathlib import Path
from benchmarks.speed.scale import small
from tests.fakes import FakeEmbedder
from rag.index.index import Index
Index(Path(sys.argv[1]), FakeEmbedder(64)).build(small(int(sys.argv[2])))
print(json.dumps({"peak_mib": of("VmHWM"), "without_mapped_files_mib": of("RssAnon")}))
"""


class Given(FakeEmbedder):
    """Hands out vectors made before, in order; the questions' are real."""

    def __init__(self, vectors: numpy.ndarray, name: str) -> None:
        self.dimension = vectors.shape[1]
        self.name = name
        self._vectors = iter(vectors)

    def embed(self, texts: Sequence[str]) -> numpy.ndarray:
        return numpy.stack([next(self._vectors) for _ in texts])


def main() -> None:
    """Measure everything and keep the figures."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--passages", type=int, default=100_000)
    given = options.parse_args()
    be_quiet()
    with tempfile.TemporaryDirectory() as folder:
        figures = {
            "passages": given.passages,
            "retrieval": {kind: retrieval(Path(folder) / kind, kind, given.passages) for kind in ("mixed", "random")},
            "unchanged": unchanged(Path(folder) / "unchanged"),
            "memory": [memory(Path(folder) / str(n), n) for n in DOCUMENTS],
        }
    figures["data"] = "texts: XQuAD English (CC BY-SA 4.0), anthropics/anthropic-cookbook (MIT)"
    print(keep("scale", figures))


def retrieval(folder: Path, kind: str, passages: int) -> dict[str, Any]:
    """Build an index of ``passages`` and ask it."""
    embedder = load_embedder("minilm-l6", cache_folder())
    texts, questions = _texts()
    rng = numpy.random.default_rng(0)
    real = embedder.embed(texts)
    vectors = _mixed(real, passages, rng) if kind == "mixed" else _unit(rng.standard_normal((passages, real.shape[1])))
    asked = (
        embedder.embed(questions) if kind == "mixed" else _unit(rng.standard_normal((len(questions), real.shape[1])))
    )
    started = time.perf_counter()
    report = Index(folder, Given(vectors, embedder.name), max_tokens=10**6).build(_documents(texts, passages))
    built = time.perf_counter() - started
    index = Index(folder, embedder, max_tokens=10**6)
    retriever = Retriever(index, embedder)
    retriever.retrieve(questions[0], 4)
    parts: dict[str, Callable[[int], Any]] = {
        "whole": lambda n: retriever.retrieve(questions[n], 4),
        "embedding": lambda n: embedder.embed([questions[n]]),
        "dense": lambda n: index.nearest(asked[n], 100),
        "words": lambda n: index.word_scores(questions[n]),
        "without_embedding": lambda n: retriever.retrieve(questions[n], 4, asked[n]),
        "hnsw": lambda n: index.store().nearest(asked[n], 100),
    }
    told: dict[str, Any] = {"build_s": round(built, 1), "passages": report.passages}
    told["ms"] = {name: _milliseconds(part, len(questions)) for name, part in parts.items()}
    right = [set(numpy.argsort(-(vectors.astype(float) @ q.astype(float)))[:DEPTH]) for q in asked[:100]]
    exact = [set(index.nearest(q, DEPTH)[0].tolist()) for q in asked[:100]]
    place = index.snapshot().place
    graph = [{place(i) for i, _ in index.store().nearest(q, 100)[:DEPTH]} for q in asked[:100]]
    told["recall_at_10"] = {
        "dense": statistics.mean(len(a & b) / DEPTH for a, b in zip(exact, right, strict=True)),
        "hnsw": statistics.mean(len(a & b) / DEPTH for a, b in zip(graph, right, strict=True)),
    }
    told["new_process"] = rounded(json.loads(_run(_OPEN, str(folder))), 2)
    told["mib_on_disk"] = round(sum(f.stat().st_size for f in folder.rglob("*") if f.is_file()) / 2**20)
    print(kind, json.dumps(told, indent=2), flush=True)
    return told


def unchanged(folder: Path) -> dict[str, Any]:
    """``groundtune index update`` on ``FILES`` files: the first time (short texts), then twice without a change."""
    (folder / "documents").mkdir(parents=True)
    for n in range(FILES):
        file = folder / "documents" / f"{n:05}.md"
        file.write_text(f"# Thing {n}\n\nIt is kept in rack {n * 7}.\n", encoding="utf-8")
        os.utime(file, (1_700_000_000, 1_700_000_000))
    init(folder, [str(folder / "documents")], None, None)
    command = [sys.executable, "-m", "groundtune", "index", "update", "--json", "--project", str(folder)]
    seconds = []
    for _ in range(4):
        started = time.perf_counter()
        ended = subprocess.run(command, capture_output=True, text=True, check=True)
        seconds.append(round(time.perf_counter() - started, 2))
    told = {"files": FILES, "first_s": seconds[0], "again_s": seconds[1:], "wanted_s": 5.0}
    told["nothing_changed"] = json.loads(ended.stdout)["index"]["added"] == 0
    print(told, flush=True)
    return told


def memory(folder: Path, documents: int) -> dict[str, Any]:
    """Peak memory of indexing so many documents in a process of its own."""
    told = {"documents": documents} | rounded(json.loads(_run(_MEMORY, str(folder), str(documents))), 2)
    print(told, flush=True)
    return told


def small(documents: int) -> Iterator[Source]:
    """Documents of three short paragraphs, each made when it is read."""
    return (Source(f"d{n}", lambda n=n: (_small(n),)) for n in range(documents))  # type: ignore[misc]


def _small(n: int) -> Document:
    texts = [f"Thing {n} part {part} weighs {n * 7 % 113} g and is kept in rack {n % 97}." for part in range(3)]
    starts = [sum(len(t) for t in texts[:i]) for i in range(3)]
    return Document(
        f"d{n}", "", "".join(texts), tuple(Section(t, "", None, at) for t, at in zip(texts, starts, strict=True))
    )


def _documents(texts: Sequence[str], passages: int) -> Iterator[Source]:
    """``passages`` texts of 100 to a document: real sentences in a new order, so that words are as frequent as they are."""
    rng = random.Random(0)
    sentences = [s for text in texts for s in text.split(". ") if s.strip()]

    def made(n: int) -> Document:
        rows = [". ".join(rng.sample(sentences, 3)) for _ in range(min(100, passages - n))]
        text, sections = "", []
        for row in rows:
            sections.append(Section(row, "", None, len(text)))
            text += row + "\n\n"
        return Document(f"d{n}", "", text, tuple(sections))

    return (Source(f"d{n}", lambda n=n: (made(n),)) for n in range(0, passages, 100))  # type: ignore[misc]


def _mixed(real: numpy.ndarray, passages: int, rng: numpy.random.Generator) -> numpy.ndarray:
    """Two real vectors weighed at random, and noise of ``_NOISE`` of their length."""
    a, b = (real[rng.integers(len(real), size=passages)] for _ in range(2))
    share = rng.uniform(0.5, 1.0, (passages, 1))
    noise = _unit(rng.standard_normal((passages, real.shape[1]))) * _NOISE
    return _unit(_unit(share * a + (1 - share) * b) + noise)


def _unit(vectors: numpy.ndarray) -> numpy.ndarray:
    return (vectors / numpy.linalg.norm(vectors, axis=1, keepdims=True)).astype(numpy.float32)


def _texts() -> tuple[list[str], list[str]]:
    """Pieces of 32 to 160 words, and questions."""
    xquad = json.loads((datasets() / "xquad" / "xquad.en.json").read_text(encoding="utf-8"))["data"]
    paragraphs = [p for article in xquad for p in article["paragraphs"]]
    questions = [q["question"] for p in paragraphs for q in p["qas"]]
    sections = json.loads((datasets() / "anthropic_docs" / "anthropic_docs.json").read_text(encoding="utf-8"))
    words = " ".join([*(p["context"] for p in paragraphs), *(s["text"] for s in sections)]).split()
    rng, texts, at = random.Random(0), [], 0
    while at < len(words):
        size = rng.randint(32, 160)
        texts.append(" ".join(words[at : at + size]))
        at += size
    return rng.sample(texts, min(PIECES, len(texts))), rng.sample(questions, QUESTIONS)


def _milliseconds(part: Callable[[int], Any], times: int) -> dict[str, float]:
    part(0)
    taken = []
    for n in range(times):
        started = time.perf_counter()
        part(n)
        taken.append(1e3 * (time.perf_counter() - started))
    return {"p50": round(statistics.median(taken), 2), "p95": round(float(numpy.quantile(taken, 0.95)), 2)}


def _run(code: str, *arguments: str) -> str:
    ended = subprocess.run([sys.executable, "-c", _OF + code, *arguments], capture_output=True, text=True, check=True)
    return ended.stdout


if __name__ == "__main__":
    main()
