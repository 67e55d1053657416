"""Every view of a design and of frames but those of a training, drawn in a thread of their own."""

from __future__ import annotations

from typing import Any, NamedTuple

from cnnwidget.data.frames import Frames
from cnnwidget.data.windows.split import Split, frame_parts
from cnnwidget.data.windows.window_cut import WindowCut
from cnnwidget.design.design_types import Design
from cnnwidget.design.errors import DesignError
from cnnwidget.design.families.encoder_decoder import EncoderDecoder
from cnnwidget.design.planning.plan import plan_of
from cnnwidget.panel.controls.data_sources import Treatment
from cnnwidget.panel.controls.preset_controls import USUAL
from cnnwidget.panel.stage import Stage
from cnnwidget.panel.views.data_cautions import cautions_of
from cnnwidget.panel.views.data_view import Gaps, data_picture, facts_of, gaps_of, shape_line
from cnnwidget.panel.views.fit_status import FitStatus
from cnnwidget.panel.views.layer_facts import facts_view
from cnnwidget.panel.views.network_view import diagram_view, key_of, noted, notes, plan_view
from cnnwidget.panel.views.pixels import colour_map
from cnnwidget.training.match import Match, fitted_design, match, usual_design
from cnnwidget.training.recipe import LARGEST_BATCH, usual_batch_size

# The name of the button that brings back a design of one's own.
OWN_DESIGN = "own"
HAS_A_PROBLEM = "The design has a problem; one of its mends is a click away."
DOES_NOT_FIT = "The design does not fit the data."
VALUES_MISSING = "Values are missing in the data."
NO_FORECAST = "This network is no forecast of frames."
MISSING = (
    "{} {} missing or infinite; leave them out of losses and errors, or fill each with the last "
    "value known before."
)
# What to do about missing values: the names of the buttons, what they say, and what they do.
WAYS_TO_TREAT = (
    ("leave out", "leave them out", Treatment("leave out")),
    ("fill", "fill them", Treatment("fill")),
)
# What a click on a note brings: another design, or the same data treated otherwise.
Mended = Design | Treatment


class Wanted(NamedTuple):
    """What a person has asked for beside the design and the data on the page.

    Attributes:
        lengths: the history and the horizon.
        home: the data as they were chosen, before a sample followed a design.
        own: a design of one's own to come back to, if there is one.
    """

    lengths: tuple[int, int]
    home: Frames
    own: Design | None


class Drawing:
    """What is drawn of a design and its frames, and the mends that are on the page.

    Args:
        stage: where it is shown.
        fit_view: told whether the design can be trained.
    """

    def __init__(self, stage: Stage, fit_view: FitStatus) -> None:
        self.stage, self.fit_view = stage, fit_view
        self._design: Design | None = None
        self._frames: Frames | None = None
        self.gaps = Gaps(0, 0)
        # What is doubtful of the data with a history and a horizon, which takes a look at them.
        self._doubts: tuple[Frames | None, tuple[int, int], list[str]] = (None, (0, 0), [])
        # The key of what is on the page, and what is behind its buttons.
        self._mends: tuple[str, dict[str, Mended]] = ("", {})

    def mended(self, name: str, key: str) -> Mended | None:
        """What is behind a button, if the page still shows what it belongs to."""
        shown, mends = self._mends
        return mends.get(name) if key == shown else None

    def draw(
        self, design: Design, frames: Frames, wanted: Wanted, settings: dict[str, Any]
    ) -> None:
        """Draw what has changed: the table first, then what takes longer.

        That are the receptive fields, the picture and, last, the notes: each of their mends is
        tried before it is offered.

        Args:
            design: the design.
            frames: what it is to be trained on.
            wanted: what else there is to be offered.
            settings: of the training.
        """
        if frames is not self._frames:
            self.gaps = gaps_of(frames)
        plan = plan_of(design)
        key = key_of(plan, frames)
        matched = match(plan, frames, preferred=wanted.lengths)
        batch = batch_of(matched, settings["batch_size"])
        self.stage.show(plan_view=plan_view(plan, key, batch, settings["optimizer"]))
        blocked, told, mends = self.between(matched, wanted)
        self.fit_view.offer(key, blocked, settings)
        former = self._mends[0]
        if key != former:
            self.stage.show(facts_view=facts_view(plan, key))
        if design != self._design:
            self.stage.show(diagram_view=diagram_view(plan, key))
        mends |= {
            f"{number}.{which}": mend.design
            for number, note in enumerate(noted(plan))
            for which, mend in enumerate(note.mends)
        }
        self._mends = (key, mends)
        self.stage.show(notes_view={"key": key, "notes": [*told, *notes(plan)]})
        self.draw_data(matched)
        self._design, self._frames = design, frames

    def between(
        self, matched: Match, wanted: Wanted
    ) -> tuple[str, list[dict[str, Any]], dict[str, Mended]]:
        """What stands between a design and a fit on the frames: in short, as notes, and mends.

        Behind it stands what is doubtful of the data, which keeps nobody from a fit.
        """
        frames = matched.frames
        if matched.obstacle == "problem":
            return HAS_A_PROBLEM, [], {}
        if not matched.fits:
            ways = to_the_data(matched, wanted)
            short = NO_FORECAST if matched.obstacle == "purpose" else DOES_NOT_FIT
            return short, [data_note(matched, ways)], {name: fitted for name, _, fitted in ways}
        doubts = self.doubts(matched)
        if self.gaps.missing and frames.missing == "refuse":
            mends: dict[str, Mended] = {name: way for name, _, way in WAYS_TO_TREAT}
            return VALUES_MISSING, [missing_note(frames, self.gaps), *doubts], mends
        return "", doubts, {}

    def doubts(self, matched: Match) -> list[dict[str, Any]]:
        """What is doubtful of the data, as notes."""
        frames, lengths, split = matched.frames, matched.lengths, matched.split
        if self._doubts[:2] != (frames, lengths) and split is not None:
            self._doubts = (frames, lengths, cautions_of(frames, split, lengths))
        return [
            {"kind": "caution", "where": frames.name, "text": text, "mends": []}
            for text in self._doubts[2]
        ]

    def draw_data(self, matched: Match) -> None:
        """The raw frames, and which of them are for what."""
        frames = matched.frames
        if not self.stage.colours:
            self.stage.show(colours=colour_map())
        view = dict(self.stage.data_view)
        if frames is not self._frames:
            view, pixels = data_picture(frames)
            self.stage.show(data_frames=pixels)
            view["line"] = shape_line(frames)
            view["facts"] = facts_of(frames, self.gaps, view["low"], view["high"])
            # Those that stand in the way of a fit: the page shows them in red.
            view["missing"] = self.gaps.missing if frames.missing == "refuse" else 0
        self.stage.show(data_view=view | split_view(matched))


