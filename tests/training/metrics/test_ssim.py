"""Structural similarity against torchmetrics and the definition, window by window."""

import numpy as np
import pytest
import torch
from torchmetrics.functional.image import structural_similarity_index_measure

import cnnwidget as cw
from cnnwidget.training.metrics.score_sums import ScoreSums
from cnnwidget.training.metrics.ssim import SimilarityTo, blurred, mean_ssim
from tests.training.samples import PLANE, noise, wave


def smooth(*shape, seed=0):
    """Frames that are somewhat alike from place to place, from about 0 to 1."""
    values = torch.from_numpy(noise(*shape, seed=seed))
    for axis in range(2, values.dim()):
        values = sum(values.roll(shift, axis) for shift in (-1, 0, 1)) / 3
    return 0.5 + 0.5 * values


def judged_everywhere(truth, forecast):
    """By torchmetrics, in a window around every pixel: frames go on as mirror images."""
    _, everywhere = structural_similarity_index_measure(
        forecast.double(), truth.double(), data_range=1.0, return_full_image=True
    )
    return everywhere


def judged(truth, forecast):
    """By torchmetrics, without the windows that reach beyond the frame."""
    everywhere = judged_everywhere(truth, forecast)
    inside = (slice(None), slice(None), *[slice(5, -5)] * (truth.dim() - 2))
    return everywhere[inside].flatten(2)


@pytest.mark.parametrize("size", [(11, 11), (24, 17), (12, 14, 13)])
def test_by_torchmetrics(size):
    truth, forecast = smooth(3, 2, *size), smooth(3, 2, *size, seed=1)
    sums, windows = SimilarityTo(truth, len(size), None).sums(forecast)
    wanted = judged(truth, forecast)
    assert windows.unique().tolist() == [wanted.shape[2]]
    assert (sums / windows - wanted.mean(2)).abs().max() < 2e-5


def naive(truth, forecast, at, known=None):
    """One window of two axes, as Wang et al. 2004 have it, over its known pixels."""
    distance = np.arange(11) - 5
    weights = np.exp(-(distance[:, None] ** 2 + distance**2) / (2 * 1.5**2))
    place = tuple(slice(first, first + 11) for first in at)
    if known is not None:
        weights = weights * known[place].numpy()
    weights /= weights.sum()
    y, x = (each[place].double().numpy() for each in (truth, forecast))
    mean_y, mean_x = (weights * y).sum(), (weights * x).sum()
    var_y, var_x = (weights * (y - mean_y) ** 2).sum(), (weights * (x - mean_x) ** 2).sum()
    covariance = (weights * (y - mean_y) * (x - mean_x)).sum()
    above = (2 * mean_x * mean_y + 1e-4) * (2 * covariance + 9e-4)
    return above / ((mean_x**2 + mean_y**2 + 1e-4) * (var_x + var_y + 9e-4))


def test_only_windows_that_are_known_throughout_count():
    truth, forecast = smooth(1, 2, 20, 18), smooth(1, 2, 20, 18, seed=1)
    known = torch.ones_like(truth, dtype=torch.bool)
    known[0, 0, 3, 4] = known[0, 0, 14, 12] = known[0, 1, :, 9] = False
    sums, windows = SimilarityTo(torch.where(known, truth, 0.0), 2, known).sums(forecast)
    places = [(i, j) for i in range(10) for j in range(8)]
    whole = [at for at in places if known[0, 0, at[0] : at[0] + 11, at[1] : at[1] + 11].all()]
    assert windows[0].tolist() == [len(whole), 0]
    wanted = sum(naive(truth[0, 0], forecast[0, 0], at) for at in whole)
    assert sums[0].tolist() == pytest.approx([wanted, 0.0], abs=1e-4)


def test_what_stands_at_places_that_do_not_count_is_not_looked_at():
    truth, forecast = smooth(1, 1, 20, 18), smooth(1, 1, 20, 18, seed=1)
    known = torch.rand(truth.shape, generator=torch.Generator().manual_seed(0)) < 0.999
    assert not known.all()
    plain = SimilarityTo(torch.where(known, truth, 0.0), 2, known).sums(forecast)
    wild = SimilarityTo(torch.where(known, truth, 1e9), 2, known)
    found = wild.sums(torch.where(known, forecast, torch.nan))
    assert torch.equal(plain[0], found[0])
    assert torch.equal(plain[1], found[1])


@pytest.mark.parametrize("size", [(24, 17), (12, 14, 13)])
def test_the_loss_and_its_slope_by_torchmetrics(size):
    truth = smooth(3, 2, *size)
    slopes, losses = [], []
    for loss in (
        lambda output: mean_ssim(40 * output, 40 * truth, 40.0, gaps=False),
        lambda output: judged_everywhere(truth, output).mean(),
    ):
        output = smooth(3, 2, *size, seed=1).requires_grad_()
        losses.append(loss(output))
        losses[-1].backward()
        slopes.append(output.grad)
    assert losses[0].item() == pytest.approx(losses[1].item(), rel=1e-4)
    assert torch.allclose(*slopes, rtol=1e-3, atol=1e-6)
    assert slopes[0].abs().max() > 1e-4


