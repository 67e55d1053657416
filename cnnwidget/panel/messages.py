"""Errors as messages in the panel, for nobody sees the exceptions of a callback."""

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
    """The latest errors. Each stays until it is dismissed or a change succeeds.

    Args:
        stage: where they are shown.
    """

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self._lock = Lock()
        # Number, text, and the batch size that a button proposes.
        self._messages: list[tuple[int, str, int | None]] = []
        self._number = 0

    def complain(self, error: BaseException) -> None:
        """Show an error: the sentence of one of ours, name and text of any other."""
        ours = isinstance(error, CnnwidgetError | MemoryError) and str(error)
        batch = error.batch_size if isinstance(error, NotEnoughMemory) else None
        self.say(str(error) if ours else f"{type(error).__name__}: {error}", batch)

    def say(self, text: str, batch: int | None = None) -> None:
        """Show a message; the same text is shown once.

        Args:
            text: the message.
            batch: a batch size for which there is enough memory, offered by a button.
        """
        with self._lock:
            self._number += 1
            others = [each for each in self._messages if each[1] != text]
            self._messages = [*others, (self._number, text, batch)][-MOST_MESSAGES:]
            self._show()

    def batch_of(self, number: object) -> int | None:
        """Return the batch size that a message proposes; None if it proposes none, or is gone."""
        with self._lock:
            return next((batch for each, _, batch in self._messages if each == number), None)

    def dismiss(self, number: object) -> None:
        """Remove a message by its number."""
        with self._lock:
            self._messages = [each for each in self._messages if each[0] != number]
            self._show()

    def clear(self) -> None:
        """Remove all messages."""
        with self._lock:
            if self._messages:
                self._messages = []
                self._show()

    def guarded(self, call: Callable[..., None]) -> Callable[..., None]:
        """Return a callback whose errors are shown as messages."""

        @wraps(call)
        def called(*arguments: Any) -> None:
            try:
                call(*arguments)
            except Exception as error:  # noqa: BLE001  (a widget's callback has nobody to raise to)
                self.complain(error)

        return called

    def _show(self) -> None:
        messages = [
            {"id": number, "text": text}
            | ({"act": f"train with batches of {batch}"} if batch is not None else {})
            for number, text, batch in self._messages
        ]
        self.stage.show(messages_view={"messages": messages})
