"""Designs fitted to frames: the same settings in the sizes and channels that the frames need.

`match` says whether the result can be trained. Nothing here needs torch.
"""

from __future__ import annotations

from cnnwidget.data.frames import Frames
from cnnwidget.design.advice.mend import with_size
from cnnwidget.design.design_types import Design
from cnnwidget.design.errors import DesignError
from cnnwidget.design.families.encoder_decoder import EncoderDecoder
from cnnwidget.training.tasks.task_protocol import ExampleShapes, Task


def design_with_shapes(design: Design, frames: Frames, shapes: ExampleShapes) -> Design | None:
    """Return a design with shapes of examples, which may have a problem; None if there is none."""
    if isinstance(design, EncoderDecoder):
        try:
            return shapes.fitted(design)
        except DesignError:  # settings per axis that do not go with these axes
            return None
    mend = with_size(design, frames.size)
    return None if mend is None else mend.design


def fitted_design(
    task: Task, design: EncoderDecoder, frames: Frames, lengths: tuple[int, int]
) -> EncoderDecoder:
    """Return a design in the shapes of frames, with or without a problem there.

    Args:
        task: what it is to be trained for.
        design: the design.
        frames: the series.
        lengths: history and horizon, as far as the series is long enough for them.

    Returns:
        The design with other sizes and channels; the usual one, if its settings per axis do not
        go with the axes of the frames.
    """
    try:
        return task.usual_shapes(frames, lengths).fitted(design)
    except DesignError:
        return usual_design(task, frames)


def usual_design(task: Task, frames: Frames) -> EncoderDecoder:
    """Return the design to begin with for frames.

    Example:
        >>> import cnnwidget as cw
        >>> from cnnwidget.training.tasks.task_table import task_named
        >>> usual_design(task_named("forecast"), cw.sample("circling shape")).input_size
        (64, 64)
    """
    shapes = task.usual_shapes(frames)
    (channels, *size), outputs = shapes.input_shape, shapes.output_shape
    return EncoderDecoder(input_size=tuple(size), in_channels=channels, out_channels=outputs[0])
