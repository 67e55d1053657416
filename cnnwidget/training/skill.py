"""Skill: by how much a network beats the best forecast that needs none, in numbers and in words."""

from __future__ import annotations

from dataclasses import dataclass

from cnnwidget.training.metrics import Metrics

# A baseline whose error is below this share of the data's range leaves nothing to learn.
PERFECT = 1e-6


@dataclass(frozen=True)
class Skill:
    """1 is perfect, 0 no better than the best baseline, below 0 worse.

    skill = 1 - (mean absolute error of the network) / (that of the best baseline); see Murphy 1988,
    Monthly Weather Review 116, 2417-2424.

    Attributes:
        total: over all lead times; None where the best baseline is already perfect.
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
        """Whether the network is better than the best baseline at every lead time."""
        return all(each is None or each > 0 for each in self.per_lead) and self.total is not None


def skill_of(metrics: Metrics, span: float) -> Skill:
    """The skill of a network.

    Args:
        metrics: its errors and those of the baselines.
        span: the range of the data, in the same units; 1 where errors are shares of it.
    """
    floor = PERFECT * span
    leads = range(len(metrics.network.mae_per_lead))
    per_lead = tuple(
        one_minus_ratio(
            metrics.network.mae_per_lead[lead],
            min(errors.mae_per_lead[lead] for _, errors in metrics.baselines),
            floor,
        )
        for lead in leads
    )
    best_name, best = min(metrics.baselines, key=lambda pair: pair[1].mae)
    total = one_minus_ratio(metrics.network.mae, best.mae, floor)
    return Skill(total, per_lead, sentence(metrics, best_name, best.mae, total, per_lead))


def one_minus_ratio(error: float, baseline: float, floor: float) -> float | None:
    """The skill against one baseline; None where that leaves nothing to gain."""
    return None if baseline <= floor else 1 - error / baseline


def sentence(
    metrics: Metrics,
    best_name: str,
    best: float,
    total: float | None,
    per_lead: tuple[float | None, ...],
) -> str:
    """The verdict in words."""
    where = f"on {metrics.measured_on}"
    if metrics.part == "training":
        where += ", which it was trained on"
    if total is None:
        return (
            f"These data need no network: {best_name} is already exact {where}, so there is no "
            "skill to speak of."
        )
    figures = f"mean absolute error {metrics.network.mae:.3g} against {best:.3g} of {best_name}"
    if metrics.shares:
        figures += f" ({metrics.shares})"
    better = [lead for lead, each in enumerate(per_lead, 1) if each is not None and each > 0]
    if len(better) == len(per_lead):
        return f"Beats both baselines at every lead time {where}: {figures}, skill {total:.0%}."
    if not better:
        return (
            f"Does not beat the best baseline at any lead time {where}: {figures}, skill "
            f"{total:.0%}. Train longer, or change the design."
        )
    worse = [lead for lead in range(1, len(per_lead) + 1) if lead not in better]
    return (
        f"Better than both baselines at lead {ranges(better)}, not at lead {ranges(worse)}, "
        f"{where}: {figures}, skill {total:.0%} over all."
    )


def ranges(numbers: list[int]) -> str:
    """Numbers to read: 1, 2, 3, 5 as `1 to 3 and 5`."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    words = [str(run[0]) if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
