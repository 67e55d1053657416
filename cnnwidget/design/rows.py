"""One row a layer: the walk of a sample's shape through a network."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import NamedTuple

from cnnwidget.design.axes import MOST_VALUES, Shape
from cnnwidget.design.layer import Call, Layer, Misfit, in_words
from cnnwidget.design.network import Network, Part, leaves


@dataclass(frozen=True, slots=True)
class Row:
    """What is known of one layer of a network.

    Attributes:
        name: where it stands, as in the state dict: `encoder.stage1.conv`.
        part: `encoder`, `bottleneck`, `decoder`, or nothing.
        layer: the layer itself.
        input_shape: (channels, *size), without the batch axis.
        output_shape: the same for the output; None for a layer that PyTorch refuses.
        params: trainable weights.
        macs: multiply-accumulates of one sample.
    """

    name: str
    part: Part
    layer: Layer
    input_shape: Shape
    output_shape: Shape | None
    params: int
    macs: int

    @property
    def call(self) -> Call:
        """The torch constructor that makes this layer."""
        return self.layer.call(self.input_shape)

    @property
    def kind(self) -> str:
        """The torch class: `Conv2d`."""
        return self.call.name

    @property
    def settings(self) -> str:
        """What the shapes do not tell, in words: `kernel 3, stride 2`."""
        return in_words(pair for pair in self.call.kwargs if pair[0] != "size")


class Walk(NamedTuple):
    """The rows of a network, and why the last of them cannot be, if so."""

    rows: tuple[Row, ...]
    misfit: str | None


def walk(network: Network) -> Walk:
    """Send a shape through a network, layer by layer, as far as it goes.

    Where PyTorch would refuse a layer, its row is the last and has no output shape.
    """
    rows: list[Row] = []
    shape = network.input_shape
    for name, part, layer in leaves(network):
        try:
            output = layer.output_shape(shape)
            params = layer.params(shape)
            most = max(prod(shape), prod(output), params)
            if most >= MOST_VALUES:
                raise Misfit(f"a tensor of {most:,} values is more than torch can address")  # noqa: TRY301
        except Misfit as misfit:
            rows.append(Row(name, part, layer, shape, None, 0, 0))
            return Walk(tuple(rows), str(misfit))
        rows.append(Row(name, part, layer, shape, output, params, layer.macs(shape, output)))
        shape = output
    return Walk(tuple(rows), None)
