"""The price table: ``tables/prices.toml``, with a user's own entries in their place. Knows nothing of what is bought."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from advisor.questions import TABLES
from corpus.errors import InputError

LEVELS = ("low", "mid", "high")


@cache
def _own_prices() -> dict[str, Any]:
    return tomllib.loads((TABLES / "prices.toml").read_text(encoding="utf-8"))


def read_prices(override: Path | None = None) -> dict[str, Any]:
    """The price table, with the entries of ``override`` in place of its own. Raises ``InputError`` for a bad file."""
    if override is None:
        return _own_prices()
    try:
        given = tomllib.loads(override.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{override}: cannot be read ({error.strerror})", mend="name a TOML file") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{override.name}: not TOML ({error})", mend="see advisor/tables/prices.toml") from error
    return _merged(_own_prices(), given, override.name)


def dated(prices: Mapping[str, Any], name: str = "") -> list[tuple[str, date]]:
    """Every entry that states its day (``as_of``), by its name in the table."""
    found = []
    for key, value in prices.items():
        if key == "as_of":
            found.append((name.strip(".") or "the table", _as_date(value)))
        elif isinstance(value, dict):
            found += dated(value, f"{name}.{key}")
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            for n, entry in enumerate(value, 1):
                found += dated(entry, f"{name}.{key} {n}")
    return found


def _as_date(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value))


_ENDPOINTS = "endpoints."


def _merged(own: Mapping[str, Any], given: Mapping[str, Any], where: str, path: str = "") -> dict[str, Any]:
    if path == _ENDPOINTS:
        return {**own, **{name: _endpoint(price, f"{where}, {path}{name}") for name, price in given.items()}}
    unknown = [k for k in given if k not in own]
    if unknown:
        raise InputError(
            f"{where}: no such entry {', '.join(f'{path}{k}' for k in unknown)}", mend="see advisor/tables/prices.toml"
        )
    merged = dict(own)
    for key, value in given.items():
        if isinstance(own[key], dict) != isinstance(value, dict) or (
            isinstance(own[key], list) != isinstance(value, list)
        ):
            raise InputError(
                f"{where}, {path}{key}: {value!r}; wanted the layout of advisor/tables/prices.toml: {own[key]!r}"
            )
        if isinstance(value, list) and not isinstance(own[key][0], dict):
            _check_range(value, f"{where}, {path}{key}")
        merged[key] = _merged(own[key], value, where, f"{path}{key}.") if isinstance(value, dict) else value
    return merged


def _endpoint(price: Any, where: str) -> dict[str, Any]:
    """Any model may be named, with both prices."""
    wanted = ("input_usd", "output_usd")
    if not isinstance(price, dict) or not all(isinstance(price.get(k), int | float) and price[k] >= 0 for k in wanted):
        raise InputError(f"{where}: {price!r}; wanted input_usd and output_usd, US dollars for a million tokens")
    if unknown := price.keys() - {*wanted, "as_of", "source"}:
        raise InputError(f"{where}: no such entry {', '.join(sorted(unknown))}", mend="see advisor/tables/prices.toml")
    return price


def _check_range(value: list[Any], where: str) -> None:
    if len(value) != len(LEVELS) or not all(isinstance(v, int | float) and v >= 0 for v in value):
        raise InputError(f"{where}: {value!r}; wanted three numbers from 0: low, middle, high")
