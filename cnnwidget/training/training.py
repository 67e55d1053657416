"""`Training`: the loop, as something one loops over."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import closing, nullcontext
from threading import Event, Lock, RLock
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor, nn

from cnnwidget.data.ahead import Ahead
from cnnwidget.data.windows import Pair, Windows
from cnnwidget.design.planning.plan import Plan
from cnnwidget.training.augmentation import augmented, check_augmentations
from cnnwidget.training.baselines import BASELINES
from cnnwidget.training.batches import batches_of, number_of_batches
from cnnwidget.training.budget import Budget
from cnnwidget.training.device import device_of
from cnnwidget.training.handed import check_residual, prepared
from cnnwidget.training.history import Epoch, Step
from cnnwidget.training.losses import loss_function
from cnnwidget.training.optimizers import optimizer_of
from cnnwidget.training.recipe import Recipe
from cnnwidget.training.room import check_room, shortage_told
from cnnwidget.training.run import Ending, Run
from cnnwidget.training.seeding import hash_of, seeded
from cnnwidget.training.tasks import Forecast
from cnnwidget.training.weights import all_finite, check_weights, copied, drawn

# At most five steps a second are told: drawing them costs time that training could have.
SECONDS_BETWEEN_STEPS = 0.2


class Stopped(Exception):  # noqa: N818  (an answer, caught by the loop)
    """A stop was asked for in the midst of a validation."""


class Training:
    """A network in training; iterating it trains and yields `Step` and `Epoch` records.

    A loop that ends early, by `stop()`, `break` or an interrupt, can be taken up again: iterating
    once more goes on with the next batch. On the CPU the curve is then that of an unbroken run,
    but after an interrupt (Ctrl-C), which may come in the midst of a batch.

    Args:
        plan: of the design, without problems.
        windows: of the frames.
        task: the forecast that goes with both.
        recipe: how to train.

    Raises:
        DesignError: if the device is not there, or the design has nothing to train, cannot be
            normalised in batches so small, or takes more memory than is left.
        DataError: if values are missing.
        MemoryError: while looping, if memory is short after all.

    Example:
        >>> import cnnwidget as cw
        >>> frames = cw.sample("circling shape", steps=40, size=(8, 8))
        >>> design = cw.EncoderDecoder(input_size=(8, 8), in_channels=2, out_channels=1, depth=1)
        >>> training = cw.train(design, frames, epochs=3)
        >>> for event in training:
        ...     if isinstance(event, Epoch):
        ...         training.stop()
        >>> training.run.ending, len(training.run.history)
        ('stopped', 1)
        >>> for event in training:  # goes on where it was
        ...     pass
        >>> training.run.ending, len(training.run.history)
        ('finished', 3)
    """

    def __init__(self, plan: Plan, windows: Windows, task: Forecast, recipe: Recipe) -> None:
        self.plan, self.windows, self.task, self.recipe = plan, windows, task, recipe
        self.device = device_of(recipe)
        self.split = windows.split
        self.handed, self.valid = prepared(windows, recipe)
        self.statistics, self.scaling = self.handed.statistics, self.handed.scaling
        check_augmentations(recipe.augment, task.size)
        check_residual(windows.make_up, recipe)
        windows_trained = len(self.split.train)
        self.count = number_of_batches(windows_trained, recipe.batch_size)
        check_weights(plan, windows_trained // self.count)
        if self.device.type == "cpu":
            check_room(plan, math.ceil(windows_trained / self.count))
        with shortage_told():
            self.net = drawn(plan, recipe.seed).to(self.device)
        if len(task.size) == 2 and self.device.type == "cpu":
            # A rule for all networks of two axes, whatever is faster for one of them: the order in
            # memory decides the order of sums, and so the curve.
            self.net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        weights = self.net.parameters()
        self.optimizer = optimizer_of(recipe.optimizer, weights, recipe.weight_decay)
        self.lr = 0.0  # of the epoch that is running
        self.loss = loss_function(
            recipe.loss,
            task.size,
            self.handed.range_told,
            gaps=windows.has_gaps or "shift" in recipe.augment,
        )
        self.draws = any(row.kind.startswith(("Dropout", "RReLU")) for row in plan.rows)
        self.history: list[Epoch] = []
        # Another thread may ask for the run at any time: what belongs together changes together.
        self._changing = RLock()
        self.kept: tuple[Epoch | None, dict[str, Tensor]] = (None, copied(self.net))
        self.baselines: dict[str, float] = {}
        self.budget = Budget(recipe)
        self.ending: Ending | Literal["running"] = "running"
        self.next_batch = 0  # in the epoch that is running
        self.sum_of_losses = 0.0
        self.seen = 0  # windows of that epoch
        self._stop = Event()
        self._begun = False
        self._looping = Lock()

    def stop(self) -> None:
        """End the loop after the batch that is running; safe from any thread.

        Before the first loop it ends that one at once; after a loop there is nothing to end.
        """
        self._stop.set()

    @property
    def progress(self) -> float:
        """How much of the budget is over, from 0 to 1."""
        return 1.0 if self.ending == "finished" else self.budget.progress(self.position)

    @property
    def position(self) -> float:
        """How far it is, in epochs: 2.5 is half-way through the third."""
        with self._changing:
            return len(self.history) + self.next_batch / self.count

    def extend(self) -> None:
        """Allow the same budget once more, from the last weights on, with a new schedule.

        Nothing changes before the first budget is used up, or after the loss has diverged.
        """
        if self.ending != "finished":
            return
        self.budget = Budget(self.recipe, first=len(self.history), before=self.budget.trained)
        self.ending = "running"
        self._begun = False
        self._stop.clear()

    @property
    def run(self) -> Run:
        """What there is so far, with the best weights so far; it does not change any more.

        While a loop runs, its `ending` reads `stopped`: that is what it is if nothing follows.
        """
        with self._changing:
            history, (best, weights) = tuple(self.history), self.kept
            baselines = tuple(self.baselines.items())
        return Run(
            design=self.plan.design,
            recipe=self.recipe,
            scaling=self.scaling,
            statistics=self.statistics,
            make_up=self.handed.make_up,
            beside=self.handed.beside,
            split=self.split,
            history=history,
            best=best,
            weights=weights,
            baselines=baselines,
            ending="stopped" if self.ending == "running" else self.ending,
            device=str(self.device),
            last=self.windows.last().numpy()[0].copy(),
            has_channels=self.windows.frames.has_channels,
            data_name=self.windows.frames.name,
            windows=self.windows,
            labels=self.windows.frames.labels,
            valid=self.valid,
        )

    def __iter__(self) -> Iterator[Step | Epoch]:
        if not self._looping.acquire(blocking=False):
            raise RuntimeError(
                "This training is being looped over already, and two loops would spoil one curve; "
                "end the other one first, for instance with stop()."
            )
        try:
            if self.ending not in ("finished", "diverged"):
                with shortage_told():
                    yield from self.loop()
        finally:
            self._looping.release()

    def loop(self) -> Iterator[Step | Epoch]:
        """From where it is to the end of the budget, or to what else ends it."""
        if self._begun:  # a stop that came after the last loop had nothing to end
            self._stop.clear()
        self._begun = True
        self.ending = "running"
        try:
            for name in BASELINES:
                if name not in self.baselines:
                    loss = self.loss_of(name)
                    with self._changing:
                        self.baselines[name] = loss
            self.budget.go()
            with closing(Ahead(self.windows)) as reader:
                yield from self.epochs(reader)
        except Stopped:
            self.ending = "stopped"
        finally:
            self.budget.halt()
            self.keep_unfinished()

    def epochs(self, reader: Ahead) -> Iterator[Step | Epoch]:
        """Epoch after epoch, until the budget is used up or something else ends it."""
        while self.budget.has_room_after(len(self.history)):
            yield from self.batches(reader)
            if self.ending == "running":
                yield self.end_of_epoch()
            if self.ending != "running":
                return
        self.ending = "finished"

    def batches(self, reader: Ahead) -> Iterator[Step]:
        """The batches of one epoch that are still to come."""
        number = len(self.history) + 1
        batches = batches_of(self.split.train, self.recipe.batch_size, self.recipe.seed, number)
        told = self.budget.seconds
        if not self.next_batch:
            self.lr = self.budget.lr(number)
        while self.next_batch < self.count:
            if self._stop.is_set():
                self.ending = "stopped"
                return
            if self.budget.time_is_up:
                self.ending = "finished"
                return
            chosen = batches[self.next_batch]
            following = batches[self.next_batch + 1] if self.next_batch + 1 < self.count else None
            loss = self.step(reader.read(chosen, following), number)
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
                trained = self.budget.trained
                yield Step(number, self.position, mean, trained, self.progress, left)

    def step(self, read: tuple[Tensor, ...], epoch: int) -> float:
        """One batch, as it was read: forward, backward, and a step along the gradient."""
        for group in self.optimizer.param_groups:
            group["lr"] = self.lr
        self.net.train()
        history, target = self.scaled(*read)
        # Each batch draws from a seed of its own, so that nobody else's draws move the curve.
        seed = hash_of(self.recipe.seed, epoch, self.next_batch)
        if self.recipe.augment:
            chances = (self.recipe.augment, seed, self.handed.range_told)
            history, target = augmented((history, target), *chances)
            history = self.in_order(history)
        with torch.enable_grad(), seeded(seed, self.device) if self.draws else nullcontext():
            loss = self.loss_with_aux(self.net(history), history, target)
            self.optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            if self.recipe.clip_grad_norm is not None:
                nn.utils.clip_grad_norm_(self.net.parameters(), self.recipe.clip_grad_norm)
            self.optimizer.step()
        return loss.item()

    def loss_with_aux(self, outputs: Any, history: Tensor, target: Tensor) -> Tensor:
        """The loss of the output and, weighted, of what auxiliary heads gave beside it."""
        if not self.plan.extras:
            return self.loss(self.forecast(outputs, history), target)
        output, aux = outputs
        loss = self.loss(self.forecast(output, history), target)
        for extra in self.plan.extras:
            told = self.forecast(aux[extra.name], history)
            loss = loss + extra.weight * self.loss(told, target)
        return loss

    def forecast(self, output: Tensor, history: Tensor) -> Tensor:
        """What the output of the network means: frames, or changes from the last one given."""
        if not self.recipe.residual:
            return output
        task = self.task
        return output + self.handed.newest(history, task.pre_history_len, task.forecast_len)

    def batch(self, chosen: np.ndarray | range) -> Pair:
        """What the network is handed and what it is to tell, each (batch, channels, *size)."""
        return self.scaled(*self.windows.gather_all(chosen))

    def scaled(self, x: Tensor, y: Tensor, *ahead: Tensor) -> Pair:
        """Windows as they are read, scaled, their steps as channels."""
        if self.windows.has_gaps:
            x = self.handed.known(x)
        history = self.handed.history(*(part.to(self.device) for part in (x, *ahead)))
        return self.in_order(history), self.handed.target(y.to(self.device))

    def in_order(self, history: Tensor) -> Tensor:
        """In the order of memory that the network's weights have."""
        if history.dim() == 4 and self.device.type == "cpu":
            return history.contiguous(memory_format=torch.channels_last)
        return history

    def end_of_epoch(self) -> Epoch:
        """Validate, and keep the weights if they are the best so far.

        Raises:
            Stopped: if that is asked for meanwhile; a loop that goes on validates again.
        """
        number = len(self.history) + 1
        validation = None
        if self.split.validation:
            validation = self.mean_loss(lambda x, _: self.forecast(self.net(x), x))
        train = self.sum_of_losses / self.seen
        epoch = Epoch(number, train, validation, self.lr, self.budget.trained)
        best, _ = kept = self.kept
        sound = math.isfinite(epoch.score)
        if sound and (best is None or epoch.score < best.score):
            weights = copied(self.net)
            sound = all_finite(weights)  # a last step may break them without a loss that tells
            kept = (epoch, weights) if sound else kept
        with self._changing:
            self.next_batch, self.sum_of_losses, self.seen = 0, 0.0, 0
            self.history.append(epoch)
            self.kept = kept
        if not sound:
            self.ending = "diverged"
        elif self.has_stalled:
            self.ending = "finished"
        return epoch

    @property
    def has_stalled(self) -> bool:
        """Whether no epoch has been better for as long as the recipe has patience."""
        best, _ = self.kept
        patience = self.recipe.patience
        if patience is None or best is None:
            return False
        return len(self.history) - max(best.epoch, self.budget.first) >= patience

    def keep_unfinished(self) -> None:
        """Where not one epoch was finished, the weights as they are are the best there are."""
        if self.ending == "diverged" or self.history or not self.next_batch:
            return
        weights = copied(self.net)
        if all_finite(weights):
            self.kept = (None, weights)

    def loss_of(self, baseline: str) -> float:
        """The loss of a baseline, on the windows that the network's is told of."""

        def predict(history: Tensor, chosen: range) -> Tensor:
            frames = self.handed.targets_in(history, self.task.pre_history_len)
            if frames is None:  # the network is not given what it is to tell
                before = self.handed.known_targets(self.windows.targets_before(chosen))
                frames = self.handed.told.scale(before.to(self.device))
            return BASELINES[baseline](frames, self.task.forecast_len).flatten(1, 2)

        return self.mean_loss(predict)

    def mean_loss(self, predict: Callable[[Tensor, range], Tensor]) -> float:
        """The mean loss of a forecast over the validation windows, or else the training ones.

        Args:
            predict: what makes a forecast of what the network is handed of some windows.

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
                total += self.loss(predict(history, chosen), target).item() * len(chosen)
        return total / len(numbers)
