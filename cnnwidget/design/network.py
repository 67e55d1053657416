"""`Network`: an input shape and a tree of named layers. Every family of designs expands to one.

Leaf layers stand in sequences, and sequences in combinators: `Skip` joins what comes out of its
children with what went in, `Branches` sends the same tensor along parallel paths. `Keep` puts a
tensor aside that `Merge` takes up again, further on. `Aux` gives an extra output in training.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal, cast

from pydantic import Field, PlainValidator

from cnnwidget.design.axes import LayerShape, Shape
from cnnwidget.design.joins import How, Join
from cnnwidget.design.layers.layer import SAME, Call, Layer, SavedForBackward
from cnnwidget.design.reserved_names import TAKEN
from cnnwidget.design.value import Value, shortened

Part = Literal["", "encoder", "bottleneck", "decoder"]
InitName = Literal[
    "pytorch", "kaiming_uniform", "kaiming_normal", "xavier_uniform", "xavier_normal", "dcgan"
]

# Layers and combinators by name, in the order in which a sample meets them.
Children = tuple[tuple[str, "Layer | Sequence | Skip | Branches | Merge | Aux"], ...]

# Combinators within combinators; far beyond what a person could read.
DEEPEST = 50
# Projections stand beside the children of a skip, under this name.
PROJECTION = "projection"


def inner_children(node: object) -> Children:
    """The children of a combinator, a projection with them; nothing for a leaf."""
    if isinstance(node, Sequence | Branches | Aux):
        return node.children
    if isinstance(node, Skip):
        return node.all_children
    return ()


def carries(node: object) -> bool:
    """Whether a tensor is put aside or taken up again somewhere in here."""
    if isinstance(node, Keep | Merge | Aux):
        return True
    return any(carries(inner) for _, inner in inner_children(node))


def levels(node: object) -> int:
    """How many combinators are within each other here."""
    if not isinstance(node, Sequence | Skip | Branches | Aux):
        return 0
    return 1 + max((levels(inner) for _, inner in inner_children(node)), default=0)


def why_no_name(name: str) -> str:
    """Why a name cannot be that of a child; empty if it can."""
    if not name or "." in name or name.startswith("__") or name in TAKEN:
        return f"{name!r}, a name that torch modules cannot have."
    if not name.isprintable():
        return f"{shortened(name)}, which cannot be printed."
    return ""


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
        check_node(child, name)
        if wrong := why_no_name(name):
            raise ValueError(f"has a child named {wrong}")
        if name in names:
            raise ValueError(f"has two children named {name!r}; names must differ.")
        names.add(name)
    return tuple(pairs)


def check_node(child: object, name: str) -> None:
    """A child is a layer or a combinator, and not too deep."""
    if not isinstance(child, Layer) and type(child) not in COMBINATORS:
        raise ValueError(f"holds {shortened(child)} under {name!r}, which is no layer.")
    if levels(child) >= DEEPEST:
        raise ValueError(f"has more than {DEEPEST} sequences within each other at {name!r}.")


def skip_children(value: object) -> Children:
    """A check for the children of a skip, beside which a projection stands."""
    pairs = named_children(value)
    if any(name == PROJECTION for name, _ in pairs):
        raise ValueError(f"has a child named {PROJECTION!r}, which is the way round them.")
    return pairs


def way_round(value: object) -> object:
    """A check for what stands beside the children of a skip."""
    if isinstance(value, str) and value in ("auto", "none"):
        return value
    if not isinstance(value, Layer | Sequence | Skip | Branches):
        raise ValueError("must be 'auto', 'none', or a layer or sequence of layers.")
    check_node(value, PROJECTION)
    return value


def kept_name(value: object) -> str:
    """A check for the name that a tensor is kept under."""
    if not isinstance(value, str):
        raise ValueError("must be a name.")
    if wrong := why_no_name(value):
        raise ValueError(f"is {wrong}")
    return value


KeptName = Annotated[str, PlainValidator(kept_name)]
CheckedChildren = Annotated[Children, PlainValidator(named_children)]


class Sequence(Value):
    """Layers one after the other, each with a name.

    `part` says which part of an encoder-decoder this is; whatever draws a network reads it, and
    what is inside belongs to the same part unless it says otherwise.

    Example:
        >>> from cnnwidget.design.layers.activation import Activation
        >>> from cnnwidget.design.layers.dense import Linear
        >>> Sequence(children={"fc": Linear(out_features=10), "act": Activation(name="relu")})
        Sequence(children=(('fc', Linear(out_features=10)), ('act', Activation(name='relu'))))
    """

    children: CheckedChildren
    part: Part = ""


class Skip(Join):
    """What comes out of some layers, joined with what went into them.

    With `how="add"` this is a residual block, with `multiply` a gate, with `concat` one step of
    a dense block.

    Attributes:
        children: the layers, in order.
        how: add, concat or multiply.
        projection: what the input passes on its way to the join: `auto` is a 1×1 convolution
            where the numbers of channels differ and are to be added, and nothing elsewhere;
            `none` is nothing; or a layer, or a sequence of layers.
        align: how the input is brought to the size of what comes out, where they differ; see
            `cnnwidget.design.joins`.

    Source: He et al. 2015, https://arxiv.org/abs/1512.03385

    Example:
        >>> from cnnwidget.design.layers.convolution import Conv
        >>> Skip(children=[Conv(out_channels=8, kernel_size=3, padding=1)], how="add").projection
        'auto'
    """

    children: Annotated[Children, PlainValidator(skip_children)]
    how: How = "add"
    projection: Annotated[object, PlainValidator(way_round)] = "auto"

    @property
    def all_children(self) -> Children:
        """The children and, where it is spelled out, the projection."""
        if isinstance(self.projection, str):
            return self.children
        return (*self.children, (PROJECTION, cast("Layer", self.projection)))


class Branches(Join):
    """The same tensor along parallel paths, whose ends are joined: an inception block.

    Source: Szegedy et al. 2014, https://arxiv.org/abs/1409.4842

    Example:
        >>> from cnnwidget.design.layers.convolution import Conv
        >>> narrow, wide = (Conv(out_channels=8, kernel_size=k, padding="same") for k in (1, 3))
        >>> Branches(children={"narrow": narrow, "wide": wide}).how
        'concat'
    """

    children: CheckedChildren


class Keep(Layer):
    """Puts its input aside under a name, for a `Merge` further on, and passes it on.

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
    """Joins its input with what was kept under a name: the long skip of a U-Net.

    Source: Ronneberger et al. 2015, https://arxiv.org/abs/1505.04597

    Example:
        >>> Merge(name="skip1", how="concat", align="crop")
        Merge(align='crop', name='skip1')
    """

    name: KeptName


