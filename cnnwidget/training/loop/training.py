"""`Training`: the loop, as something one loops over."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import nullcontext
from threading import Event, Lock, RLock
from typing import Any, Literal

import torch
from torch import Tensor, nn

from cnnwidget.data.windows.windows import Pair, Windows
from cnnwidget.design.planning.plan import Plan
from cnnwidget.training.loop.augmentation import augmented, check_augmentations
from cnnwidget.training.loop.batches import batches_of, number_of_batches
from cnnwidget.training.loop.budget import Budget
from cnnwidget.training.loop.device import device_of
from cnnwidget.training.loop.history import Epoch, Step
from cnnwidget.training.loop.loader import Loader
from cnnwidget.training.loop.losses import loss_function
from cnnwidget.training.loop.memory_check import check_memory, shortage_as_memory_error
from cnnwidget.training.loop.optimizers import optimizer_of
from cnnwidget.training.loop.seeding import hash_of, seeded
from cnnwidget.training.loop.threads import release_workers
from cnnwidget.training.loop.validation import Stopped, baseline_losses, mean_losses
from cnnwidget.training.loop.weights import all_finite, check_weights, copied_weights, initial_net
from cnnwidget.training.recipe import Recipe
from cnnwidget.training.runs.checkpoint import checkpoint_if_possible
from cnnwidget.training.runs.checkpoint_file import Checkpoint
from cnnwidget.training.runs.run import Ending, Run
from cnnwidget.training.tasks.forecast import Forecast
from cnnwidget.training.tasks.transform import check_residual, prepared

# At most five steps a second are told: drawing them costs time that training could have.
SECONDS_BETWEEN_STEPS = 0.2


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
        DesignError: if the design has nothing to train, or cannot be normalised in batches so
            small.
        DataError: if values are missing.
        CnnwidgetError: if the device is not there, or there is too little memory.
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
        self.transform, self.valid = prepared(windows, recipe)
        self.statistics, self.scaling = self.transform.statistics, self.transform.scaling
        check_augmentations(recipe.augment, task.size)
        check_residual(windows.make_up, recipe)
        windows_trained = len(self.split.train)
        self.count = number_of_batches(windows_trained, recipe.batch_size)
        check_weights(plan, windows_trained // self.count)
        largest = math.ceil(windows_trained / self.count)
        spare = check_memory(plan, largest, recipe.optimizer, self.device)
        with shortage_as_memory_error():
            self.net = initial_net(plan, recipe.seed).to(self.device)
            self.loader = Loader(windows, self.transform, self.device, spare)
        if self.loader.channels_last:
            self.net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        weights = self.net.parameters()
        self.optimizer = optimizer_of(recipe.optimizer, weights, recipe.weight_decay)
        self.lr = 0.0  # of the epoch that is running
        self.loss = loss_function(
            recipe.loss,
            task.size,
            self.transform.range_told,
            gaps=windows.has_gaps or "shift" in recipe.augment,
        )
        self.draws = any(row.kind.startswith(("Dropout", "RReLU")) for row in plan.rows)
        self.history: list[Epoch] = []
        # Another thread may ask for the run at any time: what belongs together changes together.
        self._changing = RLock()
        self.kept: tuple[Epoch | None, dict[str, Tensor]] = (None, copied_weights(self.net))
        self.checkpoint: Checkpoint | None = (
            None  # while no loop is running: what there is to go on from
        )
        self.baselines: dict[str, float] = {}
        self.budget = Budget(recipe)
        self.ending: Ending | Literal["running"] = "running"
        self.next_batch = 0  # in the epoch that is running
        self.sum_of_losses = 0.0
        self.seen = 0  # windows of that epoch
        # The losses of batches that nobody has looked at yet, and their windows: a look makes a GPU
        # wait for its end.
        self.unseen: list[tuple[Tensor, int]] = []
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
            baselines, checkpoint = tuple(self.baselines.items()), self.checkpoint
        return Run(
            design=self.plan.design,
            recipe=self.recipe,
            scaling=self.scaling,
            statistics=self.statistics,
            make_up=self.transform.make_up,
            beside=self.transform.beside,
            split=self.split,
            history=history,
            best=best,
            weights=weights,
            baselines=baselines,
            ending="stopped" if self.ending == "running" else self.ending,
            device=str(self.device),
            last=self.windows.last_frames().numpy()[0].copy(),
            has_channels=self.windows.frames.has_channels,
            data_name=self.windows.frames.name,
            windows=self.windows,
            labels=self.windows.frames.labels,
            valid=self.valid,
            checkpoint=checkpoint,
        )

    def __iter__(self) -> Iterator[Step | Epoch]:
        if not self._looping.acquire(blocking=False):
            raise RuntimeError(
                "This training is being looped over already, and two loops would spoil one curve; "
                "end the other one first, for instance with stop()."
            )
        try:
            if self.ending not in ("finished", "diverged"):
                yield from self.looped()
        finally:
            self._looping.release()

    def looped(self) -> Iterator[Step | Epoch]:
        """The loop, and what there is to go on from once it has ended, however that was."""
        self.checkpoint = None
        try:
            with shortage_as_memory_error():
                yield from self.loop()
        except MemoryError:
            self.optimizer.zero_grad()  # lets go of the gradients
            torch.cuda.empty_cache()  # nothing without a GPU
            raise
        finally:
            self.checkpoint = checkpoint_if_possible(self)
            release_workers()  # the next training may be in another thread

    def loop(self) -> Iterator[Step | Epoch]:
        """From where it is to the end of the budget, or to what else ends it."""
        if self._begun:  # a stop that came after the last loop had nothing to end
            self._stop.clear()
        self._begun = True
        self.ending = "running"
        try:
            losses = baseline_losses(self, self._stop.is_set)
            with self._changing:
                self.baselines |= losses
            self.budget.go()
            yield from self.epochs()
        except Stopped:
            self.ending = "stopped"
        finally:
            self.budget.halt()
            self.loader.close()
            self.look()
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
            loss = self.step(self.loader.batch(chosen, following), number)
            self.next_batch += 1
            self.unseen.append((loss, len(chosen)))
            seconds = self.budget.seconds
            is_told = seconds - told >= SECONDS_BETWEEN_STEPS
            if is_told or self.device.type == "cpu" or self.next_batch == self.count:
                self.look()
                if not math.isfinite(self.sum_of_losses):
                    self.ending = "diverged"
                    return
            if is_told:
                told = seconds
                mean = self.sum_of_losses / self.seen
                left = self.budget.left(self.position)
                trained = self.budget.trained
                yield Step(number, self.position, mean, trained, self.progress, left)

    def look(self) -> None:
        """Add up the losses that nobody has looked at; on a GPU, wait for them."""
        if not self.unseen:
            return
        losses, counts = zip(*self.unseen, strict=True)
        self.unseen.clear()
        for loss, count in zip(torch.stack(losses).tolist(), counts, strict=True):
            self.sum_of_losses += loss * count
            self.seen += count

    def step(self, pair: Pair, epoch: int) -> Tensor:
        """One batch: forward, backward, and a step along the gradient.

        Args:
            pair: what the network is handed, and what it is to tell.
            epoch: its number, which draws by chance begin from.

        Returns:
            The loss, where the network is.
        """
        for group in self.optimizer.param_groups:
            group["lr"] = self.lr
        if not self.net.training:  # to say so to every module takes time
            self.net.train()
        history, target = pair
        # Each batch draws from a seed of its own, so that nobody else's draws move the curve.
        seed = hash_of(self.recipe.seed, epoch, self.next_batch)
        if self.recipe.augment:
            chances = (self.recipe.augment, seed, self.transform.range_told)
            history, target = map(self.loader.in_order, augmented(pair, *chances))
        with torch.enable_grad(), seeded(seed, self.device) if self.draws else nullcontext():
            with self.mixed() if self.recipe.precision != "float32" else nullcontext():
                outputs = self.net(history)
            loss = self.loss_with_aux(outputs, history, target)
            self.optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            if self.recipe.clip_grad_norm is not None:
                nn.utils.clip_grad_norm_(self.net.parameters(), self.recipe.clip_grad_norm)
            self.optimizer.step()
        return loss.detach()

    def mixed(self) -> torch.autocast:
        """Mixed precision: layers that gain by it reckon in 16 bits, the others in 32."""
        return torch.autocast(self.device.type, dtype=getattr(torch, self.recipe.precision))

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
        output = output.float()  # a loss of 16 bits would be no measure
        if not self.recipe.residual:
            return output
        task = self.task
        return output + self.transform.newest(history, task.pre_history_len, task.forecast_len)

    def end_of_epoch(self) -> Epoch:
        """Validate, and keep the weights if they are the best so far.

        Raises:
            Stopped: if that is asked for meanwhile; a loop that goes on validates again.
        """
        number = len(self.history) + 1
        validation = None
        if self.split.validation:
            [validation] = mean_losses(
                self, lambda x, _: [self.forecast(self.net(x), x)], self._stop.is_set
            )
        train = self.sum_of_losses / self.seen
        epoch = Epoch(number, train, validation, self.lr, self.budget.trained)
        best, _ = kept = self.kept
        sound = math.isfinite(epoch.score)
        if sound and (best is None or epoch.score < best.score):
            weights = copied_weights(self.net)
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
        weights = copied_weights(self.net)
        if all_finite(weights):
            self.kept = (None, weights)
