"""The reference of a forecast: the simple rule to which a network adds, and how it is chosen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from cnnwidget.data.data_error import DataError
from cnnwidget.data.windows.windows import Windows
from cnnwidget.design.errors import CnnwidgetError
from cnnwidget.training.metrics.baselines import (
    histories,
    names_of_rules,
    pieces_of,
    rules,
    rules_of_history,
    rules_of_training,
)
from cnnwidget.training.metrics.means import sample_of
from cnnwidget.training.metrics.rule import Rule
from cnnwidget.training.metrics.season import Season
from cnnwidget.training.metrics.skill import with_article

# Rules are made from the windows before these shares of the training part, and compared on those
# that follow, up to the next share.
SHARES = (0.5, 0.75, 1.0)
# With fewer training windows than this, rules are compared on the windows that they are made from.
LEAST_WINDOWS = 8
# Windows that rules are compared on; of more, a sample.
MOST_COMPARED = 256

# Rules that do not look at the history.
CONSTANTS = ("median frame", "mean frame", "climatology")

# Of a forecast and a truth, (batch, forecast_len x targets, *size): a number.
Loss = Callable[[Tensor, Tensor], Tensor]


@dataclass(frozen=True, eq=False)
class Reference:
    """The rule that a network adds to.

    Attributes:
        name: of the rule.
        rule: from scaled histories to scaled forecasts.
        season: which the means of the rule go by; None if they are the same for all frames.
        losses: name and loss of each rule that it was chosen from, on windows of the training part;
            empty if it was not chosen.
    """

    name: str
    rule: Rule
    season: Season | None = None
    losses: tuple[tuple[str, float], ...] = ()

    @property
    def sentence(self) -> str:
        """The name of the rule and the reason for it, in a sentence.

        Example:
            >>> import torch
            >>> rule = Rule(torch.ones(1, 1, 1))
            >>> losses = (("persistence", 0.0512), ("mean frame", 0.0741))
            >>> print(Reference("persistence", rule, losses=losses).sentence)
            The network adds to persistence, the best rule on the training part (loss 0.0512; next \
is the mean frame with 0.0741).
        """
        if not self.losses:
            return f"The network adds to {with_article(self.name)}, as was asked for."
        (_, best), *others = sorted(self.losses, key=lambda pair: pair[1])
        beside = ""
        if others:
            name, loss = others[0]
            beside = f"; next is {with_article(name)} with {loss:.3g}"
        return (
            f"The network adds to {with_article(self.name)}, the best rule on the training part "
            f"(loss {best:.3g}{beside})."
        )


def reference_for(
    kind: str,
    windows: Windows,
    season: Season | None,
    otherwise: tuple[float, ...],
    loss: Loss,
    *,
    can_be_zero: bool,
) -> Reference | None:
    """Return the reference that a recipe asks for.

    Args:
        kind: the name of a rule, `auto` for the best one, or `none`.
        windows: scaled.
        season: of the series; None is none.
        otherwise: of each target, for places of which nothing is known.
        loss: of the training.
        can_be_zero: whether the output of the network can be 0 everywhere.

    Returns:
        None for `none`, and for `auto` if the output cannot be 0.

    Raises:
        CnnwidgetError: if a rule is asked for that the network cannot add to, or that there is not.
    """
    if kind == "none" or (kind == "auto" and not can_be_zero):
        return None
    if not can_be_zero:
        raise CnnwidgetError(
            f"reference is {kind!r}, but the output of this network cannot be 0, so that it cannot "
            "begin at the reference: it ends in an activation or a product; take final_activation="
            "'none', or reference='none'."
        )
    if kind == "auto":
        return best_reference(windows, season, otherwise, loss)
    return reference_named(kind, windows, season, otherwise)


def reference_named(
    name: str, windows: Windows, season: Season | None, otherwise: tuple[float, ...]
) -> Reference:
    """Return a rule as the reference, made from the whole training part.

    Args:
        name: of a rule; `BASELINES` has all of them.
        windows: scaled.
        season: of the series; None is none.
        otherwise: of each target, for places of which nothing is known.

    Raises:
        DataError: if there is no such rule for these windows.
    """
    names = names_of_rules(windows.cut, season, with_training=True)
    if name not in names:
        reason = "a history of one frame has no trend"
        if name == "climatology":
            reason = "there is no season; give a period"
        raise DataError(
            f"reference is {name!r}, but {reason}; choose from {', '.join(map(repr, names))}."
        )
    found = rules([name], windows, season, otherwise)
    assert found is not None
    rule = found[name]
    by_season = rule.means is not None and len(rule.means) > 1
    return Reference(name, rule, season if by_season else None)


def best_reference(
    windows: Windows, season: Season | None, otherwise: tuple[float, ...], loss: Loss
) -> Reference:
    """Return the rule with the least loss on windows that come after those it is made from.

    All of these windows are of the training part. The rule is then made from the whole of it. If
    the targets are not among the inputs, rules that look at their history are left out: who gives a
    network other variables than those it forecasts may not have these later.

    Args:
        windows: scaled.
        season: of the series; None is none.
        otherwise: of each target, for places of which nothing is known.
        loss: of the training.
    """
    names = names_of_rules(windows.cut, season, with_training=True)
    if windows.window_channels.target_positions is None:
        names = [name for name in names if name in CONSTANTS]
    totals, count = dict.fromkeys(names, 0.0), 0
    for made_from, compared_on in parts_of(windows):
        made = rules_of_training(windows, made_from, season, otherwise)
        found = rules_of_history(windows.cut) | (made or {})
        losses = losses_of(found, windows, compared_on, season, otherwise=otherwise, loss=loss)
        for name in names:
            totals[name] += losses[name] * len(compared_on)
        count += len(compared_on)
    means = {name: total / count for name, total in totals.items()}
    known = {name: value for name, value in means.items() if isfinite(value)}
    best = min(known, key=lambda name: known[name], default=names[0])
    chosen = reference_named(best, windows, season, otherwise)
    return Reference(best, chosen.rule, chosen.season, tuple(known.items()))


def parts_of(windows: Windows) -> list[tuple[range, range]]:
    """Return windows to make rules from, and windows that follow them to compare rules on.

    No target that rules are compared on was seen before.
    """
    train, cut = windows.split.train, windows.cut
    if len(train) < LEAST_WINDOWS:
        return [(train, train)]
    edges = [train.start + round(share * len(train)) for share in SHARES]
    # The last targets of one window are those of windows that begin so many later.
    overlap = -(-cut.forecast_len // cut.stride) - 1
    return [
        (range(train.start, max(train.start + 1, first - overlap)), range(first, stop))
        for first, stop in pairwise(edges)
    ]


def losses_of(
    found: Mapping[str, Rule],
    windows: Windows,
    numbers: range,
    season: Season | None,
    *,
    otherwise: tuple[float, ...],
    loss: Loss,
) -> dict[str, float]:
    """Return the mean loss of each rule on some windows; of many, on a sample of them."""
    chosen: NDArray[np.int64] = sample_of(numbers, MOST_COMPARED)
    totals = dict.fromkeys(found, 0.0)
    for some in pieces_of(windows, chosen):
        truth = windows.gather(some)[1].flatten(1, 2)
        history, phases = histories(windows, some, season, otherwise)
        for name, rule in found.items():
            forecast = rule.forecast(history, phases).flatten(1, 2)
            totals[name] += float(loss(forecast, truth)) * len(some)
    return {name: total / len(chosen) for name, total in totals.items()}
