"""The parts of a classifier's network: stem, stages, auxiliary heads and head."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnwidget.design.axes import PerAxis, per_axis
from cnnwidget.design.families.classifier_blocks import BLOCKS, BlockSettings, inception_widths
from cnnwidget.design.families.conv_style import UNIT_STRIDE, ConvStyle
from cnnwidget.design.layers.activation import Activation
from cnnwidget.design.layers.dense import Dropout, Linear
from cnnwidget.design.layers.pooling import GlobalPool, Pool
from cnnwidget.design.layers.reshaping import Flatten
from cnnwidget.design.layers.resizing import Resize
from cnnwidget.design.network import Aux, Pairs, Sequence

if TYPE_CHECKING:
    from cnnwidget.design.families.classifier import Classifier


def style_of(design: Classifier) -> ConvStyle:
    """Return the style of all convolutions of a classifier."""
    return ConvStyle(
        kernel_size=design.kernel_size,
        padding=design.padding,
        norm=design.norm,
        activation=design.activation,
        bias=design.norm == "none" if design.bias == "auto" else design.bias,
        expansion=design.expansion,
    )


def out_channels_of_block(design: Classifier, channels: int) -> int:
    """Return the output channels of a block whose convolutions have so many."""
    if design.block == "bottleneck":
        return channels * design.expansion
    return inception_widths(channels).out_channels if design.block == "inception" else channels


def stem(design: Classifier, style: ConvStyle) -> Sequence:
    """Return the convolution before the first stage, and the pool after it."""
    conv = style.conv(design.stem_channels, design.stem_kernel_size, design.stem_stride)
    children = style.unit(conv)
    if design.stem_pool != "none":
        children.append(("pool", pool(design, design.stem_pool, design.stem_pool_kernel_size)))
    return Sequence.unchecked(children=tuple(children))


def stage(
    design: Classifier, style: ConvStyle, number: int, in_channels: int, channels: int
) -> Sequence:
    """Return the blocks of a stage; the first has the stride, or a pool follows the last."""
    blocks = design.blocks_per_stage
    count = blocks if isinstance(blocks, int) else blocks[number - 1]
    downsampled = number > 1 or design.downsample_first
    block = BLOCKS[design.block]
    children: Pairs = []
    for repeat in range(1, count + 1):
        strided = repeat == 1 and downsampled and design.downsampling == "stride"
        stride = design.stride if strided else UNIT_STRIDE
        children += block(style, BlockSettings(str(repeat), in_channels, channels, stride))
        in_channels = out_channels_of_block(design, channels)
    if downsampled and design.downsampling != "stride":
        kind = design.downsampling.removesuffix("_pool")
        children.append(("pool", pool(design, kind, design.pool_kernel_size)))
    return Sequence.unchecked(children=tuple(children))


def pool(design: Classifier, kind: str, kernel_size: PerAxis) -> Pool:
    """Return a pool with the stride of a stage.

    It is padded so that it divides the size by the stride, unless the design has no padding: a
    kernel of 3 with stride 2 has a padding of 1, a kernel of 2 has none.
    """
    padding: PerAxis = 0
    if design.padding == "same":
        axes = len(design.input_size)
        kernel, stride = per_axis(kernel_size, axes), per_axis(design.stride, axes)
        padding = tuple(max(0, k - s + 1) // 2 for k, s in zip(kernel, stride, strict=True))
    return Pool.unchecked(kind=kind, kernel_size=kernel_size, stride=design.stride, padding=padding)


def auxiliary_head(design: Classifier, name: str) -> Aux:
    """Return a head for training only: the mean of each channel, and a linear layer."""
    return Aux.unchecked(
        name=name,
        children=(
            ("pool", GlobalPool.unchecked(kind="avg")),
            ("flatten", Flatten.unchecked()),
            ("linear", Linear.unchecked(out_features=design.num_classes)),
        ),
        weight=design.aux_weight,
    )


def head(design: Classifier) -> Sequence:
    """Return the pool or resize, the flattening and the linear layers behind the last stage."""
    children: Pairs = []
    if design.head != "flatten":
        children.append(("pool", GlobalPool.unchecked(kind=design.head.removeprefix("global_"))))
    elif design.head_size is not None:
        children.append(("resize", Resize.unchecked(size=design.head_size, mode="adaptive_avg")))
    children.append(("flatten", Flatten.unchecked()))
    dropout = Dropout.unchecked(p=design.dropout_p, kind="values")
    for number, features in enumerate(design.hidden_features, start=1):
        children.append((f"linear{number}", Linear.unchecked(out_features=features)))
        children.append((f"act{number}", Activation.unchecked(name=design.activation)))
        if design.dropout_p:
            children.append((f"dropout{number}", dropout))
    if design.dropout_p and not design.hidden_features:
        children.append(("dropout", dropout))
    children.append(("linear", Linear.unchecked(out_features=design.num_classes)))
    if design.final_activation != "none":
        children.append(("act", Activation.unchecked(name=design.final_activation)))
    return Sequence.unchecked(children=tuple(children))
