"""Whether a training has room in memory, which is asked before anything is allocated."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from cnnwidget.data.memory import available, in_gigabytes
from cnnwidget.design.errors import DesignError
from cnnwidget.design.planning.plan import Plan

# In 32-bit floats: a weight, its gradient, Adam's two moments, the copy in the best weights so far,
# and the one in those that take their place while the older are still there.
BYTES_A_WEIGHT = 6 * 4
# What allocators of PyTorch say on Linux, on Windows and on GPUs, each in a RuntimeError.
SHORTAGES = ("can't allocate memory", "not enough memory", "out of memory")


def check_room(plan: Plan, batch: int) -> None:
    """Refuse a training that cannot fit into memory; what is refused would surely fail.

    Args:
        plan: of the design.
        batch: windows in the largest batch.

    Raises:
        DesignError: with what is needed at least, what is left, and what to change.
    """
    left = available()
    held = BYTES_A_WEIGHT * plan.params
    needed = held + plan.memory * batch
    if left is None or needed <= left:
        return
    ways = ["fewer channels"]
    if held < left and batch > 1:
        ways.insert(0, "a smaller batch_size")
    if getattr(plan.design, "latent_shape", None):
        ways.append("no latent block")
    raise DesignError(
        f"Training this design in batches of {batch} takes {in_gigabytes(needed)} of memory or "
        f"more, but {in_gigabytes(left)} is left; try {' or '.join(ways)}."
    )


@contextmanager
def shortage_told() -> Iterator[None]:
    """PyTorch's own words for too little memory become one sentence.

    Raises:
        MemoryError: in the place of a RuntimeError that says so.
    """
    try:
        yield
    except RuntimeError as error:
        if not any(words in str(error) for words in SHORTAGES):
            raise
        raise MemoryError(
            "There is too little memory for this training; try a smaller batch_size or fewer "
            "channels, or let go of what else is kept."
        ) from error
