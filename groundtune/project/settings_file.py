"""The settings as they stand in ``groundtune.yaml``: checked, each fault with its line; explained as comments."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus.errors import Fault, InputError

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic.fields import FieldInfo

    from groundtune.project.settings import Settings


def explained(written: tuple[str, ...]) -> list[str]:
    """The settings as lines of comment: remove the ``# `` to set one."""
    from groundtune.project.settings import Settings

    def line(name: str, field: FieldInfo, indent: str = "") -> str:
        default = "null" if field.default is None else field.default
        return f"# {indent}{name}: {default}".ljust(36) + f" # {field.description}"

    nested = _nested()
    lines = [line(n, f) for n, f in Settings.model_fields.items() if n not in (*written, *nested)]
    for name, model in nested.items():
        lines += [f"# {name}:", *(line(n, f, "  ") for n, f in model.model_fields.items())]
    return lines


def _nested() -> dict[str, type[BaseModel]]:
    """The settings that hold settings."""
    from groundtune.project.settings import Settings

    given = {n: f.annotation for n, f in Settings.model_fields.items()}
    return {n: a for n, a in given.items() if isinstance(a, type) and hasattr(a, "model_fields")}


def checked_settings(file: Path, given: dict[str, Any], text: str) -> Settings:
    """The settings ``given`` in a file with this text. Raises ``InputError`` naming each that cannot be used, with its line."""
    from pydantic import ValidationError

    from groundtune.project.settings import Settings

    try:
        return Settings.model_validate(given)
    except ValidationError as error:
        faults = []
        for fault in error.errors():
            key = ".".join(str(part) for part in fault["loc"])
            near = get_close_matches(str(fault["loc"][-1]), _keys(), n=1) if fault["type"] == "extra_forbidden" else []
            value = "no such setting" if fault["type"] == "extra_forbidden" else f"{fault['input']!r}"
            wanted = "" if fault["type"] == "extra_forbidden" else fault["msg"]
            where = f'{file.name}, line {_line(text, str(fault["loc"][-1]))}, key "{key}"'
            faults.append(Fault(where, value, wanted, f'write "{near[0]}"' if near else ""))
        raise InputError(f"{file}: {len(faults)} of the settings cannot be used", faults) from error


def _keys() -> list[str]:
    from groundtune.project.settings import Settings

    return [*Settings.model_fields, *(key for model in _nested().values() for key in model.model_fields)]


def _line(text: str, key: str) -> int | str:
    lines = text.splitlines()
    return next((n for n, line in enumerate(lines, 1) if line.strip().startswith(f"{key}:")), "?")
