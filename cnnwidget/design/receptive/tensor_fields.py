"""`TensorFields`: the receptive fields of all positions of a tensor, behind a layer or a join."""

from __future__ import annotations

from typing import Literal, NamedTuple

from cnnwidget.design.axes import Shape
from cnnwidget.design.layers.taps import IDENTITY, Tap, Taps
from cnnwidget.design.receptive.axis_fields import AxisFields
from cnnwidget.design.receptive.clipped import (
    EMPTY,
    FIRST_PIXEL,
    ClippedFields,
    clipped_input,
    clipped_to_all,
    joined_clipped,
)
from cnnwidget.design.receptive.pixel_series import TooManyPositions
from cnnwidget.design.receptive.receptive_field import ReceptiveField
from cnnwidget.design.receptive.unclipped import (
    UNCLIPPED_INPUT,
    UnclippedFields,
    joined_unclipped,
)
from cnnwidget.design.receptive.work_limit import WorkLimit


class TensorFields(NamedTuple):
    """The receptive fields of all positions of a tensor.

    Attributes:
        axes: the fields along each axis of the network's input.
        order: the order of the positions in `axes`: "fields", as the axes of the tensor;
            "constant", where all positions have the same field, whatever their order; or, for
            values that were reshaped, the shape that they had before, () if those of several
            tensors were joined.
        normalized: whether a norm has computed a mean or deviation over all positions.
        nonempty_at: with "constant", fields along the tensor's own axes that are nonempty at the
            positions that have the field. Others have none: behind a transposed convolution with
            gaps, or in padding.
    """

    axes: tuple[AxisFields, ...]
    order: Literal["fields", "constant"] | Shape
    normalized: bool = False
    nonempty_at: tuple[AxisFields, ...] = ()

    @property
    def limit(self) -> WorkLimit:
        """The work limit of the network; a new one where the input has no axis."""
        axis = next(iter((*self.axes, *self.nonempty_at)), None)
        return WorkLimit() if axis is None else axis.limit

    @property
    def nonempty(self) -> bool:
        """Whether any position has a nonempty field: one that is so along every axis."""
        return all(axis.nonempty for axis in (*self.axes, *self.nonempty_at))

    @property
    def figures(self) -> ReceptiveField:
        """The figures of these fields."""
        everything = all(axis.unclipped == "everything" for axis in self.axes)
        nonempty = self.nonempty
        reordered = isinstance(self.order, tuple)
        return ReceptiveField(
            tuple(axis.sizes[0] for axis in self.axes),
            tuple("varies" if reordered and axis.stride else axis.stride for axis in self.axes),
            tuple(None if reordered else axis.offset for axis in self.axes),
            tuple(axis.clipped_size if nonempty else 0 for axis in self.axes),
            tuple(axis.sizes[1] for axis in self.axes),
            self.normalized or (everything and (self.order == "constant" or bool(self.axes))),
        )

    def through(  # noqa: PLR0911  (one answer for each order)
        self, taps: Taps, shape: Shape, output_shape: Shape
    ) -> TensorFields:
        """Return the fields behind a layer."""
        if taps == "everything":
            return self.constant(output_shape)
        if self.order == "constant":
            if taps == "reshaped":  # the positions without a field are then counted as having it
                if not self.nonempty:
                    return self.constant(output_shape)
                return self._replace(nonempty_at=nonempty_everywhere(output_shape, self.limit))
            pairs = zip(self.nonempty_at, taps, output_shape[1:], strict=True)
            nonempty_at = tuple(axis.through(tap, count) for axis, tap, count in pairs)
            unchanged = nonempty_at == self.nonempty_at
            return self if unchanged else self._replace(nonempty_at=nonempty_at)
        if taps == "reshaped":
            return self.reshaped(shape, output_shape)
        if isinstance(self.order, tuple):
            same = all(tap == IDENTITY for tap in taps) and shape[1:] == output_shape[1:]
            return self if same else self.constant(output_shape)
        computed: dict[tuple[int, Tap, int], AxisFields] = {}
        axes = []
        for axis, tap, count in zip(self.axes, taps, output_shape[1:], strict=True):
            key = (id(axis), tap, count)  # equal axes, as of a square, are computed once
            if key not in computed:
                computed[key] = axis.through(tap, count)
            axes.append(computed[key])
        if all(new is old for new, old in zip(axes, self.axes, strict=True)):
            return self
        return self._replace(axes=tuple(axes))

    def constant(self, shape: Shape) -> TensorFields:
        """Return one field for all positions: that of all positions before together."""
        axes = tuple(axis.to_all(1) for axis in self.axes)
        if not self.nonempty:
            axes = tuple(AxisFields(1, EMPTY, "everything", axis.limit) for axis in axes)
        nonempty_at = nonempty_everywhere(shape, self.limit)
        return TensorFields(axes, "constant", self.normalized, nonempty_at)

    def reshaped(self, shape: Shape, output_shape: Shape) -> TensorFields:
        """Return the fields in another order, or in the order that they had before."""
        if shape == output_shape:
            return self
        if self.order == "fields":
            return self._replace(order=shape)
        return self._replace(order="fields") if self.order == output_shape else self


