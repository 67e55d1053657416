"""`run.json`: what a run is but for its tensors, written and read; what is read is not trusted."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from cnnwidget.data.errors import DataError, reason_of
from cnnwidget.data.windows.split import Split
from cnnwidget.design.design_types import Design
from cnnwidget.design.errors import CnnwidgetError
from cnnwidget.design.json_format import from_json, to_json
from cnnwidget.design.value import Value
from cnnwidget.training.loop.history import Epoch
from cnnwidget.training.metrics.baselines import BASELINES
from cnnwidget.training.metrics.metrics import Metrics, VariableErrors
from cnnwidget.training.metrics.scores import Errors
from cnnwidget.training.recipe import LARGEST, Recipe
from cnnwidget.training.runs.record_labels import SavedLabels, Text, saved_labels, text
from cnnwidget.training.runs.record_versions import SavedPrint, Word, saved_fingerprint
from cnnwidget.training.runs.run import Run

# A record of a thousand epochs has a tenth of this.
LARGEST_RECORD = 100_000_000

# JSON has no word for what is not finite, so that is a text.
Loss = float | Literal["nan", "inf", "-inf"]
Count = Annotated[int, Field(ge=0, lt=2**53)]
NotNegative = Annotated[float, Field(ge=0)]
Part = tuple[Count, Count]
SavedEpoch = tuple[Count, Loss, Loss | None, NotNegative, NotNegative]
Score = float | None


Known = Annotated[float, Field(ge=-LARGEST, le=LARGEST)]
Wide = Annotated[float, Field(ge=-2 * LARGEST, le=2 * LARGEST)]
# One a variable; records of the first days have one number for all of them.
Knowns = Known | tuple[Known, ...]
Wides = Wide | tuple[Wide, ...]
Deviations = (
    Annotated[float, Field(ge=0, le=2 * LARGEST)]
    | tuple[Annotated[float, Field(ge=0, le=2 * LARGEST)], ...]
)
Channel = Annotated[int, Field(ge=0, lt=2**31)]


class SavedScores(Value):
    """The other figures of a forecast; see `Errors`."""

    _error = DataError

    peak: Annotated[float, Field(gt=0, le=2 * LARGEST)]
    ssim_per_lead: tuple[Score, ...]
    ssim: Score
    r2_per_lead: tuple[Score, ...]
    r2: Score
    explained_variance_per_lead: tuple[Score, ...]
    explained_variance: Score


# Records of the first days have no scores.
SavedErrors = (
    tuple[str, tuple[Loss, ...], tuple[Loss, ...], SavedScores]
    | tuple[str, tuple[Loss, ...], tuple[Loss, ...]]
)
SavedVariable = tuple[Text, tuple[SavedErrors, ...]]


class SavedMakeUp(Value):
    """What windows are made of; see `MakeUp`."""

    _error = DataError

    inputs: Annotated[tuple[Channel, ...], Field(min_length=1)]
    targets: Annotated[tuple[Channel, ...], Field(min_length=1)]
    past: Channel = 0
    future: Channel = 0
    x_threshold: float | None = None
    y_threshold: float | None = None


class SavedRun(Value):
    """The record of a run: names, numbers and tuples of them.

    Attributes:
        versions: of what it was trained with.
        fingerprint: of the data; see `Print`.
        split: start and stop of training, validation and test.
        history: the fields of each `Epoch`.
        best: the number of the best epoch.
        scaling: the value of each variable that becomes 0, and what is 1 further on.
        statistics: smallest, largest, mean and deviation of each variable.
        make_up: the channels that are given and told; None is all.
        beside: the scaling of other series.
        errors: name, errors per lead, root mean squares per lead, and other figures; the network's
            come first.
        variables: name and errors of each variable, where there are several.
    """

    _error = DataError

    version: Literal[1]
    versions: dict[Word, Word]
    design: dict[str, Any]
    recipe: dict[str, Any]
    scaling: tuple[Knowns, Wides]
    # Records of the first days have none of these.
    fingerprint: tuple[SavedPrint, ...] = ()
    statistics: tuple[Knowns, Knowns, Knowns, Deviations] | None = None
    make_up: SavedMakeUp | None = None
    beside: tuple[tuple[Known, ...], tuple[Wide, ...]] = ((), ())
    variables: tuple[SavedVariable, ...] = ()
    labels: SavedLabels = SavedLabels()
    split: tuple[Part, Part, Part]
    split_kind: Literal["apart", "targets apart", "none"]
    history: tuple[SavedEpoch, ...]
    best: Count | None
    baselines: tuple[tuple[str, Loss], ...]
    ending: Literal["finished", "stopped", "diverged"]
    device: str
    has_channels: bool
    data_name: str
    measured_on: Literal["", "test", "training"]
    measured_windows: Count
    errors: tuple[SavedErrors, ...]

    @model_validator(mode="after")
    def _scale_with_a_span(self) -> Self:
        for name, (_, spans) in (("scaling", self.scaling), ("beside", self.beside)):
            if not all(spans if isinstance(spans, tuple) else (spans,)):
                raise ValueError(f"{name} is {getattr(self, name)}, but a span must not be 0.")
        return self

    @model_validator(mode="after")
    def _parts_in_order(self) -> Self:
        edges = [edge for part in self.split for edge in part]
        held_out = [first < stop for first, stop in self.split[1:]]
        if edges != sorted(edges) or held_out != [self.split_kind != "none"] * 2:
            raise ValueError(
                f"split is {self.split} and split_kind {self.split_kind!r}, but parts must follow "
                "each other, and hold windows unless the kind is 'none'."
            )
        return self

    @model_validator(mode="after")
    def _epochs_in_order(self) -> Self:
        check_history(self.history, self.best)
        return self

    @model_validator(mode="after")
    def _known_names(self) -> Self:
        told = [self.errors, *(errors for _, errors in self.variables)]
        first, *rest = [tuple(name for name, *_ in errors) for errors in told]
        # The first two baselines there have always been, the others not in every record.
        whole = first in ((), ("network", *BASELINES[:2], *first[3:]))
        others = [name for name, _ in self.baselines]
        if not whole or any(each != first for each in rest) or not in_order(first[1:], others):
            raise ValueError(
                f"errors must be of network, {', '.join(BASELINES)}, and baselines of these but "
                "the first, each once and in this order."
            )
        return self


def check_history(history: tuple[SavedEpoch, ...], best: int | None) -> None:
    """Refuse epochs that do not follow each other.

    Raises:
        ValueError: saying so.
    """
    numbers = [number for number, *_ in history]
    if numbers != list(range(1, len(numbers) + 1)) or best not in [None, *numbers]:
        raise ValueError("history must count epochs from 1, and best be one of them or null.")


def record_of(run: Run) -> SavedRun:
    """What is written of a run; it is measured for that, where it has its data."""
    metrics = None if run.measured is None and run.windows is None else run.metrics
    parts = (run.split.train, run.split.validation, run.split.test)
    return SavedRun(
        version=1,
        versions=dict(run.versions),
        fingerprint=saved_fingerprint(run.fingerprint),
        design=to_json(run.design),
        recipe=run.recipe.model_dump(),
        scaling=tuple(run.scaling),  # type: ignore[arg-type]
        statistics=tuple(run.statistics),  # type: ignore[arg-type]
        make_up=SavedMakeUp(**run.make_up._asdict()),
        beside=tuple(run.beside),  # type: ignore[arg-type]
        labels=saved_labels(run.labels),
        split=tuple((part.start, part.stop) for part in parts),  # type: ignore[arg-type]
        split_kind=run.split.kind,
        history=tuple(written(each) for each in run.history),
        best=None if run.best is None else run.best.epoch,
        baselines=tuple((name, spelled(loss)) for name, loss in run.baselines),
        ending=run.ending,
        device=run.device,
        has_channels=run.has_channels,
        # The name of a file may hold bytes that are no text.
        data_name=run.data_name.encode("utf-8", "replace").decode(),
        measured_on="" if metrics is None else metrics.part,  # type: ignore[arg-type]
        measured_windows=0 if metrics is None else metrics.windows,
        errors=() if metrics is None else errors_of(metrics),
        variables=()
        if metrics is None
        else tuple((text(each.name), errors_of(each)) for each in metrics.variables),
    )


def in_order(*told: Sequence[str]) -> bool:
    """Whether these are baselines, each once and in their order."""
    return all(list(names) == [each for each in BASELINES if each in names] for names in told)


def written(epoch: Epoch) -> SavedEpoch:
    """An epoch as JSON can hold it."""
    validation = None if epoch.validation is None else spelled(epoch.validation)
    return (epoch.epoch, spelled(epoch.train), validation, epoch.lr, epoch.seconds)


def spelled(loss: float) -> Loss:
    """A loss, as a text where it is not finite."""
    return loss if np.isfinite(loss) else str(float(loss))  # type: ignore[return-value]


def errors_of(metrics: Metrics | VariableErrors) -> tuple[SavedErrors, ...]:
    """The figures of all forecasts, the network's first."""
    return tuple(
        saved_errors(name, each)
        for name, each in (("network", metrics.network), *metrics.baselines)
    )


