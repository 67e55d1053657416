"""Windows as torch data, held against slices of the array."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.utils.data import DataLoader, Subset

from cnnwidget.data.errors import DataError
from cnnwidget.data.frames import load
from cnnwidget.data.split import split_by_time
from cnnwidget.data.windows import windows


def series(*shape, dtype="float32"):
    return (np.random.default_rng(0).random(shape) * 100).astype(dtype)


def naive(values, p, f):
    """All pairs, by their definition."""
    values = np.asarray(values).astype("float32")
    return [(values[i : i + p], values[i + p : i + p + f]) for i in range(len(values) - p - f + 1)]


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
    assert np.array_equal(cut.last(), values[-3:][None].astype("float32"))


def test_a_batch_always_has_channels():
    values = series(9, 4, 5)
    cut = windows(values, pre_history_len=3, forecast_len=2)
    x, y = cut.gather(range(2, 5))
    assert x.shape == (3, 3, 1, 4, 5)
    assert y.shape == (3, 2, 1, 4, 5)
    same(zip(x[:, :, 0], y[:, :, 0], strict=True), naive(values, 3, 2)[2:5])
    assert cut.last().shape == (1, 3, 1, 4, 5)
    assert cut[0][0].shape == (3, 4, 5)


def test_writing_into_what_is_handed_out_changes_nothing():
    values = series(9, 4, 5)
    kept = values.copy()
    cut = windows(values, pre_history_len=3, forecast_len=2)
    handed = [*cut[0], *cut.gather([0, 0, 1]), *cut.__getitems__([1, 1])[0], cut.last()]
    for tensor in handed:
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
    assert cut.split == split_by_time(60, 3, 2)
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
    with pytest.raises(DataError, match=r"numpy\.stack"):
        windows([[1, 2], [3, 4]], pre_history_len=1, forecast_len=1)
