"""The split of windows into training, validation and test."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Literal

from cnnwidget.data.windows.window_cut import WindowCut

SplitKind = Literal["apart", "targets apart", "none"]

# The share of validation, and of the test, in the windows that are not left out between parts.
HELD_OUT = 0.15
# At least one of so many windows must remain to train on; else fewer are left out.
LEAST_TRAINED = 3


@dataclass(frozen=True)
class Split:
    """Windows by what they are for, in the order of time.

    Attributes:
        train: numbers of the windows to train on.
        validation: numbers of the windows that decide when to stop; may be empty.
        test: numbers of the windows that measure how good the result is; may be empty.
        kind: `apart` (every frame is in one part only), `targets apart` (every target frame is in
            one part only, and no target of validation or test is a frame of training), or `none`
            (nothing is held out).
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
        """The split in words."""
        if self.kind == "none":
            return (
                "The series is too short to hold anything out: the errors are of windows that "
                "were trained on."
            )
        parts = (
            f"Trained on {window_range(self.train)}, validated on "
            f"{window_range(self.validation)}, tested on {window_range(self.test)}"
        )
        gap = {0: "nothing is", 1: "1 window is"}.get(self.gap, f"{self.gap} windows are")
        promise = (
            "so that no frame is in two of them"
            if self.kind == "apart"
            else "so that no frame is forecast in two of them, though one may be given in a "
            "later part that was forecast in an earlier one"
        )
        return f"{parts}; {gap} left out between two parts, {promise}."


def window_range(numbers: range) -> str:
    """Return a range of windows in words: `windows 3 to 9 (7)`."""
    if len(numbers) == 1:
        return f"window {numbers.start} (1)"
    return f"windows {numbers.start} to {numbers.stop - 1} ({len(numbers):,})"


def split_by_time(steps: int, cut: WindowCut) -> Split:
    """Split the windows of a series in the order of time: 70 % train, 15 % validation, 15 % test.

    The shares are of the windows that remain when some are left out between the parts. The first
    split that leaves enough to train on is taken: one that has every frame in one part only, else
    one that has every target frame in one part only, else no split.

    Args:
        steps: the number of frames.
        cut: the lengths of the windows.

    Raises:
        DataError: if there is not one window.

    Example:
        >>> split_by_time(120, WindowCut(5, 3)).sentence
        'Trained on windows 0 to 68 (69), validated on windows 76 to 90 (15), tested on windows \
98 to 112 (15); 7 windows are left out between two parts, so that no frame is in two of them.'
        >>> split_by_time(8, WindowCut(4, 4)).kind
        'none'
    """
    cut = cut.checked(steps)
    count = cut.count(steps)
    for kind, left_out in window_gaps(cut):
        left = count - 2 * left_out
        held_out = max(1, round(HELD_OUT * left))
        trained = left - 2 * held_out
        if trained >= 1 and trained * LEAST_TRAINED >= count:
            validation = trained + left_out
            test = validation + held_out + left_out
            return Split(
                range(trained),
                range(validation, validation + held_out),
                range(test, test + held_out),
                kind,
            )
    return Split(range(count), range(count, count), range(count, count), "none")


def window_gaps(cut: WindowCut) -> tuple[tuple[SplitKind, int], ...]:
    """Return how many windows to leave out between two parts, for each kind of split."""
    return (
        ("apart", ceil(cut.span / cut.stride) - 1),
        ("targets apart", ceil(cut.forecast_len / cut.stride) - 1),
    )


def frame_parts(split: Split, cut: WindowCut, steps: int) -> list[tuple[str, int, int]]:
    """Return the parts of a series in frames, to be drawn along a time axis.

    A part has the target frames of its windows; `train` has their input frames as well. Frames
    between two parts, which are no target in either, are a gap.

    Args:
        split: of the windows.
        cut: the lengths of the windows.
        steps: the number of frames.

    Returns:
        (name, first frame, end) of `train`, `gap`, `validation` and `test`, in the order of time;
        together they cover 0 to `steps`.

    Example:
        >>> cut = WindowCut(5, 3)
        >>> frame_parts(split_by_time(120, cut), cut, 120)
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
        first = 0 if name == "train" else cut.target_frames(numbers.start).start
        if first > end:
            parts.append(("gap", end, first))
        end = cut.target_frames(numbers.stop - 1).stop
        parts.append((name, first, end))
    if end < steps:  # with a stride or a custom split, the windows may end before the series
        parts.append(("gap", end, steps))
    return parts
