"""The seed's two functions: held against the seed where it is right, and against their meaning."""

import inspect
import tracemalloc
import warnings

import numpy as np
import pytest
import torch
import torchcnnbuilder.preprocess as seed
from hypothesis import given
from hypothesis import strategies as st
from torch.utils.data import DataLoader, TensorDataset

from cnnwidget.data.data_error import DataError
from cnnwidget.data.windows.torchcnnbuilder_windows import multi_output_tensor, single_output_tensor

BOTH = [multi_output_tensor, single_output_tensor]


def series(*shape, start=0):
    return np.random.default_rng(start).random(shape, dtype="float32")


def binary(values, threshold):
    return (values > np.float32(threshold)).astype("float32")


def naive(values, cuts, *, extra, several, stack, threshold, x_binarize):
    """Samples (x, [extra x,] y) by their definition; cuts are (start, middle, end)."""
    inputs = [values]
    if extra is not None:
        added = list(extra) if several else [extra]
        inputs = [np.stack([values, *added], axis=1)] if several or stack else [values, *added]
    target = values
    if not isinstance(threshold, bool):
        target = binary(values, threshold)
        if x_binarize:
            inputs = [binary(each, threshold) for each in inputs]
    samples = [[*(each[a:b] for each in inputs), target[b:c]] for a, b, c in cuts]
    return [np.stack(column) for column in zip(*samples, strict=True)]


@given(
    st.integers(0, 6),
    st.integers(1, 4),
    st.integers(1, 4),
    st.lists(st.integers(1, 3), max_size=3),
    st.sampled_from([None, "one", "several"]),
    st.booleans(),
    st.one_of(st.booleans(), st.sampled_from([0, 0.3, 1, 2.5])),
    st.booleans(),
    st.booleans(),
)
def test_both_mean_what_they_say(extra, p, f, shape, more, stack, threshold, x_binarize, tensors):
    steps = p + f + extra
    values = series(steps, *shape)
    additional = {
        None: None,
        "one": series(steps, *shape, start=1),
        "several": series(2, steps, *shape, start=2),
    }[more]
    kept = values.copy(), None if additional is None else additional.copy()
    options = {
        "additional_is_array": more == "several",
        "additional_x_stack": stack,
        "threshold": threshold,
        "x_binarize": x_binarize,
    }
    meant = {
        "extra": additional,
        "several": more == "several",
        "stack": stack,
        "threshold": threshold,
        "x_binarize": x_binarize,
    }
    data = torch.from_numpy(values) if tensors else values
    many = multi_output_tensor(data, f, p, additional, **options)
    one = single_output_tensor(data, f, additional, **options)
    cuts = [(i, i + p, i + p + f) for i in range(extra + 1)]
    for found, expected in (
        (many, naive(values, cuts, **meant)),
        (one, naive(values, [(0, steps - f, steps)], **meant)),
    ):
        assert isinstance(found, TensorDataset)
        for tensor, array in zip(found.tensors, expected, strict=True):
            assert tensor.dtype == torch.float32
            assert tensor.shape == array.shape
            assert np.array_equal(tensor, array)
    assert np.array_equal(values, kept[0])
    assert additional is None or np.array_equal(additional, kept[1])


@pytest.mark.parametrize("shape", [(), (3,), (3, 4), (2, 3, 4)])
@pytest.mark.parametrize("more", [None, "one", "apart", "several"])
def test_they_agree_with_the_seed_where_it_is_right(shape, more):
    """Without a threshold, and but for the last window."""
    values = series(11, *shape)
    additional = {None: None, "several": [series(11, *shape, start=n) for n in (1, 2)]}.get(
        more, series(11, *shape, start=1)
    )
    options = {"additional_is_array": more == "several", "additional_x_stack": more != "apart"}
    ours = multi_output_tensor(values, 2, 3, additional, **options).tensors
    theirs = seed.multi_output_tensor(values, 2, 3, additional, **options).tensors
    for a, b in zip(ours, theirs, strict=True):
        assert len(a) == len(b) + 1 == 7
        assert torch.equal(a[:-1], b)
    if more == "several":
        additional = np.stack(additional)  # of a list of arrays the seed makes a slow tensor
    ours = single_output_tensor(values, 2, additional, **options).tensors
    theirs = seed.single_output_tensor(values, 2, additional, **options).tensors
    for a, b in zip(ours, theirs, strict=True):
        assert torch.equal(a, b)


@pytest.mark.parametrize("ours", BOTH)
def test_the_arguments_are_those_of_the_seed(ours):
    theirs = inspect.signature(getattr(seed, ours.__name__)).parameters.values()
    mine = inspect.signature(ours).parameters.values()
    assert [(p.name, p.kind, p.default) for p in mine] == [
        (p.name, p.kind, p.default) for p in theirs
    ]


def test_the_last_window_is_there():
    assert len(multi_output_tensor(np.zeros((10, 2)), forecast_len=2, pre_history_len=3)) == 6
    assert len(multi_output_tensor(np.zeros((5, 2)), forecast_len=2, pre_history_len=3)) == 1


def cut_both(values):
    return [*multi_output_tensor(values, 2, 3).tensors, *single_output_tensor(values, 2).tensors]


def test_memory_is_shared_where_nothing_has_to_be_computed():
    values = series(10, 4, 5)
    frozen = values.view()
    frozen.flags.writeable = False
    for given_values in (values, torch.from_numpy(values), frozen, values[::2], values[:, ::2]):
        memory = np.asarray(given_values)
        for tensor in cut_both(given_values):
            assert np.shares_memory(tensor.numpy(), memory)


