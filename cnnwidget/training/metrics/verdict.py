"""The verdict on a network in a sentence: where it beats every baseline, and what does better."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from cnnwidget.training.metrics.metrics import Metrics

# More clauses than this, or more pieces of a list of lead times, nobody reads.
MOST_CLAUSES, MOST_PIECES = 2, 4
# These two go without an article.
PLAIN = ("persistence", "climatology")


class Lead(NamedTuple):
    """How it stands at a lead time.

    Attributes:
        best: the name of the best baseline.
        skill: against that; None where it leaves nothing to gain.
        known: whether anything is known of the truth.
    """

    best: str
    skill: float | None
    known: bool

    @property
    def beaten(self) -> bool:
        """Whether the network is better than every baseline."""
        return self.skill is not None and self.skill > 0

    @property
    def clause(self) -> str:
        """What is to be said of a baseline that is not beaten."""
        if not self.known:
            return "nothing is known of the truth"
        if self.skill is None:
            return f"{the(self.best)} is already exact"
        return f"{the(self.best)} is {'as good' if self.skill == 0 else 'better'}"


def sentence(
    metrics: Metrics,
    leads: Sequence[Lead],
    total: float | None,
    over_all: tuple[float, float, str],
) -> str:
    """The verdict in words.

    Args:
        metrics: on what it was measured, and in what units.
        leads: how it stands at each lead time.
        total: the skill over all; None where there is none.
        over_all: the error of the network, and error and name of the best baseline.
    """
    where = f"on {metrics.measured_on}"
    if metrics.part == "training":
        where += ", which it was trained on"
    if not any(lead.known for lead in leads):
        return f"Nothing is known of the truth {where}, so there is no skill to speak of."
    own, best, name = over_all
    if total is None:
        return (
            f"These data need no network: {the(name)} is already exact {where}, so there is no "
            "skill to speak of."
        )
    units = f" ({metrics.shares})" if metrics.shares else ""
    figures = f"mean absolute error {own:.3g} against {best:.3g} of {the(name)}{units}"
    if all(lead.beaten for lead in leads):
        claim, advice = "Beats every baseline at every lead time", "."
    elif any(lead.beaten for lead in leads):
        claim, advice = f"{beaten(leads)}; {not_beaten(leads)},", " over all."
    else:
        said = {lead.clause for lead in leads}
        claim = f"{said.pop()} at every lead time" if len(said) == 1 else f"{not_beaten(leads)},"
        claim, advice = claim[0].upper() + claim[1:], ". Train longer, or change the design."
    return f"{claim} {where}: {figures}, skill {total:.0%}{advice}"


def beaten(leads: Sequence[Lead]) -> str:
    """Where the network is better than all."""
    numbers = [number for number, lead in enumerate(leads, 1) if lead.beaten]
    first, count = numbers[0], len(numbers)
    to_the_end = count > 1 and numbers == list(range(first, len(leads) + 1))
    return f"Beats every baseline {f'from lead {first} on' if to_the_end else at(numbers, leads)}"


def not_beaten(leads: Sequence[Lead]) -> str:
    """Where it is not, and what is better there: `at lead 1 persistence is better`."""
    said: dict[str, list[int]] = {}
    for number, lead in enumerate(leads, 1):
        if not lead.beaten:
            said.setdefault(lead.clause, []).append(number)
    if len(said) <= MOST_CLAUSES:
        return ", ".join(f"{at(numbers, leads)} {clause}" for clause, numbers in said.items())
    numbers = sorted(number for each in said.values() for number in each)
    return f"{at(numbers, leads)} it does not beat the best of them"


def at(numbers: Sequence[int], leads: Sequence[Lead]) -> str:
    """Lead times to read.

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
    """Numbers in a row as one piece.

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


def the(name: str) -> str:
    """The name of a baseline within a sentence."""
    return name if name in PLAIN else f"the {name}"
