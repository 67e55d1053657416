"""`match`: whether a design can be trained on frames, why not, and which design can be.

Nothing here needs torch: the panel asks at every change of a slider.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, Self

from cnnwidget.data.data_error import DataError
from cnnwidget.data.frames import Frames
from cnnwidget.data.windows.split import Split
from cnnwidget.design.advice.mend import as_written
from cnnwidget.design.design_types import Design
from cnnwidget.design.errors import DesignError
from cnnwidget.design.families.encoder_decoder import EncoderDecoder
from cnnwidget.design.planning.plan import Plan, plan_of
from cnnwidget.training.design_for_frames import design_with_shapes
from cnnwidget.training.tasks.task_protocol import ExampleShapes, Task

# What keeps a design from a training: a problem of its own, a shape that is no frame, another
# shape than that of the frames, or a series that is shorter than one window.
Obstacle = Literal["problem", "purpose", "shape", "length"]
# The fields that say the shapes of a design.
SHAPE_FIELDS = ("input_shape", "input_size", "output_size", "in_channels", "out_channels")


@dataclass(frozen=True)
class Match:
    """A design beside the frames that it is to be trained on; `match` makes it.

    Attributes:
        task: what the design is to be trained for.
        plan: the plan of the design.
        frames: the series.
        shapes: the shapes of examples that are nearest to those of the design; its own if it fits.
        split: the windows for training, validation and test; None if the design does not fit.
        obstacle: what keeps the design from a training; None if it fits.
        reason: why it does not fit, in one sentence; empty if it does.
        fitted: the design itself if it fits; else the same design in shapes that do, or None if
            there is none.
    """

    task: Task
    plan: Plan
    frames: Frames
    shapes: ExampleShapes
    split: Split | None = None
    obstacle: Obstacle | None = None
    reason: str = ""
    fitted: Design | None = None

    @property
    def fits(self) -> bool:
        """Whether the design can be trained on the frames."""
        return self.obstacle is None

    @property
    def lengths(self) -> tuple[int, int]:
        """The frames in an input and in a target: history and horizon."""
        return self.shapes.lengths

    @property
    def changes(self) -> dict[str, Any]:
        """The fields in which the fitted design differs, with their new values."""
        if self.fitted is None:
            return {}
        own = [name for name in SHAPE_FIELDS if name in type(self.fitted).model_fields]
        return {
            name: getattr(self.fitted, name)
            for name in own
            if getattr(self.fitted, name) != getattr(self.plan.design, name)
        }

    def checked(self) -> Self:
        """Return the match itself, if the design fits.

        Raises:
            DesignError: if it does not, with the change after which it would.
            DataError: if the series is too short.
        """
        if self.obstacle == "length":
            raise DataError(f"{self.frames.name}: {self.reason}")
        if self.obstacle is not None:
            raise DesignError(self.reason + self._hint)
        return self

    @property
    def _hint(self) -> str:
        """The change of the design in code; empty if there is none that is short."""
        if not isinstance(self.fitted, EncoderDecoder):
            return ""
        written = ", ".join(f"{name}={as_written(self.fitted, name)}" for name in self.changes)
        return f" Try design.replace({written})."


def match(
    task: Task,
    design: Design | Plan,
    frames: Frames,
    settings: Mapping[str, Any] | None = None,
    *,
    preferred: tuple[int, int] | None = None,
) -> Match:
    """Return whether a design can be trained on frames, and what follows from it.

    Args:
        task: what it is to be trained for.
        design: any design, or a plan.
        frames: the series.
        settings: of `cw.fit`, as far as they say what examples are; None, or a setting that is left
            out, follows from the design.
        preferred: history and horizon of the fitted design, as far as the series is long enough
            for them; None is those of the design.

    Raises:
        DesignError: if `design` is no design.
        DataError: if a setting is out of bounds.

    Example:
        >>> import numpy as np
        >>> from cnnwidget.data.load import load
        >>> from cnnwidget.training.tasks.task_table import task_named
        >>> task = task_named("forecast")
        >>> design = EncoderDecoder(input_size=(16, 16), in_channels=4, out_channels=2)
        >>> match(task, design, load(np.zeros((60, 16, 16)))).lengths
        (4, 2)
        >>> found = match(task, design, load(np.zeros((60, 16, 20))))
        >>> found.reason
        'The design takes 4 × 16 × 16, but 4 frames of 1 × 16 × 20 make 4 × 16 × 20.'
        >>> found.changes
        {'input_size': (16, 20)}
    """
    plan, settings = plan_of(design), settings or {}
    shapes = task.nearest_shapes(plan, frames, settings)
    found = compared(task, plan, frames, shapes)
    if found.obstacle not in {"shape", "length"}:
        return found
    wanted = task.fitting_shapes(shapes, frames, settings, preferred)
    other = design_with_shapes(plan.design, frames, wanted)
    fits = other is not None and compared(task, plan_of(other), frames, wanted).fits
    return replace(found, fitted=other if fits else None)


def compared(task: Task, plan: Plan, frames: Frames, shapes: ExampleShapes) -> Match:
    """Return the match of a design with shapes of examples; no other design is looked for."""
    obstacle: Obstacle
    if plan.problems:
        # A problem begins with the name of a layer, which is written as it is.
        obstacle, reason = "problem", str(plan.problems[0])
    elif reason := task.usual_shapes(frames).other_purpose(plan):
        obstacle = "purpose"
    elif reason := shapes.misfit(plan):
        obstacle, reason = "shape", reason[0].upper() + reason[1:]
    else:
        try:
            split = shapes.split(frames.steps)
        except DataError as error:
            obstacle, reason = "length", str(error)
        else:
            return Match(task, plan, frames, shapes, split, fitted=plan.design)
    return Match(task, plan, frames, shapes, obstacle=obstacle, reason=reason)
