"""Checks and sweeps in the panel, without a browser: press a button, read the view."""

import threading
import time

import pytest

import cnnwidget as cw
from cnnwidget.training.checks import overfit
from cnnwidget.training.checks.find_lr import STEPS
from cnnwidget.training.loop import budget, memory_check
from cnnwidget.training.loop.training import Training
from cnnwidget.training.runs.collection import Runs
from tests.training.samples import Clock

DESIGN = cw.EncoderDecoder(input_size=(16, 16), in_channels=4, out_channels=2, depth=1)
FRAMES = cw.sample("circling shape", size=(16, 16), steps=60)


@pytest.fixture
def designer():
    """A panel on small frames, with everything drawn and the checks unfolded."""
    panel = cw.Designer(FRAMES, DESIGN, Runs())
    assert panel.wait()
    panel.checks.controls.fold.selected_index = 0
    panel.checks.controls.budget.unit.value = "epochs"
    panel.checks.controls.budget.amount.value = 2
    yield panel
    panel.close()
    panel.wait()


@pytest.fixture
def begun(monkeypatch):
    """Set once a training loops; its batches then take until it is stopped."""
    looping = threading.Event()
    step = Training.step

    def slow(self, *given):
        looping.set()
        assert self._stop.wait(60)
        return step(self, *given)

    monkeypatch.setattr(Training, "step", slow)
    return looping


def messages(panel):
    return [each["text"] for each in panel.stage.messages_view.get("messages", [])]


def tell(panel, op, **more):
    """What the page sends."""
    ops = panel.stage.intent.get("ops", [])
    sent = [*ops, {"seq": len(ops) + 1, "op": op, **more}]
    panel.stage.set_state({"intent": {"page": "a", "ops": sent}})


def press(panel, check):
    panel.checks.controls.buttons[check].click()
    assert panel.wait()


def until(condition):
    give_up = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < give_up
        time.sleep(0.01)


def short_fit(panel):
    panel.settings.budget.unit.value = "epochs"
    panel.settings.budget.amount.value = 2
    panel.fit()
    assert panel.wait()


def test_the_learning_rate_is_that_of_plain_code_and_only_set_by_the_button(designer):
    press(designer, "rate")
    found = cw.find_lr(DESIGN, FRAMES)
    view = designer.stage.checks_view["rate"]
    assert view["plot"]["x"] == list(found.rates)
    assert view["plot"]["y"] == list(found.losses)
    assert view["plot"]["mark"]["x"] == found.suggestion
    assert view["sentence"] == found.sentence
    assert view["use"] == f"use lr={found.suggestion:g}"
    assert designer.settings.lr.value == 3e-3
    tell(designer, "use", check="rate")
    assert designer.wait()
    assert designer.settings.arguments()["lr"] == found.suggestion
    rates = [rate for _, rate in designer.settings.lr.options]
    assert rates == sorted(rates)
    assert messages(designer) == []


def test_one_batch_is_learned_as_in_plain_code(designer, monkeypatch):
    # Both trainings take the same number of steps, however busy the machine is.
    monkeypatch.setattr(overfit, "SECONDS", 1.0)
    monkeypatch.setattr(budget, "time", Clock(tick=0.01))
    press(designer, "batch")
    view = designer.stage.checks_view["batch"]
    monkeypatch.setattr(budget, "time", Clock(tick=0.01))
    found = cw.overfit(DESIGN, FRAMES, seconds=1.0, progress=False)
    losses = {each.epoch: each.train for each in found.run.history}
    both = [
        (loss, losses[step])
        for step, loss in zip(view["plot"]["x"], view["plot"]["y"], strict=True)
        if step in losses
    ]
    assert len(both) > 3
    assert all(loss == same for loss, same in both)
    assert view["plot"]["mark"]["y"] == pytest.approx(found.first / 10)
    assert view["good"] is ("by heart" in view["sentence"] and "Learns" in view["sentence"])
    assert view["use"] == ""


def test_a_sweep_fills_the_runs_and_names_the_best(designer):
    pane = designer.checks.controls
    assert (pane.field.value, pane.values.value) == ("kernel_size", "3, 5, 7")
    pane.values.value = "3, 5"
    press(designer, "sweep")
    names = ("kernel_size 3", "kernel_size 5")
    assert designer.runs.names == names
    plain = cw.sweep(DESIGN, FRAMES, "kernel_size", [3, 5], epochs=2, progress=False)
    scores = [run.best.score for run in plain]
    assert [run.best.score for run in designer.runs] == scores
    assert all("metrics" in vars(run) for run in designer.runs)  # the tray need not wait for them
    view = designer.stage.checks_view["sweep"]
    assert view["plot"]["y"] == scores
    best = names[scores.index(min(scores))]
    assert view["sentence"].startswith(f"{best} does best")
    assert view["plot"]["mark"] == {"point": names.index(best)}


