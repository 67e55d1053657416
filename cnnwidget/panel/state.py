"""Which design stands on which data: another one of either moves what goes with it."""

from __future__ import annotations

from collections.abc import Callable
from threading import RLock
from typing import Any, NamedTuple, Protocol

from cnnwidget.data.frames import Frames
from cnnwidget.data.load import load
from cnnwidget.design.design_types import Design
from cnnwidget.design.errors import DesignError
from cnnwidget.design.families.encoder_decoder import EncoderDecoder
from cnnwidget.design.planning.plan import Plan, plan_of
from cnnwidget.design.presets.presets import presets
from cnnwidget.panel.controls.data_controls import DataControls
from cnnwidget.panel.controls.design_controls import DesignControls
from cnnwidget.panel.controls.preset_controls import OWN, USUAL, PresetControls, named
from cnnwidget.panel.jobs.drawing import Wanted
from cnnwidget.panel.manual_channels import ByHand
from cnnwidget.panel.messages import Messages
from cnnwidget.panel.views.network_view import key_of
from cnnwidget.training.match import fitted_design, match, usual_design
from cnnwidget.training.tasks.forecast import USUAL_HISTORY, USUAL_HORIZON

USUAL_SIZE, USUAL_STEPS = (64, 64), 120


class Left(NamedTuple):
    """A design of one's own that was left for a preset.

    Attributes:
        design: the design.
        frames: the data that it was on.
        lengths: history and horizon that were wanted.
    """

    design: Design
    frames: Frames
    lengths: tuple[int, int]


class Pair(Protocol):
    """A design and the frames that it stands on; None before the first ones.

    When another one of either is assigned, by whomever, it calls `design_changed` or
    `frames_changed` of its choice.
    """

    design: Any
    frames: Any


