"""The figures that are told of a receptive field."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Literal, NamedTuple

# Longer numbers are rounded; every stage of a decoder may double them.
MOST_TOLD = 10**6


class ReceptiveField(NamedTuple):
    """What the positions of a tensor see of the network's input, along each axis of the input.

    A figure that would take too long to find is None: on an axis of more than a quarter of a
    million positions, with a period of thousands, or once the budget of the network is spent, which
    counts positions times taps over all layers.

    Attributes:
        size: the most pixels that one position sees, if the input went on for ever; "everything"
            behind a layer that looks at all positions at once.
        stride: pixels from what one position sees to what the next one does: 1/2 where a field is
            enlarged twice. "varies" where paths of different strides were joined, or values are in
            another order; None behind "everything".
        offset: where the field of the first position begins, below 0 for pixels before the input.
        clipped: the most pixels that one position sees, those outside the input not counted.
        varies: whether positions see different numbers of pixels, though the input went on for
            ever.
        is_global: whether a position depends on all others, if only by a mean or a deviation that
            some norm takes; in that case, size and clipped are as without that norm.
    """

    size: tuple[int | Literal["everything"] | None, ...]
    stride: tuple[Fraction | Literal["varies"] | None, ...]
    offset: tuple[int | None, ...]
    clipped: tuple[int | None, ...]
    varies: tuple[bool, ...]
    is_global: bool

    @property
    def words(self) -> str:
        """For a cell of a table: `15 × 15`, `global`, or `15 × 15, norm global`.

        Example:
            >>> ReceptiveField((15, "everything"), (2, None), (-7, None), (9, 9), (), False).words
            '15 × all'
        """
        known: dict[object, str] = {"everything": "all", None: "?"}
        sizes = " × ".join(known.get(size) or figure(size) for size in self.size)
        if not self.is_global:
            return sizes
        return "global" if set(self.size) <= {"everything"} else f"{sizes}, norm global"


def figure(number: object) -> str:
    """A number in words, a long one rounded.

    Example:
        >>> figure(15), figure(2**1000), figure(Fraction(1, 2**1000))
        ('15', '1.1e+301', '9.3e-302')
    """
    if isinstance(number, Fraction) and number.denominator > MOST_TOLD:
        return f"{Decimal(number.numerator) / Decimal(number.denominator):.1e}"
    if isinstance(number, int | Fraction) and not -MOST_TOLD <= number <= MOST_TOLD:
        return f"{Decimal(int(number)):.1e}"
    return str(number)
