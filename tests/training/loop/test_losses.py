import numpy as np
import pytest
import torch
from torch import nn

from cnnwidget.design.errors import CnnwidgetError
from cnnwidget.training.loop.losses import HUBER_DELTA, loss_function


def batch(*shape, seed=0):
    return torch.from_numpy(np.random.default_rng(seed).random(shape, np.float32))


X, Y = batch(2, 3, 16, 17), batch(2, 3, 16, 17, seed=1)
JUDGES = {
    "l1": nn.L1Loss(),
    "mse": nn.MSELoss(),
    "huber": nn.HuberLoss(delta=HUBER_DELTA),
}


@pytest.mark.parametrize("name", JUDGES)
def test_a_loss_is_pytorchs_own(name):
    assert loss_function(name, (16, 17))(X, Y) == JUDGES[name](X, Y)


@pytest.mark.parametrize("name", JUDGES)
def test_what_is_not_known_does_not_count(name):
    known = batch(*Y.shape, seed=2) < 0.7
    truth = torch.where(known, Y, torch.nan)
    found = loss_function(name, (16, 17))(X, truth)
    assert found == JUDGES[name](X[known], Y[known])


@pytest.mark.parametrize("name", [*JUDGES, "ssim"])
def test_where_nothing_is_known_there_is_no_slope(name):
    output = X.clone().requires_grad_()
    loss = loss_function(name, (16, 17))(output, torch.full_like(Y, torch.nan))
    loss.backward()
    assert loss == 0
    assert not output.grad.any()


def test_ssim_of_what_is_alike_is_one():
    assert loss_function("ssim", (16, 17))(Y, Y).item() == pytest.approx(0, abs=1e-6)
    assert loss_function("ssim", (16, 17))(X, Y).item() > 0.5


def test_several_losses_are_added_by_their_weights():
    both = loss_function((("l1", 0.25), ("mse", 3.0)), (16, 17))
    wanted = 0.25 * nn.functional.l1_loss(X, Y) + 3 * nn.functional.mse_loss(X, Y)
    assert both(X, Y).item() == pytest.approx(wanted.item(), rel=1e-6)


@pytest.mark.parametrize("size", [(64,), (10, 64), (64, 64, 10)])
def test_ssim_needs_room_for_its_window(size):
    with pytest.raises(CnnwidgetError, match=r"ssim.*11 pixels.*'l1', 'mse', 'huber'"):
        loss_function((("l1", 1.0), ("ssim", 1.0)), size)
