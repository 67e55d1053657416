"""Arrays as tensors in the same memory."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from cnnwidget.data.argument_checks import check_dtype


class Writable:
    """A read-only array as numpy's array interface, marked as writable, without a copy.

    torch has no read-only tensors and warns of read-only arrays. Do not write into such a tensor:
    writing into memory that is mapped read-only ends the process.
    """

    def __init__(self, values: NDArray[Any]) -> None:
        self.owner = values  # keeps the memory alive
        self.__array_interface__ = {
            **values.__array_interface__,
            "data": (values.ctypes.data, False),
        }


def as_tensor(data: Any, name: str) -> Tensor:
    """Return numbers as a tensor of 32-bit floats, detached from any graph.

    Args:
        data: an array, a tensor or nested lists.
        name: of the data, for errors.

    Returns:
        The same memory for 32-bit floats, also read-only ones; a copy for other dtypes, and for
        memory that torch does not support (another byte order, negative or odd strides, unaligned).

    Raises:
        DataError: if the data are no array of real numbers.

    Example:
        >>> series = np.zeros((3, 2), dtype="float32")
        >>> as_tensor(series, "series").data_ptr() == series.ctypes.data
        True
    """
    if isinstance(data, Tensor):
        if data.is_complex():
            check_dtype(np.dtype(complex), name)
        return data.detach().to(torch.float32)
    try:
        values = np.asarray(data)
    except (ValueError, TypeError, RuntimeError):  # nested lists of unequal lengths
        values = np.empty(0, object)
    check_dtype(values.dtype, name)
    if not is_torch_like(values):
        with np.errstate(over="ignore"):
            values = np.array(values, dtype=np.float32, order="C")
    elif not values.flags.writeable:
        values = np.asarray(Writable(values))
    return torch.from_numpy(values)


def is_torch_like(values: NDArray[Any]) -> bool:
    """Whether a tensor can share the memory of an array."""
    return (
        values.dtype == np.float32  # in the byte order of this machine
        and bool(values.flags.aligned)
        and all(stride >= 0 and stride % values.itemsize == 0 for stride in values.strides)
    )
