"""The stages that an encoder-decoder is made of, and how far a sample has come through them."""

from __future__ import annotations

from math import gcd
from typing import TYPE_CHECKING, Any

from cnnwidget.design.axes import Size, per_axis
from cnnwidget.design.families.decoder_convolution import DecoderConvolutions
from cnnwidget.design.families.stage_channels import channels_of_encoder
from cnnwidget.design.layers.activation import Activation
from cnnwidget.design.layers.attention import spatial_attention, squeeze_excitation
from cnnwidget.design.layers.convolution import Conv
from cnnwidget.design.layers.dense import Dropout
from cnnwidget.design.layers.layer import Layer, Misfit
from cnnwidget.design.layers.norm import Norm
from cnnwidget.design.network import Merge, Sequence, Skip

if TYPE_CHECKING:
    from cnnwidget.design.families.encoder_decoder import EncoderDecoder

Pairs = list[tuple[str, Layer | Sequence | Skip | Merge]]

# Of group normalisation (Wu and He 2018).
USUAL_GROUPS = 32


class StageBuilder:
    """A sample on its way through a network in the making.

    Attributes:
        channels: of the sample here.
        size: of the sample here; None from the layer on that does not fit, and all the way where
            nothing is worked out from sizes.
        sizes: before each convolution so far.
        strides: of these.
        kept_channels: of what was kept on the way, by name.
        within: the dotted name of what is being made, with a dot behind it.
        numbered: whether layers of a stage are called 0, 1, 2 instead of conv, norm, act.
        unmet: the names of overridden layers that have not come by.
    """

    def __init__(self, design: EncoderDecoder, *, numbered: bool) -> None:
        axes = len(design.input_size)
        self.design = design
        self.is_mirror_image = design.is_mirror_image
        self.encoder_channels = channels_of_encoder(design)
        self.within = ""
        self.numbered = numbered
        self.channels = design.in_channels
        self.size: Size | None = design.input_size if design.aims_at_sizes else None
        self.sizes: list[Size | None] = []
        self.strides: list[Size] = []
        self.kept_channels: dict[str, int] = {}
        self.overrides = dict(design.overrides)
        self.unmet = set(self.overrides)
        self.ones = (1,) * axes
        self.stride = per_axis(design.stride, axes)
        # The numbers of the convolutions of a stage, and what they add to a name.
        count = design.convs_per_stage
        self.marks = [(n, str(n)) for n in range(1, count + 1)] if count > 1 else [(1, "")]
        self.mirror = DecoderConvolutions(design)
        # Every convolution of the encoder is like this one, but for channels and stride.
        self.usual_conv = Conv.known(
            out_channels=1,
            kernel_size=design.kernel_size,
            padding=design.padding,
            dilation=design.dilation,
        )
        self.activation = Activation.known(name=design.activation)
        self.norm: Norm | Dropout | None = None
        self.norm_name = "norm"
        if design.norm == "dropout":
            self.norm_name = "dropout"
            self.norm = Dropout.known(p=design.dropout_p)
        elif design.norm != "none":
            self.norm = Norm.known(kind=design.norm)

    def put(self, children: Pairs, name: str, layer: Any) -> Any:
        """One more layer of a stage; the sample stays where it is."""
        if self.numbered:
            name = str(len(children))
        if self.overrides:
            return self.place(children, name, layer)
        children.append((name, layer))
        return layer

    def place(self, children: Pairs, name: str, layer: Any) -> Any:
        """One more layer of this very name, overridden where that is asked for."""
        if self.within + name in self.overrides:
            self.unmet.discard(self.within + name)
            layer = layer.replace(**dict(self.overrides[self.within + name]))
        children.append((name, layer))
        return layer

    def go(self, children: Pairs, name: str, layer: Layer) -> Any:
        """One more layer of a stage; the sample goes through it."""
        layer = self.put(children, name, layer)
        if self.size is not None:
            self.size = size_after(layer, self.channels, self.size)
        # The design tells the channels also of what does not fit.
        self.channels = getattr(layer, "out_channels", self.channels)
        return layer

    def rise(
        self, children: Pairs, name: str, out_channels: int, target: Size | None, stride: Size
    ) -> None:
        """A transposed convolution that brings the sample to a size, where its settings allow."""
        conv, after = self.mirror.transposed(out_channels, self.size, target, stride)
        layer = self.put(children, name, conv)
        if layer is conv:
            self.size = after
        elif self.size is not None:
            self.size = size_after(layer, self.channels, self.size)
        self.channels = layer.out_channels

    def put_norm(self, children: Pairs, mark: str) -> None:
        """What stands between a convolution and its activation."""
        norm = self.norm
        if norm is None:
            return
        if self.design.norm == "group":  # as many groups as can be, up to the usual 32
            norm = Norm.known(kind="group", groups=gcd(USUAL_GROUPS, self.channels))
        self.put(children, self.norm_name + mark, norm)

    def merge(self, children: Pairs, name: str) -> None:
        """Join what was kept under a name."""
        how, align = self.design.skips, self.design.skip_align
        self.place(children, "merge", Merge.known(name=name, how=how, align=align))
        if how == "concat":
            self.channels += self.kept_channels[name]

    def put_ending(self, children: Pairs, mark: str) -> None:
        """What stands behind the last convolution."""
        design = self.design
        if design.final_norm:
            self.put_norm(children, mark)
        if design.final_activation != "none":
            last = Activation.known(name=design.final_activation)
            self.put(children, "act" + mark, last)

    def conv(self, children: Pairs, mark: str, out_channels: int, stride: Size) -> None:
        """A convolution, or the two of a separable one."""
        self.sizes.append(self.size)
        separable = self.design.convolution == "separable"
        channels = self.channels
        if separable:
            conv = self.usual_conv.like(out_channels=channels, stride=stride, groups=channels)
            made = self.go(children, f"depthwise{mark}", conv)
        else:
            conv = self.usual_conv.like(out_channels=out_channels, stride=stride)
            made = self.go(children, f"conv{mark}", conv)
        self.strides.append(stride if made is conv else per_axis(made.stride, len(stride)))
        if not separable:
            return
        pointwise = Conv.known(out_channels=out_channels, kernel_size=self.ones)
        self.go(children, "pointwise" + mark, pointwise)

    def convs(self, children: Pairs, out_channels: int, stride: Size) -> None:
        """The convolutions of a stage, the first with a stride: plain or a block, and attention."""
        design = self.design
        if design.block == "residual":
            self.residual(children, out_channels, stride)
        else:
            for number, mark in self.marks:
                step = stride if number == 1 else self.ones
                self.conv(children, mark, out_channels, step)
                self.put_norm(children, mark)
                self.put(children, "act" + mark, self.activation)
        if design.attention == "squeeze_excitation":
            self.place(children, "attention", squeeze_excitation(self.channels))
        elif design.attention == "spatial":
            self.place(children, "attention", spatial_attention())

    def residual(self, children: Pairs, out_channels: int, stride: Size) -> None:
        """The convolutions of a stage as a residual block, and the activation behind it."""
        channels, size = self.channels, self.size
        inner: Pairs = []
        stage = self.within
        self.within = f"{stage}block."
        for number, mark in self.marks:
            if number > 1:
                self.put(inner, f"act{number - 1}", self.activation)
            step = stride if number == 1 else self.ones
            self.conv(inner, mark, out_channels, step)
            self.put_norm(inner, mark)
        end = self.channels, self.size
        # The way round takes the same step, and brings as many channels.
        projection: Sequence | str = "none"
        if channels != out_channels or stride != self.ones:
            self.channels, self.size = channels, size
            self.within = f"{stage}block.projection."
            way_round: Pairs = []
            conv = Conv.known(out_channels=out_channels, kernel_size=self.ones, stride=stride)
            self.go(way_round, "conv", conv)
            self.put_norm(way_round, "")
            projection = Sequence.known(children=tuple(way_round))
        self.channels, self.size = end
        self.within = stage
        # What is not padded comes out smaller: the way round is then cut to its middle.
        align = "none" if self.design.padding == "same" else "crop"
        block = Skip.known(children=tuple(inner), how="add", projection=projection, align=align)
        self.place(children, "block", block)
        self.put(children, "act", self.activation)


def size_after(layer: Layer, channels: int, size: Size) -> Size | None:
    """The size after a layer; None where it does not fit."""
    try:
        return layer.output_shape((channels, *size))[1:]
    except Misfit:
        return None
