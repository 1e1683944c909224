"""A callback turned into an iterator: pieces of text as they come, then the result. Knows nothing of engines."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from typing import TypeVar

Result = TypeVar("Result")


def pieces_then_result(work: Callable[[Callable[[str], None]], Result]) -> Iterator[str | Result]:
    """Run ``work(on_text)`` beside and yield each text it reports, then what it returns; its errors are raised here."""
    ready: queue.Queue[tuple[str, object]] = queue.Queue()

    def run() -> None:
        try:
            ready.put(("result", work(lambda text: ready.put(("text", text)))))
        except BaseException as error:  # noqa: BLE001 - handed over to the reader's thread
            ready.put(("error", error))

    threading.Thread(target=run, daemon=True).start()
    while True:
        kind, value = ready.get()
        if kind == "error":
            raise value  # type: ignore[misc]
        yield value  # type: ignore[misc]
        if kind == "result":
            return
