"""Windows as torch data, held against slices of the array."""

from inspect import signature

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.utils.data import DataLoader, Subset

from cnnwidget.data.data_error import DataError
from cnnwidget.data.frames import Frames
from cnnwidget.data.labels import Labels
from cnnwidget.data.load import load
from cnnwidget.data.windows.split import split_by_time
from cnnwidget.data.windows.window_contents import WindowContents
from cnnwidget.data.windows.window_cut import WindowCut
from cnnwidget.data.windows.windows import windows


def series(*shape, dtype="float32"):
    return (np.random.default_rng(0).random(shape) * 100).astype(dtype)


def naive(values, p, f):
    """All pairs, by their definition."""
    values = np.asarray(values).astype("float32")
    return [(values[i : i + p], values[i + p : i + p + f]) for i in range(len(values) - p - f + 1)]


def naive_cut(values, p, f, stride, gap):
    """All pairs with a stride and a gap, by their definition."""
    starts = range(0, len(values) - p - gap - f + 1, stride)
    return [(values[i : i + p], values[i + p + gap : i + p + gap + f]) for i in starts]


def same(pairs, expected):
    for (x, y), (a, b) in zip(pairs, expected, strict=True):
        assert x.dtype == y.dtype == torch.float32
        assert x.shape == a.shape
        assert y.shape == b.shape
        assert np.array_equal(x, a)
        assert np.array_equal(y, b)


shapes = st.one_of(
    st.tuples(st.integers(1, 3)),
    st.tuples(st.integers(1, 3), st.integers(1, 3)),
    st.tuples(st.integers(1, 2), st.integers(1, 3), st.integers(1, 3)),
)


@given(st.integers(0, 8), st.integers(1, 5), st.integers(1, 5), shapes)
def test_every_window_is_there_once(extra, p, f, shape):
    values = series(p + f + extra, *shape)
    cut = windows(values, pre_history_len=p, forecast_len=f)
    assert len(cut) == extra + 1
    same(cut, naive(values, p, f))


