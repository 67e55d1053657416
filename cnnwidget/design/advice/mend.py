"""`Mend`: a change of a design, with the changed design."""

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

# More changes than this are counted, not named.
MOST_CHANGES = 3


@dataclass(frozen=True)
class Mend:
    """A change and the changed design, ready to be used.

    Attributes:
        change: the change in words of the constructor: `depth=4`.
        design: the changed design.
    """

    change: str
    design: Design


def fits(design: Design) -> bool:
    """Whether PyTorch accepts every layer of a design."""
    return walk(design.network()).misfit is None


def changed(design: Design, **changes: Any) -> Mend | None:
    """Return the mend with some fields changed; None if nothing changes or a value is refused."""
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
    """Return the value of a field in its shortest form: 3 for (3, 3)."""
    if name == "overrides":
        return repr({layer: dict(fields) for layer, fields in getattr(design, name)})
    shown = getattr(design, "shown", None)
    return repr(getattr(design, name) if shown is None else shown(name))


def with_nodes(network: Network, nodes: Iterable[tuple[str, object]]) -> Mend | None:
    """Return the mend with some layers of a network replaced, or removed for None.

    An empty name stands for the shape of the network's input. None if nothing changes or a layer
    is refused.
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
    """Return changes in words, the first few by name."""
    if len(words) > MOST_CHANGES:
        words = [*words[:MOST_CHANGES], f"{len(words) - MOST_CHANGES} more changes"]
    return "; ".join(words)


def size_of(design: Design) -> Size:
    """Return the size of the input, one number per spatial axis."""
    return design.network().input_shape[1:]


def with_size(design: Design, size: Size) -> Mend | None:
    """Return the mend with another input size; None where a design has none or refuses it."""
    fields = type(design).model_fields
    if "input_size" in fields:
        return changed(design, input_size=size)
    if "input_shape" in fields:
        channels = design.input_shape[0]  # type: ignore[union-attr]
        return changed(design, input_shape=(channels, *size))
    return None
