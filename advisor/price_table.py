"""The price table: ``tables/prices.toml``, with a user's own entries in their place."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import NotRequired, TypedDict, cast

from advisor.table_files import read_table
from corpus.errors import InputError

LEVELS = ("low", "mid", "high")
_ENDPOINTS = "endpoints."


class Sourced(TypedDict):
    """Where an entry is from, and of which day."""

    as_of: date | str
    source: str


class Machine(Sourced):
    """A machine that trains, indexes and serves."""

    title: str
    usd_per_hour: list[float]
    """Low, middle and high, as every list of three in this table."""
    peak_tflops: float
    busy: float
    """The share of ``peak_tflops`` that training reaches."""
    memory_gib: float
    answers_per_s: float


class HostedModel(Sourced):
    """Prices of hosted models up to a size, in US dollars for a million tokens."""

    to_billion: float
    input_usd: list[float]
    output_usd: list[float]


class Endpoint(TypedDict):
    """Prices of one model by name, in US dollars for a million tokens."""

    input_usd: float
    output_usd: float
    as_of: NotRequired[date | str]
    source: NotRequired[str]


class Work(Sourced):
    """Hours, minutes and months of people's work: low, middle and high."""

    prompt_hours: list[float]
    prompt_evaluation_hours: list[float]
    index_hours: list[float]
    index_evaluation_hours: list[float]
    tuning_hours: list[float]
    tuning_evaluation_hours: list[float]
    example_minutes: dict[str, list[float]]
    """Of one example, by the quality of the examples."""
    document_minutes: list[float]
    index_upkeep_hours_per_month: list[float]
    refresh_share: list[float]
    months_between_retraining: list[float]


class Compute(Sourced):
    """What is computed and stored."""

    passes: list[float]
    passage_tokens_seen: float
    """Tokens of passages trained on for each token of an example."""
    passage_tokens: float
    index_tokens_per_s: dict[str, float]
    """By machine."""
    stored_bytes_per_passage: float
    usd_per_gib_month: list[float]
    changed_share: list[float]
    """Of the documents, at each change."""


class Tokens(TypedDict):
    """Tokens of one question and its answer."""

    prompt: int
    answer: int
    passages: int
    tuned_prompt: int
    source: str


class Serving(TypedDict):
    """How machines are kept busy."""

    peak_factor: float
    """The busiest hour over the average one."""
    month_s: float
    slower_with_passages: float
    source: str


class Tier(TypedDict):
    """A tier of the documents."""

    name: str
    from_examples: float
    usd: list[float]
    hours: list[float]


class Tiers(TypedDict):
    """Where the tiers are from."""

    source: str


class PriceTable(TypedDict):
    """The shape of ``tables/prices.toml``."""

    as_of: date | str
    stale_after_days: int
    hardware: dict[str, Machine]
    hosted: list[HostedModel]
    """From the smallest to the largest."""
    endpoints: dict[str, Endpoint]
    work: Work
    compute: Compute
    tokens: Tokens
    serving: Serving
    tier: list[Tier]
    """From the fewest examples to the most."""
    tiers: Tiers


def read_prices(override: Path | None = None) -> PriceTable:
    """The price table, with the entries of ``override`` in place of its own. Raises ``InputError`` for a bad file."""
    own: PriceTable = read_table("prices")
    if override is None:
        return own
    try:
        given = tomllib.loads(override.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{override}: cannot be read ({error.strerror})", mend="name a TOML file") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{override.name}: not TOML ({error})", mend="see advisor/tables/prices.toml") from error
    # Tables and ranges are checked by their kind; a single number, a text or a list of tables is taken as it is.
    return cast("PriceTable", _merged(own, given, override.name))


def dated(prices: Mapping[str, object], name: str = "") -> list[tuple[str, date]]:
    """Every entry that states its day (``as_of``), by its name in the table."""
    entries = []
    for key, value in prices.items():
        if key == "as_of":
            entries.append((name.strip(".") or "the table", _as_date(value)))
        elif isinstance(value, dict):
            entries += dated(value, f"{name}.{key}")
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            for n, entry in enumerate(value, 1):
                entries += dated(entry, f"{name}.{key} {n}")
    return entries


def _as_date(value: object) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value))


def _merged(own: Mapping[str, object], given: Mapping[str, object], where: str, path: str = "") -> dict[str, object]:
    """``own`` with the entries of ``given`` in place of its own. Raises ``InputError`` naming an entry that does not fit."""
    if path == _ENDPOINTS:
        return {**own, **{name: _endpoint(price, f"{where}, {path}{name}") for name, price in given.items()}}
    unknown = [k for k in given if k not in own]
    if unknown:
        raise InputError(
            f"{where}: no such entry {', '.join(f'{path}{k}' for k in unknown)}", mend="see advisor/tables/prices.toml"
        )
    merged = dict(own)
    for key, value in given.items():
        ours = own[key]
        if isinstance(ours, dict) != isinstance(value, dict) or isinstance(ours, list) != isinstance(value, list):
            raise InputError(
                f"{where}, {path}{key}: {value!r}; wanted the layout of advisor/tables/prices.toml: {ours!r}"
            )
        if isinstance(ours, dict) and isinstance(value, dict):
            merged[key] = _merged(ours, value, where, f"{path}{key}.")
            continue
        if isinstance(ours, list) and isinstance(value, list) and not isinstance(ours[0], dict):
            _check_range(value, f"{where}, {path}{key}")
        merged[key] = value
    return merged


def _endpoint(price: object, where: str) -> Mapping[str, object]:
    """The prices of an endpoint: each model may be named, with both. Raises ``InputError`` where one is missing."""
    wanted = ("input_usd", "output_usd")
    if not isinstance(price, dict) or not all(isinstance(price.get(k), int | float) and price[k] >= 0 for k in wanted):
        raise InputError(f"{where}: {price!r}; wanted input_usd and output_usd, US dollars for a million tokens")
    if unknown := price.keys() - {*wanted, "as_of", "source"}:
        raise InputError(f"{where}: no such entry {', '.join(sorted(unknown))}", mend="see advisor/tables/prices.toml")
    return price


def _check_range(value: list[object], where: str) -> None:
    if len(value) != len(LEVELS) or not all(isinstance(v, int | float) and v >= 0 for v in value):
        raise InputError(f"{where}: {value!r}; wanted three numbers from 0: low, middle, high")
