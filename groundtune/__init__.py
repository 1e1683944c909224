"""Retrieve, fine-tune, both or neither? Advises, builds what it advised, and proves it on held-out questions.

The public API: ``open_project``, ``Assistant``, ``Filter``, ``as_retriever`` and ``as_runnable``. Nothing here asks a hub or
reports usage.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from groundtune.assistant import Assistant
    from groundtune.project.project import Project
    from rag import as_retriever, as_runnable
    from rag.index.passage_filter import Filter

__all__ = ["Assistant", "Filter", "as_retriever", "as_runnable", "open_project"]
_HOMES = {
    "Assistant": "groundtune.assistant",
    "Filter": "rag.index.passage_filter",
    "as_retriever": "rag",
    "as_runnable": "rag",
}


def open_project(folder: str | Path) -> Project:
    """The project in ``folder``, its libraries kept from the network as on the command line.

    Raises ``ProjectError`` where there is none, ``InputError`` where its settings are faulty.
    """
    from groundtune.offline import be_quiet
    from groundtune.project.project import open_project as opened

    project = opened(Path(folder))
    be_quiet((project.settings.generator, project.settings.embedder))
    return project


def __getattr__(name: str) -> object:
    """What takes time to import is imported when it is asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module 'groundtune' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