def test_a_mapped_file_is_not_read_before_it_is_needed(tmp_path):
    np.save(tmp_path / "a.npy", series(10, 4, 5))
    mapped = np.load(tmp_path / "a.npy", mmap_mode="r")
    for tensor in cut_both(mapped):
        assert np.shares_memory(tensor.numpy(), mapped)
    x, y = multi_output_tensor(mapped, 2, 3)[0]
    x.fill_(-1)  # a copy: the mapping would end the process
    assert np.array_equal(y, mapped[3:5])


def test_the_memory_outlives_the_array():
    def made():
        values = series(1000, 16)
        values.flags.writeable = False
        return multi_output_tensor(values, 2, 3)

    pairs = made()
    filler = [series(1000, 16, start=n) for n in range(1, 5)]
    assert np.array_equal(pairs.tensors[0][:, 0], series(1000, 16)[:996])
    assert len(filler) == 4


def test_it_takes_no_memory():
    values = series(200, 100, 100)
    tracemalloc.start()
    pairs = multi_output_tensor(values, 10, 50)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert pairs.tensors[0].untyped_storage().nbytes() == values.nbytes
    assert peak < values.nbytes / 10


OTHERS = {
    "float64": lambda a: a.astype("f8"),
    "float16": lambda a: a.astype("f2"),
    "int": lambda a: (a * 9).astype("i4"),
    "bool": lambda a: a > 0.5,
    "big-endian": lambda a: a.astype(">f4"),
    "reversed": lambda a: a[::-1],
    "mirrored": lambda a: a[..., ::-1],
    "fortran": np.asfortranarray,
    "broadcast": lambda a: np.broadcast_to(a[:1], a.shape),
    "field": lambda a: np.rec.fromarrays([a, a > 1], names="a,b")["a"],
    "lists": lambda a: a.tolist(),
    "a list of arrays": list,
    "half tensor": lambda a: torch.from_numpy(a).half(),
    "int tensor": lambda a: torch.from_numpy(a * 9).int(),
    "tensor with a gradient": lambda a: torch.from_numpy(a).requires_grad_(),
}


@pytest.mark.parametrize("case", OTHERS)
def test_whatever_is_numbers_is_taken(case):
    values = OTHERS[case](series(10, 4, 5))
    if isinstance(values, np.ndarray):
        values.flags.writeable = False
    plain = values.detach().numpy() if isinstance(values, torch.Tensor) else np.asarray(values)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        x, y = multi_output_tensor(values, 2, 3).tensors
    assert not x.requires_grad
    assert np.array_equal(x[-1], plain[5:8].astype("float32"))
    assert np.array_equal(y[-1], plain[8:].astype("float32"))


@pytest.mark.parametrize(
    "cut", [lambda a: multi_output_tensor(a, 2, 3), lambda a: single_output_tensor(a, 2)]
)
def test_samples_are_copies(cut):
    values = series(10, 4)
    kept = values.copy()
    pairs = cut(values)
    for index in (0, -1, slice(0, 1)):
        for tensor in pairs[index]:
            tensor.fill_(-1)
    for batch in DataLoader(pairs, batch_size=4):
        for tensor in batch:
            tensor.fill_(-1)
    assert np.array_equal(values, kept)


def test_what_is_missing_stays_missing():
    values = np.array([[0.1], [np.nan], [0.9]], "float32")
    _, y = multi_output_tensor(values, 2, 1, threshold=0.5).tensors
    assert np.array_equal(y[0, :, 0], [np.nan, 1], equal_nan=True)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: multi_output_tensor(np.zeros((4, 2)), 2, 3), "takes 5 frames, but there are 4"),
        (lambda: multi_output_tensor(np.zeros((4, 2)), 0, 3), "forecast_len is 0"),
        (lambda: multi_output_tensor(np.zeros((4, 2)), 2, 1.5), "pre_history_len is 1.5"),
        (lambda: single_output_tensor(np.zeros((4, 2)), 4), "there are 4"),
        (lambda: single_output_tensor(np.zeros((4, 2)), -1), "forecast_len is -1"),
        (lambda: single_output_tensor(3.0, 1), "data is one number"),
        (lambda: single_output_tensor([[1, 2], [3]], 1), "numpy.stack"),
        (lambda: single_output_tensor(np.zeros((4, 2), complex), 1), "complex"),
        (lambda: single_output_tensor(torch.zeros(4, 2, dtype=torch.cfloat), 1), "complex"),
        (lambda: single_output_tensor(np.zeros((4, 2)), 1, np.zeros((4, 3))), "the shape 4 × 3"),
        (
            lambda: single_output_tensor(
                np.zeros((4, 2)), 1, np.zeros((3, 2)), additional_x_stack=False
            ),
            "as many frames",
        ),
    ],
)
def test_what_cannot_be_cut_is_refused(call, said):
    with pytest.raises(DataError) as refusal:
        call()
    assert said in str(refusal.value)


def test_a_separate_series_may_have_frames_of_another_size():
    x, extra, y = multi_output_tensor(
        series(9, 4, 5), 2, 3, series(9, 7), additional_x_stack=False
    ).tensors
    assert (x.shape, extra.shape, y.shape) == ((5, 3, 4, 5), (5, 3, 7), (5, 2, 4, 5))