def nonempty_everywhere(shape: Shape, limit: WorkLimit) -> tuple[AxisFields, ...]:
    """Return a `TensorFields.nonempty_at` of all positions of a shape."""
    return tuple(AxisFields(n, clipped_to_all(FIRST_PIXEL, n), None, limit) for n in shape[1:])


def joined_fields(
    tensors: list[TensorFields], taps: tuple[tuple[Tap, ...], ...], shape: Shape, how: str
) -> TensorFields:
    """Return the fields behind a join: those of all tensors together, position by position.

    Args:
        tensors: the fields of each tensor.
        taps: for each tensor, a tap per axis that aligns it.
        shape: of the output.
        how: concat, add or multiply.
    """
    normalized = any(fields.normalized for fields in tensors)
    if any(isinstance(fields.order, tuple) for fields in tensors):
        return joined_out_of_order(tensors, shape, how)._replace(normalized=normalized)
    pairs = list(zip(tensors, taps, strict=True))
    nonempty = [pair for pair in pairs if pair[0].nonempty] or pairs
    nonempty_at = tuple(
        joined_axes(
            [(fields.nonempty_at[n], each[n]) for fields, each in nonempty if fields.nonempty_at],
            count,
        )
        for n, count in enumerate(shape[1:])
        if any(fields.nonempty_at for fields, _ in nonempty)
    )
    if all(fields.order == "constant" for fields in tensors):
        lines = zip(*(fields.axes for fields, _ in nonempty), strict=True)
        same = tuple(joined_axes([(axis, IDENTITY) for axis in line], 1) for line in lines)
        return TensorFields(same, "constant", normalized, nonempty_at)
    computed: dict[tuple[object, ...], AxisFields] = {}
    axes = []
    for n, count in enumerate(shape[1:]):
        parts = [
            (fields.axes[n].where_nonempty(fields.nonempty_at[n].through(each[n], count)), IDENTITY)
            if fields.order == "constant"
            else (fields.axes[n], each[n])
            for fields, each in nonempty
        ]
        key = (count, *((id(axis), tap) for axis, tap in parts))
        if key not in computed:
            computed[key] = joined_axes(parts, count)
        axes.append(computed[key])
    return TensorFields(tuple(axes), "fields", normalized)


def joined_axes(parts: list[tuple[AxisFields, Tap]], count: int) -> AxisFields:
    """Return fields that cover, position by position, those of several axes behind their taps."""
    axes = [axis.through(tap, count) for axis, tap in parts]
    if all(axis is axes[0] for axis in axes):
        return axes[0]
    limit = axes[0].limit
    clipped = [axis.clipped for axis in axes if axis.clipped is not None]
    if not limit.allows(4 * sum(len(part.first) for part in clipped)):
        clipped = []
    unclipped = [axis.unclipped for axis in axes if isinstance(axis.unclipped, UnclippedFields)]
    joined: UnclippedFields | Literal["everything"] | None = None
    if any(axis.unclipped == "everything" for axis in axes):
        joined = "everything"
    elif len(unclipped) == len(axes):
        try:
            joined = joined_unclipped(unclipped, count, limit)
        except (TooManyPositions, OverflowError):
            joined = None
    known = len(clipped) == len(axes)
    return AxisFields(count, joined_clipped(clipped) if known else None, joined, limit)


def joined_out_of_order(tensors: list[TensorFields], shape: Shape, how: str) -> TensorFields:
    """Return the fields behind a join of tensors some of which are reshaped."""
    first = tensors[0]
    if all(fields.order == first.order and fields.axes == first.axes for fields in tensors):
        return first
    axes = []
    for parts in zip(*(fields.axes for fields in tensors), strict=True):
        clipped = [part.clipped for part in parts if part.clipped is not None]
        pixels = None
        steps = 4 * sum(len(part.first) for part in clipped)
        if len(clipped) == len(parts) and first.limit.allows(steps):
            pixels = ClippedFields(
                [pixel for part in clipped for pixel in part.first],
                [pixel for part in clipped for pixel in part.last],
                monotonic=False,
            )
        largest = AxisFields(0, pixels, "everything", first.limit)
        if all(isinstance(part.sizes[0], int) for part in parts):
            # Concatenated, no field is larger than the largest of any tensor.
            most = max(parts, key=lambda part: part.sizes[0] or 0)
            largest = AxisFields(most.count, pixels, most.unclipped, first.limit)
        axes.append(largest)
    together = TensorFields(tuple(axes), ())
    return together if how == "concat" else together.constant(shape)


def fields_of_input(shape: Shape) -> TensorFields:
    """Return the fields of the network's input: each position is its own field."""
    computed: dict[int, AxisFields] = {}
    limit = WorkLimit()
    for n in shape[1:]:
        if n not in computed:
            computed[n] = AxisFields(n, clipped_input(n), UNCLIPPED_INPUT, limit)
    return TensorFields(tuple(computed[n] for n in shape[1:]), "fields")
