"""The blocks that the stages of a classifier are made of, and the ways of building them."""

from __future__ import annotations

from math import gcd
from typing import Literal, NamedTuple

from cnnwidget.design.axes import PerAxis
from cnnwidget.design.layers.activation import Activation, ActivationName
from cnnwidget.design.layers.convolution import Conv
from cnnwidget.design.layers.dense import Linear
from cnnwidget.design.layers.layer import Layer
from cnnwidget.design.layers.norm import Norm
from cnnwidget.design.network import Aux, Branches, Merge, Sequence, Skip

NormName = Literal["none", "batch", "instance", "group", "layer"]
Pairs = list[tuple[str, Layer | Sequence | Skip | Branches | Merge | Aux]]

ONE_STEP: PerAxis = 1


class Style(NamedTuple):
    """What all convolutions of a network have in common.

    Attributes:
        kernel_size: of those that look around.
        padding: of all of them.
        norm: what comes after each.
        activation: what comes after that.
        bias: whether they have one.
        expansion: of a bottleneck: its last convolution has so many times the channels.
    """

    kernel_size: PerAxis = 3
    padding: Literal["same", "valid"] = "same"
    norm: NormName = "batch"
    activation: ActivationName = "relu"
    bias: bool = False
    expansion: int = 4

    def conv(
        self, out_channels: int, kernel_size: PerAxis, stride: PerAxis = ONE_STEP, groups: int = 1
    ) -> Conv:
        """A convolution in this style."""
        return Conv.known(
            out_channels=out_channels,
            kernel_size=kernel_size,
            stride=stride,
            padding=self.padding,
            groups=groups,
            bias=self.bias,
        )

    def unit(self, conv: Conv | Linear, mark: str = "", *, name: str = "") -> Pairs:
        """A convolution, or a linear layer, with its norm and its activation."""
        return [*self.normed(conv, mark, name=name), (f"act{mark}", self.act())]

    def normed(self, conv: Conv | Linear, mark: str = "", *, name: str = "") -> Pairs:
        """A convolution, or a linear layer, with its norm."""
        channels = conv.out_channels if isinstance(conv, Conv) else conv.out_features
        return [(name or f"conv{mark}", conv), *self.norms(channels, mark)]

    def norms(self, channels: int, mark: str = "") -> Pairs:
        """The norm of so many channels, if there is one.

        Groups are 32, as in Wu and He 2018, or else the most that divide 32 and the channels.
        """
        if self.norm == "none":
            return []
        if self.norm == "group":
            return [(f"norm{mark}", Norm.known(kind="group", groups=gcd(32, channels)))]
        return [(f"norm{mark}", Norm.known(kind=self.norm))]

    def act(self) -> Activation:
        """The activation."""
        return Activation.known(name=self.activation)


class Step(NamedTuple):
    """Which block of a stage is to be made.

    Attributes:
        mark: the number of the block, for the names of its layers.
        in_channels: of what goes in.
        channels: of its convolutions.
        stride: of the one that goes on.
    """

    mark: str
    in_channels: int
    channels: int
    stride: PerAxis


def plain(style: Style, step: Step) -> Pairs:
    """One convolution."""
    return style.unit(style.conv(step.channels, style.kernel_size, step.stride), step.mark)


def residual(style: Style, step: Step) -> Pairs:
    """Two convolutions, to whose result the input is added.

    Source: He et al. 2015, https://arxiv.org/abs/1512.03385, figure 5, left
    """
    inner = [
        *style.unit(style.conv(step.channels, style.kernel_size, step.stride), "1"),
        *style.normed(style.conv(step.channels, style.kernel_size), "2"),
    ]
    return added(style, step, inner, step.channels)


def bottleneck(style: Style, step: Step) -> Pairs:
    """Fewer channels for the convolution that looks around, and more after it.

    The stride is that of the middle convolution, as in general use; the paper's was in the first.

    Source: He et al. 2015, https://arxiv.org/abs/1512.03385, figure 5, right
    """
    wide = step.channels * style.expansion
    inner = [
        *style.unit(style.conv(step.channels, 1), "1"),
        *style.unit(style.conv(step.channels, style.kernel_size, step.stride), "2"),
        *style.normed(style.conv(wide, 1), "3"),
    ]
    return added(style, step, inner, wide)


def added(style: Style, step: Step, inner: Pairs, out_channels: int) -> Pairs:
    """Some layers whose input is added to their result, and the activation of the sum."""
    projection: Sequence | Literal["none"] = "none"
    if step.in_channels != out_channels or step.stride != ONE_STEP:
        way_round = style.normed(style.conv(out_channels, 1, step.stride))
        projection = Sequence.known(children=tuple(way_round))
    # What is not padded comes out smaller: the way round is then cut to its middle.
    align = "none" if style.padding == "same" else "crop"
    skip = Skip.known(children=tuple(inner), how="add", projection=projection, align=align)
    return [(f"block{step.mark}", skip), (f"act{step.mark}", style.act())]


def depthwise(style: Style, step: Step) -> Pairs:
    """A convolution that looks around in each channel alone, and one that joins the channels.

    Source: Howard et al. 2017, https://arxiv.org/abs/1704.04861
    """
    groups = step.in_channels
    around = style.conv(groups, style.kernel_size, step.stride, groups)
    inner = [
        *style.unit(around, "1", name="depthwise"),
        *style.unit(style.conv(step.channels, 1), "2", name="pointwise"),
    ]
    return [(f"block{step.mark}", Sequence.known(children=tuple(inner)))]
