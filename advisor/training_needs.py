"""How long a fine-tune takes and how much memory it needs, from first principles.

Time: each token costs 2 N FLOPs forward (N parameters, each a multiply and an add) and 2 N back through the frozen weights,
so 4 N for LoRA; 6 N where all weights learn; and each micro-batch costs a fixed start-up per layer. Memory: weights,
gradients and optimiser by method; activations of about ``_ACTIVATION_BYTES`` for each layer, token and hidden unit; logits
for the vocabulary. Constants were fitted to litgpt's published table (bfloat16); ``python -m benchmarks.speed.costs`` shows
how well they hold. In float32 activations and logits take twice as much.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

_FLOPS_PER_TOKEN = {"lora": 4.0, "qlora": 4.0, "full": 6.0}
_SLOWER = {"lora": 1.0, "qlora": 1.45, "full": 1.0}
"""QLoRA dequantises its weights in every pass."""
_WEIGHT_BYTES = {"lora": 2.0, "qlora": 0.75, "full": 8.0}
"""bfloat16; 4 bits and their scales, some layers kept; weights, gradients and two moments in bfloat16."""
_ACTIVATION_BYTES = {"lora": 56.0, "qlora": 76.0, "full": 40.0}
_LOGIT_BYTES = 8.0
_BFLOAT16_BYTES = 2.0
_ADAPTER_WIDTH = 18.0
"""Rows and columns of a layer's linear weights, in hidden units (Llama's shape)."""
_ADAPTER_BYTES = 20.0
"""Float32 weight, gradient, two moments, and the best weights so far."""
_START_S_PER_LAYER = 0.0035
_LIBRARY_GIB = 0.6
_GIB = 2**30


@dataclass(frozen=True)
class Size:
    """A model's size: parameters in billions, layers, hidden units and vocabulary."""

    billion: float
    layers: int
    hidden: int
    vocabulary: int = 32_000

    @classmethod
    def of(cls, billion: float) -> Size:
        """Typical layers and hidden units of a decoder of this size (12 layers x hidden² parameters, aspect ratio 96)."""
        hidden = max(64.0, (billion * 1e9 * 96 / 12) ** (1 / 3))
        return cls(billion, max(2, round(hidden / 96)), round(hidden))


@dataclass(frozen=True)
class Job:
    """One fine-tune. ``tokens`` are those computed in one pass over the data, padding included."""

    size: Size
    method: str
    tokens: float
    passes: float
    micro_batch_tokens: float
    longest_batch_tokens: float

    def seconds(self, peak_tflops: float, busy: float) -> float:
        """Seconds on a machine of ``peak_tflops`` of which the share ``busy`` is reached."""
        flops = _FLOPS_PER_TOKEN[self.method] * self.size.billion * 1e9 * self.tokens * self.passes
        batches = self.tokens * self.passes / max(1.0, self.micro_batch_tokens)
        start = batches * self.size.layers * _START_S_PER_LAYER if peak_tflops > 10 else 0.0
        return (flops / (peak_tflops * busy * 1e12) + start) * _SLOWER[self.method]

    def memory_gib(self, devices: int = 1) -> float:
        """Peak memory of one device; weights that learn are shared among ``devices``."""
        weight_bytes = _WEIGHT_BYTES[self.method] / (devices if self.method == "full" else 1)
        return memory_gib(self.size, self.method, self.longest_batch_tokens, weight_bytes=weight_bytes)


def memory_gib(
    size: Size,
    method: str,
    tokens: float,
    *,
    weight_bytes: float,
    value_bytes: float = _BFLOAT16_BYTES,
    adapter_rank: int = 0,
) -> float:
    """Peak memory of training on micro-batches of ``tokens``.

    ``weight_bytes``: of one weight, with all that is kept for it; ``value_bytes``: of one activation, 2 in bfloat16 and 4
    in float32; ``adapter_rank``: of LoRA matrices on all linear layers, where they count (0: they are left out).
    """
    weights = size.billion * 1e9 * weight_bytes
    each = size.layers * size.hidden * _ACTIVATION_BYTES[method] + size.vocabulary * _LOGIT_BYTES
    activations = tokens * each * value_bytes / _BFLOAT16_BYTES
    adapter = adapter_rank * size.layers * size.hidden * _ADAPTER_WIDTH * _ADAPTER_BYTES
    return (weights + activations + adapter) / _GIB + _LIBRARY_GIB


def fits(job: Job, memory_gib: float) -> bool:
    """Does the job fit a device of ``memory_gib``?"""
    return job.memory_gib() <= memory_gib or math.isclose(job.memory_gib(), memory_gib)