def test_the_best_value_is_set_by_the_button(designer):
    pane = designer.checks.controls
    pane.field.value = "start_channels"
    pane.values.value = "1, 2"
    press(designer, "sweep")
    use = designer.stage.checks_view["sweep"]["use"]
    value = int(use.removeprefix("use start_channels="))
    assert value in (1, 2)
    tell(designer, "use", check="sweep")
    assert designer.wait()
    assert designer.design == DESIGN.replace(start_channels=value)


def test_what_is_set_already_is_not_offered(designer):
    pane = designer.checks.controls
    pane.field.value = "lr"
    pane.values.value = "0.003, 1e-6"
    press(designer, "sweep")
    view = designer.stage.checks_view["sweep"]
    assert view["sentence"].startswith("lr 0.003 does best")
    assert view["use"] == ""


@pytest.mark.parametrize(
    ("field", "values", "said"),
    [
        ("kernel_size", "3, 0", "kernel_size is 0"),
        ("kernel_size", "3; 5", "must be words or numbers with commas"),
        ("kernel_size", "__import__('os')", "must be words or numbers with commas"),
        ("kernel_size", "3", "1 values of kernel_size"),
        ("decoder_stride", "2, 1", "sweep, decoder_stride 1: "),
        ("loss", "l1, l3", "loss is 'l3'"),
        ("lr", "0.001, -1", "lr is -1"),
    ],
)
def test_what_cannot_be_swept_is_reported_before_anything_is_trained(designer, field, values, said):
    pane = designer.checks.controls
    pane.field.value = field
    pane.values.value = values
    press(designer, "sweep")
    [told] = messages(designer)
    assert said in told
    assert len(designer.runs) == 0
    assert "sweep" not in designer.stage.checks_view
    assert designer.stage.fit_view["can"] == ["fit"]


def test_a_check_has_the_place_of_a_fit_and_changes_nothing_of_the_last(designer, monkeypatch):
    monkeypatch.setattr("cnnwidget.panel.jobs.job.SECONDS_BETWEEN_REPORTS", 0.0)
    short_fit(designer)
    run, before = designer.run, dict(designer.stage.fit_view)
    assert before["verdict"]
    seen = []
    designer.stage.observe(lambda change: seen.append(change["new"]), "fit_view")
    press(designer, "rate")
    assert designer.run is run
    assert designer.stage.fit_view == before
    during = [view for view in seen if view["job"]]
    assert all(view["can"] == ["stop"] for view in during)
    assert all({**before, "can": 0, "job": 0} == {**view, "can": 0, "job": 0} for view in during)
    assert any("Learning rate: " in view["job"]["line"] for view in during)


@pytest.mark.parametrize("check", ["batch", "sweep"])
def test_stop_is_heard_and_pressed_twice_does_no_harm(designer, begun, check):
    pane = designer.checks.controls
    pane.buttons[check].click()
    assert begun.wait(60)
    until(lambda: pane.rate.disabled)
    assert designer.stage.fit_view["can"] == ["stop"]
    pane.rate.click()  # nothing comes of it: one at a time
    designer.fit()
    designer.design = DESIGN.replace(depth=2)  # the sliders are alive
    tell(designer, "stop")
    tell(designer, "stop")
    assert designer.wait()
    view = designer.stage.fit_view
    assert (view["state"], view["can"], view["job"]) == ("idle", ["fit"], None)
    assert "rate" not in designer.stage.checks_view
    assert "Stopped" in designer.stage.checks_view[check]["sentence"]
    assert not pane.rate.disabled
    assert messages(designer) == []
    assert len(designer.runs) == 0


def test_a_sweep_that_is_stopped_keeps_what_is_done(designer, monkeypatch):
    pane = designer.checks.controls
    pane.values.value = "3, 5, 7"
    add = designer.runs.add

    def added(*given, **named):
        add(*given, **named)
        if len(designer.runs) == 2:
            designer.stop()

    monkeypatch.setattr(designer.runs, "add", added)
    press(designer, "sweep")
    assert designer.runs.names == ("kernel_size 3", "kernel_size 5")
    view = designer.stage.checks_view["sweep"]
    assert view["plot"]["y"][0] == designer.runs["kernel_size 3"].best.score
    assert view["plot"]["y"][2] is None
    assert "kernel_size 3" in view["sentence"]


def test_a_stopped_search_proposes_nothing(designer, monkeypatch):
    import cnnwidget.training.checks.find_lr as module

    points = module.range_test

    def stopping(*given, **named):
        for number, point in enumerate(points(*given, **named)):
            if number == 5:
                designer.stop()
            yield point

    monkeypatch.setattr(module, "range_test", stopping)
    press(designer, "rate")
    view = designer.stage.checks_view["rate"]
    assert len(view["plot"]["x"]) == 6 < STEPS
    assert view["sentence"] == "Stopped before the end: no proposal."
    assert view["use"] == ""
    tell(designer, "use", check="rate")
    assert designer.wait()
    assert designer.settings.lr.value == 3e-3


