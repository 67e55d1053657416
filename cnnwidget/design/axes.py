"""Sizes, shapes, and settings with one number for all spatial axes or one per axis.

In PyTorch's words and order: a shape is (channels, *size) without the batch axis; a size is
(length,), (height, width) or (depth, height, width).
"""

from __future__ import annotations

import math
from typing import Annotated, Literal

from pydantic import Field, PlainValidator

Size = tuple[int, ...]
Shape = tuple[int, ...]
PerAxis = int | tuple[int, ...]

# Settings per axis stay below this: beyond it torch's own arithmetic overflows.
LIMIT = 2**31
# A tensor of 32-bit floats has fewer values than this: its number of bytes has 63 bits.
MOST_VALUES = 2**61


def is_whole(number: object, minimum: int, limit: float = math.inf) -> bool:
    """Whether this is an int, not a bool, from `minimum` to below `limit`."""
    return type(number) is int and minimum <= number < limit


def numbers_or(minimum: int, *words: str | None) -> PlainValidator:
    """Return a check for one number for all axes, one per axis, or one of some words."""

    def check(value: object) -> object:
        if is_whole(value, minimum, LIMIT) or (isinstance(value, str | None) and value in words):
            return value
        if (
            isinstance(value, list | tuple)
            and value
            and all(is_whole(n, minimum, LIMIT) for n in value)
        ):
            return tuple(value)
        also = "".join(f"{word!r}, " for word in words)
        number = f"a whole number of at least {minimum} (and below 2**31)"
        raise ValueError(f"must be {also}{number}, or one per axis.")

    return PlainValidator(check)


def shape_below(limit: int, *, optional: bool = False) -> PlainValidator:
    """Return a check for a size or shape: positive whole numbers with a product below a limit.

    With `optional`, None passes, too.
    """

    def check(value: object) -> object:
        if value is None and optional:
            return value
        if isinstance(value, list | tuple) and value and all(is_whole(n, 1) for n in value):
            if math.prod(value) < limit:
                return tuple(value)
            raise ValueError("is more than a tensor can hold.")
        raise ValueError("must be a tuple of whole numbers of at least 1.")

    return PlainValidator(check)


Positive = Annotated[PerAxis, numbers_or(1)]
NotNegative = Annotated[PerAxis, numbers_or(0)]
Padding = Annotated[PerAxis | Literal["same", "valid"], numbers_or(0, "same", "valid")]
# The sizes and channels that a user sets.
Sizes = Annotated[Size, shape_below(MOST_VALUES)]
SizesOrNone = Annotated[Size | None, shape_below(MOST_VALUES, optional=True)]
Channels = Annotated[int, Field(ge=1, lt=MOST_VALUES)]
# The shapes and channels of layers, which may be computed from a user's and be larger. The plan
# then has a problem.
LayerShape = Annotated[Shape, shape_below(MOST_VALUES**3)]
Count = Annotated[int, Field(ge=1, lt=MOST_VALUES**3)]


def per_axis(value: PerAxis, axes: int) -> tuple[int, ...]:
    """Return `value` as one number per axis; as in torch, a tuple of one holds for all axes."""
    if isinstance(value, int):
        return (value,) * axes
    return value * axes if len(value) == 1 else value


def short(value: PerAxis) -> PerAxis:
    """Return a tuple of equal numbers as that number: 3 for (3, 3)."""
    if isinstance(value, tuple) and len(set(value)) == 1:
        return value[0]
    return value


def spell(size: tuple[int, ...]) -> str:
    """Return a size or shape in words: '32 × 64 × 64' for (32, 64, 64)."""
    return " × ".join(map(str, size))
