"""Every setting in its control and back."""

import pytest

from cnnwidget.panel.controls.training_controls import AUTO, TrainingControls
from cnnwidget.training.recipe import DEFAULT_SECONDS, SETTINGS, Recipe
from cnnwidget.training.tasks.task_protocol import DEFAULT_TASK

VALUES = [
    ("lr", 3e-3),
    ("lr", 0.004),
    ("batch_size", 8),
    ("batch_size", 11),
    ("batch_size", None),
    ("device", "auto"),
    ("device", "cpu"),
    ("loss", "huber"),
    ("loss", (("l1", 0.8), ("mse", 0.2))),
    ("optimizer", "sgd"),
    ("weight_decay", None),
    ("weight_decay", 0.0),
    ("weight_decay", 0.05),
    ("schedule", "one_cycle"),
    ("clip_grad_norm", None),
    ("clip_grad_norm", 0.5),
    ("patience", None),
    ("patience", 9),
    ("augment", ()),
    ("augment", ("flip", "noise")),
    ("reference", "auto"),
    ("reference", "mean of the history"),
    ("reference", "none"),
    ("period", None),
    ("period", 12),
    ("period", "year"),
    ("precision", "bfloat16"),
    ("seed", 3),
    ("task", DEFAULT_TASK),
]


@pytest.mark.parametrize(("name", "value"), VALUES)
def test_what_is_shown_is_the_argument(name, value):
    controls = TrainingControls()
    before = controls.arguments()
    controls.show(name, value)
    assert controls.arguments() == before | {name: value}
    controls.show(name, before[name])
    assert controls.arguments() == before


def test_the_values_are_of_every_control():
    assert {name for name, _ in VALUES} == set(TrainingControls().widgets)


def test_a_value_without_an_option_gets_one_in_its_place():
    controls = TrainingControls()
    controls.show("weight_decay", 0.05)
    labels = [label for label, _ in controls.weight_decay.options]
    assert labels == ["auto", "0", "0.0001", "0.001", "0.01", "0.05", "0.1", "0.3", "1"]
    controls.show("loss", (("l1", 0.8), ("mse", 0.2)))
    assert controls.loss.label == "0.8 L1 + 0.2 MSE"


def test_at_first_the_controls_say_what_the_table_does():
    arguments = TrainingControls().arguments()
    assert (arguments.pop("seconds"), arguments.pop("epochs")) == (DEFAULT_SECONDS, None)
    for name, value in arguments.items():
        if SETTINGS[name].auto:
            assert value is None
            assert getattr(TrainingControls(), name).value == AUTO
        else:
            assert value == Recipe.model_fields[name].default


def test_a_budget_is_in_seconds_or_in_epochs():
    controls = TrainingControls()
    recipe = Recipe(pre_history_len=1, forecast_len=1, batch_size=4, epochs=7)
    controls.budget.show(recipe)
    assert controls.budget.arguments == {"epochs": 7, "seconds": None}
    controls.budget.show(recipe.replace(epochs=None, seconds=2.5))
    assert controls.budget.arguments == {"epochs": None, "seconds": 2.5}


def test_an_unknown_setting_is_no_attribute():
    with pytest.raises(AttributeError, match="no attribute 'lrr'"):
        TrainingControls().lrr  # noqa: B018
