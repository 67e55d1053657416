"""One training loop, in a process of its own: `python one_loop.py LOOP NET SEED EPOCHS DEVICE`.

All loops train the same network from the same weights on the same windows in batches of the same
size with the same optimiser, and look at held-out windows after each epoch; each prints samples a
second and the last loss of those. Beside ours these are the loop that the seed's examples write by
hand, those of two libraries, and the fastest that we can write for this one case. None is timed
before it has trained a batch: PyTorch then has its kernels ready.
"""

import copy
import json
import sys
import time
import warnings
from contextlib import contextmanager

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

import cnnwidget as cw
from cnnwidget.training.loop.events import Epoch
from cnnwidget.training.loop.threads import release_workers

GIVEN, WANTED, SIZE, BATCH, RATE = 10, 5, (64, 64), 16, 1e-3
STEPS = 300


def prepared(net, seed):
    """The windows, the design, its module, and windows to train on and to judge by, scaled."""
    frames = cw.sample("drifting blobs", steps=STEPS, size=SIZE)
    if net == "seed":
        design = cw.forecaster_base(SIZE, in_time_points=GIVEN, out_time_points=WANTED, n_layers=5)
    else:
        design = cw.EncoderDecoder(input_size=SIZE, in_channels=GIVEN, out_channels=WANTED)
    torch.manual_seed(seed)
    module = cw.build(design)
    split = cw.windows(frames, pre_history_len=GIVEN, forecast_len=WANTED).split
    seen = frames.values[: split.train[-1] + GIVEN + WANTED]
    low, high = float(seen.min()), float(seen.max())
    scaled = cw.windows(
        (frames.values - low) / (high - low), pre_history_len=GIVEN, forecast_len=WANTED
    )
    parts = [scaled.gather(part) for part in (split.train, split.validation)]
    train, held_out = ([each.flatten(1, 2).contiguous() for each in part] for part in parts)
    return frames, design, module, train, held_out


def judged(module, held_out):
    """The mean absolute error of held-out windows."""
    module.eval()
    total = 0.0
    device = next(module.parameters()).device
    with torch.no_grad():
        for x, y in zip(*(part.split(BATCH) for part in held_out), strict=True):
            total += nn.functional.l1_loss(module(x.to(device)), y.to(device)).item() * len(x)
    return total / len(held_out[0])


def warmed_up(module, train):
    """A step of a copy of the network, with what its loop will do to it."""
    other = copy.deepcopy(module)
    other.train()
    device = next(module.parameters()).device
    x, y = (part[:BATCH].to(device) for part in train)
    loss = nn.functional.l1_loss(other(x), y)
    loss.backward()
    torch.optim.Adam(other.parameters(), lr=RATE).step()
    judged(other, train)


def seeds_loop(module, train, held_out, epochs):
    """As in TorchCNNBuilder's examples: a DataLoader, and a loss that is looked at every step."""
    loader = DataLoader(TensorDataset(*train), batch_size=BATCH, shuffle=True)
    optimizer = torch.optim.Adam(module.parameters(), lr=RATE)
    criterion = nn.L1Loss()
    device = next(module.parameters()).device
    for _ in range(epochs):
        total = 0.0
        module.train()
        for given, wanted in loader:
            x, y = given.to(device), wanted.to(device)
            optimizer.zero_grad()
            loss = criterion(module(x), y)
            loss.backward()
            optimizer.step()
            total += loss.item()
        judged(module, held_out)


def hand_tuned(module, train, held_out, epochs):
    """The fastest for this case: pixels side by side, one read a batch, one pass of the optimiser.

    What is handed over lies in that order already.
    """
    for _ in hand_tuned_epochs(module, train, held_out, epochs):
        pass


