"""Frames one by one as a torch data set: to reconstruct, denoise, segment or classify."""

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

from cnnwidget.data.errors import DataError
from cnnwidget.data.frames import Frames
from cnnwidget.data.load import load
from cnnwidget.data.samples.labelled import Labelled
from cnnwidget.data.windows.split import Split, split_by_time
from cnnwidget.data.windows.window_contents import tensor_of
from cnnwidget.design.axes import spell
from cnnwidget.design.value import closest, shortened

TaskName = Literal["reconstruct", "denoise", "segment", "classify"]


class Examples(Dataset[tuple[Tensor, Tensor]]):
    """Frames with what a network should make of each; `examples` makes it.

    Attributes:
        frames: the series, or the images.
        task: reconstruct, denoise, segment or classify.
        labels: (T,) or (T, *size), whole numbers; None where a frame itself is wanted.
        names: of the classes; empty where they have none.
        noise: its deviation, as a share of the range of the frames.
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
        # Images may be sorted by class, which no split by their order would survive.
        self._order = np.arange(count)
        if labels is not None:
            self._order = np.random.default_rng(seed).permutation(count)

    @cached_property
    def split(self) -> Split:
        """Which are for training, validation and test: 70, 15 and 15 %, a series by time."""
        return split_by_time(self.frames.steps + 1, 1, 1)

    @cached_property
    def _deviation(self) -> float:
        """Of the noise, in the units of the frames."""
        seen = self.frames.values[self.split.train.start : self.split.train.stop]
        return self.noise * float(np.nanmax(seen) - np.nanmin(seen))

    def __len__(self) -> int:
        return self.frames.steps

    def __repr__(self) -> str:
        return f"Examples({self.frames!r}, {self.task}: {len(self):,} frames)"

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        """A pair of copies.

        Returns:
            (C, *size) as 32-bit floats, and what is wanted: the frame itself, (*size) class numbers
            or one class number as 64-bit whole numbers.

        Raises:
            IndexError: as a list does.
        """
        number = operator.index(index)
        if not -len(self) <= number < len(self):
            raise IndexError(f"There is no example {number}; there are {len(self):,}.")
        [pair] = self.__getitems__([number % len(self)])
        return pair

    def __getitems__(self, indices: Sequence[int]) -> list[tuple[Tensor, Tensor]]:
        """Many examples, read at once; a DataLoader asks for them in this way."""
        numbers = self._order[np.asarray(indices, dtype=np.int64)]
        x = tensor_of(self.frames.values[numbers])
        if self.labels is not None:
            return list(zip(x, torch.from_numpy(self.labels[numbers]), strict=True))
        if self.task == "reconstruct":
            return [(each, each.clone()) for each in x]
        # The noise belongs to the frame, so that a curve repeats whatever the order.
        noise = [
            np.random.default_rng((self.seed, int(number))).standard_normal(x.shape[1:], np.float32)
            for number in numbers
        ]
        disturbed = x + self._deviation * torch.from_numpy(np.array(noise).reshape(x.shape))
        return list(zip(disturbed, x, strict=True))


def examples(
    frames: Any,
    task: TaskName,
    *,
    labels: Any = None,
    noise: float = 0.1,
    seed: int = 0,
) -> Examples:
    """Frames one by one, as a data set for a torch DataLoader.

    Args:
        frames: whatever `load` takes, or what `cw.labelled` gives.
        task: `reconstruct` wants the frame itself, `denoise` the frame from one with noise,
            `segment` a class for each pixel, `classify` a class for each frame.
        labels: for the last two, whole numbers from 0 on: (T, *size) or (T,).
        noise: for `denoise`, the deviation of normal noise as a share of the range of the frames.
        seed: of the noise, and of the order of labelled frames.

    Returns:
        A data set of T pairs, with a split.

    Raises:
        DataError: if frames, task and labels do not go together.

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
    """Labels as class numbers, one for each frame or pixel."""
    wanted = (frames.steps,) if task == "classify" else (frames.steps, *frames.size)
    if labels is None:
        raise DataError(f"{task} needs labels of the shape {spell(wanted)}; give labels.")
    found = np.asarray(labels)
    if found.dtype.kind not in "biu" or found.shape != wanted or found.min() < 0:
        raise DataError(
            f"labels are {found.dtype.name} of the shape {spell(found.shape) or 'of no axes'}, but "
            f"to {task} these frames must be whole numbers from 0 on, of the shape {spell(wanted)}."
        )
    return found.astype(np.int64)
