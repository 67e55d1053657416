"""Scaling: from what it is taken, and what is refused on the way."""

import numpy as np
import pytest
import torch

import cnnwidget as cw
from cnnwidget.data.windows.window_contents import scaled_tensor_of
from cnnwidget.training.tasks import scaling as home
from cnnwidget.training.tasks.scaling import Scaling, Statistics, scaling_by, statistics_of
from tests.training.samples import PLANE, noise


def test_there_and_back():
    scaling = Scaling((-3.0, 100.0), (8.0, 0.5))
    values = np.array([[-3.0, 1.0, 5.0], [100.0, 100.25, 100.5]])[None, None]
    scaled = scaled_tensor_of(values, *scaling)
    assert scaled.tolist() == [[[[0, 0.5, 1]] * 2]]
    assert np.array_equal(scaling.unscale(scaled), values)


@pytest.mark.parametrize("piece", [1, 64 * 7, 1 << 22])
def test_only_the_frames_of_the_training_part_count(piece, monkeypatch):
    monkeypatch.setattr(home, "PIECE_VALUES", piece)
    values = noise(40, 8, 8)
    values[33], values[34] = -1e3, 1e3
    for stop in (1, 20, 33, 34, 40):
        low, high = float(values[:stop].min()), float(values[:stop].max())
        found = statistics_of(cw.load(values), range(stop))
        assert found[:2] == ((low,), (high,))
        seen = values[:stop].astype(np.float64)
        predicted = (*found.mean, *found.deviation)
        assert predicted == pytest.approx((seen.mean(), seen.std()), rel=1e-6)
        assert scaling_by("minmax", found) == ((low,), (high - low,))


def test_a_training_never_looks_at_what_is_held_out():
    values = noise(40, 8, 8)
    training = cw.train(PLANE, values, epochs=1)
    seen = training.split.train[-1] + 3 + 2
    assert training.examples.transform.scaling.low == (values[:seen].min(),)
    later = values.copy()
    later[seen:] = 1e4
    assert (
        cw.train(PLANE, later, epochs=1).examples.transform.scaling
        == training.examples.transform.scaling
    )
    later[seen - 1] = 1e4
    assert (
        cw.train(PLANE, later, epochs=1).examples.transform.scaling
        != training.examples.transform.scaling
    )


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e300])
@pytest.mark.parametrize("frame", [0, 17, 39])
def test_a_frame_with_values_missing_is_named(bad, frame, monkeypatch):
    monkeypatch.setattr(home, "PIECE_VALUES", 64 * 7)
    values = noise(40, 8, 8).astype(np.float64)
    values[frame:, 3, 5] = bad
    with pytest.raises(cw.DataError, match=rf"array: frame {frame} has values that are missing"):
        cw.train(PLANE, values, epochs=1)


def test_values_too_far_apart_are_refused():
    values = noise(40, 8, 8)
    values[0, 0, 0], values[1, 0, 0] = 3e38, -3e38
    with pytest.raises(cw.DataError, match="further apart than a 32-bit float"):
        cw.train(PLANE, values, epochs=1)


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int16", "int64", "float16", "float64", ">f4"])
def test_every_dtype_is_trained_on(dtype):
    values = (np.abs(noise(30, 8, 8)) * 50).round()
    values = (values % 2 if dtype == "bool" else values).astype(dtype)
    run = cw.fit(PLANE, values, epochs=1, progress=False)
    assert run.ending == "finished"
    assert run.predictor.scaling.low[0] >= float(values.min())
    assert run.forecast(3).dtype == (np.float64 if dtype in ("int64", "float64") else np.float32)


STATISTICS = Statistics(low=(2.0,), high=(10.0,), mean=(5.0,), deviation=(1.5,))


@pytest.mark.parametrize(
    ("kind", "zero", "one"),
    [("minmax", 2, 10), ("standard", 5, 6.5), ("none", 0, 1), ((0, 100), 0, 100), ((4, 3), 4, 3)],
)
def test_what_becomes_nought_and_one(kind, zero, one):
    scaling = scaling_by(kind, STATISTICS)
    values = np.array([zero, one]).reshape(1, 2, 1, 1)
    assert scaled_tensor_of(values, *scaling).flatten().tolist() == [0, 1]


def test_a_scaling_without_a_span_is_refused():
    with pytest.raises(cw.CnnwidgetError, match=r"scaling is \(3.0, 3.0\), but its two numbers"):
        cw.train(PLANE, noise(40, 8, 8), epochs=1, scaling=(3, 3))


def test_all_values_alike_have_a_span_of_one():
    alike = Statistics((7.0,), (7.0,), (7.0,), (0.0,))
    assert scaling_by("minmax", alike).span == scaling_by("standard", alike).span == (1,)


@pytest.mark.parametrize("kind", ["standard", "none", (-10.0, 10.0)])
def test_a_scaling_is_kept_and_undone(kind, tmp_path):
    values = 50 + 3 * noise(40, 8, 8)
    run = cw.fit(PLANE, values, epochs=2, scaling=kind, reference="none", progress=False)
    again = cw.load_run(run.save(tmp_path / "run"))
    assert again.recipe.scaling == kind
    assert (again.predictor.scaling, again.predictor.statistics) == (
        run.predictor.scaling,
        run.predictor.statistics,
    )
    assert np.array_equal(again.forecast(4), run.forecast(4))
    by_hand = torch.from_numpy(values[-3:])[None]
    with torch.no_grad():
        predicted = run.module(
            (by_hand - run.predictor.scaling.low[0]) / run.predictor.scaling.span[0]
        )
    predicted = predicted * run.predictor.scaling.span[0] + run.predictor.scaling.low[0]
    assert np.allclose(run.forecast(2), predicted[0].numpy(), rtol=1e-6)
    repeated = cw.fit(PLANE, values, progress=False, **run.repeat)
    assert [each.train for each in repeated.history] == [each.train for each in run.history]


def test_what_is_small_beside_a_constant_is_learned_as_well():
    """A wave of amplitude 1 on a billion, which 32 bits cannot hold, is the wave on nothing."""
    values = np.sin(0.7 * np.arange(60)[:, None, None] + 0.3 * np.arange(64).reshape(8, 8))
    runs = [cw.fit(PLANE, values + far, epochs=3, progress=False) for far in (0.0, 1e9)]
    plain, far = runs
    assert far.metrics.network.mae == pytest.approx(plain.metrics.network.mae, rel=1e-3)
    for name, errors in plain.metrics.baselines:
        assert dict(far.metrics.baselines)[name].mae == pytest.approx(errors.mae, rel=1e-3)
    assert far.skill.total == pytest.approx(plain.skill.total, abs=1e-3)
    assert np.allclose(far.forecast(steps=6) - 1e9, plain.forecast(steps=6), atol=5e-3)
    assert np.allclose(far.predict(values + 1e9) - 1e9, plain.predict(values), atol=5e-3)
