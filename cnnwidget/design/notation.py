"""A design as plain JSON values, and back: what a file of a trained network says of its layers.

All fields are written, also those at their defaults: a design means the same when defaults have
changed. What is read may come from anywhere, so it is looked at before anything is made of it,
and whatever is not exactly a design is refused.

    EncoderDecoder   {"version": 1, "family": "EncoderDecoder", "fields": {"input_size": [64], ...}}
    Network          {"version": 1, "family": "Network",
                      "fields": {"input_shape": [1, 64], "children": [["conv", ...], ...]}}
    a layer          {"layer": "Linear", "out_features": 10, "bias": true}
    a sequence       {"sequence": [["conv", ...], ...], "part": "encoder"}
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, get_args

from cnnwidget.design.convolution import Conv, ConvTranspose
from cnnwidget.design.errors import DesignError
from cnnwidget.design.families import Design, EncoderDecoder
from cnnwidget.design.layer import Layer
from cnnwidget.design.layers import (
    Activation,
    Dropout,
    Flatten,
    Linear,
    Norm,
    Resize,
    Unflatten,
)
from cnnwidget.design.network import DEEPEST, Children, Network, Sequence
from cnnwidget.design.value import Value, closest, shortened

# Raised when what is written changes its meaning, not when a field is added.
VERSION = 1

FAMILIES: dict[str, type[EncoderDecoder | Network]] = {
    family.__name__: family for family in get_args(Design)
}
LAYERS: dict[str, type[Layer]] = {
    layer.__name__: layer
    for layer in (
        Conv, ConvTranspose, Norm, Activation, Dropout, Linear, Flatten, Unflatten, Resize,
    )
}  # fmt: skip


def to_json(design: Design) -> dict[str, Any]:
    """A design as dicts, lists, strings and numbers, with every field written out.

    Args:
        design: an encoder-decoder, or a network of the layers of this package.

    Raises:
        DesignError: for what is no design, and for a layer of a class that is not one of ours.

    Example:
        >>> net = Network(input_shape=(8,), children={"fc": Linear(out_features=2)})
        >>> to_json(net)["fields"]["children"]
        [['fc', {'layer': 'Linear', 'out_features': 2, 'bias': True}]]
    """
    if type(design) is EncoderDecoder:
        fields = written(design)
    elif type(design) is Network:
        children = children_written(design.children, "")
        fields = {"input_shape": list(design.input_shape), "children": children}
    else:
        raise DesignError(
            f"to_json: {shortened(design)} is no design; give an EncoderDecoder or a Network."
        )
    return {"version": VERSION, "family": type(design).__name__, "fields": fields}


def written(value: Value) -> dict[str, Any]:
    """All fields of a layer or an encoder-decoder, tuples as lists."""
    fields = ((name, getattr(value, name)) for name in type(value).model_fields)
    return {name: list(each) if isinstance(each, tuple) else each for name, each in fields}


def children_written(children: Children, place: str) -> list[list[Any]]:
    """The names and children of a sequence or a network."""
    return [[name, child_written(child, f"{place}{name}")] for name, child in children]


def child_written(child: Layer | Sequence, place: str) -> dict[str, Any]:
    """A layer or a sequence; `place` is its dotted name."""
    if isinstance(child, Sequence):
        return {"sequence": children_written(child.children, f"{place}."), "part": child.part}
    kind = type(child).__name__
    if LAYERS.get(kind) is not type(child):
        raise DesignError(
            f"to_json: {place} is a {kind}, which has no notation; use one of {', '.join(LAYERS)}."
        )
    return {"layer": kind, **written(child)}


def from_json(data: object) -> Design:
    """The design that some JSON values say, the inverse of `to_json`.

    Args:
        data: what `json.loads` returned; nothing is taken on trust.

    Raises:
        DesignError: for whatever `to_json` would not have written: another version, family, layer
            or key, a key that is missing, a value of another type, sequences too deep.

    Example:
        >>> design = EncoderDecoder(input_size=(64, 64), in_channels=10, out_channels=5)
        >>> from_json(to_json(design)) == design
        True
    """
    record = dict_with(data, ("version", "family", "fields"), "a design")
    version, name = record["version"], record["family"]
    if type(version) is not int or version != VERSION:
        raise DesignError(
            f"from_json: version is {said(version)}, but must be {VERSION}; another version of "
            "cnnwidget may read it."
        )
    family = one_of(FAMILIES, name, "family", "a design")
    where = f"an {name}" if family is EncoderDecoder else f"a {name}"
    fields = dict_with(record["fields"], family.model_fields, f"fields of {where}")
    if family is Network:
        children = children_read(fields["children"], "", 0)
        return Network(input_shape=plain(fields["input_shape"], "input_shape"), children=children)
    return EncoderDecoder(**{key: plain(value, key) for key, value in fields.items()})


def children_read(pairs: object, place: str, depth: int) -> Children:
    """The children that a list of [name, child] says; `place` is the name they stand under."""
    where = place.removesuffix(".") or "a network"
    if depth > DEEPEST:
        raise DesignError(f"from_json: more than {DEEPEST} sequences are within each other.")
    if not isinstance(pairs, list):
        raise DesignError(
            f"from_json: the children of {where} are {said(pairs)}, but must be a list of "
            "[name, child]."
        )
    children: list[tuple[str, Layer | Sequence]] = []
    for pair in pairs:
        if not isinstance(pair, list) or len(pair) != 2 or not isinstance(pair[0], str):
            raise DesignError(
                f"from_json: {where} has {said(pair)} for a child, but it must be [name, child]."
            )
        name, child = pair
        children.append((name, child_read(child, f"{place}{name}", depth)))
    return tuple(children)


def child_read(child: object, place: str, depth: int) -> Layer | Sequence:
    """The layer or the sequence that a dict says; `place` is its dotted name."""
    where = shortened(place)
    if isinstance(child, dict) and "sequence" in child:
        record = dict_with(child, ("sequence", "part"), where)
        inner = children_read(record["sequence"], f"{place}.", depth + 1)
        return made(Sequence, {"children": inner, "part": plain(record["part"], where)}, where)
    if not isinstance(child, dict) or "layer" not in child:
        raise DesignError(
            f"from_json: {where} is {said(child)}, but must be a dict with the key 'layer' or "
            "'sequence'."
        )
    kind = one_of(LAYERS, child["layer"], "layer", where)
    record = dict_with(child, ("layer", *kind.model_fields), where)
    return made(kind, {key: plain(record[key], where) for key in kind.model_fields}, where)


def made(kind: type[Layer | Sequence], fields: dict[str, Any], where: str) -> Layer | Sequence:
    """A layer or a sequence of some fields; what its constructor refuses is told with its place."""
    try:
        return kind(**fields)
    except DesignError as error:
        raise DesignError(f"from_json: {where} cannot be: {error}") from None


def dict_with(value: object, keys: Iterable[str], where: str) -> dict[str, Any]:
    """The value, which must be a dict with these keys, no fewer and no more."""
    known = list(keys)
    if not isinstance(value, dict):
        raise DesignError(
            f"from_json: {where} is {said(value)}, but must be a dict with {', '.join(known)}."
        )
    for key in value:
        if key not in known:
            hint = closest(key, known) if isinstance(key, str) else ""
            raise DesignError(
                f"from_json: {where} has the key {said(key)}, but may have only "
                f"{', '.join(known)}{hint}."
            )
    for key in known:
        if key not in value:
            raise DesignError(f"from_json: {where} has no {key!r}; all fields must be written.")
    return value


def one_of(kinds: dict[str, type[Any]], name: object, what: str, where: str) -> type[Any]:
    """The class that a name stands for."""
    if isinstance(name, str) and name in kinds:
        return kinds[name]
    hint = closest(name, kinds) if isinstance(name, str) else ""
    raise DesignError(
        f"from_json: the {what} of {where} is {said(name)}, but must be one of "
        f"{', '.join(kinds)}{hint}."
    )


def plain(value: object, where: str) -> Any:
    """A value of a field, which is no deeper than a list of numbers; a list becomes a tuple."""
    if isinstance(value, list) and all(isinstance(each, int | float) for each in value):
        return tuple(value)
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise DesignError(
        f"from_json: {where} holds {said(value)}, but fields are numbers, names or lists of "
        "numbers."
    )


def said(value: object) -> str:
    """A value as an error message shows it, what could be deep by its type only."""
    if value is None or isinstance(value, bool | int | float | str):
        return shortened(value)
    return f"a {type(value).__name__}"
