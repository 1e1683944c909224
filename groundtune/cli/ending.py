"""How a command ends: with which status, and in what words where the machine or the user stopped it. Runs no command."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

from corpus.errors import GroundtuneError, ResourceError
from corpus.machine_errors import lack
from groundtune.cli.streams import close_streams, flush_streams

STOPPED = 130
"""The status after Ctrl-C, as shells have it."""


def end(status: int, *, at_once: bool = False) -> NoReturn:
    """End the process with this status, once all is written that somebody still reads.

    ``at_once``: without taking models, threads and index apart, which takes a while; nothing is left to be written.
    """
    if not flush_streams() or at_once:
        os._exit(status)
    sys.exit(status)


def end_for(error: BaseException) -> NoReturn:
    """Say what stopped the command, and end it; raise the error again where it is a fault of ours."""
    if isinstance(error, BrokenPipeError):
        close_streams()
        os._exit(0)  # who reads no further has had enough
    if isinstance(error, KeyboardInterrupt):
        _say("\ngroundtune: stopped; what was finished is kept, the same command goes on from there")
        end(STOPPED, at_once=True)
    fault = error if isinstance(error, GroundtuneError) else lack(error)
    if fault is None and isinstance(error, OSError):
        fault = ResourceError(str(error), mend="groundtune doctor checks this machine")
    if fault is None:
        raise error
    _say(f"groundtune: {fault}")
    end(2)


def _say(words: str) -> None:
    try:
        print(words, file=sys.stderr)
    except BrokenPipeError:
        close_streams()
