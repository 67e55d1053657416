"""What a recipe refuses, in a sentence."""

import pytest

import cnnwidget as cw
from tests.training.samples import PLANE, noise


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"epochs": 0}, "epochs is 0, but must be at least 1"),
        ({"epochs": 2.5}, "epochs is 2.5, but must be a whole number"),
        ({"seconds": -1}, "seconds is -1, but must be greater than 0"),
        ({"seconds": float("nan")}, "seconds is nan, but must be a finite number"),
        ({"epochs": 2, "seconds": 2}, "give exactly one of them"),
        ({"epochs": 2, "lr": (0.1,)}, "lr has 1 numbers, but epochs is 2"),
        ({"epochs": 2, "batch_size": 0}, "batch_size is 0"),
        ({"epochs": 2, "lr": -1.0}, "lr is -1"),
        ({"epochs": 2, "lr": 11.0}, "lr is 11.0"),
        ({"epochs": 2, "loss": "L2"}, "loss is 'L2', but must be one of l1, mse, huber, ssim"),
        ({"epochs": 2, "optimizer": "adamm"}, "did you mean 'adam'"),
        ({"epochs": 2, "schedule": "linear"}, "one of constant, cosine, one_cycle"),
        ({"epochs": 2, "clip_grad_norm": 0}, "clip_grad_norm is 0, but must be greater than 0"),
        ({"epochs": 2, "seed": -1}, "seed is -1"),
        ({"epochs": 2, "device": "gpu"}, "one of auto, cpu, cuda, mps"),
    ],
)
def test_what_cannot_be_is_refused_with_its_name_and_value(said, why):
    with pytest.raises(cw.CnnwidgetError) as refusal:
        cw.train(PLANE, noise(30, 8, 8), **said)
    assert why in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_the_usual_budget_is_twenty_seconds():
    recipe = cw.train(PLANE, noise(30, 8, 8)).recipe
    assert (recipe.seconds, recipe.epochs) == (20, None)
