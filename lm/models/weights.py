"""What files of weights hold, told without loading a model: whose they are, and whether they are numbers at all."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from corpus.atomic_files import MANIFEST, read_json
from corpus.errors import ModelError

if TYPE_CHECKING:
    import numpy

ADAPTER_WEIGHTS = "adapter_model.safetensors"
_MIB = 2**20
_EXPONENTS = {
    "F64": ("<u8", 0x7FF << 52),
    "F32": ("<u4", 0xFF << 23),
    "F16": ("<u2", 0x1F << 10),
    "BF16": ("<u2", 0xFF << 7),
}
"""Of each float in safetensors: its bits as an integer, and those of the exponent; all set in NaN and infinity (IEEE 754)."""


class _TensorEntry(TypedDict):
    """What the header of a safetensors file says of one tensor."""

    dtype: str
    shape: list[int]
    data_offsets: list[int]
    """The first of its bytes and the first behind them, counted from the end of the header."""


def weights_id(model: Path) -> str:
    """Tells one model folder's weights from another's: SHA-256 over the sizes, first and last MiB of its weight files."""
    digest = hashlib.sha256()
    for file in sorted(model.glob("*.safetensors")) or sorted(model.glob("pytorch_model*.bin")):
        size = file.stat().st_size
        with open(file, "rb") as content:
            digest.update(f"{file.name} {size} ".encode() + content.read(_MIB))
            content.seek(max(0, size - _MIB))
            digest.update(content.read(_MIB))
    return digest.hexdigest()


def require_numbers(adapter: Path) -> None:
    """Raise ``ModelError`` where the adapter's weights cannot be read, or hold NaN or infinity."""
    file = adapter / ADAPTER_WEIGHTS
    try:
        bad = [name for name, values, exponent in _tensors(file) if bool(((values & exponent) == exponent).any())]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelError(f"{file}: no usable weights ({error})", mend="run groundtune provision again") from error
    if bad:
        raise ModelError(
            f"{adapter}: weights that are no numbers (NaN or infinity) in {len(bad)} tensors, {bad[0]} the first",
            mend="lower recipe.learning_rate in groundtune.yaml and run groundtune provision again",
        )


def adapter_name(adapter: Path) -> str:
    """The name that an adapter is served by: its project's and its version (``shop-0001``); of a bare folder, its own."""
    file = adapter / MANIFEST
    name = read_json(file).get("name") if file.is_file() else None
    return str(name or adapter.name)


def lora_scale(adapter: Path) -> float:
    """What the adapter's update is multiplied by, ``lora_alpha / r``. Raises ``ModelError`` where it does not say."""
    try:
        settings = json.loads((adapter / "adapter_config.json").read_text(encoding="utf-8"))
        return float(settings["lora_alpha"] / settings["r"])
    except (OSError, ValueError, KeyError, TypeError, ZeroDivisionError) as error:
        raise unusable(adapter, error) from error


def unusable(adapter: Path, error: Exception) -> ModelError:
    """That the folder holds no adapter that can be used, and why."""
    return ModelError(f"{adapter}: not a usable LoRA adapter ({error})", mend="run groundtune provision again")


def parameters(model: Path) -> int:
    """How many weights the model in a folder has; files without a header are taken to hold 2 bytes a weight."""
    headers = [_header(file)[0] for file in model.glob("*.safetensors")]
    if not headers:
        return sum(file.stat().st_size // 2 for file in model.glob("pytorch_model*.bin"))
    return sum(math.prod(of["shape"]) for header in headers for of in header.values())


def _header(file: Path) -> tuple[dict[str, _TensorEntry], int]:
    """What a safetensors file says of each tensor, by its name, and where their bytes begin."""
    with open(file, "rb") as content:
        length = int.from_bytes(content.read(8), "little")
        if length > file.stat().st_size:
            raise ValueError("cut off in its header")
        header = json.loads(content.read(length))
        return {name: of for name, of in header.items() if name != "__metadata__"}, 8 + length


def _tensors(file: Path) -> Iterator[tuple[str, numpy.ndarray, numpy.unsignedinteger]]:
    """Name, bits and the exponent's bits of each tensor of floats in a safetensors file."""
    import numpy

    header, start = _header(file)
    for name, of in header.items():
        if of["dtype"] in _EXPONENTS:
            kind, exponent = _EXPONENTS[of["dtype"]]
            begin, end = of["data_offsets"]
            count = (end - begin) // numpy.dtype(kind).itemsize
            values = numpy.fromfile(file, kind, count, offset=start + begin)
            if len(values) < count:
                raise ValueError(f"cut off in {name}")
            yield name, values, numpy.dtype(kind).type(exponent)
