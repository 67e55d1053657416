"""The curves of several runs in one picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from cnnwidget.training.loop.history import Epoch
from cnnwidget.training.runs.plot import Picture


def curves_of(histories: Mapping[str, Sequence[Epoch]]) -> Picture:
    """What the best epoch is chosen by, of each run: over epochs on the left, seconds on the right.

    Args:
        histories: epochs by the names of the runs; the losses must be of the same data and kind to
            be compared.
    """
    figure = Picture(figsize=(9, 3.6), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True)
    for name, history in histories.items():
        scores = [each.score if np.isfinite(each.score) else np.nan for each in history]
        marker = "." if len(history) < 3 else None
        label = name.replace("$", r"\$")  # no mathematics in names
        left.plot([each.epoch for each in history], scores, marker=marker, label=label)
        right.plot([each.seconds for each in history], scores, marker=marker)
    losses = [each.score for history in histories.values() for each in history]
    if any(0 < loss < np.inf for loss in losses):
        left.set_yscale("log")
    left.set_xlabel("epoch")
    right.set_xlabel("seconds")
    left.set_ylabel("loss, validation where there is one")
    for axes in (left, right):
        axes.spines[["top", "right"]].set_visible(False)
    if histories:
        left.legend(frameon=False, fontsize=8)
    return figure
