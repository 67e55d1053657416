"""The buttons that can be pressed in each state of a training."""

import pytest

from cnnwidget.panel.jobs.job import Job
from cnnwidget.panel.stage import Stage
from cnnwidget.panel.views.fit_status import FitStatus


@pytest.fixture
def status():
    return FitStatus(Stage(on_op=print))


def buttons(status):
    return status.stage.fit_view["can"]


@pytest.mark.parametrize(
    ("state", "same", "other"),
    [
        ("idle", ["fit"], ["fit"]),
        ("preparing", ["stop"], ["stop"]),
        ("running", ["stop"], ["stop"]),
        ("stopping", ["stop"], ["stop"]),
        ("stopped", ["continue", "restart"], ["fit", "continue"]),
        ("finished", ["continue", "restart"], ["fit", "continue"]),
        ("diverged", ["restart"], ["fit"]),
    ],
)
def test_the_buttons_follow_the_state_and_the_design(status, state, same, other):
    status.update(state=state, key="the design")
    status.offer("the design", "", {})
    assert buttons(status) == same
    status.offer("another design", "", {})
    assert buttons(status) == other


def test_an_earlier_run_does_not_continue(status):
    status.offer("the design", "", {})
    status.over = True
    status.update(state="finished", key="the design")
    assert buttons(status) == ["restart"]


def test_settings_that_have_changed_are_kept_by_continue(status):
    status.settings = {"lr": 0.1}
    status.update(state="stopped", key="the design")
    status.offer("the design", "", {"lr": 0.1})
    assert status.stage.fit_view["keeps"] == ""
    status.offer("the design", "", {"lr": 0.2})
    assert "Continue keeps" in status.stage.fit_view["keeps"]


def test_a_check_can_only_be_stopped(status):
    status.update(state="finished", key="the design")
    status.job = Job("Learning rate", status.update)
    status.job.report("Learning rate: 0.1", 0.5)
    assert buttons(status) == ["stop"]
    status.job = None
    status.update()
    assert buttons(status) == ["fit", "continue"]
