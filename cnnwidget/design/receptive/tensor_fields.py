"""What the positions of a tensor see, behind a layer or a join."""

from __future__ import annotations

from typing import Literal, NamedTuple

from cnnwidget.design.axes import Shape
from cnnwidget.design.layers.taps import IDENTITY, Tap, Taps
from cnnwidget.design.receptive import clipped, unclipped
from cnnwidget.design.receptive.axis_fields import AxisFields
from cnnwidget.design.receptive.clipped import ClippedFields
from cnnwidget.design.receptive.receptive_field import ReceptiveField
from cnnwidget.design.receptive.unclipped import TooManyPositions, UnclippedFields
from cnnwidget.design.receptive.work_limit import WorkLimit


class TensorFields(NamedTuple):
    """What the positions of a tensor see.

    Attributes:
        axes: for each axis of the network's input.
        order: how the positions that `axes` tells of are arranged: "fields", as the axes of the
            tensor; "constant", which see all the same, however they are arranged; or the shape of
            a tensor whose values have been put in another order since, () if of several tensors.
        normed: whether a norm has looked at all positions.
        there: with "constant", which positions along the tensor's own axes see that, for behind a
            transposed convolution with holes, or in a padded border, some see nothing.
    """

    axes: tuple[AxisFields, ...]
    order: Literal["fields", "constant"] | Shape
    normed: bool = False
    there: tuple[AxisFields, ...] = ()

    @property
    def budget(self) -> WorkLimit:
        """The budget of the network; another one where the input has no axis."""
        axis = next(iter((*self.axes, *self.there)), None)
        return WorkLimit() if axis is None else axis.budget

    @property
    def seeing(self) -> bool:
        """Whether any position sees something: what sees nothing along one axis sees none."""
        return all(axis.seeing for axis in (*self.axes, *self.there))

    @property
    def field(self) -> ReceptiveField:
        """The figures."""
        everything = all(axis.endless == "everything" for axis in self.axes)
        seeing = self.seeing
        mixed = isinstance(self.order, tuple)
        return ReceptiveField(
            tuple(axis.sizes[0] for axis in self.axes),
            tuple("varies" if mixed and axis.stride else axis.stride for axis in self.axes),
            tuple(None if mixed else axis.offset for axis in self.axes),
            tuple(axis.clipped_size if seeing else 0 for axis in self.axes),
            tuple(axis.sizes[1] for axis in self.axes),
            self.normed or (everything and (self.order == "constant" or bool(self.axes))),
        )

    def through(  # noqa: PLR0911  (one answer for each order)
        self, taps: Taps, shape: Shape, output_shape: Shape
    ) -> TensorFields:
        """Behind a layer."""
        if taps == "everything":
            return self.constant(output_shape)
        if self.order == "constant":
            if taps == "reshaped":  # of holes nobody knows any more, so that more may be told
                if not self.seeing:
                    return self.constant(output_shape)
                return self._replace(there=everywhere(output_shape, self.budget))
            pairs = zip(self.there, taps, output_shape[1:], strict=True)
            there = tuple(axis.through(tap, count) for axis, tap, count in pairs)
            return self if there == self.there else self._replace(there=there)
        if taps == "reshaped":
            return self.reshaped(shape, output_shape)
        if isinstance(self.order, tuple):
            still = all(tap == IDENTITY for tap in taps) and shape[1:] == output_shape[1:]
            return self if still else self.constant(output_shape)
        found: dict[tuple[int, Tap, int], AxisFields] = {}
        axes = []
        for axis, tap, count in zip(self.axes, taps, output_shape[1:], strict=True):
            key = (id(axis), tap, count)  # the axes of a square are looked at once
            if key not in found:
                found[key] = axis.through(tap, count)
            axes.append(found[key])
        if all(new is old for new, old in zip(axes, self.axes, strict=True)):
            return self
        return self._replace(axes=tuple(axes))

    def constant(self, shape: Shape) -> TensorFields:
        """Where every position sees what any did."""
        axes = tuple(axis.everywhere(1) for axis in self.axes)
        if not self.seeing:
            axes = tuple(AxisFields(1, clipped.NONE, "everything", axis.budget) for axis in axes)
        return TensorFields(axes, "constant", self.normed, everywhere(shape, self.budget))

    def reshaped(self, shape: Shape, output_shape: Shape) -> TensorFields:
        """In another order, or in the order from which the values once came."""
        if shape == output_shape:
            return self
        if self.order == "fields":
            return self._replace(order=shape)
        return self._replace(order="fields") if self.order == output_shape else self


