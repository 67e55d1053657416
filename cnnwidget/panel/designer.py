"""`Designer`: the panel. Wiring only: one design, from which every view is drawn.

Whose state is whose: the design belongs to the trait `design`; controls, table and diagram are
drawn from it. The frames belong to `frames`. History and horizon are the design's channels. How
both were come by belongs to `Choice`, the training to `Fitting`. What the page wants is done by
`Intents`. Widgets call back in whatever thread the kernel chooses; a lock makes one change of
design at a time, and drawing and operations have threads of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as widgets
from traitlets import Any as Anything
from traitlets import observe, validate

from cnnwidget.data.frames import Frames
from cnnwidget.data.load import load
from cnnwidget.design.design_types import Design
from cnnwidget.design.errors import CnnwidgetError, DesignError
from cnnwidget.design.planning.plan import Plan, plan_of
from cnnwidget.design.value import shortened
from cnnwidget.panel.controls.check_controls import CheckControls, Subject
from cnnwidget.panel.controls.layout import arranged, parts_of
from cnnwidget.panel.controls.training_controls import TrainingControls
from cnnwidget.panel.intents import Intents
from cnnwidget.panel.jobs.check_jobs import CheckJobs
from cnnwidget.panel.jobs.drawing import HAS_A_PROBLEM, Drawing, batch_of
from cnnwidget.panel.jobs.latest_wins import SECONDS_BETWEEN_DRAWINGS, LatestWins
from cnnwidget.panel.jobs.training_job import Fitting
from cnnwidget.panel.messages import Messages
from cnnwidget.panel.notebook_cell import replace_former
from cnnwidget.panel.runs_pane import NOTEBOOK_RUNS, RunsPane
from cnnwidget.panel.stage import Stage
from cnnwidget.panel.state import Choice
from cnnwidget.panel.views.static_html import still_of
from cnnwidget.show.source import source
from cnnwidget.show.table import ShownPlan, plan
from cnnwidget.training.loop.threads import release_workers
from cnnwidget.training.match import match
from cnnwidget.training.runs.collection import Runs

if TYPE_CHECKING:  # torch comes with it
    from cnnwidget.training.loop.training import Training
    from cnnwidget.training.runs.run import Run


class Required(Anything):
    """A trait that is never None; what it may be is checked by the panel."""

    allow_none = False


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
        run: the last run; None before the first fit. While one is in training: what there is yet.
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

    design = Required()
    frames = Required()
    finished_run = Anything(allow_none=True)

    def __init__(
        self, frames: object = None, design: Design | None = None, runs: Runs | None = None
    ) -> None:
        self.asked = "fit"  # what was begun last, or refused
        self._closed = False
        self.intents = Intents(self)
        self.stage = Stage(on_op=self.intents.hear)
        self.messages = Messages(self.stage)
        guarded, complain = self.messages.guarded, self.messages.complain
        self.fitting = Fitting(self.stage, self._on_run, self._on_measured, complain)
        collected = runs if isinstance(runs, Runs) else NOTEBOOK_RUNS
        self.runs_pane = RunsPane(self.stage, collected, lambda: self.fitting.busy, complain)
        self.drawing = Drawing(self.stage, self.fitting.view)
        self._drawings: LatestWins[None] = LatestWins(self._draw, pause=SECONDS_BETWEEN_DRAWINGS)
        self.choice = Choice(self, self.messages, lambda: self._drawings.post(None))
        self.presets, self.controls = self.choice.presets, self.choice.controls
        self.data = self.choice.data
        self.settings = TrainingControls()
        pane = CheckControls(self.intents.press, self._subject, guarded)
        self.checks = CheckJobs(self.stage, self.fitting, self.settings, pane, collected)
        controls = arranged(self.data, self.presets, self.controls, self.settings, pane)
        super().__init__(children=[controls, self.stage])
        self.add_class("cnnwidget-panel")
        for each in self.settings.all():
            each.observe(lambda _: self._drawings.post(None), "value")
        try:
            if not isinstance(runs, Runs | None):
                raise CnnwidgetError(f"runs is {shortened(runs)}; give cw.Runs(), or leave it out.")
            self.choice.open(frames, design)
        except ValueError:
            self.close()
            raise
        replace_former(self)

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
        training = self.fitting.training
        if self.fitting.trains and training is not None:
            return training.run
        found: Run | None = self.finished_run
        return found

    @property
    def runs(self) -> Runs:
        """The runs of the notebook, or those that were given."""
        return self.runs_pane.runs

    def fit(self) -> None:
        """What the button Fit does: train the design in the background.

        Raises:
            DesignError: if the design cannot be trained on the frames.
            CnnwidgetError: if the panel is closed.
        """
        self.asked = "fit"
        release_workers()
        self.fitting.start(*self._to_train())

    def check(self, name: str) -> None:
        """What the buttons of the checks do, in the place of a fit.

        Args:
            name: `rate` finds a learning rate, `batch` learns one batch by heart, and `sweep`
                trains the values that the panel shows of one setting.

        Raises:
            DesignError: if the design cannot be trained on the frames.
            CnnwidgetError: if the values of a sweep cannot be read, or the panel is closed.
        """
        self.asked = name
        self.checks.start(name, *self._to_train())

    def _to_train(self) -> tuple[Plan, Frames, dict[str, Any]]:
        """What is to be trained, and how.

        Raises:
            DesignError: if the design cannot be trained on the frames.
            CnnwidgetError: if the panel is closed.
        """
        if self._closed:
            raise CnnwidgetError("This panel is closed; make another one with cw.Designer().")
        self.choice.follow(self.design, self.frames)
        matched = match(self.design, self.frames)
        if matched.obstacle == "problem":
            raise DesignError(HAS_A_PROBLEM)
        return matched.checked().plan, self.frames, self.settings.arguments()

    def stop(self) -> None:
        """What the button Stop does."""
        self.fitting.stop()

    def wait(self, timeout: float | None = None) -> bool:
        """Until nothing is drawn or trained any more; whether that came in time."""
        return (
            self.intents.wait(timeout or 60)
            and self.fitting.wait(timeout)
            and self._drawings.wait(timeout or 60)
            and self.runs_pane.wait(timeout or 60)
        )

    def close(self) -> None:
        """Stop the training and let go of all widgets."""
        self._closed = True
        self.fitting.stop()
        self.runs_pane.close()
        self.data.close()
        for each in list(parts_of(self)):
            each.close()
        super().close()

    # One design on its data.

    @validate("design")
    def _check_design(self, proposal: dict[str, Any]) -> Design:
        return plan_of(proposal["value"]).design

    @validate("frames")
    def _check_frames(self, proposal: dict[str, Any]) -> Frames:
        return load(proposal["value"])

    @observe("design")
    def _design_changed(self, change: dict[str, Any]) -> None:
        self.choice.design_changed(change["old"], change["new"])

    @observe("frames")
    def _frames_changed(self, change: dict[str, Any]) -> None:
        self.choice.frames_changed(change["new"])

    # What the parts ask for.

    def _draw(self, _: None) -> None:
        """Every view of what is wanted now; in the drawing thread."""
        try:
            design = self.design
            frames = self.choice.follow(design, self.frames)
            wanted = self.choice.wanted
            self.drawing.draw(design, frames, wanted, self.settings.arguments())
            if frames is self.frames:
                self.data.offer_treatment(missing=self.drawing.gaps.missing > 0)
            self.checks.pane.refresh()
        except Exception as error:  # noqa: BLE001  (a thread has nobody else to tell)
            self.messages.complain(error)

    def _subject(self) -> Subject:
        """What a check would be of."""
        settings = self.settings.arguments()
        batch = batch_of(match(self.design, self.frames), settings["batch_size"])
        return Subject(self.design, self.frames, settings | {"batch_size": batch})

    def _on_run(self, run: Run) -> None:
        self.finished_run = run

    def _on_measured(self, training: Training, run: Run) -> None:
        self.runs_pane.take(training, run)

    # Looks.

    def __repr__(self) -> str:
        return f"Designer({self.design!r})" + (", closed" if self._closed else "")

    def _repr_mimebundle_(self, **arguments: Any) -> dict[str, Any]:
        """The live panel and, where there is no kernel, table and diagram as plain HTML."""
        bundle = dict(super()._repr_mimebundle_(**arguments))
        bundle["text/plain"] = repr(self)
        bundle["text/html"] = still_of(self.plan, self.finished_run)
        return bundle
