"""One row a layer: what is known of it where it stands."""

from __future__ import annotations

from typing import Any, NamedTuple

from cnnwidget.design.axes import Shape
from cnnwidget.design.joins import Join
from cnnwidget.design.layers.layer import Call, Layer, in_words
from cnnwidget.design.layers.taps import Taps
from cnnwidget.design.network import Aux, Branches, Merge, Part, Skip

# Where the network's input comes from.
INPUT_SOURCE = -1


class Row(NamedTuple):
    """What is known of one layer of a network, or of the place where tensors are joined.

    Attributes:
        name: where it stands, as in the state dict: `encoder.stage1.conv`. A join has the name of
            its combinator.
        part: `encoder`, `bottleneck`, `decoder`, or nothing.
        layer: the layer itself, or the `Skip`, `Branches` or `Merge`; or an `Aux` whose name is
            taken.
        sources: for each tensor that goes in, the number of the row that gives it out; -1 is the
            network's input.
        input_shapes: of these: (channels, *size), without the batch axis.
        output_shape: the same for the output; None for a layer that PyTorch refuses.
        params: trainable weights.
        macs: multiply-accumulates of one sample.
        aux: whether it belongs to an auxiliary head, which runs in training only.
        memory: bytes that training keeps for the backward pass with every sample of a batch, in
            32-bit floats, weights and running statistics apart: of the tensor that the layer gives
            out, if it or a later one keeps that, and of what it keeps beside (masks, indices).
            A tensor counts once, however many layers keep it; the network's input counts with the
            first layer that keeps it. What a batch normalisation keeps once a batch (8 bytes a
            channel) does not grow with the samples and is left out.
    """

    name: str
    part: Part
    layer: Layer | Skip | Branches | Merge | Aux
    sources: tuple[int, ...]
    input_shapes: tuple[Shape, ...]
    output_shape: Shape | None
    params: int
    macs: int
    aux: bool
    memory: int

    @property
    def input_shape(self) -> Shape:
        """The shape of the tensor that goes in, of several the first."""
        return self.input_shapes[0]

    @property
    def call(self) -> Call:
        """The constructor that makes this layer."""
        if isinstance(self.layer, Join):
            call = self.layer.joined_call(type(self.layer).__name__)
            name = (("name", self.layer.name),) if isinstance(self.layer, Merge) else ()
            return call._replace(kwargs=(*name, *call.kwargs))
        if isinstance(self.layer, Aux):
            return Call("Aux", (), (("name", self.layer.name),))
        return self.layer.call(self.input_shape)

    @property
    def kind(self) -> str:
        """The torch class: `Conv2d`."""
        return self.call.name

    @property
    def settings(self) -> str:
        """What the shapes do not tell, in words: `kernel 3, stride 2`."""
        return in_words(pair for pair in self.call.kwargs if pair[0] != "size")

    @property
    def formula(self) -> str:
        """How the output size comes about, with the numbers filled in; empty where it stays."""
        if self.output_shape is None or not isinstance(self.layer, Layer):
            return ""
        return self.layer.formula(self.input_shape, self.output_shape)

    @property
    def lost(self) -> tuple[int, ...]:
        """Rows and columns of the input, at its far end, that rounding down leaves unmet.

        One number for each axis, or nothing where there is nothing to lose.
        """
        if self.output_shape is None or not isinstance(self.layer, Layer):
            return ()
        lost = self.layer.lost(self.input_shape, self.output_shape)
        return lost if any(lost) else ()

    @property
    def taps(self) -> tuple[Taps, ...]:
        """For each tensor that goes in, which of its positions an output position meets."""
        assert self.output_shape is not None
        if isinstance(self.layer, Join):
            return self.layer.joined_taps(self.input_shapes)
        assert isinstance(self.layer, Layer)  # an auxiliary head has a row only where it is refused
        return (self.layer.taps(self.input_shape, self.output_shape),)


# A row in the making: all but what it keeps, which later rows have a say in.
Entry = tuple[str, Part, Any, tuple[int, ...], tuple[Shape, ...], Shape, int, int, bool]


class Extra(NamedTuple):
    """An extra output in training: its name, the weight of its loss, its row and its shape."""

    name: str
    weight: float
    source: int
    shape: Shape


class Totals(NamedTuple):
    """The sums of all rows, but that the multiply-accumulates of auxiliary heads do not count."""

    params: int
    macs: int
    memory: int


def totals_of(rows: tuple[Row, ...]) -> Totals:
    """The sums of some rows."""
    return Totals(
        sum([row.params for row in rows]),
        sum([row.macs for row in rows if not row.aux]),
        sum([row.memory for row in rows]),
    )
