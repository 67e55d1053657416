"""Cautions of data: on series of which it is known by hand what is doubtful."""

import numpy as np
import pytest

import cnnwidget as cw
from cnnwidget.data.samples.library import SAMPLES
from cnnwidget.data.split import split_by_time
from cnnwidget.panel import data_notes
from cnnwidget.panel.data_notes import cautions_of, look_at, of_length, of_values

RANDOM = np.random.default_rng(0)


def told(values, lengths=(3, 2), **settings):
    frames = cw.load(values, **settings)
    return cautions_of(frames, split_by_time(frames.steps, *lengths), lengths)


@pytest.mark.parametrize("name", list(SAMPLES))
def test_there_is_nothing_to_say_of_a_sample(name):
    frames = cw.sample(name)
    horizon = min(5, frames.steps // 20)
    assert cautions_of(frames, split_by_time(frames.steps, 5, horizon), (5, horizon)) == []


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
    split = split_by_time(steps, *lengths)
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
    look = look_at(cw.load(values), 1)
    assert look.off < data_notes.NEAR_OF_RANGE  # few places change ...
    assert told(values, (3, 1)) == []  # ... but those that matter


def test_data_without_any_value_are_not_judged():
    frames = cw.load(np.full((30, 4, 4), np.nan), missing="leave out")
    assert of_values(frames, (3, 2)) == ""


def test_of_large_data_next_to_nothing_is_read(monkeypatch):
    """A large file is looked at in few frames: counted in the values that are copied."""
    copied = []
    stack = np.stack
    monkeypatch.setattr(
        data_notes.np, "stack", lambda some: copied.append(sum(n.size for n in some)) or stack(some)
    )
    large = np.broadcast_to(RANDOM.random((1, 1000, 1000)), (100_000, 1000, 1000))
    assert len(told(large)) == 1
    assert sum(copied) <= data_notes.MOST_VALUES
