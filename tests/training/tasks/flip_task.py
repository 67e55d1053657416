"""A second task, as small as can be: undo a flip, from a mirrored frame to the frame.

It is in no table of the package: a test puts it there.
"""

import types
from dataclasses import dataclass, replace

import numpy as np
import torch
from pydantic import BaseModel

from cnnwidget.data.fingerprint import fingerprint_of
from cnnwidget.data.frames import Frames
from cnnwidget.data.load import load
from cnnwidget.data.windows.split import Split, split_by_time
from cnnwidget.data.windows.window_contents import WindowContents
from cnnwidget.data.windows.window_cut import WindowCut
from cnnwidget.training.loop.losses import loss_function
from cnnwidget.training.match import match
from cnnwidget.training.tasks.task_protocol import (
    Baselines,
    Batch,
    Figure,
    Pictures,
    ScoreTable,
    TaskRecord,
)

INPUT = "the input itself"


@dataclass(frozen=True)
class FlipShapes:
    input_shape: tuple[int, ...]

    lengths = (1, 1)
    steps_ahead = None

    @property
    def output_shape(self):
        return self.input_shape

    def with_lengths(self, history, horizon):
        return self

    def misfit(self, plan):
        shapes = (plan.input_shape, plan.output_shape)
        wanted = self.input_shape
        return "" if shapes == (wanted, wanted) else f"frames are {wanted}, not {shapes[0]}."

    def other_purpose(self, plan):
        return ""

    def fitted(self, design):
        channels, *size = self.input_shape
        return design.replace(
            input_size=tuple(size), in_channels=channels, out_channels=channels, output_size=None
        )

    def split(self, steps):
        return split_by_time(steps + 1, WindowCut(1, 1))


@dataclass(frozen=True, eq=False)
class FlipData:
    frames: Frames
    split: Split

    @property
    def fingerprint(self):
        return fingerprint_of(WindowContents(self.frames))

    def with_split(self, split):
        return replace(self, split=split)

    def __len__(self):
        return self.frames.steps


class NoSettings(BaseModel):
    """Of the task alone."""


class FlipTask:
    name = "flip"
    noun = "flipped frame"
    settings = ()
    data_settings = NoSettings
    follows = {}  # noqa: RUF012
    usual_lengths = (1, 1)
    unaided = types.MappingProxyType({})

    def usual_shapes(self, frames, lengths=None):
        return FlipShapes(frames.shape_of_frame)

    def nearest_shapes(self, plan, frames, settings):
        return FlipShapes(frames.shape_of_frame)

    def cautions(self, frames, shapes, split, settings):
        return {}

    def fitting_shapes(self, nearest, frames, settings, preferred):
        return nearest

    def torch_half(self):
        return FlipTraining(self)


@dataclass(frozen=True)
class FlipPredictor:
    low: float
    span: float

    def scaled(self, values):
        return (torch.from_numpy(np.array(values, np.float32)) - self.low) / self.span

    def predict(self, run, data):
        return self.unflipped(run, load(data).values)

    def unflipped(self, run, values):
        with torch.no_grad():
            output = run.module(self.scaled(values).flip(-1))
        return (output * self.span + self.low).numpy()


class FlipExamples:
    reads_ahead = False
    zero_layers = ()

    def __init__(self, data, recipe):
        self.data, self.size = data, data.frames.size
        seen = data.frames.values[: data.split.train.stop]
        self.predictor = FlipPredictor(float(seen.min()), float(np.ptp(seen)))
        self._loss = loss_function(recipe.loss, self.size)

    def read(self, numbers):
        return (self.predictor.scaled(self.data.frames.values[numbers]),)

    def batch(self, parts, device):
        [frames] = (part.to(device) for part in parts)
        return Batch(frames.flip(-1), frames)

    def resident(self, device, spare, *, channels_last):
        return None

    def for_training(self, batch, seed):
        return batch

    def prediction(self, output, batch):
        return output

    def loss(self, prediction, batch):
        return self._loss(prediction, batch.target)

    def baselines(self, known, device, stopped):
        names = tuple({INPUT} - set(known))
        return Baselines(names, lambda batch, _: [batch.input] * len(names))


@dataclass(frozen=True)
class FlipSkill:
    total: float
    sentence: str

    @property
    def beats_all(self):
        return self.total > 0


@dataclass(frozen=True)
class FlipMetrics:
    error: float
    of_input: float

    error_name = "mean absolute error of flipped frames"

    @property
    def skill(self):
        total = 1 - self.error / self.of_input
        return FlipSkill(total, f"Undoes {total:.0%} of a flip.")

    @property
    def table(self):
        errors = ((self.error,), (self.of_input,))
        figures = (Figure("MAE", self.error_name, (self.error, self.of_input)),)
        return ScoreTable(
            line="mirror",
            lines=("left to right",),
            overall="over all mirrors",
            names=("network", INPUT),
            errors=errors,
            skill=(self.skill.total,),
            unit="units",
            figures=figures,
        )


class FlipTraining:
    def __init__(self, task):
        self.task = task

    def data(self, plan, data, settings):
        frames = load(data)
        return FlipData(frames, match(self.task, plan, frames).checked().split), {}

    def examples(self, plan, data, recipe):
        return FlipExamples(data, recipe)

    def same_data(self, run, data):
        return FlipData(load(data), run.split)

    def measure(self, run, stopped):
        if stopped():
            return None
        part = run.split.test or run.split.train
        frames = run.data.frames.values[part.start : part.stop]
        errors = [
            np.abs(each - frames).mean()
            for each in (run.predictor.unflipped(run, frames), frames[..., ::-1])
        ]
        return FlipMetrics(*map(float, errors))

    def findings(self, run):
        return ()

    def summary(self, run):
        return "1 frame, flipped"

    def picture_shape(self, run):
        return (1, *run.data.frames.shape_of_frame)

    def pictures(self, run, numbers, *, beyond):
        frames = run.data.frames
        truth = np.asarray(frames.values[list(numbers)], np.float32)
        return Pictures(
            truth=truth[:, None],
            prediction=run.predictor.unflipped(run, truth)[:, None],
            has_truth=(True,) * len(numbers),
            examples=tuple(f"frame {number}" for number in numbers),
            frame="moment",
            frames=("now",),
            channels=tuple(map(str, range(frames.channels))),
            ranges=((float(truth.min()), float(truth.max())),) * frames.channels,
            truth_name="frame",
            prediction_name="flipped back",
            further=(("mirrored", truth[:, None, ..., ::-1]),),
        )

    def save_results(self, run, folder):
        np.save(folder / "unflipped.npy", run.predict(run.data.frames))
        return "unflipped.npy"

    def without_control(self, run):
        return ()

    def write(self, run):
        metrics = run.metrics_if_known
        measured = None if metrics is None else vars(metrics)
        scaling = torch.tensor([run.predictor.low, run.predictor.span], dtype=torch.float64)
        return TaskRecord({"kind": "flip"}, measured, {"scaling": scaling})

    def read(self, record, plan, recipe, baselines):
        metrics = None if record.metrics is None else FlipMetrics(**record.metrics)
        return FlipPredictor(*record.tensors["scaling"].tolist()), metrics
