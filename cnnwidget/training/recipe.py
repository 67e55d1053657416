"""`Recipe`: how a network is trained, as a value that repeats a curve."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from cnnwidget.design.errors import CnnwidgetError
from cnnwidget.design.planning.memory import OptimizerName
from cnnwidget.design.planning.plan import Plan
from cnnwidget.design.value import Value


def pairs(loss: object) -> object:
    """Losses with their weights as pairs, however they are given."""
    if isinstance(loss, dict):
        loss = tuple(loss.items())
    if not isinstance(loss, list | tuple):
        return loss
    found = [tuple(each) if isinstance(each, list) else each for each in loss]
    # A weight of 1 is as good as one of 1.0.
    return tuple(
        (each[0], float(each[1]))
        if isinstance(each, tuple) and len(each) == 2 and type(each[1]) is int
        else each
        for each in found
    )


def names(given: object) -> object:
    """Names as a tuple: one alone, or a list of them."""
    if isinstance(given, str):
        return (given,)
    return tuple(given) if isinstance(given, list) else given


LossName = Literal["l1", "mse", "huber", "ssim"]
# Several at once, each with its weight.
Weighted = Annotated[
    tuple[tuple[LossName, Annotated[float, Field(gt=0, le=1e6)]], ...], Field(min_length=1)
]
Loss = Annotated[LossName | Weighted, BeforeValidator(pairs)]
ScheduleName = Literal["constant", "cosine", "one_cycle"]
AugmentationName = Literal["flip", "shift", "rotate", "noise"]
Augmentations = Annotated[tuple[AugmentationName, ...], BeforeValidator(names)]
DeviceName = Literal["auto", "cpu", "cuda", "mps"]
PrecisionName = Literal["float32", "bfloat16"]

ScalingName = Literal["minmax", "standard", "none"]

# Of a 32-bit float.
LARGEST = 3.4028234663852886e38
Bound = Annotated[float, Field(ge=-LARGEST, le=LARGEST)]
Rate = Annotated[float, Field(ge=0, le=10)]
DEFAULT_SECONDS = 20.0
# A batch of so many multiply-accumulates takes about a tenth of a second on two cores, so that a
# stop is heard at once.
MACS_OF_A_BATCH = 2_000_000_000
# Few windows are learned from in small batches: what counts then is the number of steps.
STEPS_OF_AN_EPOCH = 12
SMALLEST_BATCH, LARGEST_BATCH = 4, 16


class Recipe(Value):
    """Everything that decides a curve but the design and the data.

    Attributes:
        pre_history_len: frames that the network is given.
        forecast_len: frames that it is to tell.
        stride: frames from the beginning of one window to that of the next.
        gap: frames between the last that is given and the first that is told.
        period: frames in a cycle, as 12 of months in a year: climatology is then a baseline, too,
            of frames that are held out.
        epochs: passes over the training windows; or
        seconds: time to train, from the first batch on.
        batch_size: windows a step.
        lr: learning rate; or one for each epoch, in which `schedule` then has no say.
        loss: `l1` (mean absolute error), `mse` (mean squared error), `huber` or `ssim`; or several
            with their weights, as `{"l1": 0.8, "ssim": 0.2}`; see `loss_function`.
        optimizer: `sgd`, `sgd_momentum`, `adagrad`, `rmsprop`, `adam` or `adamw`.
        weight_decay: of the optimiser; None is PyTorch's own, 0.01 for `adamw` and else 0.
        schedule: of the learning rate, epoch by epoch: `constant`; `cosine`, constant for a tenth
            of the budget and then down to zero; `one_cycle`, up for three tenths and then down.
        patience: epochs without a better one after which the training ends; None is never.
        augment: what is done to windows by chance: `flip`, `shift`, `rotate`, `noise`.
        residual: whether the network tells the change from the last frame that it is given, or the
            frames themselves; see `usual_residual`.
        clip_grad_norm: the longest gradient that a step may follow; None is no limit.
        scaling: `minmax`, `standard`, `none`, or the two values that are to become 0 and 1; told by
            the training part alone, of each variable by itself but for the two values, which hold
            for all; undone in all that is shown and saved.
        seed: of the weights, of the order of windows, and of dropout.
        device: `auto` is a CUDA GPU where there is one, else the CPU.
        precision: of the layers in training: `float32`, or `bfloat16` where PyTorch's automatic
            mixed precision says so, with weights and losses of 32 bits; see
            https://docs.pytorch.org/docs/stable/amp.html. Nothing chooses it but the user.

    Raises:
        CnnwidgetError: if a field is out of bounds, or not exactly one of epochs and seconds is
            given.

    Example:
        >>> Recipe(pre_history_len=10, forecast_len=5, epochs=3, batch_size=16).lr
        0.003
    """

    _error = CnnwidgetError

    pre_history_len: Annotated[int, Field(ge=1)]
    forecast_len: Annotated[int, Field(ge=1)]
    stride: Annotated[int, Field(ge=1)] = 1
    gap: Annotated[int, Field(ge=0)] = 0
    period: Annotated[int | None, Field(ge=2, lt=2**31)] = None
    epochs: Annotated[int | None, Field(ge=1, le=1_000_000)] = None
    seconds: Annotated[float | None, Field(gt=0, le=1_000_000)] = None
    batch_size: Annotated[int, Field(ge=1, le=65536)]
    lr: Rate | Annotated[tuple[Rate, ...], Field(min_length=1)] = 3e-3
    loss: Loss = "l1"
    optimizer: OptimizerName = "adamw"
    weight_decay: Annotated[float | None, Field(ge=0, le=10)] = None
    schedule: ScheduleName = "cosine"
    patience: Annotated[int | None, Field(ge=1)] = None
    augment: Augmentations = ()
    residual: bool = False
    clip_grad_norm: Annotated[float | None, Field(gt=0)] = 1.0
    scaling: ScalingName | tuple[Bound, Bound] = "minmax"
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 0
    device: DeviceName = "auto"
    precision: PrecisionName = "float32"

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


def loss_in_words(loss: Loss) -> str:
    """A loss to read.

    Example:
        >>> loss_in_words("huber"), loss_in_words((("l1", 0.8), ("ssim", 0.2)))
        ('Huber', '0.8 L1 + 0.2 SSIM')
    """
    if isinstance(loss, str):
        return "Huber" if loss == "huber" else loss.upper()
    return " + ".join(f"{weight:g} {loss_in_words(name)}" for name, weight in loss)


def usual_weight_decay(optimizer: OptimizerName) -> float:
    """The weight decay where none is asked for: 0.3 for `adamw`, far above PyTorch's own 0.01.

    What it does is in proportion to the learning rate, and a short training on few windows
    otherwise learns them by heart: `tests/benchmarks/test_bar.py` trains without it, too.
    """
    return 0.3 if optimizer == "adamw" else 0.0


def usual_batch_size(plan: Plan, training_windows: int) -> int:
    """The batch where none is asked for: a rule of costs and counts, never of a timing.

    Example:
        >>> from cnnwidget.design.families.encoder_decoder import EncoderDecoder
        >>> from cnnwidget.design.planning.plan import plan_of
        >>> design = EncoderDecoder(input_size=(64, 64), in_channels=10, out_channels=5)
        >>> usual_batch_size(plan_of(design), 54), usual_batch_size(plan_of(design), 1000)
        (4, 16)
    """
    affordable = MACS_OF_A_BATCH // max(1, plan.macs)
    frequent = max(SMALLEST_BATCH, training_windows // STEPS_OF_AN_EPOCH)
    fitting = max(1, min(LARGEST_BATCH, affordable, frequent))
    return 1 << (fitting.bit_length() - 1)
