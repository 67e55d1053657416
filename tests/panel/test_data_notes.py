"""Cautions of data: on series of which it is known by hand what is doubtful."""

from dataclasses import replace

import numpy as np
import pytest

import cnnwidget as cw
from cnnwidget.data.labels import Labels
from cnnwidget.data.samples.library import SAMPLES
from cnnwidget.data.windows.split import split_by_time
from cnnwidget.data.windows.window_cut import WindowCut
from cnnwidget.panel.views import data_cautions
from cnnwidget.panel.views.data_cautions import (
    cautions_of,
    look_at,
    of_length,
    of_times,
    of_values,
    pairs,
)

RANDOM = np.random.default_rng(0)


def told(values, lengths=(3, 2), **settings):
    frames = cw.load(values, **settings)
    return cautions_of(frames, split_by_time(frames.steps, WindowCut(*lengths)), lengths)


@pytest.mark.parametrize("name", list(SAMPLES))
def test_there_is_nothing_to_say_of_a_sample(name):
    frames = cw.sample(name)
    horizon = min(5, frames.steps // 20)
    split = split_by_time(frames.steps, WindowCut(5, horizon))
    assert cautions_of(frames, split, (5, horizon)) == []


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
    sentence = of_length(frames, split, lengths)
    assert words in sentence
    assert bool(words) == sentence.endswith("give a longer series, or shorten history or horizon.")


def test_constant_data_say_which_value():
    [sentence] = told(np.full((100, 8, 8), 271.5))
    assert sentence.startswith("All values looked at are 271.5: there is nothing to forecast")


def test_a_picture_that_never_changes():
    [sentence] = told(np.broadcast_to(RANDOM.random((8, 8)), (100, 8, 8)))
    assert sentence.startswith("No frame looked at differs from the one before")


@pytest.mark.parametrize("place", [(50, 3, 3), (51, 0, 7)])
def test_what_happens_once_is_found_in_a_series_that_can_be_looked_through(place):
    values = np.zeros((100, 8, 8))
    values[place] = 1
    assert told(values) == []


def test_constant_where_it_counts():
    values = RANDOM.random((100, 8, 8))
    valid = np.zeros((8, 8), bool)
    valid[2:4] = True
    values[:, valid] = 5.0
    assert told(values) == []
    assert "All values looked at are 5" in told(values, valid=valid)[0]
    values[:, 2, 2] = np.nan
    assert "All values looked at are 5" in told(values, valid=valid)[0]


def test_persistence_near_perfect_says_how_near_and_ends_with_a_longer_horizon():
    """A rise of 0.001 of the range a step: by hand, a lag of n is off by n tenths of a percent."""
    rise = np.linspace(0, 1, 1001)[:, None, None] * np.ones((1, 4, 4))
    [sentence] = told(rise, (3, 3))
    assert "off by 0.3 % of the range for the frame 3 steps ahead" in sentence
    assert "take a longer horizon, or every n-th frame" in sentence
    assert told(rise, (3, 40)) == []
    assert told(rise[::20], (3, 3)) == []
    assert "for the next frame" in told(rise, (3, 1))[0]


def test_a_small_thing_that_moves_over_much_of_nothing_is_no_repetition():
    values = np.zeros((100, 64, 64), "float32")
    for at in range(100):
        values[at, at % 60 : at % 60 + 3, 20:23] = 1
    look = look_at(*pairs(cw.load(values), 1))
    assert look.off < data_cautions.NEAR_OF_RANGE  # few places change ...
    assert told(values, (3, 1)) == []  # ... but those that matter


@pytest.mark.parametrize("missing", ["refuse", "leave out"])
def test_data_without_any_value(missing):
    frames = cw.load(np.full((30, 4, 4), np.nan), missing=missing)
    assert of_values(frames, (3, 2)).startswith("No value looked at is known: there is nothing")


def test_values_that_have_no_pair_are_not_judged():
    values = RANDOM.random((30, 4, 4))
    values[1::2] = np.nan
    assert of_values(cw.load(values, missing="leave out"), (3, 3)) == ""


@pytest.mark.parametrize("scale", [1e308, 5e-324, 1e-200])
def test_very_large_and_very_small_values_are_judged_as_others(scale):
    values = RANDOM.integers(-1, 2, (100, 8, 8)) * scale
    assert told(values) == []
    [sentence] = told(np.broadcast_to(values[0], values.shape))
    assert sentence.startswith("No frame looked at differs")


def test_what_happens_once_is_found_in_a_series_that_is_looked_through_in_pieces():
    values = np.zeros((3000, 64, 64), "float32")
    for at in (1023, 1024, 2999):  # the last and the first of a piece, and the very last
        values[:] = 0
        values[at, 33, 33] = 5
        assert told(values, (10, 5)) == []


def test_of_large_data_next_to_nothing_is_read(monkeypatch):
    """A large file is looked at in few frames: counted in the values that are copied."""
    copied = []
    stack = np.stack
    monkeypatch.setattr(
        data_cautions.np,
        "stack",
        lambda some: copied.append(sum(n.size for n in some)) or stack(some),
    )
    large = np.broadcast_to(RANDOM.random((1, 1000, 1000)), (100_000, 1000, 1000))
    assert len(told(large)) == 1
    assert sum(copied) <= data_cautions.MOST_VALUES


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
    sentence = of_times(frames)
    assert sentence.startswith(words)
    assert bool(sentence) == bool(words)
    split = split_by_time(100, WindowCut(3, 2))
    assert cautions_of(frames, split, (3, 2)) == ([sentence] if words else [])


def test_times_that_are_numbers():
    frames = cw.load(RANDOM.random((100, 4, 4)))
    for times, words in (
        (np.arange(100) * 0.04, ""),
        (np.float32(np.arange(100) / 3), ""),
        (np.arange(100)[::-1].copy(), "99 of 100 frames"),
        (np.r_[np.arange(50), np.arange(60, 110)], "1 of 99 steps"),
    ):
        sentence = of_times(replace(frames, labels=Labels(times=times)))
        assert sentence.startswith(words)
        assert bool(sentence) == bool(words)
    assert of_times(frames) == ""
