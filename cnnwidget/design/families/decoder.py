"""The decoder that goes up step by step, takes up what was kept there, and convolves.

A stage:  up     brings the sample up one step and to the stage's channels
          merge  joins what the encoder kept just before that step down, if there are long skips
          conv   the stage's convolutions, as in the encoder

and behind the last one `head`, a convolution of kernel 1 that makes the output's channels.
"""

from __future__ import annotations

from math import prod
from typing import NamedTuple

from cnnwidget.design.axes import Size
from cnnwidget.design.families.stage_builder import Pairs, StageBuilder
from cnnwidget.design.families.stage_channels import channels_of_decoder
from cnnwidget.design.layers.convolution import Conv
from cnnwidget.design.layers.layer import Layer
from cnnwidget.design.layers.reshaping import PixelShuffle
from cnnwidget.design.layers.resizing import Resize, Upsample
from cnnwidget.design.network import Sequence


class Step(NamedTuple):
    """A step down of the encoder: the size before it, what was kept there, and how far it goes."""

    size: Size | None
    kept: str
    stride: Size


def stages_upward(builder: StageBuilder, steps: list[Step], prefix: str) -> Pairs:
    """The stages of the decoder and its head."""
    design = builder.design
    channels = channels_of_decoder(design, builder.encoder_channels)
    stages: Pairs = []
    for number, out_channels in enumerate(channels[1:-1], start=1):
        step = steps[-number] if number <= len(steps) else Step(None, "", builder.mirror.stride)
        stage = f"stage{number}"
        builder.within = f"{prefix}{stage}."
        children: Pairs = []
        go_up(builder, children, out_channels, step)
        if step.kept:
            builder.merge(children, step.kept)
        builder.convs(children, out_channels, builder.ones)
        stages.append((stage, Sequence.known(children=tuple(children))))
    stages.append(("head", head(builder, prefix)))
    return stages


def head(builder: StageBuilder, prefix: str) -> Sequence:
    """A convolution of kernel 1 that makes the output's channels, and what stands behind it."""
    builder.within = f"{prefix}head."
    children: Pairs = []
    conv = Conv.known(out_channels=builder.design.out_channels, kernel_size=builder.ones)
    builder.go(children, "conv", conv)
    builder.put_ending(children, "")
    return Sequence.known(children=tuple(children))


def go_up(builder: StageBuilder, children: Pairs, out_channels: int, step: Step) -> None:
    """One step up, to the size that the encoder had there unless what it kept is aligned."""
    design = builder.design
    stride = builder.mirror.stride if design.decoder_stride else step.stride
    target = step.size if design.skip_align == "none" else None
    if design.upsampling == "transpose":
        builder.rise(children, "up", out_channels, target, stride)
        return
    up: Pairs = []
    stage = builder.within
    builder.within = f"{stage}up."
    whole = None if builder.size is None else tuple(map(int.__mul__, builder.size, stride))
    if design.upsampling == "pixel_shuffle":
        several = out_channels * prod(stride)
        builder.go(up, "conv", same_conv(builder, several))
        builder.go(up, "shuffle", PixelShuffle.known(upscale_factor=stride))
        builder.channels = out_channels
        if target is not None and whole is not None:
            fit(builder, up, whole, target)
    else:
        resize: Layer = Upsample.known(scale_factor=stride, mode=design.upsampling)
        if target is not None and target != whole:
            mode = "interpolate" if design.upsampling == "linear" else "nearest"
            resize = Resize.known(size=target, mode=mode)
        builder.go(up, "resize", resize)
        builder.go(up, "conv", same_conv(builder, out_channels))
    builder.within = stage
    children.append(("up", Sequence.known(children=tuple(up))))


def same_conv(builder: StageBuilder, out_channels: int) -> Conv:
    """A convolution that changes no size."""
    kernel_size = builder.design.kernel_size
    return Conv.known(out_channels=out_channels, kernel_size=kernel_size, padding="same")


def fit(builder: StageBuilder, children: Pairs, size: Size, target: Size) -> None:
    """What brings the whole steps of a pixel shuffle to a size that is not whole steps.

    A strided convolution may have rounded up, which is cut off, and pooling down, which is padded.
    """
    common = tuple(map(min, size, target))
    if common != size:
        builder.go(children, "crop", Resize.known(size=common, mode="crop"))
    if common != target:
        builder.go(children, "pad", Resize.known(size=target, mode="pad"))
