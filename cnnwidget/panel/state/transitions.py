"""Transitions: pure functions from a state of the panel, and what is asked for, to the next one.

They know no widgets and change nothing. A transition that is impossible raises, and the state stays
as it was.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from cnnwidget.data.data_error import DataError
from cnnwidget.data.frames import Frames, Missing
from cnnwidget.data.load import load
from cnnwidget.data.samples.library import SAMPLES, sample
from cnnwidget.design.design_types import Design
from cnnwidget.design.families.encoder_decoder import EncoderDecoder
from cnnwidget.design.planning.plan import plan_of
from cnnwidget.design.presets.presets import presets
from cnnwidget.panel.state.state import OWN, USUAL, Data, OwnDesign, State, identity_of
from cnnwidget.training.match import fitted_design, usual_design
from cnnwidget.training.tasks.task import DEFAULT_TASK
from cnnwidget.training.tasks.tasks import task_named

# The sample that a panel opens on.
FIRST_SAMPLE, FIRST_SIZE, FIRST_STEPS = next(iter(SAMPLES)), (64, 64), 120
# A sample is made in the size of a design up to this many pixels.
LARGEST_SAMPLE = 256 * 256


def first_state(frames: object, design: Design | None) -> State:
    """Return the state that a panel opens with.

    Args:
        frames: anything that `cw.load` takes; None is a sample.
        design: None is the usual design for the frames.

    Raises:
        DesignError: if the design is none.
        DataError: if the frames are none.
    """
    known = None if design is None else plan_of(design).design
    if frames is None:
        made = sample(FIRST_SAMPLE, size=FIRST_SIZE, steps=FIRST_STEPS)
        data = Data(FIRST_SAMPLE, made, made.missing, made)
    else:
        data = Data.from_code(load(frames))
    task = task_named(DEFAULT_TASK)
    shown = usual_design(task, data.frames) if known is None else known
    state = State(shown, data.frames, data, task.usual_lengths)
    if frames is None:
        state = with_sample_resized(state)
    return replace(state, lengths=state.shown_lengths)


def with_design(state: State, design: Design) -> State:
    """Return the state with another design, whose channels say history and horizon.

    Raises:
        DesignError: if the design is none.
    """
    known = plan_of(design).design
    if known == state.design:
        return state
    changed = with_mended_design(state, known)
    return replace(changed, lengths=changed.shown_lengths)


def with_mended_design(state: State, design: Design) -> State:
    """Return the state with another design; history and horizon that were asked for stay."""
    return keeping_own(state, replace(state, design=design))


def with_field(state: State, field: str, value: Any) -> State:
    """Return the state with another value of one field of the design.

    Raises:
        DesignError: if there is no design with this value.
    """
    assert isinstance(state.design, EncoderDecoder)
    design, manual = state.manual.with_field(state.design, field, value)
    return replace(with_mended_design(state, design), manual=manual)


def with_lengths(state: State, history: int, horizon: int) -> State:
    """Return the state with another history and horizon, in frames.

    Raises:
        DesignError: if there is no design with so many channels.
    """
    assert isinstance(state.design, EncoderDecoder)
    channels = state.frames.channels
    return with_design(
        state,
        state.design.replace(in_channels=history * channels, out_channels=horizon * channels),
    )


def with_preset(state: State, name: str) -> State:
    """Return the state with a preset, the usual design (`USUAL`) or the own one (`OWN`).

    A sample goes back to the size in which it was chosen, and follows the design from there.
    """
    if name == OWN:
        return with_own_design(state)
    chosen = state.data.frames
    if name == USUAL:
        return moved_to(state, usual_design(task_named(state.task), chosen), chosen)
    return moved_to(state, presets[name], chosen)


def with_own_design(state: State) -> State:
    """Return the state with the last design that was no preset, if there is one.

    A sample gets the size that it had then.
    """
    own = state.own
    if own is None:
        return state
    return moved_to(replace(state, lengths=own.lengths), own.design, own.frames)


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
        DataError: if the frames are none.
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


# The parts of the transitions above.


def on_data(state: State, data: Data) -> State:
    """Return the state with other data, to which the design is fitted."""
    design = state.design
    if isinstance(design, EncoderDecoder):
        design = fitted_design(task_named(state.task), design, data.frames, state.lengths)
    return keeping_own(state, replace(state, design=design, frames=data.frames, data=data))


def moved_to(state: State, design: Design, frames: Frames) -> State:
    """Return the state with a design that was chosen by name.

    Args:
        state: the state before.
        design: the design.
        frames: the frames of a sample in another size; of other data the frames stay.
    """
    if not (state.is_sample(state.frames) and state.is_sample(frames)):
        frames = state.frames
    moved = keeping_own(state, replace(state, design=design, frames=frames))
    return replace(moved, lengths=moved.shown_lengths) if moved.preset == USUAL else moved


def keeping_own(former: State, state: State) -> State:
    """Return the new state, which remembers an own design that was left for a preset."""
    if former.preset != OWN or state.preset == OWN:
        return state
    if former.own is not None and former.own.design == former.design:
        return state
    return replace(state, own=OwnDesign(former.design, former.frames, former.lengths))