LAYOUTS = {
    "plain": lambda a: a,
    "bool": lambda a: a > 50,
    "float16": lambda a: a.astype("f2"),
    "float64": lambda a: a.astype("f8"),
    "int64": lambda a: a.astype("i8"),
    "big-endian": lambda a: a.astype(">f4"),
    "reversed": lambda a: a[::-1],
    "mirrored": lambda a: a[..., ::-1],
    "fortran": np.asfortranarray,
    "broadcast": lambda a: np.broadcast_to(a[:1], a.shape),
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("mapped", [False, True])
def test_every_layout_gives_its_values(layout, mapped, tmp_path):
    values = LAYOUTS[layout](series(12, 2, 4, 5))
    if mapped:
        np.save(tmp_path / "a.npy", values)
    else:
        values.flags.writeable = False
    cut = windows(tmp_path / "a.npy" if mapped else values, pre_history_len=3, forecast_len=2)
    expected = naive(values, 3, 2)
    same(cut, expected)
    order = [5, 0, 0, -1, 7]
    x, y = cut.gather(order)
    same(zip(x, y, strict=True), [expected[i] for i in order])
    assert x.is_contiguous()
    assert y.is_contiguous()
    same(cut.__getitems__(order), [expected[i] for i in order])


def test_a_batch_always_has_channels():
    values = series(9, 4, 5)
    cut = windows(values, pre_history_len=3, forecast_len=2)
    x, y = cut.gather(range(2, 5))
    assert x.shape == (3, 3, 1, 4, 5)
    assert y.shape == (3, 2, 1, 4, 5)
    same(zip(x[:, :, 0], y[:, :, 0], strict=True), naive(values, 3, 2)[2:5])
    assert cut[0][0].shape == (3, 4, 5)


def test_writing_into_what_is_handed_out_changes_nothing():
    values = series(9, 4, 5)
    kept = values.copy()
    cut = windows(values, pre_history_len=3, forecast_len=2)
    tensors = [*cut[0], *cut.gather([0, 0, 1]), *cut.__getitems__([1, 1])[0]]
    for tensor in tensors:
        tensor.fill_(-1)
    assert np.array_equal(values, kept)
    x = cut.__getitems__([1, 1])
    x[0][0].fill_(7)
    assert not (x[1][0] == 7).any()


def test_it_is_indexed_like_a_list():
    cut = windows(series(9, 4), pre_history_len=3, forecast_len=2)
    listed = list(cut)
    assert len(listed) == len(cut) == 5
    for index in (-5, -1, 0, 4, np.int64(2)):
        assert torch.equal(cut[index][0], listed[index][0])
    for index in (5, -6, 10**30):
        with pytest.raises(IndexError, match="There is no window"):
            cut[index]
    for index in (5, -6):
        with pytest.raises(IndexError, match="There is no window"):
            cut.gather([0, index])
    for index in (0.5, "1", None, slice(2)):
        with pytest.raises(TypeError):
            cut[index]
    for indices in ([0.5], ["a"], [[0]], 3, np.ones(5, bool)):
        with pytest.raises(TypeError, match="list of whole numbers"):
            cut.gather(indices)
    assert cut.gather([])[0].shape == (0, 3, 1, 4)
    assert torch.equal(cut.gather(torch.tensor([1, 3]))[0], cut.gather([1, 3])[0])


@pytest.mark.parametrize("workers", [0, 1])
def test_a_loader_takes_it(workers):
    values = series(20, 2, 4, 5)
    cut = windows(values, pre_history_len=3, forecast_len=2)
    loader = DataLoader(Subset(cut, cut.split.train), batch_size=4, num_workers=workers)
    x = torch.cat([x for x, _ in loader])
    y = torch.cat([y for _, y in loader])
    same(zip(x, y, strict=True), [naive(values, 3, 2)[i] for i in cut.split.train])


def test_it_knows_its_split_and_what_it_was_made_of():
    frames = load(series(60, 4))
    cut = windows(frames, pre_history_len=np.int64(3), forecast_len=2)
    assert cut.frames is frames
    assert (cut.pre_history_len, cut.forecast_len) == (3, 2)
    assert cut.split == split_by_time(60, WindowCut(3, 2))
    assert cut.split is cut.split
    assert repr(cut).endswith("pre_history_len=3, forecast_len=2: 56 windows)")


def test_what_is_too_large_for_32_bits_becomes_infinite():
    cut = windows(np.full((5, 3), 1e300), pre_history_len=1, forecast_len=1)
    assert torch.isinf(cut[0][0]).all()


@pytest.mark.parametrize(
    ("p", "f", "said"),
    [(5, 5, "there are 9"), (0, 1, "is 0"), (1, 1.5, "is 1.5"), (True, 1, "is True")],
)
def test_what_gives_no_window_is_refused(p, f, said):
    with pytest.raises(DataError, match=f"array: .*{said}"):
        windows(series(9, 4), pre_history_len=p, forecast_len=f)
    with pytest.raises(DataError, match="list is empty"):
        windows([], pre_history_len=1, forecast_len=1)


@given(
    st.integers(0, 12), st.integers(1, 4), st.integers(1, 4), st.integers(1, 5), st.integers(0, 4)
)
def test_strides_and_gaps_are_what_they_say(extra, p, f, stride, gap):
    values = series(p + gap + f + extra, 3)
    cut = windows(values, pre_history_len=p, forecast_len=f, stride=stride, gap=gap)
    expected = naive_cut(values, p, f, stride, gap)
    assert len(cut) == len(expected)
    same(cut, expected)
    same([cut[number] for number in range(len(cut))], expected)
    for number in range(len(cut)):
        assert np.array_equal(values[list(cut.cut.target_frames(number))], expected[number][1])


def named(*names, steps=20, size=(4, 5)):
    values = series(steps, len(names), *size)
    return values, Frames(
        values, has_channels=True, name="fields", labels=Labels(channels=tuple(names))
    )


def test_channels_are_chosen_by_name_and_number():
    values, frames = named("u", "v", "ice")
    cut = windows(
        frames, pre_history_len=3, forecast_len=2, inputs=["ice", "u"], targets=[2], gap=1
    )
    expected = [(x[:, [2, 0]], y[:, [2]]) for x, y in naive_cut(values, 3, 2, 1, 1)]
    same(cut, expected)
    x, y = cut.gather([4, 0])
    same(zip(x, y, strict=True), [expected[4], expected[0]])
    assert (cut.window_channels.inputs, cut.window_channels.targets) == ((2, 0), (2,))
    assert not cut.window_channels.is_plain(3)
    with pytest.raises(DataError, match=r"targets is \['sea'\], but must be channels .*u, v, ice"):
        windows(frames, pre_history_len=3, forecast_len=2, targets=["sea"])
    for wrong in ([0, 0], [3], [], [True]):
        with pytest.raises(DataError, match="inputs is"):
            windows(frames, pre_history_len=3, forecast_len=2, inputs=wrong)


@pytest.mark.parametrize("stacked", [True, False])
def test_series_beside_the_frames_come_with_them(stacked):
    values, past, season = series(20, 4, 5), series(20, 2, 4, 5), series(22)
    planes = np.broadcast_to(season[:, None, None, None], (22, 1, 4, 5))
    cut = windows(
        values, pre_history_len=3, forecast_len=2, gap=1, past=past, future=season, stacked=stacked
    )
    assert len(cut) == 15
    loader = DataLoader(cut, batch_size=4)
    for number, (inputs, y) in enumerate(cut):
        assert np.array_equal(y, values[number + 4 : number + 6])
        here = slice(number, number + 3)
        if stacked:
            x, ahead = inputs
            whole = np.concatenate([values[here, None], past[here], planes[here]], axis=1)
            assert np.array_equal(x, whole)
            assert np.array_equal(ahead, planes[number + 3 : number + 6])
        else:
            x, before, future = inputs
            assert np.array_equal(x, values[here])
            assert np.array_equal(before, past[here])
            assert np.array_equal(future, planes[number : number + 6])
    (first, *_), y = next(iter(loader))
    assert first.shape[0] == y.shape[0] == 4


@pytest.mark.parametrize(
    ("past", "said"),
    [
        (np.zeros(19), "has 19 frames of 4 × 5, but must have 20"),
        (np.zeros((20, 1, 4, 6)), "20 frames of 4 × 6, but must have 20 of 4 × 5"),
        (np.zeros(20, complex), "holds complex numbers"),
    ],
)
def test_series_that_do_not_go_together_are_refused(past, said):
    with pytest.raises(DataError, match=said):
        windows(series(20, 4, 5), pre_history_len=3, forecast_len=2, past=past)


@pytest.mark.parametrize("x_threshold", [None, 30.0])
@pytest.mark.parametrize("y_threshold", [None, 70.0])
def test_thresholds_of_x_and_y_are_apart(x_threshold, y_threshold):
    values = series(12, 4, 5)
    values[3, 1, 1] = np.nan
    kept = values.copy()
    cut = windows(
        values,
        pre_history_len=3,
        forecast_len=2,
        x_threshold=x_threshold,
        y_threshold=y_threshold,
    )

    def above(part, threshold):
        binary = np.where(np.isnan(part), part, part > (threshold or 0))
        return part if threshold is None else binary

    for (x, y), (a, b) in zip(cut, naive(values, 3, 2), strict=True):
        assert np.array_equal(x, above(a, x_threshold), equal_nan=True)
        assert np.array_equal(y, above(b, y_threshold), equal_nan=True)
    assert np.array_equal(values, kept, equal_nan=True)


def test_a_split_of_ones_own_goes_with_the_windows():
    days = np.arange("2020-01-01", "2020-04-10", dtype="datetime64[D]")
    values = series(100, 4, 5)
    frames = Frames(values[:, None], has_channels=False, name="ice", labels=Labels(times=days))
    cut = windows(frames, pre_history_len=5, forecast_len=3)
    by_date = cut.split_by_date(validation="2020-03-01", test="2020-03-20")
    for part, first, end in (
        (by_date.split.train, "2020-01-01", "2020-03-01"),
        (by_date.split.validation, "2020-03-01", "2020-03-20"),
        (by_date.split.test, "2020-03-20", "2020-04-10"),
    ):
        lying = [
            number
            for number in range(len(cut))
            if days[number] >= np.datetime64(first) and days[number + 7] < np.datetime64(end)
        ]
        assert list(part) == lying
    assert cut.split == split_by_time(100, WindowCut(5, 3))
    counted = cut.split_by_count(validation=10, test=20).split
    assert (len(counted.validation), len(counted.test)) == (10, 20)
    assert counted.test.stop == len(cut)
    assert len(cut.folds(3)) == 3
    assert cut.folds(3)[1].gather([0])[0].shape == (1, 5, 1, 4, 5)
    with pytest.raises(DataError, match="up to number 98, but there are 93"):
        cut.with_split(split_by_time(110, WindowCut(8, 4)))
    with pytest.raises(DataError, match="no times to split by"):
        windows(values, pre_history_len=5, forecast_len=3).split_by_date(validation=1, test=2)
    with pytest.raises(DataError, match="Not one window of 8 frames lies within the test part"):
        cut.split_by_date(validation="2020-03-01", test="2020-04-09")
    with pytest.raises(DataError, match="'soon' is no time as the frames have them"):
        cut.split_by_date(validation="soon", test="2020-04-01")


def test_names_and_defaults_of_the_arguments_are_those_of_cut_and_contents():
    parts = [*signature(WindowCut).parameters.values()]
    parts += list(signature(WindowContents).parameters.values())[1:]
    expected = [(each.name, each.default) for each in parts]
    arguments = [*signature(windows).parameters.values()][1:]
    assert [(each.name, each.default) for each in arguments] == expected
