"""Training on all that windows can hold: chosen channels, other series, thresholds.

Long, for each way to cut windows is trained, saved, resumed and forecast with.
"""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

import cnnwidget as cw
from cnnwidget.data.frames import Frames
from cnnwidget.data.labels import Labels
from cnnwidget.data.reading.arrays import numpy_files
from tests.training.samples import PLANE, losses, noise, same_weights, wave

NAMES = ("ice", "wind", "swell")
DAYS = np.arange("2020-01-01", "2020-03-01", dtype="datetime64[D]")
GIVEN, TOLD, GAP = 3, 2, 1
PAST = 10 * noise(60, 2, 8, 8, seed=1)
SEASON = np.sin(0.3 * np.arange(66)) * 7
# What windows are made of, by a name.
PARTS = {
    "channels": {"inputs": ["swell", "ice"], "targets": ["wind"]},
    "the same channels": {"inputs": [1], "targets": [1]},
    "one of the channels": {"targets": ["swell"]},
    "past": {"past": PAST},
    "future": {"future": SEASON},
    "both": {"inputs": [0, 1], "targets": [1], "past": PAST, "future": SEASON},
    "thresholds": {"x_threshold": 0.5, "y_threshold": 0.2},
    "the same thresholds": {"x_threshold": 0.2, "y_threshold": 0.2, "targets": [2]},
    "a threshold of y": {"y_threshold": 0.2, "past": PAST, "inputs": [2]},
}


def sky(steps=60):
    labels = Labels(times=DAYS[:steps], channels=NAMES, units="m")
    values = noise(60, 3, 8, 8) * np.array([1.0, 1e-2, 30.0], np.float32).reshape(3, 1, 1)
    return Frames(values[:steps], has_channels=True, name="sky", labels=labels)


def cut(frames=None, gap=GAP, **parts):
    frames = sky() if frames is None else frames
    return cw.windows(frames, pre_history_len=GIVEN, forecast_len=TOLD, gap=gap, **parts)


def numbers(chosen):
    return [NAMES.index(each) if isinstance(each, str) else each for each in chosen]


def design_for(gap=GAP, **parts):
    """A design with so many channels as the parts have, counted by hand."""
    inputs, targets = (len(parts.get(name, NAMES)) for name in ("inputs", "targets"))
    width = inputs + 2 * ("past" in parts) + ("future" in parts)
    given = GIVEN * width + (gap + TOLD) * ("future" in parts)
    return PLANE.replace(in_channels=given, out_channels=TOLD * targets)


def scaled(values, stop, threshold=None):
    """Each channel of (T, K, ...) by its smallest and largest value before `stop`, or 0 and 1."""
    if threshold is not None:
        return (values > threshold).astype(float)
    seen = values[:stop].astype(np.float32).astype(float)
    axes = (0, *range(2, values.ndim))
    low, high = seen.min(axes, keepdims=True), seen.max(axes, keepdims=True)
    return (values - low) / (high - low)


def naive_batch(windows, chosen, parts, gap=GAP):
    """The input of a network for some windows and the target, frame by frame."""
    stop = windows.split.train.stop - 1 + GIVEN + gap + TOLD
    values = windows.frames.values
    given = scaled(values, stop, parts.get("x_threshold"))[:, numbers(parts.get("inputs", NAMES))]
    predicted = scaled(values, stop, parts.get("y_threshold"))[
        :, numbers(parts.get("targets", NAMES))
    ]
    past = scaled(PAST, stop)
    season = scaled(SEASON[:, None], stop)[:, 0]
    x, y = [], []
    for first in chosen:
        history = []
        for step in range(first, first + GIVEN):
            history += list(given[step])
            history += list(past[step]) if "past" in parts else []
            history += [np.full((8, 8), season[step])] if "future" in parts else []
        for step in range(first + GIVEN, first + GIVEN + gap + TOLD):
            history += [np.full((8, 8), season[step])] if "future" in parts else []
        start = first + GIVEN + gap
        x.append(history)
        y.append([each for step in range(start, start + TOLD) for each in predicted[step]])
    return np.array(x), np.array(y)


