"""Series of several variables, each in units of its own."""

import json

import numpy as np
import pytest

import cnnwidget as cw
from cnnwidget.data.frames import Frames
from cnnwidget.data.labels import Labels
from cnnwidget.training.tasks import scaling as home
from cnnwidget.training.tasks.scaling import Scaling, Statistics, scaling_by, statistics_of
from tests.training.samples import PLANE, noise, wave

TWO = PLANE.replace(in_channels=6, out_channels=4)
NAMES = ("temperature", "wind")


def warm_and_windy(steps=90, size=(16, 16)):
    """A temperature in kelvin beside a wind in kilometres a second: both move."""
    shape = cw.sample("circling shape", steps=steps, size=size).values[:, 0]
    blobs = cw.sample("drifting blobs", steps=steps, size=size).values[:, 0]
    values = np.stack([250 + 60 * shape, -1e-3 + 2e-3 * blobs], axis=1).astype(np.float32)
    return Frames(values, has_channels=True, name="sky", labels=Labels(channels=NAMES))


def test_variables_of_all_units_are_learned():
    """With one scaling for both, which two numbers ask for, the small one is not."""
    frames = warm_and_windy()
    design = cw.EncoderDecoder(
        input_size=(16, 16), in_channels=8, out_channels=4, depth=1, start_channels=16
    )
    recipe = {"epochs": 20, "lr": 0.01, "reference": "none", "progress": False}
    each, one = (
        cw.fit(design, frames, **recipe, scaling=scaling).metrics
        for scaling in ("minmax", (-1e-3, 310.0))
    )
    for variable in each.variables:
        assert variable.network.mae < 0.9 * dict(variable.baselines)["persistence"].mae
    wind = one.variables[1]
    assert wind.network.mae > 10 * dict(wind.baselines)["persistence"].mae


@pytest.mark.parametrize("piece", [1, 2 * 64 * 7, 1 << 22])
def test_statistics_are_of_each_variable_of_the_training_part(piece, monkeypatch):
    monkeypatch.setattr(home, "PIECE_VALUES", piece)
    values = noise(40, 3, 8, 8) * np.array([1.0, 1e-3, 1e6]).reshape(3, 1, 1) + 5
    values[35:] = 1e9
    found = statistics_of(cw.load(values), range(30))
    seen = values[:30].astype(np.float64)
    axes = (0, 2, 3)
    by_hand = (seen.min(axes), seen.max(axes), seen.mean(axes), seen.std(axes))
    for predicted, wanted in zip(found, by_hand, strict=True):
        assert predicted == pytest.approx(wanted, rel=1e-6)


def test_a_variable_that_is_not_used_is_not_looked_at():
    values = noise(40, 2, 8, 8)
    values[:, 1] = np.nan
    found = statistics_of(cw.load(values), range(40), (0,))
    assert found.low == (values[:, 0].min(), 0.0)
    with pytest.raises(cw.DataError, match="frame 0 has values that are missing"):
        statistics_of(cw.load(values), range(40))


def test_a_variable_without_a_valid_place_is_scaled_by_all_of_them():
    values = noise(40, 2, 8, 8)
    valid = np.ones((2, 8, 8), bool)
    valid[1], valid[0, :3] = False, False
    found = statistics_of(cw.load(values, valid=valid), range(40))
    assert found.low == (values[:, 0, 3:].min(), values[:, 1].min())


def test_two_numbers_and_none_hold_for_all_variables():
    statistics = Statistics((1.0, 2.0), (5.0, 2.0), (3.0, 2.0), (0.5, 0.0))
    assert scaling_by((0, 10), statistics) == Scaling((0.0, 0.0), (10.0, 10.0))
    assert scaling_by("none", statistics) == Scaling((0.0, 0.0), (1.0, 1.0))
    assert scaling_by("standard", statistics) == Scaling((3.0, 2.0), (0.5, 1.0))
    assert scaling_by("minmax", statistics) == Scaling((1.0, 2.0), (4.0, 1.0))


