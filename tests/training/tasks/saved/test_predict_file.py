"""`predict.py` in a process without this package repeats the forecast of its run."""

import subprocess
import sys

import numpy as np
import pytest

import cnnwidget as cw
from cnnwidget.data.labels import Labels
from tests.training.samples import PLANE, noise, wave

# A process in which this package cannot be imported.
ALONE = """
import runpy, sys
sys.modules["cnnwidget"] = None
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""
RULES = ("persistence", "mean of the history", "linear trend", "median frame", "mean frame",
         "damped anomaly")  # fmt: skip
LINE = cw.EncoderDecoder(input_size=(16,), in_channels=3, out_channels=2, depth=1)
VOLUME = cw.EncoderDecoder(
    input_size=(8, 8, 8), in_channels=3, out_channels=2, depth=1, start_channels=4
)
TWO = PLANE.replace(in_channels=6, out_channels=4)
LAND = np.zeros((8, 8), bool)
LAND[:2, 3:] = True


def holed(values):
    """A series with missing values, also in the last frames."""
    values = values.copy()
    values[np.random.default_rng(1).random(values.shape) < 0.2] = np.nan
    return values


def dated(values, step, count=60):
    """Frames with dates."""
    first = np.datetime64("2001-03-01" if step == "M" else "2001-03-01T00")
    times = first.astype(f"datetime64[{step}]") + np.arange(count)
    return cw.load(values).__class__(
        values[:, None], has_channels=False, name="dated",
        labels=Labels(times=times.astype("datetime64[s]")),
    )  # fmt: skip


MASKED = cw.load(holed(wave(60, 8, 8)), missing="leave out", valid=~LAND)
CASES = {
    **{name: (PLANE, wave(60, 8, 8), {"reference": name}) for name in RULES},
    "frames themselves": (PLANE, wave(60, 8, 8), {"reference": "none"}),
    "climatology": (PLANE, wave(60, 8, 8), {"reference": "climatology", "period": 7}),
    "months": (PLANE, dated(wave(60, 8, 8), "M"), {"period": "year", "reference": "climatology"}),
    "days": (
        PLANE,
        dated(wave(800, 8, 8), "D", 800),
        {"period": "year", "reference": "damped anomaly"},
    ),
    "hours": (PLANE, dated(wave(60, 8, 8), "h"), {"period": "day", "reference": "climatology"}),
    "line": (LINE, noise(60, 16), {}),
    "volume": (VOLUME, cw.load(noise(40, 8, 8, 8), axes="TDHW"), {}),
    "a gap": (PLANE, wave(60, 8, 8), {"gap": 2, "period": 5, "reference": "damped anomaly"}),
    "missing": (PLANE, cw.load(holed(wave(60, 8, 8)), missing="leave out"), {}),
    "a mask": (PLANE, MASKED, {}),
    "variables": (TWO, noise(60, 2, 8, 8) * np.float32([[[40.0]], [[1e-3]]]), {}),
    "one of two": (PLANE, noise(60, 2, 8, 8), {"inputs": [0], "targets": [1]}),
    "thresholds": (PLANE, noise(60, 8, 8), {"x_threshold": 0.1, "y_threshold": 0.2}),
    "far from nothing": (PLANE, wave(60, 8, 8).astype(np.float64) + 1e9, {"scaling": "standard"}),
}


def repeated(run, folder, frames, *arguments, **others):
    """What the script of a run writes for some frames."""
    run.save(folder)
    np.save(folder / "input.npy", frames)
    for name, values in others.items():
        np.save(folder / f"{name}.npy", values)
        arguments += (f"--{name}", str(folder / f"{name}.npy"))
    files = (folder / "predict.py", folder / "input.npy", folder / "output.npy")
    command = [sys.executable, "-I", "-c", ALONE, *map(str, files), *arguments]
    ran = subprocess.run(command, check=False, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    return np.load(folder / "output.npy")


def near(run, found, wanted):
    """Whether forecasts are the same within a millionth of the range."""
    span = max(run.predictor.transform.spans)
    assert found.dtype == wanted.dtype
    known = np.isfinite(wanted)
    assert np.array_equal(known, np.isfinite(found))
    assert np.abs(found - wanted)[known].max() <= 1e-6 * span


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_it_repeats_the_forecast(case, tmp_path):
    design, frames, settings = case
    run = cw.fit(design, frames, epochs=2, progress=False, **settings)
    values = run.data.frames.values
    found = repeated(run, tmp_path, values)
    forecast = run.forecast()
    near(run, found, forecast if forecast.ndim == found.ndim else forecast[:, None])
    if run.predictor.valid is None:
        predicted = run.predict(run.data.frames)[-1]
        near(run, found, predicted if predicted.ndim == found.ndim else predicted[:, None])


@pytest.mark.parametrize("name", ["past", "future", "both"])
def test_it_is_given_other_series_beside_the_frames(name, tmp_path):
    past, future = noise(60, 2, 8, 8), np.sin(0.3 * np.arange(62.0))
    parts = {"past": past, "future": future}
    parts = parts if name == "both" else {name: parts[name]}
    channels = 1 + 2 * ("past" in parts) + ("future" in parts)
    design = PLANE.replace(in_channels=3 * channels + 2 * ("future" in parts))
    run = cw.fit(design, wave(60, 8, 8), epochs=2, progress=False, **parts)
    found = repeated(run, tmp_path, wave(60, 8, 8), **parts)
    near(run, found, run.forecast()[:, None])


@pytest.mark.parametrize(
    ("frames", "settings", "last"),
    [
        (wave(60, 8, 8), {"period": 7}, 40),
        (dated(wave(60, 8, 8), "M"), {"period": "year"}, "2004-07-01"),
    ],
)
def test_the_season_of_other_frames_is_said(frames, settings, last, tmp_path):
    run = cw.fit(PLANE, frames, epochs=2, reference="climatology", progress=False, **settings)
    values = run.data.frames.values[:41]
    wanted = run.predict(run.data.frames)[38]  # from frames 38 to 40
    near(run, repeated(run, tmp_path, values, "--last", str(last)), wanted[:, None])


def test_frames_of_another_shape_are_refused_in_a_sentence(tmp_path):
    run = cw.fit(PLANE, wave(60, 8, 8), epochs=1, progress=False)
    with pytest.raises(
        AssertionError, match=r"The frames are \(60, 1, 8, 9\), but must be \(T, 1,"
    ):
        repeated(run, tmp_path, noise(60, 8, 9))
