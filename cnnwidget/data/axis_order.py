"""The order of axes: which axis of an array is time, which are channels, which are space.

Arrays without names of axes are understood here, by the number of their axes or by the letters that
a user writes; `axis_names` finds the axes of files that name them.
"""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from cnnwidget.data.argument_checks import whole_number
from cnnwidget.data.data_error import DataError
from cnnwidget.design.axes import spell
from cnnwidget.design.value import shortened

# The axes of space for one to three dimensions, in the order of torch.
SPACE = {1: "L", 2: "HW", 3: "DHW"}
# The usual axes by their number. Five axes could only be T C D H W, but four could be volumes
# without channels; so the axes of volumes must always be written.
GUESSED = {2: "TL", 3: "THW", 4: "TCHW"}
MOST_AXES = 5
# An array of images may have its colours last: so many, behind two axes of at least so many pixels.
COLOURS = {3, 4}
SMALLEST_PICTURE = 8


def arrange_axes(
    values: NDArray[Any], axes: str | None, name: str, frame_len: int | None = None
) -> tuple[NDArray[Any], bool]:
    """Return an array as (T, C, *size), and whether it had channels.

    Args:
        values: any array.
        axes: a letter for each axis of the array; None for the usual order.
        name: of the array, for errors.
        frame_len: the number of steps in a frame, of a series without space; an incomplete frame
            at the end is cut off.

    Returns:
        A view; a copy only of a series with channels that is folded into frames.

    Raises:
        DataError: if the array has no such axes.

    Example:
        >>> import numpy as np
        >>> view, has_channels = arrange_axes(np.zeros((5, 6, 100)), "H W T", "ice")
        >>> view.shape, has_channels
        ((100, 1, 5, 6), False)
        >>> arrange_axes(np.zeros(1000), None, "sound", frame_len=64)[0].shape
        (15, 1, 64)
    """
    if axes is not None and not isinstance(axes, str):
        raise DataError(f"{name}: axes is {shortened(axes)}, but must be a text like 'T C H W'.")
    if frame_len is not None or values.ndim == 1:
        return fold_series(values, axes, name, frame_len)
    if not 2 <= values.ndim <= MOST_AXES:
        shape = f"the shape {spell(values.shape)}" if values.ndim else "no axes"
        cure = "choose one variable or level" if values.ndim else "give a whole series"
        raise DataError(f"{name} has {shape}, but frames have 2 to 5 axes; {cure}.")
    letters = axis_letters(axes, values, name)
    ordered = [letter for letter in "TCDHWL" if letter in letters]
    values = values.transpose([letters.index(letter) for letter in ordered])
    return (values, True) if "C" in letters else (values[:, None], False)


def fold_series(
    values: NDArray[Any], axes: str | None, name: str, frame_len: int | None
) -> tuple[NDArray[Any], bool]:
    """Return a series without space, (T,) or (T, C), as frames (T, C, L) of `frame_len` steps.

    Raises:
        DataError: if the series has other axes, or is shorter than a frame.
    """
    if frame_len is None:
        raise DataError(
            f"{name} has {len(values):,} values, one after the other; say how many make a frame, "
            "as frame_len=24 for the hours of a day."
        )
    length = whole_number("frame_len", frame_len)
    letters = letters_in(axes or "TC"[: values.ndim])
    if values.ndim > 2 or sorted(letters) != sorted("TC"[: values.ndim]):
        raise DataError(
            f"{name} has the shape {spell(values.shape)}, but frame_len is for a series without "
            "space: T, or T C; leave frame_len out."
        )
    series = (
        values[:, None]
        if values.ndim == 1
        else values.transpose([letters.index(letter) for letter in "TC"])
    )
    count = len(series) // length
    if not count:
        raise DataError(
            f"{name} has {len(series):,} steps, but frame_len is {length:,}; make frames of fewer."
        )
    cut = series[: count * length].reshape(count, length, -1)
    return cut.swapaxes(1, 2), values.ndim == 2


def axis_letters(axes: str | None, values: NDArray[Any], name: str) -> str:
    """Return the letters of the axes of an array: `THW`.

    Raises:
        DataError: if the letters do not fit to the array, or cannot be guessed.
    """
    shape = spell(values.shape)
    if axes is None:
        if values.ndim not in GUESSED:
            raise DataError(
                f"{name} has the shape {shape}, and what five axes are is not guessed; write "
                "axes='T C D H W', or the order that they are in."
            )
        if (
            values.ndim == 4
            and values.shape[3] in COLOURS
            and min(values.shape[1:3]) >= (SMALLEST_PICTURE)
        ):
            raise DataError(
                f"{name} has the shape {shape}, which may be T H W C or T C H W; write axes for "
                "the one that it is."
            )
        return GUESSED[values.ndim]
    letters = letters_in(axes)
    where = f"{name}: axes is {shortened(axes)}"
    if "T" not in letters:
        raise DataError(f"{where}, but one axis must be time; write T for it, as in 'T H W'.")
    if sorted(letters) == ["C", "T"]:
        raise DataError(
            f"{name} has the shape {shape} as T C, without space; say how many steps make a frame, "
            "as frame_len=24 for the hours of a day."
        )
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


def letters_in(axes: str) -> str:
    """Return the letters of axes in upper case, without spaces: `TCHW`."""
    return "".join(axes.upper().split())
