"""What a recipe offers beside the usual, from the setting to the run."""

from typing import get_args

import numpy as np
import pytest
import torch

import cnnwidget as cw
from cnnwidget.design.planning.memory import OptimizerName
from cnnwidget.training.recipe import AugmentationName, LossName, ScheduleName
from tests.training.samples import PLANE, losses, noise

BIG = PLANE.replace(input_size=(16, 16))
FRAMES = noise(30, 16, 16)


def fitted(design=BIG, frames=FRAMES, **settings):
    return cw.fit(design, frames, progress=False, **({"epochs": 2} | settings))


OPTIONS = [
    *({"loss": name} for name in get_args(LossName)),
    {"loss": {"l1": 0.8, "ssim": 0.2}},
    {"loss": [["l1", 1], ["mse", 2]]},
    *({"optimizer": name} for name in get_args(OptimizerName)),
    *({"schedule": name} for name in get_args(ScheduleName)),
    *({"augment": name} for name in get_args(AugmentationName)),
    {"augment": ["noise", "flip"]},
    {"weight_decay": 0.1},
    {"reference": "persistence"},
    {"reference": "none"},
    {"precision": "bfloat16"},
]


@pytest.mark.parametrize("option", OPTIONS, ids=str)
def test_every_option_trains_and_repeats_and_is_kept(option, tmp_path):
    run = fitted(**option)
    assert np.isfinite([each.train for each in run.history]).all()
    again = cw.fit(BIG, FRAMES, progress=False, **run.repeat)
    assert losses(again) == losses(run)
    kept = cw.load_run(run.save(tmp_path))
    assert kept.recipe == run.recipe
    assert np.array_equal(kept.forecast(), run.forecast())


USUAL = ({"loss": "l1"}, {"optimizer": "adamw"}, {"schedule": "cosine"}, {"reference": "auto"})


@pytest.mark.parametrize("option", [each for each in OPTIONS if each not in USUAL], ids=str)
def test_every_option_but_the_usual_makes_another_curve(option):
    usual = {"epochs": 3, "seed": 1}
    assert losses(fitted(**usual, **option)) != losses(fitted(**usual))


def test_the_change_is_from_the_last_frame():
    """A network that says nothing repeats the last frame: persistence itself."""
    run = fitted(reference="persistence", epochs=1, lr=0.0)
    silent = {name: torch.zeros_like(value) for name, value in run.weights.items()}
    run.module.load_state_dict(silent)
    predicted = run.predict(FRAMES)
    assert np.allclose(predicted, np.repeat(FRAMES[2:, None], 2, axis=1), atol=1e-6)


def test_a_network_adds_to_a_variable_that_it_is_not_given():
    values = noise(30, 2, 16, 16)
    frames = cw.load(values, axes="TCHW")
    settings = {"inputs": [0], "targets": [1], "epochs": 1, "lr": 0.0}
    run = fitted(frames=frames, reference="persistence", **settings)
    predicted = run.predict(frames)[:, :, 0]
    assert np.allclose(predicted, np.repeat(values[2:, None, 1], 2, axis=1), atol=1e-6)


def test_patience_ends_a_training_that_gets_no_better():
    run = fitted(lr=0.0, epochs=50, patience=3)
    assert (run.ending, len(run.history), run.best.epoch) == ("finished", 3, 0)
    assert len(fitted(lr=0.0, epochs=6).history) == 6


def test_more_of_the_same_has_patience_again():
    training = cw.train(BIG, FRAMES, lr=0.0, epochs=50, patience=3)
    list(training)
    training.extend()
    list(training)
    assert len(training.history) == 6


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"loss": {}}, "loss"),
        ({"loss": {"l1": -1.0}}, "loss"),
        ({"loss": [["l1"]]}, "loss"),
        ({"loss": 7}, "loss is 7"),
        ({"augment": "flop"}, "augment is 'flop', but must be one of flip, shift, rotate, noise"),
        ({"augment": 3}, "augment is 3"),
        ({"patience": 0}, "patience is 0"),
        ({"weight_decay": -1}, "weight_decay is -1"),
        ({"reference": 1}, "reference is 1"),
    ],
)
def test_what_cannot_be_is_refused_with_its_name(said, why):
    with pytest.raises(cw.CnnwidgetError) as refusal:
        fitted(**said)
    assert why in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_line_has_no_windows_to_compare_and_no_turns():
    line = cw.EncoderDecoder(input_size=(16,), in_channels=2, out_channels=1, depth=1)
    for said, why in (({"loss": "ssim"}, "two or three axes"), ({"augment": "rotate"}, "'flip'")):
        with pytest.raises(cw.CnnwidgetError, match=why):
            fitted(line, noise(30, 16), **said)
