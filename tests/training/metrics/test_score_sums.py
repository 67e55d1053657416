"""R2, explained variance, PSNR and mean errors against torchmetrics and plain numpy."""

import json
from math import inf

import numpy as np
import pytest
import torch
from torchmetrics.functional.image import peak_signal_noise_ratio
from torchmetrics.functional.regression import explained_variance, r2_score

import cnnwidget as cw
from cnnwidget.training.metrics.score_sums import ScoreSums
from cnnwidget.training.metrics.scores import Errors
from tests.training.samples import PLANE, noise, wave

LOW, SPAN = (-3.0, 100.0), (6.0, 900.0)
SCALE = np.float32([1, 150]).reshape(2, 1, 1)
SHIFT = np.float32([0, 500]).reshape(2, 1, 1)


def arrays(gaps, variables=2, size=(8, 9)):
    """A truth and a forecast of several windows, in units of their own."""
    truth = noise(12, 3, 2, *size) * SCALE + SHIFT
    forecast = truth + 0.4 * noise(12, 3, 2, *size, seed=1) * SCALE + 0.1 * SCALE
    if gaps:
        truth[np.random.default_rng(2).random(truth.shape) < 0.3] = np.nan
    return truth[:, :, :variables], forecast[:, :, :variables]


def figures(truth, forecast, **kwargs):
    variables = truth.shape[2]
    sums = ScoreSums(
        ["one", "exact"],
        truth.shape[1],
        low=LOW[:variables],
        span=SPAN[:variables],
        units=SPAN[:variables],
        size=truth.shape[3:],
        gaps=bool(np.isnan(truth).any()),
    )
    for start in (0, 5, 10):
        part = slice(start, start + 5)
        predicted, exact = (
            torch.from_numpy(each[part]) for each in (forecast, np.nan_to_num(truth))
        )
        sums.add(torch.from_numpy(truth[part]), {"one": predicted, "exact": exact})
    return sums.errors("one", **kwargs), sums.errors("exact", **kwargs)


@pytest.mark.parametrize("gaps", [False, True], ids=["whole", "gaps"])
@pytest.mark.parametrize("variable", [0, 1])
def test_of_one_variable_in_its_own_units(variable, gaps):
    truth, forecast = arrays(gaps)
    found, exact = figures(truth, forecast, variable=variable)
    assert found.peak == SPAN[variable]
    truth, forecast = truth[:, :, variable], forecast[:, :, variable]
    for lead in (0, 1, 2, None):
        chosen = slice(None) if lead is None else slice(lead, lead + 1)
        known = np.isfinite(truth[:, chosen])
        y, f = truth[:, chosen][known].astype(float), forecast[:, chosen][known].astype(float)

        def predicted(name, lead=lead):
            return getattr(found, name if lead is None else f"{name}_per_lead")

        def one(name, lead=lead):
            return predicted(name) if lead is None else predicted(name)[lead]

        r2 = 1 - ((y - f) ** 2).sum() / ((y - y.mean()) ** 2).sum()
        explained = 1 - np.var(y - f) / np.var(y)
        assert one("r2") == pytest.approx(r2, rel=1e-9)
        assert one("explained_variance") == pytest.approx(explained, rel=1e-9)
        if lead is not None or not gaps:  # the mean over lead times, however much each knows
            psnr = 10 * np.log10(SPAN[variable] ** 2 / ((y - f) ** 2).mean())
            assert one("psnr") == pytest.approx(psnr, rel=1e-9)
            assert one("mae") == pytest.approx(np.abs(y - f).mean(), rel=1e-9)
            assert one("rmse") == pytest.approx(np.sqrt(((y - f) ** 2).mean()), rel=1e-9)
            of_range = {"data_range": SPAN[variable]}
            judge = peak_signal_noise_ratio(torch.tensor(f), torch.tensor(y), **of_range)
            assert one("psnr") == pytest.approx(judge.item(), rel=1e-5)
        assert one("r2") == pytest.approx(r2_score(torch.tensor(f), torch.tensor(y)).item())
        judge = explained_variance(torch.tensor(f), torch.tensor(y)).item()
        assert one("explained_variance") == pytest.approx(judge)
    assert (exact.r2, exact.explained_variance, exact.psnr) == (1.0, 1.0, inf)


