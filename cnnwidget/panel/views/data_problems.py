"""Problems and cautions of the data, with the buttons that mend them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any, NamedTuple

from cnnwidget.design.advice.cautions import Caution
from cnnwidget.design.errors import DesignError
from cnnwidget.design.families.encoder_decoder import EncoderDecoder
from cnnwidget.panel.state.change_data import with_missing
from cnnwidget.panel.state.change_design import with_mended_design, with_preset
from cnnwidget.panel.state.current_state import Transition
from cnnwidget.panel.state.state import OWN, USUAL, State
from cnnwidget.training.checks.data_cautions import missing_sentence
from cnnwidget.training.design_for_frames import fitted_design, usual_design
from cnnwidget.training.match import Match, match

HAS_A_PROBLEM = "The design has a problem; one of its mends is a click away."
DOES_NOT_FIT = "The design does not fit the data."
VALUES_MISSING = "Values are missing in the data."
# The cautions that name the frames: the page shows them before those of layers.
DATA_KINDS = {"frames", "missing", "length", "times", "constant", "repetition", "season"}


class FitMend(NamedTuple):
    """A button that makes a fit possible.

    Attributes:
        name: what the page calls it.
        label: the text on it.
        transition: what a click asks for.
        hint: what is shown over the button; empty is nothing.
    """

    name: str
    label: str
    transition: Transition
    hint: str = ""

    @property
    def button(self) -> dict[str, str]:
        """The button as the page draws it."""
        shown = {"id": self.name, "label": self.label, "hint": self.hint}
        return {key: text for key, text in shown.items() if text}


# What can be done about missing values.
TREATMENTS = (
    FitMend(
        "leave out",
        "leave them out",
        partial(with_missing, missing="leave out"),
        "Treat the data: leave them out",
    ),
    FitMend(
        "fill", "fill them", partial(with_missing, missing="fill"), "Treat the data: fill them"
    ),
)


class DataProblems(NamedTuple):
    """The problems and cautions of the data, as the page shows them.

    Attributes:
        problems: as JSON, each in full.
        mends: their buttons.
    """

    problems: tuple[dict[str, Any], ...] = ()
    mends: tuple[FitMend, ...] = ()


def blocked_by(matched: Match) -> str:
    """Return in short what keeps a design from a fit on frames; empty if nothing does."""
    if matched.obstacle == "problem":
        return HAS_A_PROBLEM
    if matched.obstacle == "purpose":
        return f"This network is no {matched.task.noun} of frames."
    if not matched.fits:
        return DOES_NOT_FIT
    return VALUES_MISSING if missing_sentence(matched.frames) else ""


def data_problems(state: State, cautions: Iterable[Caution]) -> DataProblems:
    """Return the cautions that are about the data; those that prevent a fit are problems.

    Args:
        state: design, frames, and what else a person has chosen.
        cautions: all of the design and the frames.
    """
    problems: list[dict[str, Any]] = []
    offered: list[FitMend] = []
    for caution in cautions:
        if caution.kind not in DATA_KINDS:
            continue
        kind: str = "caution"
        mends: tuple[FitMend, ...] = ()
        if caution.kind == "missing":
            kind, mends = "problem", TREATMENTS
        elif caution.kind == "frames":
            # A network for another purpose is there to be looked at.
            kind = "purpose" if state.match.obstacle == "purpose" else "problem"
            mends = ways_to_fit(state)
        problems.append(
            {
                "kind": kind,
                "where": caution.layer,
                "text": f"{caution.reason}.",
                "mends": [mend.button for mend in mends],
            }
        )
        offered += mends
    return DataProblems(tuple(problems), tuple(offered))


def ways_to_fit(state: State) -> tuple[FitMend, ...]:
    """Return the mends of a design that does not fit the frames.

    A design with sliders is fitted to the frames. Where that is impossible, and for a network
    without sliders, there are the usual design and the person's own one.
    """
    mends: list[FitMend] = []
    matched, data = state.match, state.data.frames
    task = matched.task
    if isinstance(state.design, EncoderDecoder):
        if matched.fitted is not None:
            fit = partial(with_mended_design, design=matched.fitted)
            return (FitMend("data", "fit the design to the data", fit),)
        if same := same_sized(state, state.design):
            fit = partial(with_mended_design, design=same)
            mends.append(FitMend("same", "fit to the data, with padding='same'", fit))
    if match(task, usual_design(task, data), data).fits:
        usual = partial(with_preset, name=USUAL)
        mends.append(FitMend("usual", "use the usual net for these data", usual))
    if state.own_to_return_to is not None:
        mends.append(FitMend("own", "back to my design", partial(with_preset, name=OWN)))
    return tuple(mends)


def same_sized(state: State, design: EncoderDecoder) -> EncoderDecoder | None:
    """Return the design fitted to the data, with padding that keeps sizes; None if that fails."""
    task = state.match.task
    try:
        fitted = fitted_design(task, design, state.frames, state.lengths)
        same = fitted.replace(padding="same", skip_align="none")
    except DesignError:
        return None
    return same if match(task, same, state.frames).fits else None
