"""Skill: by how much a network beats the best baseline, in numbers and in a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, isnan
from typing import TYPE_CHECKING, NamedTuple

from cnnwidget.training.metrics.scores import NOTHING

if TYPE_CHECKING:
    from cnnwidget.training.metrics.metrics import Metrics

# The sentence gives the spread of fewer windows than this.
FEW_WINDOWS = 30
# More clauses than this, or more pieces of a list of lead times, nobody reads.
MOST_CLAUSES, MOST_PIECES = 2, 4
# These two go without an article.
PLAIN = ("persistence", "climatology")


@dataclass(frozen=True)
class Skill:
    """1 is perfect, 0 no better than the best baseline, below 0 worse.

    skill = 1 - (mean absolute error of the network) / (that of the best baseline); see Murphy 1988,
    Monthly Weather Review 116, 2417-2424.

    Attributes:
        total: over all lead times; None where the best baseline is already exact, its error being
            below a millionth of the data's range, or where nothing is known of the truth.
        per_lead: at each lead time, against the best baseline there; None likewise.
        sentence: in words.
        clear: at each lead time, whether the difference is larger than its spread over windows.
    """

    total: float | None
    per_lead: tuple[float | None, ...]
    sentence: str
    clear: tuple[bool, ...]

    def __str__(self) -> str:
        return self.sentence

    @property
    def beats_all(self) -> bool:
        """Whether the network is clearly better than every baseline at every lead time."""
        each = zip(self.per_lead, self.clear, strict=True)
        return all(skill is not None and skill > 0 and clear for skill, clear in each)


def skill_of(metrics: Metrics) -> Skill:
    """Return the skill of a network, from its errors and those of the baselines.

    Example:
        >>> from cnnwidget.training.metrics.scores import Errors
        >>> from cnnwidget.training.metrics.metrics import Metrics
        >>> maes = ((3.0, 3.0, 3.0), (2.0, 4.0, 6.0))
        >>> network, other = (Errors(mae, mae, peak=10.0) for mae in maes)
        >>> print(skill_of(Metrics("test", 9, network, (("persistence", other),))))
        Beats every baseline from lead 2 on; at lead 1 persistence is better, on 9 test windows: \
