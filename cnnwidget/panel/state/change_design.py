"""A slider, a mend or a preset changes the design: pure functions from a state to the next.

They know no widgets and change nothing. A transition that is impossible raises, and the state stays
as it was.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from cnnwidget.data.frames import Frames
from cnnwidget.design.design_types import Design
from cnnwidget.design.families.encoder_decoder import EncoderDecoder
from cnnwidget.design.planning.plan import plan_of
from cnnwidget.design.presets.presets import presets
from cnnwidget.panel.state.state import OWN, USUAL, OwnDesign, State
from cnnwidget.training.design_for_frames import usual_design
from cnnwidget.training.tasks.task_table import task_named


def with_design(state: State, design: Design) -> State:
    """Return the state with another design, whose channels say history and horizon.

    Raises:
        DesignError: if `design` is not a design.
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
    usual = task_named(state.task).usual_shapes(state.frames)
    shapes = usual.with_lengths(history, horizon)
    return with_design(
        state,
        state.design.replace(
            in_channels=shapes.input_shape[0], out_channels=shapes.output_shape[0]
        ),
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
