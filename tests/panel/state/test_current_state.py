"""The state that a panel shows now: replaced by transitions, one at a time."""

import threading

import pytest

import cnnwidget as cw
from cnnwidget.panel.state import current_state
from cnnwidget.panel.state.change_data import with_sample_resized
from cnnwidget.panel.state.change_design import with_field
from cnnwidget.panel.state.current_state import CurrentState
from cnnwidget.panel.state.first_state import first_state


@pytest.fixture(scope="module")
def first():
    return first_state(None, None)


class Panel:
    """Records the states that it shows, and those that it is notified of."""

    def __init__(self, first):
        self.shown, self.changes = [], []
        self.current = CurrentState(
            first, self.shown.append, lambda *states: self.changes.append(states)
        )


def test_each_change_is_shown_and_notified(first):
    panel = Panel(first)
    panel.current.change(lambda state: with_field(state, "depth", 2))
    state = panel.current.value
    assert state.design.depth == 2
    assert (panel.shown, panel.changes) == ([state], [(first, state)])


def test_a_transition_that_fails_leaves_the_state_and_is_shown_so(first):
    panel = Panel(first)
    with pytest.raises(cw.DesignError):
        panel.current.change(lambda state: with_field(state, "depth", 0))
    assert panel.current.value is first
    assert (panel.shown, panel.changes) == ([first], [])


def test_no_change_is_lost_between_threads(first):
    current = CurrentState(first, lambda _: None, lambda *_: None)

    def more(state):
        return with_field(state, "start_channels", state.design.start_channels + 1)

    threads = [
        threading.Thread(target=lambda: [current.change(more) for _ in range(20)]) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert current.value.design.start_channels == first.design.start_channels + 80


def test_a_sample_is_settled_in_the_size_of_the_design(first):
    panel = Panel(with_field(first, "input_size", (32, 48)))
    former = panel.current.value
    state = panel.current.settle()
    assert state is panel.current.value is panel.current.settle()
    assert state.frames.size == (32, 48)
    assert (panel.shown, panel.changes) == ([], [(former, state)])


def test_a_change_while_a_sample_is_made_is_settled_too(first, monkeypatch):
    panel = Panel(with_field(first, "input_size", (32, 48)))
    sizes = [(48, 32), (24, 24)]

    def resized(state):
        made = with_sample_resized(state)
        if sizes:  # a slider moves meanwhile
            size = sizes.pop()
            panel.current.change(lambda now: with_field(now, "input_size", size))
        return made

    monkeypatch.setattr(current_state, "with_sample_resized", resized)
    assert panel.current.settle().frames.size == (48, 32)
