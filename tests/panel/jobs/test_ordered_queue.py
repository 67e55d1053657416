"""The worker that does every item in order."""

import threading

from cnnwidget.panel.jobs.ordered_queue import OrderedQueue


def test_every_item_is_done_in_order_and_one_at_a_time():
    done, working = [], threading.Lock()

    def work(item):
        assert working.acquire(blocking=False)
        done.append(item)
        working.release()

    queue = OrderedQueue(work)
    for item in range(100):
        queue.post(item)
    assert queue.wait(60)
    assert done == list(range(100))


def test_an_idle_queue_has_no_thread():
    before = threading.active_count()
    queue = OrderedQueue(lambda _: None)
    assert threading.active_count() == before
    queue.post(1)
    assert queue.wait(60)
    for thread in threading.enumerate():
        if thread.daemon:
            thread.join(0.2)
    assert threading.active_count() <= before


def test_a_wait_has_an_end():
    release = threading.Event()
    queue = OrderedQueue(lambda _: release.wait(60))
    queue.post(1)
    assert not queue.wait(0.05)
    release.set()
    assert queue.wait(60)
