"""`Designer`: the panel. Wiring only: one state, from which every control and view is drawn.

Controls, mends and code ask for a transition of the state. The traits `design` and `frames` are
parts of the state. A drawing thread draws the views; what the page asks for, and trainings, have
threads of their own.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets
from traitlets import Any as Anything

from cnnwidget.data.frames import Frames
from cnnwidget.design.design_types import Design
from cnnwidget.design.errors import CnnwidgetError, DesignError
from cnnwidget.design.families.encoder_decoder import EncoderDecoder
from cnnwidget.design.planning.plan import Plan
from cnnwidget.design.value import shortened
from cnnwidget.panel.controls.check_controls import CheckControls, Subject
from cnnwidget.panel.controls.data_controls import DataControls
from cnnwidget.panel.controls.design_controls import DesignControls
from cnnwidget.panel.controls.layout import arranged, parts_of
from cnnwidget.panel.controls.preset_controls import PresetControls
from cnnwidget.panel.controls.training_controls import TrainingControls
from cnnwidget.panel.intents import Intents
from cnnwidget.panel.jobs.check_jobs import CheckJobs
from cnnwidget.panel.jobs.drawing import Drawing, batch_of
from cnnwidget.panel.jobs.latest_wins import SECONDS_BETWEEN_DRAWINGS, LatestWins
from cnnwidget.panel.jobs.training_job import TrainingJob
from cnnwidget.panel.messages import Messages
from cnnwidget.panel.notebook_cell import replace_former
from cnnwidget.panel.runs_pane import NOTEBOOK_RUNS, RunsPane
from cnnwidget.panel.stage import Stage
from cnnwidget.panel.state import change_data, change_design, first_state
from cnnwidget.panel.state.current_state import CurrentState, Transition
from cnnwidget.panel.state.state import State
from cnnwidget.panel.state.state_trait import StateTrait, notify_observers
from cnnwidget.panel.views.data_problems import HAS_A_PROBLEM
from cnnwidget.panel.views.static_html import static_html
from cnnwidget.show.source import source
from cnnwidget.show.table import ShownPlan, plan
from cnnwidget.training.checks.data_cautions import missing_in
from cnnwidget.training.loop.threads import release_workers
from cnnwidget.training.runs.collection import Runs

if TYPE_CHECKING:  # these import torch
    from cnnwidget.training.loop.training import Training
    from cnnwidget.training.runs.run import Run


class Designer(widgets.Box):
    """The panel: sliders, table, diagram and source of a design, and its fit on frames.

    Args:
        frames: anything that `cw.load` takes; None opens on sample data.
        design: an `EncoderDecoder`, or any other design, which has no sliders; None is the usual
            net for the frames.
        runs: where the runs of the panel are collected; None is one `cw.Runs` for the notebook.

    Attributes:
        design: what the sliders say; assigning another one moves them.
        frames: what it is trained on; assigning other ones fits the design to them.
        run: the last run; None before the first fit. During a training: the run so far.
        runs: all runs, those of former panels of the notebook too; what code adds is shown.

    Raises:
        DesignError: if `design` is no design.
        DataError: if `frames` cannot be read as frames.
        CnnwidgetError: if `runs` is no `Runs`.

    Example:
        >>> import cnnwidget as cw
        >>> designer = cw.Designer()
        >>> designer.design = designer.design.replace(depth=4)
        >>> designer.plan.output_shape
        (5, 64, 64)
    """

    design = StateTrait(change_design.with_design)
    frames = StateTrait(change_data.with_frames)
    finished_run = Anything(allow_none=True)

    def __init__(
        self, frames: object = None, design: Design | None = None, runs: Runs | None = None
    ) -> None:
        self.last_request = "fit"  # a fit or a check, begun or refused
        self._closed = False
        self.intents = Intents(self)
        self.stage = Stage(on_op=self.intents.receive)
        self.messages = Messages(self.stage)
        guarded, complain = self.messages.guarded, self.messages.complain
        self.training_job = TrainingJob(self.stage, self._on_run, self._on_measured, complain)
        collected = runs if isinstance(runs, Runs) else NOTEBOOK_RUNS
        self.runs_pane = RunsPane(self.stage, collected, lambda: self.training_job.busy, complain)
        self.drawing = Drawing(self.stage, self.training_job.status)
        self._drawings: LatestWins[None] = LatestWins(self._draw, pause=SECONDS_BETWEEN_DRAWINGS)
        self.presets = PresetControls(self._asking(change_design.with_preset), guarded)
        self.controls = DesignControls(self._asking(change_design.with_field), guarded)
        self.data = DataControls(
            self._asking(change_data.with_data),
            self._asking(change_data.with_missing),
            self._asking(change_design.with_lengths),
            self.messages.clear,
            guarded,
        )
        self.settings = TrainingControls()
        checks = CheckControls(self.intents.press, self._subject, guarded)
        self.checks = CheckJobs(self.stage, self.training_job, self.settings, checks, collected)
        controls = arranged(self.data, self.presets, self.controls, self.settings, checks)
        super().__init__(children=[controls, self.stage])
        self.add_class("cnnwidget-panel")
        for each in self.settings.all():
            each.observe(lambda _: self._drawings.post(None), "value")
        choose_task = guarded(self._asking(change_data.with_task))
        self.settings.task.observe(lambda event: choose_task(event["new"]), "value")
        try:
            if not isinstance(runs, Runs | None):
                raise CnnwidgetError(f"runs is {shortened(runs)}; give cw.Runs(), or leave it out.")
            first = first_state.first_state(frames, design)
        except ValueError:
            self.close()
            raise
        self._state = CurrentState(first, self._show, partial(notify_observers, self))
        self.change(lambda state: state)
        replace_former(self)

    # The state.

    @property
    def state(self) -> State:
        """The state that the panel shows now."""
        return self._state.value

    def change(self, transition: Transition) -> None:
        """Replace the state by what a transition makes of it; all that is shown follows.

        Raises:
            DesignError: if the transition does; the state stays, and the controls go back to it.
            DataError: likewise.
        """
        self._state.change(transition)
        self.messages.clear()
        self._drawings.post(None)

    def _asking(self, transition: Callable[..., State]) -> Callable[..., None]:
        """Return a callback for a control that asks for a transition with its arguments."""
        return lambda *arguments: self.change(lambda state: transition(state, *arguments))

    def _show(self, state: State) -> None:
        """Draw the controls from the state."""
        if isinstance(state.design, EncoderDecoder):
            self.controls.show(state.design)
        else:
            self.controls.enable(state.design)
        origin = f"cw.presets[{state.preset!r}]" if state.preset else "a cw.Network"
        self.controls.show_origin(origin)
        self.presets.show(state)
        self.data.show(state)

    # What the next cell reads.

    @property
    def plan(self) -> ShownPlan:
        """The plan of the design."""
        return plan(self.design)

    @property
    def source(self) -> str:
        """The design as a file of plain PyTorch.

        Raises:
            DesignError: if the design has a problem.
        """
        return source(self.design)

    @property
    def run(self) -> Run | None:
        """The run that is in training, or else the last one."""
        training = self.training_job.training
        if self.training_job.trains and training is not None:
            return training.run
        finished: Run | None = self.finished_run
        return finished

    @property
    def runs(self) -> Runs:
        """The runs of the notebook, or those that were given."""
        return self.runs_pane.runs

    def fit(self) -> None:
        """Train the design in the background, as the button Fit does.

        Raises:
            DesignError: if the design cannot be trained on the frames.
            DataError: if the series is too short.
            CnnwidgetError: if the panel is closed.
        """
        self.last_request = "fit"
        release_workers()
        self.training_job.start(*self._to_train())

    def check(self, name: str) -> None:
        """Run a check in the background, as its button does, in the place of a fit.

        Args:
            name: `rate` finds a learning rate, `batch` overfits one batch, and `sweep` trains the
                values of one setting that the panel shows.

        Raises:
            DesignError: if the design cannot be trained on the frames.
            CnnwidgetError: if the values of a sweep cannot be read, or the panel is closed.
        """
        self.last_request = name
        self.checks.start(name, *self._to_train())

    def _to_train(self) -> tuple[Plan, Frames, dict[str, Any]]:
        """Return plan, frames and settings of a training.

        Raises:
            DesignError: if the design cannot be trained on the frames.
            DataError: if the series is too short.
            CnnwidgetError: if the panel is closed.
        """
        if self._closed:
            raise CnnwidgetError("This panel is closed; make another one with cw.Designer().")
        matched = self._state.settle().match
        if matched.obstacle == "problem":
            raise DesignError(HAS_A_PROBLEM)
        return matched.checked().plan, matched.frames, self.settings.arguments()

    def stop(self) -> None:
        """Stop the training or the check, as the button Stop does."""
        self.training_job.stop()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until nothing is drawn or trained any more; return whether that came in time.

        Args:
            timeout: seconds to wait for each thread; None waits for a training without a limit.
        """
        return (
            self.intents.wait(timeout or 60)
            and self.training_job.wait(timeout)
            and self._drawings.wait(timeout or 60)
            and self.runs_pane.wait(timeout or 60)
        )

    def close(self) -> None:
        """Stop the training and close all widgets."""
        self._closed = True
        self.training_job.stop()
        self.runs_pane.close()
        self.data.close()
        for each in list(parts_of(self)):
            each.close()
        super().close()

    # What the parts ask for.

    def _draw(self, _: None) -> None:
        """Draw every view of the state; in the drawing thread."""
        try:
            state = self._state.settle()
            self.drawing.draw(state, self.settings.arguments())
            if state.frames is self.frames:
                self.data.offer_treatment(missing=missing_in(state.frames).missing > 0)
            self.checks.controls.refresh()
        except Exception as error:  # noqa: BLE001  (a thread has nobody to raise to)
            self.messages.complain(error)

    def _subject(self) -> Subject:
        """Return what a check would train."""
        state, settings = self.state, self.settings.arguments()
        batch = batch_of(state.match, settings["batch_size"])
        return Subject(state.design, state.frames, settings | {"batch_size": batch})

    def _on_run(self, run: Run) -> None:
        self.finished_run = run

    def _on_measured(self, training: Training, run: Run) -> None:
        self.runs_pane.add(training, run)

    # How it is shown without a page.

    def __repr__(self) -> str:
        return f"Designer({self.design!r})" + (", closed" if self._closed else "")

    def _repr_mimebundle_(self, **arguments: Any) -> dict[str, Any]:
        """Return the live panel and, for a page without a kernel, plain HTML."""
        bundle = dict(super()._repr_mimebundle_(**arguments))
        bundle["text/plain"] = repr(self)
        bundle["text/html"] = static_html(self.plan, self.finished_run)
        return bundle
