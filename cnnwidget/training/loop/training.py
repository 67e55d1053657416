"""`Training`: the loop, as something one loops over."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import nullcontext
from threading import Event, Lock, RLock
from typing import Any, Literal

import torch
from torch import Tensor, nn

from cnnwidget.design.planning.plan import Plan
from cnnwidget.model.zero_output import set_to_zero
from cnnwidget.training.checkpoints.checkpoint import Checkpoint, checkpoint_if_possible
from cnnwidget.training.loop.batches import batches_of, number_of_batches
from cnnwidget.training.loop.budget import Budget
from cnnwidget.training.loop.device import device_of
from cnnwidget.training.loop.events import Ending, Epoch, Step, curve_of
from cnnwidget.training.loop.loader import Loader
from cnnwidget.training.loop.memory_check import check_memory, shortage_as_memory_error
from cnnwidget.training.loop.optimizers import optimizer_of
from cnnwidget.training.loop.seeding import hash_of, seeded
from cnnwidget.training.loop.threads import computing_with, release_workers, usual_threads
from cnnwidget.training.loop.validation import Stopped, baseline_losses, mean_losses
from cnnwidget.training.loop.weights import all_finite, check_weights, copied_weights, initial_net
from cnnwidget.training.recipe import Recipe
from cnnwidget.training.runs.run import Run
from cnnwidget.training.tasks.task_protocol import Batch, TaskData
from cnnwidget.training.tasks.task_table import task_named

# At most five steps a second are yielded: drawing them costs time that training could have.
SECONDS_BETWEEN_STEPS = 0.2


class Training:
    """A network in training; iterating it trains and yields `Step` and `Epoch` records.

    A loop that ends early, by `stop()`, `break` or an interrupt, can be taken up again: iterating
    once more goes on with the next batch. On the CPU the curve is then that of an unbroken run,
    but after an interrupt (Ctrl-C), which may come in the midst of a batch.

    Args:
        plan: of the design, without problems.
        data: cut into examples by the task of the recipe.
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

    def __init__(self, plan: Plan, data: TaskData, recipe: Recipe) -> None:
        self.plan, self.data, self.recipe = plan, data, recipe
        self.device = device_of(recipe)
        self.split = data.split
        self.examples = task_named(recipe.task).torch_half().examples(plan, data, recipe)
        examples_trained = len(self.split.train)
        self.count = number_of_batches(examples_trained, recipe.batch_size)
        check_weights(plan, examples_trained // self.count)
        largest = math.ceil(examples_trained / self.count)
        spare = check_memory(plan, largest, recipe.optimizer, self.device)
        with shortage_as_memory_error():
            self.net = initial_net(plan, recipe.seed)
            set_to_zero(self.net, self.examples.zero_layers)
            self.net.to(self.device)
            self.loader = Loader(self.examples, self.device, spare)
        if self.loader.channels_last:
            self.net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        weights = self.net.parameters()
        self.optimizer = optimizer_of(recipe.optimizer, weights, recipe.weight_decay)
        self.lr = 0.0  # of the epoch that is running
        self.draws = any(row.kind.startswith(("Dropout", "RReLU")) for row in plan.rows)
        # Epoch 0: the network that gives the reference, before the first step; None without one.
        self.start: Epoch | None = None
        self.history: list[Epoch] = []
        # Another thread may ask for the run at any time: what belongs together changes together.
        self._changing = RLock()
        # The best epoch and its weights.
        self.best: tuple[Epoch | None, dict[str, Tensor]] = (None, copied_weights(self.net))
        # What there is to go on from; None while a loop is running.
        self.checkpoint: Checkpoint | None = None
        self.baselines: dict[str, float] = {}
        self.budget = Budget(recipe)
        self.ending: Ending | Literal["running"] = "running"
        self.next_batch = 0  # in the epoch that is running
        self.sum_of_losses = 0.0
        self.seen = 0  # examples of that epoch
        # Losses of batches that are not added up yet, and their numbers of examples: reading a loss
        # makes a GPU wait for its end.
        self.pending: list[tuple[Tensor, int]] = []
        self._stop = Event()
        self._begun = False
        self._looping = Lock()

    def stop(self) -> None:
        """End the loop after the batch that is running; safe from any thread.

        Before the first loop, it ends that one at once; after a loop, there is nothing to end.
        """
        self._stop.set()

    @property
    def progress(self) -> float:
        """The share of the budget that is over, from 0 to 1."""
        return 1.0 if self.ending == "finished" else self.budget.progress(self.position)

    @property
    def position(self) -> float:
        """The position of the training in epochs: 2.5 is half-way through the third."""
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
    def curve(self) -> tuple[Epoch, ...]:
        """The epochs so far, with that before the first step if there is one."""
        return curve_of(self.start, self.history)

    @property
    def run(self) -> Run:
        """The run so far, with the best weights so far; it does not change any more.

        While a loop runs, its `ending` is `stopped`, as if nothing followed.
        """
        with self._changing:
            history, start, (best, weights) = tuple(self.history), self.start, self.best
            baselines, checkpoint = tuple(self.baselines.items()), self.checkpoint
        return Run(
            design=self.plan.design,
            recipe=self.recipe,
            predictor=self.examples.predictor,
            split=self.split,
            start=start,
            history=history,
            best=best,
            weights=weights,
            baselines=baselines,
            ending="stopped" if self.ending == "running" else self.ending,
            device=str(self.device),
            data_name=self.data.frames.name,
            data=self.data,
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
        """Run the loop, and keep a checkpoint once it has ended, for whatever reason."""
        self.checkpoint = None
        try:
            with shortage_as_memory_error(), computing_with(self.recipe.threads or usual_threads()):
                yield from self.loop()
        except MemoryError:
            self.optimizer.zero_grad()  # lets go of the gradients
            torch.cuda.empty_cache()  # nothing without a GPU
            raise
        finally:
            self.checkpoint = checkpoint_if_possible(self)
            release_workers()  # the next training may be in another thread

    def loop(self) -> Iterator[Step | Epoch]:
        """Train from where it is to the end of the budget, or to what else ends it."""
        if self._begun:  # a stop that came after the last loop had nothing to end
            self._stop.clear()
        self._begun = True
        self.ending = "running"
        try:
            losses = baseline_losses(self, self._stop.is_set)
            with self._changing:
                self.baselines |= losses
            self.validate_start()
            self.budget.start()
            yield from self.epochs()
        except Stopped:
            self.ending = "stopped"
        finally:
            self.budget.pause()
            self.loader.close()
            self.add_pending_losses()
            self.keep_unfinished()

    def validate_start(self) -> None:
        """Validate the network before its first step, if it then gives the reference.

        That is a candidate for the best weights: however short a training is, on validation it is
        never worse than its reference.

        Raises:
            Stopped: if that is asked for meanwhile; a loop that goes on validates again.
        """
        if not self.examples.zero_layers or self.start or self.history or self.next_batch:
            return
        loss = self.validation_loss()
        validation = loss if self.split.validation else None
        start = Epoch(0, loss, validation, self.budget.lr(1), 0.0)
        with self._changing:
            self.start = start
            self.best = (start, copied_weights(self.net))

    def validation_loss(self) -> float:
        """Return the loss on the validation examples, or on the training examples if none are.

        Raises:
            Stopped: if that is asked for meanwhile.
        """
        [loss] = mean_losses(
            self,
            lambda batch, _: [self.prediction(self.net(batch.input), batch)],
            self._stop.is_set,
        )
        return loss

    def epochs(self) -> Iterator[Step | Epoch]:
        """Train epoch after epoch, until the budget is used up or something else ends it."""
        while self.budget.allows_epoch_after(len(self.history)):
            yield from self.batches()
            if self.ending == "running":
                yield self.end_of_epoch()
            if self.ending != "running":
                return
        self.ending = "finished"

    def batches(self) -> Iterator[Step]:
        """Train on the batches of one epoch that are still to come."""
        number = len(self.history) + 1
        batches = batches_of(self.split.train, self.recipe.batch_size, self.recipe.seed, number)
        last_step = self.budget.seconds
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
            self.pending.append((loss, len(chosen)))
            seconds = self.budget.seconds
            is_due = seconds - last_step >= SECONDS_BETWEEN_STEPS
            if is_due or self.device.type == "cpu" or self.next_batch == self.count:
                self.add_pending_losses()
                if not math.isfinite(self.sum_of_losses):
                    self.ending = "diverged"
                    return
            if is_due:
                last_step = seconds
                mean = self.sum_of_losses / self.seen
                left = self.budget.left(self.position)
                trained = self.budget.trained
                yield Step(number, self.position, mean, trained, self.progress, left)

    def add_pending_losses(self) -> None:
        """Add up the losses of the last batches; a GPU is waited for."""
        if not self.pending:
            return
        losses, counts = zip(*self.pending, strict=True)
        self.pending.clear()
        for loss, count in zip(torch.stack(losses).tolist(), counts, strict=True):
            self.sum_of_losses += loss * count
            self.seen += count

    def step(self, batch: Batch, epoch: int) -> Tensor:
        """Take one step along the gradient: forward, backward, and the optimiser.

        Args:
            batch: of training examples.
            epoch: its number, from which random numbers are seeded.

        Returns:
            The loss, where the network is.
        """
        for group in self.optimizer.param_groups:
            group["lr"] = self.lr
        if not self.net.training:  # to set it in every module takes time
            self.net.train()
        # Each batch draws from a seed of its own, so that nobody else's draws move the curve.
        seed = hash_of(self.recipe.seed, epoch, self.next_batch)
        changed = self.examples.for_training(batch, seed)
        if changed is not batch:
            batch = self.loader.in_order(changed)
        with torch.enable_grad(), seeded(seed, self.device) if self.draws else nullcontext():
            with self.mixed() if self.recipe.precision != "float32" else nullcontext():
                outputs = self.net(batch.input)
            loss = self.loss_with_aux(outputs, batch)
            self.optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            if self.recipe.clip_grad_norm is not None:
                nn.utils.clip_grad_norm_(self.net.parameters(), self.recipe.clip_grad_norm)
            self.optimizer.step()
        return loss.detach()

    def mixed(self) -> torch.autocast:
        """Return the context of mixed precision: 16 bits for layers that gain by it, else 32."""
        return torch.autocast(self.device.type, dtype=getattr(torch, self.recipe.precision))

    def loss_with_aux(self, outputs: Any, batch: Batch) -> Tensor:
        """Return the loss of the output and, weighted, of the outputs of auxiliary heads."""
        if not self.plan.extras:
            return self.examples.loss(self.prediction(outputs, batch), batch)
        output, aux = outputs
        loss = self.examples.loss(self.prediction(output, batch), batch)
        for extra in self.plan.extras:
            prediction = self.prediction(aux[extra.name], batch)
            loss = loss + extra.weight * self.examples.loss(prediction, batch)
        return loss

    def prediction(self, output: Tensor, batch: Batch) -> Tensor:
        """Return what an output of the network means, in 32 bits: a loss of 16 is inexact."""
        return self.examples.prediction(output.float(), batch)

    def end_of_epoch(self) -> Epoch:
        """Validate, and keep the weights if they are the best so far.

        Raises:
            Stopped: if that is asked for meanwhile; a loop that goes on validates again.
        """
        number = len(self.history) + 1
        validation = self.validation_loss() if self.split.validation else None
        train = self.sum_of_losses / self.seen
        epoch = Epoch(number, train, validation, self.lr, self.budget.trained)
        best, _ = now = self.best
        sound = math.isfinite(epoch.score)
        if sound and (best is None or epoch.score < best.score):
            weights = copied_weights(self.net)
            sound = all_finite(weights)  # the last step may break them after a finite loss
            now = (epoch, weights) if sound else now
        with self._changing:
            self.next_batch, self.sum_of_losses, self.seen = 0, 0.0, 0
            self.history.append(epoch)
            self.best = now
        if not sound:
            self.ending = "diverged"
        elif self.has_stalled:
            self.ending = "finished"
        return epoch

    @property
    def has_stalled(self) -> bool:
        """Whether no epoch has been better for as long as the recipe has patience."""
        best, _ = self.best
        patience = self.recipe.patience
        if patience is None or best is None:
            return False
        return len(self.history) - max(best.epoch, self.budget.first) >= patience

    def keep_unfinished(self) -> None:
        """Keep the weights as they are, if not one epoch was finished."""
        if self.ending == "diverged" or self.start or self.history or not self.next_batch:
            return
        weights = copied_weights(self.net)
        if all_finite(weights):
            self.best = (None, weights)
