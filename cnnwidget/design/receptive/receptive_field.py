"""`ReceptiveField`: the figures of the receptive fields of one tensor."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Literal, NamedTuple

# Larger numbers are rounded; every stage of a decoder may double them.
LARGEST_EXACT = 10**6


class ReceptiveField(NamedTuple):
    """The receptive fields of the positions of a tensor, along each axis of the network's input.

    A figure that would take too long to compute is None: on an axis of more than a quarter of a
    million positions, with a period of thousands, or once the work limit of the network is reached,
    which counts positions times taps over all layers.

    Attributes:
        size: the pixels in the field of one position on an infinite input, the most of any
            position; "everything" behind a layer that takes all positions into each output.
        stride: pixels from the field of one position to the next: 1/2 where a field is enlarged
            twice; "varies" where paths of different strides were joined, or values were reordered;
            None behind "everything".
        offset: the pixel where the field of the first position begins, below 0 for pixels before
            the input.
        clipped: the pixels of the input in the field of one position, the most of any position.
        varies: whether the fields of positions differ in size, even on an infinite input.
        is_global: whether a position depends on all others, if only by a mean or a deviation that
            a norm takes; then size and clipped are those without that norm.
    """

    size: tuple[int | Literal["everything"] | None, ...]
    stride: tuple[Fraction | Literal["varies"] | None, ...]
    offset: tuple[int | None, ...]
    clipped: tuple[int | None, ...]
    varies: tuple[bool, ...]
    is_global: bool

    @property
    def words(self) -> str:
        """The size for a cell of a table: `15 × 15`, `global`, or `15 × 15, norm global`.

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
    """Return a number as text, rounded if it is long.

    Example:
        >>> figure(15), figure(2**1000), figure(Fraction(1, 2**1000))
        ('15', '1.1e+301', '9.3e-302')
    """
    if isinstance(number, Fraction) and number.denominator > LARGEST_EXACT:
        return f"{Decimal(number.numerator) / Decimal(number.denominator):.1e}"
    if isinstance(number, int | Fraction) and not -LARGEST_EXACT <= number <= LARGEST_EXACT:
        return f"{Decimal(int(number)):.1e}"
    return str(number)
