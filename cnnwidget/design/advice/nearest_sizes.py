"""The nearest input sizes that fit a design, larger and smaller."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import ceil
from typing import TYPE_CHECKING, Literal

from cnnwidget.design.advice.mend import Mend, fits, size_of, with_size
from cnnwidget.design.axes import Size
from cnnwidget.design.network import nodes

if TYPE_CHECKING:
    from cnnwidget.design.design_types import Design

# So many sizes next to the present one are tried one by one; sizes that fit repeat within fewer.
MOST_TRIED = 64
LEAST_TRIED = 8
# Of designs with many layers fewer are tried, so that a slider need not wait.
MOST_LAYERS = 4000
# Beyond those, the size is doubled so many times.
DOUBLINGS = 6
# A size that fits repeated halving and doubling is a multiple of one of these.
MULTIPLES = (2, 3, 4, 6, 8, 9, 16, 27, 32, 64, 128, 256)

Direction = Literal[1, -1]


def nearest_sizes(design: Design) -> Iterator[Mend]:
    """Yield the mends with the nearest larger and the nearest smaller input that fits."""
    for direction in (1, -1):
        mend = nearest(design, direction)
        if mend is not None:
            yield mend


def nearest(design: Design, direction: Direction) -> Mend | None:
    """Return the mend with the nearest size in one direction that fits; None if none is found.

    As a rule each axis fits or not by itself, and all by the same rule. So square sizes are tried
    first, and the results combined.
    """
    size = size_of(design)
    if not size or with_size(design, tuple(n + 1 for n in size)) is None:
        return None
    layers = sum(1 for _ in nodes(design.network().children))
    most = max(LEAST_TRIED, min(MOST_TRIED, MOST_LAYERS // max(1, layers)))
    fitting: dict[int, int | None] = {}
    for n in size:
        if n not in fitting:
            near = (n + direction * step for step in range(most + 1))
            fitting[n] = next(
                (t for t in near if t > 0 and fits_at(design, (t,) * len(size))), None
            )
    nearest_per_axis = [fitting[n] for n in size]
    goal = tuple(n for n in nearest_per_axis if n is not None)
    if len(goal) < len(size) or not fits_at(design, goal):
        far = larger(design, size) if direction > 0 else smaller(design, size)
        if far is None:
            return None
        goal = far
    return with_size(design, goal)


def larger(design: Design, size: Size) -> Size | None:
    """Return a larger size that fits, by rounding up or doubling, with each axis made smaller."""
    rounded = (tuple(-(-n // m) * m for n in size) for m in MULTIPLES)
    doubled = (tuple(n * 2**times for n in size) for times in range(1, DOUBLINGS + 1))
    goal = next(
        (each for tried in (rounded, doubled) for each in tried if fits_at(design, each)), None
    )
    return None if goal is None else nearer_size(design, size, goal)


def smaller(design: Design, size: Size) -> Size | None:
    """Return a smaller size that fits, by rounding down or halving, with each axis made larger."""
    rounded = (tuple(max(1, n // m * m) for n in size) for m in MULTIPLES)
    halved = (tuple(ceil(n / 2**times) for n in size) for times in range(1, max(size).bit_length()))
    goal = next(
        (each for tried in (rounded, halved) for each in tried if fits_at(design, each)), None
    )
    return None if goal is None else nearer_size(design, size, goal)


def nearer_size(design: Design, size: Size, goal: Size) -> Size:
    """Return a fitting size nearer to the present one, found axis by axis by bisection."""
    for axis, present in enumerate(size):
        at = with_axis(goal, axis)
        bad, good = present, goal[axis]
        if fits_at(design, at(bad)):
            good = bad
        # `good` fits. Where fitting sizes have gaps, this ends beside one of the gaps.
        while abs(good - bad) > 1:
            middle = (good + bad) // 2
            if fits_at(design, at(middle)):
                good = middle
            else:
                bad = middle
        goal = at(good)
    return goal


def with_axis(size: Size, axis: int) -> Callable[[int], Size]:
    """Return a function from a length to the size with it along one axis."""
    return lambda n: (*size[:axis], n, *size[axis + 1 :])


def fits_at(design: Design, size: Size) -> bool:
    """Whether the design fits another input size."""
    mend = with_size(design, size)
    return mend is not None and fits(mend.design)
