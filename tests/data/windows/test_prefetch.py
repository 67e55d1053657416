"""Reading ahead: the same windows, with and without a thread."""

import numpy as np
import pytest
import torch

from cnnwidget.data.load import load
from cnnwidget.data.reading.arrays import numpy_files
from cnnwidget.data.windows.prefetch import Prefetcher, is_mapped
from cnnwidget.data.windows.windows import windows


@pytest.fixture
def mapped(tmp_path, monkeypatch):
    monkeypatch.setattr(numpy_files, "READ_AT_ONCE", 0)
    np.save(tmp_path / "a.npy", np.random.default_rng(0).random((30, 4, 5), np.float32))
    return windows(tmp_path / "a.npy", pre_history_len=3, forecast_len=2)


def test_mapped_files_are_known_as_such(mapped):
    assert is_mapped(mapped.frames.values)
    assert is_mapped(mapped.frames.values[3:])
    assert not is_mapped(load(np.zeros((4, 4))).values)


@pytest.mark.parametrize("kind", ["mapped", "in memory"])
def test_windows_read_ahead_are_those_read_at_once(mapped, kind):
    pairs = mapped
    if kind == "in memory":
        pairs = windows(np.array(mapped.frames.values), pre_history_len=3, forecast_len=2)
    order = np.random.default_rng(1).permutation(26).reshape(-1, 2)
    reader = Prefetcher(pairs.gather_all, ahead=is_mapped(pairs.frames.values))
    others = np.array([0, 1])
    for number, chosen in enumerate(order):
        following = order[number + 1] if number + 1 < len(order) else None
        # Every third time something else was expected.
        found = reader.read(chosen, others if number % 3 == 2 else following)
        for one, other in zip(found, pairs.gather(chosen), strict=True):
            assert torch.equal(one, other)
    reader.close()
    assert torch.equal(reader.read(order[0], None)[0], pairs.gather(order[0])[0])


def test_an_error_ahead_is_told_when_it_matters(mapped):
    reader = Prefetcher(mapped.gather_all, ahead=is_mapped(mapped.frames.values))
    reader.read(np.array([0]), np.array([999]))
    assert torch.equal(reader.read(np.array([1]), None)[0], mapped.gather([1])[0])
    reader.read(np.array([0]), np.array([999]))
    with pytest.raises(IndexError, match="There is no window 999"):
        reader.read(np.array([999]), None)
    reader.close()
