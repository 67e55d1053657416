"""`CurrentState`: the state that a panel shows now."""

from __future__ import annotations

from collections.abc import Callable
from threading import RLock

from cnnwidget.panel.state.state import State

Transition = Callable[[State], State]


class CurrentState:
    """The state of a panel, which transitions replace one at a time, from any thread.

    Args:
        state: the first state.
        show: called with the former and the new state before the next transition begins. Both are
            the same after a transition that failed: a control may show what could not be.
    """

    def __init__(self, state: State, show: Callable[[State, State], None]) -> None:
        self._state, self._show = state, show
        self._lock = RLock()

    @property
    def value(self) -> State:
        """The state that is shown now."""
        return self._state

    def change(self, transition: Transition) -> None:
        """Replace the state by what a transition makes of it.

        Raises:
            DesignError: if the transition does; the state stays as it was.
            DataError: likewise.
        """
        with self._lock:
            former = self._state
            try:
                self._state = transition(former)
            finally:
                self._show(former, self._state)

    def replace(self, former: State, state: State) -> bool:
        """Replace a state, unless another one has taken its place; return whether it did.

        Nothing is shown: that is left to the caller.
        """
        with self._lock:
            replaced = self._state is former
            if replaced:
                self._state = state
            return replaced