def everywhere(shape: Shape, budget: WorkLimit) -> tuple[AxisFields, ...]:
    """For `TensorFields.there`: every position."""
    return tuple(AxisFields(n, clipped.everywhere(clipped.ONE, n), None, budget) for n in shape[1:])


def joined(
    sights: list[TensorFields], taps: tuple[tuple[Tap, ...], ...], shape: Shape, how: str
) -> TensorFields:
    """What the positions of a join see."""
    normed = any(sight.normed for sight in sights)
    if any(isinstance(sight.order, tuple) for sight in sights):
        return joined_out_of_order(sights, shape, how)._replace(normed=normed)
    pairs = list(zip(sights, taps, strict=True))
    seeing = [pair for pair in pairs if pair[0].seeing] or pairs
    there = tuple(
        joined_axes([(sight.there[n], each[n]) for sight, each in seeing if sight.there], count)
        for n, count in enumerate(shape[1:])
        if any(sight.there for sight, _ in seeing)
    )
    if all(sight.order == "constant" for sight in sights):
        lines = zip(*(sight.axes for sight, _ in seeing), strict=True)
        same = tuple(joined_axes([(axis, IDENTITY) for axis in line], 1) for line in lines)
        return TensorFields(same, "constant", normed, there)
    found: dict[tuple[object, ...], AxisFields] = {}
    axes = []
    for n, count in enumerate(shape[1:]):
        parts = [
            (sight.axes[n].where(sight.there[n].through(each[n], count)), IDENTITY)
            if sight.order == "constant"
            else (sight.axes[n], each[n])
            for sight, each in seeing
        ]
        key = (count, *((id(axis), tap) for axis, tap in parts))
        if key not in found:
            found[key] = joined_axes(parts, count)
        axes.append(found[key])
    return TensorFields(tuple(axes), "fields", normed)


def joined_axes(parts: list[tuple[AxisFields, Tap]], count: int) -> AxisFields:
    """One axis that sees what any of several does through its tap, position by position."""
    axes = [axis.through(tap, count) for axis, tap in parts]
    if all(axis is axes[0] for axis in axes):
        return axes[0]
    budget = axes[0].budget
    real = [axis.clipped for axis in axes if axis.clipped is not None]
    if not budget.allows(4 * sum(len(part.first) for part in real)):
        real = []
    ideal = [axis.endless for axis in axes if isinstance(axis.endless, UnclippedFields)]
    seen: UnclippedFields | Literal["everything"] | None = None
    if any(axis.endless == "everything" for axis in axes):
        seen = "everything"
    elif len(ideal) == len(axes):
        try:
            seen = unclipped.joined(ideal, count, budget)
        except (TooManyPositions, OverflowError):
            seen = None
    return AxisFields(count, clipped.joined(real) if len(real) == len(axes) else None, seen, budget)


def joined_out_of_order(sights: list[TensorFields], shape: Shape, how: str) -> TensorFields:
    """What positions see of which some are in another order than that of the field."""
    first = sights[0]
    if all(sight.order == first.order and sight.axes == first.axes for sight in sights):
        return first
    axes = []
    for parts in zip(*(sight.axes for sight in sights), strict=True):
        real = [part.clipped for part in parts if part.clipped is not None]
        pixels = None
        steps = 4 * sum(len(part.first) for part in real)
        if len(real) == len(parts) and first.budget.allows(steps):
            pixels = ClippedFields(
                [pixel for part in real for pixel in part.first],
                [pixel for part in real for pixel in part.last],
                even=False,
            )
        largest = AxisFields(0, pixels, "everything", first.budget)
        if all(isinstance(part.sizes[0], int) for part in parts):
            # One after the other, they see no more than each did.
            most = max(parts, key=lambda part: part.sizes[0] or 0)
            largest = AxisFields(most.count, pixels, most.endless, first.budget)
        axes.append(largest)
    together = TensorFields(tuple(axes), ())
    return together if how == "concat" else together.constant(shape)


def input_fields(shape: Shape) -> TensorFields:
    """The network's input, of which each position sees itself."""
    found: dict[int, AxisFields] = {}
    budget = WorkLimit()
    for n in shape[1:]:
        if n not in found:
            found[n] = AxisFields(n, clipped.itself(n), unclipped.IDENTITY, budget)
    return TensorFields(tuple(found[n] for n in shape[1:]), "fields")
