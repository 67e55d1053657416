"""Missing values and places that do not count, against plain numpy."""

import numpy as np
import pytest
import torch

import cnnwidget as cw
from cnnwidget.data.labels import Labels
from cnnwidget.data.windows.fill_history import fill_history
from cnnwidget.training.tasks.task_protocol import Batch
from tests.training.samples import PLANE, noise, wave

LAND = np.zeros((8, 8), bool)
LAND[:2, 3:] = True


def holed(values, share=0.1, seed=1):
    """The same values with some of them missing."""
    values = values.copy()
    values[np.random.default_rng(seed).random(values.shape) < share] = np.nan
    return values


def naive_history(history, otherwise):
    """The last known value of each place of one window, step by step."""
    filled = history.copy()
    for place in np.ndindex(history.shape[1:]):
        last = otherwise
        for step in range(len(history)):
            value = filled[(step, *place)]
            last = filled[(step, *place)] = value if np.isfinite(value) else last
    return filled


def test_a_history_is_filled_from_before_alone():
    values = holed(noise(6, 5, 4, 3), share=0.4)
    found = fill_history(torch.from_numpy(values), otherwise=-7.0).numpy()
    for window, expected in zip(found, values, strict=True):
        assert np.array_equal(window, naive_history(expected, -7.0).astype(np.float32))


def test_a_history_without_gaps_is_the_same_tensor():
    history = torch.from_numpy(noise(6, 5, 4))
    assert fill_history(history, otherwise=0.0) is history


@pytest.mark.parametrize("gaps", ["missing", "valid", "both"])
def test_errors_are_of_what_counts(gaps):
    values = wave(60, 8, 8)
    values = values if gaps == "valid" else holed(values)
    valid = None if gaps == "missing" else ~LAND
    frames = cw.load(values, missing=None if gaps == "valid" else "leave out", valid=valid)
    run = cw.fit(PLANE, frames, epochs=3, progress=False)
    counts = np.isfinite(values) & (True if valid is None else valid)
    sums, count = np.zeros(2), np.zeros(2)
    for first in run.split.test:
        history = naive_history(values[first : first + 3], run.predictor.statistics.mean[0])
        predicted = run.predict(history.astype(np.float32))[0]
        for lead in range(2):
            there = counts[first + 3 + lead]
            error = np.abs(predicted[lead].astype(float) - values[first + 3 + lead])[there]
            sums[lead] += error.sum()
            count[lead] += there.sum()
    assert run.metrics.network.mae_per_lead == pytest.approx(tuple(sums / count), rel=1e-6)
    for _, errors in run.metrics.baselines:
        assert np.isfinite(errors.mae)


def test_the_loss_is_of_what_counts():
    values = holed(wave(60, 8, 8))
    training = cw.train(PLANE, cw.load(values, missing="leave out"), epochs=1)
    batch = training.loader.batch(range(4))
    history, target, _ = batch
    assert torch.isfinite(history).all()
    output = training.net(history)
    counts = torch.isfinite(target)
    assert 0 < counts.sum() < counts.numel()
    by_hand = (output - target)[counts].abs().mean()
    assert torch.allclose(training.examples.loss(output, batch), by_hand)
    assert training.examples.loss(output, Batch(history, torch.full_like(target, torch.nan))) == 0


def test_what_lies_outside_is_not_learned_from():
    """Whatever the values there are, the statistics and the loss do not know them."""
    values = wave(60, 8, 8)
    other = values.copy()
    other[:, LAND] = 1e6
    trainings = [cw.train(PLANE, cw.load(each, valid=~LAND), epochs=1) for each in (values, other)]
    assert trainings[0].examples.predictor.statistics == trainings[1].examples.predictor.statistics
    (_, target, _), (_, other_target, _) = (each.loader.batch(range(4)) for each in trainings)
    assert torch.equal(target.nan_to_num(-1), other_target.nan_to_num(-1))
    assert torch.isnan(target[:, :, torch.from_numpy(LAND)]).all()


def test_missing_values_may_lie_outside():
    values = wave(60, 8, 8)
    values[:, LAND] = np.nan
    run = cw.fit(PLANE, cw.load(values, valid=~LAND), epochs=2, progress=False)
    assert run.ending == "finished"
    predicted = run.forecast(5)
    assert np.isnan(predicted[:, LAND]).all()
    assert np.isfinite(predicted[:, ~LAND]).all()


def test_places_that_are_never_known_stay_unknown():
    values = holed(wave(60, 8, 8))
    values[:, LAND] = np.nan
    run = cw.fit(PLANE, cw.load(values, missing="leave out"), epochs=2, progress=False)
    assert np.array_equal(run.predictor.valid[0], ~LAND)
    predicted = run.forecast(5)
    assert np.isnan(predicted[:, LAND]).all()
    assert np.isfinite(predicted[:, ~LAND]).all()


