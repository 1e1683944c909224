"""What an index holds, in numbers."""

from __future__ import annotations

import statistics
from collections import Counter
from typing import Any

from rag.index import Index


def stats_of(index: Index) -> dict[str, Any]:
    """The shape ``groundtune index stats --json`` prints (stable: keys are only added). Lengths in the embedder's tokens.

    Raises ``ProjectError`` where there is no complete index.
    """
    made, passages = index.manifest(), index.passages()
    tokens = index.embedder.count_tokens([p.text for p in passages]) or [0]
    of_source = Counter(p.source for p in passages)
    return {
        "documents": len(made["documents"]),
        "passages": len(passages),
        "tokens": {"median": statistics.median(tokens), "most": max(tokens), "all": sum(tokens)},
        "embedder": made["embedder"],
        "passage_tokens": made["max_tokens"],
        "bytes": sum(f.stat().st_size for f in index.folder.rglob("*") if f.is_file()),
        "largest": [{"source": s, "passages": n} for s, n in of_source.most_common(5)],
        "without_text": sorted(made["documents"].keys() - of_source.keys()),
    }
