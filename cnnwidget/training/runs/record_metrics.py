"""Figures of a record read again: scaling, statistics, metrics; they must go with its frames."""

from __future__ import annotations

from cnnwidget.data.errors import DataError
from cnnwidget.data.windows.window_channels import WindowChannels
from cnnwidget.training.metrics.metrics import Metrics, VariableErrors
from cnnwidget.training.metrics.scores import Errors
from cnnwidget.training.runs.run_record import SavedErrors, SavedRun
from cnnwidget.training.tasks.scaling import Scaling, Statistics


def read_make_up(record: SavedRun, channels: int) -> WindowChannels:
    """What the windows were made of, of frames of so many channels.

    Raises:
        DataError: if there are no such channels.
    """
    everything = tuple(range(channels))
    if record.make_up is None:
        return WindowChannels(everything, everything)
    made = WindowChannels(**record.make_up.model_dump())
    for name, numbers in (("inputs", made.inputs), ("targets", made.targets)):
        if len(set(numbers)) < len(numbers) or not set(numbers) <= set(everything):
            raise DataError(
                f"{name} of the run are {numbers}, but must be numbers from 0 to {channels - 1}, "
                "each once; save the run anew."
            )
    return made


def read_scaling(record: SavedRun, channels: int) -> Scaling:
    """The scaling of so many variables."""
    low, span = record.scaling
    return Scaling(one_each(low, channels), one_each(span, channels))


def read_beside(record: SavedRun, made: WindowChannels) -> Scaling:
    """The scaling of other series."""
    channels = made.past + made.future
    return Scaling(*(one_each(each, channels) for each in record.beside))


def read_statistics(record: SavedRun, channels: int) -> Statistics:
    """What the training saw; of a record that does not say, what its scaling tells of that."""
    if record.statistics is not None:
        return Statistics(*(one_each(each, channels) for each in record.statistics))
    low, span = read_scaling(record, channels)
    found = [(a, a + b, a + b / 2, abs(b) / 4) for a, b in zip(low, span, strict=True)]
    return Statistics(*zip(*found, strict=True))


def one_each(numbers: float | tuple[float, ...], variables: int) -> tuple[float, ...]:
    """Numbers of a record, one a variable: one alone holds for all.

    Raises:
        DataError: if they are more or fewer.
    """
    told = numbers if isinstance(numbers, tuple) else (numbers,) * variables
    if len(told) != variables:
        raise DataError(
            f"The run has {len(told)} numbers to scale by for {variables} variables; save it anew."
        )
    return told


def read_metrics(record: SavedRun, leads: int) -> Metrics | None:
    """Metrics as they were, if there were any.

    Raises:
        DataError: if they are not of so many lead times.
    """
    if not record.errors:
        return None
    (_, network), *others = read_errors(record.errors, leads)
    variables = []
    for name, errors in record.variables:
        (_, of_network), *of_others = read_errors(errors, leads)
        variables.append(VariableErrors(name, of_network, tuple(of_others)))
    return Metrics(
        record.measured_on, record.measured_windows, network, tuple(others), tuple(variables)
    )


def read_errors(saved: tuple[SavedErrors, ...], leads: int) -> list[tuple[str, Errors]]:
    """Names and figures of the network and the baselines.

    Raises:
        DataError: if they are not of so many lead times.
    """
    found = []
    for name, mae, rmse, *scores in saved:
        told = {field: value for each in scores for field, value in each.model_dump().items()}
        series = [mae, rmse, *(value for field, value in told.items() if field.endswith("_lead"))]
        if any(len(each) != leads for each in series):
            raise DataError(f"The errors of {name} are not of {leads} lead times, as forecast_len.")
        found.append((name, Errors(tuple(map(float, mae)), tuple(map(float, rmse)), **told)))
    return found
