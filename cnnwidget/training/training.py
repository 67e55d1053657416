"""`Training`: the loop, as something one loops over."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from threading import Event
from typing import Literal

import numpy as np
import torch
from torch import Tensor, nn

from cnnwidget.data.windows import Windows
from cnnwidget.design.errors import DesignError
from cnnwidget.design.plan import Plan
from cnnwidget.model.build import Net, build
from cnnwidget.training.baselines import BASELINES
from cnnwidget.training.budget import Budget
from cnnwidget.training.history import Epoch, Step
from cnnwidget.training.recipe import Recipe
from cnnwidget.training.run import Ending, Run
from cnnwidget.training.scaling import scaling_of
from cnnwidget.training.tasks import Forecast

LOSSES = {"l1": nn.functional.l1_loss, "mse": nn.functional.mse_loss}
OPTIMIZERS = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}
# At most five steps a second are told: drawing them costs time that training could have.
SECONDS_BETWEEN_STEPS = 0.2


class Stopped(Exception):  # noqa: N818  (an answer, caught by the loop)
    """A stop was asked for in the midst of a validation."""


class Training:
    """A network in training; iterating it trains and yields `Step` and `Epoch` records.

    A loop that ends early, by `stop()`, `break` or an interrupt, can be taken up again: iterating
    once more goes on with the next batch, and on the CPU the curve is that of an unbroken run.

    Args:
        plan: of the design, without problems.
        windows: of the frames.
        task: the forecast that goes with both.
        recipe: how to train.

    Raises:
        DesignError: if the device is not there.
        DataError: if values are missing.
    """

    def __init__(self, plan: Plan, windows: Windows, task: Forecast, recipe: Recipe) -> None:
        self.plan, self.windows, self.task, self.recipe = plan, windows, task, recipe
        self.device = device_of(recipe)
        self.split = windows.split
        last_target = self.split.train.stop - 1 + task.pre_history_len + task.forecast_len
        self.scaling = scaling_of(windows.frames, range(last_target))
        with seeded(recipe.seed, self.device):
            self.net: Net = build(plan)
        self.net.to(self.device)
        if len(task.size) == 2 and self.device.type == "cpu":
            # A rule for all networks of two axes, whatever is faster for one of them: the order in
            # memory decides the order of sums, and so the curve.
            self.net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.optimizer = OPTIMIZERS[recipe.optimizer](self.net.parameters())
        self.lr = 0.0  # of the epoch that is running
        self.loss = LOSSES[recipe.loss]
        self.draws = any(row.kind.startswith("Dropout") for row in plan.rows)
        self.history: list[Epoch] = []
        # The best epoch and its weights change together: another thread may ask for the run.
        self.kept: tuple[Epoch | None, dict[str, Tensor]] = (None, copied(self.net))
        self.baselines: dict[str, float] = {}
        self.budget = Budget(recipe)
        self.ending: Ending | Literal["running"] = "running"
        self.next_batch = 0  # in the epoch that is running
        self.sum_of_losses = 0.0
        self.seen = 0  # windows of that epoch
        self._stop = Event()

    def stop(self) -> None:
        """End the loop after the batch that is running; safe from any thread."""
        self._stop.set()

    @property
    def progress(self) -> float:
        """How much of the budget is over, from 0 to 1."""
        return 1.0 if self.ending == "finished" else self.budget.progress(self.position)

    @property
    def position(self) -> float:
        """How far it is, in epochs: 2.5 is half-way through the third."""
        count = math.ceil(len(self.split.train) / self.recipe.batch_size)
        return len(self.history) + self.next_batch / count

    def extend(self) -> None:
        """Allow the same budget once more, from the last weights on, with a new schedule."""
        self.budget = Budget(self.recipe, first=len(self.history))
        self.ending = "running"

    @property
    def run(self) -> Run:
        """What there is so far, with the best weights so far; it does not change any more."""
        best, weights = self.kept
        return Run(
            design=self.plan.design,
            recipe=self.recipe,
            scaling=self.scaling,
            split=self.split,
            history=tuple(self.history),
            best=best,
            weights=weights,
            baselines=tuple(self.baselines.items()),
            ending="stopped" if self.ending == "running" else self.ending,
            device=str(self.device),
            last=self.windows.last().numpy()[0].copy(),
            has_channels=self.windows.frames.has_channels,
            data_name=self.windows.frames.name,
            windows=self.windows,
        )

    def __iter__(self) -> Iterator[Step | Epoch]:
        if self.ending in ("finished", "diverged"):
            return
        self._stop.clear()
        self.ending = "running"
        self.budget.go()
        try:
            for name in BASELINES:
                if name not in self.baselines:
                    self.baselines[name] = self.loss_of(name)
            yield from self.epochs()
        except Stopped:
            self.ending = "stopped"
        finally:
            self.budget.halt()
            if self.ending == "stopped":
                self.keep_unfinished()

    def epochs(self) -> Iterator[Step | Epoch]:
        """Epoch after epoch, until the budget is used up or something else ends it."""
        while self.budget.has_room_after(len(self.history)):
            yield from self.batches()
            if self.ending == "running":
                yield self.end_of_epoch()
            if self.ending != "running":
                return
        self.ending = "finished"

    def batches(self) -> Iterator[Step]:
        """The batches of one epoch that are still to come."""
        number = len(self.history) + 1
        # The order belongs to the epoch, not to a generator that runs on: so a run can be resumed.
        shuffled = np.random.default_rng((self.recipe.seed, number)).permutation(self.split.train)
        # Batches of nearly the same length: a last one of one window could not be normalised.
        batches = np.array_split(shuffled, math.ceil(len(shuffled) / self.recipe.batch_size))
        count = len(batches)
        told = self.budget.seconds
        if not self.next_batch:
            self.lr = self.budget.lr(number)
        while self.next_batch < count:
            if self._stop.is_set():
                self.ending = "stopped"
                return
            if self.budget.time_is_up:
                self.ending = "finished"
                self.keep_unfinished()
                return
            chosen = batches[self.next_batch]
            loss = self.step(chosen, number)
            self.next_batch += 1
            self.sum_of_losses += loss * len(chosen)
            self.seen += len(chosen)
            if not math.isfinite(loss):
                self.ending = "diverged"
                return
            seconds = self.budget.seconds
            if seconds - told >= SECONDS_BETWEEN_STEPS:
                told = seconds
                mean = self.sum_of_losses / self.seen
                left = self.budget.left(self.position)
                yield Step(number, self.position, mean, seconds, self.progress, left)

    def step(self, chosen: np.ndarray, epoch: int) -> float:
        """One batch: forward, backward, and a step along the gradient."""
        for group in self.optimizer.param_groups:
            group["lr"] = self.lr
        self.net.train()
        history, target = self.batch(chosen)
        # Each batch draws from a seed of its own, so that nobody else's draws move the curve.
        seed = hash_of(self.recipe.seed, epoch, self.next_batch)
        with torch.enable_grad(), seeded(seed, self.device) if self.draws else nullcontext():
            loss = self.loss(self.net(history), target)
            self.optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            if self.recipe.clip_grad_norm is not None:
                nn.utils.clip_grad_norm_(self.net.parameters(), self.recipe.clip_grad_norm)
            self.optimizer.step()
        return loss.item()

    def batch(self, chosen: np.ndarray | range) -> tuple[Tensor, Tensor]:
        """Scaled windows, their steps as channels: (batch, steps x variables, *size)."""
        history, target = (
            self.scaling.scale(part.to(self.device)).flatten(1, 2)
            for part in self.windows.gather(chosen)
        )
        if history.dim() == 4 and self.device.type == "cpu":
            history = history.contiguous(memory_format=torch.channels_last)
        return history, target

    def end_of_epoch(self) -> Epoch:
        """Validate, and keep the weights if they are the best so far.

        Raises:
            Stopped: if that is asked for meanwhile; a loop that goes on validates again.
        """
        number = len(self.history) + 1
        validation = self.mean_loss(self.net) if self.split.validation else None
        train = self.sum_of_losses / self.seen
        self.next_batch, self.sum_of_losses, self.seen = 0, 0.0, 0
        epoch = Epoch(number, train, validation, self.lr, self.budget.seconds)
        self.history.append(epoch)
        best, _ = self.kept
        if math.isfinite(epoch.score) and (best is None or epoch.score < best.score):
            self.kept = (epoch, copied(self.net))
        if validation is not None and not math.isfinite(validation):
            self.ending = "diverged"
        return epoch

    def keep_unfinished(self) -> None:
        """Where not one epoch was finished, the weights as they are are the best there are."""
        best, _ = self.kept
        if best is None and self.next_batch:
            self.kept = (None, copied(self.net))

    def loss_of(self, baseline: str) -> float:
        """The loss of a baseline, on the windows that the network's is told of."""
        task = self.task

        def predict(history: Tensor) -> Tensor:
            frames = history.reshape(len(history), task.pre_history_len, -1, *task.size)
            return BASELINES[baseline](frames, task.forecast_len).flatten(1, 2)

        return self.mean_loss(predict)

    def mean_loss(self, predict: Callable[[Tensor], Tensor]) -> float:
        """The mean loss of a forecast over the validation windows, or else the training ones.

        Raises:
            Stopped: if that is asked for meanwhile.
        """
        numbers = self.split.validation or self.split.train
        size = self.recipe.batch_size
        total = 0.0
        self.net.eval()
        with torch.no_grad():
            for start in range(0, len(numbers), size):
                if self._stop.is_set():
                    raise Stopped
                chosen = numbers[start : start + size]
                history, target = self.batch(chosen)
                total += self.loss(predict(history), target).item() * len(chosen)
        return total / len(numbers)


def copied(net: nn.Module) -> dict[str, Tensor]:
    """The state of a module, apart from it: what goes on training must not change it."""
    return {
        name: value.detach().cpu().clone(memory_format=torch.contiguous_format)
        for name, value in net.state_dict().items()
    }


def device_of(recipe: Recipe) -> torch.device:
    """The device that a recipe means on this machine.

    Raises:
        DesignError: if it is not there.
    """
    name = recipe.device
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    there = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.mps.is_available()}
    if not there[name]:
        names = ", ".join(repr(each) for each, found in there.items() if found)
        raise DesignError(f"device {name!r} is not to be had on this machine; choose from {names}.")
    return torch.device(name)


@contextmanager
def seeded(seed: int, device: torch.device) -> Iterator[None]:
    """Draw from a seed, and leave everybody else's draws as they were."""
    gpus = [torch.cuda.current_device()] if device.type == "cuda" else []
    with torch.random.fork_rng(gpus):
        torch.manual_seed(seed)
        yield


def hash_of(*numbers: int) -> int:
    """One seed from several numbers, the same on every machine."""
    return int(np.random.SeedSequence(numbers).generate_state(1)[0])
