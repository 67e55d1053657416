"""A run in words: what it is, how good, and what to try after one that failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnwidget.design.families.encoder_decoder import EncoderDecoder
from cnnwidget.design.planning.plan import plan_of

if TYPE_CHECKING:
    from cnnwidget.training.run import Run


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
    if run.advice:
        lines.append(f"  {run.advice}")
    if run.measured is not None or run.windows is not None:
        lines.append(f"  {run.skill.sentence}")
    return "\n".join(lines)


def advice_of(run: Run) -> str:
    """What to try after a training that failed; empty otherwise."""
    if run.ending != "diverged":
        return ""
    rate = max(run.recipe.lr) if isinstance(run.recipe.lr, tuple) else run.recipe.lr
    lower = f"{rate / 10:.1g}"
    clip = "" if run.recipe.clip_grad_norm else ", or clip the gradient (clip_grad_norm=1)"
    design = run.design
    plain = isinstance(design, EncoderDecoder) and design.norm != "batch"
    norm = ", or norm='batch'" if plain else ""
    kept = (
        "the weights are those that it began with"
        if run.best is None
        else f"the weights of epoch {run.best.epoch} are kept"
    )
    return (
        f"After {run.epochs_in_words} the loss or the weights became infinite or not a "
        f"number, with a learning rate of {rate:g}. Try lr={lower}{clip}{norm}; {kept}."
    )
