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
from cnnwidget.design.families.stage import Pairs, Trail
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


def stages_upward(trail: Trail, steps: list[Step], prefix: str) -> Pairs:
    """The stages of the decoder and its head."""
    design = trail.design
    channels = channels_of_decoder(design, trail.encoder_channels)
    stages: Pairs = []
    for number, out_channels in enumerate(channels[1:-1], start=1):
        step = steps[-number] if number <= len(steps) else Step(None, "", trail.mirror.stride)
        stage = f"stage{number}"
        trail.within = f"{prefix}{stage}."
        children: Pairs = []
        go_up(trail, children, out_channels, step)
        if step.kept:
            trail.merge(children, step.kept)
        trail.convs(children, out_channels, trail.ones)
        stages.append((stage, Sequence.known(children=tuple(children))))
    stages.append(("head", head(trail, prefix)))
    return stages


def head(trail: Trail, prefix: str) -> Sequence:
    """A convolution of kernel 1 that makes the output's channels, and what stands behind it."""
    trail.within = f"{prefix}head."
    children: Pairs = []
    conv = Conv.known(out_channels=trail.design.out_channels, kernel_size=trail.ones)
    trail.go(children, "conv", conv)
    trail.put_ending(children, "")
    return Sequence.known(children=tuple(children))


def go_up(trail: Trail, children: Pairs, out_channels: int, step: Step) -> None:
    """One step up, to the size that the encoder had there unless what it kept is aligned."""
    design = trail.design
    stride = trail.mirror.stride if design.decoder_stride else step.stride
    target = step.size if design.skip_align == "none" else None
    if design.upsampling == "transpose":
        trail.rise(children, "up", out_channels, target, stride)
        return
    up: Pairs = []
    stage = trail.within
    trail.within = f"{stage}up."
    whole = None if trail.size is None else tuple(map(int.__mul__, trail.size, stride))
    if design.upsampling == "pixel_shuffle":
        several = out_channels * prod(stride)
        trail.go(up, "conv", same_conv(trail, several))
        trail.go(up, "shuffle", PixelShuffle.known(upscale_factor=stride))
        trail.channels = out_channels
        if target is not None and whole is not None:
            fit(trail, up, whole, target)
    else:
        resize: Layer = Upsample.known(scale_factor=stride, mode=design.upsampling)
        if target is not None and target != whole:
            mode = "interpolate" if design.upsampling == "linear" else "nearest"
            resize = Resize.known(size=target, mode=mode)
        trail.go(up, "resize", resize)
        trail.go(up, "conv", same_conv(trail, out_channels))
    trail.within = stage
    children.append(("up", Sequence.known(children=tuple(up))))


def same_conv(trail: Trail, out_channels: int) -> Conv:
    """A convolution that changes no size."""
    kernel_size = trail.design.kernel_size
    return Conv.known(out_channels=out_channels, kernel_size=kernel_size, padding="same")


def fit(trail: Trail, children: Pairs, size: Size, target: Size) -> None:
    """What brings the whole steps of a pixel shuffle to a size that is not whole steps.

    A strided convolution may have rounded up, which is cut off, and pooling down, which is padded.
    """
    common = tuple(map(min, size, target))
    if common != size:
        trail.go(children, "crop", Resize.known(size=common, mode="crop"))
    if common != target:
        trail.go(children, "pad", Resize.known(size=target, mode="pad"))
