"""`StateTrait`: a trait of the panel that is a part of its state."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from traitlets import Bunch, HasTraits, TraitType

from cnnwidget.panel.state.state import State


class StateTrait(TraitType[Any, Any]):
    """A trait that is a part of the panel's state; assigning it asks for a transition.

    Args:
        transition: called with the state and the value that is assigned.
    """

    def __init__(self, transition: Callable[[State, Any], State]) -> None:
        super().__init__()
        self._transition = transition

    def get(self, obj: Any, cls: Any = None) -> Any:
        """Return the part of the panel's state."""
        return getattr(obj.state, str(self.name))

    def set(self, obj: Any, value: Any) -> None:
        """Change the panel's state, unless it has this value."""
        if value is not self.get(obj):
            obj.change(lambda state: self._transition(state, value))


def notify_observers(panel: HasTraits, former: State, state: State) -> None:
    """Call the observers of the state traits that differ between two states."""
    for name, trait in panel.traits().items():
        if isinstance(trait, StateTrait):
            old, new = getattr(former, name), getattr(state, name)
            if new is not old and new != old:
                panel.notify_change(Bunch(name=name, old=old, new=new, owner=panel, type="change"))