def test_pixels_at_the_border_are_learned_as_those_inside():
    truth = smooth(3, 2, 16, 16)
    output = smooth(3, 2, 16, 16, seed=1).requires_grad_()
    mean_ssim(output, truth, 1.0, gaps=False).backward()
    slopes = output.grad.abs().mean((0, 1))
    corners, inside = slopes[::15, ::15].mean(), slopes[5:-5, 5:-5].mean()
    assert corners > 0.2 * inside


def test_a_loss_with_gaps_is_of_the_known_pixels_of_each_window():
    truth, output = smooth(1, 1, 20, 18), smooth(1, 1, 20, 18, seed=1)
    known = torch.rand(truth.shape, generator=torch.Generator().manual_seed(0)) < 0.9
    known[..., 11:] = False
    around = [torch.nn.functional.pad(each, (5,) * 4, "reflect")[0, 0] for each in (truth, output)]
    there = torch.nn.functional.pad(known.float(), (5,) * 4, "reflect")[0, 0]
    weights = blurred(there[None, None], 2)[0, 0]
    wanted = [
        naive(*around, (i, j), there) for i in range(20) for j in range(18) if weights[i, j] >= 0.5
    ]
    assert 0 < len(wanted) < 360
    holes = torch.where(known, truth, torch.nan)
    assert mean_ssim(output, holes, 1.0, gaps=True).item() == pytest.approx(
        np.mean(wanted), abs=1e-4
    )
    wild = torch.where(known, output, 1e9)  # what a network says there is not looked at
    assert mean_ssim(wild, holes, 1.0, gaps=True) == mean_ssim(output, holes, 1.0, gaps=True)


def test_the_slope_of_a_loss_with_gaps_is_that_of_differences():
    truth = smooth(1, 1, 12, 12).double()
    truth[0, 0, 3:5, 2] = torch.nan
    output = smooth(1, 1, 12, 12, seed=1).double().requires_grad_()
    assert torch.autograd.gradcheck(lambda each: mean_ssim(each, truth, 1.0, gaps=True), output)


def test_a_mean_in_a_window_is_one_of_all_of_it():
    values = torch.zeros(1, 11, 11)
    assert blurred(values + 3.5, 2).item() == pytest.approx(3.5, rel=1e-6)
    values[0, 5, 5] = 1.0
    peak = 1 / np.exp(-((np.arange(11) - 5) ** 2) / 4.5).sum() ** 2
    assert blurred(values, 2).item() == pytest.approx(peak, rel=1e-6)


@pytest.mark.parametrize("unit", [1.0, 1e-3, 1e4])
@pytest.mark.parametrize("zero", [0.0, 273.15])
def test_it_is_the_same_in_every_unit(unit, zero):
    truth, forecast = smooth(4, 3, 16, 16), smooth(4, 3, 16, 16, seed=1)
    sums = ScoreSums(
        ["one"], 3, low=[zero * unit], span=[unit], units=[unit], size=(16, 16), gaps=False
    )
    scaled = [(unit * (each.double() + zero))[:, :, None] for each in (truth, forecast)]
    sums.add(scaled[0], {"one": scaled[1]})
    wanted = judged(truth, forecast).mean((0, 2))
    assert sums.errors("one").ssim_per_lead == pytest.approx(wanted.tolist(), abs=1e-5)
    assert sums.errors("one").ssim == pytest.approx(wanted.mean().item(), abs=1e-5)


def test_of_a_run_with_its_data_range():
    values = wave(60, 16, 16)
    run = cw.fit(PLANE.replace(input_size=(16, 16)), values, epochs=2, progress=False)
    part = list(run.split.test)
    low, span = run.predictor.statistics.low[0], run.predictor.statistics.span[0]
    truth = torch.from_numpy(np.stack([values[i + 3 : i + 5] for i in part]))
    predicted = torch.from_numpy(run.predict(values)[part])
    wanted = judged((truth - low) / span, (predicted - low) / span).mean((0, 2))
    assert run.metrics.network.ssim_per_lead == pytest.approx(wanted.tolist(), abs=1e-4)


@pytest.mark.parametrize(
    ("size", "there"), [((16,), False), ((16, 10), False), ((11, 12), True), ((11, 11, 11), True)]
)
def test_frames_without_room_for_a_window_have_none(size, there):
    shape = (2, 3, 1, *size)
    sums = ScoreSums(["one"], 3, low=[0.0], span=[1.0], units=[1.0], size=size, gaps=False)
    sums.add(smooth(*shape), {"one": smooth(*shape, seed=1)})
    found = sums.errors("one")
    assert (found.ssim is not None) == there
    assert [each is not None for each in found.ssim_per_lead] == [there] * 3
    assert found.r2 is not None


def test_nothing_known_throughout_is_none():
    values = wave(60, 16, 16)
    valid = np.ones((16, 16), bool)
    valid[5, ::3] = valid[10, 1::3] = False
    frames = cw.load(values, valid=valid)
    run = cw.fit(PLANE.replace(input_size=(16, 16)), frames, epochs=1, progress=False)
    assert run.metrics.network.ssim is None
    assert run.metrics.network.r2 is not None
    assert "all (SSIM)" in str(run.metrics)
