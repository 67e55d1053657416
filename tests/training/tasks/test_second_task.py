"""A second task goes through all that there is for the first, without a change elsewhere."""

import numpy as np
import pytest

import cnnwidget as cw
from cnnwidget.training.tasks.task_table import TASKS
from tests.training.samples import losses, same_weights
from tests.training.tasks.flip_task import INPUT, FlipTask

FRAMES = cw.sample("circling shape", steps=40, size=(8, 8))
NET = cw.EncoderDecoder(input_size=(8, 8), in_channels=1, out_channels=1, depth=1, start_channels=8)
GIVEN = {"task": "flip", "epochs": 3, "batch_size": 4, "lr": 0.01}


@pytest.fixture(autouse=True)
def flip(monkeypatch):
    monkeypatch.setitem(TASKS, "flip", FlipTask())


@pytest.fixture
def panel():
    """A panel whose task is the second one."""
    shown = cw.Designer(FRAMES, NET, runs=cw.Runs())
    shown.settings.task.value = "flip"
    assert shown.wait(60)
    yield shown
    shown.close()
    shown.wait(60)


@pytest.fixture(scope="module")
def run():
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(TASKS, "flip", FlipTask())
        return cw.fit(NET, FRAMES, progress=False, **(GIVEN | {"epochs": 30}))


def test_it_trains_and_validates(run):
    assert run.history[-1].train < run.history[0].train / 2
    assert all(each.validation is not None for each in run.history)
    assert [name for name, _ in run.baselines] == [INPUT]
    assert run.best.score < dict(run.baselines)[INPUT]
    assert run.skill.total > 0
    assert run.findings == ()
    assert "1 frame, flipped" in repr(run)
    assert run.skill.sentence in repr(run)
    predicted = run.predict(FRAMES)
    flipped = np.abs(FRAMES.values[..., ::-1] - FRAMES.values).mean()
    assert np.abs(predicted - FRAMES.values).mean() < flipped


def test_its_curve_repeats(run):
    again = cw.fit(NET, FRAMES, progress=False, **run.repeat)
    assert losses(again) == losses(run)
    assert same_weights(again.weights, run.weights)


def test_what_only_a_forecast_has_it_says_it_has_not(run):
    for ask in (run.forecast, run.forecast_frames):
        with pytest.raises(cw.CnnwidgetError, match=r"task 'flip', which has no forecast"):
            ask()
    with pytest.raises(cw.CnnwidgetError, match="'flip' has no pre_history_len; leave"):
        cw.train(NET, FRAMES, pre_history_len=1, **GIVEN)
    with pytest.raises(cw.CnnwidgetError, match="task is 'flop', which is no task; did you mean"):
        cw.train(NET, FRAMES, task="flop")


def test_a_design_of_another_shape_is_refused_with_one_that_fits():
    with pytest.raises(cw.DesignError, match=r"Try design\.replace\(in_channels=1\)"):
        cw.train(NET.replace(in_channels=2), FRAMES, **GIVEN)


def test_it_is_saved_and_loaded(run, tmp_path):
    run.save(tmp_path)
    again = cw.load_run(tmp_path)
    assert (again.recipe, again.predictor, again.split) == (run.recipe, run.predictor, run.split)
    assert again.metrics == run.metrics
    assert np.array_equal(again.predict(FRAMES), run.predict(FRAMES))
    measured = cw.load_run(tmp_path, FRAMES)
    assert measured.measured is None
    assert measured.metrics == run.metrics
    kinds = {axes.get_ylabel() for axes in measured.plot().axes}
    assert kinds >= {"mirrored", "frame", "flipped back", "error"}


def test_it_is_resumed(tmp_path):
    whole = cw.fit(NET, FRAMES, progress=False, **GIVEN)
    training = cw.train(NET, FRAMES, **GIVEN)
    for _event in training:
        if len(training.history) == 1:
            training.stop()
    training.run.save(tmp_path)
    resumed = cw.resume(tmp_path, FRAMES, progress=False)
    assert losses(resumed) == losses(whole)
    assert same_weights(resumed.weights, whole.weights)


def test_it_is_checked_and_swept():
    runs = cw.sweep(NET, FRAMES, "kernel_size", [3, 5], progress=False, **GIVEN)
    assert runs.names == ("kernel_size 3", "kernel_size 5")
    assert [line.error for line in runs.lines()] == [run.metrics.error for run in runs]
    assert cw.overfit(NET, FRAMES, progress=False, **(GIVEN | {"epochs": 5})).last > 0
    assert cw.find_lr(NET, FRAMES, task="flip", batch_size=4).suggestion > 0


