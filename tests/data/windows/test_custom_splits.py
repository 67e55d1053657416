"""Custom splits, checked with sets of frame numbers."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnwidget.data.data_error import DataError
from cnnwidget.data.windows.custom_splits import rolling_folds, split_by_count, split_by_date
from cnnwidget.data.windows.split import frame_parts, split_by_time
from cnnwidget.data.windows.window_cut import WindowCut

cuts = st.builds(
    WindowCut, st.integers(1, 8), st.integers(1, 8), st.integers(1, 5), st.integers(0, 4)
)


def frames_of(windows, cut):
    """All frames that some windows touch."""
    return {frame for i in windows for frame in (*cut.input_frames(i), *cut.target_frames(i))}


def targets_of(windows, cut):
    return {frame for i in windows for frame in cut.target_frames(i)}


def check_apart(split, cut, steps):
    parts = (split.train, split.validation, split.test)
    assert all(parts)
    for number, part in enumerate(parts):
        assert max(frames_of(part, cut)) < steps
        for other in parts[number + 1 :]:
            assert part.stop <= other.start
            assert not frames_of(part, cut) & frames_of(other, cut)


@given(cuts, st.integers(0, 200))
def test_a_split_by_time_keeps_its_promise_with_strides_and_gaps(cut, extra):
    steps = cut.span + extra
    split = split_by_time(steps, cut)
    parts = [part for part in (split.train, split.validation, split.test) if part]
    assert max(parts[-1]) < cut.count(steps)
    if split.kind == "apart":
        check_apart(split, cut, steps)
    if split.kind == "targets apart":
        for number, part in enumerate(parts):
            for other in parts[number + 1 :]:
                assert not targets_of(part, cut) & targets_of(other, cut)
    line = frame_parts(split, cut, steps)
    assert [line[0][1], line[-1][2]] == [0, steps]
    assert all(one[2] == other[1] for one, other in pairwise(line))
    for name, first, end in line:
        if name in {"validation", "test"}:
            targets = targets_of(getattr(split, name), cut)
            assert (min(targets), max(targets) + 1) == (first, end)


@given(cuts, st.integers(0, 200), st.integers(1, 9), st.integers(1, 9))
def test_a_split_by_count_has_these_counts(cut, extra, validation, test):
    steps = cut.span + extra
    try:
        split = split_by_count(steps, cut, validation=validation, test=test)
    except DataError:
        between = -(-cut.span // cut.stride) - 1
        assert cut.count(steps) - validation - test - 2 * between < 1
        return
    assert (len(split.validation), len(split.test)) == (validation, test)
    assert split.test.stop == cut.count(steps)
    check_apart(split, cut, steps)
    if not cut.gap:  # the frames of a gap belong to nobody
        # One window more of training would touch a frame of validation.
        more = range(split.train.stop + 1)
        assert frames_of(more, cut) & frames_of(split.validation, cut)


@given(cuts, st.integers(30, 200), st.data())
def test_a_split_by_time_stamps_has_all_windows_within(cut, extra, data):
    steps = cut.span + extra
    first = data.draw(st.integers(1, steps - 2))
    second = data.draw(st.integers(first + 1, steps - 1))
    times = np.arange(steps) * 0.5 + 7
    borders = [0, first, second, steps]
    within = [
        [i for i in range(cut.count(steps)) if frames_of([i], cut) <= set(range(low, high))]
        for low, high in pairwise(borders)
    ]
    try:
        split = split_by_date(times, cut, validation=times[first], test=times[second])
    except DataError:
        assert not all(within)
        return
    assert [list(split.train), list(split.validation), list(split.test)] == within


@given(cuts, st.integers(0, 300), st.integers(1, 6))
def test_folds_train_on_what_comes_before(cut, extra, folds):
    steps = cut.span + extra
    try:
        found = rolling_folds(steps, cut, folds)
    except DataError:
        return
    assert len(found) == folds
    for split in found:
        check_apart(split, cut, steps)
    tests = [set(split.test) for split in found]
    assert sum(map(len, tests)) == len(set().union(*tests))
    trained = [len(split.train) for split in found]
    assert trained == sorted(trained)


def test_enough_frames_always_have_folds():
    assert len(rolling_folds(1000, WindowCut(10, 5), 5)) == 5
    with pytest.raises(DataError, match="7 windows are too few for 3 folds"):
        rolling_folds(11, WindowCut(3, 2), 3)


def test_times_that_do_not_rise_divide_nothing():
    with pytest.raises(DataError, match="do not rise"):
        split_by_date(np.zeros(30), WindowCut(2, 1), validation=1, test=2)
