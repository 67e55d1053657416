"""`ConvStyle`: makes the convolutions of a classifier or generator with norm and activation."""

from __future__ import annotations

from typing import Literal, NamedTuple

from cnnwidget.design.axes import PerAxis
from cnnwidget.design.layers.activation import Activation, ActivationName
from cnnwidget.design.layers.convolution import Conv
from cnnwidget.design.layers.dense import Linear
from cnnwidget.design.layers.norm import Norm, group_norm
from cnnwidget.design.network import Pairs

NormName = Literal["none", "batch", "instance", "group", "layer"]

UNIT_STRIDE: PerAxis = 1


class ConvStyle(NamedTuple):
    """The settings that all convolutions of a network share.

    Attributes:
        kernel_size: of the convolutions larger than 1×1.
        padding: of all convolutions.
        norm: behind each convolution.
        activation: behind each norm.
        bias: whether the convolutions have one.
        expansion: how many times the channels of a bottleneck its last convolution has.
    """

    kernel_size: PerAxis = 3
    padding: Literal["same", "valid"] = "same"
    norm: NormName = "batch"
    activation: ActivationName = "relu"
    bias: bool = False
    expansion: int = 4

    def conv(
        self,
        out_channels: int,
        kernel_size: PerAxis,
        stride: PerAxis = UNIT_STRIDE,
        groups: int = 1,
    ) -> Conv:
        """Return a convolution in this style."""
        return Conv.unchecked(
            out_channels=out_channels,
            kernel_size=kernel_size,
            stride=stride,
            padding=self.padding,
            groups=groups,
            bias=self.bias,
        )

    def unit(self, conv: Conv | Linear, suffix: str = "", *, name: str = "") -> Pairs:
        """Return a convolution, or a linear layer, with its norm and its activation."""
        return [*self.normed(conv, suffix, name=name), (f"act{suffix}", self.act())]

    def normed(self, conv: Conv | Linear, suffix: str = "", *, name: str = "") -> Pairs:
        """Return a convolution, or a linear layer, with its norm."""
        channels = conv.out_channels if isinstance(conv, Conv) else conv.out_features
        return [(name or f"conv{suffix}", conv), *self.norms(channels, suffix)]

    def norms(self, channels: int, suffix: str = "") -> Pairs:
        """Return the norm of so many channels, or nothing."""
        if self.norm == "none":
            return []
        if self.norm == "group":
            return [(f"norm{suffix}", group_norm(channels))]
        return [(f"norm{suffix}", Norm.unchecked(kind=self.norm))]

    def act(self) -> Activation:
        """Return the activation."""
        return Activation.unchecked(name=self.activation)
