"""A Hugging Face folder into an OpenVINO one, in a process of its own.

Its own process because the conversion tools report usage (here they are given a deaf reporter) and keep 2 GB of memory.
"""

from __future__ import annotations

import subprocess
import sys
import types
from pathlib import Path

from corpus.errors import ModelError
from corpus.python_process import command

OPTIONS = {
    "generator": ["--task", "text-generation-with-past", "--weight-format", "int8"],
    # optimum-intel 2.2 fails on sentence-transformers 6.2 with --library sentence_transformers
    "embedder": ["--task", "feature-extraction", "--library", "transformers", "--weight-format", "fp32"],
}


def export(kind: str, source: Path, target: Path) -> None:
    """Export ``source`` into ``target``. Raises ``ModelError`` with the tool's last words where that fails."""
    code = "from lm.models.export_openvino import run; run(*sys.argv[1:])"
    ended = subprocess.run(command(code, kind, str(source), str(target)), capture_output=True, text=True, check=False)
    if ended.returncode != 0 or not (target / "openvino_model.bin").is_file():
        said = "\n".join((ended.stderr or ended.stdout).strip().splitlines()[-3:])
        raise ModelError(f"{source}: the export to OpenVINO failed: {said}", mend="try --engine transformers")


def _deafen_telemetry() -> None:
    class Telemetry:
        def __init__(self, *args: object, **options: object) -> None: ...

        def __getattr__(self, name: str) -> object:
            return lambda *args, **options: None

    deaf = types.ModuleType("openvino_telemetry")
    deaf.Telemetry = Telemetry  # type: ignore[attr-defined]
    sys.modules["openvino_telemetry"] = deaf


def run(kind: str, source: str, target: str) -> None:
    """Export ``source`` into ``target`` in this process."""
    _deafen_telemetry()
    from optimum.commands.optimum_cli import main

    sys.argv = ["optimum-cli", "export", "openvino", "--model", source, *OPTIONS[kind], target]
    main()
