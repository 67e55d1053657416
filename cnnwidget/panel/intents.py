"""`Intents`: what the page asks for, done one after the other."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from cnnwidget.design.errors import CnnwidgetError
from cnnwidget.design.planning.plan import plan_of
from cnnwidget.panel.controls.restore_settings import restore_settings, restored
from cnnwidget.panel.jobs.ordered_queue import OrderedQueue
from cnnwidget.panel.run_beside_notebook import save_beside
from cnnwidget.panel.runs_pane import OPS
from cnnwidget.panel.stage import Op
from cnnwidget.panel.state.change_data import with_restored
from cnnwidget.panel.state.change_design import with_design, with_field
from cnnwidget.panel.state.state import State
from cnnwidget.training.loop.threads import release_workers

if TYPE_CHECKING:
    from cnnwidget.panel.designer import Designer

# The page may show a sentence of its own, not a book.
LONGEST_MESSAGE = 300


class Intents:
    """The operations that the page asks for, done in order in a thread of their own.

    Args:
        panel: the panel that they change.
    """

    def __init__(self, panel: Designer) -> None:
        self.panel = panel
        self._queue: OrderedQueue[Op] = OrderedQueue(self._operate)

    def receive(self, op: Op) -> None:
        """Queue an operation; a stop is done at once."""
        if op.get("op") == "stop":
            self.panel.training_job.stop()
        else:
            release_workers()  # cells compute in this thread, and a training has one of its own
            self._queue.post(op)

    def press(self, check: str) -> None:
        """Queue a check whose button was pressed."""
        self._queue.post({"op": "check", "check": check})

    def wait(self, timeout: float) -> bool:
        """Wait until all operations are done; return whether that came within so many seconds."""
        return self._queue.wait(timeout)

    def _operate(self, op: Op) -> None:
        """Do one operation; in the thread for them."""
        try:
            action = self._actions().get(str(op.get("op")))
            if action is not None:
                action(op)
        except Exception as error:  # noqa: BLE001  (a thread has nobody to raise to)
            self.panel.messages.complain(error)

    def _actions(self) -> dict[str, Callable[[Op], object]]:
        """Return the operations by their names."""
        panel = self.panel
        return {
            "fit": lambda _: panel.fit(),
            "restart": lambda _: panel.fit(),
            "continue": lambda _: panel.training_job.go_on(),
            "mend": lambda op: self.mend(str(op.get("id")), str(op.get("key"))),
            "restore": lambda _: self._restore(),
            "save": lambda _: self._save(),
            "check": lambda op: self._check(str(op.get("check"))),
            "use": lambda op: self._use(op.get("check")),
            "smaller batch": lambda op: self._smaller_batch(op.get("id")),
            "dismiss": lambda op: panel.messages.dismiss(op.get("id")),
            "say": lambda op: panel.messages.say(str(op.get("text"))[:LONGEST_MESSAGE]),
            "restore run": lambda op: self._restore_run(op.get("run")),
            **dict.fromkeys(OPS, panel.runs_pane.operate),
        }

    def mend(self, name: str, key: str) -> None:
        """Apply a mend, unless design or data have changed since it was offered.

        Args:
            name: of the mend.
            key: of the state that it was offered for.
        """
        mend = self.panel.drawing.mend_of(name, key)
        if mend is not None:
            self.panel.change(lambda state: mend(state) if state.key == key else state)

    def _check(self, name: str) -> None:
        """Begin a check; the messages of the last attempt go."""
        self.panel.messages.clear()
        self.panel.check(name)

    def _use(self, check: object) -> None:
        """Set what a check has proposed, in the design or in the training."""
        proposal = self.panel.checks.proposal_of(check)
        if proposal is None:
            return
        field, value = proposal
        if field in type(self.panel.design).model_fields:
            self.panel.change(lambda state: with_field(state, field, value))
        else:
            self.panel.checks.use(field, value)

    def _smaller_batch(self, message: object) -> None:
        """Repeat the last request with batches that memory has room for."""
        panel = self.panel
        batch = panel.messages.batch_of(message)
        if batch is None:
            return
        panel.messages.dismiss(message)
        panel.checks.use("batch_size", batch)
        if panel.last_request == "fit":
            panel.fit()
        else:
            panel.check(panel.last_request)

    def _restore(self) -> None:
        """Bring back the design and the data that the curve belongs to."""
        if self.panel.training_job.trained is not None:
            plan, frames = self.panel.training_job.trained
            self.panel.change(lambda state: with_restored(state, plan.design, frames))

    def _restore_run(self, number: object) -> None:
        """Bring back design, data and settings of a run, as far as they are there, and show it.

        Raises:
            CnnwidgetError: during a training.
        """
        panel = self.panel
        found = panel.runs_pane.run_of(number)
        if found is None:
            return
        if panel.training_job.busy:
            raise CnnwidgetError(
                "A training is running: stop it or wait for its end, then restore."
            )
        name, run = found
        plan = plan_of(run.design)
        frames = None if run.data is None else run.data.frames

        def restoring(state: State) -> State:
            if frames is None:
                return with_design(state, plan.design)
            return with_restored(state, plan.design, frames)

        panel.change(restoring)
        missing = restore_settings(panel.settings, run)
        panel.finished_run = run
        panel.training_job.show_run(run, plan, frames, panel.settings.arguments())
        panel.runs_pane.show(run, restored(name, missing, data=frames is not None))

    def _save(self) -> None:
        """Save the run that is in training, or else the last one."""
        run = self.panel.run
        if run is not None:
            self.panel.training_job.status.update(saved=save_beside(run))
