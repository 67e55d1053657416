"""Constructors as Python expressions: those of torch.nn, and those that the file defines."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from cnnwidget.design.layers.layer import TORCH_DEFAULTS
from cnnwidget.show.source_constructors import Constructor, Place, plain
from cnnwidget.show.source_layout import Bracketed, Expression, Item
from cnnwidget.show.source_modules import definitions

# Calls take keywords, but `OrderedDict` has these as its own.
NO_KEYWORD = {"self", "other"}
# The keyword arguments of a convolution, in order.
ORDER = ["kernel_size", *TORCH_DEFAULTS]

EMPTY: Mapping[Place, str] = MappingProxyType({})


def expression(
    constructor: Constructor, words: Mapping[Place, str] = EMPTY, path: tuple[str, ...] = ()
) -> Expression:
    """Return a constructor as an expression; `words` names the parameters of what varies."""
    call, inner = constructor.call, constructor.children
    varying = {key: word for (place, key), word in words.items() if place == path}
    given = [Item(varying.get(key) or written(value)) for key, value in call.args]
    if inner is not None:
        made = [
            # A function is called for other shapes, too: no remarks inside it.
            (name, expression(child, words, (*path, name)), "" if words else child.remark)
            for name, child in inner
        ]
        if call.name == "Sequential":
            return sequential(made)
        given.append(Item(dictionary(made)))
    settings = constructor.settings
    keys = dict.fromkeys(key for key, _ in call.kwargs)
    if left_out := [key for key in varying if key not in settings]:
        keys = dict.fromkeys(sorted((*keys, *left_out), key=ORDER.index))
    named = [
        Item(varying.get(key) or written(settings.get(key, TORCH_DEFAULTS.get(key))), f"{key}=")
        for key in keys
    ]
    return Bracketed(f"{callee(constructor)}(", (*given, *named), ")")


def callee(constructor: Constructor) -> str:
    """Return the name of a constructor: of torch.nn, or one that the file defines."""
    ours = constructor.call.name in definitions() or constructor.is_block
    return constructor.call.name if ours else f"nn.{constructor.call.name}"


# Expressions by name, with remarks.
Made = list[tuple[str, Expression, str]]


def sequential(children: Made) -> Bracketed:
    """Return `nn.Sequential` of named expressions, as short as the names allow."""
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
    """Return a dictionary of named expressions."""
    items = tuple(Item(code, f"{literal(name)}: ", remark) for name, code, remark in children)
    return Bracketed("{", items, "}")


def written(value: object) -> Expression:
    """Return a value as Python; the members of a tuple can be on separate lines."""
    if isinstance(value, tuple) and len(value) > 1:
        return Bracketed("(", tuple(Item(written(each)) for each in value), ")")
    return literal(value)


def literal(value: object) -> str:
    """Return a value as Python; strings in double quotes, unless they hold quotes."""
    if isinstance(value, str) and not {"'", '"'} & set(value):
        return f'"{repr(value)[1:-1]}"'
    return repr(value)
