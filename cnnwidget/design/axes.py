"""Whole numbers, one for all spatial axes or one per axis, and the shapes they act on.

PyTorch's words and order: a shape is (channels, *size) without the batch axis; a size is
(length,), (height, width) or (depth, height, width).
"""

from __future__ import annotations

import math
from typing import Annotated, Literal

from pydantic import Field, PlainValidator

Size = tuple[int, ...]
Shape = tuple[int, ...]
PerAxis = int | tuple[int, ...]

# What is set per axis stays below this: beyond it torch's own arithmetic would wrap around.
LIMIT = 2**31
# A tensor of 32-bit floats has fewer values than this: its bytes are counted in 63 bits.
MOST_VALUES = 2**61


def is_whole(number: object, minimum: int, limit: float = math.inf) -> bool:
    """Whether this is a whole number, which True and False are not, and in bounds."""
    return type(number) is int and minimum <= number < limit


def numbers_or(minimum: int, *words: str | None) -> PlainValidator:
    """A check for one number for all axes, a tuple with one per axis, or one of some words."""

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


def shape_below(limit: int, *words: None) -> PlainValidator:
    """A check for a size or shape: positive whole numbers whose product is below a limit."""

    def check(value: object) -> object:
        if value is None and None in words:
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
# Of a user.
Sizes = Annotated[Size, shape_below(MOST_VALUES)]
SizesOrNone = Annotated[Size | None, shape_below(MOST_VALUES, None)]
Channels = Annotated[int, Field(ge=1, lt=MOST_VALUES)]
# Of layers, whose numbers may be worked out from a user's and come out larger; it is for the plan
# to say so.
LayerShape = Annotated[Shape, shape_below(MOST_VALUES**3)]
Count = Annotated[int, Field(ge=1, lt=MOST_VALUES**3)]


def per_axis(value: PerAxis, axes: int) -> tuple[int, ...]:
    """`value` as a tuple of `axes` numbers; as in torch, a tuple of one stands for all axes."""
    if isinstance(value, int):
        return (value,) * axes
    return value * axes if len(value) == 1 else value


def short(value: PerAxis) -> PerAxis:
    """A tuple of equal numbers as that number: (3, 3) reads as 3."""
    if isinstance(value, tuple) and len(set(value)) == 1:
        return value[0]
    return value


def spell(size: tuple[int, ...]) -> str:
    """A size or shape to read: (32, 64, 64) is '32 × 64 × 64'."""
    return " × ".join(map(str, size))
