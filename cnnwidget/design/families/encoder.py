"""From the settings of an encoder-decoder to its network.

With plain settings the decoder is the encoder in a mirror: every convolution transposed, in
reverse. With pooling, long skips, blocks, attention, a bottleneck or another way up, see `upward`.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, NamedTuple

from cnnwidget.design.axes import Shape, per_axis
from cnnwidget.design.families.channels import latent_features
from cnnwidget.design.families.decoder import Step, head, stages_upward
from cnnwidget.design.families.stage_builder import Pairs, StageBuilder
from cnnwidget.design.families.stage_channels import channels_of_decoder
from cnnwidget.design.layers.activation import Activation
from cnnwidget.design.layers.dense import Linear
from cnnwidget.design.layers.pooling import Pool
from cnnwidget.design.layers.reshaping import Flatten, Unflatten
from cnnwidget.design.layers.resizing import Resize
from cnnwidget.design.network import Keep, Network, Sequence

if TYPE_CHECKING:
    from cnnwidget.design.families.encoder_decoder import EncoderDecoder


class Naming(NamedTuple):
    """How the modules are called."""

    encoder_stage: str  # and a number
    decoder_stage: str
    numbered: bool  # the layers of a stage: 0, 1, 2 instead of conv, norm, act
    wrapped: bool  # stages beside a latent block stand one level deeper
    fold: str
    unfold: str


NAMINGS = {
    "stages": Naming("stage", "stage", False, False, "to_latent", "from_latent"),
    "torchcnnbuilder": Naming("conv ", "deconv ", True, True, "to-latent", "from-latent"),
}


def expand(design: EncoderDecoder) -> Network:
    """The layers of an encoder-decoder, in the order in which a sample meets them."""
    return expanded(design)[0]


def expanded(design: EncoderDecoder) -> tuple[Network, set[str]]:
    """The network, and the names of overridden layers that it does not have."""
    naming = NAMINGS[design.names]
    builder = StageBuilder(design, numbered=naming.numbered)
    wrapped = naming.wrapped and design.latent_shape is not None
    into, out_of = "encoder.", "decoder."
    if wrapped:
        into, out_of = "encoder.convolution.", "decoder.transpose convolution."
    encoder, steps = encoder_stages(builder, naming, into)
    folds: tuple[Sequence, Sequence] | None = None
    if design.latent_shape is not None and builder.size is not None:
        inner = (builder.channels, *builder.size)
        folds = (
            latent_block(builder, inner, design.latent_shape, f"encoder.{naming.fold}."),
            latent_block(builder, design.latent_shape, inner, f"decoder.{naming.unfold}."),
        )
    if builder.is_mirror_image:
        decoder = mirror_image(builder, steps, naming, out_of)
    else:
        decoder = stages_upward(builder, steps, out_of)
    if design.final_resize != "none":
        resize = Resize.known(size=design.target_size, mode=design.final_resize)
        builder.within = out_of
        builder.place(decoder, "resize", resize)
    if folds is not None:
        if wrapped:
            encoder = [("convolution", Sequence.known(children=tuple(encoder)))]
            decoder = [("transpose convolution", Sequence.known(children=tuple(decoder)))]
        encoder.append((naming.fold, folds[0]))
        decoder.insert(0, (naming.unfold, folds[1]))
    network = Network.known(
        input_shape=(design.in_channels, *design.input_size),
        children=(
            ("encoder", Sequence.known(children=tuple(encoder), part="encoder")),
            ("decoder", Sequence.known(children=tuple(decoder), part="decoder")),
        ),
        init=design.init,
    )
    return network, builder.unmet


def encoder_stages(builder: StageBuilder, naming: Naming, prefix: str) -> tuple[Pairs, list[Step]]:
    """The stages of the encoder, and the steps down that a decoder goes up again.

    Just before a step down the sample is kept, if there are long skips. Before the first one that
    is the input itself, which has other channels than the decoder: it can be concatenated, but not
    added.
    """
    design, channels = builder.design, builder.encoder_channels
    strided = design.downsampling == "stride"
    stages: Pairs = []
    steps: list[Step] = []
    # A decoder of fewer stages does not come to the first of these, and the last stage of a mirror
    # image has the channels of the output, to which nothing can be added.
    merging = design.stages_of_decoder - (builder.is_mirror_image and design.skips == "add")
    for number in range(1, design.depth + 1):
        keeps = design.skips != "none" and design.depth - number < merging
        stage = f"{naming.encoder_stage}{number}"
        children: Pairs = []
        if strided:
            added = number == 1 and design.skips == "add"
            step_down(builder, stages, steps, prefix, keeps=keeps and not added)
            builder.within = f"{prefix}{stage}."
            builder.convs(children, channels[number], builder.stride)
            if builder.overrides:
                steps[-1] = steps[-1]._replace(stride=builder.strides[-design.convs_per_stage])
            stages.append((stage, Sequence.known(children=tuple(children))))
            continue
        builder.within = f"{prefix}{stage}."
        builder.convs(children, channels[number], builder.ones)
        stages.append((stage, Sequence.known(children=tuple(children))))
        step_down(builder, stages, steps, prefix, keeps=keeps)
        kind = "max" if design.downsampling == "max_pool" else "avg"
        builder.within = prefix
        pool = builder.go(
            stages, f"pool{number}", Pool.known(kind=kind, kernel_size=builder.stride)
        )
        if builder.overrides:
            stride = per_axis(pool.stride or pool.kernel_size, len(builder.stride))
            steps[-1] = steps[-1]._replace(stride=stride)
    if design.bottleneck:
        children = []
        builder.within = f"{prefix}bottleneck."
        builder.convs(children, channels[-1], builder.ones)
        bottleneck = Sequence.known(children=tuple(children), part="bottleneck")
        stages.append(("bottleneck", bottleneck))
    return stages, steps


def step_down(
    builder: StageBuilder, stages: Pairs, steps: list[Step], prefix: str, *, keeps: bool
) -> None:
    """Just before a step down: its size, and what is kept there."""
    name = ""
    if keeps:
        number = len(steps) + 1
        name = f"skip{number}"
        builder.within = prefix
        builder.place(stages, f"keep{number}", Keep.known(name=name))
        builder.kept_channels[name] = builder.channels
    steps.append(Step(builder.size, name, builder.stride))


def mirror_image(builder: StageBuilder, steps: list[Step], naming: Naming, prefix: str) -> Pairs:
    """The encoder's stages in reverse, every convolution transposed.

    Each transposed convolution aims at the size that its convolution found. With long skips, a
    stage ends with what was kept at its size (as in Isola et al. 2016). The last one, too: a
    head makes the output of it and of the input, so that what is the same in all places, as a frame
    that comes back or goes on as it was, is told from what is given, at its full sharpness.
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
        stage = f"{naming.decoder_stage}{number}"
        builder.within = f"{prefix}{stage}."
        children: Pairs = []
        kept = steps[-number].kept if number <= len(steps) else ""
        for repeat, mark in builder.marks:
            ends = repeat == count  # a stage, with the step up
            target = targets[position] if position < len(targets) else None
            stride = builder.mirror.stride if ends else builder.ones
            if position < len(strides):
                stride = strides[position]
            position += 1
            out_channels = channels[number if ends else number - 1]
            builder.rise(children, "conv" + mark, out_channels, target, stride)
            if not ends or number < len(channels) - 1:
                builder.put_norm(children, mark)
                builder.put(children, "act" + mark, builder.activation)
            elif not kept:
                builder.put_ending(children, mark)
        if kept:
            builder.merge(children, kept)
        stages.append((stage, Sequence.known(children=tuple(children))))
    if kept:
        stages.append(("head", head(builder, prefix)))
    return stages


def latent_block(builder: StageBuilder, shape: Shape, folded: Shape, prefix: str) -> Sequence:
    """Fully connected layers from one shape to another."""
    design = builder.design
    features = latent_features(prod(shape), prod(folded), design.latent_layers)
    builder.within = f"{prefix}_resize." if builder.numbered else prefix
    children: Pairs = []
    builder.put(children, "flatten", Flatten.known())
    for number, out_features in enumerate(features[1:], start=1):
        builder.put(children, f"linear{number}", Linear.known(out_features=out_features))
        if design.latent_activation != "none":
            activation = Activation.known(name=design.latent_activation)
            builder.put(children, f"act{number}", activation)
    builder.put(children, "unflatten", Unflatten.known(shape=folded))
    if builder.numbered:
        children = [("_resize", Sequence.known(children=tuple(children)))]
    return Sequence.known(children=tuple(children), part="bottleneck")
