"""Cautions of the machine: threads of PyTorch that take the cores from each other."""

from __future__ import annotations

from cnnwidget.design.advice.cautions import Caution
from cnnwidget.design.planning.plan import Plan
from cnnwidget.training.loop.threads import threads_spin


def thread_cautions(plan: Plan) -> tuple[Caution, ...]:
    """Return the caution of a PyTorch that was loaded before this package, or nothing."""
    if not threads_spin():
        return ()
    reason = (
        "was loaded before cnnwidget, so that its threads do not sleep while they wait: beside "
        "other busy programs training takes several times as long; start the kernel anew and "
        "import cnnwidget first, or set OMP_WAIT_POLICY=passive"
    )
    return (Caution("threads", "PyTorch", reason, plan.design),)
