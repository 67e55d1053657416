"""The part of a run's record that belongs to a forecast; a record that is read is not trusted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import astuple
from typing import Annotated, Any, Literal, Self

import numpy as np
import torch
from pydantic import Field, model_validator
from torch import Tensor

from cnnwidget.data.axis_order import SPACE
from cnnwidget.data.data_error import DataError
from cnnwidget.data.windows.window_channels import WindowChannels
from cnnwidget.data.windows.window_cut import WindowCut
from cnnwidget.design.layers.layer import LARGEST_FLOAT
from cnnwidget.design.planning.plan import Plan
from cnnwidget.design.value import Value
from cnnwidget.training.metrics.baselines import BASELINES
from cnnwidget.training.metrics.metrics import Metrics, VariableErrors
from cnnwidget.training.metrics.reference import Reference
from cnnwidget.training.metrics.rule import Rule
from cnnwidget.training.metrics.scores import Errors, Spread
from cnnwidget.training.metrics.season import PhaseKind, Season, has_dates
from cnnwidget.training.recipe import Float32, Recipe
from cnnwidget.training.runs.run_json import Count, LossValue, loss_value, tupled
from cnnwidget.training.tasks.forecasting.forecast_shapes import ForecastShapes
from cnnwidget.training.tasks.forecasting.predictor import ForecastPredictor
from cnnwidget.training.tasks.forecasting.saved.labels_record import (
    LabelsRecord,
    Text,
    labels_record,
    read_labels,
    record_text,
)
from cnnwidget.training.tasks.forecasting.transform import Transform
from cnnwidget.training.tasks.scaling import Scaling, Statistics
from cnnwidget.training.tasks.task_protocol import TaskRecord

Score = float | None
Wide = Annotated[float, Field(ge=-2 * LARGEST_FLOAT, le=2 * LARGEST_FLOAT)]
Deviation = Annotated[float, Field(ge=0, le=2 * LARGEST_FLOAT)]
# One number for each variable.
Knowns = tuple[Float32, ...]
Wides = tuple[Wide, ...]
Deviations = tuple[Deviation, ...]
Channel = Annotated[int, Field(ge=0, lt=2**31)]


class ChannelsRecord(Value):
    """The channels that are input and those that are forecast; see `WindowChannels`."""

    inputs: Annotated[tuple[Channel, ...], Field(min_length=1)]
    targets: Annotated[tuple[Channel, ...], Field(min_length=1)]
    past: Channel
    future: Channel
    x_threshold: float | None
    y_threshold: float | None


class ReferenceRecord(Value):
    """The record of a `Reference`, without the tensors of its rule.

    Attributes:
        name: of the rule.
        season: the kind and the number of its phases; None if its means have none.
        losses: name and loss of each rule that it was chosen from.
    """

    name: str
    season: tuple[PhaseKind, Annotated[int, Field(ge=1, lt=2**31)]] | None
    losses: tuple[tuple[str, LossValue], ...]

    @model_validator(mode="after")
    def _known_names(self) -> Self:
        if self.name not in BASELINES or not in_order([name for name, _ in self.losses]):
            raise ValueError(f"reference must be one of {', '.join(BASELINES)}.")
        return self


class PredictorRecord(Value):
    """The record of a `ForecastPredictor`, without its tensors.

    Attributes:
        scaling: low and span of each variable.
        statistics: smallest, largest, mean and deviation of each variable.
        channels: which are input and which are forecast.
        series_scaling: low and span of each channel of other series.
        labels: of the data.
        has_channels: whether the data have an axis of channels.
        steps: frames of the data.
        reference: what the network adds to; None if it gives the frames themselves.
    """

    scaling: tuple[Knowns, Wides]
    statistics: tuple[Knowns, Knowns, Knowns, Deviations]
    channels: ChannelsRecord
    series_scaling: tuple[Knowns, Wides]
    labels: LabelsRecord
    has_channels: bool
    steps: Annotated[int, Field(ge=1, lt=2**53)]
    reference: ReferenceRecord | None

    @model_validator(mode="after")
    def _scale_with_a_span(self) -> Self:
        for name in ("scaling", "series_scaling"):
            if not all(getattr(self, name)[1]):
                raise ValueError(f"{name} is {getattr(self, name)}, but a span must not be 0.")
        return self


class ScoresRecord(Value):
    """The figures of a forecast but the errors at each lead time; see `Errors`."""

    peak: Annotated[float, Field(gt=0, le=2 * LARGEST_FLOAT)]
    ssim_per_lead: tuple[Score, ...]
    ssim: Score
    r2_per_lead: tuple[Score, ...]
    r2: Score
    explained_variance_per_lead: tuple[Score, ...]
    explained_variance: Score


# Name, mean absolute errors and roots of mean squares at each lead time, and the other figures.
ErrorsRecord = tuple[str, tuple[LossValue, ...], tuple[LossValue, ...], ScoresRecord]


# At each lead time, and over all of them; see `Spread`.
SpreadRecord = tuple[tuple[Annotated[float, Field(ge=0)] | None, ...], Score]


class MetricsRecord(Value):
    """The errors of network and baselines; see `Metrics`."""

    measured_on: Literal["test", "training"]
    measured_windows: Count
    errors: Annotated[tuple[ErrorsRecord, ...], Field(min_length=1)]
    variables: tuple[tuple[Text, tuple[ErrorsRecord, ...]], ...]
    spreads: tuple[SpreadRecord, ...]

    @model_validator(mode="after")
    def _known_names(self) -> Self:
        each = [self.errors, *(errors for _, errors in self.variables)]
        first, *rest = [tuple(name for name, *_ in errors) for errors in each]
        # The first two baselines are always there.
        whole = first[:3] == ("network", *BASELINES[:2])
        if not whole or any(names != first for names in rest) or not in_order(first[1:]):
            raise ValueError(f"errors must be of network, {NAMES}")
        return self


NAMES = (
    f"{', '.join(BASELINES)}, and baselines of these but the first, each once and in this order."
)


# Of the last frames: 64 bits where 32 do not hold the values of the data.
FLOATS = (torch.float32, torch.float64)
NO_LAST_FRAMES = (
    "its predictor does not hold the last frames of the run, in the shape of design and recipe."
)


def in_order(names: Sequence[str]) -> bool:
    """Whether these are baselines, each once and in their order."""
    return list(names) == [each for each in BASELINES if each in names]


def write_forecast(predictor: ForecastPredictor, metrics: Metrics | None) -> TaskRecord:
    """Return what is written of predictor and metrics."""
    transform = predictor.transform
    record = PredictorRecord(
        scaling=tuple(transform.scaling),  # type: ignore[arg-type]
        statistics=tuple(transform.statistics),  # type: ignore[arg-type]
        channels=ChannelsRecord(**transform.channels._asdict()),
        series_scaling=tuple(transform.series_scaling),  # type: ignore[arg-type]
        labels=labels_record(predictor.labels, len(predictor.last)),
        has_channels=predictor.has_channels,
        steps=predictor.steps,
        reference=reference_record(predictor.reference),
    )
    tensors = {"frames": torch.from_numpy(predictor.last)}
    if predictor.reference is not None:
        rule = predictor.reference.rule
        tensors["reference.weights"] = rule.weights.contiguous()
        if rule.means is not None:
            tensors["reference.means"] = rule.means.contiguous()
    if predictor.valid is not None:
        tensors["valid"] = torch.from_numpy(np.array(predictor.valid))
    measured = None if metrics is None else metrics_record(metrics).model_dump(mode="json")
    return TaskRecord(record.model_dump(mode="json"), measured, tensors)


def reference_record(reference: Reference | None) -> ReferenceRecord | None:
    """Return a reference as it is written; None if there is none."""
    if reference is None:
        return None
    return ReferenceRecord(
        name=reference.name,
        season=None if reference.season is None else astuple(reference.season),
        losses=tuple((name, loss_value(loss)) for name, loss in reference.losses),
    )


def metrics_record(metrics: Metrics) -> MetricsRecord:
    """Return metrics as they are written."""
    return MetricsRecord(
        measured_on=metrics.part,  # type: ignore[arg-type]
        measured_windows=metrics.windows,
        errors=errors_records(metrics),
        variables=tuple(
            (record_text(each.name), errors_records(each)) for each in metrics.variables
        ),
        spreads=tuple(tuple(each) for each in metrics.spreads),  # type: ignore[misc]
    )


def errors_records(metrics: Metrics | VariableErrors) -> tuple[ErrorsRecord, ...]:
    """Return the errors of the network and the baselines as they are written."""
    return tuple(
        (
            name,
            tuple(map(loss_value, errors.mae_per_lead)),
            tuple(map(loss_value, errors.rmse_per_lead)),
            ScoresRecord(**{field: getattr(errors, field) for field in ScoresRecord.model_fields}),
        )
        for name, errors in (("network", metrics.network), *metrics.baselines)
    )


def read_forecast(
    record: TaskRecord, plan: Plan, recipe: Recipe, baselines: Sequence[str]
) -> tuple[ForecastPredictor, Metrics | None]:
    """Return predictor and metrics as they were written.

    Raises:
        CnnwidgetError: if the record is not in order, or does not go with design and recipe.
    """
    if not in_order(baselines):
        raise DataError(f"baselines must be of {NAMES}")
    predictor = read_predictor(record, plan, recipe)
    if record.metrics is None:
        return predictor, None
    return predictor, read_metrics(MetricsRecord(**tupled(record.metrics)), recipe.forecast_len)


def read_predictor(record: TaskRecord, plan: Plan, recipe: Recipe) -> ForecastPredictor:
    """Return the predictor of a record, if design and recipe go with its last frames.

    Raises:
        CnnwidgetError: if they do not.
    """
    saved = PredictorRecord(**tupled(record.predictor))
    last, valid = record.tensors.get("frames"), record.tensors.get("valid")
    if last is None or last.dtype not in FLOATS or last.dim() - 2 not in SPACE:
        raise DataError(NO_LAST_FRAMES)
    length, count, *size = last.shape
    channels = read_channels(saved.channels, count)
    cut = WindowCut(length, recipe.forecast_len, recipe.stride, recipe.gap)
    named = saved.has_channels or count == 1
    masked = valid is None or (valid.dtype == torch.bool and valid.shape == last.shape[1:])
    fits = not ForecastShapes.of(channels, tuple(size), cut).misfit(plan)
    if not (named and masked and fits and length == recipe.pre_history_len):
        raise DataError(NO_LAST_FRAMES)
    series = channels.past + channels.future
    labels = read_labels(saved.labels, count, tuple(size))
    reference = read_reference(saved.reference, record.tensors, channels, cut, tuple(size))
    dates = labels.times if has_dates(labels.times) else None
    season = None if reference is None else reference.season
    if season is not None and season.by_dates and (dates is None or len(dates) < length):
        raise DataError("its season goes by dates, which are not all there; save it anew.")
    return ForecastPredictor(
        Transform(
            channels,
            Scaling(*(one_each(each, count) for each in saved.scaling)),
            Statistics(*(one_each(each, count) for each in saved.statistics)),
            Scaling(*(one_each(each, series) for each in saved.series_scaling)),
        ),
        last=last.numpy(),
        has_channels=saved.has_channels,
        labels=labels,
        steps=saved.steps,
        reference=reference,
        valid=None if valid is None else valid.numpy(),
    )


def read_reference(
    saved: ReferenceRecord | None,
    tensors: Mapping[str, Tensor],
    channels: WindowChannels,
    cut: WindowCut,
    size: tuple[int, ...],
) -> Reference | None:
    """Return the reference of a record, if its tensors are of these windows.

    Raises:
        DataError: if they are not.
    """
    if saved is None:
        return None
    weights, means = (tensors.get(f"reference.{name}") for name in ("weights", "means"))
    season = None if saved.season is None else Season(*saved.season)
    targets = len(channels.targets)
    most = 1 if season is None else season.count
    fits = (
        weights is not None
        and weights.dtype == torch.float32
        and weights.dim() == 3
        and weights.shape[0] == cut.forecast_len
        and weights.shape[1] <= cut.pre_history_len
        and weights.shape[2] in (1, targets)
        and (means is not None or (season is None and weights.shape[1] > 0))
        and (means is None or means.dtype == torch.float32)
        and (means is None or (0 < len(means) <= most and means.shape[1:] == (targets, *size)))
    )
    if not fits:
        raise DataError("its reference does not fit to design and recipe; save the run anew.")
    assert weights is not None
    losses = tuple((name, float(loss)) for name, loss in saved.losses)
    return Reference(saved.name, Rule(weights, means), season, losses)


def read_channels(saved: ChannelsRecord, channels: int) -> WindowChannels:
    """Return the channels of a record, for frames of so many.

    Raises:
        DataError: if there are no such channels.
    """
    found = WindowChannels(**saved.model_dump())
    for name, numbers in (("inputs", found.inputs), ("targets", found.targets)):
        if len(set(numbers)) < len(numbers) or not set(numbers) <= set(range(channels)):
            raise DataError(
                f"{name} of the run are {numbers}, but must be numbers from 0 to {channels - 1}, "
                "each once; save the run anew."
            )
    return found


def one_each(numbers: tuple[float, ...], variables: int) -> tuple[float, ...]:
    """Return numbers of a record, if there is one for each variable.

    Raises:
        DataError: if they are more or fewer.
    """
    if len(numbers) != variables:
        raise DataError(
            f"The run has {len(numbers)} numbers to scale by for {variables} variables; save it "
            "anew."
        )
    return numbers


def read_metrics(record: MetricsRecord, leads: int) -> Metrics:
    """Return the metrics of a record.

    Raises:
        DataError: if they are not of so many lead times.
    """
    (_, network), *others = read_errors(record.errors, leads)
    variables = []
    for name, errors in record.variables:
        (_, of_network), *of_others = read_errors(errors, leads)
        variables.append(VariableErrors(name, of_network, tuple(of_others)))
    spreads = tuple(Spread(*each) for each in record.spreads)
    if len(spreads) not in (0, len(others)) or any(len(s.per_lead) != leads for s in spreads):
        raise DataError(f"spreads are not of each baseline at {leads} lead times, as forecast_len.")
    return Metrics(
        record.measured_on,
        record.measured_windows,
        network,
        tuple(others),
        tuple(variables),
        spreads,
    )


def read_errors(saved: tuple[ErrorsRecord, ...], leads: int) -> list[tuple[str, Errors]]:
    """Return name and errors of the network and of each baseline.

    Raises:
        DataError: if they are not of so many lead times.
    """
    found = []
    for name, mae, rmse, scores in saved:
        figures: dict[str, Any] = scores.model_dump()
        series = [mae, rmse, *(each for key, each in figures.items() if key.endswith("_lead"))]
        if any(len(each) != leads for each in series):
            raise DataError(f"The errors of {name} are not of {leads} lead times, as forecast_len.")
        found.append((name, Errors(tuple(map(float, mae)), tuple(map(float, rmse)), **figures)))
    return found
