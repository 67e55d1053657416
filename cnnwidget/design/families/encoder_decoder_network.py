"""The network of an encoder-decoder: encoder, latent block, decoder and final resize together."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, NamedTuple

from cnnwidget.design.axes import Shape
from cnnwidget.design.families.channels import latent_features
from cnnwidget.design.families.decoder import decoder_stages
from cnnwidget.design.families.encoder import encoder_stages
from cnnwidget.design.families.stage_builder import StageBuilder
from cnnwidget.design.layers.activation import Activation
from cnnwidget.design.layers.dense import Linear
from cnnwidget.design.layers.reshaping import Flatten, Unflatten
from cnnwidget.design.layers.resizing import Resize
from cnnwidget.design.network import Network, Pairs, Sequence

if TYPE_CHECKING:
    from cnnwidget.design.families.encoder_decoder import EncoderDecoder


class Naming(NamedTuple):
    """The names of modules.

    Attributes:
        encoder_stage: the name of a stage, without its number.
        decoder_stage: the name of a stage, without its number.
        numbered: whether the layers of a stage are named 0, 1, 2 instead of conv, norm, act.
        wrapped: whether stages beside a latent block stand one level deeper.
        to_latent: the name of the part that folds to the latent shape.
        from_latent: the name of the part that unfolds it.
    """

    encoder_stage: str
    decoder_stage: str
    numbered: bool
    wrapped: bool
    to_latent: str
    from_latent: str


NAMINGS = {
    "stages": Naming("stage", "stage", False, False, "to_latent", "from_latent"),
    "torchcnnbuilder": Naming("conv ", "deconv ", True, True, "to-latent", "from-latent"),
}


def assemble(design: EncoderDecoder) -> tuple[Network, set[str]]:
    """Return the network of a design, and the names in its overrides that no layer has."""
    naming = NAMINGS[design.names]
    builder = StageBuilder(design, numbered=naming.numbered)
    wrapped = naming.wrapped and design.latent_shape is not None
    encoder_prefix, decoder_prefix = "encoder.", "decoder."
    if wrapped:
        encoder_prefix = "encoder.convolution."
        decoder_prefix = "decoder.transpose convolution."
    encoder, steps = encoder_stages(builder, naming.encoder_stage, encoder_prefix)
    latent: tuple[Sequence, Sequence] | None = None
    if design.latent_shape is not None and builder.size is not None:
        inner = (builder.channels, *builder.size)
        latent = (
            latent_block(builder, inner, design.latent_shape, f"encoder.{naming.to_latent}."),
            latent_block(builder, design.latent_shape, inner, f"decoder.{naming.from_latent}."),
        )
    decoder = decoder_stages(builder, steps, naming.decoder_stage, decoder_prefix)
    if design.final_resize != "none":
        resize = Resize.unchecked(size=design.target_size, mode=design.final_resize)
        builder.prefix = decoder_prefix
        builder.append_named(decoder, "resize", resize)
    if latent is not None:
        if wrapped:
            encoder = [("convolution", Sequence.unchecked(children=tuple(encoder)))]
            decoder = [("transpose convolution", Sequence.unchecked(children=tuple(decoder)))]
        encoder.append((naming.to_latent, latent[0]))
        decoder.insert(0, (naming.from_latent, latent[1]))
    network = Network.unchecked(
        input_shape=(design.in_channels, *design.input_size),
        children=(
            ("encoder", Sequence.unchecked(children=tuple(encoder), part="encoder")),
            ("decoder", Sequence.unchecked(children=tuple(decoder), part="decoder")),
        ),
        init=design.init,
    )
    return network, builder.unknown_overrides


def latent_block(builder: StageBuilder, shape: Shape, target: Shape, prefix: str) -> Sequence:
    """Return fully connected layers from one shape to another."""
    design = builder.design
    features = latent_features(prod(shape), prod(target), design.latent_layers)
    builder.prefix = f"{prefix}_resize." if builder.numbered else prefix
    children: Pairs = []
    builder.append(children, "flatten", Flatten.unchecked())
    for number, out_features in enumerate(features[1:], start=1):
        builder.append(children, f"linear{number}", Linear.unchecked(out_features=out_features))
        if design.latent_activation != "none":
            activation = Activation.unchecked(name=design.latent_activation)
            builder.append(children, f"act{number}", activation)
    builder.append(children, "unflatten", Unflatten.unchecked(shape=target))
    if builder.numbered:
        children = [("_resize", Sequence.unchecked(children=tuple(children)))]
    return Sequence.unchecked(children=tuple(children), part="bottleneck")