class Choice:
    """What is chosen with the controls of the data, of the presets and of the design.

    The design and the frames belong to the pair. What is here is how they were come by: which data
    were chosen before a sample followed a design, which history and horizon are wanted, and which
    design of one's own was left.

    Args:
        pair: the design and the frames.
        messages: where errors are shown, and cleared by a change.
        draw: called when there is something new to draw.
    """

    def __init__(self, pair: Pair, messages: Messages, draw: Callable[[], None]) -> None:
        self.pair, self.messages, self.draw = pair, messages, draw
        guarded = messages.guarded
        self.presets = PresetControls(self.choose, guarded)
        self.controls = DesignControls(self.move, guarded)
        self.data = DataControls(self.take, self.move_lengths, messages.clear, guarded)
        self._changing = RLock()
        # Whether the frames are being changed from within: by a choice in the panel, or because
        # a sample follows the design. Otherwise they come from code.
        self._choosing = self._following = False
        # Whether a change of the design says nothing of the history and horizon that are wanted.
        self._keeping_lengths = False
        # The data as they were chosen, before a sample followed a design; set with the first ones.
        self._home: Frames
        # The last design that was no preset, with its data, once it was left.
        self._own: Left | None = None
        self._lengths = (USUAL_HISTORY, USUAL_HORIZON)  # what was asked for, were data long enough
        self._by_hand = ByHand()

    def open(self, frames: object, design: Design | None) -> None:
        """The first design and the first frames.

        Args:
            frames: anything that `cw.load` takes; None is a sample.
            design: None is the usual one for the frames.

        Raises:
            DesignError: if the design is none.
            DataError: if the frames are none.
        """
        if design is not None:
            plan_of(design)  # refuses what is no design
        if frames is None:
            known = self._home = self.data.first_sample(USUAL_SIZE, USUAL_STEPS)
            if isinstance(design, EncoderDecoder):
                known = self.data.following(known, design)
        else:
            known = self._home = load(frames)
            self.data.adopt(known)
        with self._changing:
            self.pair.frames = known
            self.pair.design = usual_design(known) if design is None else design

    @property
    def wanted(self) -> Wanted:
        """What a person has asked for beside the design and the data."""
        with self._changing:
            left = None if self.presets.shown == OWN else self._own
            return Wanted(self._lengths, self._home, left.design if left else None)

    # Another design, or other frames, by whomever.

    def design_changed(self, former: Design | None, design: Design) -> None:
        """The design is another one: every control says so."""
        with self._changing:
            self._keep(former, design)
            self._show(design, self.pair.frames)
            if not self._keeping_lengths:
                self._lengths = self._lengths_of(design, self.pair.frames)
        self.messages.clear()
        self.draw()

    def frames_changed(self, frames: Frames) -> None:
        """The frames are other ones: the design is fitted to them."""
        if self.pair.design is None or self._following:  # while it opens, or by its own doing
            return
        with self._changing:
            if not self._choosing:
                self.data.adopt(frames)
            self._home = frames
            if isinstance(self.pair.design, EncoderDecoder):
                self.change(fitted_design(self.pair.design, frames, self._lengths))
            self._show(self.pair.design, frames)
        self.messages.clear()
        self.draw()

    def follow(self, design: Design, frames: Frames) -> Frames:
        """Sample data are made anew at the size of the design; others stay what they are."""
        if not isinstance(design, EncoderDecoder):
            return frames
        followed = self.data.following(frames, design)
        with self._changing:
            if followed is frames or self.pair.frames is not frames or self.pair.design != design:
                return frames  # nothing to follow, or the next drawing is of something newer
            self._put_sample(followed)
        return followed

    # What a person chooses.

    def take(self, frames: Frames) -> None:
        """Other frames were chosen."""
        with self._changing:
            self._choosing = True
            try:
                self.pair.frames = frames
            finally:
                self._choosing = False

    def move(self, field: str, value: Any) -> None:
        """A control has moved.

        Raises:
            DesignError: if there is no design with this value; the control goes back.
        """
        with self._changing:
            design = self.pair.design
            try:
                self.change(self._by_hand.changed(design, field, value))
            except DesignError:
                self.controls.show(design)
                raise
            self.messages.clear()

    def move_lengths(self, history: int, horizon: int) -> None:
        """History or horizon has moved."""
        with self._changing:
            channels = self.pair.frames.channels
            self.pair.design = self.pair.design.replace(
                in_channels=history * channels, out_channels=horizon * channels
            )

    def choose(self, name: str) -> None:
        """A preset was chosen, or the design of one's own."""
        if name == OWN:
            self.back_to_own()
        else:
            # From the data at their usual size a sample follows each design anew.
            self._go(usual_design(self._home) if name == USUAL else presets[name], self._home)

    def back_to_own(self) -> None:
        """The last design that was no preset, with the size that a sample had then."""
        with self._changing:
            if self._own is not None:
                self._lengths = self._own.lengths
                self._go(self._own.design, self._own.frames)

    def bring_back(self, shapes: Plan, frames: Frames) -> None:
        """A design of earlier and its data."""
        with self._changing:
            if self._is_same_sample(frames):
                self._put_sample(frames)
            elif key_of(shapes, frames) != key_of(shapes, self.pair.frames):
                self.pair.frames = frames
            self.pair.design = shapes.design
        self.draw()

    def change(self, design: Design) -> None:
        """Another design, which says nothing of the history and horizon that are wanted."""
        with self._changing:
            self._keeping_lengths = True
            try:
                self.pair.design = design
            finally:
                self._keeping_lengths = False

    def _go(self, design: Design, frames: Frames) -> None:
        """Another design, and the sample at a size that it had; other data stay what they are."""
        with self._changing:
            self._keep(self.pair.design, design)
            if self._is_same_sample(frames):
                self._put_sample(frames)
            if self._named(design) == USUAL:
                self.pair.design = design
            else:
                self.change(design)
        self.draw()

    def _keep(self, former: Design | None, design: Design) -> None:
        """Remember a design of one's own that is left for a preset, with its data."""
        if former is None or self.presets.shown != OWN or self._named(design) == OWN:
            return
        if self._own is None or self._own.design != former:
            self._own = Left(former, self.pair.frames, self._lengths)

    def _is_same_sample(self, frames: Frames) -> bool:
        """Whether frames are the sample of now, at whatever size."""
        return self.data.is_sample(self.pair.frames) and self.data.is_sample(frames)

    def _put_sample(self, frames: Frames) -> None:
        """The sample at another size, of which nobody need be told."""
        self._following = True
        try:
            self.pair.frames = frames
        finally:
            self._following = False

    def _show(self, design: Design, frames: Frames) -> None:
        """Every control says what the design is; those that it has no use for are off."""
        if isinstance(design, EncoderDecoder):
            self.controls.show(design)
        else:
            self.controls.enable(design)
        name = self._named(design)
        self.presets.show(name, own=self._own is not None)
        self.controls.tell_origin(f"cw.presets[{name!r}]" if name else "a cw.Network")
        self.data.show_lengths(*self._lengths_of(design, frames), frames.steps)
        self.data.enable_lengths(usable=isinstance(design, EncoderDecoder))

    def _named(self, design: Design) -> str:
        """Which preset a design is."""
        return named(design, self._home)

    def _lengths_of(self, design: Design, frames: Frames) -> tuple[int, int]:
        """History and horizon of a design, or, if it has none, those that are wanted."""
        matched = match(design, frames)
        return self._lengths if matched.obstacle == "purpose" else matched.lengths
