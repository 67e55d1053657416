"""Draws from a seed, against those of PyTorch's own generator."""

import threading

import numpy as np
import torch

from cnnwidget.training.loop.seeding import hash_of, seeded

CPU = torch.device("cpu")


def some():
    drop = torch.nn.functional.dropout2d(torch.ones(4, 4, 2, 2), 0.5)
    line = torch.nn.functional.dropout(torch.ones(50), 0.3)
    weights = torch.nn.init.kaiming_uniform_(torch.empty(5, 4)).flatten()
    return torch.cat(
        [torch.empty(40).normal_(), torch.empty(2).uniform_(), weights, drop.flatten(), line]
    )


def test_they_are_those_of_manual_seed_and_move_nothing():
    torch.manual_seed(11)
    wanted = some()
    before = torch.random.get_rng_state()
    with seeded(11, CPU):
        assert torch.equal(some(), wanted)
    assert torch.equal(torch.random.get_rng_state(), before)


def test_another_thread_draws_as_ever():
    torch.manual_seed(3)
    wanted = torch.rand(5)
    torch.manual_seed(3)
    drawn = []
    with seeded(11, CPU):
        thread = threading.Thread(target=lambda: drawn.append(torch.rand(5)))
        thread.start()
        thread.join()
    assert torch.equal(drawn[0], wanted)


def test_a_hash_is_one_of_numpy():
    assert hash_of(3, 1, 4) == np.random.SeedSequence([3, 1, 4]).generate_state(1)[0]
    assert len({hash_of(0, epoch, batch) for epoch in range(30) for batch in range(30)}) == 900
