"""`EncoderDecoder`: the settings of an encoder-decoder. Its docstring explains each of them."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, PlainValidator, model_validator

from cnnwidget.design.axes import (
    Channels,
    Padding,
    PerAxis,
    Positive,
    Size,
    Sizes,
    SizesOrNone,
    is_whole,
    numbers_or,
    short,
)
from cnnwidget.design.errors import DesignError
from cnnwidget.design.families.channels import ChannelLaw
from cnnwidget.design.families.encoder_decoder_network import assemble
from cnnwidget.design.families.setting_checks import (
    LAWS,
    Overrides,
    changes_by_name,
    check_size,
    law_or_channels,
)
from cnnwidget.design.joins import Align
from cnnwidget.design.layers.activation import ActivationName
from cnnwidget.design.layers.resizing import ResizeMode
from cnnwidget.design.network import InitName, Network
from cnnwidget.design.value import Value, shortened

# Stored as one number per axis.
ALL_PER_AXIS = (
    "kernel_size", "stride", "padding", "dilation", "output_padding",
    "decoder_kernel_size", "decoder_stride", "decoder_padding", "decoder_dilation",
)  # fmt: skip


class EncoderDecoder(Value):
    """An encoder that halves a field step by step, and a decoder that restores its size.

    The defaults are a network to start from, a U-Net of three stages. Stride 2 doubles the
    receptive field of each stage at a quarter of the cost. Batch normalisation allows a high
    learning rate. The decoder mirrors the encoder size by size, odd sizes included, without a final
    resize and without a checkerboard. Long skips give the decoder the detail that the bottleneck
    cannot hold. With 28 channels in the first stage, it has at most four times the weights of five
    unstrided convolutions and their mirror, the default of `forecaster_base`. After 20 seconds of
    training its error is a quarter of theirs or less, and after two minutes of processor time less
    than a tenth: `tests/benchmarks/test_default.py` and `test_bar.py` train both and print it.

    With strides down, transposed convolutions up, plain convolutions and no attention, the decoder
    is a mirror image: the encoder in reverse with every convolution transposed, each stage ending
    with its merge. Otherwise a stage of the decoder upsamples, merges and convolves, and a
    convolution of kernel 1, the head, follows the last stage. A mirror image has a head, too, if it
    concatenates: its last merge is with the input itself, so that whatever does not change from
    input to output need not pass the bottleneck.

    Attributes:
        input_size: pixels per spatial axis: (length,), (height, width) or (depth, height, width).
        in_channels: channels of the input; for a forecast, the time steps of the history.
        out_channels: channels of the output; for a forecast, the time steps of the forecast.
        output_size: the size of the output; None is `input_size`.
        depth: stages of the encoder, 1 to 1000.
        decoder_depth: stages of the decoder; None is `depth`.
        channels: a law (see `cnnwidget.design.families.channels`) or one number per encoder
            stage.
        decoder_channels: `mirror`, a law, or one number per decoder stage but the last, which has
            `out_channels`.
        start_channels: the first number of `exponential`, and every number of `constant`.
        channel_ratio: the factor of `exponential`, the exponent of `power`.
        max_channels: the limit of `exponential` and `power`.
        kernel_size: of every convolution, one number or one per axis.
        stride: of the first convolution of each stage.
        padding: `same` (out = ceil(in / stride)), `valid` (none), or numbers.
        dilation: spacing of the kernel's elements.
        output_padding: `mirror` computes for each transposed convolution the number that restores
            the encoder's size.
        decoder_kernel_size: `auto` is the kernel rounded up to a multiple of the stride, so that
            every output pixel gets equally many contributions (Odena et al. 2016), or to an odd
            number where the stride is 1 and the encoder's padding `same`.
        decoder_stride: None is the encoder's.
        decoder_padding: None and `same` are the encoder's, or, where that cannot restore the size,
            the padding that does.
        decoder_dilation: None is the encoder's.
        downsampling: `stride`, of the first convolution of each stage; or `max_pool` or `avg_pool`,
            behind the stage, with `stride` as kernel and stride.
        upsampling: `transpose`, a transposed convolution; `nearest` or `linear`, a resize and a
            convolution; `pixel_shuffle`, a convolution whose channels become pixels (Shi et al.
            2016).
        skips: long skips from just before each step down to the decoder (Ronneberger et al. 2015):
            none, concat or add.
        skip_align: how a long skip is aligned to the decoder's size: none (the decoder restores the
            encoder's size), crop (as in the U-Net of 2015, whose decoder is smaller), pad or
            interpolate.
        block: of the convolutions of a stage: plain, or residual (He et al. 2015).
        convolution: plain, or separable: each channel by itself, then 1×1 (Howard et al. 2017).
        attention: behind the convolutions of each stage: none, squeeze_excitation (Hu et al.
            2017), or spatial (after Woo et al. 2018).
        bottleneck: whether another stage follows the last step down.
        convs_per_stage: convolutions in each stage, 1 to 16; those after the first have stride 1.
        norm: after each convolution: none, batch, instance, group (of up to 32 groups), layer, or
            dropout of whole channels.
        dropout_p: the probability with which `norm="dropout"` drops a channel.
        final_norm: whether the last convolution has a norm, too.
        activation: after each convolution but the last.
        final_activation: after the last: a name, or none.
        final_resize: of the output to `output_size`: none, interpolate, adaptive_avg,
            adaptive_max.
        latent_shape: if given, a fully connected block maps the encoder's output to this shape.
        latent_layers: linear layers on each side of the latent shape.
        latent_activation: after each of these linear layers: a name, or none.
        init: of the weights; see `Network`.
        overrides: changes of single layers by name, given as a dict of dicts:
            `{"encoder.stage2.conv": {"kernel_size": 5}}`. A name that no layer has changes
            nothing; a caution says so.
        names: of the modules: `stages` (encoder.stage1.conv) or `torchcnnbuilder`
            (encoder.conv 1.0), with which its state dicts load.

    Raises:
        DesignError: if a value is not possible, as a negative depth or an unknown activation.

    Example:
        >>> EncoderDecoder(input_size=(64, 64), in_channels=10, out_channels=5, kernel_size=5)
        EncoderDecoder(input_size=(64, 64), in_channels=10, out_channels=5, kernel_size=5)
    """

    input_size: Sizes
    in_channels: Channels
    out_channels: Channels
    output_size: SizesOrNone = None
    depth: Annotated[int, Field(ge=1, le=1000)] = 3
    decoder_depth: Annotated[int | None, Field(ge=1, le=1000)] = None
    channels: Annotated[ChannelLaw | tuple[int, ...], law_or_channels(*LAWS)] = "exponential"
    decoder_channels: Annotated[
        ChannelLaw | Literal["mirror"] | tuple[int, ...], law_or_channels(*LAWS, "mirror")
    ] = "mirror"
    start_channels: Channels = 28
    channel_ratio: Annotated[float, Field(gt=0, le=100)] = 2.0
    max_channels: Channels = 512
    kernel_size: Positive = 3
    stride: Positive = 2
    padding: Padding = "same"
    dilation: Positive = 1
    output_padding: Annotated[PerAxis | Literal["mirror"], numbers_or(0, "mirror")] = "mirror"
    decoder_kernel_size: Annotated[PerAxis | Literal["auto"], numbers_or(1, "auto")] = "auto"
    decoder_stride: Annotated[PerAxis | None, numbers_or(1, None)] = None
    decoder_padding: Annotated[
        PerAxis | Literal["same", "valid"] | None, numbers_or(0, "same", "valid", None)
    ] = None
    decoder_dilation: Annotated[PerAxis | None, numbers_or(1, None)] = None
    downsampling: Literal["stride", "max_pool", "avg_pool"] = "stride"
    upsampling: Literal["transpose", "nearest", "linear", "pixel_shuffle"] = "transpose"
    skips: Literal["none", "concat", "add"] = "concat"
    skip_align: Align = "none"
    block: Literal["plain", "residual"] = "plain"
    convolution: Literal["plain", "separable"] = "plain"
    attention: Literal["none", "squeeze_excitation", "spatial"] = "none"
    bottleneck: bool = False
    convs_per_stage: Annotated[int, Field(ge=1, le=16)] = 1
    norm: Literal["none", "batch", "instance", "group", "layer", "dropout"] = "batch"
    dropout_p: Annotated[float, Field(ge=0, le=1)] = 0.5
    final_norm: bool = False
    activation: ActivationName = "relu"
    final_activation: ActivationName | Literal["none"] = "none"
    final_resize: ResizeMode | Literal["none"] = "none"
    latent_shape: SizesOrNone = None
    latent_layers: Annotated[int, Field(ge=1, le=100)] = 1
    latent_activation: ActivationName | Literal["none"] = "none"
    init: InitName = "pytorch"
    overrides: Annotated[Overrides, PlainValidator(changes_by_name)] = ()
    names: Literal["stages", "torchcnnbuilder"] = "stages"

    @model_validator(mode="before")
    @classmethod
    def _one_number_per_axis(cls, fields: Any) -> Any:
        """Replace 3 by (3, 3) once the number of axes is known; leave the rest to the checks."""
        size = fields.get("input_size")
        if not isinstance(size, list | tuple) or not size:
            return fields
        expanded = dict(fields)
        for name in ALL_PER_AXIS:
            value = fields.get(name, cls.model_fields[name].default)
            if is_whole(value, 0 if "padding" in name else 1):
                expanded[name] = (value,) * len(size)
        return expanded

    @model_validator(mode="after")
    def _lengths(self) -> Self:
        axes = len(self.input_size)
        check_size("input_size", self.input_size)
        for name in ("output_size", *ALL_PER_AXIS):
            value = getattr(self, name)
            if isinstance(value, tuple) and len(value) != axes:
                raise ValueError(
                    f"{name} {shortened(value)} has {len(value)} numbers, but input_size "
                    f"{self.input_size} has {axes} axes; give one number, or one per axis."
                )
        mirrored = self.is_mirror_image
        if self.names == "torchcnnbuilder" and not (mirrored and self.skips == "none"):
            raise ValueError(
                "names 'torchcnnbuilder' are of networks that are a mirror image: stride down, "
                "transposed convolutions up, and no skips, blocks, attention or bottleneck; "
                "take names='stages'."
            )
        reason = "one per encoder stage" + (" and one for the bottleneck" * self.bottleneck)
        self._check_channels("channels", self.stages_of_encoder, reason)
        self._check_channels(
            "decoder_channels",
            self.stages_of_decoder - mirrored,
            "one per decoder stage" + (" but the last, which has out_channels" if mirrored else ""),
        )
        if self.overrides:
            try:
                assemble(self)
            except DesignError as error:
                raise ValueError(f"overrides: {error}") from None
        return self

    def _check_channels(self, name: str, count: int, reason: str) -> None:
        value = getattr(self, name)
        if isinstance(value, tuple) and len(value) != count:
            raise ValueError(
                f"{name} {shortened(value)} has {len(value)} numbers, but needs {count}: {reason}."
            )

    def changed_fields(self) -> dict[str, Any]:
        """Return the fields that differ from their defaults, (3, 3) as 3."""
        fields = {name: self.shown(name) for name in super().changed_fields()}
        return {
            name: value
            for name, value in fields.items()
            if name not in ALL_PER_AXIS or value != type(self).model_fields[name].default
        }

    def shown(self, name: str) -> Any:
        """Return the value of a field in its shortest form: 3 for (3, 3)."""
        value = getattr(self, name)
        return short(value) if name in ALL_PER_AXIS else value

    @property
    def stages_of_encoder(self) -> int:
        """The number of stages of the encoder, with the bottleneck."""
        return self.depth + self.bottleneck

    @property
    def stages_of_decoder(self) -> int:
        """The number of stages of the decoder."""
        return self.decoder_depth or self.depth

    @property
    def is_mirror_image(self) -> bool:
        """Whether the decoder is the encoder in reverse, every convolution transposed."""
        return (
            self.downsampling == "stride"
            and self.upsampling == "transpose"
            and self.block == "plain"
            and self.convolution == "plain"
            and self.attention == "none"
            and not self.bottleneck
        )

    @property
    def depends_on_sizes(self) -> bool:
        """Whether any layer is computed from the size of its input or of its target.

        In a mirror image whose paddings are all given, none is.
        """
        paddings = (self.decoder_padding, self.output_padding)
        given = not any(padding in (None, "same", "mirror") for padding in paddings)
        return not (given and self.is_mirror_image and self.latent_shape is None)

    @property
    def unknown_overrides(self) -> tuple[str, ...]:
        """The names in `overrides` that no layer has."""
        return tuple(sorted(assemble(self)[1])) if self.overrides else ()

    @property
    def target_size(self) -> Size:
        """The size that the output should have."""
        return self.output_size or self.input_size

    def network(self) -> Network:
        """Return the network of these settings, which PyTorch may still refuse."""
        return assemble(self)[0]
