"""What may be drawn when, with a clock that the test winds."""

from cnnwidget.panel.jobs import throttle as module
from cnnwidget.panel.jobs.throttle import Throttle
from tests.training.samples import Clock


def times_drawn(monkeypatch, taken, seconds, share, least=0.0):
    """How often in a hundred seconds, each drawing taking so long."""
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    throttle, drawn, began = Throttle(seconds, share), 0, clock.now
    while clock.now - began < 100:
        if throttle.is_due:
            with throttle.drawing(least):
                clock.now += taken
            drawn += 1
        clock.now += 0.001
    return drawn


def test_what_is_quick_is_drawn_as_often_as_it_may(monkeypatch):
    assert times_drawn(monkeypatch, taken=0.001, seconds=0.5, share=0.02) in (199, 200)


def test_what_is_slow_takes_no_more_than_its_share(monkeypatch):
    drawn = times_drawn(monkeypatch, taken=0.2, seconds=0.5, share=0.02)
    assert drawn == 10
    assert drawn * 0.2 <= 0.02 * 100


def test_a_longer_rest_may_be_asked_for(monkeypatch):
    assert times_drawn(monkeypatch, taken=0.001, seconds=0.5, share=0.02, least=5.0) == 20
