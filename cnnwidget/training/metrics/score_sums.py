"""The sums that the figures of several forecasts follow from, added up batch by batch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import isfinite

import torch
from torch import Tensor

from cnnwidget.training.metrics.scores import NOTHING, Errors, Spread
from cnnwidget.training.metrics.ssim import SimilarityTo, has_ssim

# So many values are compared at a time: what is reckoned with them stays in a processor's cache.
PIECE = 1 << 17


class ScoreSums:
    """Sums over the known pixels of all windows, at each lead time and of each variable.

    They are of values scaled to 0 to 1 by what training sees, in 64 bits.

    Args:
        names: of the forecasts.
        steps: that each has.
        low: the value of each variable that counts as 0.
        span: what is 1 further on, of each.
        units: that span in the units of the data, in which errors of one variable are.
        size: of a frame.
        gaps: whether the truth may be NaN, where it does not count.

    Example:
        >>> sums = ScoreSums(["still"], 2, low=[0.0], span=[4.0], units=[4.0], size=(2,), gaps=True)
        >>> truth = torch.tensor([[1.0, 3.0], [2.0, torch.nan]]).reshape(1, 2, 1, 2)
        >>> sums.add(truth, {"still": torch.ones(1, 2, 1, 2)})
        >>> sums.errors("still").mae_per_lead
        (1.0, 1.0)
    """

    def __init__(
        self,
        names: Sequence[str],
        steps: int,
        *,
        low: Sequence[float],
        span: Sequence[float],
        units: Sequence[float],
        size: tuple[int, ...],
        gaps: bool,
    ) -> None:
        self.axes, self.gaps, self.similar = len(size), gaps, has_ssim(size)
        each = (-1, *[1] * len(size))
        scale = torch.tensor([low, span], dtype=torch.float64).reshape(2, *each)
        self.low, self.span = scale
        self.units = tuple(units)
        shape = (steps, len(span))
        # The known values: how many, their sum, and that of their squares.
        self.truth = torch.zeros(3, *shape, dtype=torch.float64)
        # The windows of structural similarity: how many are known throughout.
        self.windows = torch.zeros(shape, dtype=torch.float64)
        # Of errors: their sum, of their absolute values, of their squares; similarities.
        self.forecasts = {name: torch.zeros(4, *shape, dtype=torch.float64) for name in names}
        # The mean absolute error of each window, (windows, steps), piece by piece.
        self.each_window: dict[str, list[Tensor]] = {name: [] for name in names}

    def add(self, truth: Tensor, forecasts: Mapping[str, Tensor]) -> None:
        """Add some windows.

        Args:
            truth: (batch, steps, variables, *size), NaN at what does not count.
            forecasts: of the same shape, by their names.
        """
        for part in parts(truth):
            self.add_part(truth[part], {name: each[part] for name, each in forecasts.items()})

    def add_part(self, truth: Tensor, forecasts: Mapping[str, Tensor]) -> None:
        """Add windows that are so few that all that is computed stays in the cache."""
        known = torch.isfinite(truth) if self.gaps else None
        scaled = self.scaled(truth)
        values = scaled if known is None else torch.where(known, scaled, 0.0)
        count = torch.tensor(truth.shape[3:].numel()) if known is None else self.each(known)
        self.truth[0] += count.expand(truth.shape[:3]).sum(0)
        self.truth[1] += self.each(values).sum(0)
        self.truth[2] += self.each(values.square()).sum(0)
        compared = SimilarityTo(values.float(), self.axes, known) if self.similar else None
        for number, (name, forecast) in enumerate(forecasts.items()):
            own = self.scaled(forecast)
            error = own - scaled if known is None else torch.where(known, own - scaled, 0.0)
            sums = self.forecasts[name]
            absolute = self.each(error.abs())
            of_windows = absolute.sum(2) / count.expand(truth.shape[:3]).sum(2)
            self.each_window[name].append(of_windows)
            sums[0] += self.each(error).sum(0)
            sums[1] += absolute.sum(0)
            sums[2] += self.each(error.square()).sum(0)
            if compared is not None:
                similarities, windows = compared.sums(own.float())
                sums[3] += similarities.sum(0)
                if number == 0:
                    self.windows += windows.sum(0)

    def scaled(self, values: Tensor) -> Tensor:
        """Return values in shares of each variable's range, above its lowest value."""
        shares: Tensor = (values.double() - self.low) / self.span
        return shares

    def each(self, values: Tensor) -> Tensor:
        """Return the sum over each frame of each variable."""
        return values.flatten(3).sum(3)

    def errors(self, name: str, variable: int | None = None) -> Errors:
        """Return the figures of a forecast.

        Args:
            name: of the forecast.
            variable: its number, for figures in its own units; None is all variables: of several,
                in shares of each one's range.
        """
        several = variable is None and len(self.span) > 1
        chosen = slice(None) if several else slice(variable or 0, (variable or 0) + 1)
        truth, windows = self.truth[..., chosen], self.windows[:, chosen]
        _, absolute, squares, similarities = forecast = self.forecasts[name][..., chosen]
        unit = 1.0 if several else self.units[variable or 0]
        count = truth[0].sum(1)
        r2, explained = determination(truth, forecast), explained_variance(truth, forecast)
        everywhere = (truth.sum(1, keepdim=True), forecast.sum(1, keepdim=True))
        [r2_of_all], [explained_of_all] = (
            determination(*everywhere),
            explained_variance(*everywhere),
        )
        ssim = quotients(similarities.sum(1), windows.sum(1))
        [ssim_of_all] = quotients(similarities.sum()[None], windows.sum()[None])
        return Errors(
            mae_per_lead=tuple((absolute.sum(1) / count * unit).tolist()),
            rmse_per_lead=tuple(((squares.sum(1) / count).sqrt() * unit).tolist()),
            peak=unit,
            ssim_per_lead=ssim,
            ssim=ssim_of_all,
            r2_per_lead=r2,
            r2=r2_of_all,
            explained_variance_per_lead=explained,
            explained_variance=explained_of_all,
        )

    def spread(self, name: str, other: str, stride: int) -> Spread:
        """Return how uncertain the difference between two mean absolute errors is.

        Args:
            name: of a forecast.
            other: of another.
            stride: frames from one window to the next.
        """
        unit = 1.0 if len(self.span) > 1 else self.units[0]
        own, others = (torch.cat(self.each_window[each]) for each in (name, other))
        difference = (own - others) * unit
        return Spread(
            per_lead=tuple(
                two_standard_errors(each, -(-lead // stride))
                for lead, each in enumerate(difference.T, 1)
            ),
            total=two_standard_errors(difference.nanmean(1), -(-difference.shape[1] // stride)),
        )


def two_standard_errors(differences: Tensor, overlap: int) -> float | None:
    """Return two standard errors of the mean of some differences: 95 % of means lie within.

    Errors of forecasts over several steps depend on each other as long as their steps overlap; see
    Diebold and Mariano 1995, Journal of Business and Economic Statistics 13, 253-263, here with the
    weights of Newey and West 1987, Econometrica 55, 703-708.

    Args:
        differences: (windows,); NaN is left out.
        overlap: windows from one on whose forecasts overlap with it, itself included.

    Returns:
        None of fewer than two windows.

    Example:
        >>> two_standard_errors(torch.tensor([1.0, 2.0, 3.0]), overlap=1)
        1.1547005...
    """
    known = differences[differences.isfinite()].double()
    count = len(known)
    if count < 2:
        return None
    around = known - known.mean()
    variance = around.square().sum()
    for lag in range(1, min(overlap, count)):
        variance = variance + 2 * (1 - lag / overlap) * (around[lag:] * around[:-lag]).sum()
    return 2 * float((variance / (count - 1) / count).sqrt())


def parts(truth: Tensor) -> Iterator[slice]:
    """Yield slices of windows that are computed at a time."""
    step = max(1, PIECE // truth.shape[1:].numel())
    return (slice(start, start + step) for start in range(0, len(truth), step))


def determination(truth: Tensor, forecast: Tensor) -> tuple[float | None, ...]:
    """Return R2 at each lead time.

    R2 = 1 - sum (y - f)^2 / sum (y - mean y)^2, of several variables with the sums of all of them;
    see `torchmetrics.regression.R2Score`.

    Args:
        truth: count, sum and sum of squares, (3, steps, variables).
        forecast: sums of errors, their absolute values, their squares, (4, steps, variables).
    """
    _, _, squares, _ = forecast
    return one_less(squares.sum(1), truth)


def explained_variance(truth: Tensor, forecast: Tensor) -> tuple[float | None, ...]:
    """Return explained variance at each lead time.

    1 - Var(y - f) / Var(y), of several variables with the sums of all of them; see
    `torchmetrics.regression.ExplainedVariance`.

    Args:
        truth: as `determination` takes it.
        forecast: likewise.
    """
    total, _, squares, _ = forecast
    return one_less(around_mean(truth[0], total, squares).sum(1), truth)


def one_less(left: Tensor, truth: Tensor) -> tuple[float | None, ...]:
    """Return 1 - left / sum of squares of the truth; None if that is constant."""
    there = around_mean(*truth).sum(1)
    # Squares: what deviates by less than nothing's share of the range is constant.
    moves = there > NOTHING**2 * truth[0].sum(1)
    return quotients(there - left, torch.where(moves, there, 0.0))


def around_mean(count: Tensor, total: Tensor, squares: Tensor) -> Tensor:
    """Return the sum of squares around the mean, from count, sum and sum of squares."""
    return (squares - total.square() / count.clamp(min=1)).clamp(min=0)


def quotients(above: Tensor, below: Tensor) -> tuple[float | None, ...]:
    """Return quotients as numbers; None for those that are none."""
    found = (above / below).tolist()
    return tuple(
        each if isfinite(each) and divisor else None
        for each, divisor in zip(found, below.tolist(), strict=True)
    )
