"""A run in words: what it is, what is wrong with it, and how good it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnwidget.design.planning.plan import plan_of
from cnnwidget.training.runs.versions import changed_since

if TYPE_CHECKING:
    from cnnwidget.training.runs.run import Run


def caveats(run: Run) -> list[str]:
    """Return the findings that its skill does not say, and what has changed since the training."""
    return [str(found) for found in run.findings if found.kind != "worse"] + changed_since(run)


def run_text(run: Run) -> str:
    """Return what a run is and how good, in some lines."""
    best = "no epoch finished" if run.best is None else f"best epoch {run.best.epoch}"
    if run.best is not None and not run.best.epoch:
        best = "best before the first step"
    figures = f"{run.epochs_in_words}, {best}"
    lines = [
        f"Run of {type(run.design).__name__} on {run.data_name}: {run.ending}, {figures}",
        f"  {plan_of(run.design).params:,} parameters, {run.torch_task.summary(run)}",
        f"  {run.split.sentence}",
    ]
    lines += [f"  {each}" for each in run.advice]
    if run.metrics_if_known is not None:
        lines.append(f"  {run.skill.sentence}")
    return "\n".join(lines)
