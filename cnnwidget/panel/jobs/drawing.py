"""`Drawing`: every view of a design and its data but those of a training."""

from __future__ import annotations

from functools import partial
from typing import Any

from cnnwidget.data.frames import Frames
from cnnwidget.data.missing import MissingShare, missing_share
from cnnwidget.design.design_types import Design
from cnnwidget.panel.stage import Stage
from cnnwidget.panel.state.current_state import Transition
from cnnwidget.panel.state.state import State
from cnnwidget.panel.state.transitions import with_mended_design
from cnnwidget.panel.views.data_cautions import cautions_of
from cnnwidget.panel.views.data_view import data_picture, facts_of, shape_line
from cnnwidget.panel.views.fit_notes import fit_notes
from cnnwidget.panel.views.fit_status import FitStatus
from cnnwidget.panel.views.layer_facts import facts_view
from cnnwidget.panel.views.network_view import diagram_view, noted, notes, plan_view
from cnnwidget.panel.views.pixels import colour_map
from cnnwidget.panel.views.split_view import split_view
from cnnwidget.training.match import Match
from cnnwidget.training.recipe import LARGEST_BATCH, usual_batch_size


class Drawing:
    """The views of a state, drawn in one thread, and the mends that the page offers.

    Args:
        stage: where they are shown.
        fit_status: where it is shown whether the design can be trained.
    """

    def __init__(self, stage: Stage, fit_status: FitStatus) -> None:
        self.stage, self.fit_status = stage, fit_status
        self._design: Design | None = None
        self._frames: Frames | None = None
        self.gaps = MissingShare(0, 0)
        # What is doubtful of the data with a history and a horizon, which takes a look at them.
        self._doubts: tuple[Frames | None, tuple[int, int], list[str]] = (None, (0, 0), [])
        # The key of the state that the page shows, and its mends by their names.
        self._mends: tuple[str, dict[str, Transition]] = ("", {})

    def mend_of(self, name: str, key: str) -> Transition | None:
        """Return a mend that the page offers; None if the page shows another state.

        Args:
            name: of the mend.
            key: of the state that it was offered for.
        """
        shown, mends = self._mends
        return mends.get(name) if key == shown else None

    def draw(self, state: State, settings: dict[str, Any]) -> None:
        """Draw what has changed.

        The table comes first. What takes longer follows: the receptive fields, the diagram, and
        last the notes, for each of their mends is tried before it is offered.

        Args:
            state: what is drawn.
            settings: of the training.
        """
        if state.frames is not self._frames:
            self.gaps = missing_share(state.frames)
        plan, key = state.plan, state.key
        batch = batch_of(state.match, settings["batch_size"])
        self.stage.show(plan_view=plan_view(plan, key, batch, settings["optimizer"]))
        of_fit = fit_notes(state, self.gaps)
        self.fit_status.offer(key, of_fit.blocked, settings)
        if key != self._mends[0]:
            self.stage.show(facts_view=facts_view(plan, key))
        if state.design != self._design:
            self.stage.show(diagram_view=diagram_view(plan, key))
        mends: dict[str, Transition] = {each.name: each.transition for each in of_fit.mends}
        mends |= {
            f"{number}.{which}": partial(with_mended_design, design=mend.design)
            for number, note in enumerate(noted(plan))
            for which, mend in enumerate(note.mends)
        }
        self._mends = (key, mends)
        shown = [*of_fit.notes, *self.doubts(state.match), *notes(plan)]
        self.stage.show(notes_view={"key": key, "notes": shown})
        self.draw_data(state)
        self._design, self._frames = state.design, state.frames

    def doubts(self, matched: Match) -> list[dict[str, Any]]:
        """What is doubtful of the data, as notes."""
        frames, lengths, split = matched.frames, matched.lengths, matched.split
        if split is None:
            return []
        if self._doubts[:2] != (frames, lengths):
            self._doubts = (frames, lengths, cautions_of(frames, split, lengths))
        return [
            {"kind": "caution", "where": frames.name, "text": text, "mends": []}
            for text in self._doubts[2]
        ]

    def draw_data(self, state: State) -> None:
        """Draw the frames of the data, and which of them are for what."""
        frames = state.frames
        if not self.stage.colours:
            self.stage.show(colours=colour_map())
        view = dict(self.stage.data_view)
        if frames is not self._frames:
            view, pixels = data_picture(frames)
            self.stage.show(data_frames=pixels)
            view["line"] = shape_line(frames)
            view["facts"] = facts_of(frames, self.gaps, view["low"], view["high"])
            # Those that keep the design from a fit: the page shows them in red.
            view["missing"] = self.gaps.missing if frames.missing == "refuse" else 0
        self.stage.show(data_view=view | split_view(state.match))


def batch_of(matched: Match, asked: int | None) -> int:
    """Return the windows of a batch: as asked for, or else as many as a training takes."""
    if asked is not None:
        return asked
    if matched.split is None:
        return LARGEST_BATCH
    return usual_batch_size(matched.plan, len(matched.split.train))
