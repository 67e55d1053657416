"""What the page wants, and what is done about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from cnnwidget.design.errors import CnnwidgetError
from cnnwidget.design.planning.plan import plan_of
from cnnwidget.panel.controls.data_sources import Treatment
from cnnwidget.panel.controls.preset_controls import USUAL
from cnnwidget.panel.controls.restore_settings import recall, restored
from cnnwidget.panel.jobs.drawing import OWN_DESIGN
from cnnwidget.panel.jobs.ordered_queue import OrderedQueue
from cnnwidget.panel.runs_pane import OPS
from cnnwidget.panel.save_run import save_beside
from cnnwidget.panel.stage import Op
from cnnwidget.panel.views.network_view import key_of
from cnnwidget.training.loop.threads import release_workers

if TYPE_CHECKING:
    from cnnwidget.panel.designer import Designer

# The page may say a sentence, not a book.
LONGEST_SAID = 300


class Intents:
    """The operations of the page, one after the other in a thread of their own.

    Args:
        panel: what they are done to.
    """

    def __init__(self, panel: Designer) -> None:
        self.panel = panel
        self._queue: OrderedQueue[Op] = OrderedQueue(self._operate)

    def hear(self, op: Op) -> None:
        """What the page wants; a stop is not kept waiting."""
        if op.get("op") == "stop":
            self.panel.fitting.stop()
        else:
            release_workers()  # cells compute in this thread, and a training has one of its own
            self._queue.post(op)

    def press(self, check: str) -> None:
        """A person has pressed the button of a check."""
        self._queue.post({"op": "check", "check": check})

    def wait(self, timeout: float) -> bool:
        """Until all are done; whether that came in time."""
        return self._queue.wait(timeout)

    def _operate(self, op: Op) -> None:
        """One operation; in the thread for them."""
        try:
            act = self._acts().get(str(op.get("op")))
            if act is not None:
                act(op)
        except Exception as error:  # noqa: BLE001  (a thread has nobody else to tell)
            self.panel.messages.complain(error)

    def _acts(self) -> dict[str, Callable[[Op], object]]:
        """What the operations do, by their names."""
        panel = self.panel
        return {
            "fit": lambda _: panel.fit(),
            "restart": lambda _: panel.fit(),
            "continue": lambda _: panel.fitting.go_on(),
            "mend": lambda op: self.mend(str(op.get("id")), str(op.get("key"))),
            "restore": lambda _: self._restore(),
            "save": lambda _: self._save(),
            "check": lambda op: self._check(str(op.get("check"))),
            "use": lambda op: self._use(op.get("check")),
            "smaller batch": lambda op: self._smaller_batch(op.get("id")),
            "dismiss": lambda op: panel.messages.dismiss(op.get("id")),
            "say": lambda op: panel.messages.say(str(op.get("text"))[:LONGEST_SAID]),
            "restore run": lambda op: self._restore_run(op.get("run")),
            **dict.fromkeys(OPS, panel.runs_pane.operate),
        }

    def mend(self, name: str, key: str) -> None:
        """Use what was clicked, if it was made from the design and the data there are now."""
        panel = self.panel
        if key != key_of(plan_of(panel.design), panel.frames):
            return  # a slider has moved since
        mended = panel.drawing.mended(name, key)
        if mended is None:
            return
        if isinstance(mended, Treatment):
            panel.data.treat(mended.missing)
        elif name == USUAL:
            panel.choice.choose(USUAL)
        elif name == OWN_DESIGN:
            panel.choice.back_to_own()
        else:
            panel.choice.change(mended)

    def _check(self, name: str) -> None:
        """Begin a check; what was wrong with the last attempt is over."""
        self.panel.messages.clear()
        self.panel.check(name)

    def _use(self, check: object) -> None:
        """Set what a check has proposed, in the design or in the training."""
        found = self.panel.checks.useful(check)
        if found is None:
            return
        field, value = found
        if field in type(self.panel.design).model_fields:
            self.panel.choice.move(field, value)
        else:
            self.panel.checks.use(field, value)

    def _smaller_batch(self, message: object) -> None:
        """Begin what had no room once more, with batches for which there is room."""
        panel = self.panel
        batch = panel.messages.batch_of(message)
        if batch is None:
            return
        panel.messages.dismiss(message)
        panel.checks.use("batch_size", batch)
        if panel.asked == "fit":
            panel.fit()
        else:
            panel.check(panel.asked)

    def _restore(self) -> None:
        """Bring back the design, and the data, that the curve belongs to."""
        if self.panel.fitting.trained is not None:
            self.panel.choice.bring_back(*self.panel.fitting.trained)

    def _restore_run(self, number: object) -> None:
        """Bring back what a run was trained with, as far as it is there, and show the run.

        Raises:
            CnnwidgetError: during a training.
        """
        panel = self.panel
        found = panel.runs_pane.run_of(number)
        if found is None:
            return
        if panel.fitting.busy:
            raise CnnwidgetError(
                "A training is running: stop it or wait for its end, then restore."
            )
        name, run = found
        shapes = plan_of(run.design)
        frames = None if run.windows is None else run.windows.frames
        if frames is None:
            panel.design = shapes.design
        else:
            panel.choice.bring_back(shapes, frames)
        left = recall(panel.settings, run)
        panel.finished_run = run
        panel.fitting.show_run(run, shapes, frames, panel.settings.arguments())
        panel.runs_pane.show(run, restored(name, left, data=frames is not None))

    def _save(self) -> None:
        """Save the run that is in training, or else the last one."""
        run = self.panel.run
        if run is not None:
            self.panel.fitting.view.update(saved=save_beside(run))
