"""The decoder of an encoder-decoder, of one of two kinds.

A mirror image has the encoder's stages in reverse, with every convolution transposed; with long
skips, a stage ends with a merge. Each stage of any other decoder, as of a U-Net, has

    up     an upsampling by one step, to the stage's channels
    merge  with what the encoder kept just before that step down, if there are long skips
    conv   the stage's convolutions, as in the encoder

and behind the last one comes `head`, a convolution of kernel 1 with the output's channels.
"""

from __future__ import annotations

from math import prod

from cnnwidget.design.axes import Size
from cnnwidget.design.families.channels import channels_of_decoder
from cnnwidget.design.families.encoder import DownStep
from cnnwidget.design.families.stage_builder import StageBuilder
from cnnwidget.design.layers.convolution import Conv
from cnnwidget.design.layers.layer import Layer
from cnnwidget.design.layers.reshaping import PixelShuffle
from cnnwidget.design.layers.resizing import Resize, Upsample
from cnnwidget.design.network import Pairs, Sequence


def decoder_stages(
    builder: StageBuilder, steps: list[DownStep], stage_name: str, prefix: str
) -> Pairs:
    """Return the stages of the decoder, and its head where it has one.

    Args:
        builder: which has added the encoder.
        steps: the encoder's steps down, in order.
        stage_name: of the stages, without their number.
        prefix: the dotted name of the decoder, with a dot at its end.
    """
    if builder.is_mirror_image:
        return mirror_image(builder, steps, stage_name, prefix)
    return upsampling_stages(builder, steps, stage_name, prefix)


def mirror_image(
    builder: StageBuilder, steps: list[DownStep], stage_name: str, prefix: str
) -> Pairs:
    """Return the encoder's stages in reverse, with every convolution transposed.

    Each transposed convolution aims at the size before its convolution. With long skips, a stage
    ends with a merge (as in Isola et al. 2016), the last one with the input of the network, if that
    is concatenated. A head then makes the output of both, so that whatever does not change from
    input to output need not pass the bottleneck and stays sharp.
    """
    design = builder.design
    channels = channels_of_decoder(design, builder.encoder_channels)
    mirrored = design.skips == "none" or design.skip_align == "none"
    targets = builder.sizes[::-1] if mirrored else []
    strides = [] if design.decoder_stride else builder.strides[::-1]
    count = design.convs_per_stage
    position = 0
    stages: Pairs = []
    for number in range(1, len(channels)):
        stage = f"{stage_name}{number}"
        builder.prefix = f"{prefix}{stage}."
        children: Pairs = []
        skip = steps[-number].skip if number <= len(steps) else ""
        for repeat, suffix in builder.suffixes:
            last = repeat == count  # of its stage: the one with the step up
            target = targets[position] if position < len(targets) else None
            stride = builder.decoder_convolutions.stride if last else builder.ones
            if position < len(strides):
                stride = strides[position]
            position += 1
            out_channels = channels[number if last else number - 1]
            builder.advance_transposed(children, "conv" + suffix, out_channels, target, stride)
            if not last or number < len(channels) - 1:
                builder.append_norm(children, suffix)
                builder.append(children, "act" + suffix, builder.activation)
            elif not skip:
                builder.append_ending(children, suffix)
        if skip:
            builder.merge(children, skip)
        stages.append((stage, Sequence.unchecked(children=tuple(children))))
    if skip:
        stages.append(("head", head(builder, prefix)))
    return stages


def upsampling_stages(
    builder: StageBuilder, steps: list[DownStep], stage_name: str, prefix: str
) -> Pairs:
    """Return stages that go up, merge and convolve, and the head behind them."""
    design = builder.design
    channels = channels_of_decoder(design, builder.encoder_channels)
    own_stride = builder.decoder_convolutions.stride
    stages: Pairs = []
    for number, out_channels in enumerate(channels[1:-1], start=1):
        step = steps[-number] if number <= len(steps) else DownStep(None, "", own_stride)
        stage = f"{stage_name}{number}"
        builder.prefix = f"{prefix}{stage}."
        children: Pairs = []
        add_upsampling(builder, children, out_channels, step)
        if step.skip:
            builder.merge(children, step.skip)
        builder.convolve_stage(children, out_channels, builder.ones)
        stages.append((stage, Sequence.unchecked(children=tuple(children))))
    stages.append(("head", head(builder, prefix)))
    return stages


def head(builder: StageBuilder, prefix: str) -> Sequence:
    """Return a convolution of kernel 1 with the output's channels, and the final layers."""
    builder.prefix = f"{prefix}head."
    children: Pairs = []
    conv = Conv.unchecked(out_channels=builder.design.out_channels, kernel_size=builder.ones)
    builder.advance(children, "conv", conv)
    builder.append_ending(children, "")
    return Sequence.unchecked(children=tuple(children))


def add_upsampling(
    builder: StageBuilder, children: Pairs, out_channels: int, step: DownStep
) -> None:
    """Add what goes up one step, to the encoder's size there unless the skip is aligned."""
    design = builder.design
    stride = builder.decoder_convolutions.stride if design.decoder_stride else step.stride
    target = step.size if design.skip_align == "none" else None
    if design.upsampling == "transpose":
        builder.advance_transposed(children, "up", out_channels, target, stride)
        return
    up: Pairs = []
    stage = builder.prefix
    builder.prefix = f"{stage}up."
    enlarged = None if builder.size is None else tuple(map(int.__mul__, builder.size, stride))
    if design.upsampling == "pixel_shuffle":
        shuffled = out_channels * prod(stride)
        builder.advance(up, "conv", same_size_conv(builder, shuffled))
        builder.advance(up, "shuffle", PixelShuffle.unchecked(upscale_factor=stride))
        builder.channels = out_channels
        if target is not None and enlarged is not None:
            add_crop_or_pad(builder, up, enlarged, target)
    else:
        resize: Layer = Upsample.unchecked(scale_factor=stride, mode=design.upsampling)
        if target is not None and target != enlarged:
            mode = "interpolate" if design.upsampling == "linear" else "nearest"
            resize = Resize.unchecked(size=target, mode=mode)
        builder.advance(up, "resize", resize)
        builder.advance(up, "conv", same_size_conv(builder, out_channels))
    builder.prefix = stage
    children.append(("up", Sequence.unchecked(children=tuple(up))))


def same_size_conv(builder: StageBuilder, out_channels: int) -> Conv:
    """Return a convolution that keeps the size."""
    kernel_size = builder.design.kernel_size
    return Conv.unchecked(out_channels=out_channels, kernel_size=kernel_size, padding="same")


def add_crop_or_pad(builder: StageBuilder, children: Pairs, size: Size, target: Size) -> None:
    """Add a crop and a padding that bring the size behind a pixel shuffle to the target.

    The target is smaller where a strided convolution rounded up, and larger where a pool rounded
    down.
    """
    common = tuple(map(min, size, target))
    if common != size:
        builder.advance(children, "crop", Resize.unchecked(size=common, mode="crop"))
    if common != target:
        builder.advance(children, "pad", Resize.unchecked(size=target, mode="pad"))
