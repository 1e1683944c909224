"""Weights rounded to the values that the int8 export can hold.

An adapter corrects the model it was trained on. Where training sees full weights and serving sees int8 ones, near ties
fall the other way and answers differ; where both see the same values, as in QLoRA (Dettmers et al. 2023), they agree.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

_LEVELS = 255


def round_to_int8(weight: torch.Tensor) -> torch.Tensor:
    """``weight`` (rows, columns) with each row on NNCF's asymmetric int8 grid: ``(q - zero_point) * scale``, q in 0..255.

    The scale is a float16 rounded down, so that each row uses both ends of its grid: rounding again, as the export does,
    then finds the same grid and changes nothing.
    """
    import torch

    low, high = weight.amin(1, keepdim=True).clamp(max=0), weight.amax(1, keepdim=True).clamp(min=0)
    scale = _float16_below((high - low) / _LEVELS)
    zero_point = torch.round(-low / scale).clamp(0, _LEVELS)
    return ((torch.round(weight / scale) + zero_point).clamp(0, _LEVELS) - zero_point) * scale


def _float16_below(scale: torch.Tensor) -> torch.Tensor:
    """The greatest float16 that is not above ``scale``, as float32."""
    import torch

    near = scale.to(torch.float16)
    below = torch.nextafter(near, torch.zeros_like(near))
    kept = torch.where(near.float() > scale, below, near).float()
    return kept.clamp(min=torch.finfo(torch.float16).tiny)
