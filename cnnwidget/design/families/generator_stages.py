"""The parts of a generator's network: the sizes of its stages, and the upsampling of each."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Literal, NamedTuple

from cnnwidget.design.axes import Size, per_axis
from cnnwidget.design.layers.convolution import Conv, ConvTranspose
from cnnwidget.design.layers.reshaping import PixelShuffle
from cnnwidget.design.layers.resizing import Resize, Upsample
from cnnwidget.design.network import Pairs

if TYPE_CHECKING:
    from cnnwidget.design.families.generator import Generator


class Upsampling(NamedTuple):
    """The layers that enlarge a field: a convolution, and the layers before and after it."""

    before: Pairs
    conv: Conv | ConvTranspose
    after: Pairs


def stage_sizes(design: Generator) -> list[Size]:
    """Return the sizes after `project` and after each stage.

    Without a start size they are found from the end: each is the next one divided by the stride,
    rounded up. With a start size each is `stride` times the one before, and the last stage ends at
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
        target if most - step < target <= most else most
        for most, step, target in zip(sizes[-1], stride, design.output_size, strict=True)
    )
    return sizes


def upsampling(
    design: Generator, size: Size, target: Size, out_channels: int, *, bias: bool
) -> Upsampling:
    """Return the layers that bring a field from one size to the next."""
    axes = len(size)
    stride = per_axis(design.stride, axes)
    if design.upsampling == "transpose":
        # Along an axis of stride 1 the kernel is odd, so that values stay in place.
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
        return Upsampling([], conv, [])
    kernel_size = 3 if design.kernel_size == "auto" else design.kernel_size
    settings = {"kernel_size": kernel_size, "padding": "same", "bias": bias}
    enlarged = tuple(n * s for n, s in zip(size, stride, strict=True))
    if design.upsampling == "pixel_shuffle":
        after: Pairs = [("shuffle", PixelShuffle.unchecked(upscale_factor=design.stride))]
        if enlarged != target:
            after.append(("crop", Resize.unchecked(size=target, mode="crop")))
        shuffled = Conv.unchecked(out_channels=out_channels * prod(stride), **settings)
        return Upsampling([], shuffled, after)
    plain = Conv.unchecked(out_channels=out_channels, **settings)
    if enlarged == target:
        upsample = Upsample.unchecked(scale_factor=design.stride, mode=design.upsampling)
        return Upsampling([("resize", upsample)], plain, [])
    mode: Literal["nearest", "interpolate"] = (
        "nearest" if design.upsampling == "nearest" else "interpolate"
    )
    return Upsampling([("resize", Resize.unchecked(size=target, mode=mode))], plain, [])


def transposed(
    size: Size, target: Size, *, stride: Size, kernel_size: Size, out_channels: int, bias: bool
) -> ConvTranspose:
    """Return the transposed convolution with a stride from one size to another.

    The padding cuts off equal halves of what is too large. `output_padding` makes up for an odd
    difference, or for an output that is too small.
    """
    excess = [
        (n - 1) * s + k - m for n, m, s, k in zip(size, target, stride, kernel_size, strict=True)
    ]
    padding = tuple(max(0, -(-each // 2)) for each in excess)
    return ConvTranspose.unchecked(
        out_channels=out_channels,
        kernel_size=kernel_size,
        stride=stride,
        padding=padding,
        output_padding=tuple(2 * p - each for p, each in zip(padding, excess, strict=True)),
        bias=bias,
    )
