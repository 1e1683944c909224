"""How fast documents become an index: ours against LangChain's default, with the same model and the same documents.

``python -m benchmarks.speed.indexing``, on a quiet machine: LangChain's default (RecursiveCharacterTextSplitter 1000/200,
sentence-transformers, ``Chroma.from_documents``) and ours in turns, ``ROUNDS`` times, models loaded before. Twice: on the
very same passages (LangChain's; passages a second), and each on its own ones (seconds for the documents). Neither cleans
nor masks the texts. Beside it what share of this processor's matrix products the embedder reaches (multiply-adds of its
layers against a product of the same shapes in float32 and bfloat16), and how near the vectors stay. Kept in
``benchmarks/results/indexing.json``.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.machine import datasets, keep
from benchmarks.quality.chunking import cut_into
from corpus.documents.read_documents import read_documents
from corpus.records import Document
from groundtune.offline import be_quiet
from lm.engine_contract import Embedder
from lm.engines.choose_engine import load_embedder
from lm.models.catalogue import cache_folder, model_folder
from rag.index.index import Index

ROUNDS = 5
TEXTS = ("state_of_the_union", "wikitexts", "pubmed")
_LAYERS, _WIDTH, _INNER = 6, 384, 1536
"""MiniLM-L6's."""
_ROWS = 4096


def main() -> None:
    """Measure in turns, and keep the figures."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    be_quiet()
    folder = datasets() / "chunking"
    documents = read_documents([folder / f"{name}.md" for name in TEXTS], folder).documents
    embedder, reference = load_embedder("minilm-l6", cache_folder()), _sentence_transformer()
    texts = [p.page_content for p in langchain_pieces(documents)]
    near = (embedder.embed(texts[:200]) * reference.encode(texts[:200], normalize_embeddings=True)).sum(1)
    ways: dict[str, Callable[[Path], int]] = {
        "langchain": lambda at: langchain(documents, reference, at),
        "ours_same_passages": lambda at: same_passages(documents, embedder, at),
        "ours": lambda at: Index(at, embedder).build(documents).passages,
    }
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    made: dict[str, int] = {}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            with tempfile.TemporaryDirectory() as at:
                start = time.perf_counter()
                made[name] = way(Path(at))
                seconds[name].append(round(time.perf_counter() - start, 2))
        print({name: times[-1] for name, times in seconds.items()}, flush=True)
    middle = {name: statistics.median(times) for name, times in seconds.items()}
    tokens = sum(min(n, 254) + 2 for n in embedder.count_tokens(texts))
    figures = {
        "data": "chunking_evaluation (MIT): " + ", ".join(TEXTS),
        "characters": sum(len(d.text) for d in documents),
        "passages": made,
        "seconds": seconds,
        "passages_per_s": {name: round(made[name] / middle[name], 1) for name in ways},
        "same_passages_ratio": _ratio(seconds["langchain"], seconds["ours_same_passages"]),
        "same_documents_ratio": _ratio(seconds["langchain"], seconds["ours"]),
        "lowest_cosine_to_the_published_model": round(float(near.min()), 6),
        "limit": limit(embedder, texts, tokens),
    }
    print(keep("indexing", figures))


def langchain_pieces(documents: Sequence[Document]) -> list[Any]:
    """What LangChain's splitter makes of the documents by default."""
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    splitter = RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=200, add_start_index=True)
    return list(splitter.create_documents([d.text for d in documents], [{"source": d.source} for d in documents]))


def langchain(documents: Sequence[Document], model: Any, at: Path) -> int:
    """Split, embed and store as LangChain's documentation shows it."""
    from langchain_chroma import Chroma
    from langchain_core.embeddings import Embeddings

    class Reference(Embeddings):
        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            rows: list[list[float]] = model.encode(texts).tolist()
            return rows

        def embed_query(self, text: str) -> list[float]:
            return self.embed_documents([text])[0]

    pieces = langchain_pieces(documents)
    Chroma.from_documents(pieces, Reference(), persist_directory=str(at))
    return len(pieces)


def same_passages(documents: Sequence[Document], embedder: Embedder, at: Path) -> int:
    """Ours, of the passages that LangChain cuts, cutting included."""
    pieces = langchain_pieces(documents)
    starts = [(p.metadata["source"], p.metadata["start_index"], len(p.page_content)) for p in pieces]
    of = {
        d.source: [(start, start + length) for source, start, length in starts if source == d.source] for d in documents
    }
    return Index(at, embedder).build([cut_into(d, of[d.source]) for d in documents]).passages


def limit(embedder: Embedder, texts: Sequence[str], tokens: int) -> dict[str, float]:
    """Products a second of the embedder alone, and of bare matrix products of its shapes."""
    start = time.perf_counter()
    embedder.embed(texts)
    seconds = time.perf_counter() - start
    of_token = 2 * _LAYERS * (4 * _WIDTH**2 + 2 * _WIDTH * _INNER)
    reached = of_token * tokens / seconds / 1e9
    bare = {kind: _products(kind) for kind in ("float32", "bfloat16")}
    return {
        "tokens_per_s": round(tokens / seconds),
        "embedder_gflop_per_s": round(reached, 1),
        **{f"{kind}_gflop_per_s": round(value, 1) for kind, value in bare.items()},
        "share_of_the_faster": round(reached / max(bare.values()), 3),
    }


def _products(kind: str) -> float:
    """GFLOP a second of a bare product of the embedder's inner layer, the best of 20."""
    import torch

    a, b = (torch.ones(shape, dtype=getattr(torch, kind)) for shape in ((_ROWS, _WIDTH), (_WIDTH, _INNER)))
    times = []
    for _ in range(20):
        start = time.perf_counter()
        a @ b
        times.append(time.perf_counter() - start)
    return 2 * _ROWS * _WIDTH * _INNER / min(times) / 1e9


def _sentence_transformer() -> Any:
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(model_folder("minilm-l6", cache_folder()) / "hf"), device="cpu")


def _ratio(slow: Sequence[float], fast: Sequence[float]) -> dict[str, float]:
    """Median and range of the ratios of each round."""
    ratios = sorted(s / f for s, f in zip(slow, fast, strict=True))
    return {
        "median": round(statistics.median(ratios), 2),
        "low": round(ratios[0], 2),
        "high": round(ratios[-1], 2),
    }


if __name__ == "__main__":
    main()
