"""Changes of single layers by name, as a value that hashes."""

from __future__ import annotations

from math import isfinite
from typing import Any, cast

from cnnwidget.design.axes import LIMIT, is_whole
from cnnwidget.design.value import shortened

# The name of a layer, and its changed fields.
Overrides = tuple[tuple[str, tuple[tuple[str, Any], ...]], ...]


def changes_by_name(value: object) -> Overrides:
    """A check for changes of layers by name: a dict of dicts, or the pairs of one, sorted."""
    try:
        found = {str(name): dict(changes) for name, changes in dict(value).items()}  # type: ignore[call-overload]
    except (TypeError, ValueError):
        raise ValueError(
            "must be a dict of dicts, as {'encoder.stage1.conv': {'kernel_size': 5}}."
        ) from None
    for name, changes in found.items():
        for field, each in changes.items():
            if not isinstance(field, str) or not is_plain(each):
                raise ValueError(
                    f"has {shortened(each)} for {field} of {name!r}; a field is a number, a word, "
                    "a tuple of numbers, or a dict of an activation's settings."
                )
            if isinstance(each, dict):
                changes[field] = tuple(sorted(each.items()))
            elif isinstance(each, list):
                changes[field] = tuple(each)
    return tuple(sorted((name, tuple(sorted(changes.items()))) for name, changes in found.items()))


def is_plain(value: object) -> bool:
    """Whether a field can hold this: a number, a word, a few whole numbers, or settings."""
    if isinstance(value, dict):
        value = tuple(value.items())
    if is_pairs(value):
        return all(is_single(each) for _, each in cast("tuple[tuple[str, object], ...]", value))
    if isinstance(value, tuple | list):
        return all(is_whole(n, -LIMIT, LIMIT) for n in value)
    return is_single(value)


def is_single(value: object) -> bool:
    """Whether this is a number or a word."""
    if isinstance(value, float):
        return isfinite(value)
    return isinstance(value, int | str | None)


def is_pairs(value: object) -> bool:
    """Whether these are names with numbers or words, as settings of an activation are kept."""
    return (
        isinstance(value, tuple)
        and bool(value)
        and all(
            isinstance(pair, tuple) and len(pair) == 2 and isinstance(pair[0], str)
            for pair in value
        )
    )
