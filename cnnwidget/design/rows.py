"""One row a layer: the walk of a sample's shape through a network."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import NamedTuple

from cnnwidget.design.axes import MOST_VALUES, Shape
from cnnwidget.design.layer import Call, Layer, Misfit
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
    def kind(self) -> str:
        """The torch class: `Conv2d`; the layer's own name where there can be none."""
        try:
            return self.layer.call(self.input_shape).name
        except Misfit:
            return type(self.layer).__name__

    @property
    def call(self) -> Call:
        """The torch constructor that makes this layer."""
        return self.layer.call(self.input_shape)

    @property
    def settings(self) -> tuple[tuple[str, object], ...]:
        """What the shapes do not tell, in torch's words: (("kernel_size", 3), ("stride", 2))."""
        try:
            return tuple(pair for pair in self.call.kwargs if pair[0] != "size")
        except Misfit:
            return ()


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
