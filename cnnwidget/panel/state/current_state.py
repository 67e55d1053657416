"""`CurrentState`: the state that a panel shows now."""

from __future__ import annotations

from collections.abc import Callable
from threading import RLock

from cnnwidget.panel.state.change_data import with_sample_resized
from cnnwidget.panel.state.state import State

Transition = Callable[[State], State]


class CurrentState:
    """The state of a panel, which transitions replace one at a time, from any thread.

    Args:
        state: the first state.
        show: called with the state after each transition. If that has failed it is the state from
            before, for a control may show what could not be.
        notify: called with the former and the new state when they differ.
    """

    def __init__(
        self,
        state: State,
        show: Callable[[State], None],
        notify: Callable[[State, State], None],
    ) -> None:
        self.value, self._show, self._notify = state, show, notify
        self._lock = RLock()

    def change(self, transition: Transition) -> None:
        """Replace the state by what a transition makes of it.

        Raises:
            DesignError: if the transition does; the state stays as it was.
            DataError: likewise.
        """
        with self._lock:
            former = self.value
            try:
                self.value = transition(former)
            finally:
                self._show(self.value)
            if self.value is not former:
                self._notify(former, self.value)

    def settle(self) -> State:
        """Return the state, whose sample is made anew in the size of the design if need be.

        That takes time, so it is done before a drawing or a training, not at each step of a slider.
        """
        while True:
            former = self.value
            state = with_sample_resized(former)
            if state is former:
                return former
            with self._lock:
                if self.value is former:  # else another state has taken its place meanwhile
                    self.value = state
                    self._notify(former, state)
                    return state