def test_an_error_is_a_message_and_the_panel_lives_on(designer, monkeypatch):
    def broken(*_, **__):
        raise RuntimeError("the sky fell")

    monkeypatch.setattr("cnnwidget.training.checks.overfit.one_batch_training", broken)
    press(designer, "batch")
    assert messages(designer) == ["RuntimeError: the sky fell"]
    assert designer.stage.fit_view["can"] == ["fit"]
    short_fit(designer)
    assert designer.run.ending == "finished"


@pytest.mark.parametrize("begin", ["fit", "rate", "batch"])
def test_a_batch_that_fits_into_memory_is_a_click_away(designer, monkeypatch, begin):
    monkeypatch.setattr("cnnwidget.training.checks.overfit.SECONDS", 0.5)
    designer.settings.batch_size.value = 32
    designer.settings.budget.unit.value, designer.settings.budget.amount.value = "epochs", 1
    plan = designer.plan
    least = memory_check.bytes_needed(plan, 11, "adamw", "cpu")
    monkeypatch.setattr(memory_check, "memory_left", lambda: least)
    tell(designer, "fit") if begin == "fit" else designer.checks.controls.buttons[begin].click()
    assert designer.wait()
    [message] = designer.stage.messages_view["messages"]
    assert "MB" in message["text"]
    size = int(message["act"].removeprefix("train with batches of "))
    assert 1 <= size <= 11
    assert designer.run is None
    tell(designer, "smaller batch", id=message["id"])
    assert designer.wait()
    assert messages(designer) == []
    assert designer.settings.arguments()["batch_size"] == size
    if begin == "fit":
        assert designer.run.recipe.batch_size == size
    else:
        assert designer.stage.checks_view[begin]["sentence"]


def test_a_batch_with_which_a_sweep_fits_into_memory_is_a_click_away(designer, monkeypatch):
    """A click for each value that is refused: the last has the least room."""
    designer.settings.batch_size.value = 32
    pane = designer.checks.controls
    pane.field.value, pane.values.value = "start_channels", "8, 64"
    most = cw.plan(DESIGN.replace(start_channels=64))
    monkeypatch.setattr(
        memory_check, "memory_left", lambda: memory_check.bytes_needed(most, 3, "adamw", "cpu")
    )
    press(designer, "sweep")
    sizes = [32]
    while designer.stage.messages_view["messages"]:
        [message] = designer.stage.messages_view["messages"]
        assert message["text"].startswith("sweep, start_channels ")
        assert len(designer.runs) == 0
        sizes.append(int(message["act"].removeprefix("train with batches of ")))
        assert sizes[-1] < sizes[-2]
        tell(designer, "smaller batch", id=message["id"])
        assert designer.wait()
    assert sizes[-1] == 3
    assert [run.recipe.batch_size for run in designer.runs] == [3, 3]
    assert designer.runs.names == ("start_channels 8", "start_channels 64")


def test_where_sizes_of_batches_are_swept_no_other_one_is_offered(designer, monkeypatch):
    pane = designer.checks.controls
    pane.field.value, pane.values.value = "batch_size", "2, 8"
    least = memory_check.bytes_needed(designer.plan, 4, "adamw", "cpu")
    monkeypatch.setattr(memory_check, "memory_left", lambda: least)
    press(designer, "sweep")
    [message] = designer.stage.messages_view["messages"]
    assert message["text"].startswith("sweep, batch_size 8: Training this design in batches of 8 ")
    assert "act" not in message


def test_a_button_of_a_message_that_has_none_does_nothing(designer):
    designer.messages.say("a sentence")
    [message] = designer.stage.messages_view["messages"]
    tell(designer, "smaller batch", id=message["id"])
    tell(designer, "smaller batch", id=None)
    tell(designer, "use", check=["rate"])
    tell(designer, "check", check="nothing")
    assert designer.wait()
    assert designer.run is None
    assert messages(designer) == ["a sentence"] or messages(designer) == []


def test_buttons_are_off_where_nothing_can_be_trained(designer):
    designer.design = DESIGN.replace(depth=4, kernel_size=5, padding="valid")
    assert designer.wait()
    assert all(button.disabled for button in designer.checks.controls.buttons.values())
    designer.design = DESIGN
    assert designer.wait()
    assert not any(button.disabled for button in designer.checks.controls.buttons.values())


def test_values_follow_the_design_unless_a_person_typed_them(designer):
    pane = designer.checks.controls
    pane.field.value = "depth"
    assert pane.values.value == "1, 2, 3"
    designer.design = DESIGN.replace(depth=3)
    assert designer.wait()
    assert pane.values.value == "2, 3, 4"
    pane.values.value = "1, 4"
    designer.design = DESIGN.replace(depth=2)
    assert designer.wait()
    assert pane.values.value == "1, 4"