class Aux(Value):
    """Passes its input on and, in training, gives what its children make of it as an extra output.

    Attributes:
        name: of the extra output.
        children: the layers of the head, in order.
        weight: of its loss beside that of the main output.

    Source: the auxiliary classifiers of Szegedy et al. 2014, https://arxiv.org/abs/1409.4842

    Example:
        >>> from cnnwidget.design.layers.dense import Linear
        >>> Aux(name="aux1", children=[Linear(out_features=10)], weight=0.3).weight
        0.3
    """

    name: KeptName
    children: CheckedChildren
    weight: Annotated[float, Field(ge=0, le=1000)] = 0.3


class Network(Value):
    """A network as a value: the shape of its input and its layers by name.

    Shapes are (channels, *size) without the batch axis.

    Attributes:
        input_shape: of one sample.
        children: layers and combinators, in order: (name, layer) pairs, a dict, or a list.
        init: how weights begin: `pytorch` leaves each layer's own; `kaiming_uniform`,
            `kaiming_normal`, `xavier_uniform` and `xavier_normal` for convolutions and linear
            layers, biases zero; `dcgan`: normal with deviation 0.02, norms around one.

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
        """Itself: what every family answers."""
        return self


# All of them; they have no subclasses.
COMBINATORS = frozenset({Sequence, Skip, Branches, Merge, Aux})


def with_node(children: Children, path: list[str], node: Any) -> Children:
    """The same children with the one at `path` replaced, or left out for None."""
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
    """A combinator with what is at `path` below it replaced, or left out for None."""
    assert isinstance(child, Sequence | Skip | Branches | Aux)
    if isinstance(child, Skip) and path[0] == PROJECTION and not isinstance(child.projection, str):
        changed = node if len(path) == 1 else with_inner(child.projection, path[1:], node)
        return child.replace(projection="none" if changed is None else changed)
    return child.replace(children=with_node(child.children, path, node))


def nodes(children: Children, prefix: str = "") -> Iterator[tuple[str, object]]:
    """All layers and combinators with their dotted names, each before what is inside it."""
    for name, child in children:
        yield prefix + name, child
        yield from nodes(inner_children(child), f"{prefix}{name}.")
