"""People's names in a text, where spaCy and a language model for it are installed. Installs and downloads nothing."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from corpus.errors import ModelError
from corpus.privacy.find_personal_data import NameFinder

_PEOPLE = ("PERSON", "PER", "persName")
"""What spaCy's models call a person, by language."""
_PIECE = 100_000
"""Characters read at once: spaCy's memory grows with the text."""


class _Entity(Protocol):
    """A name that spaCy recognised in a text."""

    text: str
    label_: str
    start_char: int
    end_char: int


class _Doc(Protocol):
    @property
    def ents(self) -> Iterable[_Entity]: ...


class _Pipeline(Protocol):
    """A loaded language model of spaCy."""

    @property
    def meta(self) -> Mapping[str, object]: ...

    def __call__(self, text: str) -> _Doc: ...


class _Util(Protocol):
    def get_installed_models(self) -> Iterable[str]: ...


class Spacy(Protocol):
    """What is used of the module ``spacy``."""

    @property
    def util(self) -> _Util: ...

    def load(self, name: str) -> _Pipeline: ...


@dataclass(frozen=True)
class Names:
    """Finds names."""

    find: NameFinder
    by: str
    """The model's name and version: another one finds others."""


def name_finder(model: str, spacy: Spacy | None = None) -> Names | None:
    """What finds names: ``model`` is a spaCy model's name, ``auto`` for the first one installed, ``off`` for none.

    None where there is no spaCy or, for ``auto``, no model. Raises ``ModelError`` for a named model that is not here.
    """
    if model == "off":
        return None
    if spacy is None and importlib.util.find_spec("spacy"):
        spacy = importlib.import_module("spacy")
    installed = list(spacy.util.get_installed_models()) if spacy else []
    if model == "auto":
        if not installed:
            return None
        model = sorted(installed)[0]
    if spacy is None or model not in installed:
        has = f"installed: {', '.join(installed)}" if installed else "none is installed"
        raise ModelError(f'no spaCy model "{model}" ({has})', mend="install it, or set privacy.names to auto or off")
    nlp = spacy.load(model)

    def names(text: str) -> list[tuple[int, int]]:
        spans = []
        for at in range(0, len(text), _PIECE):
            for entity in nlp(text[at : at + _PIECE]).ents:
                if entity.label_ in _PEOPLE and any(c.isupper() for c in entity.text):
                    spans.append((at + entity.start_char, at + entity.end_char))
        return spans

    return Names(names, f"{model} {nlp.meta.get('version', '')}".rstrip())
