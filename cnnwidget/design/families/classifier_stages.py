"""From the settings of a classifier to its network."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from cnnwidget.design.axes import PerAxis
from cnnwidget.design.families.channels import Growth, encoder_channels
from cnnwidget.design.families.classifier_blocks import (
    ONE_STEP,
    Pairs,
    Step,
    Style,
    bottleneck,
    depthwise,
    plain,
    residual,
)
from cnnwidget.design.families.inception_block import inception, out_channels, widths_of
from cnnwidget.design.layers.activation import Activation
from cnnwidget.design.layers.dense import Dropout, Linear
from cnnwidget.design.layers.pooling import GlobalPool, Pool
from cnnwidget.design.layers.reshaping import Flatten
from cnnwidget.design.layers.resizing import Resize
from cnnwidget.design.network import Aux, Network, Sequence

if TYPE_CHECKING:
    from cnnwidget.design.families.classifier import BlockName, Classifier

BLOCKS: dict[BlockName, Callable[[Style, Step], Pairs]] = {
    "plain": plain,
    "residual": residual,
    "bottleneck": bottleneck,
    "inception": inception,
    "depthwise": depthwise,
}


def classify(design: Classifier) -> Network:
    """The layers of a classifier, in the order in which a sample meets them."""
    style = Style(
        kernel_size=design.kernel_size,
        padding=design.padding,
        norm=design.norm,
        activation=design.activation,
        bias=design.norm == "none" if design.bias == "auto" else design.bias,
        expansion=design.expansion,
    )
    children: Pairs = []
    channels = design.in_channels
    if design.stem_channels:
        channels = design.stem_channels
        children.append(("stem", stem(design, style)))
    for number, wanted in enumerate(stage_channels(design), start=1):
        children.append((f"stage{number}", stage(design, style, number, channels, wanted)))
        channels = channels_after(design, wanted)
        if number in design.aux_stages:
            aux = Aux.known(
                name=f"aux{number}",
                children=(
                    *global_mean(),
                    ("linear", Linear.known(out_features=design.num_classes)),
                ),
                weight=design.aux_weight,
            )
            children.append((f"aux{number}", aux))
    children.append(("head", head(design)))
    return Network.known(
        input_shape=(design.in_channels, *design.input_size),
        children=tuple(children),
        init=design.init,
    )


def stage_channels(design: Classifier) -> tuple[int, ...]:
    """The channels of the convolutions of each stage."""
    if isinstance(design.channels, tuple):
        return design.channels
    growth = Growth(design.start_channels, design.channel_ratio, design.max_channels)
    return encoder_channels(
        design.channels,
        design.depth,
        in_channels=design.in_channels,
        input_size=design.input_size,
        growth=growth,
    )[1:]


def channels_after(design: Classifier, channels: int) -> int:
    """The channels that a block of so many gives out."""
    if design.block == "bottleneck":
        return channels * design.expansion
    return out_channels(widths_of(channels)) if design.block == "inception" else channels


def stem(design: Classifier, style: Style) -> Sequence:
    """The convolution before the first stage, and the pool after it."""
    conv = style.conv(design.stem_channels, design.stem_kernel_size, design.stem_stride)
    children = style.unit(conv)
    if design.stem_pool != "none":
        children.append(("pool", pool(design, design.stem_pool, design.stem_pool_kernel_size)))
    return Sequence.known(children=tuple(children))


def stage(
    design: Classifier, style: Style, number: int, in_channels: int, channels: int
) -> Sequence:
    """The blocks of a stage, of which the first has a stride, or the last a pool after it."""
    blocks = design.blocks_per_stage
    count = blocks if isinstance(blocks, int) else blocks[number - 1]
    downsampled = number > 1 or design.downsample_first
    make = BLOCKS[design.block]
    children: Pairs = []
    for repeat in range(1, count + 1):
        strided = repeat == 1 and downsampled and design.downsampling == "stride"
        stride = design.stride if strided else ONE_STEP
        children += make(style, Step(str(repeat), in_channels, channels, stride))
        in_channels = channels_after(design, channels)
    if downsampled and design.downsampling != "stride":
        kind = design.downsampling.removesuffix("_pool")
        children.append(("pool", pool(design, kind, design.pool_kernel_size)))
    return Sequence.known(children=tuple(children))


def pool(design: Classifier, kind: str, kernel_size: PerAxis) -> Pool:
    """A pool with the stride of a stage; padded so that it divides the size by that, or not at all.

    A kernel of 3 with stride 2 has a padding of 1, one of 2 has none.
    """
    padding: PerAxis = 0
    if design.padding == "same":
        axes = len(design.input_size)
        kernel, stride = (
            (each,) * axes if isinstance(each, int) else each
            for each in (kernel_size, design.stride)
        )
        padding = tuple(max(0, k - s + 1) // 2 for k, s in zip(kernel, stride, strict=True))
    return Pool.known(kind=kind, kernel_size=kernel_size, stride=design.stride, padding=padding)


def global_mean() -> Pairs:
    """One value per channel, in a row."""
    return [("pool", GlobalPool.known(kind="avg")), ("flatten", Flatten.known())]


def head(design: Classifier) -> Sequence:
    """From a field to its class: a row of features, and linear layers."""
    children: Pairs = []
    if design.head != "flatten":
        children.append(("pool", GlobalPool.known(kind=design.head.removeprefix("global_"))))
    elif design.head_size is not None:
        children.append(("resize", Resize.known(size=design.head_size, mode="adaptive_avg")))
    children.append(("flatten", Flatten.known()))
    dropout = Dropout.known(p=design.dropout_p, kind="values")
    for number, features in enumerate(design.hidden_features, start=1):
        children.append((f"linear{number}", Linear.known(out_features=features)))
        children.append((f"act{number}", Activation.known(name=design.activation)))
        if design.dropout_p:
            children.append((f"dropout{number}", dropout))
    if design.dropout_p and not design.hidden_features:
        children.append(("dropout", dropout))
    children.append(("linear", Linear.known(out_features=design.num_classes)))
    if design.final_activation != "none":
        children.append(("act", Activation.known(name=design.final_activation)))
    return Sequence.known(children=tuple(children))
