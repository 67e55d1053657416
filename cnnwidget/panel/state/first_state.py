"""The state that a panel opens with."""

from __future__ import annotations

from dataclasses import replace

from cnnwidget.data.load import load
from cnnwidget.data.samples.library import SAMPLES, sample
from cnnwidget.design.design_types import Design
from cnnwidget.design.planning.plan import plan_of
from cnnwidget.panel.state.change_data import with_sample_resized
from cnnwidget.panel.state.state import Data, State
from cnnwidget.training.design_for_frames import usual_design
from cnnwidget.training.tasks.task_protocol import DEFAULT_TASK
from cnnwidget.training.tasks.task_table import task_named

# The sample that a panel opens on.
FIRST_SAMPLE, FIRST_SIZE, FIRST_STEPS = next(iter(SAMPLES)), (64, 64), 120


def first_state(frames: object, design: Design | None) -> State:
    """Return the state that a panel opens with.

    Args:
        frames: anything that `cw.load` takes; None is a sample.
        design: None is the usual design for the frames.

    Raises:
        DesignError: if `design` is not a design.
        DataError: if `frames` cannot be read as frames.
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
