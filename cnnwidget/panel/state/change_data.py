"""Other data, or another task, change the state: pure functions from a state to the next.

They know no widgets and change nothing. A transition that is impossible raises, and the state stays
as it was.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from cnnwidget.data.data_error import DataError
from cnnwidget.data.frames import Frames, Missing
from cnnwidget.data.load import load
from cnnwidget.data.samples.library import sample
from cnnwidget.design.design_types import Design
from cnnwidget.design.families.encoder_decoder import EncoderDecoder
from cnnwidget.panel.state.change_design import keeping_own, with_design
from cnnwidget.panel.state.state import Data, State, identity_of
from cnnwidget.training.design_for_frames import fitted_design
from cnnwidget.training.tasks.task_table import task_named

# A sample is made in the size of a design up to this many pixels.
LARGEST_SAMPLE = 256 * 256


def with_task(state: State, name: str) -> State:
    """Return the state for another task; the design stays, and may not fit any more.

    Raises:
        CnnwidgetError: if there is no such task.
    """
    return replace(state, task=task_named(name).name)


def with_data(state: State, source: str, read: Frames, missing: Missing) -> State:
    """Return the state with other data, to which the design is fitted.

    Args:
        state: the state before.
        source: the name of a sample, or the kind of source.
        read: the frames as they were read.
        missing: what is done about their missing values.

    Raises:
        DataError: if the missing values cannot be treated in this way.
    """
    return on_data(state, Data.treated(source, read, missing))


def with_frames(state: State, frames: object) -> State:
    """Return the state with frames that code gives, to which the design is fitted.

    Raises:
        DataError: if `frames` cannot be read as frames.
    """
    return on_data(state, Data.from_code(load(frames)))


def with_missing(state: State, missing: Missing) -> State:
    """Return the state whose missing values are treated in another way.

    Raises:
        DataError: if they cannot be treated in this way.
    """
    return with_data(state, state.data.source, state.data.read, missing)


def with_restored(state: State, design: Design, frames: Frames) -> State:
    """Return the state with a design and frames of an earlier training."""
    if state.is_sample(state.frames) and state.is_sample(frames):
        state = replace(state, frames=frames)
    elif identity_of(frames) != identity_of(state.frames):
        state = with_frames(state, frames)
    return with_design(state, design)


def with_sample_resized(state: State) -> State:
    """Return the state whose sample has the size of the design and is long enough for it.

    The same state is returned where nothing is to be done: other data stay what they are, and so
    does a sample that fits, that would be too large, or that cannot be made in this size.
    """
    design, frames = state.design, state.frames
    if not isinstance(design, EncoderDecoder) or not state.is_sample(frames):
        return state
    size, lengths = design.input_size, design.in_channels + design.out_channels
    fits = frames.size == size and lengths * 3 <= frames.steps * 2
    if fits or len(size) > 2 or np.prod(size) > LARGEST_SAMPLE:
        return state
    try:
        made = sample(frames.name, size=size, steps=max(frames.steps, lengths * 3))
    except DataError:  # too small for what it shows
        return state
    return replace(state, frames=made)


def on_data(state: State, data: Data) -> State:
    """Return the state with other data, to which the design is fitted."""
    design = state.design
    if isinstance(design, EncoderDecoder):
        design = fitted_design(task_named(state.task), design, data.frames, state.lengths)
    return keeping_own(state, replace(state, design=design, frames=data.frames, data=data))
