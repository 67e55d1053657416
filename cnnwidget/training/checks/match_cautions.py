"""Cautions of a design and frames together: shapes that differ, and a field below the motion."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from cnnwidget.design.advice.cautions import Caution, working_mends
from cnnwidget.design.advice.mend import Mend, changed, size_of
from cnnwidget.design.advice.receptive_field_cautions import output_field, wider
from cnnwidget.design.axes import spell
from cnnwidget.design.design_types import Design
from cnnwidget.design.planning.plan import Plan, plan_of
from cnnwidget.training.checks.data_cautions import NO_SETTINGS, data_cautions
from cnnwidget.training.checks.memory_cautions import MANY_WINDOWS, memory_cautions
from cnnwidget.training.checks.motion import motion_of
from cnnwidget.training.checks.thread_cautions import thread_cautions
from cnnwidget.training.match import Match


def check_match(
    matched: Match,
    *,
    memory: int | None = None,
    settings: Mapping[str, Any] = NO_SETTINGS,
) -> tuple[Caution, ...]:
    """Return every caution of a design and frames: what `cw.check` returns and the panel shows.

    Args:
        matched: the design and the frames.
        memory: bytes that training may take; None is what the process may still use.
        settings: of the training, as far as they are chosen.
    """
    plan = matched.plan
    if plan.problems:
        return plan.cautions
    batch, optimizer = settings.get("batch_size"), settings.get("optimizer", "adamw")
    windows = MANY_WINDOWS if matched.split is None else len(matched.split.train)
    return (
        *plan.cautions,
        *mismatch_cautions(matched),
        *data_cautions(matched, settings),
        *motion_cautions(matched),
        *memory_cautions(plan, windows, memory=memory, batch_size=batch, optimizer=optimizer),
        *thread_cautions(plan),
    )


def mismatch_cautions(matched: Match) -> tuple[Caution, ...]:
    """Return the caution of frames that a design cannot be trained on, with the design that can."""
    if matched.fits:
        return ()
    design = matched.plan.design
    mend = changed(design, **matched.changes) if matched.changes else None
    return (
        Caution(
            "frames",
            matched.frames.name,
            matched.reason.removesuffix("."),
            design,
            known_mends=() if mend is None else (mend,),
        ),
    )


def motion_cautions(matched: Match) -> tuple[Caution, ...]:
    """Return the caution of an output that sees less far than things move, or nothing."""
    plan, horizon = matched.plan, matched.shapes.steps_ahead
    if not matched.fits or horizon is None:
        return ()
    moved = motion_of(matched.frames, horizon)
    found = output_field(plan.rows)
    if moved is None or found is None or sees(plan, moved):
        return ()
    row, field = found
    sides = tuple(
        n if not isinstance(size, int) else (size - 1) // 2
        for size, n in zip(field.size, matched.frames.size, strict=True)
    )
    steps = "1 step" if horizon == 1 else f"{horizon} steps"
    reason = (
        f"things move by {spell(moved)} pixels in the {steps} of a {matched.task.noun}, but each "
        f"output sees no further than {spell(sides)} to either side"
    )
    mends = designs_that_see(plan.design, moved)
    return (Caution("motion", row.name, reason, plan.design, known_mends=mends),)


@lru_cache(maxsize=64)
def designs_that_see(design: Design, moved: tuple[int, ...]) -> tuple[Mend, ...]:
    """Return changes of a design after which each output sees far enough."""
    ways = wider(design, plan_of(design).rows)
    return working_mends(design, ways, lambda other: sees(plan_of(other), moved))


def sees(plan: Plan, moved: tuple[int, ...]) -> bool:
    """Whether each output sees so many pixels to either side, or to the end of the image."""
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
