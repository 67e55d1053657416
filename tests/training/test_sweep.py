import pytest

import cnnwidget as cw

FRAMES = cw.sample("circling shape", steps=40, size=(8, 8))
DESIGN = cw.EncoderDecoder(input_size=(8, 8), in_channels=2, out_channels=1, depth=1)


def sweep(field, values, design=DESIGN, **settings):
    return cw.sweep(design, FRAMES, field, values, progress=False, **({"epochs": 1} | settings))


def test_one_field_of_the_design_is_changed_and_nothing_else():
    runs = sweep("start_channels", [4, 8, 16], seed=3)
    assert runs.names == ("start_channels=4", "start_channels=8", "start_channels=16")
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
def test_what_cannot_be_swept_is_told_before_anything_is_trained(monkeypatch, field, values, said):
    trained = []
    monkeypatch.setattr("cnnwidget.training.sweep.fit", lambda *_, **__: trained.append(1))
    with pytest.raises(cw.DesignError, match=said):
        sweep(field, values)
    assert not trained


def test_ten_seconds_each_unless_told(monkeypatch):
    asked = []
    run = cw.fit(DESIGN, FRAMES, epochs=1, progress=False)
    monkeypatch.setattr(
        "cnnwidget.training.sweep.fit", lambda *_, **settings: asked.append(settings) or run
    )
    cw.sweep(DESIGN, FRAMES, "kernel_size", [3, 5])
    assert [each["seconds"] for each in asked] == [10.0, 10.0]
