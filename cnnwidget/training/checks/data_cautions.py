"""Cautions of the data: values missing, times out of order, and what the task finds doubtful."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, get_args

import numpy as np

from cnnwidget.data.frames import Frames
from cnnwidget.data.missing import missing_share
from cnnwidget.design.advice.caution_candidates import CautionKind
from cnnwidget.design.advice.cautions import Caution
from cnnwidget.training.checks.frames_cache import once_per_frames
from cnnwidget.training.match import Match

# Months and years differ in length, but by less than this factor.
LONG_STEP = 1.5
NO_SETTINGS: Mapping[str, Any] = MappingProxyType({})

missing_in = once_per_frames(missing_share)


def data_cautions(matched: Match, settings: Mapping[str, Any] = NO_SETTINGS) -> tuple[Caution, ...]:
    """Return the cautions of the data; none as long as the design does not fit them.

    Args:
        matched: the design and the frames.
        settings: of the training, as far as they are chosen.
    """
    if matched.split is None:
        return ()
    frames, task = matched.frames, matched.task
    sentences: dict[CautionKind, str] = {
        "missing": missing_sentence(frames),
        "times": times_sentence(frames),
        **task.cautions(frames, matched.shapes, matched.split, settings),
    }
    return tuple(
        Caution(kind, frames.name, sentences[kind].removesuffix("."), matched.plan.design)
        for kind in get_args(CautionKind)  # in the order of all kinds
        if sentences.get(kind)
    )


def missing_sentence(frames: Frames) -> str:
    """Return how many values are missing, and what can be done; empty if they are treated."""
    missing = missing_in(frames)
    if not missing.missing or frames.missing != "refuse":
        return ""
    words = missing.words
    are = "is" if missing.missing == 1 and missing.all else "are"
    return (
        f"{words[0].upper()}{words[1:]} {are} missing or infinite; leave them out of losses and "
        "errors, or fill each with the last value known before."
    )


@once_per_frames
def times_sentence(frames: Frames) -> str:
    """Return how many frames are out of order, or how many steps too long; empty if none are."""
    times = frames.labels.times
    if times is None:
        return ""
    if back := int(np.count_nonzero(times[1:] <= times[:-1])):
        are = "is" if back == 1 else "are"
        return (
            f"{back:,} of {frames.steps:,} frames {are} not later than the one before, but a "
            "network takes them in the order that they have; sort them by time."
        )
    steps = np.diff(times)
    usual = np.sort(steps)[len(steps) // 2]
    if gaps := int(np.count_nonzero(steps > LONG_STEP * usual)):
        are = "is" if gaps == 1 else "are"
        return (
            f"{gaps:,} of {len(steps):,} steps in time {are} longer than usual, as where frames "
            "are missing, but a network takes all steps as equal; take a part without such gaps."
        )
    return ""
