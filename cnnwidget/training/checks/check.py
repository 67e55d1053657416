"""`check`: every caution of a design, of data, of both together, and of this machine.

The sentences are in `design/advice/*_cautions.py` for what follows from the design alone, in
`data_cautions.py` for the data, in `match_cautions.py` for both, and in `memory_cautions.py` and
`thread_cautions.py` for the machine.
Nothing here needs torch, and without frames nothing needs NumPy.
"""

from __future__ import annotations

from typing import Any

from cnnwidget.design.advice.cautions import Caution
from cnnwidget.design.axes import is_whole
from cnnwidget.design.design_types import Design
from cnnwidget.design.errors import CnnwidgetError
from cnnwidget.design.planning.plan import Plan, plan_of
from cnnwidget.design.value import shortened
from cnnwidget.training.checks.memory_cautions import memory_cautions
from cnnwidget.training.checks.thread_cautions import thread_cautions
from cnnwidget.training.tasks.task_protocol import DEFAULT_TASK


def check(
    design: Design | Plan,
    frames: Any = None,
    memory: int | None = None,
    *,
    task: str = DEFAULT_TASK,
) -> tuple[Caution, ...]:
    """Return every caution there is: of a design, of data, of both together, of this machine.

    Of a design with problems nothing else is checked. Data are checked only if the design fits
    them.

    Args:
        design: any design, or a plan.
        frames: anything that `cw.load` takes; None checks the design without data.
        memory: bytes that training may take; None is what the process may still use, by the limit
            of its control group and by what the machine has left.
        task: the task of the training, as `cw.fit` takes it.

    Returns:
        Cautions of the design first, then of data, of both, and of this machine.

    Raises:
        DesignError: if `design` is no design.
        DataError: if `frames` cannot be loaded.
        CnnwidgetError: if `memory` is no whole number, or there is no such task.

    Example:
        >>> import numpy as np
        >>> import cnnwidget as cw
        >>> design = cw.EncoderDecoder(input_size=(16, 16), in_channels=10, out_channels=5)
        >>> [caution.kind for caution in cw.check(design, frames=np.zeros((30, 16, 18)))]
        ['frames']
        >>> [caution.kind for caution in cw.check(design, memory=1_000_000)]
        ['memory']
    """
    plan = plan_of(design)
    if memory is not None and not is_whole(memory, 0):
        raise CnnwidgetError(
            f"check: memory is {shortened(memory)}, but must be a whole number of bytes."
        )
    if plan.problems:
        return plan.cautions
    if frames is None:
        return (*plan.cautions, *memory_cautions(plan, memory=memory), *thread_cautions(plan))
    # NumPy comes with these.
    from cnnwidget.data.load import load
    from cnnwidget.training.checks.match_cautions import check_match
    from cnnwidget.training.match import match
    from cnnwidget.training.tasks.task_table import task_named

    return check_match(match(task_named(task), plan, load(frames)), memory=memory)
