"""Every view of a design and of frames but those of a training, drawn in a thread of their own."""

from __future__ import annotations

from typing import Any

from cnnwidget.data.frames import Frames
from cnnwidget.data.split import frame_parts, split_by_time
from cnnwidget.design.axes import spell
from cnnwidget.design.families import Design, EncoderDecoder
from cnnwidget.design.plan import plan_of
from cnnwidget.panel.fitting import Fitting
from cnnwidget.panel.matching import fitted_design, lengths_of, usual_design, why_not
from cnnwidget.panel.pixels import colour_map, data_picture, missing_values
from cnnwidget.panel.stage import Stage
from cnnwidget.panel.views import diagram_view, key_of, noted, plan_view
from cnnwidget.training.tasks import forecast_of

# The name of the mend that fits the design to the data.
TO_THE_DATA = "data"
MISSING = (
    "{:,} values are missing or infinite; fill them before, for instance with "
    "numpy.nan_to_num(frames)."
)


class Drawing:
    """What is drawn of a design and its frames, and the mends that are on the page.

    Args:
        stage: where it is shown.
        fitting: told whether the design can be trained.
    """

    def __init__(self, stage: Stage, fitting: Fitting) -> None:
        self.stage, self.fitting = stage, fitting
        self._design: Design | None = None
        self._frames: Frames | None = None
        self._missing = 0
        # The key of what is on the page, and the designs behind its buttons.
        self._mends: tuple[str, dict[str, Design]] = ("", {})

    def mended(self, name: str, key: str) -> Design | None:
        """The design behind a button, if the page still shows what it belongs to."""
        shown, mends = self._mends
        return mends.get(name) if key == shown else None

    def draw(self, design: Design, frames: Frames, settings: dict[str, Any]) -> None:
        """Draw what has changed; the table first, for the picture takes longer."""
        if frames is not self._frames:
            self._missing = missing_values(frames)
        plan = plan_of(design)
        key = key_of(plan, frames)
        view = plan_view(plan, key)
        mends = {
            f"{number}.{which}": mend.design
            for number, note in enumerate(noted(plan))
            for which, mend in enumerate(note.mends)
        }
        blocked = why_not(design, frames)
        if blocked and not plan.problems:
            fitted = to_the_data(design, frames)
            if fitted is not None:
                mends[TO_THE_DATA] = fitted
            view["notes"].insert(0, data_note(design, frames, blocked, mendable=fitted is not None))
        elif self._missing and not plan.problems:
            blocked = MISSING.format(self._missing)
            view["notes"].insert(0, data_note(design, frames, blocked, mendable=False))
        self._mends = (key, mends)
        self.stage.show(plan_view=view)
        self.fitting.offer(key, blocked, settings)
        if design != self._design:
            self.stage.show(diagram_view=diagram_view(plan, key))
        self.draw_data(design, frames)
        self._design, self._frames = design, frames

    def draw_data(self, design: Design, frames: Frames) -> None:
        """The raw frames, and which of them are for what."""
        if not self.stage.colours:
            self.stage.show(colours=colour_map())
        view = dict(self.stage.data_view)
        if frames is not self._frames:
            view, pixels = data_picture(frames)
            self.stage.show(data_frames=pixels)
        view["line"] = (
            f"{frames.steps:,} frames of {spell(frames.values.shape[1:])}, "
            f"{frames.values.dtype.name}, {view['low']:.4g} to {view['high']:.4g}"
        )
        view["missing"] = self._missing
        self.stage.show(data_view=view | split_view(design, frames))


def to_the_data(design: Design, frames: Frames) -> Design | None:
    """The design with the sizes of the frames, where that can be trained.

    A network written by hand cannot be fitted; instead of it there is the usual net.
    """
    if isinstance(design, EncoderDecoder):
        fitted = fitted_design(frames, design, lengths_of(design, frames))
    else:
        fitted = usual_design(frames)
    return None if why_not(fitted, frames) else fitted


def data_note(design: Design, frames: Frames, blocked: str, *, mendable: bool) -> dict[str, Any]:
    """Where design and data do not go together: the sentence, and the button that mends it."""
    ours = isinstance(design, EncoderDecoder)
    label = "fit the design to the data" if ours else "use the usual net for these data"
    mends = [{"id": TO_THE_DATA, "label": label}] if mendable else []
    # What to write in code is said by the button.
    text = blocked.partition(" Try design.replace")[0]
    return {"kind": "problem", "where": frames.name, "text": text, "mends": mends}


def split_view(design: Design, frames: Frames) -> dict[str, Any]:
    """Which frames are for training, validation and test, if that can be told."""
    if why_not(design, frames):
        return {"split": "", "parts": []}
    task = forecast_of(design, frames)
    lengths = (task.pre_history_len, task.forecast_len)
    split = split_by_time(frames.steps, *lengths)
    parts = frame_parts(split, *lengths, frames.steps)
    return {
        "split": split.sentence,
        "parts": [{"name": name, "from": first, "to": last} for name, first, last in parts],
    }
