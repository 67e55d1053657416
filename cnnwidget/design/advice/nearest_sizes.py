"""The nearest sizes of the input that go through a design, larger and smaller."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import ceil
from typing import TYPE_CHECKING, Literal

from cnnwidget.design.advice.mend import Mend, fits, size_of, with_size
from cnnwidget.design.axes import Size
from cnnwidget.design.network import nodes

if TYPE_CHECKING:
    from cnnwidget.design.design_types import Design

# So many sizes next to the present one are tried one by one: what repeats does so within fewer.
MOST_TRIED = 64
LEAST_TRIED = 8
# Of designs of many layers fewer are tried, so that an answer does not keep a slider waiting.
MOST_LAYERS = 4000
# Beyond those, the size is doubled or halved so many times.
DOUBLINGS = 6
# A size that is to be halved again and again, and to come back, is a multiple of one of these.
MULTIPLES = (2, 3, 4, 6, 8, 9, 16, 27, 32, 64, 128, 256)

Direction = Literal[1, -1]


def nearest_sizes(design: Design) -> Iterator[Mend]:
    """The design with the nearest larger input that goes through, and with the nearest smaller."""
    for direction in (1, -1):
        mend = nearest(design, direction)
        if mend is not None:
            yield mend


def nearest(design: Design, direction: Direction) -> Mend | None:
    """The nearest size in one direction that goes through, if one is found.

    Whether a size fits is, as a rule, a matter of each axis by itself and the same for all. So
    sizes that are the same along all axes are tried first, and put together.
    """
    size = size_of(design)
    if not size or with_size(design, tuple(n + 1 for n in size)) is None:
        return None
    layers = sum(1 for _ in nodes(design.network().children))
    most = max(LEAST_TRIED, min(MOST_TRIED, MOST_LAYERS // max(1, layers)))
    found: dict[int, int | None] = {}
    for n in size:
        if n not in found:
            near = (n + direction * step for step in range(most + 1))
            found[n] = next((t for t in near if t > 0 and fits_at(design, (t,) * len(size))), None)
    together = [found[n] for n in size]
    goal = tuple(n for n in together if n is not None)
    if len(goal) < len(size) or not fits_at(design, goal):
        far = larger(design, size) if direction > 0 else smaller(design, size)
        if far is None:
            return None
        goal = far
    return with_size(design, goal)


def larger(design: Design, size: Size) -> Size | None:
    """A larger size, rounded up or doubled until it fits, then each axis as small as may be."""
    rounded = (tuple(-(-n // m) * m for n in size) for m in MULTIPLES)
    doubled = (tuple(n * 2**times for n in size) for times in range(1, DOUBLINGS + 1))
    goal = next(
        (each for tried in (rounded, doubled) for each in tried if fits_at(design, each)), None
    )
    return None if goal is None else narrowed(design, size, goal)


def smaller(design: Design, size: Size) -> Size | None:
    """A smaller size, rounded down or halved until it fits, then each axis as large as may be."""
    rounded = (tuple(max(1, n // m * m) for n in size) for m in MULTIPLES)
    halved = (tuple(ceil(n / 2**times) for n in size) for times in range(1, max(size).bit_length()))
    goal = next(
        (each for tried in (rounded, halved) for each in tried if fits_at(design, each)), None
    )
    return None if goal is None else narrowed(design, size, goal)


def narrowed(design: Design, size: Size, goal: Size) -> Size:
    """A size that fits, brought nearer to the present one axis by axis, by halving the way."""
    for axis, wanted in enumerate(size):
        at = with_axis(goal, axis)
        bad, good = wanted, goal[axis]
        if fits_at(design, at(bad)):
            good = bad
        # Fits at `good`. If it does so in patches, this ends in one of them.
        while abs(good - bad) > 1:
            middle = (good + bad) // 2
            if fits_at(design, at(middle)):
                good = middle
            else:
                bad = middle
        goal = at(good)
    return goal


def with_axis(size: Size, axis: int) -> Callable[[int], Size]:
    """A size with one of its numbers left open."""
    return lambda n: (*size[:axis], n, *size[axis + 1 :])


def fits_at(design: Design, size: Size) -> bool:
    """Whether the design fits on another size of the input."""
    mend = with_size(design, size)
    return mend is not None and fits(mend.design)