@pytest.mark.parametrize("gaps", [False, True], ids=["whole", "gaps"])
def test_of_several_variables_in_shares(gaps):
    truth, forecast = arrays(gaps)
    found, _ = figures(truth, forecast)
    assert found.peak == 1.0
    shares = np.array(SPAN).reshape(2, 1, 1)
    y, f = truth.astype(float) / shares, forecast.astype(float) / shares
    means = np.nanmean(y, (0, 1, 3, 4), keepdims=True)
    below = np.nansum((y - means) ** 2)
    assert found.r2 == pytest.approx(1 - np.nansum((y - f) ** 2) / below, rel=1e-9)
    offset = np.nanmean(y - f, (0, 1, 3, 4), keepdims=True)
    above = np.nansum((y - f - offset) ** 2)
    assert found.explained_variance == pytest.approx(1 - above / below, rel=1e-9)
    mean_squares = np.nanmean((y - f) ** 2, (0, 2, 3, 4))
    assert found.rmse_per_lead == pytest.approx(np.sqrt(mean_squares), rel=1e-9)
    assert found.psnr_per_lead == pytest.approx(-10 * np.log10(mean_squares), rel=1e-9)


def test_a_constant_truth_has_none_and_no_nan_is_written(tmp_path):
    values = wave(60, 16, 16)
    values[40:] = 251.3
    run = cw.fit(PLANE.replace(input_size=(16, 16)), values, epochs=1, progress=False)
    for errors in (run.metrics.network, *(errors for _, errors in run.metrics.baselines)):
        assert (errors.r2, errors.explained_variance) == (None, None)
        assert errors.r2_per_lead == errors.explained_variance_per_lead == (None, None)
        assert errors.ssim is not None
    persistence = dict(run.metrics.baselines)["persistence"]
    assert (persistence.rmse, persistence.psnr) == (0.0, inf)
    text = (run.save(tmp_path) / "run.json").read_text()
    assert not {"nan", "NaN", "Infinity"} & set(json.dumps(json.loads(text)).split('"'))
    assert "NaN" not in text
    again = cw.load_run(tmp_path)
    assert again.metrics == run.metrics
    assert str(again.metrics) == str(run.metrics)


def test_a_lead_time_at_which_nothing_is_known_has_none():
    truth, forecast = arrays(gaps=False, variables=1, size=(12, 12))
    truth[:, 1] = np.nan
    found, _ = figures(truth, forecast)
    for name in ("r2_per_lead", "explained_variance_per_lead", "ssim_per_lead", "psnr_per_lead"):
        assert [each is None for each in getattr(found, name)] == [False, True, False], name
    assert None not in (found.r2, found.explained_variance, found.ssim)


def test_a_forecast_beyond_all_numbers_has_none():
    truth, forecast = arrays(gaps=False, size=(12, 12))
    forecast[0, 0, 0, 0, 0] = np.nan
    found, _ = figures(truth, forecast)
    assert (found.r2, found.explained_variance, found.ssim) == (None, None, None)
    assert found.r2_per_lead[0] is None
    assert found.r2_per_lead[1] is not None
    truth[0, 0, 0, 0, 0] = np.nan  # where nobody looks
    found, _ = figures(truth, forecast)
    assert None not in (found.r2, found.explained_variance, found.ssim)


def test_large_values_that_change_little_lose_nothing():
    truth = (1e5 + noise(12, 3, 1, 8, 9)).astype(np.float32)
    forecast = truth + np.float32(0.25)
    sums = ScoreSums(["one"], 3, low=[99995.0], span=[10.0], units=[10.0], size=(8, 9), gaps=False)
    sums.add(torch.from_numpy(truth), {"one": torch.from_numpy(forecast)})
    y, f = truth.astype(float), forecast.astype(float)
    wanted = 1 - ((y - f) ** 2).sum() / ((y - y.mean()) ** 2).sum()
    assert sums.errors("one").r2 == pytest.approx(wanted, rel=1e-9)
    assert sums.errors("one").explained_variance == pytest.approx(1.0, abs=1e-9)


def test_an_error_that_is_none_has_an_infinite_ratio():
    assert Errors((0.0,), (0.0,), peak=3.0).psnr == inf
    assert Errors((1.0,), (inf,), peak=3.0).psnr is None
    assert Errors((1.0,), (1e-100,), peak=1e300).psnr == pytest.approx(8000)


@pytest.mark.parametrize(("deviation", "there"), [(3e-7, False), (3e-6, True)])
def test_a_truth_that_moves_by_less_than_a_millionth_of_the_range_is_constant(deviation, there):
    truth = 0.1 + deviation * torch.from_numpy(noise(12, 3, 1, 8, 9)).double()
    sums = ScoreSums(["one"], 3, low=[0.0], span=[1.0], units=[1.0], size=(8, 9), gaps=False)
    sums.add(truth, {"one": truth + deviation})
    found = sums.errors("one")
    assert (found.r2 is not None) == (found.explained_variance is not None) == there
    assert [each is not None for each in found.r2_per_lead] == [there] * 3
