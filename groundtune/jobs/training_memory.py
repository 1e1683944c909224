"""How much memory training takes with the model at hand: the advisor's formula, fed with the model's own sizes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from advisor.training_needs import Size, memory_gib

_HEADROOM = 1.25
"""Over the formula: what the allocator holds back. 1,100 tokens of the 135M model took 5 GiB where the formula says 4.0."""
_LOADED_BYTES = 4.0
"""Of a weight: it is loaded as float32."""


def training_memory(model: Path, rank: int) -> Callable[[int], float]:
    """Peak GiB of training LoRA matrices of ``rank`` on ``model``, by the tokens of the largest micro-batch."""

    def wanted(tokens: int) -> float:
        from finetune.hardware import bfloat16_pays

        value = 2.0 if bfloat16_pays("cpu") else 4.0
        formula = memory_gib(
            size_of(model), "lora", tokens, weight_bytes=_LOADED_BYTES, value_bytes=value, adapter_rank=rank
        )
        return formula * _HEADROOM

    return wanted


def size_of(model: Path) -> Size:
    """The sizes of the model in a Hugging Face folder, from its configuration and the headers of its weights."""
    from transformers import AutoConfig

    from lm.models.weights import parameters

    config = AutoConfig.from_pretrained(model).get_text_config()
    return Size(parameters(model) / 1e9, config.num_hidden_layers, config.hidden_size, config.vocab_size)
