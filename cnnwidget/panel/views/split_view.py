"""The split of the frames into training, validation and test, before a training."""

from __future__ import annotations

from typing import Any

from cnnwidget.data.windows.split import Split, frame_parts
from cnnwidget.data.windows.window_cut import WindowCut
from cnnwidget.training.match import Match


def split_view(matched: Match) -> dict[str, Any]:
    """Return which frames are for training, validation and test; empty if the design is unfit."""
    if matched.split is None:
        return {"split": "", "parts": [], "window": None}
    history, horizon = matched.lengths
    parts = frame_parts(matched.split, WindowCut(history, horizon), matched.frames.steps)
    return {
        "split": planned_split(matched.split),
        "parts": [{"name": name, "from": first, "to": last} for name, first, last in parts],
        "window": {"history": history, "horizon": horizon},
    }


def planned_split(split: Split) -> str:
    """Return in words what will be trained on and what will be held out.

    Example:
        >>> from cnnwidget.data.windows.split import split_by_time
        >>> from cnnwidget.data.windows.window_cut import WindowCut
        >>> planned_split(split_by_time(120, WindowCut(5, 3)))
        'To be trained on windows 0 to 68 (69), validated on windows 76 to 90 (15), tested on \
windows 98 to 112 (15); 7 windows are left out between two parts, so that no frame is in two of \
them.'
    """
    if split.kind == "none":
        return (
            "The series is too short to hold anything out: the errors will be of windows that are "
            "trained on."
        )
    return f"To be {split.sentence[0].lower()}{split.sentence[1:]}"