def to_the_data(matched: Match, wanted: Wanted) -> list[tuple[str, str, Design]]:
    """Designs that can be trained on the frames: the name of each, what its button says, and it.

    Sliders can be moved to the frames; else, and where that is of no help, there are the usual net
    and the design that was left for a network without sliders.
    """
    ways: list[tuple[str, str, Design]] = []
    design = matched.plan.design
    if isinstance(design, EncoderDecoder):
        if matched.fitted is not None:
            return [("data", "fit the design to the data", matched.fitted)]
        if same := same_sized(design, matched.frames, wanted.lengths):
            ways.append(("same", "fit to the data, with padding='same'", same))
    usual = usual_design(wanted.home)
    if match(usual, wanted.home).fits:
        ways.append((USUAL, "use the usual net for these data", usual))
    if wanted.own is not None:
        ways.append((OWN_DESIGN, "back to my design", wanted.own))
    return ways


def same_sized(
    design: EncoderDecoder, frames: Frames, lengths: tuple[int, int]
) -> EncoderDecoder | None:
    """Return the design fitted to frames, with padding that keeps sizes; None if that is no use."""
    try:
        same = fitted_design(design, frames, lengths).replace(padding="same", skip_align="none")
    except DesignError:
        return None
    return same if match(same, frames).fits else None


def data_note(matched: Match, ways: list[tuple[str, str, Design]]) -> dict[str, Any]:
    """Where design and data do not go together: the sentence, and the buttons that mend it.

    What was never meant for a forecast has no problem: it is to be looked at.
    """
    kind = "note" if matched.obstacle == "purpose" else "problem"
    mends = [{"id": name, "label": label} for name, label, _ in ways]
    return {"kind": kind, "where": matched.frames.name, "text": matched.reason, "mends": mends}


def missing_note(frames: Frames, gaps: Gaps) -> dict[str, Any]:
    """Values are missing: what can be done about it is a click away."""
    are = "is" if gaps.missing == 1 and gaps.all else "are"
    mends = [
        {"id": name, "label": label, "hint": f"Treat the data: {label}"}
        for name, label, _ in WAYS_TO_TREAT
    ]
    text = MISSING.format(gaps.words[0].upper() + gaps.words[1:], are)
    return {"kind": "problem", "where": frames.name, "text": text, "mends": mends}


def batch_of(matched: Match, asked: int | None) -> int:
    """The windows of a batch: those asked for, or as many as a training takes by itself."""
    if asked is not None:
        return asked
    if matched.split is None:
        return LARGEST_BATCH
    return usual_batch_size(matched.plan, len(matched.split.train))


def split_view(matched: Match) -> dict[str, Any]:
    """Which frames are for training, validation and test, if that can be told."""
    if matched.split is None:
        return {"split": "", "parts": [], "window": None}
    history, horizon = matched.lengths
    parts = frame_parts(matched.split, WindowCut(history, horizon), matched.frames.steps)
    return {
        "split": planned(matched.split),
        "parts": [{"name": name, "from": first, "to": last} for name, first, last in parts],
        "window": {"history": history, "horizon": horizon},
    }


def planned(split: Split) -> str:
    """What is to be trained on and what is held out, in words: before there was a training.

    Example:
        >>> planned(split_by_time(120, 5, 3))
        'To be trained on windows 0 to 68 (69), validated on windows 76 to 90 (15), tested on \
windows 98 to 112 (15); 7 windows are left out between two parts, so that no frame is in two of \
them.'
    """
    if split.kind == "none":
        return (
            "The series is too short to hold anything out: the errors will be of windows that are "
            "trained on."
        )
    return f"To be {split.sentence[0].lower()}{split.sentence[1:]}"
