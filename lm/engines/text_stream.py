"""A callback turned into an iterator: pieces of text as they come, then the result. Knows nothing of engines."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from typing import TypeVar

Result = TypeVar("Result")


class Abandoned(BaseException):
    """Nobody reads on: ends the engine's work at its next piece. No ``Exception``, so that no engine takes it for a fault."""


def pieces_then_result(work: Callable[[Callable[[str], None]], Result]) -> Iterator[str | Result]:
    """Run ``work(on_text)`` beside and yield each text it reports, then what it returns; its errors are raised here.

    Closed or interrupted before its end, it stops the work at its next piece and waits for that, so that the engine is free.
    """
    ready: queue.Queue[tuple[str, object]] = queue.Queue()
    left = threading.Event()

    def tell(text: str) -> None:
        if left.is_set():
            raise Abandoned
        ready.put(("text", text))

    def run() -> None:
        try:
            ready.put(("result", work(tell)))
        except BaseException as error:  # noqa: BLE001 - handed over to the reader's thread
            ready.put(("error", error))

    worker = threading.Thread(target=run, daemon=True)
    worker.start()
    try:
        while True:
            kind, value = ready.get()
            if kind == "error":
                raise value  # type: ignore[misc]
            yield value  # type: ignore[misc]
            if kind == "result":
                return
    finally:
        left.set()
        worker.join()
