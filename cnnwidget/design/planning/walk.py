"""The walk of a sample's shape through a network: one row per layer and one per join."""

from __future__ import annotations

from math import prod
from typing import Any, NamedTuple

from cnnwidget.design.axes import MOST_VALUES, Shape
from cnnwidget.design.layers.convolution import Conv
from cnnwidget.design.layers.layer import Layer, Misfit
from cnnwidget.design.network import (
    COMBINATORS,
    PROJECTION,
    Aux,
    Branches,
    Children,
    Keep,
    Merge,
    Network,
    Part,
    Sequence,
    Skip,
)
from cnnwidget.design.planning.row import INPUT_SOURCE, Entry, Extra, Row
from cnnwidget.design.planning.saved_tensors import saved_bytes

# The beginning of the sentence "... under 'name' already", by the use of the name.
KEPT, GIVEN = "something is kept", "an auxiliary output is given out"


class Walk(NamedTuple):
    """The rows of a network and its output.

    Attributes:
        rows: one per layer and per join; the last has no output shape if PyTorch refuses it.
        last: the number of the row whose output is the network's; -1 where there is none.
        extras: the outputs of auxiliary heads.
        misfit: why PyTorch refuses the last row; None for a network that fits.
    """

    rows: tuple[Row, ...]
    last: int
    extras: tuple[Extra, ...]
    misfit: str | None


def walk(network: Network) -> Walk:
    """Return the rows of a network, up to and including the first layer that PyTorch refuses."""
    walker = Walker(network.input_shape)
    misfit: str | None = None
    try:
        walker.along(network.children, "", "", INPUT_SOURCE)
    except Misfit as reason:
        misfit = str(reason)
    entries = walker.entries
    pairs = zip(entries, saved_bytes(entries), strict=True)
    rows = [Row(*entry, memory) for entry, memory in pairs]
    if misfit is not None and walker.refused is not None:
        rows.append(walker.refused)
    return Walk(tuple(rows), walker.last, tuple(walker.extras), misfit)


