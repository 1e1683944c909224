"""A fine-tune as the tests ask for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from corpus.records import Example
from finetune import run_finetune
from finetune.adapter_report import AdapterReport
from finetune.finetune_request import FinetuneRequest


def finetune(examples: Sequence[Example], **asked: Any) -> AdapterReport:
    """Fine-tune on the examples; ``asked`` are the other fields of the request."""
    return run_finetune.finetune(FinetuneRequest(examples, **asked))