def saved_errors(name: str, errors: Errors) -> SavedErrors:
    """The figures of a forecast, as many as there are."""
    mae, rmse = (tuple(map(spelled, each)) for each in (errors.mae_per_lead, errors.rmse_per_lead))
    if errors.peak is None:
        return (name, mae, rmse)
    told = {field: getattr(errors, field) for field in SavedScores.model_fields}
    return (name, mae, rmse, SavedScores(**told))


def read_record(path: Path) -> tuple[SavedRun, Design, Recipe]:
    """A record with its design and its recipe, each checked by its own constructor.

    Raises:
        DataError: if the file is missing, damaged or no record of a run.
    """
    fields = read_json(path)
    if not isinstance(fields, dict) or fields.get("version") != 1:
        raise DataError(f"{path} is no record of a run of version 1, which is the one known here.")
    try:
        # What a record holds is tuples, but for the design, which has a reader of its own.
        record = SavedRun(
            **{name: value if name == "design" else tupled(value) for name, value in fields.items()}
        )
        return record, from_json(record.design), Recipe(**record.recipe)
    except CnnwidgetError as error:
        raise DataError(f"{path} is no record of a run: {error}") from None
    except RecursionError:
        raise DataError(f"{path} is no record of a run: it has lists in lists in lists.") from None


def read_json(path: Path) -> Any:
    """What a file of JSON says, if it is not absurdly large."""
    try:
        if path.stat().st_size > LARGEST_RECORD:
            raise DataError(f"{path} is too large for the record of a run.")
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = reason_of(error)
        raise DataError(f"{path} cannot be read as the record of a run: {reason}.") from None
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DataError(f"{path} is no JSON: {error}.") from None


def tupled(value: Any) -> Any:
    """Lists, which is all that JSON has, as tuples."""
    if isinstance(value, dict):
        return {name: tupled(each) for name, each in value.items()}
    return tuple(map(tupled, value)) if isinstance(value, list) else value


def read_split(record: SavedRun) -> Split:
    """The split as it was."""
    train, validation, test = (range(*part) for part in record.split)
    return Split(train=train, validation=validation, test=test, kind=record.split_kind)


def read_epoch(saved: SavedEpoch) -> Epoch:
    """An epoch as it was."""
    number, train, validation, lr, seconds = saved
    told = None if validation is None else float(validation)
    return Epoch(number, float(train), told, lr, seconds)
