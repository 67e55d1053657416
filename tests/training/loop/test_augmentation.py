import numpy as np
import pytest
import torch

from cnnwidget.design.errors import CnnwidgetError
from cnnwidget.training.loop.augmentation import NOISE, augmented, check_augmentations
from cnnwidget.training.tasks.task_protocol import Batch

SEEDS = range(20)


def pair(*size):
    """Frames that each have every number once, so that one sees what went where."""
    values = torch.arange(float(np.prod(size))).reshape(1, 1, *size)
    return values.repeat(2, 3, *[1] * len(size)), values.repeat(2, 2, *[1] * len(size)) + 0.5


def alike(history, truth):
    """Whether both were changed in the same way, wherever the truth is known."""
    first, second = history[:, :1], truth[:, :1] - 0.5
    known = torch.isfinite(second)
    return torch.equal(first.expand_as(second)[known], second[known])


@pytest.mark.parametrize("name", ["flip", "shift", "rotate"])
@pytest.mark.parametrize("size", [(16, 16), (16, 24), (8, 16, 16)])
def test_history_and_truth_are_changed_alike(name, size):
    changed = 0
    for seed in SEEDS:
        history, truth, _ = augmented(Batch(*pair(*size)), [name], seed)
        assert history.shape == (2, 3, *size)
        assert truth.shape == (2, 2, *size)
        assert alike(history, truth)
        changed += not torch.equal(history, pair(*size)[0])
    assert changed > len(SEEDS) // 4


@pytest.mark.parametrize("name", ["flip", "rotate"])
def test_turning_loses_nothing(name):
    for seed in SEEDS:
        _, truth, _ = augmented(Batch(*pair(16, 16)), [name], seed)
        assert torch.equal(truth.flatten().sort().values, pair(16, 16)[1].flatten().sort().values)


def test_what_is_moved_in_does_not_count():
    seen = set()
    for seed in SEEDS:
        history, truth, _ = augmented(Batch(*pair(16)), ["shift"], seed)
        by = int(torch.isnan(truth[0, 0]).sum())
        seen.add(by)
        assert torch.isfinite(history).all()
        assert by <= 2  # an eighth
        if by and torch.isnan(truth[0, 0, 0]):
            assert torch.equal(truth[0, 0, by:], pair(16)[1][0, 0, :-by])
    assert len(seen) > 1


def test_noise_is_in_the_history_alone():
    history, truth = pair(64, 64)
    noisy, same, _ = augmented(Batch(history, truth), ["noise"], 0, span=10.0)
    assert torch.equal(same, truth)
    assert (noisy - history).std().item() == pytest.approx(10 * NOISE, rel=0.05)


def test_a_seed_repeats_all_chances_whatever_the_order_of_names():
    names = ["flip", "shift", "rotate", "noise"]
    first, second = (augmented(Batch(*pair(16, 16)), order, 7) for order in (names, names[::-1]))
    other = augmented(Batch(*pair(16, 16)), names, 8)
    for part, again in zip(first[:2], second[:2], strict=True):
        assert torch.equal(part.nan_to_num(-1), again.nan_to_num(-1))
    assert not torch.equal(first[0], other[0])


def test_a_line_cannot_be_turned():
    with pytest.raises(CnnwidgetError, match="'flip' is the turn"):
        check_augmentations(["flip", "rotate"], (64,))
    check_augmentations(["flip", "shift", "noise"], (64,))
