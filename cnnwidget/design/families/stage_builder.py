"""`StageBuilder`: adds the layers of an encoder-decoder and follows the size of a sample."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnnwidget.design.axes import Size, per_axis
from cnnwidget.design.families.channels import channels_of_encoder
from cnnwidget.design.families.decoder_convolution import DecoderConvolutions
from cnnwidget.design.layers.activation import Activation
from cnnwidget.design.layers.attention import spatial_attention, squeeze_excitation
from cnnwidget.design.layers.convolution import Conv
from cnnwidget.design.layers.dense import Dropout
from cnnwidget.design.layers.layer import Layer, Misfit
from cnnwidget.design.layers.norm import Norm, group_norm
from cnnwidget.design.network import Merge, Pairs, Sequence, Skip

if TYPE_CHECKING:
    from cnnwidget.design.families.encoder_decoder import EncoderDecoder


class StageBuilder:
    """Adds layers to the stages of an encoder-decoder.

    It keeps the channels and the size of a sample behind the layers so far, applies overrides, and
    records the sizes and strides that the decoder has to undo.

    Attributes:
        channels: of the sample behind the layers so far.
        size: of the sample; None from the first layer on that does not fit, and everywhere in a
            design that computes nothing from sizes.
        sizes: before each convolution so far.
        strides: of each convolution so far.
        skip_channels: the channels of each long skip, by its name.
        prefix: the dotted name of the current stage, with a dot at its end.
        numbered: whether the layers of a stage are named 0, 1, 2 instead of conv, norm, act.
        unknown_overrides: the overridden names that no layer has had so far.
    """

    def __init__(self, design: EncoderDecoder, *, numbered: bool) -> None:
        axes = len(design.input_size)
        self.design = design
        self.is_mirror_image = design.is_mirror_image
        self.encoder_channels = channels_of_encoder(design)
        self.prefix = ""
        self.numbered = numbered
        self.channels = design.in_channels
        self.size: Size | None = design.input_size if design.depends_on_sizes else None
        self.sizes: list[Size | None] = []
        self.strides: list[Size] = []
        self.skip_channels: dict[str, int] = {}
        self.overrides = dict(design.overrides)
        self.unknown_overrides = set(self.overrides)
        self.ones = (1,) * axes
        self.stride = per_axis(design.stride, axes)
        # The number of each convolution of a stage, and the suffix of its layers' names.
        count = design.convs_per_stage
        self.suffixes = [(n, str(n)) for n in range(1, count + 1)] if count > 1 else [(1, "")]
        self.decoder_convolutions = DecoderConvolutions(design)
        # All convolutions of the encoder are this one with other channels and another stride.
        self.conv_template = Conv.unchecked(
            out_channels=1,
            kernel_size=design.kernel_size,
            padding=design.padding,
            dilation=design.dilation,
        )
        self.activation = Activation.unchecked(name=design.activation)
        self.norm: Norm | Dropout | None = None
        self.norm_name = "norm"
        if design.norm == "dropout":
            self.norm_name = "dropout"
            self.norm = Dropout.unchecked(p=design.dropout_p)
        elif design.norm != "none":
            self.norm = Norm.unchecked(kind=design.norm)

    def append(self, children: Pairs, name: str, layer: Any) -> Any:
        """Append a layer that changes neither channels nor size; return it with its overrides."""
        if self.numbered:
            name = str(len(children))
        if self.overrides:
            return self.append_named(children, name, layer)
        children.append((name, layer))
        return layer

    def append_named(self, children: Pairs, name: str, layer: Any) -> Any:
        """Append a layer under this name, also where layers are numbered."""
        if self.prefix + name in self.overrides:
            self.unknown_overrides.discard(self.prefix + name)
            layer = layer.replace(**dict(self.overrides[self.prefix + name]))
        children.append((name, layer))
        return layer

    def advance(self, children: Pairs, name: str, layer: Layer) -> Any:
        """Append a layer and send the sample through it."""
        layer = self.append(children, name, layer)
        if self.size is not None:
            self.size = size_after(layer, self.channels, self.size)
        # A layer that does not fit still has a number of output channels.
        self.channels = getattr(layer, "out_channels", self.channels)
        return layer

    def advance_transposed(
        self, children: Pairs, name: str, out_channels: int, target: Size | None, stride: Size
    ) -> None:
        """Append a transposed convolution to the target size and send the sample through it."""
        conv, after = self.decoder_convolutions.convolution(out_channels, self.size, target, stride)
        layer = self.append(children, name, conv)
        if layer is conv:
            self.size = after
        elif self.size is not None:
            self.size = size_after(layer, self.channels, self.size)
        self.channels = layer.out_channels

    def append_norm(self, children: Pairs, suffix: str) -> None:
        """Append the norm behind a convolution, or the dropout in its place, if there is one."""
        norm = self.norm
        if norm is None:
            return
        if self.design.norm == "group":
            norm = group_norm(self.channels)
        self.append(children, self.norm_name + suffix, norm)

    def merge(self, children: Pairs, name: str) -> None:
        """Append the merge of a long skip."""
        how, align = self.design.skips, self.design.skip_align
        self.append_named(children, "merge", Merge.unchecked(name=name, how=how, align=align))
        if how == "concat":
            self.channels += self.skip_channels[name]

    def append_ending(self, children: Pairs, suffix: str) -> None:
        """Append the norm and the activation behind the last convolution, as far as asked for."""
        design = self.design
        if design.final_norm:
            self.append_norm(children, suffix)
        if design.final_activation != "none":
            last = Activation.unchecked(name=design.final_activation)
            self.append(children, "act" + suffix, last)

    def convolve(self, children: Pairs, suffix: str, out_channels: int, stride: Size) -> None:
        """Append a convolution, or the two of a separable one."""
        self.sizes.append(self.size)
        separable = self.design.convolution == "separable"
        channels = self.channels
        if separable:
            conv = self.conv_template.replace_unchecked(
                out_channels=channels, stride=stride, groups=channels
            )
            made = self.advance(children, f"depthwise{suffix}", conv)
        else:
            conv = self.conv_template.replace_unchecked(out_channels=out_channels, stride=stride)
            made = self.advance(children, f"conv{suffix}", conv)
        self.strides.append(stride if made is conv else per_axis(made.stride, len(stride)))
        if not separable:
            return
        pointwise = Conv.unchecked(out_channels=out_channels, kernel_size=self.ones)
        self.advance(children, "pointwise" + suffix, pointwise)

    def convolve_stage(self, children: Pairs, out_channels: int, stride: Size) -> None:
        """Append all convolutions of a stage, the first with the stride, and its attention."""
        design = self.design
        if design.block == "residual":
            self.append_residual(children, out_channels, stride)
        else:
            for number, suffix in self.suffixes:
                step = stride if number == 1 else self.ones
                self.convolve(children, suffix, out_channels, step)
                self.append_norm(children, suffix)
                self.append(children, "act" + suffix, self.activation)
        if design.attention == "squeeze_excitation":
            self.append_named(children, "attention", squeeze_excitation(self.channels))
        elif design.attention == "spatial":
            self.append_named(children, "attention", spatial_attention())

    def append_residual(self, children: Pairs, out_channels: int, stride: Size) -> None:
        """Append the convolutions of a stage as a residual block, and its activation."""
        channels, size = self.channels, self.size
        inner: Pairs = []
        stage = self.prefix
        self.prefix = f"{stage}block."
        for number, suffix in self.suffixes:
            if number > 1:
                self.append(inner, f"act{number - 1}", self.activation)
            step = stride if number == 1 else self.ones
            self.convolve(inner, suffix, out_channels, step)
            self.append_norm(inner, suffix)
        end = self.channels, self.size
        # The projection has the same stride and the same output channels.
        projection: Sequence | str = "none"
        if channels != out_channels or stride != self.ones:
            self.channels, self.size = channels, size
            self.prefix = f"{stage}block.projection."
            projected: Pairs = []
            conv = Conv.unchecked(out_channels=out_channels, kernel_size=self.ones, stride=stride)
            self.advance(projected, "conv", conv)
            self.append_norm(projected, "")
            projection = Sequence.unchecked(children=tuple(projected))
        self.channels, self.size = end
        self.prefix = stage
        # Without padding the block's output is smaller: crop its input to the middle.
        align = "none" if self.design.padding == "same" else "crop"
        block = Skip.unchecked(children=tuple(inner), how="add", projection=projection, align=align)
        self.append_named(children, "block", block)
        self.append(children, "act", self.activation)


def size_after(layer: Layer, channels: int, size: Size) -> Size | None:
    """Return the size behind a layer; None where the layer does not fit."""
    try:
        return layer.output_shape((channels, *size))[1:]
    except Misfit:
        return None
