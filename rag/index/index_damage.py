"""What an error means that is raised while an index is read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from corpus.cancellation import Cancelled
from corpus.errors import GroundtuneError, ProjectError
from corpus.machine_errors import OF_THE_MACHINE


@contextmanager
def undamaged(folder: Path) -> Iterator[None]:
    """Say plainly that what was written once into ``folder`` can no longer be read, whatever a store raises then.

    What the machine lacks (memory, disk, open files, rights) is no damage and stays as it is.
    """
    try:
        yield
    except (Cancelled, KeyboardInterrupt, SystemExit, GroundtuneError, MemoryError, PermissionError):
        raise
    except BaseException as error:  # a panic of a store's Rust core is no Exception
        if isinstance(error, OSError) and error.errno in OF_THE_MACHINE:
            raise
        raise ProjectError(
            f"{folder}: the index is damaged ({type(error).__name__}: {error})",
            mend="run groundtune index rebuild: it is made anew from the documents",
        ) from error
