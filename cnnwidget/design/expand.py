"""From the settings of an encoder-decoder to its network."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, NamedTuple

from cnnwidget.design.axes import Shape, Size
from cnnwidget.design.channels import Growth, decoder_channels, encoder_channels, latent_features
from cnnwidget.design.convolution import Conv, ConvTranspose
from cnnwidget.design.layer import Layer, Misfit
from cnnwidget.design.layers import Activation, Dropout, Flatten, Linear, Norm, Resize, Unflatten
from cnnwidget.design.mirror import transposed
from cnnwidget.design.network import Network, Sequence

if TYPE_CHECKING:
    from cnnwidget.design.families import EncoderDecoder

Pairs = list[tuple[str, Layer | Sequence]]


class Naming(NamedTuple):
    """How the modules are called."""

    encoder_stage: str
    decoder_stage: str
    numbered: bool  # the layers of a stage: 0, 1, 2 instead of conv, norm, act
    wrapped: bool  # stages beside a latent block stand one level deeper
    fold: str
    unfold: str


NAMINGS = {
    "stages": Naming("stage{}", "stage{}", False, False, "to_latent", "from_latent"),
    "torchcnnbuilder": Naming("conv {}", "deconv {}", True, True, "to-latent", "from-latent"),
}


def expand(design: EncoderDecoder) -> Network:
    """The layers of an encoder-decoder, in the order in which a sample meets them."""
    naming = NAMINGS[design.names]
    channels = stage_channels(design)
    encoder, sizes = encoder_stages(design, channels[: design.depth + 1], naming)
    decoder = decoder_stages(design, channels[design.depth :], sizes, naming)
    if design.final_resize != "none":
        decoder.append(("resize", Resize(size=design.target_size, mode=design.final_resize)))
    if design.latent_shape is not None and sizes[-1] is not None:
        inner = (channels[design.depth], *sizes[-1])
        fold = latent_block(design, inner, design.latent_shape, naming)
        unfold = latent_block(design, design.latent_shape, inner, naming)
        if naming.wrapped:
            encoder = [("convolution", Sequence(children=tuple(encoder)))]
            decoder = [("transpose convolution", Sequence(children=tuple(decoder)))]
        encoder.append((naming.fold, fold))
        decoder.insert(0, (naming.unfold, unfold))
    return Network(
        input_shape=(design.in_channels, *design.input_size),
        children=(
            ("encoder", Sequence(children=tuple(encoder), part="encoder")),
            ("decoder", Sequence(children=tuple(decoder), part="decoder")),
        ),
    )


def stage_channels(design: EncoderDecoder) -> tuple[int, ...]:
    """Channels from the input over the bottleneck to the output."""
    growth = Growth(design.start_channels, design.channel_ratio, design.max_channels)
    if isinstance(design.channels, tuple):
        encoder = (design.in_channels, *design.channels)
    else:
        encoder = encoder_channels(
            design.channels,
            design.depth,
            in_channels=design.in_channels,
            input_size=design.input_size,
            growth=growth,
        )
    stages = design.stages_of_decoder
    if isinstance(design.decoder_channels, tuple):
        decoder = (encoder[-1], *design.decoder_channels, design.out_channels)
    elif design.decoder_channels == "mirror":
        mirrored = (*encoder[:0:-1], *(encoder[1],) * stages)
        decoder = (*mirrored[:stages], design.out_channels)
    else:
        decoder = decoder_channels(
            design.decoder_channels,
            stages,
            in_channels=encoder[-1],
            out_channels=design.out_channels,
            growth=growth,
        )
    return (*encoder, *decoder[1:])


def encoder_stages(
    design: EncoderDecoder, channels: tuple[int, ...], naming: Naming
) -> tuple[Pairs, list[Size | None]]:
    """The stages of the encoder, and the size before each convolution and after the last.

    From the layer on that does not fit, the sizes are None.
    """
    sizes: list[Size | None] = [design.input_size]
    stages: Pairs = []
    for number, out_channels in enumerate(channels[1:], start=1):
        layers: list[Layer] = []
        for repeat in range(design.convs_per_stage):
            conv = Conv(
                out_channels=out_channels,
                kernel_size=design.kernel_size,
                stride=1 if repeat else design.stride,
                padding=design.padding,
                dilation=design.dilation,
            )
            sizes.append(size_after(conv, sizes[-1]))
            layers += [conv, *norm_layers(design), Activation(name=design.activation)]
        stages.append((naming.encoder_stage.format(number), stage(layers, design, naming)))
    return stages, sizes


def decoder_stages(
    design: EncoderDecoder, channels: tuple[int, ...], sizes: list[Size | None], naming: Naming
) -> Pairs:
    """The stages of the decoder: the encoder's in reverse, every convolution transposed.

    Each transposed convolution aims at the size that its convolution found.
    """
    targets = sizes[-2::-1]
    size = sizes[-1]
    stages: Pairs = []
    for number in range(1, len(channels)):
        layers: list[Layer] = []
        for repeat in range(design.convs_per_stage):
            last_of_stage = repeat == design.convs_per_stage - 1
            last = last_of_stage and number == len(channels) - 1
            position = (number - 1) * design.convs_per_stage + repeat
            target = targets[position] if position < len(targets) else None
            conv = transposed(
                design,
                channels[number if last_of_stage else number - 1],
                size,
                target,
                strided=last_of_stage,
            )
            size = size_after(conv, size)
            layers.append(conv)
            if not last:
                layers += [*norm_layers(design), Activation(name=design.activation)]
                continue
            if design.final_norm:
                layers += norm_layers(design)
            if design.final_activation != "none":
                layers.append(Activation(name=design.final_activation))
        stages.append((naming.decoder_stage.format(number), stage(layers, design, naming)))
    return stages


def size_after(layer: Layer, size: Size | None) -> Size | None:
    """The size after a layer, None where it does not fit or nothing arrives."""
    if size is None:
        return None
    try:
        # The number of channels changes no size.
        return layer.output_shape((1, *size))[1:]
    except Misfit:
        return None


def norm_layers(design: EncoderDecoder) -> list[Layer]:
    """What stands between a convolution and its activation."""
    if design.norm == "none":
        return []
    if design.norm == "dropout":
        return [Dropout(p=design.dropout_p)]
    return [Norm(kind=design.norm)]


def stage(layers: list[Layer], design: EncoderDecoder, naming: Naming) -> Sequence:
    """The layers of a stage with their names: conv, norm, act; numbered where there are several."""
    if naming.numbered:
        return numbered(layers)
    children: Pairs = []
    convs = 0
    for layer in layers:
        if isinstance(layer, Conv | ConvTranspose):
            name = "conv"
            convs += 1
        elif isinstance(layer, Activation):
            name = "act"
        else:
            name = "dropout" if isinstance(layer, Dropout) else "norm"
        children.append((f"{name}{convs}" if design.convs_per_stage > 1 else name, layer))
    return Sequence(children=tuple(children))


def numbered(layers: list[Layer]) -> Sequence:
    """Layers that are called 0, 1, 2, ..."""
    return Sequence(children=tuple((str(number), layer) for number, layer in enumerate(layers)))


def latent_block(design: EncoderDecoder, shape: Shape, folded: Shape, naming: Naming) -> Sequence:
    """Fully connected layers from one shape to another."""
    features = latent_features(prod(shape), prod(folded), design.latent_layers)
    layers: list[tuple[str, Layer]] = [("flatten", Flatten())]
    for number, out_features in enumerate(features[1:], start=1):
        layers.append((f"linear{number}", Linear(out_features=out_features)))
        if design.latent_activation != "none":
            layers.append((f"act{number}", Activation(name=design.latent_activation)))
    layers.append(("unflatten", Unflatten(shape=folded)))
    if naming.numbered:
        inner = numbered([layer for _, layer in layers])
        return Sequence(children=(("_resize", inner),), part="bottleneck")
    return Sequence(children=tuple(layers), part="bottleneck")
