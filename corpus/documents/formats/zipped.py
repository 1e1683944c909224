"""Opening files that are zip archives inside (office formats, EPUB), bombs refused."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zipfile import BadZipFile, ZipFile

_UNPACKED = 2**30
_ENTRIES = 50_000


@contextmanager
def opened(file: Path) -> Iterator[ZipFile]:
    """The archive, known to be of sane size. Raises ``ValueError`` where it is not."""
    with open(file, "rb") as stream:
        if stream.read(8) == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
            raise ValueError("it is encrypted, or of the format before 2007")
        try:
            archive = ZipFile(stream)
        except (BadZipFile, OSError) as error:  # a place before the beginning is an OSError
            raise ValueError("it is not a sound zip archive") from error
        with archive:
            entries = archive.infolist()
            if len(entries) > _ENTRIES or sum(e.file_size for e in entries) > _UNPACKED:
                raise ValueError("it unpacks to more than 1 GiB")
            yield archive
