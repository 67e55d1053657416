"""`Recipe`: how a network is trained, and the one table of all training settings.

To add a setting, add a field here and write the code that obeys it. This file is long because it is
that table.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self, get_args

from pydantic import BeforeValidator, Field, model_validator

from cnnwidget.design.errors import CnnwidgetError
from cnnwidget.design.layers.layer import LARGEST_FLOAT
from cnnwidget.design.planning.memory import OptimizerName
from cnnwidget.design.value import Value
from cnnwidget.training.setting import Control, Setting, settings_of, with_entries
from cnnwidget.training.tasks.task_protocol import DEFAULT_TASK


def as_pairs(loss: object) -> object:
    """Return losses with weights, given as a dict or a list, as a tuple of pairs."""
    if isinstance(loss, dict):
        loss = tuple(loss.items())
    if not isinstance(loss, list | tuple):
        return loss
    pairs = [tuple(each) if isinstance(each, list) else each for each in loss]
    # Strict fields refuse a weight of 1 where 1.0 is meant.
    return tuple(
        (each[0], float(each[1]))
        if isinstance(each, tuple) and len(each) == 2 and type(each[1]) is int
        else each
        for each in pairs
    )


def as_names(value: object) -> object:
    """Return one name, or a list of names, as a tuple."""
    if isinstance(value, str):
        return (value,)
    return tuple(value) if isinstance(value, list) else value


LossName = Literal["l1", "mse", "huber", "ssim"]
# Several losses, each with its weight.
WeightedLosses = Annotated[
    tuple[tuple[LossName, Annotated[float, Field(gt=0, le=1e6)]], ...], Field(min_length=1)
]
Loss = Annotated[LossName | WeightedLosses, BeforeValidator(as_pairs)]
ScheduleName = Literal["constant", "cosine", "one_cycle"]
AugmentationName = Literal["flip", "shift", "rotate", "noise"]
Augmentations = Annotated[tuple[AugmentationName, ...], BeforeValidator(as_names)]
DeviceName = Literal["auto", "cpu", "cuda", "mps"]
PrecisionName = Literal["float32", "bfloat16"]

ScalingName = Literal["minmax", "standard", "none"]
ReferenceName = Literal[
    "auto", "persistence", "mean of the history", "linear trend", "median frame", "mean frame",
    "damped anomaly", "climatology", "none",
]  # fmt: skip
# A cycle that the dates of frames have.
DatedPeriod = Literal["year", "day"]

# A number that a 32-bit float can hold.
Float32 = Annotated[float, Field(ge=-LARGEST_FLOAT, le=LARGEST_FLOAT)]
Rate = Annotated[float, Field(ge=0, le=10)]
# The default budget of a training, and that of each value in a sweep.
DEFAULT_SECONDS, SWEEP_SECONDS = 20.0, 10.0
# The learning rates that `cw.find_lr` tries.
LOWEST_RATE, HIGHEST_RATE = 1e-6, 1.0
RATES = (1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.3, 1.0)
BUDGET = Control(
    "train for",
    "budget",
    1,
    1_000_000,
    tooltip="how long: seconds, or passes over the training windows",
)


class Recipe(Value):
    """Everything that decides a curve but the design and the data: the table of settings.

    Each field has its type, its check and its default, and a `Setting` with its documentation, its
    control in the panel and its values in a sweep. The arguments of `cw.fit`, the record of a run,
    the controls and the sweep are made from this table.

    Attributes:
        **settings: see below.

    Raises:
        CnnwidgetError: if a field is out of bounds, or not exactly one of epochs and seconds is
            given.

    Example:
        >>> Recipe(pre_history_len=10, forecast_len=5, epochs=3, batch_size=16).lr
        0.003
    """

    _error = CnnwidgetError

    pre_history_len: Annotated[
        int,
        Field(ge=1),
        Setting(
            "number of input frames", auto="the number that fits the design's input", by_task=True
        ),
    ] = 1
    forecast_len: Annotated[
        int,
        Field(ge=1),
        Setting(
            "number of frames to forecast",
            auto="the number that fits the design's output",
            by_task=True,
        ),
    ] = 1
    stride: Annotated[
        int,
        Field(ge=1),
        Setting(
            "frames from the start of one window to the start of the next", auto="1", by_task=True
        ),
    ] = 1
    gap: Annotated[
        int,
        Field(ge=0),
        Setting(
            "frames between the last input frame and the first to forecast", auto="0", by_task=True
        ),
    ] = 0
    epochs: Annotated[
        int | None,
        Field(ge=1, le=1_000_000),
        Setting("passes over the training windows; give this or `seconds`", control=BUDGET),
    ] = None
    seconds: Annotated[
        float | None,
        Field(gt=0, le=1_000_000),
        Setting(
            f"time to train; {DEFAULT_SECONDS:g} if neither this nor `epochs` is given",
            control=BUDGET,
        ),
    ] = None
    lr: Annotated[
        Rate | Annotated[tuple[Rate, ...], Field(min_length=1)],
        Setting(
            "learning rate; or one for each epoch, which `schedule` then leaves alone",
            control=Control("lr", "scale", options=RATES, tooltip="learning rate"),
            sweep="neighbours",
        ),
    ] = 3e-3
    batch_size: Annotated[
        int,
        Field(ge=1, le=65536),
        Setting(
            "windows in a step",
            auto="4 to 16: more if there are many windows, fewer if the design is costly",
            control=Control(
                "batch",
                "choice",
                options=tuple(1 << n for n in range(9)),
                tooltip="windows a step; auto follows the number of windows and the design's costs",
            ),
            sweep="double",
        ),
    ]
    device: Annotated[
        DeviceName,
        Setting(
            "`auto`, `cpu`, `cuda` or `mps`; `auto` is a CUDA GPU if there is one, else the CPU",
            control=Control(
                "device",
                "choice",
                options=get_args(DeviceName),
                tooltip="auto is a CUDA GPU where there is one",
            ),
        ),
    ] = "auto"
    loss: Annotated[
        Loss,
        Setting(
            "`l1` (mean absolute error), `mse` (mean squared error), `huber` or `ssim`, of the "
            'scaled data; or several with their weights, as `{"l1": 0.8, "ssim": 0.2}`',
            control=Control("loss", "choice", options=get_args(LossName), folded=True),
            sweep=get_args(LossName),
        ),
    ] = "l1"
    optimizer: Annotated[
        OptimizerName,
        Setting(
            "`sgd`, `sgd_momentum`, `adagrad`, `rmsprop`, `adam` or `adamw`",
            control=Control("optimizer", "choice", options=get_args(OptimizerName), folded=True),
            sweep=("adam", "adamw", "sgd_momentum", "rmsprop"),
        ),
    ] = "adamw"
    weight_decay: Annotated[
        float | None,
        Field(ge=0, le=10),
        Setting(
            "weight decay of the optimizer",
            auto="0.3 for `adamw` and 0 for the others",
            control=Control(
                "weight decay",
                "choice",
                options=(0.0, 1e-4, 1e-3, 0.01, 0.1, 0.3, 1.0),
                folded=True,
                tooltip="how far weights are drawn towards zero; auto is 0.3 for adamw and else 0",
            ),
            sweep=(0.0, 0.01, 0.1, 0.3, 1.0),
        ),
    ] = None
    schedule: Annotated[
        ScheduleName,
        Setting(
            "of the learning rate: `constant`; `cosine`, constant for a tenth of the budget and "
            "then down to zero; or `one_cycle`, up for three tenths and then down",
            control=Control(
                "lr schedule",
                "choice",
                options=get_args(ScheduleName),
                folded=True,
                tooltip="of the learning rate: as it is, down to zero, or up and then down",
            ),
            sweep=get_args(ScheduleName),
        ),
    ] = "cosine"
    clip_grad_norm: Annotated[
        float | None,
        Field(gt=0),
        Setting(
            "the largest norm of the gradient, to which a longer one is cut; None is no limit",
            control=Control(
                "clip norm",
                "float",
                0,
                1e6,
                step=0.5,
                folded=True,
                tooltip="the longest gradient that a step may follow; 0 is no limit",
                zero_is_none=True,
            ),
            sweep=(0.1, 1.0, None),
        ),
    ] = 1.0
    patience: Annotated[
        int | None,
        Field(ge=1),
        Setting(
            "epochs without a better one after which the training ends; None is never",
            control=Control(
                "patience",
                "int",
                0,
                1_000_000,
                folded=True,
                tooltip="epochs without a better one after which training ends; 0 is never",
                zero_is_none=True,
            ),
        ),
    ] = None
    augment: Annotated[
        Augmentations,
        Setting(
            "random changes of the windows: any of `flip`, `shift`, `rotate` and `noise`",
            control=Control(
                "augment",
                "several",
                options=get_args(AugmentationName),
                folded=True,
                tooltip="what is done to windows by chance; with Ctrl, several of these or none",
            ),
            sweep=((), "flip", "shift", "noise"),
        ),
    ] = ()
    reference: Annotated[
        ReferenceName,
        Setting(
            "the rule that the network adds to, with which it begins: `persistence`, `mean of the "
            "history`, `linear trend`, `median frame`, `mean frame`, `damped anomaly` (the mean or "
            "the climatology, and a share of the last deviation from it) or `climatology`; `auto` "
            "is the best of them on the training part; with `none` the network gives the frames "
            "themselves, as `auto` means for one that ends in an activation",
            control=Control(
                "adds to",
                "choice",
                options=get_args(ReferenceName),
                folded=True,
                tooltip="the simple forecast that the network begins with and adds to; auto is the "
                "best one on the training part; none: it gives the frames themselves",
            ),
            sweep=("auto", "persistence", "none"),
            by_task=True,
        ),
    ] = "auto"
    period: Annotated[
        Annotated[int, Field(ge=2, lt=2**31)] | DatedPeriod | None,
        Setting(
            "the season: `year` or `day` by the dates of the frames, or the frames in a cycle, as "
            "12; climatology, the mean of the training frames at the same phase, is then one of "
            "the rules without a network; None is without",
            control=Control(
                "period",
                "text",
                options=get_args(DatedPeriod),
                folded=True,
                placeholder="none",
                tooltip="the season: year or day, by the dates of the frames, or the frames in a "
                "cycle, as 12; climatology is then one of the rules to beat; empty is none",
            ),
            by_task=True,
        ),
    ] = None
    scaling: Annotated[
        ScalingName | tuple[Float32, Float32],
        Setting(
            "of each variable, from its training part: `minmax`, `standard` or `none`; or the two "
            "values, for all variables, that become 0 and 1",
        ),
    ] = "minmax"
    precision: Annotated[
        PrecisionName,
        Setting(
            "of the layers in training: `float32`, or `bfloat16` for PyTorch's automatic mixed "
            "precision (https://docs.pytorch.org/docs/stable/amp.html), in which weights and "
            "losses keep 32 bits",
            control=Control(
                "precision",
                "choice",
                options=get_args(PrecisionName),
                folded=True,
                tooltip="of the layers in training; bfloat16 is mixed precision, for GPUs that "
                "have it",
            ),
        ),
    ] = "float32"
    threads: Annotated[
        int | None,
        Field(ge=1, le=1024),
        Setting(
            "threads of the CPU that PyTorch computes with; the last bits of a curve depend on it",
            auto="PyTorch's own number, at most the cores that this process may use",
        ),
    ] = None
    seed: Annotated[
        int,
        Field(ge=0, lt=2**31),
        Setting(
            "seed of weights, order of windows and dropout; on the CPU, the same seed and number "
            "of threads give the same curve",
            control=Control("seed", "int", 0, 2**31 - 1, folded=True),
            sweep="count",
        ),
    ] = 0
    task: Annotated[
        str,
        Setting(
            "the task that the network is trained for",
            # The panel knows the options from the table of tasks, and hides a choice of one.
            control=Control("task", "choice", tooltip="what the network is trained for"),
        ),
    ] = DEFAULT_TASK

    @model_validator(mode="after")
    def _one_budget(self) -> Self:
        if (self.epochs is None) == (self.seconds is None):
            raise ValueError(
                f"epochs is {self.epochs} and seconds is {self.seconds}; give exactly one of them."
            )
        if isinstance(self.lr, tuple) and len(self.lr) != self.epochs:
            raise ValueError(
                f"lr has {len(self.lr)} numbers, but epochs is {self.epochs}; give one number, or "
                "one for each epoch."
            )
        return self


SETTINGS = settings_of(Recipe)
Recipe.__doc__ = with_entries(
    Recipe.__doc__ or "", {name: f"{setting.help}." for name, setting in SETTINGS.items()}
)


def loss_in_words(loss: Loss) -> str:
    """Return the name of a loss as it is shown.

    Example:
        >>> loss_in_words("huber"), loss_in_words((("l1", 0.8), ("ssim", 0.2)))
        ('Huber', '0.8 L1 + 0.2 SSIM')
    """
    if isinstance(loss, str):
        return "Huber" if loss == "huber" else loss.upper()
    return " + ".join(f"{weight:g} {loss_in_words(name)}" for name, weight in loss)


def default_weight_decay(optimizer: OptimizerName) -> float:
    """Return the default weight decay: 0.3 for `adamw`, far above PyTorch's own 0.01.

    Its effect is in proportion to the learning rate. Without it a short training on few windows
    overfits: `tests/benchmarks/test_bar.py` compares both.
    """
    return 0.3 if optimizer == "adamw" else 0.0
