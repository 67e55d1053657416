"""`Drawing`: every view of a design and its data but those of a training."""

from __future__ import annotations

from functools import partial
from typing import Any

from cnnwidget.data.frames import Frames
from cnnwidget.design.advice.cautions import Caution
from cnnwidget.design.advice.problems import Problem
from cnnwidget.design.design_types import Design
from cnnwidget.panel.stage import Stage
from cnnwidget.panel.state.change_design import with_mended_design
from cnnwidget.panel.state.current_state import Transition
from cnnwidget.panel.state.state import State
from cnnwidget.panel.views.data_problems import DATA_KINDS, blocked_by, data_problems
from cnnwidget.panel.views.data_view import data_picture, facts_of, shape_line
from cnnwidget.panel.views.fit_status import FitStatus
from cnnwidget.panel.views.layer_facts import facts_view
from cnnwidget.panel.views.network_view import (
    MOST_MENDS,
    diagram_view,
    layer_problems,
    mend_id,
    plan_view,
    without_repeats,
)
from cnnwidget.panel.views.pixels import colour_map
from cnnwidget.panel.views.split_view import split_view
from cnnwidget.training.batch_size import LARGEST_BATCH, default_batch_size
from cnnwidget.training.checks.data_cautions import missing_in
from cnnwidget.training.checks.match_cautions import check_match
from cnnwidget.training.match import Match


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
        last problems and cautions, for each of their mends is tried before it is offered.

        Args:
            state: what is drawn.
            settings: of the training.
        """
        plan, key = state.plan, state.key
        batch = batch_of(state.match, settings["batch_size"])
        self.stage.show(plan_view=plan_view(plan, key, batch, settings["optimizer"]))
        self.fit_status.offer(key, blocked_by(state.match), settings)
        if key != self._mends[0]:
            self.stage.show(facts_view=facts_view(plan, key))
        if state.design != self._design:
            self.stage.show(diagram_view=diagram_view(plan, key))
        self.draw_problems(state, settings)
        self.draw_data(state)
        self._design, self._frames = state.design, state.frames

    def draw_problems(self, state: State, settings: dict[str, Any]) -> None:
        """Draw problems and cautions: those of the data, then those of layers."""
        cautions = check_match(state.match, settings=settings)
        of_data = data_problems(state, cautions)
        of_layers: list[Problem | Caution] = [
            *state.plan.problems,
            *(each for each in cautions if each.kind not in DATA_KINDS),
        ]
        mends: dict[str, Transition] = {each.name: each.transition for each in of_data.mends}
        mends |= {
            mend_id(number, which): partial(with_mended_design, design=mend.design)
            for number, problem in enumerate(without_repeats(of_layers))
            for which, mend in enumerate(problem.mends[:MOST_MENDS])
        }
        self._mends = (state.key, mends)
        shown = [*of_data.problems, *layer_problems(of_layers)]
        self.stage.show(problems_view={"key": state.key, "problems": shown})

    def draw_data(self, state: State) -> None:
        """Draw the frames of the data, and which of them are for what."""
        frames, missing = state.frames, missing_in(state.frames)
        if not self.stage.colours:
            self.stage.show(colours=colour_map())
        view = dict(self.stage.data_view)
        if frames is not self._frames:
            view, pixels = data_picture(frames)
            self.stage.show(data_frames=pixels)
            view["line"] = shape_line(frames)
            view["facts"] = facts_of(frames, missing, view["low"], view["high"])
            # Those that keep the design from a fit: the page shows them in red.
            view["missing"] = missing.missing if frames.missing == "refuse" else 0
        self.stage.show(data_view=view | split_view(state.match))


def batch_of(matched: Match, asked: int | None) -> int:
    """Return the windows of a batch: as asked for, or else as many as a training takes."""
    if asked is not None:
        return asked
    if matched.split is None:
        return LARGEST_BATCH
    return default_batch_size(matched.plan, len(matched.split.train))