def test_the_panel_shows_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    panel = cw.Designer(FRAMES, NET, runs=cw.Runs())
    assert panel.settings.task.layout.display is None
    panel.settings.task.value = "flip"
    assert panel.wait(60)
    assert panel.state.match.fits
    assert panel.stage.fit_view["blocked"] == ""
    panel.settings.budget.unit.value, panel.settings.budget.amount.value = "epochs", 20
    panel.fit()
    assert panel.wait(60)
    assert panel.run.recipe.task == "flip"
    view, frames = panel.stage.frames_view, (-1, 8, 8)
    assert (view["frame"], view["frames"], view["further"]) == ("moment", ["now"], ["mirrored"])
    assert (view["truth_name"], view["prediction_name"]) == ("frame", "flipped back")
    assert view["samples"][0] == f"frame {panel.run.split.test.start}"
    truth, prediction, mirrored = (
        np.frombuffer(each, np.uint8).reshape(frames)
        for each in (panel.stage.truth, panel.stage.prediction, panel.stage.further_pictures)
    )
    assert len(truth) == len(prediction) == len(view["samples"])
    assert np.array_equal(mirrored, truth[..., ::-1])
    assert len(np.unique(prediction)) > 10
    assert panel.stage.fit_view["verdict"] == panel.run.skill.sentence
    table = panel.stage.fit_view["skill"]
    assert (table["line"], table["lines"]) == ("mirror", ["left to right"])
    assert table["overall"] == "over all mirrors"
    panel.intents._save()
    assert "unflipped.npy" in panel.stage.fit_view["saved"]
    assert cw.load_run("cnnwidget-run-1").recipe == panel.run.recipe
    panel.close()


def test_the_panel_shows_its_settings_alone(panel):
    forecast_only = ("reference", "period")
    sliders = (panel.data.history, panel.data.horizon)
    assert all(panel.settings.widgets[name].layout.display == "none" for name in forecast_only)
    assert all(slider.layout.display == "none" for slider in sliders)
    assert panel.settings.lr.layout.display is None
    panel.settings.task.value = "forecast"
    assert all(panel.settings.widgets[name].layout.display is None for name in forecast_only)
    assert all(slider.layout.display is None for slider in sliders)


def test_the_panel_checks_and_sweeps_it(panel):
    checks = panel.checks.controls
    checks.fold.selected_index = 0
    assert panel.wait(60)
    assert "lr" in checks.field.options
    assert "reference" not in checks.field.options
    checks.budget.unit.value, checks.budget.amount.value = "epochs", 1
    checks.field.value, checks.values.value = "kernel_size", "3, 5"
    panel.check("sweep")
    assert panel.wait(60)
    assert panel.runs.names == ("kernel_size 3", "kernel_size 5")
    assert {run.recipe.task for run in panel.runs} == {"flip"}
    panel.check("rate")
    assert panel.wait(60)
    assert panel.stage.checks_view["rate"]["sentence"]
    assert panel.stage.messages_view.get("messages", []) == []


def test_the_panel_goes_on_with_it_and_brings_it_back(panel):
    panel.settings.budget.unit.value, panel.settings.budget.amount.value = "epochs", 2
    panel.fit()
    assert panel.wait(60)
    panel.training_job.go_on()
    assert panel.wait(60)
    assert len(panel.run.history) == 4
    [line] = panel.stage.runs_view["runs"]
    assert line["restores"].endswith("and show its flipped frame")
    panel.settings.task.value = "forecast"
    panel.settings.lr.value = 0.1
    assert panel.wait(60)
    panel.intents._restore_run(line["number"])
    assert panel.wait(60)
    assert panel.state.task == panel.settings.task.value == "flip"
    assert panel.settings.arguments()["lr"] == 3e-3
    assert panel.stage.fit_view["verdict"] == panel.run.skill.sentence


def test_cautions_of_a_forecast_are_none_of_it(panel):
    """Frames that never change cannot be forecast, but flipped back."""
    still = np.tile(FRAMES.values[:1], (40, 1, 1, 1))
    assert "to forecast" not in str(cw.check(NET, still, task="flip"))
    assert "to forecast" in str(cw.check(NET, still))
    panel.frames = still
    assert panel.wait(60)
    assert panel.state.match.fits
    assert "to forecast" not in str(panel.stage.problems_view["problems"])
    panel.settings.task.value = "forecast"
    assert panel.wait(60)
    assert "nothing to forecast" in str(panel.stage.problems_view["problems"])


def test_one_task_is_no_choice(monkeypatch):
    monkeypatch.delitem(TASKS, "flip")
    panel = cw.Designer(FRAMES, runs=cw.Runs())
    assert panel.settings.task.layout.display == "none"
    assert panel.settings.arguments()["task"] == "forecast"
    panel.close()
