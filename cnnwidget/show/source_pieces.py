"""A network as what makes its modules: constructors within constructors, as in a source file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from keyword import iskeyword

from cnnwidget.design.axes import Shape
from cnnwidget.design.layers.layer import Call
from cnnwidget.design.network import (
    PROJECTION,
    Aux,
    Branches,
    Children,
    Part,
    Sequence,
    Skip,
    carries,
    inner_children,
)
from cnnwidget.design.planning.plan import Plan

# Where a value stands in a piece: the names on the way to a constructor, and of its argument.
Place = tuple[tuple[str, ...], str]


@dataclass
class Piece:
    """A constructor, with those of the modules inside.

    Attributes:
        path: the dotted name of the module.
        call: the constructor and its plain arguments.
        children: what it holds, by name; None for a leaf, and for the call of a function.
        part: of the encoder-decoder, where it is a whole part or stands right inside one.
        shape: after it; empty where nothing has been through it.
        told: whether that is worth a remark.
        is_block: whether it is the call of a function that the file defines.
    """

    path: str
    call: Call
    children: list[tuple[str, Piece]] | None
    part: Part
    shape: Shape
    told: bool
    is_block: bool = False

    @property
    def remark(self) -> str:
        """The shape after it, to read behind it: 32 x 64 x 64."""
        if not self.told or not self.shape:
            return ""
        return f"in training: {by(self.shape)}" if self.call.name == "Aux" else by(self.shape)

    @property
    def settings(self) -> dict[str, object]:
        """All plain arguments of its constructor by name."""
        return dict((*self.call.args, *self.call.kwargs))

    @property
    def leaves(self) -> int:
        """The number of constructors without others inside."""
        if self.children is None:
            return 1
        return sum(child.leaves for _, child in self.children)

    def values(self) -> Iterator[tuple[Place, object]]:
        """All plain arguments, its own first."""
        for key, value in self.settings.items():
            yield ((), key), value
        for name, child in self.children or ():
            for (path, key), value in child.values():
                yield ((name, *path), key), value

    def all_within(self) -> Iterator[Piece]:
        """Itself and all pieces inside, the innermost first."""
        for _, child in self.children or ():
            yield from child.all_within()
        yield self


class Cutter:
    """A plan on its way into pieces: its calls and shapes, by dotted names."""

    def __init__(self, plan: Plan) -> None:
        self.calls = {row.name: row.call for row in plan.rows}
        self.shapes = {row.name: row.output_shape or () for row in plan.rows}
        self.changing = {row.name for row in plan.rows if row.output_shape != row.input_shape}
        self.extras = {extra.name: extra.shape for extra in plan.extras}

    def children(self, children: Children, prefix: str, part: Part) -> list[tuple[str, Piece]]:
        """The pieces of some children."""
        return [(name, self.piece(child, prefix + name, part)) for name, child in children]

    def piece(self, node: object, path: str, part: Part) -> Piece:
        """The piece of a layer or of a combinator, as `cw.build` puts it together."""
        if isinstance(node, Sequence):
            inner = self.children(node.children, f"{path}.", node.part)
            call = Call("Sequence" if carries(node) else "Sequential")
            # An auxiliary head passes on what it gets.
            ends = [each.shape for _, each in inner if each.call.name != "Aux"]
            return Piece(path, call, inner, node.part or part, ends[-1] if ends else (), False)
        inner = self.children(inner_children(node), f"{path}.", "")
        if isinstance(node, Aux):
            call = Call("Aux", (("name", node.name),))
            return Piece(path, call, inner, part, self.extras[node.name], True)
        if not isinstance(node, Skip | Branches):
            told = path in self.changing
            return Piece(path, self.calls[path], None, part, self.shapes[path], told)
        way_round = f"{path}.{PROJECTION}"  # not in the design where the plan worked it out
        if way_round in self.calls and PROJECTION not in dict(inner):
            leaf = Piece(way_round, self.calls[way_round], None, "", self.shapes[way_round], True)
            inner.append((PROJECTION, leaf))
        return Piece(path, self.calls[path], inner, part, self.shapes[path], True)


def pieces_of(plan: Plan) -> list[tuple[str, Piece]]:
    """The pieces of a network, by the names of its children."""
    return Cutter(plan).children(plan.network.children, "", "")


def plain(name: str) -> bool:
    """Whether a name can stand in code as it is; others are kept as strings.

    Beyond ASCII Python itself would change some names: it reads the ligature of f and i as two.
    """
    return name.isascii() and name.isidentifier() and not iskeyword(name)


def by(shape: Shape) -> str:
    """A shape in a remark: 32 x 64 x 64."""
    return " x ".join(map(str, shape))
