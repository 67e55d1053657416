"""A check that runs in the place of a training: its reports and its stop."""

import pytest

from cnnwidget.panel.jobs import job as module
from cnnwidget.panel.jobs.job import Job
from tests.training.samples import Clock


class Training:
    """A training that only counts its stops."""

    def __init__(self):
        self.stops = 0

    def __iter__(self):
        return iter(("a step", "an epoch"))

    def stop(self):
        self.stops += 1


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


def test_reports_are_shown_five_times_a_second_at_most(clock):
    shown = []
    job = Job("a search", lambda: shown.append(job.view["line"]))
    for step in range(100):
        job.report(f"step {step}", step / 100)
        clock.now += 0.01
    assert shown == [f"step {step}" for step in range(0, 100, 20)]
    assert job.report("the last", 1.0, "0 s left", at_once=True)
    assert job.view == {"state": "running", "line": "the last", "left": "0 s left", "progress": 1.0}


def test_a_stop_ends_the_training_that_runs_and_the_next_one():
    changes = []
    job, first, second = Job("a sweep", lambda: changes.append(1)), Training(), Training()
    assert list(job.loop(first)) == ["a step", "an epoch"]
    job.stop()
    assert (job.stopping, job.view["state"], first.stops, len(changes)) == (True, "stopping", 1, 1)
    list(job.loop(second))
    assert second.stops == 1
