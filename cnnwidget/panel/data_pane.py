"""Where frames come from: a sample, a variable of the notebook, a path, or an upload."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import ipywidgets as widgets
import numpy as np
from IPython import get_ipython

from cnnwidget.data.errors import DataError
from cnnwidget.data.frames import Frames, load, read_bytes
from cnnwidget.data.numpy_files import members
from cnnwidget.data.synthetic import SAMPLES, sample
from cnnwidget.design.families.encoder_decoder import EncoderDecoder

GIVEN = "given in code"
VARIABLE, PATH, UPLOAD = "a variable", "a file by its path", "an upload"
# Samples are made anew at the size of a design up to this many pixels.
LARGEST_SAMPLE = 256 * 256
# A message of more is refused by the server, which closes the connection; the page says so first.
LARGEST_UPLOAD = 7_000_000
# A slider of more steps cannot be set by hand.
MOST_STEPS = 60


class DataPane:
    """The controls of the data, and the frames that they stand for.

    Args:
        on_frames: told frames when other ones are chosen.
        on_lengths: told history and horizon when a person has moved them.
        guarded: wraps what a widget calls, so that its errors are shown.
    """

    def __init__(
        self,
        on_frames: Callable[[Frames], None],
        on_lengths: Callable[[int, int], None],
        guarded: Callable[[Callable[..., None]], Callable[..., None]],
    ) -> None:
        self.on_frames, self.on_lengths = on_frames, on_lengths
        self.sample = ""  # the name of the sample that is shown, if one is
        self.writing = False
        self.given_frames: Frames | None = None
        self.variable_read: object = None
        self.file: tuple[str, bytes] | None = None  # the last upload
        self.source = widgets.Dropdown(
            options=(*SAMPLES, VARIABLE, PATH, UPLOAD),
            value=None,
            description="data",
            tooltip="what the network is trained on",
        )
        self.variable = widgets.Dropdown(
            options=(), description="variable", tooltip="arrays and tensors of this notebook"
        )
        self.path = widgets.Text(
            description="path",
            placeholder="frames.npy",
            continuous_update=False,
            tooltip="a .npy or .npz file; of several arrays in one: file.npz::name",
        )
        self.upload = widgets.FileUpload(
            accept=".npy,.npz",
            multiple=False,
            description="choose .npy or .npz",
            tooltip=f"up to {LARGEST_UPLOAD // 1_000_000} MB; larger files by their path",
        )
        self.member = widgets.Dropdown(
            options=(), description="array", tooltip="which array of the .npz file"
        )
        self.axes = widgets.Text(
            description="axes",
            placeholder="T H W",
            continuous_update=False,
            tooltip="what the axes are, in their order: T time, C channels, L or H W space; empty "
            "is T L, T H W or T C H W by their number",
        )
        self.again = widgets.Button(
            description="read again", tooltip="take the variable or the file as it is now"
        )
        self.history = widgets.IntSlider(
            min=1, max=20, description="history", tooltip="frames that the network is given"
        )
        self.horizon = widgets.IntSlider(
            min=1, max=20, description="horizon", tooltip="frames that it is to forecast"
        )
        for widget, heard in (
            (self.source, self.heard_source),
            (self.variable, self.heard_choice),
            (self.path, self.heard_choice),
            (self.upload, self.heard_upload),
            (self.member, self.heard_choice),
            (self.axes, self.heard_axes),
            (self.history, self.heard_lengths),
            (self.horizon, self.heard_lengths),
        ):
            widget.observe(guarded(heard), "value")
        self.again.on_click(guarded(self.heard_choice))
        self.show_what_goes_with(None)
        self.shell = get_ipython()
        self.refresh_variables = guarded(self.list_variables)
        if self.shell is not None:
            self.shell.events.register("post_run_cell", self.refresh_variables)

    def rows(self) -> list[Any]:
        """The widgets from top to bottom."""
        return [
            self.source,
            self.variable,
            self.path,
            self.upload,
            self.member,
            self.axes,
            self.again,
            self.history,
            self.horizon,
        ]

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

    def show_lengths(self, history: int, horizon: int, steps: int) -> None:
        """Move the two sliders to what a design says, and no further than the data allow."""
        with self.quietly():
            for slider, value in ((self.history, history), (self.horizon, horizon)):
                most = max(value, min(MOST_STEPS, steps // 2))
                if slider.max != most:
                    slider.max = most
                if slider.value != value:
                    slider.value = value

    def enable_lengths(self, *, usable: bool) -> None:
        """A design without sliders has its history and horizon, if any, once for all."""
        for slider in (self.history, self.horizon):
            if slider.disabled == usable:
                slider.disabled = not usable

    def show_what_goes_with(self, source: str | None) -> None:
        """Of the ways to name a source only the one that is chosen is seen."""
        several = source == UPLOAD and len(self.member.options) > 1
        for widget, visible in (
            (self.variable, source == VARIABLE),
            (self.path, source == PATH),
            (self.upload, source == UPLOAD),
            (self.member, several),
            (self.axes, source in {VARIABLE, PATH, UPLOAD}),
            (self.again, source in {VARIABLE, PATH}),
        ):
            widget.layout.display = None if visible else "none"

    @contextmanager
    def quietly(self) -> Iterator[None]:
        """What is written now was not chosen by a person."""
        before, self.writing = self.writing, True
        try:
            yield
        finally:
            self.writing = before

    # What a person has done.

    def heard_source(self, change: dict[str, Any]) -> None:
        """Another kind of source: what was chosen there before is taken again."""
        if self.writing:
            return
        self.show_what_goes_with(change["new"])
        self.heard_choice()

    def heard_choice(self, *_: object) -> None:
        """Another variable, path or array, or the same to be read again."""
        if self.writing:
            return
        frames = self.chosen()
        if frames is not None:
            self.on_frames(frames)

    def heard_upload(self, change: dict[str, Any]) -> None:
        """A file came from the page; the same one may come again, so its place is emptied."""
        if self.writing or not change["new"]:
            return
        [file] = change["new"][-1:]
        self.file = (file["name"], bytes(file["content"]))
        with self.quietly():
            self.upload.value = ()
            self.member.options = names = members(*self.file)
            self.member.value = names[0] if names else None
        self.show_what_goes_with(UPLOAD)
        self.heard_choice()

    def heard_axes(self, change: dict[str, Any]) -> None:
        """Other axes for the same source: what does not fit is told, not forgotten."""
        if not self.writing:
            frames = self.read(self.order)
            if frames is not None:
                self.on_frames(frames)

    def heard_lengths(self, change: dict[str, Any]) -> None:
        """Another history or horizon."""
        if not self.writing:
            self.on_lengths(self.history.value, self.horizon.value)

    # What that means.

    @property
    def order(self) -> str | None:
        """What was typed of the axes."""
        return self.axes.value.strip() or None

    def chosen(self) -> Frames | None:
        """The frames of the source that is shown; None where nothing is chosen there yet.

        Axes that were typed for other data are forgotten where they do not fit these.
        """
        order = self.order
        try:
            return self.read(order)
        except DataError:
            if order is None:
                raise
            try:
                frames = self.read(None)
            except DataError:
                frames = None
            if frames is None:
                raise
            with self.quietly():
                self.axes.value = ""
            return frames

    def read(self, order: str | None) -> Frames | None:
        """The frames of the source that is shown, with these axes."""
        name = self.source.value
        self.sample = name if name in SAMPLES else ""
        if name in SAMPLES:
            return sample(name)
        if name == GIVEN:
            return self.given_frames
        if name == VARIABLE:
            with self.quietly():
                self.list_variables()
            return self.read_variable(self.variable.value, order)
        if name == PATH and self.path.value.strip():
            return load(self.path.value, axes=order)
        if name == UPLOAD and self.file is not None:
            return read_bytes(*self.file, axes=order, member=self.member.value)
        return None

    def read_variable(self, name: str | None, order: str | None) -> Frames | None:
        """A variable of the notebook."""
        if name is None or self.shell is None:
            return None
        if name not in self.shell.user_ns:
            raise DataError(f"There is no variable {name!r} any more; choose another one.")
        self.variable_read = self.shell.user_ns[name]
        return load(self.variable_read, axes=order, name=name)

    def list_variables(self, *_: object) -> None:
        """Offer the variables that may be frames; after each cell there may be others."""
        if self.shell is None or self.source.value != VARIABLE:
            return
        space = self.shell.user_ns
        names = sorted(
            name
            for name, value in space.items()
            if not name.startswith("_") and may_be_frames(value)
        )
        chosen = self.variable.value
        if names != list(self.variable.options):
            with self.quietly():
                self.variable.options = names
                self.variable.value = chosen if chosen in names else None
        elif chosen is not None and space[chosen] is not self.variable_read and not self.writing:
            self.variable_read = space[chosen]
            self.heard_choice()  # the name means another array now


def may_be_frames(value: object) -> bool:
    """Whether a variable is worth offering: a numeric array or tensor of two to five axes."""
    torch = sys.modules.get("torch")
    if isinstance(value, Frames):
        return True
    if isinstance(value, np.ndarray):
        return 2 <= value.ndim <= 5 and value.dtype.kind in "buif" and len(value) > 1
    return torch is not None and isinstance(value, torch.Tensor) and 2 <= value.dim() <= 5
