"""Pieces as Python expressions: constructors of torch.nn, and of what the file defines."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from cnnwidget.design.layers.layer import TORCH_DEFAULTS
from cnnwidget.show.source_layout import Bracketed, Expression, Item
from cnnwidget.show.source_modules import definitions
from cnnwidget.show.source_pieces import Piece, Place, plain

# Calls take keywords, but these are names of what is called itself.
NO_KEYWORD = {"self", "other"}
# Of what a convolution is given by name.
ORDER = ["kernel_size", *TORCH_DEFAULTS]

EMPTY: Mapping[Place, str] = MappingProxyType({})


def expression(
    piece: Piece, words: Mapping[Place, str] = EMPTY, path: tuple[str, ...] = ()
) -> Expression:
    """What makes a piece: its constructor, with the names of parameters for what varies."""
    call, inner = piece.call, piece.children
    varying = {key: word for (place, key), word in words.items() if place == path}
    given = [Item(varying.get(key) or written(value)) for key, value in call.args]
    if inner is not None:
        made = [
            # What a function makes has other shapes elsewhere.
            (name, expression(child, words, (*path, name)), "" if words else child.remark)
            for name, child in inner
        ]
        if call.name == "Sequential":
            return sequential(made)
        given.append(Item(dictionary(made)))
    settings = piece.settings
    keys = dict.fromkeys(key for key, _ in call.kwargs)
    if left_out := [key for key in varying if key not in settings]:
        keys = dict.fromkeys(sorted((*keys, *left_out), key=ORDER.index))
    named = [
        Item(varying.get(key) or written(settings.get(key, TORCH_DEFAULTS.get(key))), f"{key}=")
        for key in keys
    ]
    return Bracketed(f"{callee(piece)}(", (*given, *named), ")")


def callee(piece: Piece) -> str:
    """The constructor: of torch.nn, or one that the file defines."""
    ours = piece.call.name in definitions() or piece.is_block
    return piece.call.name if ours else f"nn.{piece.call.name}"


# Pieces by name, written out, with remarks.
Made = list[tuple[str, Expression, str]]


def sequential(children: Made) -> Bracketed:
    """`nn.Sequential` of named expressions, as short as the names allow."""
    if [name for name, _, _ in children] == [str(number) for number in range(len(children))]:
        items = tuple(Item(code, "", remark) for _, code, remark in children)
        return Bracketed("nn.Sequential(", items, ")")
    if all(plain(name) and name not in NO_KEYWORD for name, _, _ in children):
        items = tuple(Item(code, f"{name}=", remark) for name, code, remark in children)
        inner = Bracketed("OrderedDict(", items, ")")
    else:
        pairs = tuple(
            Item(Bracketed("(", (Item(literal(name)), Item(code)), ")"), "", remark)
            for name, code, remark in children
        )
        inner = Bracketed("OrderedDict(", (Item(Bracketed("[", pairs, "]")),), ")")
    return Bracketed("nn.Sequential(", (Item(inner),), ")")


def dictionary(children: Made) -> Bracketed:
    """A dictionary of named expressions."""
    items = tuple(Item(code, f"{literal(name)}: ", remark) for name, code, remark in children)
    return Bracketed("{", items, "}")


def written(value: object) -> Expression:
    """A value as Python; the members of a tuple can go to lines of their own."""
    if isinstance(value, tuple) and len(value) > 1:
        return Bracketed("(", tuple(Item(written(each)) for each in value), ")")
    return literal(value)


def literal(value: object) -> str:
    """A value as Python; strings in double quotes, unless they hold quotes themselves."""
    if isinstance(value, str) and not {"'", '"'} & set(value):
        return f'"{repr(value)[1:-1]}"'
    return repr(value)
