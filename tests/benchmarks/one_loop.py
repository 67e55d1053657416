"""One training loop, in a process of its own: `python one_loop.py LOOP NET SEED EPOCHS`.

All loops train the same network from the same weights on the same windows in batches of the same
size with the same optimiser, and print samples a second and the loss of held-out windows. Beside
ours these are the loop that the seed's examples write by hand, those of two libraries, and the
fastest that we can write for this one case.
"""

import json
import sys
import time
import warnings

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

import cnnwidget as cw

GIVEN, WANTED, SIZE, BATCH, RATE = 10, 5, (64, 64), 16, 1e-3


def prepared(net, seed):
    """The frames, the design, its module, and windows to train on and to judge by, scaled."""
    frames = cw.sample("drifting blobs", steps=300, size=SIZE)
    if net == "seed":
        design = cw.forecaster_base(SIZE, in_time_points=GIVEN, out_time_points=WANTED, n_layers=5)
    else:
        design = cw.EncoderDecoder(input_size=SIZE, in_channels=GIVEN, out_channels=WANTED)
    torch.manual_seed(seed)
    module = cw.build(design)
    low, high = float(frames.values.min()), float(frames.values.max())
    scaled = (frames.values - low) / (high - low)
    pairs = cw.windows(scaled, pre_history_len=GIVEN, forecast_len=WANTED)
    split = pairs.split
    parts = [pairs.gather(part) for part in (split.train, split.validation)]
    train, held_out = ([each.flatten(1, 2).contiguous() for each in part] for part in parts)
    return frames, design, module, train, held_out


def judged(module, held_out):
    """The mean absolute error of held-out windows."""
    module.eval()
    with torch.no_grad():
        return nn.functional.l1_loss(module(held_out[0]), held_out[1]).item()


def seeds_loop(module, train, epochs, seed):
    """As in TorchCNNBuilder's examples: a DataLoader, and a loss that is looked at every step."""
    torch.manual_seed(seed)
    loader = DataLoader(TensorDataset(*train), batch_size=BATCH, shuffle=True)
    optimizer = torch.optim.Adam(module.parameters(), lr=RATE)
    criterion = nn.L1Loss()
    for _ in range(epochs):
        total = 0.0
        for x, y in loader:
            optimizer.zero_grad()
            loss = criterion(module(x), y)
            loss.backward()
            optimizer.step()
            total += loss.item()


def hand_tuned(module, train, epochs, seed):
    """The fastest for this case: one read a batch, pixels side by side, nothing else."""
    torch.manual_seed(seed)
    module.to(memory_format=torch.channels_last)
    x, y = (part.contiguous(memory_format=torch.channels_last) for part in train)
    optimizer = torch.optim.Adam(module.parameters(), lr=RATE)
    for _ in range(epochs):
        for chosen in torch.randperm(len(x)).split(BATCH):
            loss = nn.functional.l1_loss(module(x[chosen]), y[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()


def lightning_loop(module, train, epochs, seed):
    """PyTorch Lightning, with all that draws, logs and saves switched off."""
    import lightning

    class Forecaster(lightning.LightningModule):
        def __init__(self):
            super().__init__()
            self.net = module

        def training_step(self, pair, _):
            x, y = pair
            return nn.functional.l1_loss(self.net(x), y)

        def configure_optimizers(self):
            return torch.optim.Adam(self.parameters(), lr=RATE)

    torch.manual_seed(seed)
    loader = DataLoader(TensorDataset(*train), batch_size=BATCH, shuffle=True)
    trainer = lightning.Trainer(
        accelerator="cpu", max_epochs=epochs, logger=False, barebones=True, devices=1
    )
    trainer.fit(Forecaster(), loader)


def skorch_loop(module, train, epochs, seed):
    """skorch, without validation and without printing."""
    from skorch import NeuralNetRegressor

    torch.manual_seed(seed)
    net = NeuralNetRegressor(
        module, criterion=nn.L1Loss, optimizer=torch.optim.Adam, lr=RATE, batch_size=BATCH,
        max_epochs=epochs, iterator_train__shuffle=True, train_split=None, verbose=0,
    )  # fmt: skip
    net.fit(*train)


def main(loop, net, seed, epochs):
    """Warm up, then time one loop."""
    frames, design, module, train, held_out = prepared(net, seed)
    settings = {
        "epochs": epochs, "batch_size": BATCH, "lr": RATE, "schedule": "constant", "seed": seed,
        "clip_grad_norm": None,
    }  # fmt: skip
    samples = epochs * len(train[0])
    if loop in ("ours", "panel"):
        if loop == "panel":
            panel = cw.Designer(frames)
            panel.wait()
            panel.design = design
            panel.wait()
            began = time.perf_counter()
            panel.fitting.start(cw.plan(design), panel.frames, settings)
            panel.wait()
            run = panel.run
        else:
            began = time.perf_counter()
            training = cw.train(design, frames, **settings)
            for _ in training:
                pass
            run = training.run
        # The clock of a training stands while baselines are worked out, not while it validates.
        seconds = run.history[-1].seconds
        assert time.perf_counter() - began > seconds
        last = run.history[-1].validation
        print(json.dumps([samples / seconds, last]))
        return
    loops = {
        "seed": seeds_loop, "hand": hand_tuned, "lightning": lightning_loop, "skorch": skorch_loop
    }  # fmt: skip
    with torch.no_grad():  # as ours has: its baselines and its first validation
        module.eval()
        module(train[0][:BATCH])
        module.train()
    began = time.perf_counter()
    loops[loop](module, train, epochs, seed)
    seconds = time.perf_counter() - began
    module.eval()
    print(json.dumps([samples / seconds, judged(module, held_out)]))


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    name, net, seed, epochs = sys.argv[1:]
    main(name, net, int(seed), int(epochs))
