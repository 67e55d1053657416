"""`cautions`: what is doubtful of a design, and of a design with these data on this machine.

Nothing here needs torch.
"""

from __future__ import annotations

from typing import Any

from cnnwidget.data.frames import Frames
from cnnwidget.data.load import load
from cnnwidget.data.memory_left import available, in_gigabytes
from cnnwidget.design.advice.caution_candidates import Alternatives
from cnnwidget.design.advice.cautions import Caution, working_mends
from cnnwidget.design.advice.mend import changed, size_of
from cnnwidget.design.advice.receptive_field_cautions import output_field, wider
from cnnwidget.design.axes import is_whole, spell
from cnnwidget.design.design_types import Design
from cnnwidget.design.errors import CnnwidgetError
from cnnwidget.design.planning.plan import Plan, plan_of
from cnnwidget.design.value import shortened
from cnnwidget.training.checks.motion import motion_of
from cnnwidget.training.match import Match, match
from cnnwidget.training.recipe import LARGEST_BATCH, STEPS_OF_AN_EPOCH, usual_batch_size
from cnnwidget.training.tasks.forecast import Forecast

# Where nothing is known of the data, there are enough windows for the largest usual batch.
MANY_WINDOWS = LARGEST_BATCH * STEPS_OF_AN_EPOCH
# Channels are halved so many times for a network that has room.
HALVINGS = 6


def cautions(
    design: Design | Plan, frames: Any = None, memory: int | None = None
) -> tuple[Caution, ...]:
    """Everything doubtful about a design, on its own and with data and machine.

    To the cautions of its plan come: frames that it does not fit, a receptive field smaller than
    what moves in the frames, and a training that takes more memory than this process may use.

    Args:
        design: any design, or a plan.
        frames: whatever `load` takes; None looks at no data.
        memory: bytes that training may take; None is what the process may still use, by the limit
            of its control group and by what the machine has left.

    Raises:
        DesignError: if `design` is no design.
        DataError: if `frames` cannot be read as frames.
        CnnwidgetError: if `memory` is no whole number.

    Example:
        >>> import numpy as np
        >>> design = EncoderDecoder(input_size=(16, 16), in_channels=10, out_channels=5)
        >>> [found.kind for found in cautions(design, frames=np.zeros((30, 16, 18)))]
        ['frames']
        >>> [found.kind for found in cautions(design, memory=1_000_000)]
        ['memory']
    """
    plan = plan_of(design)
    if memory is not None and not is_whole(memory, 0):
        raise CnnwidgetError(
            f"cautions: memory is {shortened(memory)}, but must be a whole number of bytes."
        )
    found = list(plan.cautions)
    if plan.problems:
        return tuple(found)
    windows = MANY_WINDOWS
    if frames is not None:
        series = load(frames)
        matched = match(plan, series)
        if matched.split is None:
            found.append(misfit(matched))
        else:
            windows = len(matched.split.train)
            found += motions(plan, series, matched.task)
    found += shortages(plan, windows, available() if memory is None else memory)
    return tuple(found)


def misfit(matched: Match) -> Caution:
    """Return the caution of frames that a design cannot be trained on, with the design that can."""
    design, reason = matched.plan.design, matched.reason.removesuffix(".")
    mend = changed(design, **matched.changes) if matched.changes else None
    return Caution(
        "frames",
        "input",
        reason[0].lower() + reason[1:],
        design,
        known_mends=() if mend is None else (mend,),
    )


def motions(plan: Plan, frames: Frames, task: Forecast) -> list[Caution]:
    """An output that does not see where what it is to tell comes from."""
    moved = motion_of(frames, task.forecast_len)
    if moved is None or sees(plan, moved):
        return []
    found = output_field(plan.rows)
    assert found is not None
    row, field = found
    sides = tuple(
        n if not isinstance(size, int) else (size - 1) // 2
        for size, n in zip(field.size, frames.size, strict=True)
    )
    steps = "1 step" if task.forecast_len == 1 else f"{task.forecast_len} steps"
    reason = (
        f"things move by {spell(moved)} pixels in the {steps} of a forecast, but each output sees "
        f"no further than {spell(sides)} to either side"
    )
    mends = working_mends(
        plan.design, wider(plan.design, plan.rows), lambda other: sees(plan_of(other), moved)
    )
    return [Caution("motion", row.name, reason, plan.design, known_mends=mends)]


def sees(plan: Plan, moved: tuple[int, ...]) -> bool:
    """Whether each output of a design sees so far to either side, where the image goes so far."""
    if plan.problems:
        return False
    found = output_field(plan.rows)
    if found is None:
        return True
    size = size_of(plan.design)
    return all(
        not isinstance(seen, int) or (seen - 1) // 2 >= min(far, n - 1)
        for seen, far, n in zip(found[1].size, moved, size, strict=True)
    )


def shortages(plan: Plan, windows: int, left: int | None) -> list[Caution]:
    """A training in batches of the usual size that has no room."""

    def needed(other: Plan) -> int:
        return other.memory_to_train(usual_batch_size(other, windows))

    if left is None or not plan.rows or needed(plan) <= left:
        return []
    largest = max(plan.rows, key=lambda row: row.memory + row.params)
    batch = usual_batch_size(plan, windows)
    reason = (
        f"is the largest part of a training in batches of {batch}, which takes "
        f"{in_units(needed(plan))} of memory, more than the {in_units(left)} that may be used"
    )
    fitting = (n for n in range(batch - 1, 0, -1) if plan.memory_to_train(n) <= left)
    if fewer := next(fitting, None):
        reason += f"; batch_size={fewer} of the recipe would fit"

    def has_room(other: Design) -> bool:
        planned = plan_of(other)
        return not planned.problems and needed(planned) <= left

    mends = working_mends(plan.design, smaller(plan.design), has_room)
    return [Caution("memory", largest.name, reason, plan.design, known_mends=mends)]


def in_units(number: int) -> str:
    """Bytes to read: of less than a gigabyte, in megabytes."""
    return in_gigabytes(number) if number >= 10**9 else f"{number / 1e6:,.1f} MB"


def smaller(design: Design) -> tuple[Alternatives, ...]:
    """Changes after which a training takes less memory."""
    ways: list[Alternatives] = [((("latent_shape", None),),)]
    channels = getattr(design, "channels", None)
    if isinstance(channels, tuple):
        ways.append(
            tuple(
                (("channels", tuple(max(1, n >> times) for n in channels)),)
                for times in range(1, HALVINGS + 1)
            )
        )
    elif start := getattr(design, "start_channels", None):
        ways.append(
            tuple((("start_channels", max(1, start >> times)),) for times in range(1, HALVINGS + 1))
        )
    per_stage = getattr(design, "convs_per_stage", 1)
    ways.append(tuple((("convs_per_stage", n),) for n in range(per_stage - 1, 0, -1)))
    return tuple(ways)
