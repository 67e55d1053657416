"""From the settings of a generator to its network."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Literal

from cnnwidget.design.axes import Size, per_axis
from cnnwidget.design.families.channels import Growth, encoder_channels
from cnnwidget.design.families.classifier_blocks import Pairs, Style
from cnnwidget.design.layers.activation import Activation
from cnnwidget.design.layers.convolution import Conv, ConvTranspose
from cnnwidget.design.layers.reshaping import PixelShuffle
from cnnwidget.design.layers.resizing import Resize, Upsample
from cnnwidget.design.network import Network, Sequence

if TYPE_CHECKING:
    from cnnwidget.design.families.generator import Generator


def generate(design: Generator) -> Network:
    """The layers of a generator, in the order in which a sample meets them."""
    biased = design.norm == "none" if design.bias == "auto" else design.bias
    style = Style(norm=design.norm, activation=design.activation, bias=biased)
    sizes = stage_sizes(design)
    channels = (*stage_channels(design), design.out_channels)
    project = ConvTranspose.known(out_channels=channels[0], kernel_size=sizes[0], bias=biased)
    first: Pairs = [("conv", project), *style.norms(channels[0]), ("act", style.act())]
    children: Pairs = [("project", Sequence.known(children=tuple(first)))]
    for number in range(1, design.depth + 1):
        last = number == design.depth
        bias = design.bias is True or (design.bias == "auto" and (last or biased))
        before, conv, after = upward(
            design, sizes[number - 1], sizes[number], channels[number], bias=bias
        )
        inner: Pairs = [*before, ("conv", conv), *after]
        if not last:
            inner += [*style.norms(channels[number]), ("act", style.act())]
        elif design.final_activation != "none":
            inner.append(("act", Activation.known(name=design.final_activation)))
        children.append((f"stage{number}", Sequence.known(children=tuple(inner))))
    if design.final_resize != "none":
        children.append(("resize", Resize.known(size=design.output_size, mode=design.final_resize)))
    return Network.known(
        input_shape=(design.latent_channels, *(1,) * len(design.output_size)),
        children=tuple(children),
        init=design.init,
    )


def stage_channels(design: Generator) -> tuple[int, ...]:
    """The channels of `project` and of every stage but the last."""
    if isinstance(design.channels, tuple):
        return design.channels
    growth = Growth(design.start_channels, design.channel_ratio, design.max_channels)
    size = design.output_size
    upward = encoder_channels(
        design.channels, design.depth, in_channels=1, input_size=size, growth=growth
    )
    return upward[:0:-1]


def stage_sizes(design: Generator) -> list[Size]:
    """The sizes after `project` and after each stage.

    Without a start, they are found from the end: each is the next one divided by the stride,
    rounded up. With one, each is `stride` times the one before, and the last stage meets
    `output_size` where it can.
    """
    stride = per_axis(design.stride, len(design.output_size))
    if design.start_size is None:
        sizes = [design.output_size]
        for _ in range(design.depth):
            sizes.append(tuple(-(-n // s) for n, s in zip(sizes[-1], stride, strict=True)))
        return sizes[::-1]
    sizes = [design.start_size]
    for _ in range(design.depth):
        sizes.append(tuple(n * s for n, s in zip(sizes[-1], stride, strict=True)))
    sizes[-1] = tuple(
        wanted if most - step < wanted <= most else most
        for most, step, wanted in zip(sizes[-1], stride, design.output_size, strict=True)
    )
    return sizes


def upward(
    design: Generator, size: Size, target: Size, out_channels: int, *, bias: bool
) -> tuple[Pairs, Conv | ConvTranspose, Pairs]:
    """What brings a field from one size to the next: a convolution, what is before, what after."""
    axes = len(size)
    stride = per_axis(design.stride, axes)
    if design.upsampling == "transpose":
        # Where nothing grows an odd kernel stays in place.
        twice = tuple(2 * s if s > 1 else 3 for s in stride)
        conv = transposed(
            size,
            target,
            stride=stride,
            kernel_size=twice
            if design.kernel_size == "auto"
            else per_axis(design.kernel_size, axes),
            out_channels=out_channels,
            bias=bias,
        )
        return [], conv, []
    kernel_size = 3 if design.kernel_size == "auto" else design.kernel_size
    settings = {"kernel_size": kernel_size, "padding": "same", "bias": bias}
    reached = tuple(n * s for n, s in zip(size, stride, strict=True))
    if design.upsampling == "pixel_shuffle":
        after: Pairs = [("shuffle", PixelShuffle.known(upscale_factor=design.stride))]
        if reached != target:
            after.append(("crop", Resize.known(size=target, mode="crop")))
        return [], Conv.known(out_channels=out_channels * prod(stride), **settings), after
    plain = Conv.known(out_channels=out_channels, **settings)
    if reached == target:
        upsample = Upsample.known(scale_factor=design.stride, mode=design.upsampling)
        return [("resize", upsample)], plain, []
    mode: Literal["nearest", "interpolate"] = (
        "nearest" if design.upsampling == "nearest" else "interpolate"
    )
    return [("resize", Resize.known(size=target, mode=mode))], plain, []


def transposed(
    size: Size, target: Size, *, stride: Size, kernel_size: Size, out_channels: int, bias: bool
) -> ConvTranspose:
    """The transposed convolution from one size to another that a stride leads to.

    What comes out too large is cut off in equal halves; where it does not divide, or does not
    reach so far, `output_padding` makes up for it.
    """
    over = [
        (n - 1) * s + k - m for n, m, s, k in zip(size, target, stride, kernel_size, strict=True)
    ]
    padding = tuple(max(0, -(-each // 2)) for each in over)
    return ConvTranspose.known(
        out_channels=out_channels,
        kernel_size=kernel_size,
        stride=stride,
        padding=padding,
        output_padding=tuple(2 * p - each for p, each in zip(padding, over, strict=True)),
        bias=bias,
    )
