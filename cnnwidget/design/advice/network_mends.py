"""The mends of a `Network`: changes of the layer that does not fit."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from math import prod
from typing import NamedTuple, get_args

from cnnwidget.design.advice.mend import Mend, fits, listed_changes
from cnnwidget.design.advice.nearest_sizes import nearest_sizes
from cnnwidget.design.axes import Size, per_axis, short
from cnnwidget.design.errors import DesignError
from cnnwidget.design.joins import Align, How, Join
from cnnwidget.design.layers.convolution import Conv, ConvTranspose
from cnnwidget.design.layers.layer import Layer, Misfit
from cnnwidget.design.network import (
    PROJECTION,
    Aux,
    Branches,
    Keep,
    Merge,
    Network,
    Sequence,
    Skip,
    nodes,
    with_node,
)
from cnnwidget.design.planning.row import Row
from cnnwidget.design.planning.walk import check_addressable, walk

# So many changes of the layer are offered; more would not help.
MOST_OFFERED = 4
ALIGNMENTS = tuple(align for align in get_args(Align) if align != "none")


class Replacement(NamedTuple):
    """A possible replacement of a layer: its name, the new node or None, and that in words."""

    name: str
    node: object
    words: str


def network_mends(network: Network) -> tuple[Mend, ...]:
    """Return changes of the layer that does not fit, then of the input, each sufficient by itself.

    Where no single change suffices, layers are changed or removed one by one until the network
    fits.
    """
    rows = walk(network).rows
    found: dict[Network, Mend] = {}
    for each in replacements(network, rows):
        drops = each.node is None or drops_kernel_and_stride(rows[-1].layer, each.node)
        if len(found) == MOST_OFFERED or (drops and found):
            break
        # A change that contains a sufficient one is redundant.
        if any(each.words.startswith(mend.change) for mend in found.values()):
            continue
        mended = with_replacement(network, each)
        if mended is not None and mended not in found and fits(mended):
            found[mended] = Mend(each.words, mended)
    return (*found.values(), *nearest_sizes(network)) or (layer_by_layer(network),)


def drops_kernel_and_stride(layer: object, other: object) -> bool:
    """Whether a replacement has kernel 1 and stride 1 where the layer had neither."""
    return all(
        getattr(other, field, None) == 1 and getattr(layer, field, None) not in (None, 1)
        for field in ("kernel_size", "stride")
    )


def layer_by_layer(network: Network) -> Mend:
    """Return the network with every layer that does not fit changed, or removed if necessary."""
    words: list[str] = []
    mended = network
    while (result := walk(mended)).misfit is not None:
        for each in replacements(mended, result.rows):
            other = with_replacement(mended, each)
            if other is not None and gets_further(each.node, other, result.rows):
                words.append(each.words)
                mended = other
                break
        else:  # pragma: no cover  (removing a layer is always accepted)
            raise AssertionError(f"no mend for {mended!r}")
    return Mend(listed_changes(words), mended)


def gets_further(node: object, network: Network, rows: tuple[Row, ...]) -> bool:
    """Whether a change brings a sample further than the last of these rows, or removes it."""
    row = rows[-1]
    if node is None:
        return True
    if isinstance(node, Layer) and isinstance(row.layer, Layer):
        return isinstance(node, Keep) or accepts(node, row)
    result = walk(network)
    return result.misfit is None or len(result.rows) > len(rows) or isinstance(node, Sequence)


def accepts(layer: Layer, row: Row) -> bool:
    """Whether a layer accepts the input of a row."""
    shape = row.input_shape
    try:
        output = layer.output_shape(shape)
        check_addressable(max(prod(output), layer.costs(shape, output)[0]))
    except Misfit:
        return False
    return True


def with_replacement(network: Network, each: Replacement) -> Network | None:
    """Return the network with one layer replaced; None if nothing changes or it is refused."""
    try:
        children = with_node(network.children, each.name.split("."), each.node)
        other = network.replace(children=children)
    except DesignError:
        return None
    return None if other == network else other


def replacements(network: Network, rows: tuple[Row, ...]) -> Iterator[Replacement]:
    """Yield replacements of the last row's layer, the nearest first, and last its removal."""
    row = rows[-1]
    name, node = row.name, row.layer
    if isinstance(node, Join):
        if isinstance(node, Merge):
            yield from merges(name, node, rows)
        elif isinstance(node, Skip):
            yield from skips(name, node, row)
        else:
            yield from alignments(name, node)
    elif isinstance(node, Aux):
        yield renamed(name, node, network)
    elif is_implied_projection(network, name):
        # There is no such child: the projection follows from the skip.
        skip = name.removesuffix(f".{PROJECTION}")
        inner = dict(nodes(network.children))[skip]
        assert isinstance(inner, Skip)
        yield Replacement(skip, inner.replace(projection="none"), f"{skip} with projection='none'")
        name = skip
    elif isinstance(node, Keep):
        yield renamed(name, node, network)
    else:
        for layer in (*with_less_output_padding(node, row), *node.mended(row.input_shape)):
            yield Replacement(name, layer, f"{name} as {layer!r}")
    yield Replacement(name, None, f"without {name}")


