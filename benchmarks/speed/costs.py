"""The estimator's training time and memory against litgpt's published fine-tuning table (``litgpt.toml``).

``python -m benchmarks.speed.costs``: each row published and predicted, and how many are within a factor of two. No training.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from advisor.training_needs import Job, Size
from benchmarks.machine import keep

TABLE = Path(__file__).with_name("litgpt.toml")
FACTOR = 2.0
WANTED = 0.8
"""Share of the rows that must be within ``FACTOR``."""


def predicted(row: dict[str, Any], table: dict[str, Any]) -> tuple[float, float]:
    """Minutes and peak GB (10⁹ bytes) of one row of the table."""
    padding = table["padding"][str(row["micro_batch"])]
    mean = table["mean_tokens"] * padding
    job = Job(
        Size(**table["model"][row["model"]]),
        row["method"],
        tokens=table["examples"] * mean,
        passes=row["epochs"],
        micro_batch_tokens=mean * row["micro_batch"],
        longest_batch_tokens=table["longest_tokens"] * row["micro_batch"],
    )
    return job.seconds(table["gpu_tflops"], table["busy"]) / 60, job.memory_gib(row["gpus"]) * 2**30 / 1e9


def against_published() -> dict[str, Any]:
    """Every row with both figures, and the share within ``FACTOR`` for time and for memory."""
    table = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    rows = []
    for row in table["row"]:
        minutes, memory = predicted(row, table)
        made = {"predicted_minutes": round(minutes, 2), "predicted_memory_gb": round(memory, 2)}
        ratios = {"time_ratio": minutes / row["minutes"], "memory_ratio": memory / row["memory_gb"]}
        rows.append(row | made | {k: round(v, 2) for k, v in ratios.items()})
    within = {
        what: round(sum(1 / FACTOR <= r[f"{what}_ratio"] <= FACTOR for r in rows) / len(rows), 3)
        for what in ("time", "memory")
    }
    return {"source": table["source"], "as_of": str(table["as_of"]), "within_factor_2": within, "rows": rows}


def main() -> None:
    """Print the table, and keep it."""
    figures = against_published()
    for r in figures["rows"]:
        print(
            f"{r['model']:14}{r['method']:6}{r['gpus']} GPU  "
            f"{r['minutes']:6.1f} min, predicted {r['predicted_minutes']:6.1f} (x{r['time_ratio']:4.2f})  "
            f"{r['memory_gb']:5.1f} GB, predicted {r['predicted_memory_gb']:5.1f} (x{r['memory_ratio']:4.2f})"
        )
    print(f"within a factor of two: {figures['within_factor_2']}", keep("costs", figures), sep="\n")


if __name__ == "__main__":
    main()
