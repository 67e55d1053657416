"""Checks of settings: channels per stage, blocks, numbers per axis, overrides of layers."""

from __future__ import annotations

from math import isfinite
from typing import Any, cast, get_args

from pydantic import PlainValidator

from cnnwidget.design.axes import LIMIT, MOST_VALUES, PerAxis, Size, is_whole, short
from cnnwidget.design.families.channels import ChannelLaw
from cnnwidget.design.value import shortened

LAWS: tuple[str, ...] = get_args(ChannelLaw)

# The name of each layer, and its changed fields.
Overrides = tuple[tuple[str, tuple[tuple[str, Any], ...]], ...]

# No more blocks in a stage than this.
MOST_BLOCKS = 100


def law_or_channels(*names: str) -> PlainValidator:
    """Return a check for a channel law by name, or the channels themselves, one per stage."""

    def check(value: object) -> str | tuple[int, ...]:
        if isinstance(value, str) and value in names:
            return value
        if isinstance(value, list | tuple) and all(is_whole(n, 1, MOST_VALUES) for n in value):
            return tuple(value)
        raise ValueError(f"must be one of {', '.join(names)}, or a tuple with a number a stage.")

    return PlainValidator(check)


def numbers(limit: int) -> PlainValidator:
    """Return a check for a tuple, possibly empty, of whole numbers from 1 to below a limit."""

    def check(value: object) -> tuple[int, ...]:
        if isinstance(value, list | tuple) and all(is_whole(number, 1, limit) for number in value):
            return tuple(value)
        raise ValueError("must be a tuple of whole numbers of at least 1.")

    return PlainValidator(check)


def count_or_counts(value: object) -> PerAxis:
    """Return one number of blocks for all stages, or one per stage.

    Raises:
        ValueError: if the value is neither.
    """
    if isinstance(value, int) and is_whole(value, 1, MOST_BLOCKS + 1):
        return value
    if isinstance(value, list | tuple) and value:  # noqa: SIM102  (two conditions that read better apart)
        if all(is_whole(number, 1, MOST_BLOCKS + 1) for number in value):
            return tuple(value)
    raise ValueError(f"must be a whole number from 1 to {MOST_BLOCKS}, or one per stage.")


def check_size(name: str, size: Size) -> None:
    """Refuse a size of more than three axes."""
    if len(size) > 3:
        raise ValueError(
            f"{name} {shortened(size)} has {len(size)} axes; convolutions have one to three."
        )


def check_same_axes(name: str, value: Size, size_name: str, size: Size) -> None:
    """Refuse a size with another number of axes than the design's."""
    if len(value) != len(size):
        raise ValueError(
            f"{name} {shortened(value)} has {len(value)} numbers, but {size_name} {size} has "
            f"{len(size)} axes; give one per axis."
        )


def one_number_if_equal(
    fields: dict[str, Any], size: object, names: tuple[str, ...]
) -> dict[str, Any]:
    """Return fields with (3, 3) as 3, so that equivalent designs compare equal.

    Other wrong values are left to the checks of the fields.

    Raises:
        ValueError: if a field has neither one number nor as many as `size`.
    """
    if not isinstance(size, list | tuple) or not 1 <= len(size) <= 3:
        return fields
    changed = dict(fields)
    for name in names:
        value = fields.get(name)
        if isinstance(value, list | tuple) and value and all(is_whole(n, 1) for n in value):
            if len(value) not in {1, len(size)}:
                raise ValueError(
                    f"{name} {shortened(value)} has {len(value)} numbers, but there are "
                    f"{len(size)} axes; give one number, or one per axis."
                )
            changed[name] = short(tuple(value))
    return changed


def changes_by_name(value: object) -> Overrides:
    """Return overrides, given as a dict of dicts by layer or as its pairs, as sorted pairs.

    Raises:
        ValueError: if the value is neither, or a field cannot hold its value.
    """
    try:
        by_name = {str(name): dict(changes) for name, changes in dict(value).items()}  # type: ignore[call-overload]
    except (TypeError, ValueError):
        raise ValueError(
            "must be a dict of dicts, as {'encoder.stage1.conv': {'kernel_size': 5}}."
        ) from None
    for name, changes in by_name.items():
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
    return tuple(
        sorted((name, tuple(sorted(changes.items()))) for name, changes in by_name.items())
    )


def is_plain(value: object) -> bool:
    """Whether a field can hold this: a number, a word, a tuple of whole numbers, or settings."""
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
    """Whether these are pairs of a name and a value, as the settings of an activation."""
    return (
        isinstance(value, tuple)
        and bool(value)
        and all(
            isinstance(pair, tuple) and len(pair) == 2 and isinstance(pair[0], str)
            for pair in value
        )
    )
