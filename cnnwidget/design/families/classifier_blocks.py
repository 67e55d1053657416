"""The blocks in the stages of a classifier: plain, residual, bottleneck, inception, depthwise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple

from cnnwidget.design.axes import PerAxis
from cnnwidget.design.families.conv_style import UNIT_STRIDE, ConvStyle
from cnnwidget.design.layers.pooling import Pool
from cnnwidget.design.network import Branches, Pairs, Sequence, Skip

BlockName = Literal["plain", "residual", "bottleneck", "inception", "depthwise"]


class BlockSettings(NamedTuple):
    """The settings of one block of a stage.

    Attributes:
        suffix: the number of the block, for the names of its layers.
        in_channels: of the block's input.
        channels: of its convolutions.
        stride: of the convolution that has the stride.
    """

    suffix: str
    in_channels: int
    channels: int
    stride: PerAxis


def plain(style: ConvStyle, block: BlockSettings) -> Pairs:
    """Return one convolution."""
    return style.unit(style.conv(block.channels, style.kernel_size, block.stride), block.suffix)


def residual(style: ConvStyle, block: BlockSettings) -> Pairs:
    """Return two convolutions, to whose output the input is added.

    Source: He et al. 2015, https://arxiv.org/abs/1512.03385, figure 5, left
    """
    inner = [
        *style.unit(style.conv(block.channels, style.kernel_size, block.stride), "1"),
        *style.normed(style.conv(block.channels, style.kernel_size), "2"),
    ]
    return added(style, block, inner, block.channels)


def bottleneck(style: ConvStyle, block: BlockSettings) -> Pairs:
    """Return three convolutions with few channels in the middle, and the input added.

    The middle convolution has the stride, as in general use; in the paper the first one has it.

    Source: He et al. 2015, https://arxiv.org/abs/1512.03385, figure 5, right
    """
    expanded = block.channels * style.expansion
    inner = [
        *style.unit(style.conv(block.channels, 1), "1"),
        *style.unit(style.conv(block.channels, style.kernel_size, block.stride), "2"),
        *style.normed(style.conv(expanded, 1), "3"),
    ]
    return added(style, block, inner, expanded)


def added(style: ConvStyle, block: BlockSettings, inner: Pairs, out_channels: int) -> Pairs:
    """Return layers whose input is added to their output, and the activation of the sum."""
    projection: Sequence | Literal["none"] = "none"
    if block.in_channels != out_channels or block.stride != UNIT_STRIDE:
        projected = style.normed(style.conv(out_channels, 1, block.stride))
        projection = Sequence.unchecked(children=tuple(projected))
    # Without padding the block's output is smaller: crop its input to the middle.
    align = "none" if style.padding == "same" else "crop"
    skip = Skip.unchecked(children=tuple(inner), how="add", projection=projection, align=align)
    return [(f"block{block.suffix}", skip), (f"act{block.suffix}", style.act())]


def depthwise(style: ConvStyle, block: BlockSettings) -> Pairs:
    """Return a convolution within each channel, and a 1×1 convolution across channels.

    Source: Howard et al. 2017, https://arxiv.org/abs/1704.04861
    """
    groups = block.in_channels
    within = style.conv(groups, style.kernel_size, block.stride, groups)
    inner = [
        *style.unit(within, "1", name="depthwise"),
        *style.unit(style.conv(block.channels, 1), "2", name="pointwise"),
    ]
    return [(f"block{block.suffix}", Sequence.unchecked(children=tuple(inner)))]


class InceptionWidths(NamedTuple):
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

    @property
    def out_channels(self) -> int:
        """The channels of all branches together."""
        return self.narrow + self.middle + self.wide + self.pooled


def inception_widths(channels: int) -> InceptionWidths:
    """Return the channels of the branches, in the proportions of the paper's first block.

    A branch has at least one channel, so that a block of fewer than 8 channels comes out with a few
    more.

    Example:
        >>> tuple(inception_widths(256))
        (64, 96, 128, 16, 32, 32)
    """
    narrow, middle, wide = max(1, channels // 4), max(1, channels // 2), max(1, channels // 8)
    return InceptionWidths(
        narrow,
        max(1, channels * 3 // 8),
        middle,
        max(1, channels // 16),
        wide,
        max(1, channels - narrow - middle - wide),
    )


def inception_branches(
    style: ConvStyle,
    widths: InceptionWidths,
    *,
    stride: PerAxis = UNIT_STRIDE,
    kernels: tuple[PerAxis, PerAxis] = (3, 5),
) -> Branches:
    """Return the four branches, concatenated.

    Args:
        style: of the convolutions; they are always padded, for the sizes of all branches must
            agree.
        widths: their channels.
        stride: of the last convolution of each branch, and of the pool.
        kernels: of the middle and of the wide branch.

    Source: Szegedy et al. 2014, https://arxiv.org/abs/1409.4842, figure 2 (b)
    """
    style = style._replace(padding="same")
    middle, wide = kernels
    pool = Pool.unchecked(kind="max", kernel_size=3, stride=stride, padding=1)
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
    children = tuple((key, Sequence.unchecked(children=tuple(path))) for key, path in paths.items())
    return Branches.unchecked(children=children)


def inception(style: ConvStyle, block: BlockSettings) -> Pairs:
    """Return an inception block with the style's kernel, and one that is larger by two."""
    middle = style.kernel_size
    wide = middle + 2 if isinstance(middle, int) else tuple(k + 2 for k in middle)
    widths = inception_widths(block.channels)
    branches = inception_branches(style, widths, stride=block.stride, kernels=(middle, wide))
    return [(f"block{block.suffix}", branches)]


BLOCKS: dict[BlockName, Callable[[ConvStyle, BlockSettings], Pairs]] = {
    "plain": plain,
    "residual": residual,
    "bottleneck": bottleneck,
    "inception": inception,
    "depthwise": depthwise,
}
