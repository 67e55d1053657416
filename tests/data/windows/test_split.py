"""The properties of splits, checked with sets of frame numbers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnwidget.data.data_error import DataError
from cnnwidget.data.windows.split import frame_parts, split_by_time
from cnnwidget.data.windows.window_cut import WindowCut

lengths = st.integers(1, 12)


def inputs(windows, p):
    return {frame for i in windows for frame in range(i, i + p)}


def targets(windows, p, f):
    return {frame for i in windows for frame in range(i + p, i + p + f)}


def parts_of(split):
    return split.train, split.validation, split.test


def feasible(n, gap):
    """Whether a third of all windows is left for training after two gaps and what is held out."""
    left = n - 2 * gap
    held_out = max(1, round(0.15 * left))
    return left - 2 * held_out >= max(1, n / 3)


@given(st.integers(0, 300), lengths, lengths)
def test_the_promises_are_kept(extra, p, f):
    steps = p + f + extra
    n = steps - p - f + 1
    split = split_by_time(steps, WindowCut(p, f))
    train, validation, test = parts_of(split)
    assert train.start == 0
    assert test.stop == n
    assert 3 * len(train) >= n
    if split.kind == "none":
        assert (len(train), len(validation), len(test)) == (n, 0, 0)
        assert not feasible(n, f - 1)
        return
    assert min(map(len, parts_of(split))) >= 1
    assert train.stop <= validation.start < validation.stop <= test.start
    # As near to 70, 15 and 15 % as whole numbers allow.
    left = sum(map(len, parts_of(split)))
    assert len(validation) == len(test)
    assert abs(len(test) - 0.15 * left) <= 1
    pairs = [(train, validation), (train, test), (validation, test)]
    for a, b in pairs:
        assert not targets(a, p, f) & targets(b, p, f)
        if split.kind == "apart":
            assert not (inputs(a, p) | targets(a, p, f)) & (inputs(b, p) | targets(b, p, f))
    trained = inputs(train, p) | targets(train, p, f)
    assert not trained & (targets(validation, p, f) | targets(test, p, f))
    assert split.kind == "apart" or not feasible(n, p + f - 1)
    # No more is left out than has to be: one window more would break the promise.
    before = range(train.stop, train.stop + 1)
    if split.kind == "apart" and split.gap:
        assert (inputs(before, p) | targets(before, p, f)) & inputs(validation, p)
    elif split.gap:
        assert targets(before, p, f) & targets(validation, p, f)


@given(st.integers(0, 300), lengths, lengths)
def test_the_time_line_has_no_hole_and_shows_what_is_forecast(extra, p, f):
    steps = p + f + extra
    split = split_by_time(steps, WindowCut(p, f))
    parts = frame_parts(split, WindowCut(p, f), steps)
    assert [frame for _, a, b in parts for frame in range(a, b)] == list(range(steps))
    assert all(a < b for _, a, b in parts)
    assert [name for name, *_ in parts if name != "gap"] == (
        ["train"] if split.kind == "none" else ["train", "validation", "test"]
    )
    for name, first, end in parts:
        if name == "train":
            shown = inputs(split.train, p) | targets(split.train, p, f)
        elif name != "gap":
            shown = targets(getattr(split, name), p, f)
        else:
            continue
        assert set(range(first, end)) == shown


def test_the_sentence_names_the_windows():
    said = split_by_time(120, WindowCut(5, 3)).sentence
    assert "windows 0 to 68 (69)" in said
    assert "windows 98 to 112 (15)" in said
    assert "7 windows are left out" in said
    assert "no frame is in two of them" in said
    said = split_by_time(30, WindowCut(10, 2)).sentence
    assert "1 window is left out" in said
    assert "no frame is forecast in two of them" in said
    assert split_by_time(3, WindowCut(1, 1)).kind == "none"
    assert split_by_time(3, WindowCut(1, 1)).sentence == (
        "The series is too short to hold anything out: the errors are of windows that were "
        "trained on."
    )


def test_a_split_that_ends_early_leaves_a_gap():
    cut = WindowCut(5, 3)
    assert frame_parts(split_by_time(120, cut), cut, 125)[-1] == ("gap", 120, 125)


@pytest.mark.parametrize(
    ("steps", "lengths", "said"),
    [
        (7, (4, 4), "takes 8 frames, but there are 7"),
        (9, (0, 4), "pre_history_len is 0"),
        (9, (1, -4), "forecast_len is -4"),
        (9, (1.0, 4), "pre_history_len is 1.0"),
        (9, (True, 4), "pre_history_len is True"),
        (9, ("3", 4), "pre_history_len is '3'"),
        (0, (1, 1), "steps is 0"),
    ],
)
def test_lengths_that_cannot_be_are_refused(steps, lengths, said):
    with pytest.raises(DataError) as refusal:
        split_by_time(steps, WindowCut(*lengths))
    assert said in str(refusal.value)


def test_numbers_of_numpy_are_numbers():
    assert split_by_time(np.int64(120), WindowCut(np.uint8(5), np.int16(3))) == split_by_time(
        120, WindowCut(5, 3)
    )
