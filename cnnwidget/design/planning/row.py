"""`Row`: the shapes, costs and sources of one layer in its network."""

from __future__ import annotations

from typing import Any, NamedTuple

from cnnwidget.design.axes import Shape
from cnnwidget.design.joins import Join
from cnnwidget.design.layers.layer import Call, Layer, in_words
from cnnwidget.design.layers.taps import Taps
from cnnwidget.design.network import Aux, Branches, Merge, Part, Skip

# The source number of the network's input.
INPUT_SOURCE = -1


class Row(NamedTuple):
    """One layer of a network, or one join of tensors.

    Attributes:
        name: of the layer, as in the state dict: `encoder.stage1.conv`. A join has the name of its
            combinator.
        part: `encoder`, `bottleneck`, `decoder`, or nothing.
        layer: the layer itself, or the `Skip`, `Branches` or `Merge`; or an `Aux` that is refused
            because its name is used already.
        sources: for each input tensor, the number of the row that makes it; -1 is the network's
            input.
        input_shapes: (channels, *size) of each input tensor, without the batch axis.
        output_shape: the same for the output; None for a layer that PyTorch refuses.
        params: trainable weights.
        macs: multiply-accumulates of one sample.
        aux: whether the layer is in an auxiliary head, which runs in training only.
        memory: bytes that training saves for the backward pass per sample of a batch, in 32-bit
            floats, without weights and running statistics: of the layer's output, if this or a
            later layer saves it, and of other saved tensors (masks, indices). A tensor counts once,
            however many layers save it; the network's input counts with the first layer that saves
            it. What a batch normalisation saves per batch (8 bytes per channel) is left out.
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
        """The shape of the input, or of the first of several."""
        return self.input_shapes[0]

    @property
    def call(self) -> Call:
        """The constructor call of this layer's module."""
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
        """The settings that do not follow from the shapes, in words: `kernel 3, stride 2`."""
        return in_words(pair for pair in self.call.kwargs if pair[0] != "size")

    @property
    def formula(self) -> str:
        """The formula of the output size with its numbers; empty where the size stays."""
        if self.output_shape is None or not isinstance(self.layer, Layer):
            return ""
        return self.layer.formula(self.input_shape, self.output_shape)

    @property
    def lost(self) -> tuple[int, ...]:
        """The rows and columns at the far end of the input that rounding down leaves unused.

        One number per axis; empty where nothing is lost.
        """
        if self.output_shape is None or not isinstance(self.layer, Layer):
            return ()
        lost = self.layer.lost(self.input_shape, self.output_shape)
        return lost if any(lost) else ()

    @property
    def taps(self) -> tuple[Taps, ...]:
        """For each input tensor, the positions that an output position depends on."""
        assert self.output_shape is not None
        if isinstance(self.layer, Join):
            return self.layer.joined_taps(self.input_shapes)
        assert isinstance(
            self.layer, Layer
        )  # an auxiliary head has a row of its own only if refused
        return (self.layer.taps(self.input_shape, self.output_shape),)


# A row without its memory, which depends on later rows.
Entry = tuple[str, Part, Any, tuple[int, ...], tuple[Shape, ...], Shape, int, int, bool]


class Extra(NamedTuple):
    """An extra output in training: its name, the weight of its loss, its row and its shape."""

    name: str
    weight: float
    source: int
    shape: Shape


class Totals(NamedTuple):
    """The sums of all rows; the multiply-accumulates of auxiliary heads do not count."""

    params: int
    macs: int
    memory: int


def totals_of(rows: tuple[Row, ...]) -> Totals:
    """Return the sums of some rows."""
    return Totals(
        sum([row.params for row in rows]),
        sum([row.macs for row in rows if not row.aux]),
        sum([row.memory for row in rows]),
    )
