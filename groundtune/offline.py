"""Nothing leaves the machine unasked: the usage reports and hub look-ups of every library are switched off here."""

from __future__ import annotations

import os
from collections.abc import Sequence

_OFF = {
    "ANONYMIZED_TELEMETRY": "False",
    "CHROMA_TELEMETRY_IMPL": "none",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
    "GRADIO_ANALYTICS_ENABLED": "False",
    "LANGCHAIN_TRACING_V2": "false",
    "LANGSMITH_TRACING": "false",
    "TOKENIZERS_PARALLELISM": "false",
    "TRANSFORMERS_VERBOSITY": "error",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "TQDM_DISABLE": "1",
}
_OFFLINE = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}


def be_quiet(models: Sequence[str] = ()) -> None:
    """Switch reports off; keep libraries from asking a hub, unless one of ``models`` is named ``hub:…``."""
    os.environ.update(_OFF)
    if not any(m.startswith("hub:") for m in models):
        os.environ.update(_OFFLINE)
