"""The worker that does only the latest item."""

import threading
import time

from cnnwidget.panel.jobs.latest_wins import LatestWins


def test_items_that_are_overtaken_are_not_done():
    begun, go_on, done = threading.Event(), threading.Event(), []

    def work(item):
        done.append(item)
        begun.set()
        assert go_on.wait(60)

    worker = LatestWins(work)
    worker.post(0)
    assert begun.wait(60)
    for item in (1, 2, 3):
        worker.post(item)
    go_on.set()
    assert worker.wait(60)
    assert done == [0, 3]


def test_items_are_a_pause_apart():
    times = []
    worker = LatestWins(lambda _: times.append(time.monotonic()), pause=0.2)
    worker.post(1)
    while not times:
        time.sleep(0.01)
    worker.post(2)
    assert worker.wait(60)
    assert times[1] - times[0] >= 0.19
