"""A number for each value, the same one as long as its folder lives, without keeping the value. Finds nothing.

``key`` holds 32 random bytes made once; ``numbers`` one line for each value: its kind and its HMAC-SHA-256 with the key. Who
has the folder and a guess can test the guess: the folder is to be kept as the documents are.
"""

from __future__ import annotations

import contextlib
import hmac
import os
import secrets
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from corpus.privacy.find_personal_data import canonical


class Pseudonyms:
    """The numbers in ``folder``; nothing is written before the first one is asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._numbers: dict[tuple[str, str], int] = {}
        self._count: Counter[str] = Counter()
        self._read = 0

    def number(self, kind: str, value: str) -> int:
        """The value's number among those of its kind, from 1, in the order in which they were first met."""
        with self._alone():
            name = (kind, hmac.digest(self._key(), canonical(value).encode(), "sha256").hex())
            if name not in self._numbers:
                self._catch_up()
            if name not in self._numbers:
                with (self.folder / "numbers").open("a", encoding="ascii") as out:
                    out.write(f"{name[0]} {name[1]}\n")
                self._catch_up()
            return self._numbers[name]

    def _catch_up(self) -> None:
        """Read what was added since; a line that a killed writer tore is ended and passed over."""
        file = self.folder / "numbers"
        if not file.is_file():
            return
        with file.open("r+b") as lines:
            lines.seek(self._read)
            added = lines.read()
            if added and not added.endswith(b"\n"):
                lines.write(b"\n")
                added += b"\n"
            self._read += len(added)
        for line in added.decode("ascii", "replace").splitlines():
            kind, _, name = line.partition(" ")
            if len(name) == 64:
                self._count[kind] += 1
                self._numbers.setdefault((kind, name), self._count[kind])

    def _key(self) -> bytes:
        file = self.folder / "key"
        if not file.is_file():
            beside = self.folder / ".key"
            with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
                out.write(secrets.token_bytes(32))
            os.replace(beside, file)
        return file.read_bytes()

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the folder against other processes and threads for the moment of one number."""
        from filelock import FileLock

        self.folder.mkdir(parents=True, exist_ok=True)
        with FileLock(self.folder / ".lock", thread_local=False):
            yield
