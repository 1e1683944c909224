"""Reads this room's own tables, ``tables/*.toml``."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

TABLES = Path(__file__).with_name("tables")


@cache
def read_table(name: str) -> Any:
    """The table ``tables/NAME.toml``, read once. Its type is the caller's to state."""
    return tomllib.loads((TABLES / f"{name}.toml").read_text(encoding="utf-8"))
