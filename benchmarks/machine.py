"""What machine a figure was measured on, and where figures are kept. Knows nothing of what is measured."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from corpus.atomic_files import write_json
from corpus.progress import Progress

RESULTS = Path(__file__).parent / "results"


def datasets() -> Path:
    """Where the public data sets lie: ``$GROUNDTUNE_DATASETS``, else ``../shared/datasets``."""
    return Path(os.environ.get("GROUNDTUNE_DATASETS", "../shared/datasets"))


def machine() -> dict[str, Any]:
    """Processor, cores, memory and Python of this machine."""
    import psutil

    names = [line.split(":")[1].strip() for line in _cpuinfo() if line.startswith("model name")]
    return {
        "processor": names[0] if names else platform.processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "system": platform.system(),
        "python": platform.python_version(),
    }


def tell(at: Progress) -> None:
    """Print what is finished, and each validation."""
    if at.validation_loss is not None or (at.done == at.total and at.stage != "index"):
        print(at, flush=True)


def keep(name: str, figures: dict[str, Any]) -> Path:
    """Store ``figures`` with command, commit, machine and date as ``results/NAME.json``."""
    spec = sys.modules["__main__"].__spec__
    given = (Path(a).name if Path(a).is_absolute() else a for a in sys.argv[1:])  # where it lies says nothing
    command = f"python -m {spec.name if spec else name} {' '.join(given)}".strip()
    file = RESULTS / f"{name}.json"
    about = {"command": command, "commit": commit(), "machine": machine(), "date": datetime.now(UTC).date().isoformat()}
    write_json(file, about | figures)
    return file


def commit(folder: Path = Path()) -> str:
    """The commit that ``folder`` is at, with a ``+`` where code was changed since; empty outside a repository."""

    def git(*words: str) -> str:
        done = subprocess.run(["git", "-C", str(folder), *words], capture_output=True, text=True, check=False)
        return done.stdout.strip()

    changed = git("status", "--porcelain", "--untracked-files=no", "--", ".", ":!benchmarks/results")
    return git("rev-parse", "--short", "HEAD") + ("+" if changed else "")


def rounded(figures: Mapping[str, float], digits: int = 4) -> dict[str, float]:
    """The same figures, as short as they are kept."""
    return {name: round(value, digits) for name, value in figures.items()}


def _cpuinfo() -> list[str]:
    file = Path("/proc/cpuinfo")
    return file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