@pytest.mark.parametrize("gap", [0, 2])
@pytest.mark.parametrize("parts", PARTS.values(), ids=PARTS)
def test_what_a_network_gets_value_by_value(parts, gap):
    windows = cut(gap=gap, **parts)
    training = cw.train(design_for(gap, **parts), windows, epochs=1)
    chosen = [5, 0, 17]
    for found, wanted in zip(
        training.loader.batch(np.array(chosen))[:2],
        naive_batch(windows, chosen, parts, gap),
        strict=True,
    ):
        assert found.shape == wanted.shape
        assert np.allclose(found, wanted, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("parts", PARTS.values(), ids=PARTS)
def test_parts_given_to_fit_are_those_of_windows(parts):
    design = design_for(**parts)
    recipe = {"epochs": 2, "progress": False}
    one = cw.fit(design, cut(**parts), **recipe)
    other = cw.fit(design, sky(), gap=GAP, **parts, **recipe)
    assert losses(one) == losses(other)
    assert same_weights(one.weights, other.weights)
    assert one.metrics == other.metrics
    again = cw.fit(design, cut(**parts), progress=False, **one.repeat)
    assert [each.train for each in again.history] == [each.train for each in one.history]


@pytest.mark.parametrize("parts", PARTS.values(), ids=PARTS)
def test_errors_and_baselines_are_of_the_targets_in_their_form(parts):
    windows = cut(**parts)
    run = cw.fit(design_for(**parts), windows, epochs=1, progress=False)
    threshold, targets = parts.get("y_threshold"), numbers(parts.get("targets", NAMES))
    values = windows.frames.values[:, targets].astype(float)
    values = values if threshold is None else (values > threshold).astype(float)
    start = [first + GIVEN + GAP for first in run.split.test]
    truth = np.stack([values[at : at + TOLD] for at in start])
    before = np.stack([values[first : first + GIVEN] for first in run.split.test])
    forecasts = {
        "network": run.predict(windows)[list(run.split.test)],
        "persistence": before[:, -1:],
        "mean of the history": before.mean(1, keepdims=True),
    }
    seen = windows.frames.values[: run.split.train.stop - 1 + GIVEN + GAP + TOLD, targets]
    spans = np.ptp(seen, axis=(0, 2, 3)) if threshold is None else np.ones(len(targets))
    if len(targets) == 1:
        spans = np.ones(1)
    found = {"network": run.metrics.network, **dict(run.metrics.baselines)}
    for name, predicted in forecasts.items():
        error = np.abs(predicted - truth) / spans.reshape(-1, 1, 1)
        assert found[name].mae == pytest.approx(error.mean(), rel=1e-4)
    assert [each.name for each in run.metrics.variables] == (
        [NAMES[number] for number in targets] if len(targets) > 1 else []
    )


def test_the_losses_of_baselines_are_scaled_like_those_of_the_network():
    for name in ("channels", "one of the channels", "a threshold of y", "thresholds"):
        parts = PARTS[name]
        windows = cut(**parts)
        training = cw.train(design_for(**parts), windows, epochs=1)
        list(training)
        validation = training.split.validation
        stop = training.split.train.stop - 1 + GIVEN + GAP + TOLD
        targets = numbers(parts.get("targets", NAMES))
        predicted = scaled(windows.frames.values, stop, parts.get("y_threshold"))[:, targets]
        truth = np.stack(
            [predicted[at + GIVEN + GAP : at + GIVEN + GAP + TOLD] for at in validation]
        )
        last = np.stack([predicted[at + GIVEN - 1 : at + GIVEN] for at in validation])
        wanted = np.abs(last - truth).mean()
        assert training.baselines["persistence"] == pytest.approx(wanted, rel=1e-4)


def test_what_is_known_ahead_is_learned_from():
    """Frames are as bright as a number that nothing before tells."""
    bright = np.random.default_rng(3).uniform(0, 1, 124)
    pattern = np.hypot(*np.mgrid[-4:4, -4:4]) / 6
    values = 200 + 50 * bright[:120, None, None] * pattern
    design = PLANE.replace(in_channels=2 * 2 + 2, out_channels=2, start_channels=8)
    recipe = {"epochs": 25, "lr": 0.01, "progress": False}
    run = cw.fit(design, values, future=bright, **recipe)
    alone = cw.fit(design.replace(in_channels=2), values, **recipe)
    best = min(errors.mae for _, errors in run.metrics.baselines)
    assert run.metrics.network.mae < 0.4 * best
    assert run.metrics.network.mae < 0.4 * alone.metrics.network.mae
    # Beyond the end it is the number that tells, too.
    coming = run.forecast()
    assert np.abs(coming - (200 + 50 * bright[120:122, None, None] * pattern)).mean() < 0.4 * best


@pytest.mark.parametrize("parts", PARTS.values(), ids=PARTS)
def test_a_run_comes_back_with_its_parts(parts, tmp_path):
    windows = cut(**parts)
    run = cw.fit(design_for(**parts), windows, epochs=1, progress=False)
    folder = run.save(tmp_path)
    again, with_data = cw.load_run(folder), cw.load_run(folder, windows)
    for each in (again, with_data):
        assert (
            each.predictor.channels,
            each.predictor.scaling,
            each.predictor.transform.series_scaling,
        ) == (run.predictor.channels, run.predictor.scaling, run.predictor.transform.series_scaling)
        assert each.metrics == run.metrics
        assert each.task is run.task
        assert np.array_equal(each.predict(windows), run.predict(windows))
        assert np.array_equal(each.forecast(frames=windows), run.forecast())
    record = json.loads((folder / "run.json").read_text())
    kept = set(load_file(folder / "predictor.safetensors"))
    assert {name for name in kept if not name.startswith("reference")} == {"frames"}  # no series
    assert record["predictor"]["channels"]["targets"] == numbers(parts.get("targets", NAMES))
    predicted = run.forecast_frames()
    assert predicted.labels.channels == tuple(
        NAMES[n] for n in numbers(parts.get("targets", NAMES))
    )
    assert predicted.labels.times.astype("datetime64[D]").astype(str).tolist() == [
        "2020-03-02", "2020-03-03"
    ]  # fmt: skip
    assert predicted.labels.units == ("m" if "y_threshold" not in parts else "")
    assert run.plot()._repr_png_().startswith(b"\x89PNG")
    assert with_data.skill == run.skill


def test_predictions_are_the_outputs_of_the_module():
    parts = PARTS["both"]
    windows = cut(**parts)
    run = cw.fit(design_for(**parts), windows, epochs=1, reference="none", progress=False)
    history, _ = naive_batch(windows, range(len(windows)), parts)
    with torch.no_grad():
        predicted = run.module(torch.from_numpy(history).float()).numpy()[:, :, None]
    stop = run.split.train.stop - 1 + GIVEN + GAP + TOLD
    seen = windows.frames.values[:stop, 1]
    assert np.allclose(run.predict(windows), predicted * np.ptp(seen) + seen.min(), atol=1e-5)


def test_frames_are_enough_where_there_are_no_other_series():
    for name in ("channels", "the same channels", "thresholds"):
        parts = PARTS[name]
        windows = cut(gap=0, **parts)
        run = cw.fit(design_for(0, **parts), windows, epochs=1, progress=False)
        predicted = run.predict(sky())
        assert len(predicted) == 60 - GIVEN + 1
        # Other batches have other sums, in the last digit.
        near = {"rtol": 1e-4, "atol": 1e-5}
        assert np.allclose(predicted[: len(windows)], run.predict(windows), **near)
        assert np.allclose(predicted[-1], run.forecast(), **near)
        assert np.allclose(predicted[29 - GIVEN + 1], run.forecast(frames=sky(30)), **near)


@pytest.mark.parametrize("name", ["past", "future", "both"])
def test_frames_alone_are_refused_where_there_are_other_series(name, tmp_path):
    parts = PARTS[name]
    run = cw.fit(design_for(**parts), cut(**parts), epochs=1, progress=False)
    said = r"given (past of 2 channels|future of 1 channel).* beside the frames"
    for act in (run.predict, lambda frames: run.forecast(frames=frames), run.save(tmp_path) and
                (lambda frames: cw.load_run(tmp_path, frames))):  # fmt: skip
        with pytest.raises(cw.DataError, match=said):
            act(sky())
    again = cw.load_run(tmp_path)
    with pytest.raises(cw.DataError, match=r"folder does not hold; use run\.forecast\(frames="):
        again.forecast()


def test_a_network_goes_on_from_what_it_is_given_alone():
    same = cw.fit(design_for(0, inputs=[1], targets=[1]), sky(), inputs=[1], targets=[1],
                  epochs=1, progress=False)  # fmt: skip
    predicted = same.forecast(5)
    assert predicted.shape == (5, 1, 8, 8)
    known = np.concatenate([sky().values[-1:, [1]], predicted[:2]])
    labelled = np.zeros((3, 3, 8, 8), np.float32)
    labelled[:, 1] = known[:, 0]
    assert np.allclose(same.forecast(2, labelled), predicted[2:4], atol=1e-5)
    for name in ("channels", "past", "future", "thresholds"):
        parts = PARTS[name]
        run = cw.fit(design_for(0, **parts), sky(), epochs=1, progress=False, **parts)
        assert len(run.forecast(TOLD)) == TOLD
        with pytest.raises(cw.DataError, match="cannot go on from its own 2 frames"):
            run.forecast(TOLD + 1)


@pytest.mark.parametrize(("known", "missing"), [(60, 3), (61, 2), (62, 1), (63, 0)])
def test_what_is_known_ahead_must_reach_as_far_as_the_forecast(known, missing):
    parts = {"future": SEASON[:known]}
    run = cw.fit(design_for(**parts), cut(**parts), epochs=1, progress=False)
    if not missing:
        history, _ = run.data.gather([-1])
        assert run.forecast().shape == (TOLD, 3, 8, 8)
        assert history.shape[2] == 4
        return
    said = rf"future is known for {known - 60} steps .* needs 3; give {missing} more"
    with pytest.raises(cw.DataError, match=said):
        run.forecast()
    assert run.skill.sentence


def test_the_forecast_beyond_the_end_is_that_of_the_window_there():
    """The same frames, with some more behind them, have a window at that place."""
    for name in ("past", "future", "both", "thresholds"):
        parts = PARTS[name]
        run = cw.fit(design_for(**parts), cut(**parts), epochs=1, progress=False)
        early = {key: value[:50] if key == "past" else value for key, value in parts.items()}
        predicted = run.forecast(frames=cut(sky(50), **early))
        # Values of some tens: the last bit of such a 32-bit float is worth some millionths.
        assert np.allclose(predicted, run.predict(cut(**parts))[50 - GIVEN], atol=1e-5)


def test_windows_of_another_kind_are_refused():
    parts = PARTS["past"]
    run = cw.fit(design_for(**parts), cut(**parts), epochs=1, progress=False)
    for other, said in (
        (cut(gap=0, **parts), "gap of the windows is 0, but .* windows with 1"),
        (cut(past=PAST[:, :1]), "past of the windows is 1, but .* windows with 2"),
        (cut(past=PAST, future=SEASON), "future of the windows is 1, but .* windows with 0"),
        (cut(past=PAST, targets=[1]), r"targets of the windows is \(1,\)"),
        (cut(past=PAST, y_threshold=1), "y_threshold of the windows is 1.0, but .* with None"),
        (cut(past=PAST, stacked=False), "stacked=False"),
        (cut(noise(60, 3, 8, 9), past=noise(60, 2, 8, 9)), "frames of 3 × 8 × 9"),
    ):
        with pytest.raises(cw.DataError, match=said):
            run.predict(other)
        with pytest.raises(cw.DataError, match=said):
            run.forecast(frames=other)


def test_what_fit_refuses():
    design = design_for(past=PAST)
    with pytest.raises(cw.DataError, match=r"stacked=False.* loop of one's own"):
        cw.train(design, cut(past=PAST, stacked=False), epochs=1)
    with pytest.raises(
        cw.CnnwidgetError, match="windows have past of their own or none; leave past"
    ):
        cw.train(design, cut(past=PAST), past=PAST, epochs=1)
    with pytest.raises(cw.DataError, match=r"sky: targets is \['sea'\], but must be channels"):
        cw.train(design, sky(), targets=["sea"], epochs=1)
    with pytest.raises(cw.DataError, match="x_threshold is 'high', but must be a number"):
        cw.train(design, sky(), x_threshold="high", epochs=1)
    holed = np.where(np.arange(60) == 7, np.nan, SEASON[:60])
    with pytest.raises(
        cw.DataError, match="future has missing or infinite values, 1 in all; fill them"
    ):
        cw.train(design_for(0, future=SEASON), sky(), future=holed, epochs=1)
    valid = np.ones((3, 8, 8), bool)
    valid[1] = False
    with pytest.raises(cw.DataError, match="not one known value of the targets"):
        cw.train(design_for(0, targets=[1]), replace(sky(), valid=valid), targets=[1], epochs=1)


def test_the_sentence_says_how_many_channels_come_from_what():
    windows = cut(inputs=[0, 1], targets=[1], past=PAST, future=SEASON)
    with pytest.raises(cw.DesignError) as refusal:
        cw.train(PLANE, windows, epochs=1)
    text = str(refusal.value)
    assert "3 frames of 5 channels (2 of the frames, 2 of past, 1 of future)" in text
    assert "and 3 for what future says ahead make 18 × 8 × 8" in text
    assert text.endswith("Try design.replace(in_channels=18).")
    mended = PLANE.replace(in_channels=18)
    assert cw.fit(mended, windows, epochs=1, progress=False).ending == "finished"
    with pytest.raises(cw.DesignError, match="a forecast of 2 frames of 1 target is 2 × 8 × 8"):
        cw.train(mended.replace(out_channels=4), windows, epochs=1)


def test_lengths_follow_from_the_design():
    design = PLANE.replace(in_channels=4 * (2 + 1) + 5 + 1, out_channels=5)
    training = cw.train(design, sky(), inputs=[0, 1], targets=[2], future=SEASON, gap=1, epochs=1)
    assert (training.recipe.pre_history_len, training.recipe.forecast_len) == (4, 5)


def test_missing_values_and_masks_go_with_parts():
    values = sky().values.copy()
    values[np.random.default_rng(1).random(values.shape) < 0.1] = np.nan
    land = np.zeros((8, 8), bool)
    land[:2] = True
    frames = cw.load(replace(sky(), values=values), missing="leave out", valid=~land)
    parts = {"inputs": [2, 0], "targets": [1], "past": PAST}
    run = cw.fit(design_for(0, **parts), frames, epochs=1, progress=False, **parts)
    training = cw.train(design_for(0, **parts), frames, epochs=1, **parts)
    history, target, _ = training.loader.batch(range(5))
    assert torch.isfinite(history).all()
    known = np.isfinite(values[GIVEN : GIVEN + 5, 1]) & ~land
    assert np.array_equal(torch.isfinite(target[:, 0]).numpy(), known)
    predicted = run.predict(run.data)[:, 0, 0]
    errors = []
    for at in run.split.test:
        truth = np.where(land, np.nan, values[at + GIVEN, 1])
        errors.append(np.abs(predicted[at] - truth)[np.isfinite(truth)])
    wanted = np.concatenate(errors).mean()
    assert run.metrics.network.mae_per_lead[0] == pytest.approx(wanted, rel=1e-4)
    for _, each in run.metrics.baselines:
        assert np.isfinite(each.mae)
    predicted = run.forecast()
    assert np.isfinite(predicted[:, 0, 2:]).all()
    assert np.array_equal(predicted[0, 0, :2], values[-1, 1, :2], equal_nan=True)
    assert run.forecast_frames().valid.shape == (1, 8, 8)


def test_series_of_a_file_are_read_ahead(tmp_path, monkeypatch):
    """The same curve, whether frames and series lie in memory or in files."""
    monkeypatch.setattr(numpy_files, "READ_AT_ONCE", 0)
    np.save(tmp_path / "frames.npy", wave(60, 8, 8))
    np.save(tmp_path / "past.npy", PAST)
    design = PLANE.replace(in_channels=3 * 4 + 2, out_channels=2)
    curves = [
        losses(cw.fit(design, frames, past=past, future=SEASON, epochs=2, progress=False))
        for frames, past in (
            (wave(60, 8, 8), PAST),
            (tmp_path / "frames.npy", tmp_path / "past.npy"),
            (wave(60, 8, 8), tmp_path / "past.npy"),
        )
    ]
    assert curves[0] == curves[1] == curves[2]


def test_series_are_scaled_by_what_training_sees_of_them():
    later = PAST.copy()
    design = design_for(0, past=PAST)
    training = cw.train(design, sky(), past=PAST, epochs=1)
    later[training.split.train.stop - 1 + GIVEN + TOLD :] = 1e6
    assert (
        cw.train(design, sky(), past=later, epochs=1).examples.transform
        == training.examples.transform
    )
    bounded = cw.train(design, sky(), past=PAST, epochs=1, scaling=(0.0, 5.0))
    assert bounded.examples.transform.scaling.span == (5.0,) * 3
    assert bounded.examples.transform.series_scaling == training.examples.transform.series_scaling
    plain = cw.train(design, sky(), past=PAST, epochs=1, scaling="none")
    assert plain.examples.transform.series_scaling == ((0.0, 0.0), (1.0, 1.0))


def test_records_of_parts_that_cannot_be(tmp_path):
    parts = PARTS["both"]
    run = cw.fit(design_for(**parts), cut(**parts), epochs=1, progress=False)
    record = json.loads((run.save(tmp_path) / "run.json").read_text())
    for name, value in (
        ("inputs", [0, 0]), ("inputs", [0, 7]), ("targets", []), ("targets", [-1]), ("past", 1),
        ("future", None), ("x_threshold", "high"), ("more", 1),
    ):  # fmt: skip
        made = record["predictor"]["channels"] | {name: value}
        damaged = record["predictor"] | {"channels": made}
        (tmp_path / "run.json").write_text(json.dumps(record | {"predictor": damaged}))
        with pytest.raises(cw.DataError):
            cw.load_run(tmp_path)
    for beside in ([[1.0], [1.0]], [[1.0] * 3, [0.0] * 3]):
        damaged = record["predictor"] | {"series_scaling": beside}
        (tmp_path / "run.json").write_text(json.dumps(record | {"predictor": damaged}))
        with pytest.raises(cw.DataError):
            cw.load_run(tmp_path)
