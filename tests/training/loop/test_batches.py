"""What the batches of an epoch are made of."""

import numpy as np
import pytest

from cnnwidget.training.loop.batches import batches_of, number_of_batches


@pytest.mark.parametrize(("count", "size"), [(1, 1), (9, 4), (10, 16), (17, 4), (100, 7)])
def test_each_window_is_in_one_batch_and_batches_are_alike(count, size):
    batches = batches_of(range(3, 3 + count), size, seed=0, epoch=1)
    lengths = {len(batch) for batch in batches}
    assert sorted(np.concatenate(batches)) == list(range(3, 3 + count))
    assert len(batches) == number_of_batches(count, size)
    assert max(lengths) <= size
    assert max(lengths) - min(lengths) <= 1
    assert min(lengths) == count // len(batches)


def test_the_order_is_that_of_seed_and_epoch():
    one = np.concatenate(batches_of(range(50), 8, seed=1, epoch=2))
    assert (one == np.concatenate(batches_of(range(50), 8, seed=1, epoch=2))).all()
    for seed, epoch in ((1, 3), (2, 2), (2, 1)):
        assert (one != np.concatenate(batches_of(range(50), 8, seed=seed, epoch=epoch))).any()
