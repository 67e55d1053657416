"""`fit`: `train` in one call, with a bar, that an interrupt ends early."""

import inspect
import re
import signal
import threading

import numpy as np
import pytest

import cnnwidget as cw
from cnnwidget.data.windows.window_cut import WindowCut
from cnnwidget.training.fit_arguments import SETTING_NAMES
from cnnwidget.training.loop.events import Epoch
from cnnwidget.training.loop.training import Training
from cnnwidget.training.recipe import SETTINGS
from cnnwidget.training.runs.run import Run
from cnnwidget.training.tasks.forecasting.window_settings import WindowSettings
from tests.training.samples import PLANE, epochs_of, losses, noise, same_weights


def test_it_is_train_to_the_end(capsys):
    values = noise(40, 8, 8)
    run = cw.fit(PLANE, values, epochs=3, seed=4, batch_size=5)
    training = cw.train(PLANE, values, epochs=3, seed=4, batch_size=5)
    assert losses(run) == epochs_of(training)
    assert same_weights(run.weights, training.run.weights)
    printed = capsys.readouterr().err
    assert "100 %" in printed
    assert "epoch 3 · training" in printed
    cw.fit(PLANE, values, epochs=1, progress=False)
    assert capsys.readouterr() == ("", "")


def test_another_seed_is_another_curve():
    values = noise(40, 8, 8)
    one, other = (cw.fit(PLANE, values, epochs=1, seed=s, progress=False) for s in (0, 1))
    assert losses(one) != losses(other)


@pytest.mark.parametrize("progress", [True, False])
def test_an_interrupt_keeps_the_best_weights(monkeypatch, progress):
    values = noise(40, 8, 8)
    wanted = cw.fit(PLANE, values, epochs=2, schedule="constant", progress=False)
    plain, batches = Training.step, []

    def step(self, chosen, epoch):
        if epoch == 3:
            raise KeyboardInterrupt
        batches.append(len(chosen))
        return plain(self, chosen, epoch)

    monkeypatch.setattr(Training, "step", step)
    run = cw.fit(PLANE, values, epochs=9, schedule="constant", progress=progress)
    assert run.ending == "stopped"
    assert losses(run) == losses(wanted)
    assert same_weights(run.weights, wanted.weights)
    assert run.skill == wanted.skill


@pytest.fixture
def interruptible():
    """Python's own handler of SIGINT; a shell starts jobs in the background with it ignored."""
    former = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, former)


@pytest.mark.usefixtures("interruptible")
def test_a_signal_ends_it(monkeypatch):
    plain = Training.end_of_epoch

    def end_of_epoch(self):
        if len(self.history) == 2:
            signal.raise_signal(signal.SIGINT)
        return plain(self)

    monkeypatch.setattr(Training, "end_of_epoch", end_of_epoch)
    assert threading.current_thread() is threading.main_thread()
    run = cw.fit(PLANE, noise(40, 8, 8), epochs=50, progress=False)
    assert run.ending == "stopped"
    assert len(run.history) == 2


def test_an_interrupt_while_the_skill_is_measured_loses_nothing(monkeypatch):
    def interrupt(self):
        raise KeyboardInterrupt

    monkeypatch.setattr(Run, "skill", property(interrupt))
    run = cw.fit(PLANE, noise(40, 8, 8), epochs=1)
    assert (run.ending, len(run.history)) == ("finished", 1)


def test_an_epoch_in_a_line():
    assert Epoch(3, 0.5, 0.25, 0.1, 9.0).line() == ("epoch 3 · training 0.5000 · validation 0.2500")
    assert Epoch(3, 0.5, None, 0.1, 9.0).line() == "epoch 3 · training 0.5000"


def test_a_setting_that_is_none_is_reported_by_fit():
    with pytest.raises(cw.CnnwidgetError) as refusal:
        cw.fit(PLANE, noise(40, 8, 8), epoch=1)
    assert str(refusal.value) == "fit: there is no setting epoch; did you mean 'epochs'?"
    with pytest.raises(
        cw.CnnwidgetError, match=r"fit: there is no setting xyz; choose from pre_history_len, .*\.$"
    ):
        cw.fit(PLANE, noise(40, 8, 8), xyz=1)


def test_a_setting_that_is_none_is_reported_by_train():
    with pytest.raises(cw.CnnwidgetError, match="train: there is no setting epoch; did you mean"):
        cw.train(PLANE, noise(40, 8, 8), epoch=1)


@pytest.mark.parametrize(("function", "own"), [(cw.train, 2), (cw.fit, 4)])
def test_signature_and_documentation_have_every_setting(function, own):
    parameters = inspect.signature(function).parameters
    assert list(parameters)[own:] == list(SETTING_NAMES)
    document = inspect.getdoc(function)
    assert "**settings" not in document
    described = re.findall(r"^    (\w+): ", document, re.MULTILINE)
    assert [name for name in described if not name.endswith("Error")] == list(parameters)
    assert max(map(len, document.splitlines())) <= 96


def test_a_default_of_the_signature_is_what_happens_without():
    parameters = inspect.signature(cw.fit).parameters
    values = noise(40, 8, 8)
    given = {name: parameters[name].default for name in SETTING_NAMES} | {"epochs": 1}
    assert cw.train(PLANE, values, **given).recipe == cw.train(PLANE, values, epochs=1).recipe


def test_what_windows_are_made_of_is_as_in_windows():
    """Besides a recipe, `fit` takes the arguments of `cw.windows`, with the same defaults."""
    window_settings = (*WindowCut._fields, *WindowSettings.model_fields)
    ours, theirs = (inspect.signature(each).parameters for each in (cw.fit, cw.windows))
    assert {*window_settings, "frames", "stacked"} == set(theirs)
    for name in set(window_settings) - set(SETTINGS):
        assert ours[name].default is theirs[name].default is None


def test_the_settings_of_a_run_are_those_of_fit_but_for_what_comes_with_the_data():
    run = cw.fit(PLANE, noise(40, 8, 8), epochs=1, progress=False)
    assert set(run.repeat) == set(SETTINGS)
    assert set(SETTING_NAMES) - set(SETTINGS) == set(run.task.data_settings.model_fields)


def test_a_network_beats_every_baseline_where_there_is_something_to_learn():
    steps = np.arange(120)[:, None]
    values = np.sin(0.6 * steps + 0.4 * np.arange(16))
    design = cw.EncoderDecoder(
        input_size=(16,), in_channels=4, out_channels=2, depth=1, start_channels=8
    )
    run = cw.fit(design, values, epochs=40, batch_size=8, progress=False)
    assert run.skill.beats_all
    assert run.skill.total > 0.5
    assert run.skill.sentence.startswith("Beats every baseline at every lead time on")
