"""The half of forecasting that needs torch: windows, metrics, pictures, record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnnwidget.data.data_error import DataError
from cnnwidget.data.windows.split import split_by_time
from cnnwidget.data.windows.window_cut import WindowCut
from cnnwidget.data.windows.windows import Windows
from cnnwidget.design.axes import Shape
from cnnwidget.design.planning.plan import Plan
from cnnwidget.training.metrics.metrics import Metrics
from cnnwidget.training.recipe import Recipe
from cnnwidget.training.runs.diagnosis import Finding
from cnnwidget.training.tasks.forecasting.forecast_examples import ForecastExamples
from cnnwidget.training.tasks.forecasting.forecast_findings import forecast_findings
from cnnwidget.training.tasks.forecasting.forecast_metrics import measure
from cnnwidget.training.tasks.forecasting.forecast_pictures import forecast_pictures
from cnnwidget.training.tasks.forecasting.forecast_windows import windows_again, windows_for
from cnnwidget.training.tasks.forecasting.predictor import ForecastPredictor
from cnnwidget.training.tasks.forecasting.saved.forecast_record import read_forecast, write_forecast
from cnnwidget.training.tasks.forecasting.saved.predict_file import predict_file
from cnnwidget.training.tasks.task_protocol import Pictures, StopAsked, Task, TaskRecord

if TYPE_CHECKING:
    from cnnwidget.training.runs.run import Run


class ForecastTraining:
    """Forecasting; see `TorchTask` for its members.

    Args:
        task: the half without torch.
    """

    def __init__(self, task: Task) -> None:
        self.task = task

    def data(
        self, plan: Plan, data: object, settings: Mapping[str, Any]
    ) -> tuple[Windows, dict[str, Any]]:
        """Return the windows that design and settings say, and what follows of them."""
        windows = windows_for(self.task, plan, data, settings)
        return windows, windows.cut._asdict()

    def examples(self, plan: Plan, data: Windows, recipe: Recipe) -> ForecastExamples:
        """Return windows as examples."""
        return ForecastExamples(plan, data, recipe)

    def same_data(self, run: Run, data: object) -> Windows:
        """Return windows cut like those of a run."""
        return windows_again(self.task, run, predictor_of(run), data)

    def measure(self, run: Run, stopped: StopAsked) -> Metrics | None:
        """Return the errors at each lead time."""
        return measure(run, windows_of(run), predictor_of(run), stopped)

    def findings(self, run: Run) -> Iterable[Finding]:
        """Return a finding if the forecast is constant, and one if it is worse than a baseline."""
        return forecast_findings(run, windows_of(run), predictor_of(run))

    def summary(self, run: Run) -> str:
        """Return the lengths: `10 frames in, 5 out`."""
        lengths = f"{run.recipe.pre_history_len} frames in, {run.recipe.forecast_len} out"
        reference = predictor_of(run).reference
        return lengths if reference is None else f"{lengths}, added to {reference.name}"

    def picture_shape(self, run: Run) -> Shape | None:
        """Return (forecast_len, targets, *size)."""
        predictor = predictor_of(run)
        return (run.recipe.forecast_len, len(predictor.channels.targets), *predictor.size)

    def pictures(self, run: Run, numbers: Sequence[int], *, beyond: bool) -> Pictures | None:
        """Return truth and forecast of some windows."""
        return forecast_pictures(run, windows_of(run), predictor_of(run), numbers, beyond=beyond)

    def save_results(self, run: Run, folder: Path) -> str:
        """Write the frames after the last as `forecast.npy`, and with dates as `forecast.nc`."""
        frames = run.forecast_frames()
        frames.save(folder / "forecast.npy")
        repeats = "predict.py (which repeats it without this package)"
        if frames.labels.times is not None:
            with suppress(DataError):  # NetCDF takes an extra
                frames.save(folder / "forecast.nc")
                return f"forecast.npy and forecast.nc (what follows, with dates), {repeats}"
        return f"forecast.npy (the frames after the last), {repeats}"

    def without_control(self, run: Run) -> Iterable[str]:
        """Return what the panel cannot say of windows."""
        recipe, data, predictor = run.recipe, run.data, predictor_of(run)
        found = []
        if not predictor.channels.is_plain(predictor.last.shape[1]):
            found.append("its choice of channels, or its series")
        cut = WindowCut(recipe.pre_history_len, recipe.forecast_len)
        own_cut = (recipe.stride, recipe.gap) != (1, 0)  # which then is the reason
        if data is not None and not own_cut and run.split != split_by_time(data.frames.steps, cut):
            found.append("its split")
        return found

    def write(self, run: Run) -> TaskRecord:
        """Return scaling, statistics, channels, labels, errors, last frames, and `predict.py`."""
        metrics, predictor = run.metrics_if_known, predictor_of(run)
        assert metrics is None or isinstance(metrics, Metrics)
        record = write_forecast(predictor, metrics)
        return record._replace(scripts={"predict.py": predict_file(run, predictor)})

    def read(
        self, record: TaskRecord, plan: Plan, recipe: Recipe, baselines: Sequence[str]
    ) -> tuple[ForecastPredictor, Metrics | None]:
        """Return them as they were written."""
        return read_forecast(record, plan, recipe, baselines)


def predictor_of(run: Run) -> ForecastPredictor:
    """Return the predictor of a run of forecasts."""
    assert isinstance(run.predictor, ForecastPredictor)
    return run.predictor


def windows_of(run: Run) -> Windows:
    """Return the data of a run of forecasts that has them."""
    assert isinstance(run.data, Windows)
    return run.data
