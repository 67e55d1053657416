"""How tensors are joined: one after the other, added, or multiplied; and how sizes are aligned.

Whatever joins tensors (`Skip`, `Branches`, `Merge`) has these two fields and asks here.

concat    channels one after the other; sizes must agree
add       value by value, an axis of one value standing for as many as the other has
multiply  the same with a product: a gate, where one of the two has a single value a channel

The first tensor says the size: others whose sizes differ are brought to it, by `align`: none (they
are refused), crop (to their middle), pad (with zeros all round) or interpolate (linearly). What has
one value along an axis that is added or multiplied needs no alignment there.
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
    """What joins tensors; see the top of this file for its fields."""

    how: How = "concat"
    align: Align = "none"

    def joined_shape(self, shapes: tuple[Shape, ...]) -> Shape:
        """The shape of the tensors joined.

        Raises:
            Misfit: where PyTorch refuses to.
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
        """A size once it is aligned to the first tensor's."""
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
        """The shape of a sum or a product."""
        if any(a != b and 1 not in (a, b) for a, b in zip(one, other, strict=True)):
            raise Misfit(f"{spell(one)} and {spell(other)} do not go together to {self.how}")
        return tuple(map(max, one, other))

    def joined_saved(
        self, shapes: tuple[Shape, ...], learns: tuple[bool, ...]
    ) -> tuple[tuple[int, ...], int]:
        """What PyTorch keeps until the backward pass: which of the tensors, and bytes beside.

        `learns` says which of them depend on weights. Of a product, either side is kept for the
        slope of the other, if that one does. What is aligned is a copy, and so is a product that
        is multiplied again.
        """
        if self.how != "multiply":
            return (), 0
        kept: list[int] = []
        extra = 0
        product, depends = shapes[0], learns[0]
        for number, shape in enumerate(shapes[1:], start=1):
            other = (shape[0], *self.aligned(shape[1:], shapes[0][1:]))
            if learns[number] and number == 1:
                kept.append(0)
            elif learns[number]:
                extra += FLOAT_BYTES * prod(product)
            if depends and other == shape:
                kept.append(number)
            elif depends:
                extra += FLOAT_BYTES * prod(other)
            product, depends = self.broadcast(product, other), depends or learns[number]
        return tuple(kept), extra

    def joined_taps(self, shapes: tuple[Shape, ...]) -> tuple[tuple[Tap, ...], ...]:
        """Which positions of each tensor an output position meets."""
        target = self.joined_shape(shapes)[1:]
        first = shapes[0][1:]
        found = []
        for shape in shapes:
            size = shape[1:]
            aligned = size if size == first else self.aligned(size, first)
            found.append(
                tuple(
                    self.tap(n, m, goal) for n, m, goal in zip(size, aligned, target, strict=True)
                )
            )
        return tuple(found)

    def tap(self, n: int, aligned: int, target: int) -> Tap:
        """Along one axis: `n` values brought to `aligned`, and repeated to `target` if one."""
        if aligned == 1 < target:
            return Scaled(((0, 0),), 0, clamped=True) if n == 1 else Scaled(((0, n - 1),), 0)
        if n == aligned:
            return IDENTITY
        if self.align == "interpolate":
            return spans_of(n, aligned, "linear")
        return Window(padding=-((n - aligned) // 2) if n > aligned else (aligned - n) // 2)

    def joined_call(self, name: str) -> Call:
        """The module that joins."""
        align = () if self.align == "none" else (("align", self.align),)
        return Call(name, (), (("how", self.how), *align))
