"""Where frames come from: a sample, a variable of the notebook, a path, or an upload."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import ipywidgets as widgets
import numpy as np
from IPython import get_ipython

from cnnwidget.data.errors import DataError
from cnnwidget.data.frames import Frames, load, read_bytes
from cnnwidget.data.synthetic import SAMPLES, sample
from cnnwidget.design.families import EncoderDecoder

GIVEN = "given in code"
VARIABLE, PATH, UPLOAD = "a variable", "a file by its path", "an upload"
# Samples are made anew at the size of a design up to this many pixels.
LARGEST_SAMPLE = 256 * 256
# A message of more is refused by the server, which closes the connection.
LARGEST_UPLOAD = 7_000_000


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
        self.axes = widgets.Text(
            description="axes",
            placeholder="T H W",
            continuous_update=False,
            tooltip="what the axes are, in their order: T time, C channels, L or H W space; empty "
            "is T L, T H W or T C H W by their number",
        )
        self.history = widgets.IntSlider(
            min=1, max=20, description="history", tooltip="frames that the network is given"
        )
        self.horizon = widgets.IntSlider(
            min=1, max=20, description="horizon", tooltip="frames that it is to forecast"
        )
        for widget, heard in (
            (self.source, self.heard_source),
            (self.variable, self.heard_variable),
            (self.path, self.heard_path),
            (self.upload, self.heard_upload),
            (self.axes, self.heard_axes),
            (self.history, self.heard_lengths),
            (self.horizon, self.heard_lengths),
        ):
            widget.observe(guarded(heard), "value")
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
            self.axes,
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

    def given(self) -> None:
        """Note that the frames were given in code."""
        self.sample = ""
        self.source.options = (GIVEN, *SAMPLES, VARIABLE, PATH, UPLOAD)
        self.choose(GIVEN)

    def adopt(self, frames: Frames) -> None:
        """Show frames that were there before as what they are: a sample, or given."""
        if frames.name in SAMPLES:
            self.sample = frames.name
            self.choose(frames.name)
        else:
            self.given()

    def choose(self, name: str) -> None:
        """Show a source without asking it for frames."""
        self.writing = True
        try:
            self.source.value = name
        finally:
            self.writing = False
        self.show_what_goes_with(name)

    def following(self, frames: Frames, design: EncoderDecoder) -> Frames:
        """A sample at the size that a design takes; other data stay what they are."""
        size = design.input_size
        lengths = design.in_channels + design.out_channels
        fits = frames.size == size and lengths * 3 <= frames.steps * 2
        if not self.sample or fits or len(size) > 2 or np.prod(size) > LARGEST_SAMPLE:
            return frames
        try:
            return sample(self.sample, size=size, steps=max(frames.steps, lengths * 3))
        except DataError:  # too small for what it shows
            return frames

    def show_lengths(self, history: int, horizon: int, steps: int) -> None:
        """Move the two sliders to what a design says, and no further than the data allow."""
        self.writing = True
        try:
            for slider, value in ((self.history, history), (self.horizon, horizon)):
                most = max(value, min(60, steps // 2))
                if slider.max != most:
                    slider.max = most
                if slider.value != value:
                    slider.value = value
        finally:
            self.writing = False

    def show_what_goes_with(self, source: str | None) -> None:
        """Of the ways to name a source only the one that is chosen is seen."""
        for widget, wanted in (
            (self.variable, VARIABLE),
            (self.path, PATH),
            (self.upload, UPLOAD),
        ):
            widget.layout.display = None if source == wanted else "none"
        self.axes.layout.display = None if source in {VARIABLE, PATH, UPLOAD} else "none"

    def heard_source(self, change: dict[str, Any]) -> None:
        """Another kind of source."""
        if self.writing:
            return
        name = change["new"]
        self.show_what_goes_with(name)
        if name in SAMPLES:
            self.sample = name
            self.on_frames(sample(name))
        elif name == VARIABLE:
            self.list_variables()
            if self.variable.value is not None:
                self.take_variable(self.variable.value)
        elif name == PATH and self.path.value:
            self.take(load(self.path.value, axes=self.order))

    @property
    def order(self) -> str | None:
        """What was typed of the axes."""
        return self.axes.value.strip() or None

    def take(self, frames: Frames) -> None:
        """Use frames that are not a sample."""
        self.sample = ""
        self.on_frames(frames)

    def heard_variable(self, change: dict[str, Any]) -> None:
        """Another variable."""
        if not self.writing and change["new"] is not None:
            self.take_variable(change["new"])

    def take_variable(self, name: str) -> None:
        """Use a variable of the notebook."""
        space = {} if self.shell is None else self.shell.user_ns
        if name not in space:
            raise DataError(f"There is no variable {name!r} any more; choose another one.")
        self.take(load(space[name], axes=self.order, name=name))

    def list_variables(self, *_: object) -> None:
        """Offer the variables that may be frames; after each cell there may be others."""
        if self.shell is None or self.source.value != VARIABLE:
            return
        names = sorted(
            name
            for name, value in self.shell.user_ns.items()
            if not name.startswith("_") and may_be_frames(value)
        )
        if names != list(self.variable.options):
            self.writing = True
            try:
                chosen = self.variable.value
                self.variable.options = names
                self.variable.value = chosen if chosen in names else None
            finally:
                self.writing = False

    def heard_path(self, change: dict[str, Any]) -> None:
        """A path was typed."""
        if change["new"].strip():
            self.take(load(change["new"].strip(), axes=self.order))

    def heard_upload(self, change: dict[str, Any]) -> None:
        """A file came from the page."""
        for file in change["new"]:
            self.take(with_axes(read_bytes(file["name"], file["content"]), self.order))

    def heard_axes(self, change: dict[str, Any]) -> None:
        """Other axes for the same source."""
        if self.source.value == VARIABLE and self.variable.value is not None:
            self.take_variable(self.variable.value)
        elif self.source.value == PATH and self.path.value.strip():
            self.take(load(self.path.value.strip(), axes=self.order))
        elif self.source.value == UPLOAD and self.upload.value:
            self.heard_upload({"new": self.upload.value})

    def heard_lengths(self, change: dict[str, Any]) -> None:
        """Another history or horizon."""
        if not self.writing:
            self.on_lengths(self.history.value, self.horizon.value)


def with_axes(frames: Frames, axes: str | None) -> Frames:
    """The same frames with their axes as typed."""
    if axes is None:
        return frames
    given = frames.values if frames.has_channels else frames.values[:, 0]
    return load(given, axes=axes, name=frames.name)


def may_be_frames(value: object) -> bool:
    """Whether a variable is worth offering: a numeric array or tensor of two to five axes."""
    torch = sys.modules.get("torch")
    if isinstance(value, Frames):
        return True
    if isinstance(value, np.ndarray):
        return 2 <= value.ndim <= 5 and value.dtype.kind in "buif" and len(value) > 1
    return torch is not None and isinstance(value, torch.Tensor) and 2 <= value.dim() <= 5