def hand_tuned_epochs(module, train, held_out, epochs):
    """The same, with a break after each epoch."""
    x, y = train
    optimizer = torch.optim.Adam(module.parameters(), lr=RATE, fused=True)
    for _ in range(epochs):
        module.train()
        for chosen in torch.randperm(len(x)).split(BATCH):
            loss = nn.functional.l1_loss(module(x[chosen]), y[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        judged(module, held_out)
        yield


def lightning_loop(module, train, held_out, epochs):
    """PyTorch Lightning, with all that draws, logs and saves switched off."""
    import lightning

    class Forecaster(lightning.LightningModule):
        def __init__(self):
            super().__init__()
            self.net = module

        def training_step(self, pair, _):
            x, y = pair
            return nn.functional.l1_loss(self.net(x), y)

        def validation_step(self, pair, _):
            x, y = pair
            return nn.functional.l1_loss(self.net(x), y)

        def configure_optimizers(self):
            return torch.optim.Adam(self.parameters(), lr=RATE)

    loaders = [
        DataLoader(TensorDataset(*part), batch_size=BATCH, shuffle=shuffle)
        for part, shuffle in ((train, True), (held_out, False))
    ]
    trainer = lightning.Trainer(
        accelerator="cpu", max_epochs=epochs, logger=False, devices=1, num_sanity_val_steps=0,
        enable_checkpointing=False, enable_progress_bar=False, enable_model_summary=False,
    )  # fmt: skip
    trainer.fit(Forecaster(), *loaders)


def skorch_loop(module, train, held_out, epochs):
    """skorch, without printing."""
    from skorch import NeuralNetRegressor
    from skorch.helper import predefined_split

    net = NeuralNetRegressor(
        module, criterion=nn.L1Loss, optimizer=torch.optim.Adam, lr=RATE, batch_size=BATCH,
        max_epochs=epochs, iterator_train__shuffle=True, verbose=0,
        train_split=predefined_split(TensorDataset(*held_out)),
    )  # fmt: skip
    net.fit(*train)


def settings_of(seed, epochs, device):
    """What makes `cw.train` train as the other loops do."""
    return {
        "epochs": epochs, "batch_size": BATCH, "lr": RATE, "schedule": "constant", "seed": seed,
        "clip_grad_norm": None, "optimizer": "adam", "reference": "none", "device": device,
    }  # fmt: skip


def in_turns(module, train, held_out, training):
    """Epochs of the hand-tuned loop and of ours in turns: the seconds of each.

    What else the machine does then slows both down alike.
    """
    epochs = training.recipe.epochs
    loops = (
        hand_tuned_epochs(module, train, held_out, epochs),
        (event for event in training if isinstance(event, Epoch)),
    )
    seconds = []
    for _ in range(epochs):
        for loop in loops:
            began = time.perf_counter()
            next(loop)
            seconds.append(time.perf_counter() - began)
    return seconds[::2], seconds[1::2]


def of_the_package(loop, design, frames, settings):
    """`cw.train`, or the panel, which draws; the clock is the training's own.

    That runs from the first batch on, with what is validated and drawn.
    """
    if loop == "panel":
        panel = cw.Designer(frames)
        panel.wait()
        panel.design = design
        panel.wait()
        release_workers()  # as pressing Fit does
        panel.training_job.start(cw.plan(design), panel.frames, settings)
        panel.wait()
        run = panel.run
    else:
        training = cw.train(design, frames, **settings)
        for _ in training:
            pass
        run = training.run
    assert len(run.history) == settings["epochs"]
    return run.history[-1].seconds, run.history[-1].validation


def drawing(design, frames, settings):
    """The seconds that the training thread of a panel draws, and those of the training."""
    from cnnwidget.panel.jobs.throttle import Throttle

    spent, draws = [], Throttle.drawing

    @contextmanager
    def timed(throttle, *arguments):
        began = time.perf_counter()
        with draws(throttle, *arguments):
            yield
        spent.append(time.perf_counter() - began)

    Throttle.drawing = timed
    seconds, _ = of_the_package("panel", design, frames, settings)
    return sum(spent), seconds


LOOPS = {
    "seed": seeds_loop, "hand": hand_tuned, "lightning": lightning_loop, "skorch": skorch_loop
}  # fmt: skip


def main(loop, net, seed, epochs, device):
    """Warm up, then time one loop."""
    frames, design, module, train, held_out = prepared(net, seed)
    module.to(device)
    if loop in ("hand", "in turns"):
        module.to(memory_format=torch.channels_last)
        train, held_out = (
            [part.to(device).contiguous(memory_format=torch.channels_last) for part in pair]
            for pair in (train, held_out)
        )
    warmed_up(module if loop in LOOPS else module.to(memory_format=torch.channels_last), train)
    torch.manual_seed(seed)
    settings = settings_of(seed, epochs, device)
    if loop == "in turns":
        training = cw.train(design, frames, **settings)
        print(json.dumps(in_turns(module, train, held_out, training)))
        return
    if loop == "drawing":
        print(json.dumps(drawing(design, frames, settings)))
        return
    if loop in LOOPS:
        began = time.perf_counter()
        LOOPS[loop](module, train, held_out, epochs)
        seconds = time.perf_counter() - began
        loss = judged(module, held_out)
    else:
        seconds, loss = of_the_package(loop, design, frames, settings)
    print(json.dumps([epochs * len(train[0]) / seconds, loss]))


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    name, net, seed, epochs, device = sys.argv[1:]
    main(name, net, int(seed), int(epochs), device)
