"""What keeps a design from a fit on the data, as notes with the buttons that mend it."""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

from cnnwidget.data.frames import Frames
from cnnwidget.data.missing import MissingShare
from cnnwidget.design.errors import DesignError
from cnnwidget.design.families.encoder_decoder import EncoderDecoder
from cnnwidget.panel.state.current_state import Transition
from cnnwidget.panel.state.state import OWN, USUAL, State
from cnnwidget.panel.state.transitions import with_mended_design, with_missing, with_preset
from cnnwidget.training.match import Match, fitted_design, match, usual_design

HAS_A_PROBLEM = "The design has a problem; one of its mends is a click away."
DOES_NOT_FIT = "The design does not fit the data."
VALUES_MISSING = "Values are missing in the data."
NO_FORECAST = "This network is no forecast of frames."
MISSING = (
    "{} {} missing or infinite; leave them out of losses and errors, or fill each with the last "
    "value known before."
)


class FitMend(NamedTuple):
    """A button that makes a fit possible.

    Attributes:
        name: what the page calls it.
        label: the text on it.
        transition: what a click asks for.
    """

    name: str
    label: str
    transition: Transition


# What can be done about missing values.
TREATMENTS = (
    FitMend("leave out", "leave them out", partial(with_missing, missing="leave out")),
    FitMend("fill", "fill them", partial(with_missing, missing="fill")),
)


class FitNotes(NamedTuple):
    """What keeps a design from a fit; all is empty if nothing does.

    Attributes:
        blocked: in short, beside the button Fit.
        notes: in full, as the page shows them.
        mends: the buttons of the notes.
    """

    blocked: str = ""
    notes: tuple[dict[str, Any], ...] = ()
    mends: tuple[FitMend, ...] = ()


def fit_notes(state: State, gaps: MissingShare) -> FitNotes:
    """Return what keeps the design from a fit on the frames.

    Args:
        state: design, frames, and what else a person has chosen.
        gaps: the missing values of the frames.
    """
    matched = state.match
    if matched.obstacle == "problem":  # its notes are those of the design
        return FitNotes(HAS_A_PROBLEM)
    if not matched.fits:
        mends = ways_to_fit(state)
        short = NO_FORECAST if matched.obstacle == "purpose" else DOES_NOT_FIT
        return FitNotes(short, (match_note(matched, mends),), mends)
    if gaps.missing and state.frames.missing == "refuse":
        return FitNotes(VALUES_MISSING, (missing_note(state.frames, gaps),), TREATMENTS)
    return FitNotes()


def ways_to_fit(state: State) -> tuple[FitMend, ...]:
    """Return the mends of a design that does not fit the frames.

    A design with sliders is fitted to the frames. Where that is impossible, and for a network
    without sliders, there are the usual design and the person's own one.
    """
    mends: list[FitMend] = []
    matched, data = state.match, state.data.frames
    if isinstance(state.design, EncoderDecoder):
        if matched.fitted is not None:
            fit = partial(with_mended_design, design=matched.fitted)
            return (FitMend("data", "fit the design to the data", fit),)
        if same := same_sized(state.design, state.frames, state.lengths):
            fit = partial(with_mended_design, design=same)
            mends.append(FitMend("same", "fit to the data, with padding='same'", fit))
    if match(usual_design(data), data).fits:
        usual = partial(with_preset, name=USUAL)
        mends.append(FitMend("usual", "use the usual net for these data", usual))
    if state.own_to_return_to is not None:
        mends.append(FitMend("own", "back to my design", partial(with_preset, name=OWN)))
    return tuple(mends)


def same_sized(
    design: EncoderDecoder, frames: Frames, lengths: tuple[int, int]
) -> EncoderDecoder | None:
    """Return the design fitted to frames, with padding that keeps sizes; None if that fits not."""
    try:
        same = fitted_design(design, frames, lengths).replace(padding="same", skip_align="none")
    except DesignError:
        return None
    return same if match(same, frames).fits else None


def match_note(matched: Match, mends: tuple[FitMend, ...]) -> dict[str, Any]:
    """Return the note on a design that does not fit the frames.

    A network that was never meant for a forecast has no problem: it is there to be looked at.
    """
    kind = "note" if matched.obstacle == "purpose" else "problem"
    buttons = [{"id": mend.name, "label": mend.label} for mend in mends]
    return {"kind": kind, "where": matched.frames.name, "text": matched.reason, "mends": buttons}


def missing_note(frames: Frames, gaps: MissingShare) -> dict[str, Any]:
    """Return the note on missing values."""
    are = "is" if gaps.missing == 1 and gaps.all else "are"
    buttons = [
        {"id": mend.name, "label": mend.label, "hint": f"Treat the data: {mend.label}"}
        for mend in TREATMENTS
    ]
    text = MISSING.format(gaps.words[0].upper() + gaps.words[1:], are)
    return {"kind": "problem", "where": frames.name, "text": text, "mends": buttons}
