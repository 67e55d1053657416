"""One row a layer: the walk of a sample's shape through a network."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import NamedTuple

from cnnwidget.design.axes import MOST_VALUES, Shape
from cnnwidget.design.layer import FLOAT_BYTES, Call, Layer, Misfit, in_words
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
        memory: bytes that training keeps for the backward pass with every sample of a batch, in
            32-bit floats, weights and running statistics apart: of the tensor that the layer gives
            out, if it or a later one keeps that, and of what it keeps beside (masks, indices).
            A tensor counts once, however many layers keep it; the network's input counts with the
            first layer that keeps it. What a batch normalisation keeps once a batch (8 bytes a
            channel) does not grow with the samples and is left out.
    """

    name: str
    part: Part
    layer: Layer
    input_shape: Shape
    output_shape: Shape | None
    params: int
    macs: int
    memory: int

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
    found: list[tuple[str, Part, Layer, Shape, Shape | None, int, int]] = []
    memory: list[int] = []
    misfit: str | None = None
    shape = network.input_shape
    values = prod(shape)
    # The row that gave out the present tensor (none did the input), and whether it is kept yet.
    giver, kept = -1, False
    # Before the first weights there is nothing to go back to, and nothing is kept.
    learns = False
    for position, (name, part, layer) in enumerate(leaves(network)):
        try:
            output = layer.output_shape(shape)
            params = layer.params(shape)
            values_out = prod(output)
            most = max(values, values_out, params)
            if most >= MOST_VALUES:
                raise Misfit(f"a tensor of {most:,} values is more than torch can address")  # noqa: TRY301
        except Misfit as reason:
            found.append((name, part, layer, shape, None, 0, 0))
            memory.append(0)
            misfit = str(reason)
            break
        found.append((name, part, layer, shape, output, params, layer.macs(shape, output)))
        learns = learns or params > 0
        keeps = layer.keeps(shape, output)
        memory.append(keeps.extra if learns else 0)
        if learns and keeps.input and not kept:
            memory[giver if giver >= 0 else position] += FLOAT_BYTES * values
            kept = True
        if not keeps.same:
            giver, kept = position, learns and keeps.output
            if kept:
                memory[position] += FLOAT_BYTES * values_out
        shape, values = output, values_out
    rows = tuple(Row(*row, held) for row, held in zip(found, memory, strict=True))
    return Walk(rows, misfit)
