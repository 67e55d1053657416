"""What the positions along one axis of a tensor see along one axis of the input."""

from __future__ import annotations

from fractions import Fraction
from functools import cached_property
from typing import Literal

from cnnwidget.design.layers.taps import IDENTITY, Scaled, Tap, Whole
from cnnwidget.design.receptive import clipped, unclipped
from cnnwidget.design.receptive.clipped import ClippedFields
from cnnwidget.design.receptive.unclipped import TooManyPositions, UnclippedFields
from cnnwidget.design.receptive.work_limit import WorkLimit, steps_of_list


class AxisFields:
    """One axis: of each of `count` positions, what it sees along one axis of the input.

    `endless` is None where nobody knows, as is `clipped`: where a list of positions would be too
    long, or the budget of the network is spent.
    """

    def __init__(
        self,
        count: int,
        real: ClippedFields | None,
        ideal: UnclippedFields | Literal["everything"] | None,
        budget: WorkLimit,
    ) -> None:
        self.count, self.clipped, self.endless, self.budget = count, real, ideal, budget

    @cached_property
    def sizes(self) -> tuple[int | Literal["everything"] | None, bool]:
        """The most pixels that a position sees, and whether another sees fewer."""
        if isinstance(self.endless, str) or self.endless is None:
            return self.endless, False
        try:
            least, most = self.endless.sizes(self.count)
        except (TooManyPositions, OverflowError):
            return None, False
        return most, least != most

    @cached_property
    def stride(self) -> Fraction | Literal["varies"] | None:
        """Pixels from what one position sees to what the next one does."""
        if isinstance(self.endless, str) or self.endless is None:
            return None
        return "varies" if self.endless.stride is None else self.endless.stride

    @cached_property
    def offset(self) -> int | None:
        """The first pixel that the first position sees; None where it sees none."""
        if isinstance(self.endless, str) or self.endless is None:
            return None
        try:
            first = self.endless.first.at(0)
        except (TooManyPositions, OverflowError):
            return None
        return None if first == unclipped.FIRST.nothing else int(first)

    @cached_property
    def clipped_size(self) -> int | None:
        """The most pixels of the input that a position sees."""
        return None if self.clipped is None else self.clipped.size

    def through(self, tap: Tap, count: int) -> AxisFields:
        """The axis behind a layer."""
        if tap == IDENTITY and count == self.count:
            return self
        if isinstance(tap, Scaled) and not tap.spans:  # too many to be written out
            unknown = None if isinstance(self.endless, UnclippedFields) else self.endless
            return AxisFields(count, None, unknown, self.budget)
        ideal = self.endless
        if isinstance(tap, Whole) or (count == 1 and sees_all(tap, self.count)):
            ideal = "everything"
        elif isinstance(ideal, UnclippedFields):
            try:
                ideal = unclipped.through(ideal, tap, count, self.budget)
            except (TooManyPositions, OverflowError):
                ideal = None
        return AxisFields(count, self.clipped_through(tap, count), ideal, self.budget)

    def clipped_through(self, tap: Tap, count: int) -> ClippedFields | None:
        """The clipped fields behind a layer, if there is time for them."""
        before = self.clipped
        if before is None or count > clipped.MOST_POSITIONS:
            return None
        steps = steps_of_list(len(before.first), tap, count, even=before.even)
        return clipped.through(before, tap, count) if self.budget.allows(steps) else None

    @property
    def seeing(self) -> bool:
        """Whether any position sees something."""
        return self.clipped is None or self.clipped.seeing

    def everywhere(self, count: int) -> AxisFields:
        """Where all positions are looked at by each."""
        real = None if self.clipped is None else clipped.everywhere(self.clipped, count)
        return AxisFields(count, real, "everything", self.budget)

    def where(self, there: AxisFields) -> AxisFields:
        """The one value of this axis wherever another one sees something."""
        real = None
        if self.clipped is not None and there.clipped is not None:
            [first], [last] = self.clipped.first, self.clipped.last
            places = there.clipped.last
            real = ClippedFields(
                [first if place >= 0 else clipped.NO_FIRST for place in places],
                [last if place >= 0 else clipped.NO_LAST for place in places],
                even=there.clipped.even,
            )
        return AxisFields(there.count, real, "everything", self.budget)


def sees_all(tap: Tap, count: int) -> bool:
    """Whether a resize makes one value of all: a mean, as any other way of global pooling."""
    return isinstance(tap, Scaled) and tap.spans == ((0, count - 1),) and count > 1
