"""Cautions of data: on series of which it is known what is doubtful."""

import gc
import weakref
from dataclasses import replace

import numpy as np
import pytest

import cnnwidget as cw
from cnnwidget.data.labels import Labels
from cnnwidget.data.preview import MOST_BYTES
from cnnwidget.data.samples.library import SAMPLES
from cnnwidget.data.windows.split import split_by_time
from cnnwidget.data.windows.window_cut import WindowCut
from cnnwidget.training.checks import compare_frames as module
from cnnwidget.training.checks.compare_frames import compare_frames
from cnnwidget.training.checks.data_cautions import data_cautions, times_sentence
from cnnwidget.training.match import match
from cnnwidget.training.tasks.forecasting.forecast_cautions import (
    NEAR_OF_RANGE,
    constant_sentence,
    length_sentence,
    repetition_sentence,
)
from cnnwidget.training.tasks.task_table import task_named

FORECAST = task_named("forecast")
RANDOM = np.random.default_rng(0)


def matched(frames, lengths):
    """The match of frames with a design that has the lengths as its channels."""
    history, horizon = (length * frames.channels for length in lengths)
    design = cw.EncoderDecoder(
        input_size=frames.size, in_channels=history, out_channels=horizon, depth=1
    )
    return match(FORECAST, design, frames)


def cautions_of(frames, lengths):
    """All but the proposal of a season, which is no doubt and has a test of its own."""
    found = data_cautions(matched(frames, lengths))
    return tuple(each for each in found if each.kind != "season")


def sentences(values, lengths=(3, 2), **settings):
    return [each.reason for each in cautions_of(cw.load(values, **settings), lengths)]


