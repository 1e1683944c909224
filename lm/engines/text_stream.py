"""A callback turned into an iterator: pieces of text as they come, then the result."""

from __future__ import annotations

import contextvars
import queue
import threading
from collections.abc import Callable, Iterator
from typing import TypeVar

from corpus.cancellation import Cancellation, Cancelled, cancellable, stop_if_cancelled

Result = TypeVar("Result")


def pieces_then_result(work: Callable[[Callable[[str], None]], Result]) -> Iterator[str | Result]:
    """Run ``work(on_text)`` beside and yield each text it reports, then what it returns; its errors are raised here.

    Closed or interrupted before its end, it stops the work at its next piece and waits for that, so that the engine is free.
    """
    ready: queue.Queue[tuple[str, object]] = queue.Queue()
    left = Cancellation()

    def tell(text: str) -> None:
        if left.is_cancelled:
            raise Cancelled
        ready.put(("text", text))

    def run() -> None:
        try:
            with cancellable(left):
                ready.put(("result", work(tell)))
        except BaseException as error:  # noqa: BLE001 - handed over to the reader's thread
            ready.put(("error", error))

    worker = threading.Thread(target=contextvars.copy_context().run, args=(run,), daemon=True)
    worker.start()
    try:
        while True:
            kind, value = ready.get()
            stop_if_cancelled()
            if kind == "error":
                raise value  # type: ignore[misc]
            yield value  # type: ignore[misc]
            if kind == "result":
                return
    finally:
        left.cancel()
        worker.join()