def test_filling_takes_nothing_from_later_frames():
    values = holed(wave(60, 8, 8), share=0.3)
    filled = cw.load(values, missing="fill").values[:, 0]
    for stop in (10, 30):
        early = cw.load(values[:stop], missing="fill").values[:, 0]
        known = np.isfinite(values[:stop]).cumsum(axis=0) > 0
        assert np.array_equal(early[known], filled[:stop][known])
    run = cw.fit(PLANE, cw.load(values, missing="fill"), epochs=1, progress=False)
    assert run.ending == "finished"


def test_nothing_known_is_refused():
    nothing = np.full((60, 8, 8), np.nan)
    with pytest.raises(cw.DataError, match="holds no number that is finite"):
        cw.load(nothing, missing="fill")
    late = wave(60, 8, 8)
    late[:50] = np.nan
    with pytest.raises(cw.DataError, match="frames to train on hold not one known value"):
        cw.train(PLANE, cw.load(late, missing="leave out"), epochs=1)


def test_a_run_goes_on_with_dates_and_names(tmp_path):
    days = np.arange("2020-01-01", "2020-03-01", dtype="datetime64[D]")
    labels = Labels(times=days, places={"H": np.linspace(80, 60, 8)}, names={"H": "lat"}, units="1")
    values = wave(60, 8, 8)
    frames = cw.load(values, valid=~LAND)
    frames = type(frames)(
        frames.values, has_channels=False, name="ice", labels=labels, valid=frames.valid
    )
    run = cw.fit(PLANE, frames, epochs=1, progress=False)
    for each in (run, cw.load_run(run.save(tmp_path / "run"))):
        predicted = each.forecast_frames(steps=3)
        assert predicted.labels.times.astype("datetime64[D]").astype(str).tolist() == [
            "2020-03-01", "2020-03-02", "2020-03-03"
        ]  # fmt: skip
        assert np.array_equal(predicted.labels.places["H"], labels.places["H"])
        assert (predicted.labels.names["H"], predicted.labels.units) == ("lat", "1")
        assert np.array_equal(predicted.valid[0], ~LAND)
        assert np.array_equal(predicted.values[:, 0], run.forecast(3))
        assert np.array_equal(predicted.values[0, 0][LAND], values[-1][LAND])


def test_windows_of_ones_own_are_trained_on():
    values = wave(80, 8, 8)
    cut = cw.windows(values, pre_history_len=3, forecast_len=2, stride=2, gap=1)
    cut = cut.split_by_count(validation=5, test=6)
    run = cw.fit(PLANE, cut, epochs=2, progress=False)
    assert run.split == cut.split
    assert (run.recipe.stride, run.recipe.gap) == (2, 1)
    by_hand = [[], []]
    for number in run.split.test:
        first = 2 * number
        predicted = run.predict(values[first : first + 3])[0]
        for lead, errors in enumerate(by_hand):
            errors.append(np.abs(predicted[lead].astype(float) - values[first + 4 + lead]).mean())
    assert run.metrics.network.mae_per_lead == pytest.approx(tuple(map(np.mean, by_hand)), rel=1e-6)
    assert run.forecast(2).shape == (2, 8, 8)
    with pytest.raises(cw.DataError, match="leaves a gap of 1 frames"):
        run.forecast(3)
    again = cw.fit(PLANE, cut, progress=False, **run.repeat)
    assert [each.train for each in again.history] == [each.train for each in run.history]


def test_windows_of_ones_own_are_said_once():
    cut = cw.windows(wave(80, 8, 8), pre_history_len=3, forecast_len=2, gap=1)
    assert cw.train(PLANE, cut, epochs=1, gap=1).recipe.gap == 1
    with pytest.raises(cw.CnnwidgetError, match=r"gap is 2, but the windows were cut with 1"):
        cw.train(PLANE, cut, epochs=1, gap=2)


def test_a_gap_is_kept_by_a_run(tmp_path):
    values = wave(80, 8, 8)
    run = cw.fit(PLANE, values, epochs=1, gap=2, stride=3, progress=False)
    again = cw.load_run(run.save(tmp_path / "run"), values)
    assert again.recipe == run.recipe
    assert again.metrics == run.metrics


@pytest.mark.parametrize("ending", [".nc", ".npy"])
def test_a_forecast_is_written_where_one_asks_for_it(tmp_path, ending):
    months = np.arange("2015-01", "2020-01", dtype="datetime64[M]").astype("datetime64[D]")
    frames = type(cw.load(wave(60, 8, 8)))(
        wave(60, 1, 8, 8), has_channels=False, name="ice", labels=Labels(times=months)
    )
    run = cw.fit(PLANE, frames, epochs=1, progress=False)
    path = tmp_path / f"coming{ending}"
    predicted = run.forecast(4, path=path)
    assert np.array_equal(predicted, run.forecast(4))
    again = cw.load(path)
    assert np.array_equal(again.values[:, 0], predicted)
    if ending == ".nc":
        assert again.labels.times.astype("datetime64[D]").astype(str).tolist() == [
            "2020-01-01", "2020-02-01", "2020-03-01", "2020-04-01"
        ]  # fmt: skip
