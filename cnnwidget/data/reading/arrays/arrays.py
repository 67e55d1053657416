"""Arrays, tensors and lists of either."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnwidget.data.argument_checks import check_dtype
from cnnwidget.data.data_error import DataError
from cnnwidget.data.missing import nan_where
from cnnwidget.data.reading.images.image_folders import read_list
from cnnwidget.data.reading.read_result import ReadResult
from cnnwidget.design.axes import spell
from cnnwidget.design.value import shortened


def read_array(source: Any) -> ReadResult:
    """Read an array or a tensor as it is, and a list of frames as one array.

    Raises:
        DataError: if the source is none of these.
    """
    if isinstance(source, np.ndarray):
        return ReadResult(mask_to_nan(source, "array"), "array")
    # A source cannot be a tensor before torch is imported.
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(source, torch.Tensor):
        return ReadResult(values_of_tensor(source), "tensor")
    if isinstance(source, list | tuple):
        pictures = sys.modules.get("PIL.Image")
        if pictures and source and all(isinstance(each, pictures.Image) for each in source):
            return read_list(source)
        return ReadResult(stack_frames(source), "list")
    text = " ".join(shortened(source).split())  # the repr of a table has many lines
    raise DataError(
        f"{text} is a {type(source).__name__}, but must be an array, a tensor, a list "
        "of images, an xarray DataArray or Dataset, or the path of a file; numpy.asarray makes an "
        "array of many things."
    )


def mask_to_nan(array: Any, called: str) -> NDArray[Any]:
    """Return an array, with NaN at the masked values of a masked array."""
    values = np.asarray(array)
    if not isinstance(array, np.ma.MaskedArray):
        return values
    check_dtype(values.dtype, called)
    return nan_where(values, np.ma.getmaskarray(array))


def values_of_tensor(tensor: Any) -> NDArray[Any]:
    """Return a torch tensor as an array; on the CPU in the same memory.

    Raises:
        DataError: if it is not dense, or has no dtype of numpy.
    """
    for convert in (lambda: tensor, tensor.float):  # bfloat16, which numpy lacks, fits float32
        try:
            values: NDArray[Any] = convert().numpy(force=True)
        except (TypeError, RuntimeError):
            continue
        return values
    raise DataError(
        f"A tensor of {tensor.dtype}, {tensor.layout}, on {tensor.device} cannot be read as an "
        "array; give a dense tensor of numbers."
    )


def stack_frames(frames: list[Any] | tuple[Any, ...]) -> NDArray[Any]:
    """Return a list of images or arrays of one shape as one array.

    Raises:
        DataError: if the list is empty, or shapes differ.
    """
    if not frames:
        raise DataError("The list is empty; give frames, all of one shape.")
    arrays = [frame_array(each, number) for number, each in enumerate(frames)]
    shapes = {array.shape for array in arrays}
    if len(shapes) > 1:
        first = arrays[0].shape
        number = next(n for n, array in enumerate(arrays) if array.shape != first)
        raise DataError(
            f"The frames of the list have different shapes: the first {spell(first) or 'none'}, "
            f"number {number} {spell(arrays[number].shape) or 'none'}; bring all to one."
        )
    return np.stack(arrays)


def frame_array(frame: Any, number: int) -> NDArray[Any]:
    """Return one frame of a list as an array: an array, a tensor, an image, a row of numbers.

    Raises:
        DataError: if it holds no numbers.
    """
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(frame, torch.Tensor):
        return values_of_tensor(frame)
    try:
        array = mask_to_nan(frame, f"number {number} of the list")
    except (ValueError, TypeError, RuntimeError, OSError, OverflowError):
        array = np.empty(0, object)
    check_dtype(array.dtype, f"number {number} of the list")
    return array
