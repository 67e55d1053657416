"""The constructors of a network's modules, nested as in a source file."""

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

# The place of a value: the names of the constructors around it, and of its argument.
Place = tuple[tuple[str, ...], str]


@dataclass
class Constructor:
    """A constructor, with those of the modules inside it.

    Attributes:
        path: the dotted name of the module.
        call: the constructor and its plain arguments.
        children: the constructors inside it, by name; None for a leaf and the call of a function.
        part: of the encoder-decoder, where it is a whole part or a direct child of one.
        shape: of its output; empty where it has none.
        has_remark: whether its shape is written behind it.
        is_block: whether it is the call of a function that the file defines.
    """

    path: str
    call: Call
    children: list[tuple[str, Constructor]] | None
    part: Part
    shape: Shape
    has_remark: bool
    is_block: bool = False

    @property
    def remark(self) -> str:
        """The output shape as a comment: 32 x 64 x 64."""
        if not self.has_remark or not self.shape:
            return ""
        return (
            f"in training: {dimensions(self.shape)}"
            if self.call.name == "Aux"
            else dimensions(self.shape)
        )

    @property
    def settings(self) -> dict[str, object]:
        """The plain arguments by name."""
        return dict((*self.call.args, *self.call.kwargs))

    @property
    def leaves(self) -> int:
        """The number of constructors without others inside."""
        if self.children is None:
            return 1
        return sum(child.leaves for _, child in self.children)

    def values(self) -> Iterator[tuple[Place, object]]:
        """Yield all plain arguments with their places, its own first."""
        for key, value in self.settings.items():
            yield ((), key), value
        for name, child in self.children or ():
            for (path, key), value in child.values():
                yield ((name, *path), key), value

    def with_inner(self) -> Iterator[Constructor]:
        """Yield itself and all constructors inside, the innermost first."""
        for _, child in self.children or ():
            yield from child.with_inner()
        yield self


class ConstructorMaker:
    """Makes the constructors of a plan."""

    def __init__(self, plan: Plan) -> None:
        self.calls = {row.name: row.call for row in plan.rows}
        self.shapes = {row.name: row.output_shape or () for row in plan.rows}
        self.changing = {row.name for row in plan.rows if row.output_shape != row.input_shape}
        self.extras = {extra.name: extra.shape for extra in plan.extras}

    def children(
        self, children: Children, prefix: str, part: Part
    ) -> list[tuple[str, Constructor]]:
        """Return the constructors of some children."""
        return [(name, self.constructor(child, prefix + name, part)) for name, child in children]

    def constructor(self, node: object, path: str, part: Part) -> Constructor:
        """Return the constructor of a layer or of a combinator, as `cw.build` builds it."""
        if isinstance(node, Sequence):
            inner = self.children(node.children, f"{path}.", node.part)
            call = Call("Sequence" if carries(node) else "Sequential")
            # An auxiliary head returns its input.
            ends = [each.shape for _, each in inner if each.call.name != "Aux"]
            return Constructor(
                path, call, inner, node.part or part, ends[-1] if ends else (), False
            )
        inner = self.children(inner_children(node), f"{path}.", "")
        if isinstance(node, Aux):
            call = Call("Aux", (("name", node.name),))
            return Constructor(path, call, inner, part, self.extras[node.name], True)
        if not isinstance(node, Skip | Branches):
            has_remark = path in self.changing
            return Constructor(path, self.calls[path], None, part, self.shapes[path], has_remark)
        projection_path = f"{path}.{PROJECTION}"  # not in the design where the plan worked it out
        if projection_path in self.calls and PROJECTION not in dict(inner):
            leaf = Constructor(
                projection_path,
                self.calls[projection_path],
                None,
                "",
                self.shapes[projection_path],
                True,
            )
            inner.append((PROJECTION, leaf))
        return Constructor(path, self.calls[path], inner, part, self.shapes[path], True)


def constructors_of(plan: Plan) -> list[tuple[str, Constructor]]:
    """Return the constructors of a network, by the names of its children."""
    return ConstructorMaker(plan).children(plan.network.children, "", "")


def plain(name: str) -> bool:
    """Whether a name can be an attribute in code; others are strings.

    Beyond ASCII Python itself would change some names: it reads the ligature of f and i as two.
    """
    return name.isascii() and name.isidentifier() and not iskeyword(name)


def dimensions(shape: Shape) -> str:
    """Return a shape for a remark: 32 x 64 x 64."""
    return " x ".join(map(str, shape))
