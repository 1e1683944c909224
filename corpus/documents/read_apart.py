"""Reading a file in a process of its own: one that hangs, crashes or fills the memory costs itself alone.

The processes live on from file to file, and the first starts when it is first needed. They answer in JSON, because what
a damaged file made of its reader is not to be trusted.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TypedDict

from corpus.documents.formats.part import Block, LeftOut, Part
from corpus.python_process import command

SECONDS = 60.0
"""Time for any file; each MiB of its size adds ``_SECONDS_A_MIB``."""
_SECONDS_A_MIB = 5.0
MEMORY = 2**30
"""Address space of each process, in bytes, where the system can limit it."""
LONGEST_TEXT = 2**24
"""Characters of text in one file."""
_PROCESSES = 2
_NO_MEMORY = f"it needs more than {MEMORY / 2**30:.2g} GiB of memory"
_QUOTED = re.compile(r"""(?<!\w)b?['"‘“`](?:.*['"’”`](?!\w)|.*)""")
"""From the first quotation mark to the last: what is quoted may hold some itself."""
_BROKE_DOWN = "its reader broke down"


class _PartRecord(TypedDict):
    """A ``Part`` in JSON."""

    blocks: list[list[object]]
    title: str
    name: str
    date: str
    tags: list[str]
    left_out: list[list[object]]


class _Reply(TypedDict, total=False):
    """What a process answers: the parts of the file, or why there are none."""

    parts: list[_PartRecord]
    fault: str


class Apart:
    """Reads files in processes of their own, some at the same time. A context: leaving it ends them."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self.seconds = seconds
        self._threads = ThreadPoolExecutor(_PROCESSES)
        self._own = threading.local()
        self._all: list[_Process] = []

    def __enter__(self) -> Apart:
        return self

    def __exit__(self, *error: object) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
        for process in list(self._all):
            process.end()
        self._threads.shutdown()
        for process in list(self._all):  # one may have started meanwhile
            process.end()

    def read(self, file: Path) -> Future[list[Part]]:
        """The parts of a file, later. The result raises ``ValueError`` with the reason where there are none."""
        return self._threads.submit(self._read, file)

    def _read(self, file: Path) -> list[Part]:
        process: _Process | None = getattr(self._own, "process", None)
        if process is None:
            process = self._own.process = _Process()
            self._all.append(process)
        return process.parts(file, self.seconds + _SECONDS_A_MIB * file.stat().st_size / 2**20)


class _Process:
    """One process, started anew where it ended."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._served = 0

    def parts(self, file: Path, seconds: float) -> list[Part]:
        reply = self._ask(file, seconds)
        fault = str(reply.get("fault"))
        if fault.startswith(_BROKE_DOWN) or (self._served > 1 and fault == _NO_MEMORY):
            self.end()  # the cause may be an earlier file, or an outside signal
            reply = self._ask(file, seconds)
        if "fault" in reply:
            raise ValueError(reply["fault"])
        return [_part(record) for record in reply["parts"]]

    def end(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()
            for pipe in (self._process.stdin, self._process.stdout):
                with contextlib.suppress(OSError):
                    pipe.close()  # type: ignore[union-attr]
            self._process = None

    def _ask(self, file: Path, seconds: float) -> _Reply:
        process = self._running()
        late = threading.Event()

        def stop() -> None:
            late.set()
            process.kill()

        timer = threading.Timer(seconds, stop)
        timer.daemon = True
        timer.start()
        try:
            process.stdin.write(json.dumps([str(file), seconds]).encode() + b"\n")  # type: ignore[union-attr]
            process.stdin.flush()  # type: ignore[union-attr]
            line = process.stdout.readline()  # type: ignore[union-attr]
        except (OSError, ValueError):  # it ended, or was ended
            line = b""
        finally:
            timer.cancel()
        self._served += 1
        if line.endswith(b"\n"):
            reply: _Reply = json.loads(line)
            return reply
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(1)  # read its own exit status before it is killed
        self.end()
        code = process.returncode
        if late.is_set() or code == -signal.SIGALRM:
            return {"fault": f"it took longer than {seconds:.0f} s"}
        return {"fault": f"{_BROKE_DOWN} ({signal.Signals(-code).name if code < 0 else f'status {code}'})"}

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self.end()
            self._served = 0
            self._process = subprocess.Popen(
                command("from corpus.documents.read_apart import serve; serve()"),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        return self._process


def _part(record: _PartRecord) -> Part:
    blocks = tuple(map(Block._make, record["blocks"]))
    left_out = tuple(map(LeftOut._make, record["left_out"]))
    return Part(blocks, record["title"], record["name"], record["date"], tuple(record["tags"]), left_out)


def serve() -> None:
    """Answer requests from standard input until it ends: the life of such a process."""
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no reply
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the one that asks decides when to stop
    _limit_memory()
    sys.modules["numpy"] = None  # type: ignore[assignment]  # openpyxl would load it; no reader needs it
    for line in sys.stdin.buffer:
        file, seconds = json.loads(line)
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, seconds + 5)  # in case the parent has died
        try:
            reply = _encoded(_reply(Path(file)))
        except MemoryError:
            reply = _encoded({"fault": _NO_MEMORY})
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, 0)
        replies.write(reply)
        replies.flush()


def _encoded(reply: Mapping[str, object]) -> bytes:
    return json.dumps(reply, ensure_ascii=False).encode("utf-8", "replace") + b"\n"


def _reply(file: Path) -> dict[str, object]:
    from corpus.documents.formats.known_formats import parts

    try:
        read = list(parts(file))
        if sum(len(b.text) for part in read for b in part.blocks) > LONGEST_TEXT:
            return {"fault": f"it holds more than {LONGEST_TEXT // 2**20} million characters"}
        return {"parts": [vars(part) for part in read]}
    except MemoryError:
        raise
    except RecursionError:
        return {"fault": "it is nested too deeply"}
    except ValueError as error:
        return {"fault": reason_of(error)}
    except BaseException as error:  # noqa: BLE001 - a damaged file raises anything
        return {"fault": f"it is damaged: {reason_of(error)}"}


def reason_of(error: BaseException) -> str:
    """The first line of an error's message without its quotations, which may hold anything from the file."""
    line = _QUOTED.sub("…", (str(error).splitlines() or [""])[0])
    return line[:120] if line.strip("… ") else type(error).__name__


def _limit_memory() -> None:
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
