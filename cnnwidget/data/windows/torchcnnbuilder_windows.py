"""The two functions of TorchCNNBuilder that cut a series into windows, with its argument names.

Differences from its version 0.1.5: the last window is included, a threshold does not change the
given data or inputs that are not to be binarised, and windows are views instead of copies.

Source: https://github.com/aimclub/TorchCNNBuilder, torchcnnbuilder/preprocess/_dynamic_window.py
"""

# The arguments are those of TorchCNNBuilder.
# ruff: noqa: FBT001, FBT002, PLR0917

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.utils.data import TensorDataset

from cnnwidget.data.argument_checks import whole_number
from cnnwidget.data.data_error import DataError
from cnnwidget.data.windows.as_tensor import as_tensor
from cnnwidget.data.windows.window_contents import binarized
from cnnwidget.data.windows.window_cut import WindowCut
from cnnwidget.design.axes import spell
from cnnwidget.design.value import shortened


class CopiedSamples(TensorDataset):
    """A data set of tensors that may share the memory of the given data; its samples are copies."""

    def __getitem__(self, index: Any) -> tuple[Tensor, ...]:
        return tuple(tensor[index].clone() for tensor in self.tensors)


def multi_output_tensor(
    data: Any,
    forecast_len: int,
    pre_history_len: int,
    additional_x: Any = None,
    additional_is_array: bool = False,
    additional_x_stack: bool = True,
    threshold: bool | float = False,
    x_binarize: bool = False,
) -> TensorDataset:
    """Cut a series into all its windows, like the function of this name in TorchCNNBuilder.

    The tensors of the data set share the memory of the data if these are 32-bit floats and nothing
    has to be computed; do not write into `dataset.tensors`. Samples are copies.

    Args:
        data: (T, *size), an array, a tensor or nested lists.
        forecast_len: f, the number of target frames.
        pre_history_len: p, the number of input frames.
        additional_x: a second series (T, *size), or several of them; None for none.
        additional_is_array: whether `additional_x` are several series.
        additional_x_stack: whether one additional series becomes a channel of X instead of a
            separate tensor. Several always become channels.
        threshold: values of Y above it become 1, others 0, and NaN stays; True and False do
            nothing.
        x_binarize: whether the threshold is for X too.

    Returns:
        n = T - p - f + 1 samples of X (n, p, *size) and Y (n, f, *size). With k additional series
        as channels, X is (n, p, 1 + k, *size); else there is (n, p, *size) between X and Y.

    Raises:
        DataError: if there is no window, or the series do not fit together.

    Example:
        >>> import numpy as np
        >>> pairs = multi_output_tensor(np.zeros((10, 4, 4)), forecast_len=2, pre_history_len=3)
        >>> [tuple(tensor.shape) for tensor in pairs.tensors]
        [(6, 3, 4, 4), (6, 2, 4, 4)]
    """
    series, inputs = prepare(
        data,
        additional_x,
        several=additional_is_array,
        stack=additional_x_stack,
        threshold=threshold,
        x_binarize=x_binarize,
    )
    WindowCut(pre_history_len, forecast_len).checked(len(series))
    given = [slide(each[: len(each) - forecast_len], pre_history_len) for each in inputs]
    return CopiedSamples(*given, slide(series[pre_history_len:], forecast_len))


def single_output_tensor(
    data: Any,
    forecast_len: int,
    additional_x: Any = None,
    additional_is_array: bool = False,
    additional_x_stack: bool = True,
    threshold: bool | float = False,
    x_binarize: bool = False,
) -> TensorDataset:
    """Cut a series once, before its last frames, like TorchCNNBuilder's function of this name.

    Memory is shared as in `multi_output_tensor`.

    Args:
        data: (T, *size), an array, a tensor or nested lists.
        forecast_len: f, the number of target frames; all frames before them are input frames.
        additional_x: a second series (T, *size), or several of them; None for none.
        additional_is_array: whether `additional_x` are several series.
        additional_x_stack: whether one additional series becomes a channel of X instead of a
            separate tensor. Several always become channels.
        threshold: values of Y above it become 1, others 0, and NaN stays; True and False do
            nothing.
        x_binarize: whether the threshold is for X too.

    Returns:
        One sample: X (1, T - f, *size) and Y (1, f, *size). With k additional series as channels,
        X is (1, T - f, 1 + k, *size); else there is (1, T - f, *size) between X and Y.

    Raises:
        DataError: if no input frame is left, or the series do not fit together.

    Example:
        >>> import numpy as np
        >>> pair = single_output_tensor(np.zeros((10, 4, 4)), forecast_len=2)
        >>> [tuple(tensor.shape) for tensor in pair.tensors]
        [(1, 8, 4, 4), (1, 2, 4, 4)]
    """
    series, inputs = prepare(
        data,
        additional_x,
        several=additional_is_array,
        stack=additional_x_stack,
        threshold=threshold,
        x_binarize=x_binarize,
    )
    start = len(series) - whole_number("forecast_len", forecast_len)
    WindowCut(1, forecast_len).checked(len(series))
    return CopiedSamples(*(each[:start][None] for each in inputs), series[start:][None])


def prepare(
    data: Any,
    additional: Any,
    *,
    several: bool,
    stack: bool,
    threshold: bool | float,
    x_binarize: bool,
) -> tuple[Tensor, list[Tensor]]:
    """Return the series that Y is cut from, and those for X and an additional X."""
    series = as_tensor(data, "data")
    if series.ndim == 0:
        raise DataError(f"data is one number, {shortened(data)}, but must be a series of frames.")
    inputs = [series]
    if additional is not None:
        if several:
            extra = [as_tensor(each, f"additional_x[{n}]") for n, each in enumerate(additional)]
        else:
            extra = [as_tensor(additional, "additional_x")]
        channels = several or stack
        for each in extra:
            check_extra(each, series, channels=channels)
        inputs = [torch.stack([series, *extra], dim=1)] if channels else [series, *extra]
    if isinstance(threshold, bool):
        return series, inputs
    y = binarized(series, threshold)
    return y, [binarized(each, threshold) for each in inputs] if x_binarize else inputs


def check_extra(extra: Tensor, series: Tensor, *, channels: bool) -> None:
    """Refuse an additional series that does not fit to the first.

    Raises:
        DataError: with both shapes.
    """
    if extra.shape[:1] != series.shape[:1] or (channels and extra.shape != series.shape):
        raise DataError(
            f"additional_x has a series of the shape {spell(tuple(extra.shape))}, but data have "
            f"{spell(tuple(series.shape))}; give as many frames"
            + (", of the same size, or set additional_x_stack=False." if channels else ".")
        )


def slide(values: Tensor, length: int) -> Tensor:
    """Return all windows of a length along the first axis: (T, ...) as a view (n, length, ...)."""
    return values.unfold(0, length, 1).movedim(-1, 1)
