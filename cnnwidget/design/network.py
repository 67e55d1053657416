"""`Network`: an input shape and a tree of named layers. Every family of designs expands to one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal, NamedTuple

from pydantic import PlainValidator

from cnnwidget.design.axes import LayerShape
from cnnwidget.design.layer import Layer
from cnnwidget.design.taken import TAKEN
from cnnwidget.design.value import Value, shortened

Part = Literal["", "encoder", "bottleneck", "decoder"]

# Layers and sequences of layers by name, in the order in which a sample meets them.
Children = tuple[tuple[str, "Layer | Sequence"], ...]

# Sequences within sequences; far beyond what a person could read.
DEEPEST = 50


def levels(child: Layer | Sequence) -> int:
    """How many sequences are within each other here."""
    if not isinstance(child, Sequence):
        return 0
    return 1 + max((levels(inner) for _, inner in child.children), default=0)


def named_children(value: object) -> Children:
    """A check for children: (name, layer) pairs, a dict of them, or layers named 0, 1, 2, ..."""
    if isinstance(value, dict):
        pairs = list(value.items())
    elif isinstance(value, list | tuple):
        pairs = [
            child if isinstance(child, tuple) else (str(position), child)
            for position, child in enumerate(value)
        ]
    else:
        raise ValueError("must be layers in order, by themselves or as (name, layer) pairs.")
    names: set[str] = set()
    for pair in pairs:
        if len(pair) != 2 or not isinstance(pair[0], str):
            raise ValueError("must be layers in order, by themselves or as (name, layer) pairs.")
        name, child = pair
        if not isinstance(child, Layer | Sequence):
            raise ValueError(f"holds {shortened(child)} under {name!r}, which is no layer.")
        if not name or "." in name or name.startswith("__") or name in TAKEN:
            raise ValueError(f"has a child named {name!r}, a name that torch modules cannot have.")
        if not name.isprintable():
            raise ValueError(f"has a child named {shortened(name)}, which cannot be printed.")
        if isinstance(child, Sequence) and levels(child) >= DEEPEST:
            raise ValueError(f"has more than {DEEPEST} sequences within each other at {name!r}.")
        if name in names:
            raise ValueError(f"has two children named {name!r}; names must differ.")
        names.add(name)
    return tuple(pairs)


class Sequence(Value):
    """Layers one after the other, each with a name.

    `part` says which part of an encoder-decoder this is; whatever draws a network reads it, and
    what is inside belongs to the same part unless it says otherwise.

    Example:
        >>> from cnnwidget.design.layers import Activation, Linear
        >>> Sequence(children={"fc": Linear(out_features=10), "act": Activation(name="relu")})
        Sequence(children=(('fc', Linear(out_features=10)), ('act', Activation(name='relu'))))
    """

    children: Annotated[Children, PlainValidator(named_children)]
    part: Part = ""


class Network(Value):
    """A network as a value: the shape of its input and its layers by name.

    Shapes are (channels, *size) without the batch axis.

    Raises:
        DesignError: if a name cannot be that of a torch module, or a child is no layer.

    Example:
        >>> from cnnwidget.design.layers import Flatten, Linear
        >>> net = Network(input_shape=(1, 8, 8), children=[Flatten(), Linear(out_features=10)])
        >>> [leaf.name for leaf in leaves(net)]
        ['0', '1']
    """

    input_shape: LayerShape
    children: Annotated[Children, PlainValidator(named_children)]

    def network(self) -> Network:
        """Itself: what every family answers."""
        return self


class Leaf(NamedTuple):
    """A layer where it stands: its dotted name, its part of the network and itself."""

    name: str
    part: Part
    layer: Layer


def leaves(network: Network) -> Iterator[Leaf]:
    """All layers in the order in which a sample meets them."""
    yield from below(network.children, "", "")


def below(children: Children, prefix: str, part: Part) -> Iterator[Leaf]:
    """The layers under some children, whose names begin with `prefix`."""
    for name, child in children:
        if isinstance(child, Sequence):
            yield from below(child.children, f"{prefix}{name}.", child.part or part)
        else:
            yield Leaf(prefix + name, part, child)


def with_leaf(children: Children, path: list[str], layer: Layer | None) -> Children:
    """The same children with the layer at `path` replaced, or left out for None."""
    head, *rest = path
    changed: list[tuple[str, Layer | Sequence]] = []
    for name, child in children:
        if name != head:
            changed.append((name, child))
        elif isinstance(child, Sequence):
            inner = with_leaf(child.children, rest, layer)
            changed.append((name, child.replace(children=inner)))
        elif layer is not None:
            changed.append((name, layer))
    return tuple(changed)
