"""Work that is stopped ends at its next safe place, wherever it runs, and what watches over other work is not touched."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from corpus.cancellation import (
    Cancellation,
    Cancelled,
    awaited,
    can_be_cancelled,
    cancellable,
    is_cancelled,
    stop_if_cancelled,
    stopper,
)


def test_work_stops_where_it_or_what_it_is_part_of_is_cancelled() -> None:
    whole, part = Cancellation(), Cancellation()
    with cancellable(whole):
        with cancellable(part):
            stop_if_cancelled()
            whole.cancel()
            with pytest.raises(Cancelled):
                stop_if_cancelled()
        part.cancel()
        assert is_cancelled()
    assert not can_be_cancelled()
    stop_if_cancelled()


def test_no_handler_of_faults_takes_it_for_one() -> None:
    assert not issubclass(Cancelled, Exception)


def test_threads_have_their_own_and_a_stopper_goes_to_another_thread() -> None:
    stop = Cancellation()
    with cancellable(stop), ThreadPoolExecutor(1) as other:
        assert other.submit(can_be_cancelled).result() is False
        check = stopper()
        other.submit(check).result()
        stop.cancel()
        with pytest.raises(Cancelled):
            other.submit(check).result()


def test_what_waits_for_another_thread_stops_waiting() -> None:
    future: Future[str] = Future()
    stop = Cancellation()
    threading.Timer(0.1, stop.cancel).start()
    started = time.monotonic()
    with cancellable(stop), pytest.raises(Cancelled):
        awaited(future)
    assert time.monotonic() - started < 5
    future.set_result("there")
    assert awaited(future) == "there"
