"""Errors as sentences in the panel: nowhere else would a person see those of a callback."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from threading import Lock
from typing import Any

from cnnwidget.design.errors import CnnwidgetError
from cnnwidget.panel.stage import Stage
from cnnwidget.training.loop.memory_check import NotEnoughMemory

MOST_MESSAGES = 3


class Messages:
    """The latest errors, each until it is dismissed or something else goes well.

    Args:
        stage: where they are shown.
    """

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self._lock = Lock()
        self._told: list[tuple[int, str, int | None]] = []
        self._number = 0

    def complain(self, error: BaseException) -> None:
        """Show an error: ours are sentences, others are named."""
        ours = isinstance(error, CnnwidgetError | MemoryError) and str(error)
        batch = error.batch_size if isinstance(error, NotEnoughMemory) else None
        self.say(str(error) if ours else f"{type(error).__name__}: {error}", batch)

    def say(self, text: str, batch: int | None = None) -> None:
        """Show a sentence; the same again is shown once.

        Args:
            text: the sentence.
            batch: with batches of how many windows there is room for what was refused, which is
                then a click away.
        """
        with self._lock:
            self._number += 1
            others = [each for each in self._told if each[1] != text]
            self._told = [*others, (self._number, text, batch)][-MOST_MESSAGES:]
            self._show()

    def batch_of(self, number: object) -> int | None:
        """What the button of a message proposes, if it is there and has one."""
        with self._lock:
            return next((batch for each, _, batch in self._told if each == number), None)

    def dismiss(self, number: object) -> None:
        """Take one back."""
        with self._lock:
            self._told = [each for each in self._told if each[0] != number]
            self._show()

    def clear(self) -> None:
        """Take all back: a change went through."""
        with self._lock:
            if self._told:
                self._told = []
                self._show()

    def guarded(self, call: Callable[..., None]) -> Callable[..., None]:
        """A callback whose errors show."""

        @wraps(call)
        def called(*arguments: Any) -> None:
            try:
                call(*arguments)
            except Exception as error:  # noqa: BLE001  (a widget's callback has nobody to tell)
                self.complain(error)

        return called

    def _show(self) -> None:
        told = [
            {"id": number, "text": text}
            | ({"act": f"train with batches of {batch}"} if batch is not None else {})
            for number, text, batch in self._told
        ]
        self.stage.show(messages_view={"messages": told})
