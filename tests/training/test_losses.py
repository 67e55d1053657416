import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter
from torch import nn

from cnnwidget.design.errors import CnnwidgetError
from cnnwidget.training.loop.losses import HUBER_DELTA, loss_function, ssim


def batch(*shape, seed=0):
    return torch.from_numpy(np.random.default_rng(seed).random(shape, np.float32))


X, Y = batch(2, 3, 16, 17), batch(2, 3, 16, 17, seed=1)
JUDGES = {
    "l1": nn.L1Loss(),
    "mse": nn.MSELoss(),
    "huber": nn.HuberLoss(delta=HUBER_DELTA),
}


def naive_ssim(x, y, span):
    """Wang et al. 2004, equation 13, with scipy's Gaussian: 11 pixels, a deviation of 1.5."""

    def blurred(image):
        return gaussian_filter(image, (0, 0, 1.5, 1.5), truncate=3.5, mode="mirror")

    x, y = x.double().numpy(), y.double().numpy()
    c1, c2 = (0.01 * span) ** 2, (0.03 * span) ** 2
    mean_x, mean_y = blurred(x), blurred(y)
    variance_x = blurred(x * x) - mean_x**2
    variance_y = blurred(y * y) - mean_y**2
    covariance = blurred(x * y) - mean_x * mean_y
    above = (2 * mean_x * mean_y + c1) * (2 * covariance + c2)
    return above / ((mean_x**2 + mean_y**2 + c1) * (variance_x + variance_y + c2))


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


@pytest.mark.parametrize("span", [1.0, 40.0])
def test_ssim_is_that_of_the_paper(span):
    ours = ssim(span * X, span * Y, span).item()
    assert ours == pytest.approx(naive_ssim(span * X, span * Y, span).mean(), rel=1e-4)


def test_ssim_of_known_places_is_the_mean_of_these():
    known = torch.ones_like(Y, dtype=torch.bool)
    known[..., 12:] = False
    shown, truth = (torch.where(known, part, 0.0) for part in (X, Y))
    wanted = naive_ssim(shown, truth, 1.0)[known.numpy()].mean()
    found = ssim(X, torch.where(known, Y, torch.nan), 1.0).item()
    assert found == pytest.approx(wanted, rel=1e-4)


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
