"""`AxisFields`: the receptive fields of all positions along one axis, clipped and unclipped."""

from __future__ import annotations

from fractions import Fraction
from functools import cached_property
from typing import Literal

from cnnwidget.design.layers.taps import IDENTITY, Scaled, Tap, Whole
from cnnwidget.design.receptive.clipped import (
    NO_FIRST,
    NO_LAST,
    ClippedFields,
    clipped_through,
    clipped_to_all,
)
from cnnwidget.design.receptive.pixel_series import FIRST, TooManyPositions
from cnnwidget.design.receptive.unclipped import UnclippedFields, unclipped_through
from cnnwidget.design.receptive.work_limit import MOST_POSITIONS, WorkLimit, list_steps


class AxisFields:
    """For each of `count` positions, its receptive field along one axis of the input.

    `clipped` or `unclipped` is None where it is unknown: a list of positions would be too long, or
    the work limit of the network is reached.
    """

    def __init__(
        self,
        count: int,
        clipped: ClippedFields | None,
        unclipped: UnclippedFields | Literal["everything"] | None,
        limit: WorkLimit,
    ) -> None:
        self.count, self.clipped, self.unclipped, self.limit = count, clipped, unclipped, limit

    @cached_property
    def sizes(self) -> tuple[int | Literal["everything"] | None, bool]:
        """The most pixels in an unclipped field, and whether another field has fewer."""
        if isinstance(self.unclipped, str) or self.unclipped is None:
            return self.unclipped, False
        try:
            least, most = self.unclipped.sizes(self.count)
        except (TooManyPositions, OverflowError):
            return None, False
        return most, least != most

    @cached_property
    def stride(self) -> Fraction | Literal["varies"] | None:
        """Pixels from the field of one position to the next."""
        if isinstance(self.unclipped, str) or self.unclipped is None:
            return None
        return "varies" if self.unclipped.stride is None else self.unclipped.stride

    @cached_property
    def offset(self) -> int | None:
        """The first pixel in the field of the first position; None where that field is empty."""
        if isinstance(self.unclipped, str) or self.unclipped is None:
            return None
        try:
            first = self.unclipped.first.at(0)
        except (TooManyPositions, OverflowError):
            return None
        return None if first == FIRST.empty else int(first)

    @cached_property
    def clipped_size(self) -> int | None:
        """The most pixels of the input in a field."""
        return None if self.clipped is None else self.clipped.size

    def through(self, tap: Tap, count: int) -> AxisFields:
        """Return the fields of the `count` positions behind a layer."""
        if tap == IDENTITY and count == self.count:
            return self
        if isinstance(tap, Scaled) and not tap.spans:  # the period is too long to be listed
            unknown = None if isinstance(self.unclipped, UnclippedFields) else self.unclipped
            return AxisFields(count, None, unknown, self.limit)
        unclipped = self.unclipped
        if isinstance(tap, Whole) or (count == 1 and covers_all(tap, self.count)):
            unclipped = "everything"
        elif isinstance(unclipped, UnclippedFields):
            try:
                unclipped = unclipped_through(unclipped, tap, count, self.limit)
            except (TooManyPositions, OverflowError):
                unclipped = None
        return AxisFields(count, self._clipped_through(tap, count), unclipped, self.limit)

    def _clipped_through(self, tap: Tap, count: int) -> ClippedFields | None:
        before = self.clipped
        if before is None or count > MOST_POSITIONS:
            return None
        steps = list_steps(len(before.first), tap, count, monotonic=before.monotonic)
        return clipped_through(before, tap, count) if self.limit.allows(steps) else None

    @property
    def nonempty(self) -> bool:
        """Whether the field of any position has a pixel, or may have one."""
        return self.clipped is None or self.clipped.nonempty

    def to_all(self, count: int) -> AxisFields:
        """Return `count` fields that cover what all fields of this axis cover together."""
        clipped = None if self.clipped is None else clipped_to_all(self.clipped, count)
        return AxisFields(count, clipped, "everything", self.limit)

    def where_nonempty(self, other: AxisFields) -> AxisFields:
        """Return the one field of this axis at each position of another with a nonempty field."""
        clipped = None
        if self.clipped is not None and other.clipped is not None:
            [first], [last] = self.clipped.first, self.clipped.last
            lasts = other.clipped.last
            clipped = ClippedFields(
                [first if each >= 0 else NO_FIRST for each in lasts],
                [last if each >= 0 else NO_LAST for each in lasts],
                monotonic=other.clipped.monotonic,
            )
        return AxisFields(other.count, clipped, "everything", self.limit)


def covers_all(tap: Tap, count: int) -> bool:
    """Whether a resize takes all of `count` values into one, as global average pooling does."""
    return isinstance(tap, Scaled) and tap.spans == ((0, count - 1),) and count > 1