@pytest.mark.parametrize("name", list(SAMPLES))
def test_there_is_nothing_to_say_of_a_sample(name):
    frames = cw.sample(name)
    horizon = min(5, frames.steps // 20)
    assert cautions_of(frames, (5, horizon)) == ()


@pytest.mark.parametrize(
    ("steps", "lengths", "kind", "words"),
    [
        (8, (4, 4), "none", "8 frames are too few to hold anything out"),
        (20, (3, 2), "apart", "20 frames are few for windows of 3 + 2: only"),
        (35, (10, 2), "targets apart", "may be given in a later one"),
        (200, (10, 5), "apart", ""),
    ],
)
def test_too_few_windows_are_held_out(steps, lengths, kind, words):
    frames = cw.load(RANDOM.random((steps, 4, 4)))
    split = split_by_time(steps, WindowCut(*lengths))
    assert split.kind == kind
    sentence = length_sentence(frames, split, lengths)
    assert words in sentence
    assert bool(words) == sentence.endswith("give a longer series, or shorten history or horizon.")


def test_constant_data_say_which_value():
    [sentence] = sentences(np.full((100, 8, 8), 271.5))
    assert sentence.startswith("All values looked at are 271.5: there is nothing to forecast")


def test_a_picture_that_never_changes():
    [sentence] = sentences(np.broadcast_to(RANDOM.random((8, 8)), (100, 8, 8)))
    assert sentence.startswith("No frame looked at differs from the one before")


@pytest.mark.parametrize("place", [(50, 3, 3), (51, 0, 7)])
def test_what_happens_once_is_found_in_a_series_that_can_be_looked_through(place):
    values = np.zeros((100, 8, 8))
    values[place] = 1
    assert sentences(values) == []


def test_constant_where_it_counts():
    values = RANDOM.random((100, 8, 8))
    valid = np.zeros((8, 8), bool)
    valid[2:4] = True
    values[:, valid] = 5.0
    assert sentences(values) == []
    assert "All values looked at are 5" in sentences(values, valid=valid)[0]
    values[:, 2, 2] = np.nan
    assert "All values looked at are 5" in sentences(values, valid=valid, missing="leave out")[0]


def test_persistence_near_perfect_says_how_near_and_ends_with_a_longer_horizon():
    """A rise of 0.001 of the range a step: by hand, a lag of n is off by n tenths of a percent."""
    rise = np.linspace(0, 1, 1001)[:, None, None] * np.ones((1, 4, 4))
    [sentence] = sentences(rise, (3, 3))
    assert "off by 0.3 % of the range for the frame 3 steps ahead" in sentence
    assert "take a longer horizon, or every n-th frame" in sentence
    assert sentences(rise, (3, 40)) == []
    assert sentences(rise[::20], (3, 3)) == []
    assert "for the next frame" in sentences(rise, (3, 1))[0]


def test_a_small_thing_that_moves_over_much_of_nothing_is_no_repetition():
    values = np.zeros((100, 64, 64), "float32")
    for at in range(100):
        values[at, at % 60 : at % 60 + 3, 20:23] = 1
    compared = compare_frames(cw.load(values), 1)
    assert compared.difference < NEAR_OF_RANGE  # few places change ...
    assert sentences(values, (3, 1)) == []  # ... but those that matter


@pytest.mark.parametrize("missing", ["refuse", "leave out"])
def test_data_without_any_value(missing):
    frames = cw.load(np.full((30, 4, 4), np.nan), missing=missing)
    assert constant_sentence(frames, 2).startswith("No value looked at is known: there is nothing")


def test_values_that_have_no_pair_are_not_judged():
    values = RANDOM.random((30, 4, 4))
    values[1::2] = np.nan
    frames = cw.load(values, missing="leave out")
    assert constant_sentence(frames, 3) == repetition_sentence(frames, 3) == ""


@pytest.mark.parametrize("scale", [1e308, 5e-324, 1e-200])
def test_very_large_and_very_small_values_are_judged_as_others(scale):
    values = RANDOM.integers(-1, 2, (100, 8, 8)) * scale
    assert sentences(values) == []
    [sentence] = sentences(np.broadcast_to(values[0], values.shape))
    assert sentence.startswith("No frame looked at differs")


def test_what_happens_once_is_found_in_a_series_that_is_looked_through_in_pieces():
    values = np.zeros((3000, 64, 64), "float32")
    for at in (1023, 1024, 2999):  # the last and the first of a piece, and the very last
        values[:] = 0
        values[at, 33, 33] = 5
        assert sentences(values, (10, 5)) == []


def test_of_large_data_next_to_nothing_is_read(monkeypatch):
    """A large file is looked at in few frames: counted in the values that are copied."""
    copied = []
    stack = np.stack
    monkeypatch.setattr(
        module.np,
        "stack",
        lambda some: copied.append(sum(n.size for n in some)) or stack(some),
    )
    large = np.broadcast_to(RANDOM.random((1, 1000, 1000)), (100_000, 1000, 1000))
    frames = cw.load(large)
    assert constant_sentence(frames, 2)
    assert sum(copied) <= module.MOST_VALUES
    assert len(cautions_of(frames, (3, 2))) == 1
    assert sum(copied) <= module.MOST_VALUES + MOST_BYTES  # missing values are counted, too


DAYS = np.arange("2020-01-01", "2020-04-10", dtype="datetime64[D]")
MONTHS = np.arange("2012-01", "2020-05", dtype="datetime64[M]").astype("datetime64[D]")


@pytest.mark.parametrize("unit", ["D", "ns"])
@pytest.mark.parametrize(
    ("times", "words"),
    [
        (DAYS, ""),
        (MONTHS, ""),
        (DAYS[::-1], "99 of 100 frames are not later than the one before"),
        (np.where(DAYS[30] == DAYS, DAYS[29], DAYS), "1 of 100 frames is not later"),
        (np.where(DAYS[70] < DAYS, DAYS + 1, DAYS), "1 of 99 steps in time is longer than usual"),
        (DAYS + np.arange(100) // 25, "3 of 99 steps in time are longer than usual"),
    ],
)
def test_times_out_of_order_and_with_gaps(times, words, unit):
    frames = cw.load(RANDOM.random((100, 4, 4)))
    frames = replace(frames, labels=Labels(times=times.astype(f"datetime64[{unit}]")))
    sentence = times_sentence(frames)
    assert sentence.startswith(words)
    assert bool(sentence) == bool(words)
    found = [each.reason for each in cautions_of(frames, (3, 2))]
    assert found == ([sentence.removesuffix(".")] if words else [])


@pytest.mark.parametrize(
    ("times", "period"),
    [(DAYS, None), (MONTHS, "year"), (np.arange(100).astype("datetime64[h]"), "day"), (None, None)],
)
def test_a_season_is_proposed_until_a_period_is_chosen(times, period):
    frames = cw.load(RANDOM.random((100, 4, 4)))
    design = matched(frames, (3, 2))
    found = data_cautions(replace(design, frames=replace(frames, labels=Labels(times=times))))
    assert [each.kind for each in found] == ([] if period is None else ["season"])
    if period is not None:
        assert f"period='{period}'" in found[0].reason
        dated = replace(design, frames=replace(frames, labels=Labels(times=times)))
        assert data_cautions(dated, {"period": period}) == ()
        assert data_cautions(dated, {"period": 7}) == ()


def test_times_that_are_numbers():
    frames = cw.load(RANDOM.random((100, 4, 4)))
    for times, words in (
        (np.arange(100) * 0.04, ""),
        (np.float32(np.arange(100) / 3), ""),
        (np.arange(100)[::-1].copy(), "99 of 100 frames"),
        (np.r_[np.arange(50), np.arange(60, 110)], "1 of 99 steps"),
    ):
        sentence = times_sentence(replace(frames, labels=Labels(times=times)))
        assert sentence.startswith(words)
        assert bool(sentence) == bool(words)
    assert times_sentence(frames) == ""


def test_missing_values_are_a_caution_until_they_are_treated():
    values = RANDOM.random((100, 8, 8))
    values[3, 0, 0] = np.nan
    [caution] = cautions_of(cw.load(values), (3, 2))
    assert (caution.kind, caution.layer) == ("missing", "array")
    assert caution.reason.startswith("1 value (0.016 %) is missing or infinite; leave them out")
    assert caution.mends == ()
    for missing in ("leave out", "fill"):
        assert cautions_of(cw.load(values, missing=missing), (3, 2)) == ()


def test_each_kind_has_a_name():
    frames = cw.load(np.zeros((8, 4, 4)))
    frames = replace(frames, labels=Labels(times=DAYS[8:0:-1]))
    assert [each.kind for each in cautions_of(frames, (3, 2))] == ["length", "times", "constant"]
    rise = np.linspace(0, 1, 1001)[:, None, None] * np.ones((1, 4, 4))
    assert [each.kind for each in cautions_of(cw.load(rise), (3, 3))] == ["repetition"]


def test_of_a_design_that_does_not_fit_the_data_are_not_checked():
    frames = cw.load(np.zeros((100, 4, 4)))
    design = cw.EncoderDecoder(input_size=(8, 8), in_channels=3, out_channels=2, depth=1)
    assert data_cautions(match(FORECAST, design, frames)) == ()


def test_the_data_are_compared_once_for_each_lag(monkeypatch):
    pairs = []
    once = module.frame_pairs
    monkeypatch.setattr(module, "frame_pairs", lambda *a: pairs.append(a[1]) or once(*a))
    frames = cw.load(RANDOM.random((100, 8, 8)))
    for lengths in [(3, 2), (4, 2), (3, 2), (3, 5), (4, 5)]:
        cautions_of(frames, lengths)
    assert pairs == [2, 5]


def test_what_is_known_of_frames_goes_with_them():
    frames = cw.load(RANDOM.random((100, 8, 8)))
    cautions_of(frames, (3, 2))
    gone = weakref.ref(frames)
    del frames
    gc.collect()
    assert gone() is None
