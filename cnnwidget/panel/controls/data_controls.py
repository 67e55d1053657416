"""The controls of the data: a sample, a variable of the notebook, a path, or an upload."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from IPython import get_ipython

from cnnwidget.data.data_error import DataError
from cnnwidget.data.frames import Frames, Missing
from cnnwidget.data.load import load, read_bytes
from cnnwidget.data.samples.library import SAMPLES, sample
from cnnwidget.design.families.encoder_decoder import EncoderDecoder
from cnnwidget.panel.controls.data_sources import (
    ReadingOptions,
    length_typed,
    may_be_frames,
    members_at,
    members_of_upload,
    members_of_variable,
    read_leniently,
)
from cnnwidget.panel.controls.data_widgets import PATH, UPLOAD, VARIABLE, DataWidgets
from cnnwidget.panel.state.state import GIVEN, Data, State


class DataControls(DataWidgets):
    """The controls of the data, and what they read.

    Args:
        on_data: called with the source, the frames as they were read, and the treatment of missing
            values, when a person has chosen data.
        on_missing: called when a person has chosen another treatment of missing values.
        on_lengths: called with history and horizon when a person has moved them.
        on_new_choice: called when a person begins to choose other data.
        guarded: wraps a callback of a widget, so that its errors are shown.
    """

    def __init__(
        self,
        on_data: Callable[[str, Frames, Missing], None],
        on_missing: Callable[[Missing], None],
        on_lengths: Callable[[int, int], None],
        on_new_choice: Callable[[], None],
        guarded: Callable[[Callable[..., None]], Callable[..., None]],
    ) -> None:
        super().__init__()
        self.on_data, self.on_missing, self.on_lengths = on_data, on_missing, on_lengths
        self.on_new_choice = on_new_choice
        self.shown: Data | None = None
        self.given_frames: Frames | None = None
        self.variable_read: object = None
        self.file: tuple[str, bytes] | None = None  # the last upload
        for widget, callback in (
            (self.source, self.source_changed),
            (self.variable, self.place_changed),
            (self.path, self.place_changed),
            (self.upload, self.upload_changed),
            (self.member, self.member_changed),
            (self.axes, self.form_changed),
            (self.frame_len, self.form_changed),
            (self.missing, self.missing_changed),
            (self.history, self.lengths_changed),
            (self.horizon, self.lengths_changed),
        ):
            widget.observe(guarded(callback), "value")
        self.again.on_click(guarded(self.read_again))
        self.shell = get_ipython()
        self.refresh_variables = guarded(self.list_variables)
        if self.shell is not None:
            self.shell.events.register("post_run_cell", self.refresh_variables)

    def close(self) -> None:
        """Stop listening to the notebook."""
        if self.shell is not None:
            self.shell.events.unregister("post_run_cell", self.refresh_variables)
            self.shell = None

    def show(self, state: State) -> None:
        """Show the data of a state, and its history and horizon.

        A source that a person has chosen, but not read from yet, stays chosen.
        """
        data = state.data
        if data.source == GIVEN:
            self.given_frames = data.read
        with self.quietly():
            if data.source == GIVEN and GIVEN not in self.source.options:
                self.source.options = (GIVEN, *self.source.options)
            self.missing.value = data.missing
            if data is not self.shown:
                self.source.value = data.source
                self.show_widgets_of(data.source)
        self.shown = data
        self.show_lengths(*state.shown_lengths, state.frames.steps)
        self.enable_lengths(
            usable=isinstance(state.design, EncoderDecoder), visible=state.has_lengths
        )

    # What a person has done.

    def source_changed(self, change: dict[str, Any]) -> None:
        """Read from another kind of source what was chosen there before."""
        if not self.writing:
            self.show_widgets_of(change["new"])
            self.read_other_data()

    def place_changed(self, *_: object) -> None:
        """Read another variable or path."""
        if not self.writing:
            self.read_other_data()

    def upload_changed(self, change: dict[str, Any]) -> None:
        """Read a file that the page sent; the widget is emptied, so that it may come again."""
        if self.writing or not change["new"]:
            return
        [file] = change["new"][-1:]
        self.file = (file["name"], bytes(file["content"]))
        with self.quietly():
            self.upload.value = ()
        self.read_other_data()

    def read_again(self, *_: object) -> None:
        """Read the same source as it is now."""
        self.list_members()
        self.member_changed()

    def member_changed(self, *_: object) -> None:
        """Read another array of the same source."""
        if not self.writing:
            self.on_new_choice()
            self.ask_for(self.chosen())

    def form_changed(self, *_: object) -> None:
        """Read the same source with other axes or another length of frames.

        Raises:
            DataError: if these do not fit the source.
        """
        if not self.writing:
            self.on_new_choice()
            frames = self.read(self.options)
            self.show_widgets_of(self.source.value)
            self.ask_for(frames)

    def missing_changed(self, change: dict[str, Any]) -> None:
        """Ask for another treatment of missing values."""
        if not self.writing:
            self.on_missing(change["new"])

    def lengths_changed(self, *_: object) -> None:
        """Ask for another history or horizon."""
        if not self.writing:
            self.on_lengths(self.history.value, self.horizon.value)

    def read_other_data(self) -> None:
        """Read other data; they are not treated as the last ones were."""
        self.needs_length = False
        self.list_members()
        frames = self.chosen()
        if frames is not None:
            with self.quietly():
                self.missing.value = frames.missing
        self.ask_for(frames)

    def ask_for(self, frames: Frames | None) -> None:
        """Ask for frames that were read; None is not asked for."""
        if frames is not None:
            self.on_data(self.source.value, frames, self.missing.value)

    # What is read.

    @property
    def options(self) -> ReadingOptions:
        """The options for reading the source: axes, length of a frame, array.

        Raises:
            DataError: if the length is no whole number.
        """
        # A sample has a form of its own, whatever was typed for a file.
        own = self.source.value in {VARIABLE, PATH, UPLOAD}
        length = length_typed(self.frame_len.value) if own else None
        return ReadingOptions(self.axes.value.strip() or None, length, self.member.value)

    def chosen(self) -> Frames | None:
        """Return the frames of the chosen source; None where nothing is chosen there yet.

        Axes and lengths that were typed for other data are dropped where they do not fit.

        Raises:
            DataError: if the source cannot be read.
        """
        try:
            frames, used = read_leniently(self.read, self.options)
        except DataError as error:
            self.needs_length |= "frame_len" in str(error)
            self.show_widgets_of(self.source.value)
            raise
        with self.quietly():
            self.axes.value = used.axes or ""
            if used.frame_len is None:
                self.frame_len.value = ""
        self.show_widgets_of(self.source.value)
        return frames

    def list_members(self) -> None:
        """Offer the arrays of a source that holds several.

        Raises:
            DataError: if a file is damaged.
        """
        self.on_new_choice()
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
            before = self.member.value
            with self.quietly():
                self.member.options = offered
                values = [value for _, value in offered]
                self.member.value = before if before in values else next(iter(values), None)
            self.show_widgets_of(name)

    def read(self, options: ReadingOptions) -> Frames | None:
        """Return the frames of the chosen source, read as asked; None where none is chosen.

        Raises:
            DataError: if the source cannot be read in this way.
        """
        name = self.source.value
        if name in SAMPLES:
            return sample(name)
        if name == GIVEN:
            return self.given_frames
        if name == VARIABLE:
            with self.quietly():
                self.list_variables()
            return self.read_variable(self.variable.value, options)
        if name == PATH and self.path.value.strip():
            return load(self.path.value, **options._asdict())
        if name == UPLOAD and self.file is not None:
            return read_bytes(*self.file, **options._asdict())
        return None

    def read_variable(self, name: str | None, options: ReadingOptions) -> Frames | None:
        """Return the frames of a variable of the notebook; None where none is chosen.

        Raises:
            DataError: if the variable is gone, or is no series of frames.
        """
        if name is None or self.shell is None:
            return None
        if name not in self.shell.user_ns:
            raise DataError(f"There is no variable {name!r} any more; choose another one.")
        self.variable_read = self.shell.user_ns[name]
        return load(self.variable_read, name=name, **options._asdict())

    def list_variables(self, *_: object) -> None:
        """Offer the variables of the notebook that may be frames, as after each cell."""
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
            self.read_again()  # the name means another array now
