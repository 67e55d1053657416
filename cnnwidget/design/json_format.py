"""Designs as plain JSON values, and back; the file of a run holds its design in this form.

All fields are written, also those at their defaults: a design means the same when defaults have
changed. JSON values may come from any source, so they are checked before a design is made of them,
and a dict that is not exactly a design is refused.

    EncoderDecoder   {"version": 1, "family": "EncoderDecoder", "fields": {"input_size": [64], ...}}
    Network          {"version": 1, "family": "Network",
                      "fields": {"input_shape": [1, 64], "children": [["conv", ...], ...]}}
    a layer          {"layer": "Linear", "out_features": 10, "bias": true}
    a sequence       {"sequence": [["conv", ...], ...], "part": "encoder"}
    a combinator     {"skip": [["conv", ...], ...], "how": "add", "align": "none",
                      "projection": "auto"}, and in the same way "branches", "merge" (the name of
                     the kept tensor) and "aux"; a projection is "auto", "none" or a child
    pairs            of a field that is given as a dict: a dict

All fields must be there.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, get_args

from cnnwidget.design.design_types import Design
from cnnwidget.design.errors import DesignError
from cnnwidget.design.families.encoder_decoder import EncoderDecoder
from cnnwidget.design.families.setting_checks import is_pairs
from cnnwidget.design.layers.activation import Activation
from cnnwidget.design.layers.convolution import Conv, ConvTranspose
from cnnwidget.design.layers.dense import Dropout, Linear
from cnnwidget.design.layers.fixed_normalize import Normalize
from cnnwidget.design.layers.layer import Layer
from cnnwidget.design.layers.norm import Norm
from cnnwidget.design.layers.pooling import GlobalPool, Pool
from cnnwidget.design.layers.reshaping import Flatten, PixelShuffle, PixelUnshuffle, Unflatten
from cnnwidget.design.layers.resizing import Resize, Upsample
from cnnwidget.design.network import (
    DEEPEST,
    Aux,
    Branches,
    Children,
    Keep,
    Merge,
    Sequence,
    Skip,
)
from cnnwidget.design.untrusted_json import class_named, dict_with, plain_value, shown
from cnnwidget.design.value import Value, shortened

# Increased when the format changes.
VERSION = 1

Node = Layer | Sequence | Skip | Branches | Merge | Aux

FAMILIES: dict[str, type[Design]] = {family.__name__: family for family in get_args(Design)}
LAYERS: dict[str, type[Layer]] = {
    layer.__name__: layer
    for layer in (
        Conv, ConvTranspose, Pool, GlobalPool, Norm, Normalize, Activation, Dropout, Linear,
        Flatten, Unflatten, PixelShuffle, PixelUnshuffle, Resize, Upsample, Keep,
    )
}  # fmt: skip
# The keyword of a combinator holds its children, or the name of the tensor that a merge joins.
COMBINATORS: dict[str, type[Sequence | Skip | Branches | Merge | Aux]] = {
    "sequence": Sequence, "skip": Skip, "branches": Branches, "merge": Merge, "aux": Aux,
}  # fmt: skip
# Fields given as a dict, and its depth: settings by name, or by layer and name.
PAIRS = {("Activation", "settings"): 1, ("EncoderDecoder", "overrides"): 2}


def to_json(design: Design) -> dict[str, Any]:
    """Return a design as dicts, lists, strings and numbers, with every field.

    Args:
        design: of any family, or a network of the layers of this package.

    Raises:
        DesignError: for what is no design, and for a layer of a class that is not one of ours.

    Example:
        >>> from cnnwidget.design.network import Network
        >>> net = Network(input_shape=(8,), children={"fc": Linear(out_features=2)})
        >>> to_json(net)["fields"]["children"]
        [['fc', {'layer': 'Linear', 'out_features': 2, 'bias': True}]]
    """
    if FAMILIES.get(type(design).__name__) is not type(design):
        raise DesignError(
            f"to_json: {shortened(design)} is no design; give one of {', '.join(FAMILIES)}."
        )
    fields = fields_to_json(design, "")
    return {"version": VERSION, "family": type(design).__name__, "fields": fields}


def fields_to_json(value: Value, place: str) -> dict[str, Any]:
    """Return all fields of a value; `place` is the prefix of its children's names."""
    fields = {}
    for name in type(value).model_fields:
        each = getattr(value, name)
        depth = PAIRS.get((type(value).__name__, name))
        if depth:
            each = pairs_to_json(each, depth)
        elif name == "children":
            each = [[key, child_to_json(child, f"{place}{key}")] for key, child in each]
        elif isinstance(each, Value):
            each = child_to_json(each, f"{place}{name}")
        elif isinstance(each, tuple):
            each = list(each)
        fields[name] = each
    return fields


def pairs_to_json(pairs: Iterable[tuple[str, Any]], depth: int) -> dict[str, Any]:
    """Return pairs as a dict, nested pairs as nested dicts."""
    if depth > 1:
        return {name: pairs_to_json(inner, depth - 1) for name, inner in pairs}
    return {
        name: dict(each) if is_pairs(each) else list(each) if isinstance(each, tuple) else each
        for name, each in pairs
    }


