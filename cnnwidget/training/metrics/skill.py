"""Skill: by how much a network beats the best forecast that needs none, in numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, isnan

from cnnwidget.training.metrics.metrics import Metrics
from cnnwidget.training.metrics.scores import NOTHING
from cnnwidget.training.metrics.verdict import Lead, sentence


@dataclass(frozen=True)
class Skill:
    """1 is perfect, 0 no better than the best baseline, below 0 worse.

    skill = 1 - (mean absolute error of the network) / (that of the best baseline); see Murphy 1988,
    Monthly Weather Review 116, 2417-2424.

    Attributes:
        total: over all lead times; None where the best baseline is already exact, its error being
            below a millionth of the data's range, or where nothing is known of the truth.
        per_lead: at each lead time, against the best baseline there; None likewise.
        sentence: what that means.
    """

    total: float | None
    per_lead: tuple[float | None, ...]
    sentence: str

    def __str__(self) -> str:
        return self.sentence

    @property
    def beats_all(self) -> bool:
        """Whether the network is better than every baseline at every lead time."""
        return all(each is not None and each > 0 for each in self.per_lead)


def skill_of(metrics: Metrics, span: float) -> Skill:
    """The skill of a network.

    Args:
        metrics: its errors and those of the baselines.
        span: the range of the data, in the same units; 1 where errors are shares of it.

    Example:
        >>> from cnnwidget.training.metrics.scores import Errors
        >>> network, other = (Errors(mae, mae) for mae in ((3.0, 3.0, 3.0), (2.0, 4.0, 6.0)))
        >>> print(skill_of(Metrics("test", 9, network, (("persistence", other),)), span=10.0))
        Beats every baseline from lead 2 on; at lead 1 persistence is better, on 9 test windows: \
mean absolute error 3 against 4 of persistence, skill 25% over all.
    """
    floor = NOTHING * span
    network = metrics.network.mae_per_lead
    baselines = {name: errors.mae_per_lead for name, errors in metrics.baselines}
    leads = []
    for number, own in enumerate(network):
        name, error = best_of({name: each[number] for name, each in baselines.items()})
        known = not (isnan(own) and isnan(error))  # nobody errs where there is no truth
        leads.append(Lead(name, one_minus_ratio(own, error, floor), known=known))
    name, best = best_of({name: mean(each, leads) for name, each in baselines.items()})
    own = mean(network, leads)
    total = one_minus_ratio(own, best, floor)
    words = sentence(metrics, leads, total, (own, best, name))
    return Skill(total, tuple(lead.skill for lead in leads), words)


def best_of(errors: dict[str, float]) -> tuple[str, float]:
    """The name and the error of the best; what is no number is not."""
    return min(errors.items(), key=lambda pair: inf if isnan(pair[1]) else pair[1])


def mean(errors: Sequence[float], leads: Sequence[Lead]) -> float:
    """The mean over the lead times of which something is known; no number where there is none."""
    known = [error for error, lead in zip(errors, leads, strict=True) if lead.known]
    return sum(known) / len(known) if known else float("nan")


def one_minus_ratio(error: float, baseline: float, floor: float) -> float | None:
    """The skill against one baseline; None where that leaves nothing to gain, or is no number."""
    return 1 - error / baseline if baseline > floor else None
