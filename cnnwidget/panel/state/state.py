"""`State`: design, data and what a person chose, as one frozen value.

Every control and every view is drawn from it. A state changes by the pure functions of
`change_design` and `change_data` alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Self

from cnnwidget.data.frames import Frames, Missing
from cnnwidget.data.load import load
from cnnwidget.data.samples.library import SAMPLES
from cnnwidget.design.design_types import Design
from cnnwidget.design.planning.plan import Plan, plan_of
from cnnwidget.design.presets.presets import presets
from cnnwidget.panel.state.manual_channels import ManualChannels
from cnnwidget.training.design_for_frames import usual_design
from cnnwidget.training.match import Match, match
from cnnwidget.training.tasks.task_protocol import DEFAULT_TASK
from cnnwidget.training.tasks.task_table import task_named

# Two choices of design that are no preset: a person's own design, and the usual one for the data.
OWN, USUAL = "", "usual"
# The source of frames that were set in code; other sources are the names of samples, or the kinds
# of source that the controls of the data offer.
GIVEN = "given in code"


@dataclass(frozen=True)
class Data:
    """The data as they were chosen.

    Attributes:
        source: the name of a sample, `GIVEN`, or another kind of source.
        read: the frames as they were read.
        missing: what is done about their missing values.
        frames: the frames with that done.
    """

    source: str
    read: Frames
    missing: Missing
    frames: Frames

    @classmethod
    def treated(cls, source: str, read: Frames, missing: Missing) -> Self:
        """Return data whose missing values are treated.

        Raises:
            DataError: if they cannot be treated in this way.
        """
        return cls(source, read, missing, load(read, missing=missing))

    @classmethod
    def from_code(cls, frames: Frames) -> Self:
        """Return data that were set in code; those of a sample are known by its name."""
        source = frames.name if frames.name in SAMPLES else GIVEN
        return cls(source, frames, frames.missing, frames)


@dataclass(frozen=True)
class OwnDesign:
    """A design that is no preset and was left for one.

    Attributes:
        design: the design.
        frames: the frames that it was on.
        lengths: the history and the horizon that were asked for.
    """

    design: Design
    frames: Frames
    lengths: tuple[int, int]


@dataclass(frozen=True)
class State:
    """All that a panel knows of its design and its data.

    Attributes:
        design: the design.
        frames: what it is to be trained on: the chosen data, or a sample in the design's size.
        data: the data as they were chosen.
        lengths: the history and the horizon asked for, in frames; the data may be too short.
        own: the last design that was no preset, once it was left for one.
        manual: channels that were typed stage by stage, for designs with fewer stages.
        task: the name of the task that the design is to be trained for.
    """

    design: Design
    frames: Frames
    data: Data
    lengths: tuple[int, int]
    own: OwnDesign | None = None
    manual: ManualChannels = field(default_factory=ManualChannels)
    task: str = DEFAULT_TASK

    @property
    def plan(self) -> Plan:
        """The plan of the design."""
        return plan_of(self.design)

    @cached_property
    def match(self) -> Match:
        """Whether the design can be trained on the frames, and what follows from it."""
        task = task_named(self.task)
        return match(task, self.plan, self.frames, preferred=self.lengths)

    @cached_property
    def key(self) -> str:
        """A short text that differs for other designs and other data."""
        return key_of(self.plan, self.frames)

    @cached_property
    def preset(self) -> str:
        """The name of the preset that the design is: `USUAL`, or `OWN` if it is none."""
        if self.design == usual_design(task_named(self.task), self.data.frames):
            return USUAL
        return next((name for name in presets if presets[name] == self.design), OWN)

    @property
    def shown_lengths(self) -> tuple[int, int]:
        """History and horizon of the design; those asked for, if it is for another task."""
        return self.lengths if self.match.obstacle == "purpose" else self.match.lengths

    @property
    def has_lengths(self) -> bool:
        """Whether history and horizon are for the design to say; else the task has fixed ones."""
        return bool(task_named(self.task).follows)

    @property
    def own_to_return_to(self) -> Design | None:
        """The person's own design, if another one is shown."""
        return None if self.preset == OWN or self.own is None else self.own.design

    def is_sample(self, frames: Frames) -> bool:
        """Whether frames are the chosen sample, in whatever size."""
        return self.data.source in SAMPLES and frames.name == self.data.source


def key_of(plan: Plan, frames: Frames) -> str:
    """Return a short text that differs for other designs and other data.

    Views on the page carry it, so that a click on one of them is known to be of a later state.
    """
    return f"{hash((plan.design, identity_of(frames))) & 0xFFFFFFFFFFFF:x}"


def identity_of(frames: Frames) -> tuple[object, ...]:
    """Return what distinguishes frames from others, without reading their values."""
    return (frames.name, frames.values.shape, frames.values.dtype.str, frames.missing)
