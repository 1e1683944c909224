"""What an index holds, in numbers."""

from __future__ import annotations

import statistics

from rag.index.index import Index


def stats_of(index: Index) -> dict[str, object]:
    """The shape ``groundtune index stats --json`` prints (stable: keys are only added). Lengths in the embedder's tokens.

    Raises ``ProjectError`` where there is no complete index.
    """
    manifest, passages, entries = index.manifest(), index.passages(), index.entries()
    tokens = index.embedder.count_tokens([p.text for p in passages]) or [0]
    largest = sorted((e for e in entries if e.count), key=lambda e: -e.count)
    return {
        "documents": len(entries),
        "passages": len(passages),
        "tokens": {"median": statistics.median(tokens), "most": max(tokens), "all": sum(tokens)},
        "embedder": manifest["embedder"],
        "passage_tokens": manifest["max_tokens"],
        "bytes": sum(f.stat().st_size for f in index.folder.rglob("*") if f.is_file()),
        "largest": [{"source": e.source, "passages": e.count} for e in largest[:5]],
        "without_text": sorted(e.source for e in entries if not e.count),
    }
