"""`Generator`: the settings of a network from a latent vector to a field, and its network."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from cnnwidget.design.axes import (
    Channels,
    PerAxis,
    Positive,
    Size,
    Sizes,
    SizesOrNone,
    numbers_or,
)
from cnnwidget.design.families.channels import channels_of_generator
from cnnwidget.design.families.conv_style import ConvStyle, NormName
from cnnwidget.design.families.generator_stages import stage_sizes, upsampling
from cnnwidget.design.families.setting_checks import (
    check_same_axes,
    check_size,
    law_or_channels,
    one_number_if_equal,
)
from cnnwidget.design.layers.activation import Activation, ActivationName
from cnnwidget.design.layers.convolution import ConvTranspose
from cnnwidget.design.layers.resizing import Resize, ResizeMode
from cnnwidget.design.network import InitName, Network, Pairs, Sequence
from cnnwidget.design.value import Value, shortened

# One number, or one per axis.
PER_AXIS = ("kernel_size", "stride")


class Generator(Value):
    """From a latent vector to a small field of many channels, which stages enlarge.

    The first layer, `project`, makes a field of `start_size` from the latent vector. Each stage
    enlarges it about `stride` times, so that the last stage ends at `output_size`, whatever that
    is. The last stage has the output's channels and no norm.

    The defaults are those of the DCGAN: transposed convolutions with a kernel of twice the stride,
    so that every output pixel gets equally many contributions (Odena et al. 2016), batch
    normalisation, ReLU, and a final tanh, for images from -1 to 1.

    Attributes:
        output_size: pixels per spatial axis: (length,), (height, width) or (depth, height, width).
        out_channels: channels of the output.
        latent_channels: length of the latent vector, whose shape is (latent_channels, 1, ..., 1).
        depth: stages after `project`, 1 to 1000.
        start_size: of the field that `project` makes; None is the size from which `depth` stages
            lead to `output_size`. With another one, the output may have another size.
        channels: `exponential` (`start_channels` before the last stage, and `channel_ratio` times
            as many a stage before it, at most `max_channels`), `constant` (`start_channels`), or
            one number for `project` and each stage but the last.
        start_channels: before the last stage.
        channel_ratio: the factor of `exponential`.
        max_channels: the limit of `exponential`.
        upsampling: of a stage: transpose (a transposed convolution), nearest or linear (a resize
            and a convolution), pixel_shuffle (a convolution with `stride` times as many channels
            per axis, which become pixels).
        kernel_size: of the stages; `auto` is twice the stride for transposed convolutions that have
            one, else 3.
        stride: the factor by which a stage enlarges the field.
        norm: after each convolution but the last: none, batch, instance, group (of 32 groups, or
            the most that divide the channels, too) or layer.
        activation: after each convolution but the last.
        final_activation: after the last: a name, or none.
        final_resize: of the output to `output_size`, where `start_size` does not lead there: none,
            interpolate, adaptive_avg, and so on.
        bias: of convolutions; `auto` has one where no norm follows, which has a bias itself.
        init: of the weights; see `Network`.

    Raises:
        DesignError: if a value is not possible, as a negative depth or an unknown activation.

    Source: Radford et al. 2015, https://arxiv.org/abs/1511.06434

    Example:
        >>> from cnnwidget.design.planning.walk import walk
        >>> rows = walk(Generator(output_size=(28, 28), out_channels=1, depth=2).network()).rows
        >>> [row.output_shape for row in rows if "conv" in row.name]
        [(128, 7, 7), (64, 14, 14), (1, 28, 28)]
    """

    output_size: Sizes
    out_channels: Channels
    latent_channels: Channels = 100
    depth: Annotated[int, Field(ge=1, le=1000)] = 3
    start_size: SizesOrNone = None
    channels: Annotated[
        Literal["exponential", "constant"] | tuple[int, ...],
        law_or_channels("exponential", "constant"),
    ] = "exponential"
    start_channels: Channels = 64
    channel_ratio: Annotated[float, Field(gt=0, le=100)] = 2.0
    max_channels: Channels = 512
    upsampling: Literal["transpose", "nearest", "linear", "pixel_shuffle"] = "transpose"
    kernel_size: Annotated[PerAxis | Literal["auto"], numbers_or(1, "auto")] = "auto"
    stride: Positive = 2
    norm: NormName = "batch"
    activation: ActivationName = "relu"
    final_activation: ActivationName | Literal["none"] = "tanh"
    final_resize: ResizeMode | Literal["none"] = "none"
    bias: bool | Literal["auto"] = "auto"
    init: InitName = "pytorch"

    @model_validator(mode="before")
    @classmethod
    def _one_number_where_axes_agree(cls, fields: Any) -> Any:
        """Store (3, 3) as 3, so that equivalent designs compare equal."""
        return one_number_if_equal(fields, fields.get("output_size"), PER_AXIS)

    @model_validator(mode="after")
    def _lengths(self) -> Self:
        check_size("output_size", self.output_size)
        if self.start_size is not None:
            check_same_axes("start_size", self.start_size, "output_size", self.output_size)
        if isinstance(self.channels, tuple) and len(self.channels) != self.depth:
            raise ValueError(
                f"channels {shortened(self.channels)} has {len(self.channels)} numbers, but needs "
                f"{self.depth}: one for the first field, and one per stage but the last, which "
                "has out_channels."
            )
        return self

    @property
    def target_size(self) -> Size:
        """The size that the output should have."""
        return self.output_size

    def network(self) -> Network:
        """Return the network of these settings, which PyTorch may still refuse."""
        biased = self.norm == "none" if self.bias == "auto" else self.bias
        style = ConvStyle(norm=self.norm, activation=self.activation, bias=biased)
        sizes = stage_sizes(self)
        channels = (*channels_of_generator(self), self.out_channels)
        project = ConvTranspose.unchecked(
            out_channels=channels[0], kernel_size=sizes[0], bias=biased
        )
        first: Pairs = [("conv", project), *style.norms(channels[0]), ("act", style.act())]
        children: Pairs = [("project", Sequence.unchecked(children=tuple(first)))]
        for number in range(1, self.depth + 1):
            last = number == self.depth
            bias = self.bias is True or (self.bias == "auto" and (last or biased))
            size, target = sizes[number - 1], sizes[number]
            before, conv, after = upsampling(self, size, target, channels[number], bias=bias)
            inner: Pairs = [*before, ("conv", conv), *after]
            if not last:
                inner += [*style.norms(channels[number]), ("act", style.act())]
            elif self.final_activation != "none":
                inner.append(("act", Activation.unchecked(name=self.final_activation)))
            children.append((f"stage{number}", Sequence.unchecked(children=tuple(inner))))
        if self.final_resize != "none":
            resize = Resize.unchecked(size=self.output_size, mode=self.final_resize)
            children.append(("resize", resize))
        return Network.unchecked(
            input_shape=(self.latent_channels, *(1,) * len(self.output_size)),
            children=tuple(children),
            init=self.init,
        )
