"""A run in words: what it is, what is doubtful about it, and how good."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnwidget.design.planning.plan import plan_of

if TYPE_CHECKING:
    from cnnwidget.training.runs.run import Run


def beside_the_verdict(run: Run) -> list[str]:
    """What is doubtful about a run and not said by the verdict on its skill."""
    return [str(found) for found in run.findings if found.kind != "worse"]


def text_of(run: Run) -> str:
    """What a run is and how good, in some lines."""
    best = "no epoch finished" if run.best is None else f"best epoch {run.best.epoch}"
    lengths = f"{run.recipe.pre_history_len} frames in, {run.recipe.forecast_len} out"
    figures = f"{run.epochs_in_words}, {best}"
    lines = [
        f"Run of {type(run.design).__name__} on {run.data_name}: {run.ending}, {figures}",
        f"  {plan_of(run.design).params:,} parameters, {lengths}",
        f"  {run.split.sentence}",
    ]
    lines += [f"  {found}" for found in run.advice]
    if run.measured is not None or run.windows is not None:
        lines.append(f"  {run.skill.sentence}")
    return "\n".join(lines)
