"""Findings: what went wrong in a training, or did not go far enough, with what to try."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING, Literal

from cnnwidget.design.families.encoder_decoder import EncoderDecoder
from cnnwidget.training.loop.events import Epoch

if TYPE_CHECKING:
    from cnnwidget.training.runs.run import Run

Kind = Literal[
    "diverged", "exploded", "reference", "constant", "worse", "overfitting", "unfinished"
]  # fmt: skip

# A loss that is so many times the smallest before it has exploded.
EXPLODED = 10.0
# Overfitting: validation is so many times its best, and the best lies in this first share.
RISEN, EARLY = 1.2, 0.6
# Still learning: the last tenth of the epochs lowered the loss by more than this share.
FALLING = 0.05
FEW_EPOCHS = 10


@dataclass(frozen=True)
class Finding:
    """Something to know before one trusts a run.

    Attributes:
        kind: its name.
        sentence: the finding.
        tries: what to try.
    """

    kind: Kind
    sentence: str
    tries: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.sentence} Try {', or '.join(self.tries)}."


def findings(run: Run) -> tuple[Finding, ...]:
    """Return the findings of a run; empty if there are none.

    Example:
        >>> import cnnwidget as cw
        >>> frames = cw.sample("circling shape", steps=40, size=(8, 8))
        >>> design = cw.EncoderDecoder(input_size=(8, 8), in_channels=2, out_channels=1, depth=1)
        >>> run = cw.fit(design, frames, epochs=2, lr=0.0, progress=False)
        >>> [found.kind for found in findings(run)]
        ['reference', 'worse']
    """
    return tuple(all_findings(run))


def all_findings(run: Run) -> Iterator[Finding]:
    """Yield the findings, the gravest first."""
    if run.ending == "diverged":
        yield diverged(run)
        return
    if found := exploded(run.history):
        yield found
    if run.data is None or not run.history:
        return
    yield from run.torch_task.findings(run)
    if (found := overfitting(run.history)) or (found := unfinished(run)):
        yield found


def diverged(run: Run) -> Finding:
    """Return the finding of a loss, or weights, that are infinite or not a number."""
    rate = max(run.recipe.lr) if isinstance(run.recipe.lr, tuple) else run.recipe.lr
    clip = () if run.recipe.clip_grad_norm else ("clip_grad_norm=1",)
    design = run.design
    plain = isinstance(design, EncoderDecoder) and design.norm != "batch"
    norm = ("norm='batch'",) if plain else ()
    kept = (
        "the weights are those that it began with"
        if run.best is None or not run.best.epoch
        else f"the weights of epoch {run.best.epoch} are kept"
    )
    return Finding(
        "diverged",
        f"After {run.epochs_in_words} the loss or the weights became infinite or not a number, "
        f"with a learning rate of {rate:g}; {kept}.",
        (f"lr={rate / 10:.1g}", *clip, *norm),
    )


def exploded(history: tuple[Epoch, ...]) -> Finding | None:
    """Return the finding of a training loss that rose far above its smallest, if it did."""
    smallest = math.inf
    for epoch in history[:-1]:
        smallest = min(smallest, epoch.train)
    if not history or not smallest < math.inf or history[-1].train <= EXPLODED * smallest:
        return None
    times = history[-1].train / smallest if smallest else math.inf
    return Finding(
        "exploded",
        f"The training loss ended {times:.0f} times above its smallest.",
        ("a lower learning rate", "clip_grad_norm=1", "schedule='cosine'"),
    )


def overfitting(history: tuple[Epoch, ...]) -> Finding | None:
    """Return the finding of validation that rises while training still falls, if it does."""
    known = [each for each in history if each.validation is not None]
    if len(known) < FEW_EPOCHS:
        return None
    best = min(known, key=lambda each: each.score)
    last = known[-1]
    rises = last.score > RISEN * best.score and best.epoch < EARLY * last.epoch
    if not rises or last.train >= best.train:
        return None
    return Finding(
        "overfitting",
        f"Validation was best at epoch {best.epoch} of {last.epoch} and is {last.score:.3g} now "
        f"against {best.score:.3g} then, while the training loss still falls; the weights of the "
        "best epoch are kept.",
        ("augment=('flip', 'shift')", "weight_decay=1e-2 with 'adamw'", "fewer channels",
         "more frames"),
    )  # fmt: skip


def unfinished(run: Run) -> Finding | None:
    """Return the finding of a loss that still fell at the end of the budget, if it did."""
    history = run.history
    if run.ending != "finished" or len(history) < FEW_EPOCHS or run.recipe.schedule != "constant":
        return None  # a rate that falls to nothing brings any curve to rest
    tenth = max(1, len(history) // 10)
    before = fmean(each.score for each in history[-2 * tenth : -tenth])
    after = fmean(each.score for each in history[-tenth:])
    if after >= (1 - FALLING) * before:
        return None
    return Finding(
        "unfinished",
        f"The loss still fell by {1 - after / before:.0%} in the last tenth of the training.",
        ("more seconds", "schedule='cosine'"),
    )
