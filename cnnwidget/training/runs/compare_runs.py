"""`compare`: runs that differ in one setting, and a sentence that claims no more than it may."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from cnnwidget.training.recipe import loss_in_words
from cnnwidget.training.runs.run import Run

# Another seed alone moves the validation loss of the usual net by so much: of four seeds on each of
# three sample series, short and long, the worst was 1 to 11 % above the best.
CHANCE = 0.1


class RunComparison(NamedTuple):
    """Several runs compared.

    Attributes:
        measure: what they are compared by.
        figures: of each run, by its name; None if it has none.
        best: the name of the run with the smallest; None if none has one.
        sentence: the comparison in words.
    """

    measure: str
    figures: dict[str, float | None]
    best: str | None
    sentence: str


def compare(runs: Mapping[str, Run]) -> RunComparison:
    """Compare runs that differ in one setting.

    By the validation loss, on which nothing was trained, and which leaves the test windows for the
    verdict on the one that is chosen; where runs have no such loss in common, by their errors on
    the test windows, which are measured for that.

    Args:
        runs: by their names, in their order.

    Example:
        >>> import cnnwidget as cw
        >>> frames = cw.sample("circling shape", steps=60, size=(16, 16))
        >>> design = cw.EncoderDecoder(input_size=(16, 16), in_channels=4, out_channels=2)
        >>> given = {"progress": False, "epochs": 20}
        >>> runs = cw.sweep(design, frames, "lr", [1e-5, 1e-2], **given)
        >>> compare({name: runs[name] for name in runs.names}).best
        'lr 0.01'
    """
    measure, figures = figures_of(runs)
    known = sorted((figure, name) for name, figure in figures.items() if figure is not None)
    if not known:
        return RunComparison(measure, figures, None, "None of them came to a first epoch.")
    least, best = known[0]
    if len(runs) == 1:
        said = f"Only {best} was trained: there is nothing to compare it with."
        return RunComparison(measure, figures, best, said)
    parts = [f"{best} does best, with a {measure} of {least:.3g}"]
    if len(known) > 1:
        figure, name = known[1]
        parts.append(f", before {name} with {figure:.3g}")
    if len(known) > 2:
        figure, name = known[-1]
        parts.append(f"; last is {name} with {figure:.3g}")
    without = [name for name in figures if figures[name] is None]
    if without:
        parts.append(f"; {' and '.join(without)} came to nothing")
    near = [name for figure, name in known[1:] if figure < least * (1 + CHANCE)]
    return RunComparison(measure, figures, best, f"{''.join(parts)}. {caveat(best, near)}")


def figures_of(runs: Mapping[str, Run]) -> tuple[str, dict[str, float | None]]:
    """Return what runs are compared by, and the figure of each."""
    losses = {run.recipe.loss for run in runs.values()}
    if len(losses) == 1 and all(run.split.validation for run in runs.values()):
        measure = f"validation loss ({loss_in_words(*losses)})"
        return measure, {name: run.best.score if run.best else None for name, run in runs.items()}
    measured = {name: run.metrics if run.best and run.data else None for name, run in runs.items()}
    kinds = {metrics.error_name for metrics in measured.values() if metrics is not None}
    kind = kinds.pop() if len(kinds) == 1 else "error"
    return f"{kind} on the test windows", {
        name: None if metrics is None else metrics.error for name, metrics in measured.items()
    }


def caveat(best: str, near: list[str]) -> str:
    """Return in a sentence how far chance may explain the differences."""
    if not near:
        return "Each was trained once; another seed would show how much of it is chance."
    other = " and ".join([best, *near])
    return (
        f"{other} are too close to tell apart: each was trained once, and another seed alone "
        f"changes as much as {CHANCE:.0%}."
    )
