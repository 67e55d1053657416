"""`Join`, the base of `Skip`, `Branches` and `Merge`: how tensors are joined and aligned.

concat    concatenates channels; sizes must agree
add       adds values; an axis of one value is broadcast
multiply  multiplies values in the same way: a gate, where one tensor has one value per channel

The first tensor decides the size. Others are aligned to it by `align`: none (other sizes are
refused), crop (to their middle), pad (with zeros on all sides) or interpolate (linearly). An axis
that is broadcast needs no alignment.
"""

from __future__ import annotations

from math import prod
from typing import Literal

from cnnwidget.design.axes import Shape, Size, spell
from cnnwidget.design.layers.interpolation import spans_of
from cnnwidget.design.layers.layer import FLOAT_BYTES, Call, Misfit
from cnnwidget.design.layers.taps import IDENTITY, Scaled, Tap, Window
from cnnwidget.design.value import Value

How = Literal["concat", "add", "multiply"]
Align = Literal["none", "crop", "pad", "interpolate"]

NEEDED = {"crop": "nothing smaller than", "pad": "nothing larger than"}


class Join(Value):
    """A combinator that joins tensors; the docstring of this file explains its fields."""

    _prefix = "layers."

    how: How = "concat"
    align: Align = "none"

    def joined_shape(self, shapes: tuple[Shape, ...]) -> Shape:
        """Return the shape of the output.

        Raises:
            Misfit: where PyTorch refuses to join the tensors.
        """
        first = shapes[0]
        for other in shapes[1:]:
            if len(other) != len(first):
                raise Misfit(f"{spell(first)} and {spell(other)} have different numbers of axes")
        if self.how == "concat":
            for other in shapes[1:]:
                self.aligned(other[1:], first[1:])
            return (sum(shape[0] for shape in shapes), *first[1:])
        result = first
        for other in shapes[1:]:
            size = self.aligned(other[1:], first[1:])
            result = self.broadcast(result, (other[0], *size))
        return result

    def aligned(self, size: Size, target: Size) -> Size:
        """Return a size after its alignment to that of the first tensor."""
        if size == target:
            return size
        if self.how == "concat":
            needed = target
        else:
            needed = tuple(n if 1 in (n, m) else m for n, m in zip(size, target, strict=True))
        if self.align == "none":
            if size != needed:
                raise Misfit(
                    f"sizes {spell(target)} and {spell(size)} cannot be joined by {self.how} "
                    "without an alignment"
                )
            return size
        if self.align == "interpolate" and size != needed and len(size) > 3:
            raise Misfit(f"PyTorch interpolates along one to three axes, not along {len(size)}")
        pairs = list(zip(size, needed, strict=True))
        if (self.align == "crop" and any(n < m for n, m in pairs)) or (
            self.align == "pad" and any(n > m for n, m in pairs)
        ):
            raise Misfit(
                f"align {self.align!r} takes {NEEDED[self.align]} {spell(target)}, "
                f"but gets {spell(size)}"
            )
        return needed

    def broadcast(self, one: Shape, other: Shape) -> Shape:
        """Return the shape of a sum or a product."""
        if any(a != b and 1 not in (a, b) for a, b in zip(one, other, strict=True)):
            raise Misfit(f"{spell(one)} and {spell(other)} do not go together to {self.how}")
        return tuple(map(max, one, other))

    def joined_saved(
        self, shapes: tuple[Shape, ...], learned: tuple[bool, ...]
    ) -> tuple[tuple[int, ...], int]:
        """Return which tensors PyTorch saves for the backward pass, and the bytes of other ones.

        A product saves each factor for the gradient of the other, if that depends on weights. An
        aligned tensor is a copy, and so is a product that is multiplied again.

        Args:
            shapes: of the tensors.
            learned: whether each of them depends on weights.
        """
        if self.how != "multiply":
            return (), 0
        saved: list[int] = []
        extra = 0
        product, depends = shapes[0], learned[0]
        for number, shape in enumerate(shapes[1:], start=1):
            other = (shape[0], *self.aligned(shape[1:], shapes[0][1:]))
            if learned[number] and number == 1:
                saved.append(0)
            elif learned[number]:
                extra += FLOAT_BYTES * prod(product)
            if depends and other == shape:
                saved.append(number)
            elif depends:
                extra += FLOAT_BYTES * prod(other)
            product, depends = self.broadcast(product, other), depends or learned[number]
        return tuple(saved), extra

    def joined_taps(self, shapes: tuple[Shape, ...]) -> tuple[tuple[Tap, ...], ...]:
        """Return, for each tensor, the positions that an output position depends on."""
        target = self.joined_shape(shapes)[1:]
        first = shapes[0][1:]
        taps = []
        for shape in shapes:
            size = shape[1:]
            aligned = size if size == first else self.aligned(size, first)
            taps.append(
                tuple(
                    self.tap(n, m, goal) for n, m, goal in zip(size, aligned, target, strict=True)
                )
            )
        return tuple(taps)

    def tap(self, n: int, aligned: int, target: int) -> Tap:
        """Return the tap of an axis: `n` values aligned to `aligned`, broadcast to `target`."""
        if aligned == 1 < target:
            return Scaled(((0, 0),), 0, clamped=True) if n == 1 else Scaled(((0, n - 1),), 0)
        if n == aligned:
            return IDENTITY
        if self.align == "interpolate":
            return spans_of(n, aligned, "linear")
        return Window(padding=-((n - aligned) // 2) if n > aligned else (aligned - n) // 2)

    def joined_call(self, name: str) -> Call:
        """Return the constructor call of the module that joins."""
        align = () if self.align == "none" else (("align", self.align),)
        return Call(name, (), (("how", self.how), *align))
