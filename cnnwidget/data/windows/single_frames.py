"""Single frames as a torch data set: to reconstruct, denoise, segment or classify.

Nothing public uses it yet: it is for tasks to come.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from functools import cached_property
from typing import Any, Literal, get_args

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset

from cnnwidget.data.data_error import DataError
from cnnwidget.data.frames import Frames
from cnnwidget.data.load import load
from cnnwidget.data.samples.labelled import Labelled
from cnnwidget.data.windows.split import Split, split_by_time
from cnnwidget.data.windows.window_contents import tensor_of
from cnnwidget.data.windows.window_cut import WindowCut
from cnnwidget.design.axes import spell
from cnnwidget.design.value import closest, shortened

TaskName = Literal["reconstruct", "denoise", "segment", "classify"]


class Examples(Dataset[tuple[Tensor, Tensor]]):
    """Single frames, each with its target; `examples` makes it.

    Attributes:
        frames: the series, or the images.
        task: reconstruct, denoise, segment or classify.
        labels: (T,) or (T, *size), class numbers; None where the target is a frame.
        names: of the classes; empty if they have none.
        noise: the standard deviation of the noise, as a share of the range of the frames.
        seed: of the noise, and of the order of labelled frames.
    """

    def __init__(
        self,
        frames: Frames,
        task: TaskName,
        *,
        labels: NDArray[np.int64] | None,
        names: tuple[str, ...],
        noise: float,
        seed: int,
    ) -> None:
        self.frames, self.task = frames, task
        self.labels, self.names = labels, names
        self.noise, self.seed = noise, seed
        count = frames.steps
        # Images may be sorted by class, so that a split in their order would separate the classes.
        self._order = np.arange(count)
        if labels is not None:
            self._order = np.random.default_rng(seed).permutation(count)

    @cached_property
    def split(self) -> Split:
        """The examples for training, validation and test: 70, 15 and 15 %, a series by time."""
        return split_by_time(self.frames.steps + 1, WindowCut(1, 1))

    @cached_property
    def _deviation(self) -> float:
        """The standard deviation of the noise, in the units of the frames."""
        training = self.frames.values[self.split.train.start : self.split.train.stop]
        return self.noise * float(np.nanmax(training) - np.nanmin(training))

    def __len__(self) -> int:
        return self.frames.steps

    def __repr__(self) -> str:
        return f"Examples({self.frames!r}, {self.task}: {len(self):,} frames)"

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        """Return an input and its target, both copies.

        Returns:
            (C, *size) as 32-bit floats, and the target: a frame, (*size) class numbers, or one
            class number, as 64-bit integers.

        Raises:
            IndexError: as a list does.
        """
        number = operator.index(index)
        if not -len(self) <= number < len(self):
            raise IndexError(f"There is no example {number}; there are {len(self):,}.")
        [pair] = self.__getitems__([number % len(self)])
        return pair

    def __getitems__(self, indices: Sequence[int]) -> list[tuple[Tensor, Tensor]]:
        """Return many examples, read at once; a DataLoader calls this."""
        numbers = self._order[np.asarray(indices, dtype=np.int64)]
        x = tensor_of(self.frames.values[numbers])
        if self.labels is not None:
            return list(zip(x, torch.from_numpy(self.labels[numbers]), strict=True))
        if self.task == "reconstruct":
            return [(each, each.clone()) for each in x]
        # Each frame has its own seed, so that its noise is the same in any order.
        noise = [
            np.random.default_rng((self.seed, int(number))).standard_normal(x.shape[1:], np.float32)
            for number in numbers
        ]
        noisy = x + self._deviation * torch.from_numpy(np.array(noise).reshape(x.shape))
        return list(zip(noisy, x, strict=True))


def examples(
    frames: Any,
    task: TaskName,
    *,
    labels: Any = None,
    noise: float = 0.1,
    seed: int = 0,
) -> Examples:
    """Return single frames as a data set for a torch DataLoader.

    Args:
        frames: whatever `load` takes, or what `labelled` returns.
        task: the target is the frame itself for `reconstruct`, the frame without noise for
            `denoise`, a class for each pixel for `segment`, a class for each frame for `classify`.
        labels: for the last two, whole numbers from 0 on: (T, *size) or (T,).
        noise: for `denoise`, the deviation of normal noise as a share of the range of the frames.
        seed: of the noise, and of the order of labelled frames.

    Returns:
        A data set of T pairs, with a split.

    Raises:
        DataError: if frames, task and labels do not fit together.

    Example:
        >>> from cnnwidget.data.samples.library import sample
        >>> pairs = examples(sample("circling shape"), "denoise")
        >>> x, y = pairs[0]
        >>> len(pairs), x.shape, y.shape
        (120, torch.Size([1, 64, 64]), torch.Size([1, 64, 64]))
        >>> images = np.zeros((20, 3, 16, 16))
        >>> examples(images, "classify", labels=np.arange(20) % 2)[3][1].dtype
        torch.int64
    """
    if task not in get_args(TaskName):
        raise DataError(
            f"task is {shortened(task)}, but must be one of {', '.join(get_args(TaskName))}"
            f"{closest(str(task), get_args(TaskName)) or '.'}"
        )
    names: tuple[str, ...] = ()
    if isinstance(frames, Labelled):
        if labels is None:
            labels = frames.labels
        names, frames = frames.names, frames.frames
    series = load(frames)
    if type(noise) not in {int, float} or not 0 <= noise < np.inf:
        raise DataError(f"noise is {shortened(noise)}, but must be a share of the range, as 0.1.")
    if task in {"segment", "classify"}:
        labels = checked_labels(labels, series, task)
    elif labels is not None:
        raise DataError(f"{task} has no labels: it wants the frames themselves; leave them out.")
    return Examples(series, task, labels=labels, names=names, noise=noise, seed=seed)


def checked_labels(labels: Any, frames: Frames, task: TaskName) -> NDArray[np.int64]:
    """Return labels as class numbers, one for each frame or pixel.

    Raises:
        DataError: if they are missing, not whole numbers from 0 on, or of another shape.
    """
    shape = (frames.steps,) if task == "classify" else (frames.steps, *frames.size)
    if labels is None:
        raise DataError(f"{task} needs labels of the shape {spell(shape)}; give labels.")
    numbers = np.asarray(labels)
    if numbers.dtype.kind not in "biu" or numbers.shape != shape or numbers.min() < 0:
        raise DataError(
            f"labels are {numbers.dtype.name} of the shape {spell(numbers.shape) or 'of no axes'}, "
            f"but to {task} these frames must be whole numbers from 0 on, of the shape "
            f"{spell(shape)}."
        )
    return numbers.astype(np.int64)
