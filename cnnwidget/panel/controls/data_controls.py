"""The controls of the data: a sample, a variable of the notebook, a path, or an upload."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from IPython import get_ipython

from cnnwidget.data.errors import DataError
from cnnwidget.data.frames import Frames, Missing
from cnnwidget.data.load import load, read_bytes
from cnnwidget.data.samples.library import SAMPLES, sample
from cnnwidget.design.families.encoder_decoder import EncoderDecoder
from cnnwidget.panel.controls.data_sources import (
    Asked,
    length_typed,
    may_be_frames,
    members_at,
    members_of_upload,
    members_of_variable,
    read_leniently,
)
from cnnwidget.panel.controls.data_widgets import GIVEN, PATH, UPLOAD, VARIABLE, DataWidgets

# Samples are made anew at the size of a design up to this many pixels.
LARGEST_SAMPLE = 256 * 256


class DataControls(DataWidgets):
    """The controls of the data, and the frames that they stand for.

    Args:
        on_frames: told frames when other ones are chosen.
        on_lengths: told history and horizon when a person has moved them.
        on_anew: told when something is chosen anew: what was said of the last choice is past.
        guarded: wraps what a widget calls, so that its errors are shown.
    """

    def __init__(
        self,
        on_frames: Callable[[Frames], None],
        on_lengths: Callable[[int, int], None],
        on_anew: Callable[[], None],
        guarded: Callable[[Callable[..., None]], Callable[..., None]],
    ) -> None:
        super().__init__()
        self.on_frames, self.on_lengths, self.on_anew = on_frames, on_lengths, on_anew
        self.sample = ""  # the name of the sample that is shown, if one is
        self.given_frames: Frames | None = None
        self.untreated: Frames | None = None  # as they were read, so that there is a way back
        self.variable_read: object = None
        self.file: tuple[str, bytes] | None = None  # the last upload
        for widget, heard in (
            (self.source, self.heard_source),
            (self.variable, self.heard_place),
            (self.path, self.heard_place),
            (self.upload, self.heard_upload),
            (self.member, self.heard_choice),
            (self.axes, self.heard_form),
            (self.frame_len, self.heard_form),
            (self.missing, self.heard_missing),
            (self.history, self.heard_lengths),
            (self.horizon, self.heard_lengths),
        ):
            widget.observe(guarded(heard), "value")
        self.again.on_click(guarded(self.heard_again))
        self.shell = get_ipython()
        self.refresh_variables = guarded(self.list_variables)
        if self.shell is not None:
            self.shell.events.register("post_run_cell", self.refresh_variables)

    def close(self) -> None:
        """Let go of the notebook."""
        if self.shell is not None:
            self.shell.events.unregister("post_run_cell", self.refresh_variables)
            self.shell = None

    def first_sample(self, size: tuple[int, ...], steps: int) -> Frames:
        """The sample that a panel opens on."""
        self.sample = next(iter(SAMPLES))
        self.choose(self.sample)
        return sample(self.sample, size=size, steps=steps)

    def adopt(self, frames: Frames) -> None:
        """Show frames that were set in code, or were there before, as what they are."""
        self.untreated = frames
        with self.quietly():
            self.missing.value = frames.missing
        if frames.name in SAMPLES:
            self.sample = frames.name
            self.choose(frames.name)
            return
        self.sample = ""
        self.given_frames = frames
        if GIVEN not in self.source.options:
            with self.quietly():
                self.source.options = (GIVEN, *self.source.options)
        self.choose(GIVEN)

    def choose(self, name: str) -> None:
        """Show a source without asking it for frames."""
        with self.quietly():
            self.source.value = name
        self.show_what_goes_with(name)

    def is_sample(self, frames: Frames) -> bool:
        """Whether frames are the sample that is shown, at whatever size."""
        return bool(self.sample) and frames.name == self.sample

    def following(self, frames: Frames, design: EncoderDecoder) -> Frames:
        """A sample at the size that a design takes; other data stay what they are."""
        size = design.input_size
        lengths = design.in_channels + design.out_channels
        fits = frames.size == size and lengths * 3 <= frames.steps * 2
        if not self.is_sample(frames) or fits or len(size) > 2 or np.prod(size) > LARGEST_SAMPLE:
            return frames
        try:
            return sample(self.sample, size=size, steps=max(frames.steps, lengths * 3))
        except DataError:  # too small for what it shows
            return frames

    def treat(self, missing: Missing) -> None:
        """Do about missing values what a note has offered."""
        self.missing.value = missing

    # What a person has done.

    def heard_source(self, change: dict[str, Any]) -> None:
        """Another kind of source: what was chosen there before is taken again."""
        if not self.writing:
            self.show_what_goes_with(change["new"])
            self.take_anew()

    def heard_place(self, *_: object) -> None:
        """Another variable or path."""
        if not self.writing:
            self.take_anew()

    def heard_upload(self, change: dict[str, Any]) -> None:
        """A file came from the page; the same one may come again, so its place is emptied."""
        if self.writing or not change["new"]:
            return
        [file] = change["new"][-1:]
        self.file = (file["name"], bytes(file["content"]))
        with self.quietly():
            self.upload.value = ()
        self.take_anew()

    def heard_again(self, *_: object) -> None:
        """The same to be read again, as it is now."""
        self.list_members()
        self.heard_choice()

    def heard_choice(self, *_: object) -> None:
        """Another array of the same source, or the same to be read again."""
        if not self.writing:
            self.on_anew()
            self.hand_on(self.chosen())

    def heard_form(self, change: dict[str, Any]) -> None:
        """Other axes, or another length, for the same source: what does not fit is told."""
        if not self.writing:
            self.on_anew()
            frames = self.read(self.asked)
            self.show_what_goes_with(self.source.value)
            self.hand_on(frames)

    def heard_missing(self, change: dict[str, Any]) -> None:
        """Something else is to be done about missing values."""
        if self.writing:
            return
        try:
            self.hand_on(self.untreated)
        except DataError:
            with self.quietly():
                self.missing.value = change["old"]
            raise

    def take_anew(self) -> None:
        """Other data: what was done about missing values of the last ones is not done to these."""
        self.needs_length = False
        self.list_members()
        frames = self.chosen()
        if frames is not None:
            with self.quietly():
                self.missing.value = frames.missing
        self.hand_on(frames)

    def hand_on(self, frames: Frames | None) -> None:
        """Other frames, treated as the panel says."""
        if frames is not None:
            self.untreated = frames
            self.on_frames(load(frames, missing=self.missing.value))

    def heard_lengths(self, change: dict[str, Any]) -> None:
        """Another history or horizon."""
        if not self.writing:
            self.on_lengths(self.history.value, self.horizon.value)

    # What that means.

    @property
    def asked(self) -> Asked:
        """What was said of the source, beside where it is."""
        # What was typed for a file is none of a sample's business.
        own = self.source.value in {VARIABLE, PATH, UPLOAD}
        length = length_typed(self.frame_len.value) if own else None
        return Asked(self.axes.value.strip() or None, length, self.member.value)

    def chosen(self) -> Frames | None:
        """The frames of the source that is shown; None where nothing is chosen there yet.

        What was typed for other data is forgotten where it does not fit these.
        """
        try:
            frames, used = read_leniently(self.read, self.asked)
        except DataError as error:
            self.needs_length |= "frame_len" in str(error)
            self.show_what_goes_with(self.source.value)
            raise
        with self.quietly():
            self.axes.value = used.axes or ""
            if used.frame_len is None:
                self.frame_len.value = ""
        self.show_what_goes_with(self.source.value)
        return frames

    def list_members(self) -> None:
        """Offer the arrays of a source that holds several."""
        self.on_anew()
        name = self.source.value
        offered: list[tuple[str, str | None]] = []
        try:
            if name == UPLOAD and self.file is not None:
                offered = members_of_upload(*self.file)
            elif name == PATH and self.path.value.strip():
                offered = members_at(self.path.value)
            elif name == VARIABLE and self.shell is not None:
                offered = members_of_variable(self.shell.user_ns.get(self.variable.value))
        finally:
            kept = self.member.value
            with self.quietly():
                self.member.options = offered
                values = [value for _, value in offered]
                self.member.value = kept if kept in values else next(iter(values), None)
            self.show_what_goes_with(name)

    def read(self, asked: Asked) -> Frames | None:
        """The frames of the source that is shown, read in this way."""
        name = self.source.value
        self.sample = name if name in SAMPLES else ""
        if name in SAMPLES:
            return sample(name)
        if name == GIVEN:
            return self.given_frames
        if name == VARIABLE:
            with self.quietly():
                self.list_variables()
            return self.read_variable(self.variable.value, asked)
        if name == PATH and self.path.value.strip():
            return load(self.path.value, **asked._asdict())
        if name == UPLOAD and self.file is not None:
            return read_bytes(*self.file, **asked._asdict())
        return None

    def read_variable(self, name: str | None, asked: Asked) -> Frames | None:
        """A variable of the notebook."""
        if name is None or self.shell is None:
            return None
        if name not in self.shell.user_ns:
            raise DataError(f"There is no variable {name!r} any more; choose another one.")
        self.variable_read = self.shell.user_ns[name]
        return load(self.variable_read, name=name, **asked._asdict())

    def list_variables(self, *_: object) -> None:
        """Offer the variables that may be frames; after each cell there may be others."""
        if self.shell is None or self.source.value != VARIABLE:
            return
        space = self.shell.user_ns
        self.offer_variables(
            sorted(
                name
                for name, value in space.items()
                if not name.startswith("_") and may_be_frames(value)
            )
        )
        chosen = self.variable.value
        if chosen is not None and space[chosen] is not self.variable_read and not self.writing:
            self.variable_read = space[chosen]
            self.heard_again()  # the name means another array now
