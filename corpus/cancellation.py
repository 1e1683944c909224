"""Stopping work that nobody wants any more: asked for from any thread, noticed by the work between two pieces of it.

    stop = Cancellation()
    with cancellable(stop):
        provision(assistant, "hybrid")      # raises Cancelled soon after another thread called stop.cancel()

What was finished before stays. The same call goes on from there, as after a killed run.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

Result = TypeVar("Result")

_LOOKS_EVERY_S = 0.05
"""How often what waits for another thread looks whether it is still wanted."""


class Cancelled(BaseException):
    """The work was stopped as asked. No ``Exception``, so that nothing takes it for a fault of its own."""


class Cancellation:
    """Says stop, once and for good, to all work that runs under it."""

    def __init__(self) -> None:
        self._asked = threading.Event()

    def cancel(self) -> None:
        """Stop the work at its next safe place; returns at once."""
        self._asked.set()

    @property
    def is_cancelled(self) -> bool:
        return self._asked.is_set()


_WITHIN: ContextVar[tuple[Cancellation, ...]] = ContextVar("cancellations", default=())


@contextmanager
def cancellable(cancellation: Cancellation) -> Iterator[None]:
    """What runs inside stops where ``cancellation``, or one further out, says so."""
    token = _WITHIN.set((*_WITHIN.get(), cancellation))
    try:
        yield
    finally:
        _WITHIN.reset(token)


def can_be_cancelled() -> bool:
    """Does anything watch over the work that asks this?"""
    return bool(_WITHIN.get())


def is_cancelled() -> bool:
    """Is the work that asks this to stop?"""
    return any(c.is_cancelled for c in _WITHIN.get())


def stop_if_cancelled() -> None:
    """Raise ``Cancelled`` where the work that asks this is to stop. Called between two pieces of work."""
    if is_cancelled():
        raise Cancelled


def stopper() -> Callable[[], None]:
    """``stop_if_cancelled`` of the work that asks now, for a thread that a library calls back from."""
    within = _WITHIN.get()

    def stop() -> None:
        if any(c.is_cancelled for c in within):
            raise Cancelled

    return stop


def awaited(future: Future[Result]) -> Result:
    """What another thread works out; ``Cancelled`` where that is no longer waited for. The other thread goes on."""
    while can_be_cancelled() and not future.done():
        stop_if_cancelled()
        wait([future], _LOOKS_EVERY_S)
    return future.result()
