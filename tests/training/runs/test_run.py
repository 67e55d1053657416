"""What a run tells, against its module and its scaling by hand."""

import numpy as np
import pytest
import torch

import cnnwidget as cw
from tests.training.samples import PLANE, by_variable, noise, wave

TWO = {"in_channels": 6, "out_channels": 4}
LINE = {"input_size": (16,)}
# Design and values, with one variable or two, with an axis for it or without.
SERIES = {
    "T H W": (PLANE, wave(40, 8, 8), None),
    "T C H W": (PLANE.replace(**TWO), noise(40, 2, 8, 8), None),
    "T C H W of one variable": (PLANE, wave(40, 1, 8, 8), None),
    "T L": (PLANE.replace(**LINE), wave(40, 16), None),
    "T C L": (PLANE.replace(**LINE, **TWO), noise(40, 2, 16), "TCL"),
    "more told than given": (PLANE.replace(in_channels=1, out_channels=3), wave(40, 8, 8), None),
}


@pytest.fixture(scope="module")
def runs():
    """One run of each series, with what it was given."""
    settings = {"epochs": 2, "reference": "none", "progress": False}
    return {
        name: (cw.fit(design, cw.load(v, axes=axes), **settings), v, axes)
        for name, (design, v, axes) in SERIES.items()
    }


def told_by(run, history):
    """What the module says of one history, (steps, *frame), through the scaling, by hand."""
    low, span = (by_variable(each, history) for each in run.predictor.scaling)
    x = torch.from_numpy((history - low) / span)
    with torch.no_grad():
        y = run.module(x.reshape(1, -1, *run.predictor.size))
    return y.reshape(run.recipe.forecast_len, *history.shape[1:]).numpy() * span + low


@pytest.mark.parametrize("name", SERIES)
def test_predictions_window_by_window(runs, name):
    run, values, axes = runs[name]
    length = run.recipe.pre_history_len
    predicted = run.predict(cw.load(values, axes=axes))
    assert predicted.dtype == np.float32
    wanted = [told_by(run, values[i : i + length]) for i in range(len(values) - length + 1)]
    assert predicted.shape == np.stack(wanted).shape
    assert np.allclose(predicted, wanted, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", SERIES)
def test_a_forecast_rolled_out_by_hand(runs, name):
    run, values, axes = runs[name]
    length = run.recipe.pre_history_len
    known = list(values)
    while len(known) < len(values) + 7:
        known.extend(told_by(run, np.stack(known[-length:])))
    wanted = np.stack(known[len(values) : len(values) + 7])
    assert np.allclose(run.forecast(7), wanted, rtol=1e-3, atol=1e-3)
    assert np.allclose(run.forecast(np.int64(2)), wanted[:2], rtol=1e-4, atol=1e-4)
    assert len(run.forecast()) == run.recipe.forecast_len
    early = cw.load(values[:20], axes=axes)
    last = run.predict(early)[-1][0]  # in a larger batch, whose sums PyTorch adds up otherwise
    assert np.allclose(run.forecast(1, early)[0], last, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("steps", [0, -1, 2.0, "3", True])
def test_steps_that_are_none(runs, steps):
    with pytest.raises(cw.DataError, match=r"steps is .* whole number of at least 1"):
        runs["T H W"][0].forecast(steps)


def test_frames_that_do_not_fit(runs):
    run, values, _ = runs["T H W"]
    for act in (run.predict, lambda frames: run.forecast(2, frames)):
        with pytest.raises(cw.DataError, match=r"frames of 1 × 9 × 8.*frames of 1 × 8 × 8"):
            act(noise(10, 9, 8))
        with pytest.raises(cw.DataError, match="2 frames, but a forecast needs 3"):
            act(noise(2, 8, 8))
        with pytest.raises(cw.DataError, match="frame 37 has values that are missing"):
            act(np.where(np.arange(40)[:, None, None] == 37, np.nan, values))
    # A forecast sees the last frames only.
    gap = np.where(np.arange(40)[:, None, None] == 5, np.nan, values)
    assert np.isfinite(run.forecast(4, gap)).all()


@pytest.mark.parametrize(("name", "axes"), [("T H W", "T H W"), ("T C H W", "T C H W")])
def test_a_batch_is_no_series(runs, name, axes):
    run, _, _ = runs[name]
    with pytest.raises(cw.DataError) as refusal:
        run.predict(noise(7, 4, 16, 16))
    text = str(refusal.value)
    assert text.endswith(f"; give one series of them, time first ({axes}), not a batch.")


def test_measuring_can_be_given_up(monkeypatch):
    run = cw.fit(PLANE, noise(80, 8, 8), epochs=1, batch_size=2, progress=False)
    batches = -(-len(run.split.test) // 2)
    assert batches > 3
    for patience in range(batches):
        asked = iter([False] * patience + [True])
        assert run.measured_unless(lambda asked=asked: next(asked)) is None
        assert next(asked, "heard at once") == "heard at once"
    seen = []
    metrics = run.measured_unless(lambda: bool(seen.append(1)))
    assert len(seen) > batches  # the training frames are read before, for the baselines
    assert metrics == cw.fit(PLANE, noise(80, 8, 8), progress=False, **run.repeat).metrics
    monkeypatch.setattr(type(run.torch_task), "measure", None)
    assert run.metrics is metrics
    assert run.measured_unless(lambda: True) is metrics
    assert run.skill.sentence


def test_what_was_measured_before_is_not_given_up(runs, tmp_path):
    run, _, _ = runs["T H W"]
    again = cw.load_run(run.save(tmp_path))
    assert again.measured_unless(lambda: True) == again.metrics == run.metrics


def test_what_is_too_large_is_no_warning_of_numpy(runs, tmp_path):
    run, values, _ = runs["T H W"]
    folder = run.save(tmp_path)
    values = values.astype(float)
    for large in (values * 1e300, np.where(np.arange(40)[:, None, None] > 36, 1e300, values)):
        for act in (run.predict, lambda frames: run.forecast(2, frames)):
            with pytest.raises(cw.DataError, match="too large for a 32-bit float"):
                act(large)
        with pytest.raises(cw.DataError, match="too large for a 32-bit float"):
            cw.train(PLANE, large)
        again = cw.load_run(folder, large)
        assert again.skill.sentence
        assert again.plot()._repr_png_()
    assert cw.load_run(folder, values * 1e35).plot()._repr_png_()


def test_it_repeats_and_a_recipe_is_arguments(runs):
    run, values, _ = runs["T H W"]
    again = cw.fit(PLANE, values, progress=False, **run.repeat)
    assert [each[:4] for each in again.history] == [each[:4] for each in run.history]
    assert again.skill == run.skill


def test_it_prints_what_it_is_and_how_good(runs):
    run, _, _ = runs["T H W"]
    text = repr(run)
    assert text.startswith("Run of EncoderDecoder on array: finished, 2 epochs, best epoch")
    assert f"{cw.plan(PLANE).params} parameters, 3 frames in, 2 out" in text
    assert run.split.sentence in text
    assert run.skill.sentence in text
    assert all(advice in text for advice in run.advice)
    once = cw.fit(PLANE, noise(40, 8, 8), epochs=1, progress=False)
    assert ": finished, 1 epoch, best epoch 1\n" in repr(once)


def test_the_module_is_a_copy_in_eval_mode(runs):
    run, _, _ = runs["T H W"]
    assert not run.module.training
    before = {name: value.clone() for name, value in run.weights.items()}
    with torch.no_grad():
        for value in run.module.parameters():
            value.add_(1)
    assert all(torch.equal(value, before[name]) for name, value in run.weights.items())
    del run.__dict__["module"]