def child_to_json(child: Any, place: str) -> dict[str, Any]:
    """Return the dict of a layer or a combinator; `place` is its dotted name."""
    kind = type(child).__name__
    for word, combinator in COMBINATORS.items():
        if type(child) is combinator:
            fields = fields_to_json(child, f"{place}.")
            return {word: fields.pop(keyword_field(combinator)), **fields}
    if LAYERS.get(kind) is not type(child):
        raise DesignError(
            f"to_json: {place} is a {kind}, which has no notation; use one of {', '.join(LAYERS)}."
        )
    return {"layer": kind, **fields_to_json(child, "")}


def keyword_field(combinator: type[Value]) -> str:
    """Return the field whose value is behind the keyword of a combinator."""
    return "children" if "children" in combinator.model_fields else "name"


def from_json(data: object) -> Design:
    """Return the design of some JSON values, the inverse of `to_json`.

    Args:
        data: the result of `json.loads`, from any source.

    Raises:
        DesignError: for whatever `to_json` would not write: another version, family, layer or key,
            a missing key, a value of another type, sequences too deep.

    Example:
        >>> design = EncoderDecoder(input_size=(64, 64), in_channels=10, out_channels=5)
        >>> from_json(to_json(design)) == design
        True
    """
    record = dict_with(data, ("version", "family", "fields"), "a design")
    version, name = record["version"], record["family"]
    if type(version) is not int or version != VERSION:
        raise DesignError(
            f"from_json: version is {shown(version)}, but must be {VERSION}; another version of "
            "cnnwidget may read it."
        )
    family: type[Design] = class_named(FAMILIES, name, "family", "a design")
    where = f"an {name}" if family is EncoderDecoder else f"a {name}"
    fields = checked_fields(family, record["fields"], f"fields of {where}")
    design: Design = family(
        **{key: field_from_json(family, key, value, "", 0) for key, value in fields.items()}
    )
    return design


def checked_fields(
    kind: type[Value], record: object, where: str, keyword: str = ""
) -> dict[str, Any]:
    """Return the fields that a dict gives, which must be all of them."""
    words = [keyword] if keyword else []
    expected = [
        *words,
        *(field for field in kind.model_fields if not keyword or field != keyword_field(kind)),
    ]
    return dict_with(record, expected, where)


def field_from_json(kind: type[Value], name: str, value: object, place: str, depth: int) -> Any:
    """Return the value of a field; `place` is the dotted name of its layer, empty for a design."""
    where, prefix = (shortened(place), f"{place}.") if place else (name, "")
    pairs = PAIRS.get((kind.__name__, name))
    if pairs:
        return pairs_from_json(value, where, pairs)
    if name == "children":
        return children_from_json(value, prefix, depth)
    if name == "projection" and isinstance(value, dict):
        return child_from_json(value, f"{prefix}{name}", depth)
    return plain_value(value, where)


def pairs_from_json(value: object, where: str, depth: int) -> Any:
    """Return a dict of plain values, or of dicts of them."""
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise DesignError(f"from_json: {where} holds {shown(value)}, but must hold a dict by name.")
    if depth > 1:
        return {key: pairs_from_json(each, where, depth - 1) for key, each in value.items()}
    return {
        # An override may hold the settings of an activation, which are a dict, too.
        key: pairs_from_json(each, where, 1) if isinstance(each, dict) else plain_value(each, where)
        for key, each in value.items()
    }


def children_from_json(pairs: object, place: str, depth: int) -> Children:
    """Return the children of a list of [name, child]; `place` is the prefix of their names."""
    where = shortened(place.removesuffix(".")) if place else "a network"
    if depth > DEEPEST:
        raise DesignError(f"from_json: more than {DEEPEST} sequences are within each other.")
    if not isinstance(pairs, list):
        raise DesignError(
            f"from_json: the children of {where} are {shown(pairs)}, but must be a list of "
            "[name, child]."
        )
    children: list[tuple[str, Node]] = []
    for pair in pairs:
        if not isinstance(pair, list) or len(pair) != 2 or not isinstance(pair[0], str):
            raise DesignError(
                f"from_json: {where} has {shown(pair)} for a child, but it must be [name, child]."
            )
        name, child = pair
        children.append((name, child_from_json(child, f"{place}{name}", depth)))
    return tuple(children)


def child_from_json(child: object, place: str, depth: int) -> Node:
    """Return the layer or the combinator of a dict; `place` is its dotted name."""
    where = shortened(place)
    words = [word for word in COMBINATORS if isinstance(child, dict) and word in child]
    if words:
        word, kind = words[0], COMBINATORS[words[0]]
        record = checked_fields(kind, child, where, word)
        record[keyword_field(kind)] = record.pop(word)
        depth += 1
    elif isinstance(child, dict) and "layer" in child:
        kind = class_named(LAYERS, child["layer"], "layer", where)
        record = checked_fields(kind, {key: child[key] for key in child if key != "layer"}, where)
    else:
        raise DesignError(
            f"from_json: {where} is {shown(child)}, but must be a dict with the key 'layer' or one "
            f"of {', '.join(COMBINATORS)}."
        )
    fields = {
        key: field_from_json(kind, key, record[key], place, depth) for key in kind.model_fields
    }
    try:
        node: Node = kind(**fields)
    except DesignError as error:
        raise DesignError(f"from_json: {where} cannot be: {error}") from None
    return node