@pytest.mark.parametrize("scaling", ["minmax", "standard", "none", (-2.0, 3.0)])
def test_what_a_network_gets_of_several_variables(scaling):
    values = noise(60, 2, 8, 8) * np.array([40.0, 1e-3]).reshape(2, 1, 1)
    values = values.astype(np.float32)
    training = cw.train(TWO, values, epochs=1, scaling=scaling)
    seen = values[: training.split.train.stop + 4].astype(np.float64)
    axes = (0, 2, 3)
    low, span = {
        "minmax": (seen.min(axes), np.ptp(seen, axis=axes)),
        "standard": (seen.mean(axes), seen.std(axes)),
        "none": (np.zeros(2), np.ones(2)),
    }.get(scaling, (np.full(2, -2.0), np.full(2, 5.0)))
    scaled = (values - low.reshape(2, 1, 1)) / span.reshape(2, 1, 1)
    history, target, _ = training.loader.batch(range(4, 9))
    for at, number in enumerate(range(4, 9)):
        assert np.allclose(history[at], scaled[number : number + 3].reshape(6, 8, 8), atol=1e-5)
        wanted = scaled[number + 3 : number + 5].reshape(4, 8, 8)
        assert np.allclose(target[at], wanted, atol=1e-5)


def test_missing_values_are_shown_as_the_mean_of_their_own_variable():
    values = wave(60, 2, 8, 8) * np.array([1.0, 1e-3], np.float32).reshape(2, 1, 1)
    values[:4, :, 2, 3] = np.nan
    training = cw.train(TWO, cw.load(values, missing="leave out"), epochs=1)
    history = training.examples.transform.scaling.unscale(
        training.loader.batch(range(1))[0].reshape(1, 3, 2, 8, 8)
    )
    means = np.nanmean(values[: training.split.train.stop + 4].astype(float), axis=(0, 2, 3))
    assert np.allclose(history[0, :, :, 2, 3], means, rtol=1e-5)
    assert len(set(training.examples.transform.statistics.mean)) == 2


def test_errors_of_several_variables_are_reported_in_shares_and_in_units():
    run = cw.fit(TWO, Frames(
        noise(60, 2, 8, 8) * np.float32([[[5.0]], [[0.1]]]), has_channels=True, name="sky",
        labels=Labels(channels=NAMES),
    ), epochs=1, progress=False)  # fmt: skip
    text = str(run.metrics)
    assert text.startswith("Mean absolute error, in shares of each variable's range, on ")
    assert "Mean absolute error of each variable, in its own units\n" in text
    lines = [line.split() for line in text.splitlines()]
    for variable in run.metrics.variables:
        maes = [variable.network.mae, *(errors.mae for _, errors in variable.baselines)]
        assert [variable.name, *(f"{mae:.4g}" for mae in maes)] in lines
    assert "in shares of each variable's range" in run.skill.sentence
    metrics = run.metrics
    shares = [each.network.mae / span for each, span in
              zip(metrics.variables, run.predictor.statistics.span, strict=True)]  # fmt: skip
    assert metrics.network.mae == pytest.approx(np.mean(shares))
    best = min(errors.mae for _, errors in metrics.baselines)
    assert run.skill.total == pytest.approx(1 - metrics.network.mae / best)


def test_one_variable_is_reported_as_ever():
    run = cw.fit(PLANE, wave(60, 1, 8, 8), epochs=1, progress=False)
    assert run.metrics.variables == ()
    assert str(run.metrics).startswith("Mean absolute error on ")
    assert "shares" not in str(run.metrics) + run.skill.sentence


def test_a_run_of_several_variables_comes_back(tmp_path):
    run = cw.fit(TWO, warm_and_windy(size=(8, 8)), epochs=1, progress=False)
    again = cw.load_run(run.save(tmp_path))
    assert (again.predictor.scaling, again.predictor.statistics) == (
        run.predictor.scaling,
        run.predictor.statistics,
    )
    assert again.metrics == run.metrics
    assert [each.name for each in again.metrics.variables] == list(NAMES)
    assert str(again.metrics) == str(run.metrics)
    assert again.skill == run.skill
    assert np.array_equal(again.forecast(5), run.forecast(5))


def test_a_record_with_too_few_numbers_is_refused(tmp_path):
    run = cw.fit(TWO, noise(60, 2, 8, 8), epochs=1, progress=False)
    record = json.loads((run.save(tmp_path) / "run.json").read_text())
    for name, value in (("scaling", [[1.0], [1.0]]), ("statistics", [[0.0] * 3] * 4)):
        damaged = record["predictor"] | {name: value}
        (tmp_path / "run.json").write_text(json.dumps(record | {"predictor": damaged}))
        with pytest.raises(cw.DataError, match="numbers to scale by for 2 variables"):
            cw.load_run(tmp_path)
