"""`Network`: an input shape and a tree of named layers. Every family of designs expands to one.

Leaf layers are in sequences, and sequences in combinators: `Skip` joins the output of its children
with their input, `Branches` sends one tensor along parallel paths. `Keep` keeps a tensor that a
later `Merge` joins. `Aux` has an extra output in training.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal, cast

from pydantic import Field, PlainValidator

from cnnwidget.design.axes import LayerShape, Shape
from cnnwidget.design.joins import How, Join
from cnnwidget.design.layers.layer import SAME, Call, Layer, SavedForBackward
from cnnwidget.design.reserved_names import RESERVED_NAMES
from cnnwidget.design.value import Value, shortened

Part = Literal["", "encoder", "bottleneck", "decoder"]
InitName = Literal[
    "pytorch", "kaiming_uniform", "kaiming_normal", "xavier_uniform", "xavier_normal", "dcgan"
]

# Layers and combinators with their names, in the order in which they run.
Pair = tuple[str, "Layer | Sequence | Skip | Branches | Merge | Aux"]
Children = tuple[Pair, ...]
# The same while they are gathered.
Pairs = list[Pair]

# The most combinators within each other, far more than a person could read.
DEEPEST = 50
# The name of a projection beside the children of a skip.
PROJECTION = "projection"


def inner_children(node: object) -> Children:
    """Return the children of a combinator, including a projection; none for a leaf."""
    if isinstance(node, Sequence | Branches | Aux):
        return node.children
    if isinstance(node, Skip):
        return node.all_children
    return ()


def carries(node: object) -> bool:
    """Whether a node is or contains a `Keep`, a `Merge` or an `Aux`."""
    if isinstance(node, Keep | Merge | Aux):
        return True
    return any(carries(inner) for _, inner in inner_children(node))


def levels(node: object) -> int:
    """Return the depth of combinators within each other."""
    if not isinstance(node, Sequence | Skip | Branches | Aux):
        return 0
    return 1 + max((levels(inner) for _, inner in inner_children(node)), default=0)


def why_no_name(name: str) -> str:
    """Return why a child cannot have a name; empty if it can."""
    if not name or "." in name or name.startswith("__") or name in RESERVED_NAMES:
        return f"{name!r}, a name that torch modules cannot have."
    if not name.isprintable():
        return f"{shortened(name)}, which cannot be printed."
    return ""


def named_children(value: object) -> Children:
    """Return children as (name, layer) pairs, given as pairs, as a dict, or as layers alone.

    Layers alone are named 0, 1, 2, ...

    Raises:
        ValueError: if a name cannot be that of a torch module, or a child is no layer.
    """
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
        check_node(child, name)
        if wrong := why_no_name(name):
            raise ValueError(f"has a child named {wrong}")
        if name in names:
            raise ValueError(f"has two children named {name!r}; names must differ.")
        names.add(name)
    return tuple(pairs)


def check_node(child: object, name: str) -> None:
    """Refuse a child that is no layer or combinator, or too deep."""
    if not isinstance(child, Layer) and type(child) not in COMBINATORS:
        raise ValueError(f"holds {shortened(child)} under {name!r}, which is no layer.")
    if levels(child) >= DEEPEST:
        raise ValueError(f"has more than {DEEPEST} sequences within each other at {name!r}.")


def skip_children(value: object) -> Children:
    """Return the children of a skip, none of which may have the name of the projection."""
    pairs = named_children(value)
    if any(name == PROJECTION for name, _ in pairs):
        raise ValueError(f"has a child named {PROJECTION!r}, which is the way round them.")
    return pairs


def checked_projection(value: object) -> object:
    """Return the projection of a skip: `auto`, `none`, or a layer or sequence of layers."""
    if isinstance(value, str) and value in ("auto", "none"):
        return value
    if not isinstance(value, Layer | Sequence | Skip | Branches):
        raise ValueError("must be 'auto', 'none', or a layer or sequence of layers.")
    check_node(value, PROJECTION)
    return value


def checked_kept_name(value: object) -> str:
    """Return the name of a kept tensor."""
    if not isinstance(value, str):
        raise ValueError("must be a name.")
    if wrong := why_no_name(value):
        raise ValueError(f"is {wrong}")
    return value


KeptName = Annotated[str, PlainValidator(checked_kept_name)]
CheckedChildren = Annotated[Children, PlainValidator(named_children)]


class Sequence(Value):
    """Layers one after the other, each with a name.

    `part` is the part of an encoder-decoder that this sequence is; drawings of a network use it.
    Children belong to the same part unless they have their own.

    Example:
        >>> from cnnwidget.design.layers.dense import Linear
        >>> Sequence(children={"fc": Linear(out_features=10)})
        layers.Sequence(children=(('fc', layers.Linear(out_features=10)),))
    """

    _prefix = "layers."

    children: CheckedChildren
    part: Part = ""


class Skip(Join):
    """The output of some layers, joined with their input.

    With `how="add"` this is a residual block, with `multiply` a gate, with `concat` one step of
    a dense block.

    Attributes:
        children: the layers, in order.
        how: add, concat or multiply.
        projection: the layers between the input and the join: `auto` is a 1×1 convolution where
            tensors with different channels are added, and none elsewhere; `none`; or a layer, or a
            sequence of layers.
        align: how the input is aligned to the size of the output, where they differ; see
            `cnnwidget.design.joins`.

    Source: He et al. 2015, https://arxiv.org/abs/1512.03385

    Example:
        >>> from cnnwidget.design.layers.convolution import Conv
        >>> Skip(children=[Conv(out_channels=8, kernel_size=3, padding=1)], how="add").projection
        'auto'
    """

    children: Annotated[Children, PlainValidator(skip_children)]
    how: How = "add"
    projection: Annotated[object, PlainValidator(checked_projection)] = "auto"

    @property
    def all_children(self) -> Children:
        """The children, and the projection if it is a layer."""
        if isinstance(self.projection, str):
            return self.children
        return (*self.children, (PROJECTION, cast("Layer", self.projection)))


class Branches(Join):
    """Parallel paths of one tensor, whose outputs are joined: an inception block.

    Source: Szegedy et al. 2014, https://arxiv.org/abs/1409.4842

    Example:
        >>> from cnnwidget.design.layers.convolution import Conv
        >>> narrow, wide = (Conv(out_channels=8, kernel_size=k, padding="same") for k in (1, 3))
        >>> Branches(children={"narrow": narrow, "wide": wide}).how
        'concat'
    """

    children: CheckedChildren


class Keep(Layer):
    """Returns its input, and keeps it under a name for a later `Merge`.

    Example:
        >>> Keep(name="skip1").output_shape((8, 32, 32))
        (8, 32, 32)
    """

    name: KeptName

    def output_shape(self, shape: Shape) -> Shape:
        return shape

    def saved(self, shape: Shape, output_shape: Shape) -> SavedForBackward:
        return SAME

    def call(self, shape: Shape) -> Call:
        return Call("Keep", (), (("name", self.name),))


class Merge(Join):
    """Joins its input with the tensor that was kept under a name: the long skip of a U-Net.

    Source: Ronneberger et al. 2015, https://arxiv.org/abs/1505.04597

    Example:
        >>> Merge(name="skip1", how="concat", align="crop")
        layers.Merge(align='crop', name='skip1')
    """

    name: KeptName


class Aux(Value):
    """Returns its input and, in training, the output of its children as an extra output.

    Attributes:
        name: of the extra output.
        children: the layers of the head, in order.
        weight: of its loss, added to that of the main output.

    Source: the auxiliary classifiers of Szegedy et al. 2014, https://arxiv.org/abs/1409.4842

    Example:
        >>> from cnnwidget.design.layers.dense import Linear
        >>> Aux(name="aux1", children=[Linear(out_features=10)], weight=0.3).weight
        0.3
    """

    _prefix = "layers."

    name: KeptName
    children: CheckedChildren
    weight: Annotated[float, Field(ge=0, le=1000)] = 0.3


class Network(Value):
    """A network as a value: the shape of its input and its layers by name.

    Shapes are (channels, *size) without the batch axis.

    Attributes:
        input_shape: of one sample.
        children: layers and combinators, in order: (name, layer) pairs, a dict, or a list.
        init: of the weights: `pytorch` keeps that of each layer; `kaiming_uniform`,
            `kaiming_normal`, `xavier_uniform` and `xavier_normal` for convolutions and linear
            layers, with zero biases; `dcgan`: normal with deviation 0.02, norms around one.

    Raises:
        DesignError: if a name cannot be that of a torch module, or a child is no layer.

    Example:
        >>> from cnnwidget.design.layers.dense import Linear
        >>> from cnnwidget.design.layers.reshaping import Flatten
        >>> net = Network(input_shape=(1, 8, 8), children=[Flatten(), Linear(out_features=10)])
        >>> [name for name, _ in net.children]
        ['0', '1']
    """

    input_shape: LayerShape
    children: CheckedChildren
    init: InitName = "pytorch"

    def network(self) -> Network:
        """Return itself, as every family returns its network."""
        return self


# All combinators; they have no subclasses.
COMBINATORS = frozenset({Sequence, Skip, Branches, Merge, Aux})


def with_node(children: Children, path: list[str], node: Any) -> Children:
    """Return the children with the one at `path` replaced, or removed for None."""
    head, *rest = path
    changed: list[tuple[str, Any]] = []
    for name, child in children:
        if name != head:
            changed.append((name, child))
        elif rest:
            changed.append((name, with_inner(child, rest, node)))
        elif node is not None:
            changed.append((name, node))
    return tuple(changed)


def with_inner(child: object, path: list[str], node: Any) -> Any:
    """Return a combinator with the node at `path` below it replaced, or removed for None."""
    assert isinstance(child, Sequence | Skip | Branches | Aux)
    if isinstance(child, Skip) and path[0] == PROJECTION and not isinstance(child.projection, str):
        changed = node if len(path) == 1 else with_inner(child.projection, path[1:], node)
        return child.replace(projection="none" if changed is None else changed)
    return child.replace(children=with_node(child.children, path, node))


def nodes(children: Children, prefix: str = "") -> Iterator[tuple[str, object]]:
    """Yield all layers and combinators with their dotted names, each before its children."""
    for name, child in children:
        yield prefix + name, child
        yield from nodes(inner_children(child), f"{prefix}{name}.")
