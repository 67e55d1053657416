"""The state that a panel shows now: replaced by transitions, one at a time."""

import threading

import pytest

import cnnwidget as cw
from cnnwidget.panel.state.current_state import CurrentState
from cnnwidget.panel.state.transitions import first_state, with_field


@pytest.fixture(scope="module")
def first():
    return first_state(None, None)


def test_each_change_is_shown_with_the_state_before(first):
    shown = []
    current = CurrentState(first, lambda former, state: shown.append((former, state)))
    current.change(lambda state: with_field(state, "depth", 2))
    assert shown == [(first, current.value)]
    assert current.value.design.depth == 2


def test_a_transition_that_fails_leaves_the_state_and_is_shown_so(first):
    shown = []
    current = CurrentState(first, lambda former, state: shown.append((former, state)))
    with pytest.raises(cw.DesignError):
        current.change(lambda state: with_field(state, "depth", 0))
    assert current.value is first
    assert shown == [(first, first)]


def test_no_change_is_lost_between_threads(first):
    current = CurrentState(first, lambda *_: None)

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


def test_a_state_that_was_overtaken_is_not_replaced(first):
    current = CurrentState(first, lambda *_: None)
    other = with_field(first, "depth", 2)
    assert current.replace(first, other)
    assert not current.replace(first, with_field(first, "depth", 4))
    assert current.value is other
