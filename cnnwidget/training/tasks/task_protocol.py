"""The protocol of a task: what forecasting, or any other task, must answer.

A task has two halves. The panel asks the first, `Task`, at each change of a slider: it needs no
torch. Training, runs and pictures ask the second, `TorchTask`, which `Task.torch_half` imports. The
loop, runs, checks and the panel know no task by its name: they go through `task_table.task_named`.

To add a task, write a file beside this one that answers both halves, and list it in
`task_table.TASKS`. This file is long because it documents each answer.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, Self, runtime_checkable

if TYPE_CHECKING:  # numpy and torch come with these, and recipes know the name of a task
    from pathlib import Path

    import numpy as np
    import torch
    from numpy.typing import NDArray
    from pydantic import BaseModel
    from torch import Tensor

    from cnnwidget.data.fingerprint import Fingerprint
    from cnnwidget.data.frames import Frames
    from cnnwidget.data.windows.split import Split
    from cnnwidget.design.advice.caution_candidates import CautionKind
    from cnnwidget.design.axes import Shape
    from cnnwidget.design.families.encoder_decoder import EncoderDecoder
    from cnnwidget.design.planning.plan import Plan
    from cnnwidget.training.recipe import Recipe
    from cnnwidget.training.runs.diagnosis import Finding
    from cnnwidget.training.runs.run import Run

# The task of a recipe that names none.
DEFAULT_TASK = "forecast"

StopAsked = Callable[[], bool]


# The half without torch.


class ExampleShapes(Protocol):
    """The shapes of an example of a task, as a design must take and give them."""

    @property
    def input_shape(self) -> Shape:
        """(channels, *size) of the input."""

    @property
    def output_shape(self) -> Shape:
        """(channels, *size) of the output."""

    @property
    def lengths(self) -> tuple[int, int]:
        """The frames in an input and in a target; (1, 1) if each frame is an example."""

    @property
    def steps_ahead(self) -> int | None:
        """The steps from the last input frame to the last target frame; None if both are one."""

    def with_lengths(self, history: int, horizon: int) -> Self:
        """Return the shapes with other lengths; the same of a task whose lengths are fixed."""

    def misfit(self, plan: Plan) -> str:
        """Return why a design has other shapes, in one sentence; empty if it has these."""

    def other_purpose(self, plan: Plan) -> str:
        """Return why a design is for another task, whatever its size; empty if it may not be."""

    def fitted(self, design: EncoderDecoder) -> EncoderDecoder:
        """Return a design with these shapes; all else stays.

        Raises:
            DesignError: if settings per axis do not go with the number of axes.
        """

    def split(self, steps: int) -> Split:
        """Return the examples of `steps` frames that are for training, validation and test.

        Raises:
            DataError: if there is not one.
        """


class Task(Protocol):
    """A task, asked by the panel at each change; nothing here imports torch.

    Attributes:
        name: in recipes, in `run.json` and as the argument `task` of `cw.fit`.
        noun: of one result, in sentences: `forecast`.
        settings: of the recipe, those that this task looks at and not every task.
        data_settings: a table of further settings of `cw.fit` that choose what examples are made
            of, as channels and other series; the data keep them, not the recipe.
        follows: the settings that follow from a field of a design, by that field.
        usual_lengths: history and horizon to begin with, in frames.
        unaided: settings under which a network gives its whole result itself, so that a check sees
            how it learns.
    """

    @property
    def name(self) -> str: ...

    @property
    def noun(self) -> str: ...

    @property
    def settings(self) -> Collection[str]: ...

    @property
    def data_settings(self) -> type[BaseModel]: ...

    @property
    def follows(self) -> Mapping[str, str]: ...

    @property
    def usual_lengths(self) -> tuple[int, int]: ...

    @property
    def unaided(self) -> Mapping[str, Any]: ...

    def usual_shapes(self, frames: Frames, lengths: tuple[int, int] | None = None) -> ExampleShapes:
        """Return shapes of examples of frames, as far as the series is long enough for them.

        Args:
            frames: the series.
            lengths: history and horizon; None is those to begin with.
        """

    def nearest_shapes(
        self, plan: Plan, frames: Frames, settings: Mapping[str, Any]
    ) -> ExampleShapes:
        """Return the shapes of examples of frames that are nearest to those of a design.

        Args:
            plan: of the design.
            frames: the series.
            settings: of `cw.fit`; what is left out, or None, follows from the design.

        Raises:
            DataError: if a setting is out of bounds.
        """

    def cautions(
        self, frames: Frames, shapes: ExampleShapes, split: Split, settings: Mapping[str, Any]
    ) -> Mapping[CautionKind, str]:
        """Return what of a series is doubtful for this task: sentences, empty if nothing is.

        What is doubtful for every task, `check` knows.

        Args:
            frames: the series.
            shapes: of the examples.
            split: of these.
            settings: of the training, as far as they are chosen.
        """

    def fitting_shapes(
        self,
        nearest: ExampleShapes,
        frames: Frames,
        settings: Mapping[str, Any],
        preferred: tuple[int, int] | None,
    ) -> ExampleShapes:
        """Return the shapes that a design is fitted to, near to its own.

        Args:
            nearest: of `nearest_shapes`.
            frames: the series, which may be too short for `nearest`.
            settings: as there; lengths that they say stay.
            preferred: history and horizon; None is those of `nearest`.
        """

    def torch_half(self) -> TorchTask:
        """Import and return the half that needs torch."""


# The half with torch.


class Batch(NamedTuple):
    """Some examples on the device of the network, scaled.

    Attributes:
        input: (batch, channels, *size). A condition, as an external field, is further channels.
        target: what the prediction is compared with; NaN where it does not count.
        reference: what the output of the network is added to, of the shape of the target; None is
            nothing.
    """

    input: Tensor
    target: Tensor
    reference: Tensor | None = None


class TaskData(Protocol):
    """Data cut into examples; a `torch.utils.data.Dataset` mostly."""

    @property
    def frames(self) -> Frames:
        """The series that the examples are made of."""

    @property
    def split(self) -> Split:
        """The examples for training, validation and test, by their numbers."""

    @property
    def fingerprint(self) -> Fingerprint:
        """Shape, dtype and digest of each array, so that other data are recognised."""

    def with_split(self, split: Split) -> Self:
        """Return the same examples in other parts."""

    def __len__(self) -> int: ...


class Baselines(NamedTuple):
    """Predictions that need no network, to compare its loss with.

    Attributes:
        names: of each.
        predictions: of a batch and the numbers of its examples, in the order of `names`.
    """

    names: tuple[str, ...]
    predictions: Callable[[Batch, range], Iterable[Tensor]]


# Batches that stay in memory, by the numbers of their examples.
Resident = Callable[["NDArray[np.int64] | range"], Batch]


class TaskExamples(Protocol):
    """Data under a recipe: batches, and the loss of what a network makes of them."""

    @property
    def size(self) -> tuple[int, ...]:
        """The size of an input, without its channels."""

    @property
    def predictor(self) -> Predictor:
        """The predictor of the run that comes of them."""

    @property
    def zero_layers(self) -> Collection[str]:
        """The layers whose weights are 0 at the start, so that the output is; none if empty."""

    @property
    def reads_ahead(self) -> bool:
        """Whether the next batch is read from a file while a network learns from this one."""

    def read(self, numbers: NDArray[np.int64]) -> tuple[Tensor, ...]:
        """Return examples as they lie in the data, on the CPU."""

    def batch(self, parts: Sequence[Tensor], device: torch.device) -> Batch:
        """Return what `read` gave as a batch: scaled, missing values filled, on the device."""

    def resident(
        self, device: torch.device, spare: int | None, *, channels_last: bool
    ) -> Resident | None:
        """Return a faster way to the same batches, which keeps examples in memory.

        Args:
            device: where they stay.
            spare: bytes that may be taken there; None is unknown.
            channels_last: whether the channels of a pixel are to lie side by side.

        Returns:
            None if there is no such way, or no memory for it.
        """

    def for_training(self, batch: Batch, seed: int) -> Batch:
        """Return a batch changed at random, as by augmentation; the same batch if by nothing.

        Args:
            batch: of training examples.
            seed: of all draws.
        """

    def prediction(self, output: Tensor, batch: Batch) -> Tensor:
        """Return what the output of the network means, to be compared with the target."""

    def loss(self, prediction: Tensor, batch: Batch) -> Tensor:
        """Return the loss of a prediction: a number, differentiable."""

    def baselines(
        self, known: Collection[str], device: torch.device, stopped: StopAsked
    ) -> Baselines | None:
        """Return the baselines but those whose losses are known; None if `stopped` says so."""


class Predictor(Protocol):
    """All that a run needs beside its weights to use them: scaling, statistics, the last frames.

    It is made in training, kept in the run and written with it. That of a task which can go on
    beyond its data is a `Forecaster` as well.
    """

    def predict(self, run: Run, data: object) -> NDArray[Any]:
        """Return the results of the network for all of some data; see `Run.predict`."""


@runtime_checkable
class Forecaster(Protocol):
    """A predictor that can go on beyond the last frame of its data."""

    def forecast(
        self, run: Run, steps: int | None, frames: object, path: str | Path | None
    ) -> NDArray[Any]:
        """Return the frames after the last; see `Run.forecast`."""

    def forecast_frames(self, run: Run, steps: int | None, frames: object) -> Frames:
        """Return the frames after the last with their labels; see `Run.forecast_frames`."""


class TaskSkill(Protocol):
    """The skill of a network against the best baseline.

    Attributes:
        total: 1 is perfect, 0 no better, below 0 worse; None if there is nothing to gain.
        sentence: in words.
        beats_all: whether the network is better than every baseline everywhere.
    """

    @property
    def total(self) -> float | None: ...

    @property
    def sentence(self) -> str: ...

    @property
    def beats_all(self) -> bool: ...


class Figure(NamedTuple):
    """One figure over all, of the network and of each baseline.

    Attributes:
        name: `MAE`.
        meaning: a sentence.
        values: in the order of the columns; None is unknown.
    """

    name: str
    meaning: str
    values: tuple[float | None, ...]


class ScoreTable(NamedTuple):
    """Errors in a table, with a line for each lead time, class or whatever a task distinguishes.

    Attributes:
        line: what a line is: `lead time`.
        lines: what the lines are called: `+1`.
        overall: the heading of the figures: `over all lead times`.
        names: of the columns: the network and the baselines.
        errors: of each column, line by line.
        skill: of each line; None is unknown.
        unit: of the errors, in words.
        figures: over all lines.
    """

    line: str
    lines: tuple[str, ...]
    overall: str
    names: tuple[str, ...]
    errors: tuple[tuple[float, ...], ...]
    skill: tuple[float | None, ...]
    unit: str
    figures: tuple[Figure, ...]


class TaskMetrics(Protocol):
    """The errors of a network and of the baselines; `str` is a table to read."""

    @property
    def error(self) -> float:
        """The one error that runs are compared by; less is better."""

    @property
    def error_name(self) -> str:
        """The name of `error`: `mean absolute error`."""

    @property
    def skill(self) -> TaskSkill:
        """The skill of the network against the best baseline."""

    @property
    def table(self) -> ScoreTable:
        """All errors and figures."""


@dataclass(frozen=True)
class Pictures:
    """Examples to look at: their truth and what the network predicts, frame by frame.

    The error between the two is drawn beside them. Frames of one axis are drawn as curves. Values
    are in the data's units, NaN where there is none.

    Attributes:
        truth: (examples, frames, channels, *size).
        prediction: of the same shape.
        has_truth: for each example, whether there is a truth.
        examples: what each is called.
        frame: what a frame of an example is: `lead time`.
        frames: what the frames of an example are called: `+1`.
        channels: names of the channels.
        ranges: lowest and highest value of each channel, for the colours.
        empty: why places have no value, in words; empty if all have one.
        truth_name: what a truth is called.
        prediction_name: what a prediction is called.
        further: pictures to be drawn before these, as an input, by their names and of their shape.
    """

    truth: NDArray[Any]
    prediction: NDArray[Any]
    has_truth: tuple[bool, ...]
    examples: tuple[str, ...]
    frame: str
    frames: tuple[str, ...]
    channels: tuple[str, ...]
    ranges: tuple[tuple[float, float], ...]
    empty: str = ""
    truth_name: str = "truth"
    prediction_name: str = "prediction"
    further: tuple[tuple[str, NDArray[Any]], ...] = ()


class TaskRecord(NamedTuple):
    """The part of a run's folder that a task writes.

    Attributes:
        predictor: as JSON.
        metrics: as JSON; None if they were never measured.
        tensors: in a file of safetensors.
        scripts: texts of further files, by their names: what repeats its results elsewhere.
    """

    predictor: dict[str, Any]
    metrics: dict[str, Any] | None
    tensors: dict[str, Tensor]
    scripts: Mapping[str, str] = MappingProxyType({})


class TorchTask(Protocol):
    """The half of a task that needs torch: examples, metrics, pictures, records."""

    def data(
        self, plan: Plan, data: object, settings: Mapping[str, Any]
    ) -> tuple[TaskData, dict[str, Any]]:
        """Return data cut into examples, and the settings of the task that are worked out.

        Args:
            plan: of the design.
            data: what `cw.fit` was given.
            settings: of `cw.fit`.

        Raises:
            CnnwidgetError: if settings do not go with the data.
            DesignError: if the design does not fit, with one that does.
            DataError: if the data cannot be used.
        """

    def examples(self, plan: Plan, data: Any, recipe: Recipe) -> TaskExamples:
        """Return the examples of data under a recipe.

        Raises:
            DesignError, DataError: if they do not go together.
        """

    def same_data(self, run: Run, data: object) -> TaskData:
        """Return data cut as those of a run, for one that was loaded without.

        Raises:
            DataError: if they are too few, or of another shape.
        """

    def measure(self, run: Run, stopped: StopAsked) -> TaskMetrics | None:
        """Return the metrics of a run with data; None if `stopped` says so.

        On the test examples, or on the training examples if nothing was held out.
        """

    def findings(self, run: Run) -> Iterable[Finding]:
        """Return what is wrong with the predictions of a run with data and history."""

    def summary(self, run: Run) -> str:
        """Return the lengths of the examples or whatever else describes a run, in a few words."""

    def picture_shape(self, run: Run) -> Shape | None:
        """Return the shape of `truth` in `Pictures` for one example; None if nothing is drawn."""

    def pictures(self, run: Run, numbers: Sequence[int], *, beyond: bool) -> Pictures | None:
        """Return examples to look at; None if `beyond` is asked for and unknown.

        Args:
            run: with its data.
            numbers: of the examples.
            beyond: whether to add what comes after the data, if the task knows such a thing.
        """

    def save_results(self, run: Run, folder: Path) -> str:
        """Write the results of a run beside its files, and say which; empty if there are none.

        Raises:
            DataError: if a file cannot be written.
        """

    def without_control(self, run: Run) -> Iterable[str]:
        """Return what a run was trained with that the panel has no control for, in words."""

    def write(self, run: Run) -> TaskRecord:
        """Return what is to be written of a run."""

    def read(
        self, record: TaskRecord, plan: Plan, recipe: Recipe, baselines: Sequence[str]
    ) -> tuple[Predictor, TaskMetrics | None]:
        """Return predictor and metrics as `write` gave them; the record is not trusted.

        Args:
            record: as it was read.
            plan: of the design.
            recipe: of the run.
            baselines: names of the baselines whose losses are in the record.

        Raises:
            CnnwidgetError: if it is not in order, or does not go with design and recipe.
        """
