"""A change of a design, with the design that comes of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cnnwidget.design.axes import Size
from cnnwidget.design.errors import DesignError
from cnnwidget.design.network import Network, with_node
from cnnwidget.design.planning.walk import walk

if TYPE_CHECKING:
    from cnnwidget.design.design_types import Design

# More changes than this are counted, not told.
MOST_CHANGES = 3


@dataclass(frozen=True)
class Mend:
    """A change and the design that comes of it, ready to be used.

    Attributes:
        change: the change in words of the constructor: `depth=4`.
        design: the changed design.
    """

    change: str
    design: Design


def fits(design: Design) -> bool:
    """Whether PyTorch takes every layer of a design."""
    return walk(design.network()).misfit is None


def changed(design: Design, **changes: Any) -> Mend | None:
    """The mend with some fields changed; None if that is no change or cannot be."""
    try:
        other = design.replace(**changes)
    except DesignError:
        return None
    if other == design:
        return None
    fields = [name for name in changes if getattr(other, name) != getattr(design, name)]
    first, *rest = [f"{name}={as_written(other, name)}" for name in fields]
    return Mend(f"{first} with {' and '.join(rest)}" if rest else first, other)


def as_written(design: Design, name: str) -> str:
    """The value of a field as one would write it: 3 for (3, 3)."""
    if name == "overrides":
        return repr({layer: dict(fields) for layer, fields in getattr(design, name)})
    shown = getattr(design, "shown", None)
    return repr(getattr(design, name) if shown is None else shown(name))


def with_nodes(network: Network, nodes: Iterable[tuple[str, object]]) -> Mend | None:
    """The mend with some layers of a network changed, or left out for None.

    An empty name stands for the shape of the network's input.
    """
    mended, words = network, []
    try:
        for name, node in nodes:
            before = mended
            if not name:
                mended = mended.replace(input_shape=node)
                words.append(f"input_shape={node!r}")
            else:
                children = with_node(mended.children, name.split("."), node)
                mended = mended.replace(children=children)
                words.append(f"without {name}" if node is None else f"{name} as {node!r}")
            if mended == before:
                words.pop()
    except DesignError:
        return None
    return Mend(listed_changes(words), mended) if words else None


def listed_changes(words: list[str]) -> str:
    """Changes in words, as many as can be read."""
    if len(words) > MOST_CHANGES:
        words = [*words[:MOST_CHANGES], f"{len(words) - MOST_CHANGES} more changes"]
    return "; ".join(words)


def size_of(design: Design) -> Size:
    """The size of the input, per axis of space."""
    return design.network().input_shape[1:]


def with_size(design: Design, size: Size) -> Mend | None:
    """The mend with another size of the input."""
    fields = type(design).model_fields
    if "input_size" in fields:
        return changed(design, input_size=size)
    if "input_shape" in fields:
        channels = design.input_shape[0]  # type: ignore[union-attr]
        return changed(design, input_shape=(channels, *size))
    return None
