"""The encoder of an encoder-decoder: stages of convolutions, each with a step down."""

from __future__ import annotations

from typing import NamedTuple

from cnnwidget.design.axes import Size, per_axis
from cnnwidget.design.families.stage_builder import StageBuilder
from cnnwidget.design.layers.pooling import Pool
from cnnwidget.design.network import Keep, Pairs, Sequence


class DownStep(NamedTuple):
    """A step down of the encoder, which the decoder undoes.

    Attributes:
        size: before the step; None where it is not known.
        skip: the name of the long skip that starts before the step; empty where there is none.
        stride: of the step.
    """

    size: Size | None
    skip: str
    stride: Size


def encoder_stages(
    builder: StageBuilder, stage_name: str, prefix: str
) -> tuple[Pairs, list[DownStep]]:
    """Return the stages of the encoder, and its steps down in order.

    A long skip keeps the sample just before a step down. Before the first step of a strided
    encoder, that is the input itself: its channels are not the decoder's, so that it can be
    concatenated but not added.

    Args:
        builder: which adds the layers.
        stage_name: of the stages, without their number.
        prefix: the dotted name of the encoder, with a dot at its end.
    """
    design, channels = builder.design, builder.encoder_channels
    strided = design.downsampling == "stride"
    stages: Pairs = []
    steps: list[DownStep] = []
    # A shorter decoder does not undo the first steps. And the last stage of a mirror image has the
    # channels of the output, to which nothing can be added.
    merging = design.stages_of_decoder - (builder.is_mirror_image and design.skips == "add")
    for number in range(1, design.depth + 1):
        keeps = design.skips != "none" and design.depth - number < merging
        stage = f"{stage_name}{number}"
        children: Pairs = []
        if strided:
            added = number == 1 and design.skips == "add"
            add_down_step(builder, stages, steps, prefix, keeps=keeps and not added)
            builder.prefix = f"{prefix}{stage}."
            builder.convolve_stage(children, channels[number], builder.stride)
            if builder.overrides:
                steps[-1] = steps[-1]._replace(stride=builder.strides[-design.convs_per_stage])
            stages.append((stage, Sequence.unchecked(children=tuple(children))))
            continue
        builder.prefix = f"{prefix}{stage}."
        builder.convolve_stage(children, channels[number], builder.ones)
        stages.append((stage, Sequence.unchecked(children=tuple(children))))
        add_down_step(builder, stages, steps, prefix, keeps=keeps)
        kind = "max" if design.downsampling == "max_pool" else "avg"
        builder.prefix = prefix
        layer = Pool.unchecked(kind=kind, kernel_size=builder.stride)
        pool = builder.advance(stages, f"pool{number}", layer)
        if builder.overrides:
            stride = per_axis(pool.stride or pool.kernel_size, len(builder.stride))
            steps[-1] = steps[-1]._replace(stride=stride)
    if design.bottleneck:
        children = []
        builder.prefix = f"{prefix}bottleneck."
        builder.convolve_stage(children, channels[-1], builder.ones)
        bottleneck = Sequence.unchecked(children=tuple(children), part="bottleneck")
        stages.append(("bottleneck", bottleneck))
    return stages, steps


def add_down_step(
    builder: StageBuilder, stages: Pairs, steps: list[DownStep], prefix: str, *, keeps: bool
) -> None:
    """Record a step down, and start a long skip before it if the decoder takes one up."""
    skip = ""
    if keeps:
        number = len(steps) + 1
        skip = f"skip{number}"
        builder.prefix = prefix
        builder.append_named(stages, f"keep{number}", Keep.unchecked(name=skip))
        builder.skip_channels[skip] = builder.channels
    steps.append(DownStep(builder.size, skip, builder.stride))
