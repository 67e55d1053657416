"""A training in the panel: begun, stopped, continued, refused, restored."""

import threading

import numpy as np
import torch

import cnnwidget as cw
from tests.panel.panels import messages, press, short_training, until


def test_the_fit_has_the_curve_of_plain_code(designer):
    short_training(designer, 3)
    press(designer, "fit")
    view = designer.stage.fit_view
    assert view["state"] == "finished"
    again = cw.fit(designer.design, designer.frames, epochs=3, progress=False)
    assert view["curve"]["train"] == [None, *(each.train for each in again.history)]
    assert view["curve"]["valid"] == [each.validation for each in again.curve]
    assert view["verdict"] == again.skill.sentence
    assert view["live"] == []
    assert designer.run.history[-1].train == again.history[-1].train
    for name, value in again.baselines:
        assert {"name": name, "value": value} in view["baselines"]


def test_stop_continue_and_restart(designer):
    short_training(designer, 400)
    designer.fit()
    until(lambda: designer.stage.fit_view.get("curve", {}).get("epoch", [0])[-1:] > [0])
    assert designer.run.history  # there is a run while it trains
    press(designer, "stop")
    press(designer, "stop")
    view = designer.stage.fit_view
    assert (view["state"], view["can"]) == ("stopped", ["continue", "restart"])
    done = len(designer.run.history)
    assert 0 < done < 400
    assert designer.run.ending == "stopped"
    designer.training_job.go_on()
    until(lambda: len(designer.run.history) > done)
    press(designer, "stop")
    assert len(designer.run.history) > done
    # With another design it is a fit, and the old one can be brought back.
    old = designer.design
    designer.controls.widgets["depth"][0].value = 1
    assert designer.wait()
    assert designer.stage.fit_view["can"] == ["fit", "continue"]
    assert designer.stage.fit_view["key"] != designer.stage.plan_view["key"]
    press(designer, "restore")
    assert designer.design == old
    assert designer.stage.fit_view["can"] == ["continue", "restart"]


def test_a_stop_while_pytorch_is_loading_is_not_lost(designer):
    short_training(designer, 400)
    with designer.training_job._lock:  # so that loading takes as long as this does
        designer.fit()
        designer.stop()
        view = designer.stage.fit_view
        assert (view["state"], view["line"]) == ("stopping", "stopping, once PyTorch is loaded")
    assert designer.wait(60)
    assert designer.stage.fit_view["state"] == "stopped"


def test_a_stop_that_comes_while_the_training_tells_of_itself_holds_neither_up(designer):
    """The page waits for the training, which shows something before it lets the page go on."""
    ops = [{"seq": 1, "op": "stop"}]
    page = threading.Thread(
        target=designer.stage.set_state, args=({"intent": {"page": "b", "ops": ops}},), daemon=True
    )
    asked = threading.Event()
    stop = designer.training_job.stop

    def stopping():
        asked.set()
        stop()

    designer.training_job.stop = stopping
    with designer.training_job._lock:  # as the thread of a training has it while it tells
        page.start()
        assert asked.wait(60)
        shown = designer.stage._lock.acquire(timeout=10)  # as what it shows does
        if shown:
            designer.stage._lock.release()
    assert shown
    page.join(60)
    assert not page.is_alive()


def test_a_training_that_cannot_be_says_why(designer):
    designer.settings.device.value = "cuda"
    if torch.cuda.is_available():
        designer.settings.device.value = "mps"
    press(designer, "fit")
    assert designer.stage.fit_view["state"] == "idle"
    assert "is not to be had on this machine" in messages(designer)[0]
    designer.settings.device.value = "cpu"
    short_training(designer)
    press(designer, "fit")
    assert designer.stage.fit_view["state"] == "finished"


def test_a_fit_that_cannot_begin_leaves_the_last_one_as_it_is(designer):
    short_training(designer)
    press(designer, "fit")
    before, run = dict(designer.stage.fit_view), designer.run
    designer.controls.widgets["depth"][0].value = 2
    designer.settings.device.value = "mps" if torch.cuda.is_available() else "cuda"
    press(designer, "fit")
    after = designer.stage.fit_view
    for name in ("state", "key", "design", "curve", "verdict"):
        assert after[name] == before[name]
    assert after["can"] == ["fit", "continue"]
    assert designer.run is run
    assert designer.stage.frames_view["samples"]


def test_settings_that_continue_does_not_take_are_reported(designer):
    short_training(designer)
    press(designer, "fit")
    assert designer.stage.fit_view["keeps"] == ""
    designer.settings.lr.value = 1e-3
    assert designer.wait()
    assert "Continue keeps" in designer.stage.fit_view["keeps"]


def test_a_stopped_first_epoch_shows_frames(designer):
    short_training(designer, 400)
    designer.fit()
    designer.stop()
    assert designer.wait(60)
    assert designer.stage.frames_view["samples"]
    assert designer.stage.fit_view["line"] == "Stopped within epoch 1: no curve yet."
    assert len(designer.stage.prediction) == len(designer.stage.truth) > 0


def test_frames_of_other_data_are_another_fit(designer):
    short_training(designer)
    press(designer, "fit")
    old = designer.frames
    designer.frames = np.random.default_rng(0).random((60, 16, 16))
    assert designer.wait()
    assert designer.stage.fit_view["can"] == ["fit", "continue"]
    assert designer.stage.fit_view["design"].endswith(f" on {old.name}")
    press(designer, "restore")
    assert np.array_equal(designer.frames.values, old.values)
    assert designer.stage.fit_view["can"] == ["continue", "restart"]
