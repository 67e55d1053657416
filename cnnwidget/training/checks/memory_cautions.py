"""Cautions of the machine: a training that takes more memory than there is."""

from __future__ import annotations

from cnnwidget.data.machine_limits import memory_left
from cnnwidget.design.advice.caution_candidates import Alternatives
from cnnwidget.design.advice.cautions import Caution, working_mends
from cnnwidget.design.design_types import Design
from cnnwidget.design.planning.memory import OptimizerName
from cnnwidget.design.planning.plan import Plan, plan_of
from cnnwidget.design.storage import precise_storage
from cnnwidget.training.batch_size import LARGEST_BATCH, STEPS_OF_AN_EPOCH, default_batch_size

# Without data, there are taken to be enough windows for the largest usual batch.
MANY_WINDOWS = LARGEST_BATCH * STEPS_OF_AN_EPOCH
# Channels are halved up to this many times, for a network that fits into memory.
HALVINGS = 6


def memory_cautions(
    plan: Plan,
    windows: int = MANY_WINDOWS,
    *,
    memory: int | None = None,
    batch_size: int | None = None,
    optimizer: OptimizerName = "adamw",
) -> tuple[Caution, ...]:
    """Return the caution of a training that does not fit into memory, or nothing.

    Args:
        plan: the plan of a design without problems.
        windows: training windows, on which the usual batch size depends.
        memory: bytes that the training may take; None is what this process may still use.
        batch_size: windows of a batch; None is the usual number.
        optimizer: the optimizer, which keeps some numbers for each weight.
    """
    left = memory_left() if memory is None else memory

    def batch_of(other: Plan) -> int:
        return default_batch_size(other, windows) if batch_size is None else batch_size

    def needed(other: Plan) -> int:
        return other.memory_to_train(batch_of(other), optimizer)

    if left is None or not plan.rows or needed(plan) <= left:
        return ()
    largest = max(plan.rows, key=lambda row: row.memory + row.params)
    batch = batch_of(plan)
    reason = (
        f"is the largest part of a training in batches of {batch}, which takes "
        f"{precise_storage(needed(plan))} of memory, more than the {precise_storage(left)} that "
        "may be used"
    )
    smaller_batches = range(batch - 1, 0, -1)
    fitting = (n for n in smaller_batches if plan.memory_to_train(n, optimizer) <= left)
    if fewer := next(fitting, None):
        reason += f"; batch_size={fewer} of the recipe would fit"

    def fits(other: Design) -> bool:
        planned = plan_of(other)
        return not planned.problems and needed(planned) <= left

    mends = working_mends(plan.design, smaller_networks(plan.design), fits)
    return (Caution("memory", largest.name, reason, plan.design, known_mends=mends),)


def smaller_networks(design: Design) -> tuple[Alternatives, ...]:
    """Return changes after which a training takes less memory."""
    ways: list[Alternatives] = [((("latent_shape", None),),)]
    halvings = range(1, HALVINGS + 1)
    channels = getattr(design, "channels", None)
    start = getattr(design, "start_channels", None)
    if isinstance(channels, tuple):
        halved = [tuple(max(1, n >> times) for n in channels) for times in halvings]
        ways.append(tuple((("channels", each),) for each in halved))
    elif start:
        ways.append(tuple((("start_channels", max(1, start >> times)),) for times in halvings))
    per_stage = getattr(design, "convs_per_stage", 1)
    ways.append(tuple((("convs_per_stage", n),) for n in range(per_stage - 1, 0, -1)))
    return tuple(ways)
