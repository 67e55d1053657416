"""Which windows are trained on, which tell when to stop, and which are kept for the end."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Literal

from cnnwidget.data.windows.window_cut import WindowCut, window_cut

SplitKind = Literal["apart", "targets apart", "none"]

# Of what remains after the gaps, so much is for validation, and as much for the test.
HELD_OUT = 0.15
# With less than one of so many windows left to train on, gaps cost more than they are worth.
THIRD = 3


@dataclass(frozen=True)
class Split:
    """Windows by what they are for, in the order of time.

    Attributes:
        train: numbers of the windows that are trained on.
        validation: numbers of those that tell when to stop; may be empty.
        test: numbers of those that tell how good it is; may be empty.
        kind: `apart` (no frame is in two parts), `targets apart` (no frame that is forecast in
            one part is forecast in another, and none of validation and test is trained on in any
            way), or `none` (nothing is held out).
    """

    train: range
    validation: range
    test: range
    kind: SplitKind

    @property
    def gap(self) -> int:
        """The number of windows left out between two parts."""
        return 0 if self.kind == "none" else self.validation.start - self.train.stop

    @property
    def sentence(self) -> str:
        """What is held out, in words."""
        if self.kind == "none":
            return (
                "The series is too short to hold anything out: the errors are of windows that "
                "were trained on."
            )
        parts = (
            f"Trained on {in_words(self.train)}, validated on {in_words(self.validation)}, tested "
            f"on {in_words(self.test)}"
        )
        gap = {0: "nothing is", 1: "1 window is"}.get(self.gap, f"{self.gap} windows are")
        promise = (
            "so that no frame is in two of them"
            if self.kind == "apart"
            else "so that no frame is forecast in two of them, though one may be given in a "
            "later part that was forecast in an earlier one"
        )
        return f"{parts}; {gap} left out between two parts, {promise}."


def in_words(numbers: range) -> str:
    """`windows 3 to 9 (7)`."""
    if len(numbers) == 1:
        return f"window {numbers.start} (1)"
    return f"windows {numbers.start} to {numbers.stop - 1} ({len(numbers):,})"


def split_by_time(
    steps: int, pre_history_len: int, forecast_len: int, *, stride: int = 1, gap: int = 0
) -> Split:
    """Split the windows of a series in the order of time: 70 % train, 15 % validation, 15 % test.

    The shares are of what remains after the gaps. A split with gaps that keep every frame in one
    part is tried first, then one that keeps the forecast frames apart, then none at all.

    Args:
        steps: the number of frames.
        pre_history_len: the frames that a window is given.
        forecast_len: the frames after those, which are forecast.
        stride: frames from one window to the next.
        gap: frames between those that are given and those to forecast.

    Returns:
        Numbers of windows, the window i beginning with the frame i * stride.

    Raises:
        DataError: if there is not one window.

    Example:
        >>> split_by_time(120, 5, 3).sentence
        'Trained on windows 0 to 68 (69), validated on windows 76 to 90 (15), tested on windows \
98 to 112 (15); 7 windows are left out between two parts, so that no frame is in two of them.'
        >>> split_by_time(8, 4, 4).kind
        'none'
    """
    cut = window_cut(steps, pre_history_len, forecast_len, stride, gap)
    count = cut.count(steps)
    for kind, left_out in gaps_of(cut):
        left = count - 2 * left_out
        held_out = max(1, round(HELD_OUT * left))
        trained = left - 2 * held_out
        if trained >= 1 and trained * THIRD >= count:
            validation = trained + left_out
            test = validation + held_out + left_out
            return Split(
                range(trained),
                range(validation, validation + held_out),
                range(test, test + held_out),
                kind,
            )
    return Split(range(count), range(count, count), range(count, count), "none")


def gaps_of(cut: WindowCut) -> tuple[tuple[SplitKind, int], ...]:
    """How many windows lie between two parts that keep all frames apart, or those to forecast."""
    return (
        ("apart", ceil(cut.span / cut.stride) - 1),
        ("targets apart", ceil(cut.forecast_len / cut.stride) - 1),
    )


def frame_parts(split: Split, cut: WindowCut, steps: int) -> list[tuple[str, int, int]]:
    """The frames by what they are for, as a time line shows them.

    A part has the frames that are forecast in it, and `train` also those that its windows are
    given. What lies between is a gap: frames that are forecast in no part.

    Args:
        split: of the same series.
        cut: as for the split.
        steps: the number of frames.

    Returns:
        (name, first frame, one after the last) of `train`, `gap`, `validation` and `test`, in
        order, without a hole from 0 to `steps`.

    Example:
        >>> frame_parts(split_by_time(120, 5, 3), WindowCut(5, 3), 120)
        [('train', 0, 76), ('gap', 76, 81), ('validation', 81, 98), ('gap', 98, 103), \
('test', 103, 120)]
    """
    parts: list[tuple[str, int, int]] = []
    end = 0
    for name, numbers in (
        ("train", split.train),
        ("validation", split.validation),
        ("test", split.test),
    ):
        if not numbers:
            continue
        first = 0 if name == "train" else cut.ahead(numbers.start).start
        if first > end:
            parts.append(("gap", end, first))
        end = cut.ahead(numbers.stop - 1).stop
        parts.append((name, first, end))
    if end < steps:  # a stride, or a split of one's own, may end before the series does
        parts.append(("gap", end, steps))
    return parts