class Walker:
    """A sample on its way through a network: the rows so far, and the kept tensors."""

    def __init__(self, shape: Shape) -> None:
        # The output shape of each row, behind that of the network's input, whose number is -1.
        self.shapes = [shape]
        self.entries: list[Entry] = []
        self.extras: list[Extra] = []
        # The row of each kept tensor that can be merged here, by name.
        self.kept: dict[str, int] = {}
        # The use of every name so far.
        self.names: dict[str, str] = {}
        self.last = INPUT_SOURCE
        self.aux = False
        self.refused: Row | None = None

    def along(self, children: Children, prefix: str, part: Part, source: int) -> int:
        """Walk through children one after the other; return the number of the last row."""
        # This runs for every layer at every move of a slider: `isinstance` is slow for pydantic's
        # classes, and combinators have no subclasses.
        pairs: tuple[tuple[str, Any], ...] = children
        shapes, entries, aux = self.shapes, self.entries, self.aux
        shape = shapes[source + 1]
        arriving = (shape,)
        for key, child in pairs:
            name, kind = prefix + key, type(child)
            if kind is Sequence:
                source = self.along(child.children, name + ".", child.part or part, source)
                shape = shapes[source + 1]
                arriving = (shape,)
                continue
            if kind in COMBINATORS:
                source = self.combined(name, part, child, source)
                shape = shapes[source + 1]
                arriving = (shape,)
                continue
            try:
                output = child.output_shape(shape)
                params, macs = child.costs(shape, output)
                if params + prod(output) >= MOST_VALUES:
                    check_addressable(max(params, prod(output)))
                if kind is Keep:
                    self.keep_tensor(child.name, source)
            except Misfit:
                self.refused = Row(name, part, child, (source,), arriving, None, 0, 0, aux, 0)
                raise
            if output != shape:
                entry = name, part, child, (source,), arriving, output, params, macs, aux
                shape = output
                arriving = (shape,)
            else:  # share equal tuples: a long network then takes half of the memory
                entry = name, part, child, (source,), arriving, shape, params, macs, aux
            source = len(entries)
            entries.append(entry)
            shapes.append(shape)
        self.last = source
        return source

    def combined(
        self, name: str, part: Part, node: Skip | Branches | Merge | Aux, source: int
    ) -> int:
        """Walk through a combinator and its children; return the number of the last row."""
        if isinstance(node, Aux):
            # Before the walk through the head, so that the row shows the shape of its input.
            self.check_name(name, part, node, source)
            # A tensor that is kept in a head stays there: the head runs in training only.
            outer, self.aux, kept = self.aux, True, dict(self.kept)
            end = self.along(node.children, f"{name}.", part, source)
            self.aux, self.kept = outer, kept
            # Again: the head itself may have kept a tensor under the name.
            self.check_name(name, part, node, source)
            self.names[node.name] = GIVEN
            self.extras.append(Extra(node.name, node.weight, end, self.shapes[end + 1]))
            return source
        if isinstance(node, Merge):
            if node.name not in self.kept:
                self.refuse(name, part, node, (source,), self.missing_reason(node.name))
            return self.join(name, part, node, (source, self.kept[node.name]))
        if isinstance(node, Branches):
            ends = tuple(
                self.along(((key, child),), f"{name}.", part, source)
                for key, child in node.children
            )
            if not ends:
                self.refuse(name, part, node, (source,), "there are no branches to join")
            return self.join(name, part, node, ends)
        inner = self.along(node.children, f"{name}.", part, source)
        projection = self.projection_of(node, inner, source)
        if projection is not None:
            source = self.along(((PROJECTION, projection),), f"{name}.", part, source)
        return self.join(name, part, node, (inner, source))

    def projection_of(
        self, node: Skip, inner: int, source: int
    ) -> Layer | Sequence | Skip | Branches | None:
        """Return the projection of a skip, if it has one."""
        if not isinstance(node.projection, str):
            return node.projection  # type: ignore[return-value]
        output, given = self.shapes[inner + 1], self.shapes[source + 1]
        if node.projection == "none" or node.how != "add" or output[0] == given[0]:
            return None
        if not 2 <= len(given) <= 4:
            return None
        return Conv.unchecked(out_channels=output[0], kernel_size=1)

    def join(
        self, name: str, part: Part, node: Skip | Branches | Merge, sources: tuple[int, ...]
    ) -> int:
        """Add the row of a join; return its number."""
        shapes = tuple([self.shapes[source + 1] for source in sources])
        try:
            output = node.joined_shape(shapes)
            check_addressable(prod(output))
        except Misfit as reason:
            self.refuse(name, part, node, sources, str(reason))
        self.shapes.append(output)
        self.entries.append((name, part, node, sources, shapes, output, 0, 0, self.aux))
        return len(self.entries) - 1

    def keep_tensor(self, name: str, source: int) -> None:
        """Keep the output of a row under an unused name."""
        if name in self.names:
            raise Misfit(self.duplicate_reason(name))
        self.names[name] = KEPT
        self.kept[name] = source

    def check_name(self, name: str, part: Part, node: Aux, source: int) -> None:
        """Refuse an auxiliary output whose name is used already."""
        if node.name in self.names:
            self.refuse(name, part, node, (source,), self.duplicate_reason(node.name))

    def duplicate_reason(self, name: str) -> str:
        """Return why a name cannot be used twice."""
        return f"{self.names[name]} under {name!r} already"

    def missing_reason(self, name: str) -> str:
        """Return why no tensor of this name can be merged here."""
        if self.names.get(name) == KEPT:
            return (
                f"{name!r} is kept inside an auxiliary head, which does not run once training is "
                "over"
            )
        others = f", but {', '.join(self.kept)}" if self.kept else ""
        return f"nothing is kept under {name!r} before it{others}"

    def refuse(
        self, name: str, part: Part, node: Skip | Branches | Merge | Aux,
        sources: tuple[int, ...], reason: str,
    ) -> None:  # fmt: skip
        """Make the row of a combinator that is refused the last one, and raise `Misfit`."""
        shapes = tuple(self.shapes[source + 1] for source in sources)
        self.refused = Row(name, part, node, sources, shapes, None, 0, 0, self.aux, 0)
        raise Misfit(reason)


def check_addressable(values: int) -> None:
    """Refuse a tensor with more values than torch can address."""
    if values >= MOST_VALUES:
        raise Misfit(f"a tensor of {values:,} values is more than torch can address")
