"""Engines that several threads may ask: one is answered after the other."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import update_wrapper
from typing import Concatenate, ParamSpec, TypeVar

Given = ParamSpec("Given")
Result = TypeVar("Result")
Engine = TypeVar("Engine", bound="OneAtATime")


LOADING = threading.Lock()
"""OpenVINO GenAI finds its tokenizers by a variable of the environment that it sets and takes back: two that load at once may
find none."""


class OneAtATime:
    """What holds one lock. Its own thread may take it again."""

    def __init__(self) -> None:
        self._alone = threading.RLock()


def alone(method: Callable[Concatenate[Engine, Given], Result]) -> Callable[Concatenate[Engine, Given], Result]:
    """The same method, which waits until no other thread is in one of its kind."""

    def locked(self: Engine, /, *args: Given.args, **kwargs: Given.kwargs) -> Result:
        with self._alone:
            return method(self, *args, **kwargs)

    update_wrapper(locked, method)
    return locked
