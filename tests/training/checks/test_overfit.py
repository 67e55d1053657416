from dataclasses import replace

import numpy as np
import pytest

import cnnwidget as cw
from cnnwidget.training.checks.overfit import Overfitted, one_batch_training
from cnnwidget.training.loop.events import Epoch

FRAMES = cw.sample("circling shape", steps=60, size=(16, 16))
DESIGN = cw.EncoderDecoder(input_size=(16, 16), in_channels=2, out_channels=1, depth=1)


def test_a_sound_network_learns_a_batch_by_heart():
    found = cw.overfit(DESIGN, FRAMES, epochs=200, progress=False)
    assert found.learned
    assert found.last < found.first / 10
    assert "by heart" in found.sentence


def test_only_one_batch_is_trained_on():
    found = cw.overfit(DESIGN, FRAMES, epochs=3, batch_size=4, progress=False)
    split = cw.windows(FRAMES, pre_history_len=2, forecast_len=1).split
    assert found.run.split.train == split.train[:4]
    assert not found.run.split.validation
    assert not found.run.split.test
    assert found.run.recipe.schedule == "constant"
    assert [each.validation for each in found.run.history] == [None] * 3


def test_one_batch_is_one_step_an_epoch_however_many_windows_it_has():
    many = cw.sample("circling shape", steps=260, size=(16, 16))
    training = one_batch_training(DESIGN, many, epochs=2)
    assert training.recipe.batch_size == len(training.split.train) > 4
    assert training.count == 1


def test_one_batch_stays_one_and_is_not_given_up():
    settings = {"epochs": 4, "lr": 0.0, "progress": False}
    found = cw.overfit(DESIGN, FRAMES, augment=("flip", "noise"), patience=1, **settings)
    assert found.run.recipe.augment == ()
    assert len(found.run.history) == 4
    assert found.first == cw.overfit(DESIGN, FRAMES, **settings).first


@pytest.mark.parametrize(
    ("losses", "ending", "said"),
    [
        ([1.0, 0.5, 0.09], "finished", "Learns a batch of 4 windows by heart"),
        ([1.0, 0.5, 0.09], "stopped", "Learns a batch of 4 windows by heart"),
        ([1.0] * 10 + [0.8], "finished", "the loss still falls"),
        ([1.0] * 10, "finished", "Does not learn even a batch of 4 windows by heart"),
        ([1.0] * 10, "stopped", "Stopped before it knew"),
        ([1.0] * 10, "diverged", "try a smaller learning rate"),
        ([], "diverged", "no number from the beginning"),
        ([], "stopped", "nothing is known yet"),
    ],
)
def test_the_verdict_says_what_there_was(losses, ending, said):
    run = cw.fit(DESIGN, FRAMES, epochs=1, progress=False)
    split = replace(run.split, train=range(4))
    history = tuple(Epoch(n + 1, loss, None, 1e-3, 0.1) for n, loss in enumerate(losses))
    found = Overfitted.from_run(replace(run, history=history, ending=ending, split=split))
    assert said in found.sentence
    assert str(found) == found.sentence


def test_what_learns_nothing_is_reported():
    found = cw.overfit(DESIGN, FRAMES, epochs=3, lr=0.0, progress=False)
    assert not found.learned
    assert "Does not learn" in found.sentence
    assert "learning rate" in found.sentence


def test_what_cannot_be_learned_is_not_learned():
    """The same history with different truths: no network can tell them apart."""
    values = np.zeros((8, 16, 16), np.float32)
    values[2], values[5] = 1, -1  # after 0 and 0 comes 1, or -1, or 0
    frames = cw.load(values)
    found = cw.overfit(DESIGN, frames, epochs=60, batch_size=5, progress=False)
    assert not found.learned


def test_bad_settings_are_reported_as_by_fit():
    with pytest.raises(cw.CnnwidgetError, match="epochs is 0"):
        cw.overfit(DESIGN, FRAMES, epochs=0, progress=False)
