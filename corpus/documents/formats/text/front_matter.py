"""What a text's front matter (YAML between ``---``, TOML between ``+++``) states of it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from corpus.documents.formats.dates import iso_date, tags_of

_LINES, _CHARACTERS = 200, 16_384
_ENDS = {"---": ("---", "..."), "+++": ("+++",)}
_DATES = ("date", "updated", "lastmod", "published")
_TAGS = ("tags", "keywords")
_ABSTRACTS = ("description", "summary", "abstract", "excerpt", "subtitle")


class FrontMatter(NamedTuple):
    """Empty where nothing is stated."""

    title: str = ""
    date: str = ""
    tags: tuple[str, ...] = ()
    abstract: str = ""
    """The author's summary in a sentence or two, which the text itself does not hold."""


def front_matter(lines: Iterator[str]) -> tuple[FrontMatter, list[str]]:
    """The front matter, and the lines read so far that belong to the text."""
    first = list(islice(lines, 1))
    ends = _ENDS.get(first[0].lstrip("\ufeff").rstrip()) if first else None
    if not ends:
        return FrontMatter(), first
    head = [*first, *islice(lines, _LINES)]
    end = next((n for n, line in enumerate(head[1:], 1) if line.rstrip() in ends), 0)
    text = "".join(head[1:end])
    stated = _stated(text, ends) if end and len(text) <= _CHARACTERS else None
    return (_front_matter(stated), head[end + 1 :]) if stated is not None else (FrontMatter(), head)


def _stated(text: str, ends: tuple[str, ...]) -> dict[str, object] | None:
    import yaml

    try:
        stated = tomllib.loads(text) if "+++" in ends else yaml.safe_load(text)
    except (tomllib.TOMLDecodeError, yaml.YAMLError, ValueError, RecursionError):
        return None
    return {str(k).lower(): v for k, v in stated.items() if isinstance(k, str)} if isinstance(stated, dict) else None


def _front_matter(stated: dict[str, object]) -> FrontMatter:
    grouped = stated.get("taxonomies")
    tags = {**grouped, **stated} if isinstance(grouped, dict) else stated
    title = stated.get("title")
    return FrontMatter(
        " ".join(str(title).split())[:500] if isinstance(title, str | int | float) else "",
        iso_date(next((stated[k] for k in _DATES if stated.get(k)), "")),
        tags_of(next((tags[k] for k in _TAGS if tags.get(k)), "")),
        next((" ".join(v.split()) for k in _ABSTRACTS if isinstance(v := stated.get(k), str) and v.strip()), ""),
    )
