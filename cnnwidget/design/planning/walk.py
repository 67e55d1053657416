"""The walk of a sample's shape through a network: a row a layer, and a row a join."""

from __future__ import annotations

from math import prod
from typing import Any, NamedTuple, cast

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

# What a name was given to, as the beginning of a sentence that ends in "under 'name' already".
KEPT, GIVEN = "something is kept", "an auxiliary output is given out"

# Makes a row of its values: half of the time that its constructor takes.
ROW_OF = tuple.__new__


class Walk(NamedTuple):
    """The rows of a network, what comes out, and why the last row cannot be, if so."""

    rows: tuple[Row, ...]
    last: int
    extras: tuple[Extra, ...]
    misfit: str | None


def walk(network: Network) -> Walk:
    """Send a shape through a network, layer by layer, as far as it goes.

    Where PyTorch would refuse a layer, its row is the last and has no output shape.
    """
    walker = Walker(network.input_shape)
    misfit: str | None = None
    try:
        walker.along(network.children, "", "", INPUT_SOURCE)
    except Misfit as reason:
        misfit = str(reason)
    entries = walker.entries
    rows = cast("list[Row]", entries)
    # Each takes the place of its entry, so that the two are never there side by side.
    for number, kept in enumerate(saved_bytes(entries)):
        rows[number] = ROW_OF(Row, (*entries[number], kept))
    if misfit is not None and walker.refused is not None:
        rows.append(walker.refused)
    return Walk(tuple(rows), walker.last, tuple(walker.extras), misfit)


class Walker:
    """A sample on its way: the rows behind it, and the tensors that were put aside."""

    def __init__(self, shape: Shape) -> None:
        # What each row gives out, and before all of them the network's input, whose number is -1.
        self.shapes = [shape]
        self.entries: list[Entry] = []
        self.extras: list[Extra] = []
        # What can be taken up here, and all names that were given to anything so far.
        self.kept: dict[str, int] = {}
        # Of each, what it was.
        self.names: dict[str, str] = {}
        self.last = INPUT_SOURCE
        self.aux = False
        self.refused: Row | None = None

    def along(self, children: Children, prefix: str, part: Part, source: int) -> int:
        """Through some children one after the other; the row that gives out what comes of it."""
        # This is passed at every move of a slider, for every layer: `isinstance` takes a while for
        # classes such as these, and combinators have no subclasses.
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
            else:  # one tuple for all that are alike: a long network takes half of the room so
                entry = name, part, child, (source,), arriving, shape, params, macs, aux
            source = len(entries)
            entries.append(entry)
            shapes.append(shape)
        self.last = source
        return source

    def combined(
        self, name: str, part: Part, node: Skip | Branches | Merge | Aux, source: int
    ) -> int:
        """Through a combinator, and what is inside it."""
        if isinstance(node, Aux):
            # Before the head is walked: it is the shape that arrives which a person can look up.
            self.check_name(name, part, node, source)
            # What is kept in a head stays in there: it does not run once training is over.
            outer, self.aux, kept = self.aux, True, dict(self.kept)
            end = self.along(node.children, f"{name}.", part, source)
            self.aux, self.kept = outer, kept
            # Once more: the head itself may have kept something under the name.
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
        way = self.way_round(node, inner, source)
        if way is not None:
            source = self.along(((PROJECTION, way),), f"{name}.", part, source)
        return self.join(name, part, node, (inner, source))

    def way_round(
        self, node: Skip, inner: int, source: int
    ) -> Layer | Sequence | Skip | Branches | None:
        """The projection of a skip, if it has one."""
        if not isinstance(node.projection, str):
            return node.projection  # type: ignore[return-value]
        wanted, given = self.shapes[inner + 1], self.shapes[source + 1]
        if node.projection == "none" or node.how != "add" or wanted[0] == given[0]:
            return None
        if not 2 <= len(given) <= 4:
            return None
        return Conv.known(out_channels=wanted[0], kernel_size=1)

    def join(
        self, name: str, part: Part, node: Skip | Branches | Merge, sources: tuple[int, ...]
    ) -> int:
        """The tensors of some rows joined."""
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
        """Keep what a row gives out under a name of its own."""
        if name in self.names:
            raise Misfit(self.duplicate_reason(name))
        self.names[name] = KEPT
        self.kept[name] = source

    def check_name(self, name: str, part: Part, node: Aux, source: int) -> None:
        """The name of an auxiliary output is its own."""
        if node.name in self.names:
            self.refuse(name, part, node, (source,), self.duplicate_reason(node.name))

    def duplicate_reason(self, name: str) -> str:
        """Why a name cannot be used twice."""
        return f"{self.names[name]} under {name!r} already"

    def missing_reason(self, name: str) -> str:
        """Why a name cannot be taken up here."""
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
        """The row of what cannot be joined is the last."""
        shapes = tuple(self.shapes[source + 1] for source in sources)
        self.refused = Row(name, part, node, sources, shapes, None, 0, 0, self.aux, 0)
        raise Misfit(reason)


def check_addressable(values: int) -> None:
    """No tensor may have more values than torch can address."""
    if values >= MOST_VALUES:
        raise Misfit(f"a tensor of {values:,} values is more than torch can address")
