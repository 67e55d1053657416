"""Structural similarity (SSIM), the metric and the loss; missing values do not count.

torchmetrics has it, too, and judges ours in the tests. It does not know missing values, and slides
a window of two or three axes over the truth anew for every forecast. A Gaussian window slides along
one axis after the other at a fifth of the cost, and over the truth once.
"""

from __future__ import annotations

from functools import cached_property

import torch
from torch import Tensor

# Wang et al. 2004: the Gaussian window in pixels, its deviation, and the constants C1 and C2.
SSIM_WINDOW = 11
DEVIATION = 1.5
C1, C2 = 0.01**2, 0.03**2
# The share of its weights that a partial window must know to count.
LEAST_KNOWN = 0.5


def has_ssim(size: tuple[int, ...]) -> bool:
    """Whether a window fits into frames of a size: of two or three axes, none too short.

    Example:
        >>> has_ssim((64, 64)), has_ssim((64, 8)), has_ssim((64,))
        (True, False, False)
    """
    return len(size) in (2, 3) and min(size) >= SSIM_WINDOW


class SimilarityTo:
    """The frames that predictions are compared with, window by window.

    SSIM(x, y) = (2 m_x m_y + c1) (2 s_xy + c2) / ((m_x^2 + m_y^2 + c1) (s_x^2 + s_y^2 + c2)) of the
    means m, variances s^2 and covariance s_xy in a Gaussian window of 11 pixels and a deviation of
    1.5; Wang et al. 2004, IEEE Transactions on Image Processing 13, 600-612. It is differentiable.

    Args:
        truth: (..., *size), scaled to a range of 1, 32-bit floats.
        axes: of a frame.
        known: where the truth is known; None is everywhere.
        partial: whether a window with unknown pixels counts, by its known ones, if these have half
            of its weight: for a loss, which would have no slope around scattered gaps. Without,
            only windows count that are known throughout.

    Example:
        >>> frame = torch.arange(144.0).reshape(12, 12) / 144
        >>> sums, windows = SimilarityTo(frame, axes=2, known=None).sums(frame)
        >>> round((sums / windows).item(), 6), windows
        (1.0, tensor(4))
    """

    def __init__(
        self, truth: Tensor, axes: int, known: Tensor | None, *, partial: bool = False
    ) -> None:
        self.axes, self.known, self.partial = axes, known, partial
        self.truth = self.filled(truth)

    def filled(self, values: Tensor) -> Tensor:
        """Return values with 0 where the truth is not known."""
        return values if self.known is None else torch.where(self.known, values, 0.0)

    @cached_property
    def weights(self) -> Tensor | None:
        """The share of each window that is known; None if nothing is divided by it."""
        if self.known is None or not self.partial:
            return None
        return blurred(self.known.to(self.truth.dtype), self.axes)

    def averaged(self, values: Tensor) -> Tensor:
        """Return the weighted mean of the known values in each window."""
        mean = blurred(values, self.axes)
        return mean if self.weights is None else mean / self.weights.clamp(min=LEAST_KNOWN)

    @cached_property
    def mean(self) -> Tensor:
        """The mean of the truth in each window."""
        return self.averaged(self.truth)

    @cached_property
    def mean_squared(self) -> Tensor:
        """The square of that mean."""
        return self.mean.square()

    @cached_property
    def variance(self) -> Tensor:
        """The variance of the truth in each window."""
        return (self.averaged(self.truth.square()) - self.mean_squared).clamp_(min=0)

    @cached_property
    def counted(self) -> Tensor | None:
        """The windows that count; None is all of them."""
        if self.known is None:
            return None
        if self.weights is not None:
            return self.weights >= LEAST_KNOWN
        whole = self.known
        for axis in range(-self.axes, 0):
            whole = whole.unfold(axis, SSIM_WINDOW, 1).all(-1)
        return whole

    def windows(self, prediction: Tensor) -> Tensor:
        """Return the similarity in each window; 0 in those that do not count.

        Args:
            prediction: of the shape of the truth, scaled likewise.

        Returns:
            (..., *windows), along each axis of a frame 10 fewer than pixels.
        """
        shown = self.filled(prediction)
        parts = torch.stack([shown, shown.square(), shown * self.truth])
        mean, square, covariance = self.averaged(parts)
        product, squared = mean * self.mean, mean.square()
        variance = (square - squared).clamp_(min=0)
        covariance = covariance - product
        above = product.mul_(2).add_(C1) * covariance.mul_(2).add_(C2)
        below = (squared + self.mean_squared).add_(C1) * (variance + self.variance).add_(C2)
        found = above / below
        return found if self.counted is None else torch.where(self.counted, found, 0.0)

    def sums(self, prediction: Tensor) -> tuple[Tensor, Tensor]:
        """Return the sum of the similarities of each frame, and the number of its windows.

        Args:
            prediction: of the shape of the truth, scaled likewise.

        Returns:
            Both (...), without the axes of a frame; the first in 64 bits.
        """
        found = self.windows(prediction)
        of_a_frame = tuple(range(-self.axes, 0))
        total = found.sum(of_a_frame, dtype=torch.float64)
        if self.counted is None:
            windows = torch.tensor(found.shape[-self.axes :].numel())
            return total, windows.expand(found.shape[: -self.axes])
        return total, self.counted.sum(of_a_frame)


def mean_ssim(output: Tensor, target: Tensor, span: float, *, gaps: bool) -> Tensor:
    """Return the mean structural similarity over all windows that count; 1 if there is none.

    Frames continue beyond their border as mirror images, so that there is a window around every
    pixel: in whole windows alone, pixels at the border would count for next to nothing.

    Args:
        output: (batch, channels, *size).
        target: of the same shape, NaN where it does not count.
        span: the range of the values.
        gaps: whether `target` may be NaN.

    Returns:
        A number, differentiable by `output`.

    Example:
        >>> image = torch.arange(144.0).reshape(1, 1, 12, 12) / 144
        >>> round(mean_ssim(image, image, 1.0, gaps=False).item(), 6)
        1.0
    """
    output, target = (mirrored(frames / span) for frames in (output, target))
    known = torch.isfinite(target) if gaps else None
    truth = SimilarityTo(target, target.dim() - 2, known, partial=True)
    found = truth.windows(output)
    if truth.counted is None:
        return found.mean()
    windows = truth.counted.sum()
    return torch.where(windows > 0, found.sum() / windows.clamp(min=1), 1.0)


def mirrored(frames: Tensor) -> Tensor:
    """Return frames, (batch, channels, *size), with half a window of their mirror image around."""
    axes = frames.dim() - 2
    return torch.nn.functional.pad(frames, (SSIM_WINDOW // 2,) * (2 * axes), mode="reflect")


def blurred(values: Tensor, axes: int) -> Tensor:
    """Return the weighted mean in each window along the last axes, which lose 10 pixels each."""
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
