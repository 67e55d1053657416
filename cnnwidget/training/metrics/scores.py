"""The figures of a forecast, and what each of them means."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, log10, sqrt
from typing import NamedTuple

# A share of the data's range that is nothing: rounding, not something to learn.
NOTHING = 1e-6


@dataclass(frozen=True)
class Errors:
    """The figures of a forecast over all known pixels of some windows; see `definitions`.

    Mean errors are of one variable in its own units, or of several in shares of each one's range,
    since a mean over different units would mean nothing. The other figures have no units, and are
    None where they have no meaning: SSIM without a whole window, the last two of a constant truth.

    Attributes:
        mae_per_lead: mean absolute error at each lead time.
        rmse_per_lead: root of the mean squared error at each lead time.
        peak: the range of the values that training sees, which PSNR and SSIM measure by; 1 where
            errors are shares of it.
        ssim_per_lead: structural similarity at each lead time.
        ssim: over all of them.
        r2_per_lead: coefficient of determination at each lead time.
        r2: over all of them.
        explained_variance_per_lead: explained variance at each lead time.
        explained_variance: over all of them.

    Example:
        >>> errors = Errors(mae_per_lead=(1.0, 3.0), rmse_per_lead=(1.0, 7.0), peak=50.0)
        >>> errors.mae, errors.rmse, round(errors.psnr, 6)
        (2.0, 5.0, 20.0)
    """

    mae_per_lead: tuple[float, ...]
    rmse_per_lead: tuple[float, ...]
    peak: float
    ssim_per_lead: tuple[float | None, ...] = ()
    ssim: float | None = None
    r2_per_lead: tuple[float | None, ...] = ()
    r2: float | None = None
    explained_variance_per_lead: tuple[float | None, ...] = ()
    explained_variance: float | None = None

    @property
    def mae(self) -> float:
        """Mean absolute error over all lead times."""
        return sum(self.mae_per_lead) / len(self.mae_per_lead)

    @property
    def rmse(self) -> float:
        """Root of the mean squared error over all lead times."""
        return sqrt(sum(each * each for each in self.rmse_per_lead) / len(self.rmse_per_lead))

    @property
    def psnr_per_lead(self) -> tuple[float | None, ...]:
        """Peak signal-to-noise ratio at each lead time, in decibels; infinite without an error."""
        return tuple(decibels(self.peak, each) for each in self.rmse_per_lead)

    @property
    def psnr(self) -> float | None:
        """Peak signal-to-noise ratio over all lead times, in decibels."""
        return decibels(self.peak, self.rmse)


class Spread(NamedTuple):
    """The uncertainty of the difference between the mean absolute errors of two forecasts.

    Two standard errors of its mean over the windows that were measured; a smaller difference is no
    clear one.

    Attributes:
        per_lead: at each lead time; None where there are fewer than two windows.
        total: over all lead times; None likewise.
    """

    per_lead: tuple[float | None, ...]
    total: float | None


def decibels(peak: float, rmse: float) -> float | None:
    """Return PSNR = 20 log10(peak / RMSE); None if the error is NaN or infinite."""
    if not rmse < inf:
        return None
    return 20 * (log10(peak) - log10(rmse)) if rmse else inf


def definitions(peak: float, *, shares: bool) -> dict[str, str]:
    """Return a sentence for each figure, by its short name.

    Args:
        peak: as `Errors` has it.
        shares: whether errors are shares of each variable's range.

    Example:
        >>> print(definitions(250.0, shares=False)["PSNR"])
        peak signal-to-noise ratio, 20 log10(peak / RMSE) in decibels, with a peak of 250, the \
range of the values that training sees
    """
    unit = "in shares of each variable's range" if shares else "in the data's units"
    of_range = f"{peak:.4g}, the range of the values that training sees"
    if shares:
        of_range = "1, each variable being scaled by the range of its values that training sees"
    return {
        "MAE": f"mean absolute error, {unit}",
        "RMSE": f"root of the mean squared error, {unit}",
        "PSNR": "peak signal-to-noise ratio, 20 log10(peak / RMSE) in decibels, with a peak of "
        + of_range,
        "SSIM": "structural similarity (Wang et al. 2004), 1 where all is alike, in Gaussian "
        "windows of 11 pixels that lie within the frame and are known throughout, of values above "
        f"the lowest that training sees, with a data range of {of_range}",
        "R2": "1 - (sum of squared errors) / (sum of squared deviations of the truth from its "
        "mean): 1 is perfect, 0 as good as that mean; none of a constant truth",
        "explained variance": "1 - (variance of the errors) / (variance of the truth): as R2, but "
        "an error that is the same everywhere does not count; none of a constant truth",
    }
