"""Checks of JSON values from an untrusted source, before a design is made of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cnnwidget.design.errors import DesignError
from cnnwidget.design.value import closest, shortened


def dict_with(value: object, keys: Iterable[str], where: str) -> dict[str, Any]:
    """Return the value, which must be a dict with exactly these keys.

    Raises:
        DesignError: for another type, an unknown key or a missing one.
    """
    expected = list(keys)
    if not isinstance(value, dict):
        raise DesignError(
            f"from_json: {where} is {shown(value)}, but must be a dict with {', '.join(expected)}."
        )
    for key in value:
        if key not in expected:
            hint = closest(key, expected) if isinstance(key, str) else ""
            raise DesignError(
                f"from_json: {where} has the key {shown(key)}, but may have only "
                f"{', '.join(expected)}{hint}."
            )
    for key in expected:
        if key not in value:
            raise DesignError(f"from_json: {where} has no {key!r}; all fields must be written.")
    return {key: value[key] for key in expected}


def class_named(kinds: dict[str, type[Any]], name: object, what: str, where: str) -> type[Any]:
    """Return the class with this name.

    Raises:
        DesignError: if there is none.
    """
    if isinstance(name, str) and name in kinds:
        return kinds[name]
    hint = closest(name, kinds) if isinstance(name, str) else ""
    raise DesignError(
        f"from_json: the {what} of {where} is {shown(name)}, but must be one of "
        f"{', '.join(kinds)}{hint}."
    )


def plain_value(value: object, where: str) -> Any:
    """Return the value of a field: a number, a name, or a list of numbers as a tuple."""
    if isinstance(value, list) and all(isinstance(each, int | float) for each in value):
        return tuple(value)
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise DesignError(
        f"from_json: {where} holds {shown(value)}, but fields are numbers, names or lists of "
        "numbers."
    )


def shown(value: object) -> str:
    """Return a value for an error message; only its type where it could be nested."""
    if value is None or isinstance(value, bool | int | float | str):
        return shortened(value)
    return f"a {type(value).__name__}"
