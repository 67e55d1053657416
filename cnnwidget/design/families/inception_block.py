"""The inception block: four ways to look at the same field, side by side.

Source: Szegedy et al. 2014, https://arxiv.org/abs/1409.4842, figure 2 (b)
"""

from __future__ import annotations

from typing import NamedTuple

from cnnwidget.design.axes import PerAxis
from cnnwidget.design.families.classifier_blocks import ONE_STEP, Pairs, Step, Style
from cnnwidget.design.layers.pooling import Pool
from cnnwidget.design.network import Branches, Sequence


class Widths(NamedTuple):
    """The channels of the branches of an inception block, in the order of the paper's table 1.

    Attributes:
        narrow: of the 1×1 convolution.
        middle_reduced: of the 1×1 convolution before the 3×3.
        middle: of the 3×3 convolution.
        wide_reduced: of the 1×1 convolution before the 5×5.
        wide: of the 5×5 convolution.
        pooled: of the 1×1 convolution after the pool.
    """

    narrow: int
    middle_reduced: int
    middle: int
    wide_reduced: int
    wide: int
    pooled: int


def widths_of(channels: int) -> Widths:
    """The branches of a block of so many channels, in the shares of the paper's first one.

    A branch has at least one channel, so that fewer than 8 channels come out as a few more.

    Example:
        >>> widths_of(256)
        Widths(narrow=64, middle_reduced=96, middle=128, wide_reduced=16, wide=32, pooled=32)
    """
    narrow, middle, wide = max(1, channels // 4), max(1, channels // 2), max(1, channels // 8)
    return Widths(
        narrow,
        max(1, channels * 3 // 8),
        middle,
        max(1, channels // 16),
        wide,
        max(1, channels - narrow - middle - wide),
    )


def out_channels(widths: Widths) -> int:
    """The channels of all branches together."""
    return widths.narrow + widths.middle + widths.wide + widths.pooled


def branches(
    style: Style,
    widths: Widths,
    *,
    stride: PerAxis = ONE_STEP,
    kernels: tuple[PerAxis, PerAxis] = (3, 5),
) -> Branches:
    """The four branches, joined channel by channel.

    Args:
        style: of the convolutions.
        widths: their channels.
        stride: of the last convolution of each branch, and of the pool.
        kernels: of the middle and of the wide branch.
    """
    # The sizes of all branches must agree, so that these are always padded.
    style = style._replace(padding="same")
    middle, wide = kernels
    pool = Pool.known(kind="max", kernel_size=3, stride=stride, padding=1)
    paths: dict[str, Pairs] = {
        "narrow": style.unit(style.conv(widths.narrow, 1, stride)),
        "middle": [
            *style.unit(style.conv(widths.middle_reduced, 1), "1"),
            *style.unit(style.conv(widths.middle, middle, stride), "2"),
        ],
        "wide": [
            *style.unit(style.conv(widths.wide_reduced, 1), "1"),
            *style.unit(style.conv(widths.wide, wide, stride), "2"),
        ],
        "pooled": [("pool", pool), *style.unit(style.conv(widths.pooled, 1))],
    }
    children = tuple((key, Sequence.known(children=tuple(path))) for key, path in paths.items())
    return Branches.known(children=children)


def inception(style: Style, step: Step) -> Pairs:
    """An inception block of so many channels: the kernel of the style, and one wider by two."""
    middle = style.kernel_size
    wide = middle + 2 if isinstance(middle, int) else tuple(k + 2 for k in middle)
    widths = widths_of(step.channels)
    block = branches(style, widths, stride=step.stride, kernels=(middle, wide))
    return [(f"block{step.mark}", block)]
