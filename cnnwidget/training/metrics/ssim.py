"""Structural similarity of a truth and several forecasts, of whole windows alone.

torchmetrics has it, too, and judges ours. But it slides a window of two or three axes over the
truth anew for every forecast, and does not know missing values; a window of Gaussian weights slides
along one axis after the other at a fifth of the cost, and over the truth once.
"""

from __future__ import annotations

from functools import cached_property

import torch
from torch import Tensor

from cnnwidget.training.loop.losses import SSIM_WINDOW

# Wang et al. 2004: the deviation of the window, and what keeps quotients apart from 0 / 0.
DEVIATION = 1.5
C1, C2 = 0.01**2, 0.03**2


def slides_over(size: tuple[int, ...]) -> bool:
    """Whether a window fits into frames of a size: of two or three axes, none too short.

    Example:
        >>> slides_over((64, 64)), slides_over((64, 8)), slides_over((64,))
        (True, False, False)
    """
    return len(size) in (2, 3) and min(size) >= SSIM_WINDOW


class SimilarityTo:
    """Frames that forecasts are compared with.

    SSIM(x, y) = (2 m_x m_y + c1) (2 s_xy + c2) / ((m_x^2 + m_y^2 + c1) (s_x^2 + s_y^2 + c2)) of the
    means m, variances s^2 and covariance s_xy in a Gaussian window of 11 pixels and a deviation of
    1.5; Wang et al. 2004, IEEE Transactions on Image Processing 13, 600-612.

    Attributes:
        truth: (..., *size), scaled to a range of 1, 32-bit floats.
        axes: of a frame.
        known: where the truth is known; None is everywhere.

    Example:
        >>> frame = torch.arange(144.0).reshape(12, 12) / 144
        >>> sums, windows = SimilarityTo(frame, axes=2, known=None).similarity(frame)
        >>> round((sums / windows).item(), 6), windows
        (1.0, tensor(4))
    """

    def __init__(self, truth: Tensor, axes: int, known: Tensor | None) -> None:
        self.axes, self.known = axes, known
        self.truth = self.shown(truth)

    def shown(self, values: Tensor) -> Tensor:
        """Values with 0 where the truth is not known: no window there counts."""
        return values if self.known is None else torch.where(self.known, values, 0.0)

    @cached_property
    def mean(self) -> Tensor:
        """Of the truth, in each window."""
        return blurred(self.truth, self.axes)

    @cached_property
    def mean_squared(self) -> Tensor:
        """Of the truth, in each window."""
        return self.mean.square()

    @cached_property
    def variance(self) -> Tensor:
        """Of the truth, in each window."""
        return (blurred(self.truth.square(), self.axes) - self.mean_squared).clamp_(min=0)

    @cached_property
    def whole(self) -> Tensor | None:
        """The windows in which all is known; None is all of them."""
        if self.known is None:
            return None
        whole = self.known
        for axis in range(-self.axes, 0):
            whole = whole.unfold(axis, SSIM_WINDOW, 1).all(-1)
        return whole

    def similarity(self, forecast: Tensor) -> tuple[Tensor, Tensor]:
        """The similarities of all whole windows of each frame, summed up, and how many they are.

        Args:
            forecast: of the shape of the truth, scaled likewise.

        Returns:
            Both (...), without the axes of a frame.
        """
        shown = self.shown(forecast)
        parts = torch.stack([shown, shown.square(), shown * self.truth])
        mean, square, covariance = blurred(parts, self.axes)
        product, squared = mean * self.mean, mean.square()
        variance = (square - squared).clamp_(min=0)
        covariance = covariance - product
        above = product.mul_(2).add_(C1) * covariance.mul_(2).add_(C2)
        below = (squared + self.mean_squared).add_(C1) * (variance + self.variance).add_(C2)
        found = above / below
        of_a_frame = tuple(range(-self.axes, 0))
        if self.whole is None:
            windows = torch.tensor(found.shape[-self.axes :].numel())
            return found.sum(of_a_frame, dtype=torch.float64), windows.expand(
                found.shape[: -self.axes]
            )
        kept = torch.where(self.whole, found, 0.0)
        return kept.sum(of_a_frame, dtype=torch.float64), self.whole.sum(of_a_frame)


def blurred(values: Tensor, axes: int) -> Tensor:
    """The weighted mean in each window along the last axes, which lose a window less one each."""
    offsets = torch.arange(SSIM_WINDOW, dtype=torch.float64) - SSIM_WINDOW // 2
    weights = torch.exp(-offsets.square() / (2 * DEVIATION**2))
    shares = (weights / weights.sum()).tolist()
    for axis in range(-axes, 0):
        length = values.shape[axis] - SSIM_WINDOW + 1
        total = values.narrow(axis, 0, length) * shares[0]
        for start, share in enumerate(shares[1:], 1):
            total.add_(values.narrow(axis, start, length), alpha=share)
        values = total
    return values
