"""Orders of axes: which axis of an array is time, which are channels and which are space."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from cnnwidget.data.errors import DataError
from cnnwidget.design.axes import spell
from cnnwidget.design.value import shortened

# The axes of space for one to three dimensions, in the order in which torch takes them.
SPACE = {1: "L", 2: "HW", 3: "DHW"}
# What an array is understood as, by its number of axes. Five could only be T C D H W, but four
# could be volumes without channels: with volumes the order is written down, always.
GUESSED = {2: "TL", 3: "THW", 4: "TCHW"}
MOST_AXES = 5


def arrange(values: NDArray[Any], axes: str | None, name: str) -> tuple[NDArray[Any], bool]:
    """An array as (T, C, *size), and whether it had channels.

    Args:
        values: any array.
        axes: a letter for each of its axes, in its order; None for the usual order.
        name: what to call the array in an error.

    Returns:
        A view, never a copy.

    Raises:
        DataError: if the array has no such axes.

    Example:
        >>> import numpy as np
        >>> view, has_channels = arrange(np.zeros((5, 6, 100)), "H W T", "ice")
        >>> view.shape, has_channels
        ((100, 1, 5, 6), False)
    """
    if not 2 <= values.ndim <= MOST_AXES:
        shape = f"the shape {spell(values.shape)}" if values.ndim else "no axes"
        cures = {0: "give a whole series", 1: "give it axes for time and space, say T L"}
        cure = cures.get(values.ndim, "choose one variable or level")
        raise DataError(f"{name} has {shape}, but frames have 2 to 5 axes; {cure}.")
    given = letters_of(axes, values, name)
    wanted = [letter for letter in "TCDHWL" if letter in given]
    values = values.transpose([given.index(letter) for letter in wanted])
    return (values, True) if "C" in given else (values[:, None], False)


def letters_of(axes: str | None, values: NDArray[Any], name: str) -> str:
    """The letters of the axes, checked: `THW`."""
    shape = spell(values.shape)
    if axes is None:
        if values.ndim not in GUESSED:
            raise DataError(
                f"{name} has the shape {shape}, and what five axes are is not guessed; write "
                "axes='T C D H W', or the order that they are in."
            )
        return GUESSED[values.ndim]
    if not isinstance(axes, str):
        raise DataError(f"{name}: axes is {shortened(axes)}, but must be a text like 'T C H W'.")
    letters = "".join(axes.upper().split())
    where = f"{name}: axes is {shortened(axes)}"
    if "T" not in letters:
        raise DataError(f"{where}, but one axis must be time; write T for it, as in 'T H W'.")
    space = "".join(sorted(letters.replace("T", "", 1).replace("C", "", 1)))
    if space not in SPACE.values():
        raise DataError(
            f"{where}, but must be T, C if there are channels, and L, H W or D H W, each once and "
            "in any order; write say 'T C H W'."
        )
    if len(letters) != values.ndim:
        raise DataError(
            f"{where}, {len(letters)} letters, but the shape {shape} has {values.ndim} axes; "
            "write one letter for each."
        )
    return letters
