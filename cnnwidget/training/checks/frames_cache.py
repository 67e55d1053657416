"""Answers that are worked out once for each series of frames."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

from cnnwidget.data.frames import Frames

P = ParamSpec("P")
T = TypeVar("T")


def once_per_frames(
    function: Callable[Concatenate[Frames, P], T],
) -> Callable[Concatenate[Frames, P], T]:
    """Return a function of frames that keeps its results for as long as the frames live.

    The panel checks its data at every change of a slider. An `lru_cache` would keep large data in
    memory that nobody else uses any more.

    Example:
        >>> import numpy as np
        >>> from cnnwidget.data.load import load
        >>> @once_per_frames
        ... def mean(frames):
        ...     print("worked out")
        ...     return float(frames.values.mean())
        >>> frames = load(np.ones((5, 4, 4)))
        >>> mean(frames), mean(frames)
        worked out
        (1.0, 1.0)
    """
    results: WeakKeyDictionary[Frames, dict[object, T]] = WeakKeyDictionary()

    @wraps(function)
    def kept(frames: Frames, /, *args: P.args, **kwargs: P.kwargs) -> T:
        known = results.setdefault(frames, {})
        key = (args, tuple(kwargs.items()))
        if key not in known:
            known[key] = function(frames, *args, **kwargs)
        return known[key]

    return kept
