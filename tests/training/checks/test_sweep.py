import pytest

import cnnwidget as cw
from cnnwidget.training.checks.sweep import trials

FRAMES = cw.sample("circling shape", steps=40, size=(8, 8))
DESIGN = cw.EncoderDecoder(input_size=(8, 8), in_channels=2, out_channels=1, depth=1)


def sweep(field, values, design=DESIGN, **settings):
    return cw.sweep(design, FRAMES, field, values, progress=False, **({"epochs": 1} | settings))


def test_one_field_of_the_design_is_changed_and_nothing_else():
    runs = sweep("start_channels", [4, 8, 16], seed=3)
    assert runs.names == ("start_channels 4", "start_channels 8", "start_channels 16")
    for run, channels in zip(runs, (4, 8, 16), strict=True):
        assert run.design == DESIGN.replace(start_channels=channels)
        assert run.recipe.seed == 3
        alone = cw.fit(run.design, FRAMES, epochs=1, seed=3, progress=False)
        assert run.history[0].train == alone.history[0].train


def test_one_setting_of_the_recipe_is_changed():
    runs = sweep("lr", [1e-3, 1e-2])
    assert [run.recipe.lr for run in runs] == [1e-3, 1e-2]
    assert {run.design for run in runs} == {DESIGN}


@pytest.mark.parametrize(
    ("field", "values", "said"),
    [
        ("kernel", [3, 5], "did you mean 'kernel_size'"),
        ("kernel_size", [3], "1 values of kernel_size"),
        ("kernel_size", [3, 0], "kernel_size is 0"),
        ("input_size", [(8, 8), (9, 9)], "The design takes 2 × 9 × 9"),
        ("lr", [1e-3, -1.0], "lr is -1.0"),
    ],
)
def test_what_cannot_be_swept_is_reported_before_anything_is_trained(
    monkeypatch, field, values, said
):
    trained = []
    monkeypatch.setattr(
        "cnnwidget.training.checks.sweep.to_the_end", lambda *_, **__: trained.append(1)
    )
    with pytest.raises(cw.CnnwidgetError, match=said):
        sweep(field, values)
    assert not trained


def test_a_value_that_does_not_go_with_the_data_is_named():
    with pytest.raises(cw.DesignError, match=r"sweep, input_size \(9, 9\): "):
        sweep("input_size", [(8, 8), (9, 9)])


def test_batches_are_alike_where_nobody_says_how_large():
    """By themselves costly designs have smaller ones, which would be a second change."""
    wide = cw.EncoderDecoder(input_size=(64, 64), in_channels=2, out_channels=1, depth=2)
    frames = cw.sample("circling shape", steps=240, size=(64, 64))
    values = [8, 256]
    alone = [
        cw.train(wide.replace(start_channels=value), frames).recipe.batch_size for value in values
    ]
    assert alone[0] > alone[1]
    found = trials(wide, frames, "start_channels", values)
    assert [trial.begin().recipe.batch_size for trial in found] == [alone[1]] * 2
    found = trials(wide, frames, "start_channels", values, batch_size=3)
    assert [trial.begin().recipe.batch_size for trial in found] == [3, 3]
    found = trials(wide, frames, "batch_size", [2, 5])
    assert [trial.begin().recipe.batch_size for trial in found] == [2, 5]


def test_ten_seconds_each_unless_told():
    found = trials(DESIGN, FRAMES, "kernel_size", [3, 5])
    assert [trial.settings["seconds"] for trial in found] == [10.0, 10.0]
    found = trials(DESIGN, FRAMES, "activation", ["relu", "gelu"], epochs=3)
    assert [(trial.name, trial.settings["epochs"]) for trial in found] == [
        ("activation relu", 3),
        ("activation gelu", 3),
    ]


def test_epochs_themselves_can_be_swept():
    runs = sweep("epochs", [1, 2], epochs=None)
    assert [len(run.history) for run in runs] == [1, 2]


def test_a_setting_that_is_none_is_reported():
    with pytest.raises(cw.CnnwidgetError, match="there is no setting sceonds; did you mean 'seco"):
        sweep("lr", [1e-3, 1e-2], sceonds=3)
