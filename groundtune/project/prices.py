"""What a project's answers are paid by: this machine's hour, an endpoint's tokens, from the price table. Measures nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from compare.answer_costs import Prices

if TYPE_CHECKING:
    from groundtune.assistant import Assistant

_GPUS = {"4090": "rtx4090", "A10G": "a10g", "A100": "a100", "H100": "h100"}
"""How a GPU's own name tells which machine of the price table it is."""
_CPU = "laptop"
_MIDDLE = 1


def prices_of(assistant: Assistant, table: Mapping[str, Any]) -> Prices:
    """The prices that ``table`` knows of what answers here; None for each that it does not know."""
    spec = assistant.project.settings.generator
    if spec.startswith("endpoint:"):
        model = spec.removeprefix("endpoint:").partition("@")[0]
        known: Mapping[str, Any] = table["endpoints"].get(model, {})
        machine = table["hardware"][_CPU]  # reads and embeds; the model is elsewhere
        return Prices(
            machine["usd_per_hour"][_MIDDLE],
            True,
            known.get("input_usd"),
            known.get("output_usd"),
            f"{model}: {known.get('source', 'given') if known else 'no price known'}; this machine: {machine['source']}",
        )
    name = _machine(assistant)
    hardware = table["hardware"].get(name)
    if hardware is None:
        return Prices(source=f"no price known of {name}")
    return Prices(hardware["usd_per_hour"][_MIDDLE], source=f"{hardware['title']}: {hardware['source']}")


def _machine(assistant: Assistant) -> str:
    """This machine's name in the price table; that of its GPU where the table has none like it."""
    from lm.engines.transformers_engine import TransformersGenerator

    if not isinstance(assistant.generator, TransformersGenerator):
        return _CPU
    import torch

    if not torch.cuda.is_available():
        return _CPU
    gpu = torch.cuda.get_device_name()
    return next((name for mark, name in _GPUS.items() if mark in gpu), gpu)
