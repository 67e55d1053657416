"""The inputs that each position of a resized axis is computed from.

Sources: the formulas of https://docs.pytorch.org/docs/stable/generated/torch.nn.Upsample.html with
`align_corners=False`, and of https://docs.pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool2d.html
"""

from __future__ import annotations

from functools import lru_cache
from math import gcd
from typing import Literal

from cnnwidget.design.layers.taps import Scaled

# Longer periods are not listed: each layer would take hundredths of a second.
MOST_SPANS = 2**14


@lru_cache(maxsize=64)
def spans_of(n: int, m: int, mode: Literal["nearest", "linear", "adaptive"]) -> Scaled:
    """Return the first and last of `n` inputs for each of `m` outputs, for one period.

    A period that is too long to be listed has no spans, which means that they are unknown.

    Example:
        >>> spans_of(2, 4, "linear")
        Scaled(spans=((-1, 0), (0, 1)), shift=1, clamped=True)
        >>> spans_of(57, 64, "adaptive").spans[:3]
        ((0, 0), (0, 1), (1, 2))
    """
    common = gcd(n, m)
    period, shift = m // common, n // common
    if period > MOST_SPANS:
        return Scaled((), shift, clamped=mode != "adaptive")
    if mode == "adaptive":
        spans = [((i * n) // m, -(-(i + 1) * n // m) - 1) for i in range(period)]
        return Scaled(tuple(spans), shift)
    if mode == "nearest":
        return Scaled(tuple((i * n // m,) * 2 for i in range(period)), shift, clamped=True)
    spans = []
    for i in range(period):
        # Output `i` lies at ((i + 1/2) * n / m - 1/2), between two inputs or on one of them.
        low, rest = divmod((2 * i + 1) * n - m, 2 * m)
        spans.append((low, low + (rest > 0)))
    return Scaled(tuple(spans), shift, clamped=True)