mean absolute error 3 against 4 of persistence, skill 25% over all.
    """
    floor = NOTHING * metrics.network.peak
    network = metrics.network.mae_per_lead
    baselines = {name: errors.mae_per_lead for name, errors in metrics.baselines}
    spreads = dict(zip(baselines, metrics.spreads, strict=False))
    leads = []
    for number, own in enumerate(network):
        name, error = best_of({name: each[number] for name, each in baselines.items()})
        known = not (isnan(own) and isnan(error))  # nobody errs where there is no truth
        spread = spreads[name].per_lead[number] if name in spreads else None
        clear = not abs(error - own) <= (spread or 0.0)
        leads.append(Lead(name, one_minus_ratio(own, error, floor), known=known, clear=clear))
    name, best = best_of({name: mean(each, leads) for name, each in baselines.items()})
    own = mean(network, leads)
    total = one_minus_ratio(own, best, floor)
    spread = spreads[name].total if name in spreads else None
    words = sentence(metrics, leads, total, Difference(own, best, name, spread))
    per_lead, clear_leads = zip(*((lead.skill, lead.clear) for lead in leads), strict=True)
    return Skill(total, per_lead, words, clear_leads)


class Difference(NamedTuple):
    """The network against the best baseline over all lead times.

    Attributes:
        own: the mean absolute error of the network.
        best: that of the best baseline.
        name: of that baseline.
        spread: of the difference; None is unknown.
    """

    own: float
    best: float
    name: str
    spread: float | None


def best_of(errors: dict[str, float]) -> tuple[str, float]:
    """Return name and error of the best baseline; NaN is not best."""
    return min(errors.items(), key=lambda pair: inf if isnan(pair[1]) else pair[1])


def mean(errors: Sequence[float], leads: Sequence[Lead]) -> float:
    """Return the mean over the lead times with known truth; NaN if there is none."""
    known = [error for error, lead in zip(errors, leads, strict=True) if lead.known]
    return sum(known) / len(known) if known else float("nan")


def one_minus_ratio(error: float, baseline: float, floor: float) -> float | None:
    """Return the skill against one baseline; None if that leaves nothing to gain, or is NaN."""
    return 1 - error / baseline if baseline > floor else None


class Lead(NamedTuple):
    """The network against the best baseline at one lead time.

    Attributes:
        best: the name of the best baseline.
        skill: against that; None where it leaves nothing to gain.
        known: whether anything is known of the truth.
        clear: whether the difference is larger than its spread over the windows.
    """

    best: str
    skill: float | None
    known: bool
    clear: bool = True

    @property
    def beaten(self) -> bool:
        """Whether the network is clearly better than every baseline."""
        return self.skill is not None and self.skill > 0 and self.clear

    @property
    def clause(self) -> str:
        """The baseline that is better there, as a clause."""
        if not self.known:
            return "nothing is known of the truth"
        if self.skill is None:
            return f"{with_article(self.best)} is already exact"
        if self.skill == 0:
            return f"{with_article(self.best)} is as good"
        if not self.clear:
            return f"there is no clear difference from {with_article(self.best)}"
        return f"{with_article(self.best)} is better"


def sentence(
    metrics: Metrics,
    leads: Sequence[Lead],
    total: float | None,
    over_all: Difference,
) -> str:
    """Return the skill in words.

    Args:
        metrics: with the windows and the units.
        leads: the comparison at each lead time.
        total: the skill over all; None where there is none.
        over_all: the network and the best baseline.
    """
    where = f"on {metrics.measured_on}"
    if metrics.part == "training":
        where += ", which it was trained on"
    if not any(lead.known for lead in leads):
        return f"Nothing is known of the truth {where}, so there is no skill to speak of."
    own, best, name, spread = over_all
    if total is None:
        return (
            f"These data need no network: {with_article(name)} is already exact {where}, so there "
            "is no skill to speak of."
        )
    units = f" ({metrics.shares})" if metrics.shares else ""
    figures = f"mean absolute error {own:.3g} against {best:.3g} of {with_article(name)}{units}"
    if spread and metrics.windows < FEW_WINDOWS:
        figures += f", a difference of {best - own:.2g} ± {spread:.2g}"
    if all(lead.beaten for lead in leads):
        claim, ending = "Beats every baseline at every lead time", "."
    elif any(lead.beaten for lead in leads):
        claim, ending = f"{beaten(leads)}; {not_beaten(leads)},", " over all."
    else:
        said = {lead.clause for lead in leads}
        claim = f"{said.pop()} at every lead time" if len(said) == 1 else f"{not_beaten(leads)},"
        claim, ending = claim[0].upper() + claim[1:], ". Train longer, or change the design."
    return f"{claim} {where}: {figures}, skill {total:.0%}{ending}"


def beaten(leads: Sequence[Lead]) -> str:
    """Return at which lead times the network beats every baseline."""
    numbers = [number for number, lead in enumerate(leads, 1) if lead.beaten]
    first, count = numbers[0], len(numbers)
    to_the_end = count > 1 and numbers == list(range(first, len(leads) + 1))
    return f"Beats every baseline {f'from lead {first} on' if to_the_end else at(numbers, leads)}"


def not_beaten(leads: Sequence[Lead]) -> str:
    """Return at which it does not, and what is better: `at lead 1 persistence is better`."""
    said: dict[str, list[int]] = {}
    for number, lead in enumerate(leads, 1):
        if not lead.beaten:
            said.setdefault(lead.clause, []).append(number)
    if len(said) <= MOST_CLAUSES:
        return ", ".join(f"{at(numbers, leads)} {clause}" for clause, numbers in said.items())
    numbers = sorted(number for each in said.values() for number in each)
    return f"{at(numbers, leads)} it does not beat the best of them"


def at(numbers: Sequence[int], leads: Sequence[Lead]) -> str:
    """Return lead times in words.

    Example:
        >>> leads = [Lead("persistence", 0.5, known=True)] * 12
        >>> at([1], leads), at([1, 2, 5], leads), at([1, 3, 5, 7, 9, 11], leads)
        ('at lead 1', 'at leads 1 to 2 and 5', 'at 6 of 12 lead times')
    """
    if len(numbers) == 1:
        return f"at lead {numbers[0]}"
    pieces = ranges(numbers)
    if len(pieces) > MOST_PIECES:
        return f"at {len(numbers)} of {len(leads)} lead times"
    words = pieces[0] if len(pieces) == 1 else f"{', '.join(pieces[:-1])} and {pieces[-1]}"
    return f"at leads {words}"


def ranges(numbers: Sequence[int]) -> list[str]:
    """Return numbers with those in a row as one piece.

    Example:
        >>> ranges([1, 2, 3, 5])
        ['1 to 3', '5']
    """
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return [str(run[0]) if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs]


def with_article(name: str) -> str:
    """Return the name of a baseline with its article."""
    return name if name in PLAIN else f"the {name}"