def with_less_output_padding(node: object, row: Row) -> Iterator[Layer]:
    """Yield a transposed convolution with as much `output_padding` as its stride allows."""
    if not isinstance(node, ConvTranspose):
        return
    axes = len(row.input_shape) - 1
    try:
        extra = node.paddings_at(axes)[1]
        stride, dilation = per_axis(node.stride, axes), per_axis(node.dilation, axes)
    except Misfit:
        return
    most = map(max, stride, dilation)
    allowed = tuple(min(o, m - 1) for o, m in zip(extra, most, strict=True))
    if allowed and allowed != extra:
        yield node.replace(output_padding=short(allowed))


def is_implied_projection(network: Network, name: str) -> bool:
    """Whether this is the row of an automatic projection, which the network does not list."""
    return name.endswith(f".{PROJECTION}") and name not in dict(nodes(network.children))


def alignments(name: str, node: Skip | Branches | Merge) -> Iterator[Replacement]:
    """Yield other alignments and other joins; a concatenation allows different channels."""
    for how in dict.fromkeys((node.how, *get_args(How)[:2])):
        for align in (node.align, *ALIGNMENTS):
            changes = {"how": how, "align": align}
            words = [
                f"{field}={value!r}"
                for field, value in changes.items()
                if value != getattr(node, field)
            ]
            if words:
                yield Replacement(
                    name, node.replace(**changes), f"{name} with {' and '.join(words)}"
                )


def skips(name: str, node: Skip, row: Row) -> Iterator[Replacement]:
    """Yield a skip with an alignment or with a projection, and its children without the skip."""
    channels, *size = row.input_shapes[0]
    if node.projection == "none" and node.how == "add":
        yield Replacement(name, node.replace(projection="auto"), f"{name} with projection='auto'")
    if 1 <= len(size) <= 3 and node.how != "concat":
        conv = Conv(out_channels=channels, kernel_size=1)
        # A strided projection of the input reaches the size, as in a ResNet.
        strides = steps_between(row.input_shapes[1][1:], tuple(size))
        if isinstance(node.projection, str) and strides is not None:
            strided = conv.replace(stride=short(strides))
            other = node.replace(projection=strided)
            yield Replacement(name, other, f"{name} with projection={strided!r}")
        for align in ("none", *ALIGNMENTS):
            also = f" and align={align!r}" if align != "none" else ""
            other = node.replace(projection=conv, align=align)
            yield Replacement(name, other, f"{name} with projection={conv!r}{also}")
    yield from alignments(name, node)
    yield Replacement(name, Sequence(children=node.children), f"{name} without its way round")


def steps_between(before: Size, after: Size) -> Size | None:
    """Return the strides of a 1×1 convolution from one size to the other; None if there are none.

    Example:
        >>> steps_between((32, 31), (16, 31)), steps_between((8,), (16,))
        ((2, 1), None)
    """
    if len(before) != len(after):
        return None
    strides = tuple(-(-n // m) for n, m in zip(before, after, strict=True))
    reached = tuple((n - 1) // s + 1 for n, s in zip(before, strides, strict=True))
    return strides if reached == after and set(strides) != {1} else None


def merges(name: str, node: Merge, rows: tuple[Row, ...]) -> Iterator[Replacement]:
    """Yield merges of other kept tensors, the likeliest name first, or with a projection."""
    # A tensor that is kept in an auxiliary head can be merged only there.
    here = rows[-1].aux
    kept = [each.layer.name for each in rows if isinstance(each.layer, Keep) and each.aux <= here]
    if node.name not in kept:
        likely = difflib.get_close_matches(node.name, kept, n=max(1, len(kept)), cutoff=0)
        for other in dict.fromkeys((*likely, *reversed(kept))):
            for align in dict.fromkeys((node.align, *ALIGNMENTS)):
                also = f" and align={align!r}" if align != node.align else ""
                merge = node.replace(name=other, align=align)
                yield Replacement(name, merge, f"{name} with name={other!r}{also}")
        return
    yield from alignments(name, node)
    first, *others = rows[-1].input_shapes
    if others and node.how != "concat" and 2 <= len(first) <= 4:
        conv = Conv(out_channels=others[0][0], kernel_size=1)
        for align in dict.fromkeys((node.align, *ALIGNMENTS)):
            merge = node.replace(align=align)
            pair = Sequence(children=((PROJECTION, conv), ("merge", merge)))
            yield Replacement(name, pair, f"{name} behind {conv!r}")


def renamed(name: str, node: Keep | Aux, network: Network) -> Replacement:
    """Return a `Keep` or an `Aux` under an unused name."""
    used = {each.name for _, each in nodes(network.children) if isinstance(each, Keep | Aux)}
    number = 2
    while f"{node.name}_{number}" in used:
        number += 1
    other = f"{node.name}_{number}"
    return Replacement(name, node.replace(name=other), f"{name} with name={other!r}")
