"""`Designer`: the panel. Wiring only: one design, from which every view is drawn.

Whose state is whose: the design belongs to the trait `design`; controls, table and diagram are
drawn from it. The frames belong to `frames`. History and horizon are the design's channels. The
training belongs to `Fitting`. Widgets call back in whatever thread the kernel chooses; a lock
makes one change of design at a time, and drawing and operations have threads of their own.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from contextlib import suppress
from html import escape
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any, NamedTuple

import ipywidgets as widgets
from traitlets import Any as Anything
from traitlets import observe, validate

from cnnwidget.data.errors import DataError
from cnnwidget.data.frames import Frames, load
from cnnwidget.design.designs import Design
from cnnwidget.design.errors import DesignError
from cnnwidget.design.families.encoder_decoder import EncoderDecoder
from cnnwidget.design.planning.plan import Plan, plan_of
from cnnwidget.design.presets.presets import presets
from cnnwidget.design.value import shortened
from cnnwidget.panel.arrangement import arranged, parts_of
from cnnwidget.panel.by_hand import ByHand
from cnnwidget.panel.cells import replace_former
from cnnwidget.panel.check_pane import CheckPane, Subject
from cnnwidget.panel.checks import Checks
from cnnwidget.panel.controls import Controls
from cnnwidget.panel.data_choice import Treatment
from cnnwidget.panel.data_pane import DataPane
from cnnwidget.panel.drawing import OWN_DESIGN, Drawing, Wanted, batch_of
from cnnwidget.panel.fitting import Fitting
from cnnwidget.panel.matching import (
    USUAL_HISTORY,
    USUAL_HORIZON,
    fitted_design,
    for_another_task,
    lengths_of,
    usual_design,
    why_not,
)
from cnnwidget.panel.messages import Messages
from cnnwidget.panel.preset_pane import OWN, USUAL, PresetPane, named
from cnnwidget.panel.recall import recall, restored
from cnnwidget.panel.settings import TrainingSettings
from cnnwidget.panel.stage import Op, Stage
from cnnwidget.panel.tray import NOTEBOOK, OPS, Tray
from cnnwidget.panel.views import key_of
from cnnwidget.panel.worker import SECONDS_BETWEEN_DRAWINGS, Queue
from cnnwidget.show.diagram import diagram
from cnnwidget.show.source import source
from cnnwidget.show.table import ShownPlan, html, plan
from cnnwidget.training.runs import Runs
from cnnwidget.training.workers import let_go_of_workers

if TYPE_CHECKING:  # torch comes with it
    from cnnwidget.training.run import Run
    from cnnwidget.training.training import Training

USUAL_SIZE, USUAL_STEPS = (64, 64), 120
FOLDER = "cnnwidget-run"
# The page may say a sentence, not a book.
LONGEST_SAID = 300


class Required(Anything):
    """A trait that is never None; what it may be is checked by the panel."""

    allow_none = False


class Left(NamedTuple):
    """A design of one's own that was left for a preset.

    Attributes:
        design: the design.
        frames: the data that it was on.
        lengths: history and horizon that were wanted.
    """

    design: Design
    frames: Frames
    lengths: tuple[int, int]


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
        DesignError: if design or runs are none.
        DataError: if frames are none.

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
        self._changing = RLock()
        # Whether the frames are being changed from within: by a choice in the panel, or because
        # a sample follows the design. Otherwise they come from code.
        self._choosing = self._following = False
        # Whether a change of the design says nothing of the history and horizon that are wanted.
        self._keeping_lengths = False
        # The data as they were chosen, before a sample followed a design; set with the first ones.
        self._home: Frames
        # The last design that was no preset, with its data, once it was left.
        self._own: Left | None = None
        self._lengths = (USUAL_HISTORY, USUAL_HORIZON)  # what was asked for, were data long enough
        self._by_hand = ByHand()
        self._asked = "fit"  # what was begun last, or refused
        self._closed = False
        self.stage = Stage(on_op=self._on_op)
        self.messages = Messages(self.stage)
        complain = self.messages.complain
        self.fitting = Fitting(self.stage, self._on_run, self._on_measured, complain)
        collected = runs if isinstance(runs, Runs) else NOTEBOOK
        self.tray = Tray(self.stage, collected, lambda: self.fitting.busy, complain)
        self.drawing = Drawing(self.stage, self.fitting)
        self._drawings: Queue[None] = Queue(
            self._draw, latest_only=True, pause=SECONDS_BETWEEN_DRAWINGS
        )
        self._operations: Queue[Op] = Queue(self._operate)
        guarded = self.messages.guarded
        self.presets = PresetPane(self._on_preset, guarded)
        self.controls = Controls(self._on_control, guarded)
        self.data = DataPane(self._take, self._on_lengths, self.messages.clear, guarded)
        self.settings = TrainingSettings()
        pane = CheckPane(self._press, self._subject, guarded)
        self.checks = Checks(self.stage, self.fitting, self.settings, pane, collected)
        controls = arranged(self.data, self.presets, self.controls, self.settings, pane)
        super().__init__(children=[controls, self.stage])
        self.add_class("cnnwidget-panel")
        for each in self.settings.all():
            each.observe(lambda _: self._drawings.post(None), "value")
        try:
            if not isinstance(runs, Runs | None):
                raise DesignError(f"runs is {shortened(runs)}; give cw.Runs(), or leave it out.")
            self._open(frames, design)
        except ValueError:
            self.close()
            raise
        replace_former(self)

    def _open(self, frames: object, design: Design | None) -> None:
        """The first design and the first frames."""
        if design is not None:
            plan_of(design)  # refuses what is no design
        if frames is None:
            known = self._home = self.data.first_sample(USUAL_SIZE, USUAL_STEPS)
            if isinstance(design, EncoderDecoder):
                known = self.data.following(known, design)
        else:
            known = self._home = load(frames)
            self.data.adopt(known)
        with self._changing:
            self.frames = known
            self.design = usual_design(known) if design is None else design

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
        return self.tray.runs

    def fit(self) -> None:
        """What the button Fit does: train the design in the background.

        Raises:
            DesignError: if the design cannot be trained on the frames.
        """
        self._asked = "fit"
        let_go_of_workers()
        self.fitting.start(*self._to_train())

    def check(self, name: str) -> None:
        """What the buttons of the checks do, in the place of a fit.

        Args:
            name: `rate` finds a learning rate, `batch` learns one batch by heart, and `sweep`
                trains the values that the panel shows of one setting.

        Raises:
            DesignError: if the design cannot be trained on the frames, or the values of a sweep
                cannot be read.
        """
        self._asked = name
        self.checks.start(name, *self._to_train())

    def _to_train(self) -> tuple[Plan, Frames, dict[str, Any]]:
        """What is to be trained, and how.

        Raises:
            DesignError: if it cannot be.
        """
        if self._closed:
            raise DesignError("This panel is closed; make another one with cw.Designer().")
        if isinstance(self.design, EncoderDecoder):
            self._follow(self.design, self.frames)
        if blocked := why_not(self.design, self.frames):
            raise DesignError(blocked)
        return plan_of(self.design), self.frames, self.settings.arguments()

    def stop(self) -> None:
        """What the button Stop does."""
        self.fitting.stop()

    def wait(self, timeout: float | None = None) -> bool:
        """Until nothing is drawn or trained any more; whether that came in time."""
        return (
            self._operations.wait(timeout or 60)
            and self.fitting.wait(timeout)
            and self._drawings.wait(timeout or 60)
            and self.tray.wait(timeout or 60)
        )

    def close(self) -> None:
        """Stop the training and let go of all widgets."""
        self._closed = True
        self.fitting.stop()
        self.tray.close()
        self.data.close()
        for each in list(parts_of(self)):
            each.close()
        super().close()

    # One design.

    @validate("design")
    def _check_design(self, proposal: dict[str, Any]) -> Design:
        return plan_of(proposal["value"]).design

    @validate("frames")
    def _check_frames(self, proposal: dict[str, Any]) -> Frames:
        return load(proposal["value"])

    @observe("design")
    def _design_changed(self, change: dict[str, Any]) -> None:
        design, former = change["new"], change["old"]
        with self._changing:
            self._keep(former, design)
            self._show_design(design, self.frames)
            if not self._keeping_lengths:
                self._lengths = self._lengths_of(design, self.frames)
        self.messages.clear()
        self._drawings.post(None)

    @observe("frames")
    def _frames_changed(self, change: dict[str, Any]) -> None:
        if self.design is None or self._following:  # while the panel opens, or by its own doing
            return
        frames = change["new"]
        with self._changing:
            if not self._choosing:
                self.data.adopt(frames)
            self._home = frames
            if isinstance(self.design, EncoderDecoder):
                self._change(fitted_design(frames, self.design, self._lengths))
            self._show_design(self.design, frames)
        self.messages.clear()
        self._drawings.post(None)

    def _show_design(self, design: Design, frames: Frames) -> None:
        """Every control says what the design is; those that it has no use for are off."""
        if isinstance(design, EncoderDecoder):
            self.controls.show(design)
        else:
            self.controls.enable(design)
        name = self._named(design)
        self.presets.show(name, own=self._own is not None)
        self.controls.tell_origin(f"cw.presets[{name!r}]" if name else "a cw.Network")
        self.data.show_lengths(*self._lengths_of(design, frames), frames.steps)
        self.data.enable_lengths(usable=isinstance(design, EncoderDecoder))

    def _lengths_of(self, design: Design, frames: Frames) -> tuple[int, int]:
        """History and horizon of a design, or, if it has none, those that are wanted."""
        if for_another_task(design, frames):
            return self._lengths
        return lengths_of(design, frames)

    def _on_preset(self, name: str) -> None:
        """A person has chosen a preset."""
        if name == OWN:
            self._back_to_own()
        else:
            # From the data at their usual size a sample follows each design anew.
            self._go(usual_design(self._home) if name == USUAL else presets[name], self._home)

    def _back_to_own(self) -> None:
        """The last design that was no preset, with the size that a sample had then."""
        with self._changing:
            if self._own is not None:
                self._lengths = self._own.lengths
                self._go(self._own.design, self._own.frames)

    def _go(self, design: Design, frames: Frames) -> None:
        """Another design, and the sample at a size that it had; other data stay what they are."""
        with self._changing:
            self._keep(self.design, design)
            if self.data.is_sample(self.frames) and frames.name == self.frames.name:
                self._put_sample(frames)
            if self._named(design) == USUAL:
                self.design = design
            else:
                self._change(design)
        self._drawings.post(None)

    def _keep(self, former: Design | None, design: Design) -> None:
        """Remember a design of one's own that is left for a preset, with its data."""
        if former is None or self.presets.shown != OWN or self._named(design) == OWN:
            return
        if self._own is None or self._own.design != former:
            self._own = Left(former, self.frames, self._lengths)

    def _named(self, design: Design) -> str:
        """Which preset a design is."""
        return named(design, self._home)

    def _put_sample(self, frames: Frames) -> None:
        """The sample at another size, of which nobody need be told."""
        self._following = True
        try:
            self.frames = frames
        finally:
            self._following = False

    def _change(self, design: Design) -> None:
        """Another design, which says nothing of the history and horizon that are wanted."""
        with self._changing:
            self._keeping_lengths = True
            try:
                self.design = design
            finally:
                self._keeping_lengths = False

    def _on_control(self, field: str, value: Any) -> None:
        """A person has moved a control."""
        with self._changing:
            design = self.design
            try:
                self._change(self._by_hand.changed(design, field, value))
            except DesignError:
                self.controls.show(design)
                raise
            self.messages.clear()

    def _on_lengths(self, history: int, horizon: int) -> None:
        """A person has moved history or horizon."""
        with self._changing:
            channels = self.frames.channels
            self.design = self.design.replace(
                in_channels=history * channels, out_channels=horizon * channels
            )

    def _take(self, frames: Frames) -> None:
        """Other frames were chosen in the panel."""
        with self._changing:
            self._choosing = True
            try:
                self.frames = frames
            finally:
                self._choosing = False

    # Drawing.

    def _draw(self, _: None) -> None:
        """Every view of what is wanted now; in the drawing thread."""
        try:
            design, frames = self.design, self.frames
            if isinstance(design, EncoderDecoder):
                frames = self._follow(design, frames)
            with self._changing:
                left = None if self.presets.shown == OWN else self._own
                wanted = Wanted(self._lengths, self._home, left.design if left else None)
            self.drawing.draw(design, frames, wanted, self.settings.arguments())
            if frames is self.frames:
                self.data.offer_treatment(missing=self.drawing.gaps.missing > 0)
            self.checks.pane.refresh()
        except Exception as error:  # noqa: BLE001  (a thread has nobody else to tell)
            self.messages.complain(error)

    def _follow(self, design: EncoderDecoder, frames: Frames) -> Frames:
        """Sample data are made anew at the size of the design."""
        followed = self.data.following(frames, design)
        with self._changing:
            if followed is frames or self.frames is not frames or self.design != design:
                return frames  # nothing to follow, or the next drawing is of something newer
            self._put_sample(followed)
        return followed

    # Operations of the page.

    def _on_op(self, op: Op) -> None:
        """What the page wants; a stop is not kept waiting."""
        if op.get("op") == "stop":
            self.fitting.stop()
        else:
            let_go_of_workers()  # cells compute in this thread, and a training has one of its own
            self._operations.post(op)

    def _operate(self, op: Op) -> None:
        """One operation; in the thread for them."""
        try:
            act = self._acts().get(str(op.get("op")))
            if act is not None:
                act(op)
        except Exception as error:  # noqa: BLE001  (a thread has nobody else to tell)
            self.messages.complain(error)

    def _acts(self) -> dict[str, Callable[[Op], object]]:
        """What the operations of the page do, by their names."""
        return {
            "fit": lambda _: self.fit(),
            "restart": lambda _: self.fit(),
            "continue": lambda _: self.fitting.go_on(),
            "mend": lambda op: self._mend(str(op.get("id")), str(op.get("key"))),
            "restore": lambda _: self._restore(),
            "save": lambda _: self._save(),
            "check": lambda op: self._check(str(op.get("check"))),
            "use": lambda op: self._use(op.get("check")),
            "smaller batch": lambda op: self._smaller_batch(op.get("id")),
            "dismiss": lambda op: self.messages.dismiss(op.get("id")),
            "say": lambda op: self.messages.say(str(op.get("text"))[:LONGEST_SAID]),
            "restore run": lambda op: self._restore_run(op.get("run")),
            **dict.fromkeys(OPS, self.tray.operate),
        }

    def _press(self, check: str) -> None:
        """A person has pressed the button of a check."""
        self._operations.post({"op": "check", "check": check})

    def _check(self, name: str) -> None:
        """Begin a check; what was wrong with the last attempt is over."""
        self.messages.clear()
        self.check(name)

    def _subject(self) -> Subject:
        """What a check would be of."""
        settings = self.settings.arguments()
        batch = batch_of(self.design, self.frames, settings["batch_size"])
        return Subject(self.design, self.frames, settings | {"batch_size": batch})

    def _use(self, check: object) -> None:
        """Set what a check has proposed, in the design or in the training."""
        found = self.checks.useful(check)
        if found is None:
            return
        field, value = found
        if field in type(self.design).model_fields:
            self._on_control(field, value)
        else:
            self.checks.use(field, value)

    def _smaller_batch(self, message: object) -> None:
        """Begin what had no room once more, with batches for which there is room."""
        batch = self.messages.batch_of(message)
        if batch is None:
            return
        self.messages.dismiss(message)
        self.checks.use("batch_size", batch)
        if self._asked == "fit":
            self.fit()
        else:
            self.check(self._asked)

    def _mend(self, name: str, key: str) -> None:
        """Use what was clicked, if it was made from the design and the data there are now."""
        if key != key_of(plan_of(self.design), self.frames):
            return  # a slider has moved since
        mended = self.drawing.mended(name, key)
        if mended is None:
            return
        if isinstance(mended, Treatment):
            self.data.treat(mended.missing)
        elif name == USUAL:
            self._on_preset(USUAL)
        elif name == OWN_DESIGN:
            self._back_to_own()
        else:
            self._change(mended)

    def _restore(self) -> None:
        """Bring back the design, and the data, that the curve belongs to."""
        if self.fitting.trained is None:
            return
        self._bring_back(*self.fitting.trained)

    def _bring_back(self, shapes: Plan, frames: Frames) -> None:
        """A design of earlier and its data."""
        with self._changing:
            if self.data.is_sample(self.frames) and frames.name == self.frames.name:
                self._put_sample(frames)
            elif key_of(shapes, frames) != key_of(shapes, self.frames):
                self.frames = frames
            self.design = shapes.design
        self._drawings.post(None)

    def _restore_run(self, number: object) -> None:
        """Bring back what a run was trained with, as far as it is there, and show the run.

        Raises:
            DesignError: during a training.
        """
        found = self.tray.run_of(number)
        if found is None:
            return
        if self.fitting.busy:
            raise DesignError("A training is running: stop it or wait for its end, then restore.")
        name, run = found
        shapes = plan_of(run.design)
        frames = None if run.windows is None else run.windows.frames
        if frames is None:
            self.design = shapes.design
        else:
            self._bring_back(shapes, frames)
        left = recall(self.settings, run)
        self.finished_run = run
        self.fitting.show_run(run, shapes, frames, self.settings.arguments())
        self.tray.show(run, restored(name, left, data=frames is not None))

    def _save(self) -> None:
        """The run, its forecast and its source in a new folder beside the notebook."""
        run = self.run
        if run is None:
            return
        number = 1
        while (folder := Path(f"{FOLDER}-{number}")).exists():
            number += 1
        run.save(folder)
        coming = run.forecast_frames()
        coming.save(folder / "forecast.npy")
        forecast = "forecast.npy (the frames after the last)"
        if coming.labels.times is not None:
            with suppress(DataError):  # NetCDF takes an extra
                coming.save(folder / "forecast.nc")
                forecast = "forecast.npy and forecast.nc (the frames after the last, with dates)"
        (folder / "network.py").write_text(source(run.design), encoding="utf-8")
        self.fitting.tell(
            saved=f"Saved to {folder}/: run.json and weights, {forecast}, network.py. "
            f"cw.load_run({str(folder)!r}) brings it back."
        )

    def _on_run(self, run: Run) -> None:
        self.finished_run = run

    def _on_measured(self, training: Training, run: Run) -> None:
        self.tray.take(training, run)

    # Looks.

    def __repr__(self) -> str:
        return f"Designer({self.design!r})" + (", closed" if self._closed else "")

    def _repr_mimebundle_(self, **arguments: Any) -> dict[str, Any]:
        """The live panel and, where there is no kernel, table and diagram as plain HTML."""
        bundle = dict(super()._repr_mimebundle_(**arguments))
        bundle["text/plain"] = repr(self)
        bundle["text/html"] = self._static()
        return bundle

    def _static(self) -> str:
        """What a notebook shows that nobody runs."""
        drawn = diagram(self.design)._repr_mimebundle_()
        parts = [html(self.plan), drawn.get("text/html", "")]
        run = self.finished_run
        if run is not None:
            picture = base64.b64encode(run.plot()._repr_png_()).decode()
            parts.append(f"<p>{escape(run.skill.sentence)}</p>")
            parts.append(f'<img style="max-width:100%" src="data:image/png;base64,{picture}">')
        return "".join(parts)
