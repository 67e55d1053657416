"""What PyTorch keeps of a network for its backward pass, tensor by tensor."""

from __future__ import annotations

from math import prod

from cnnwidget.design.axes import Shape
from cnnwidget.design.joins import Join
from cnnwidget.design.layers.layer import FLOAT_BYTES, Layer


class Ledger:
    """The bytes kept with every sample, by the row that made the tensor; see `Row.memory`.

    Attributes:
        bytes: for each row so far.
    """

    def __init__(self) -> None:
        self.bytes: list[int] = []
        # For the tensor of each row: the row that made it, for some only pass it on; and whether
        # it depends on weights, for else there is nothing to go back to and nothing is kept. The
        # network's input is row -1.
        self.givers = {-1: -1}
        self.learns = {-1: False}
        self.held: set[int] = set()

    def leaf(self, layer: Layer, source: int, shape: Shape, output: Shape, params: int) -> None:
        """A further row: a layer."""
        row = len(self.bytes)
        keeps_input, keeps_output, extra, same, learned_input = layer.keeps(shape, output)
        depends = params > 0 or self.learns[source]
        self.learns[row] = depends
        self.givers[row] = self.givers[source] if same else row
        if not depends:
            self.bytes.append(0)
            return
        if keeps_output:
            self.held.add(row)
            extra += FLOAT_BYTES * prod(output)
        self.bytes.append(extra)
        if keeps_input or (learned_input and self.learns[source]):
            self.hold(source, shape)

    def join(self, layer: Join, sources: tuple[int, ...], shapes: tuple[Shape, ...]) -> None:
        """A further row: tensors joined."""
        row = len(self.bytes)
        depend = tuple([self.learns[source] for source in sources])
        which, extra = layer.joined_keeps(shapes, depend)
        self.learns[row] = any(depend)
        # One tensor by itself is not added to, nor multiplied.
        alone = len(sources) == 1 and layer.how != "concat"
        self.givers[row] = self.givers[sources[0]] if alone else row
        self.bytes.append(extra)
        for number in which:
            self.hold(sources[number], shapes[number])

    def hold(self, source: int, shape: Shape) -> None:
        """The tensor of a row is kept, by the row that is the last yet."""
        giver = self.givers[source]
        if giver not in self.held:
            self.held.add(giver)
            self.bytes[giver if giver >= 0 else -1] += FLOAT_BYTES * prod(shape)
