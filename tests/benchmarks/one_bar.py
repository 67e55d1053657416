"""One training for `test_bar.py`, in a process of its own: `python one_bar.py DATA NET SECONDS`.

Of cyclic data, ten frames repeated five times, SECONDS are of the processor, and what is printed is
the mean absolute error over all windows: soon, and in the end. Of moving data they are of the
clock, and what is printed is the error at each lead time on held-out windows.
"""

import json
import sys
import time
import warnings

import numpy as np
import torch
from torch.utils.data import DataLoader, TensorDataset

import cnnwidget as cw
from cnnwidget.data.samples.smooth_noise import smooth_noise
from cnnwidget.training.loop.events import Epoch

GIVEN, WANTED, SIZE, SOON = 20, 10, (45, 45), 10.0


def textured(random):
    """Ten frames that have nothing to do with each other: each is to be learned by heart."""
    return np.stack([smooth_noise(random, SIZE, modes=12)[0] for _ in range(10)])


def circling(random):
    """A textured disc that goes once around over a textured ground."""
    ground, disc = (smooth_noise(random, SIZE, modes=modes)[0] for modes in (9, 14))
    rows, columns = np.indices(SIZE)
    frames = np.empty((10, *SIZE))
    for step, turn in enumerate(2 * np.pi * np.arange(10) / 10):
        at = np.rint(22 + 12 * np.array([np.sin(turn), np.cos(turn)])).astype(int)
        inside = (rows - at[0]) ** 2 + (columns - at[1]) ** 2 < 81
        frames[step] = np.where(inside, 2 + np.roll(disc, at, (0, 1)), ground)
    return frames


def bouncing(random):
    """Textured shapes that go on for ten frames and are then back at once."""
    return cw.sample("bouncing shapes", steps=10, size=SIZE, seed=3).values[:, 0]


CYCLIC = {"textured frames": textured, "circling disc": circling, "shapes that jump back": bouncing}


def cyclic(name):
    """Ten frames, from 0 to 1, five times: (50, 45, 45)."""
    ten = CYCLIC[name](np.random.default_rng(0))
    return np.tile((ten - ten.min()) / np.ptp(ten), (5, 1, 1)).astype(np.float32)


def the_seeds(frames, seconds):
    """As in its example of a cyclic video: its errors, and its weights.

    That is `ForecasterBase` of five layers, Adam at 1e-4, L1, and batches of ten in their order.
    """
    from torchcnnbuilder.models import ForecasterBase

    torch.manual_seed(0)
    net = ForecasterBase(input_size=SIZE, in_time_points=GIVEN, out_time_points=WANTED, n_layers=5)
    x, y = frames.gather(range(len(frames)))
    x, y = x.flatten(1, 2), y.flatten(1, 2)
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-4)
    loader = DataLoader(TensorDataset(x, y), batch_size=10, shuffle=False)

    def error():
        net.eval()
        with torch.no_grad():
            found = (net(x) - y).abs().mean().item()
        net.train()
        return found

    began, soon = time.process_time(), None
    while (spent := time.process_time() - began) < seconds:
        if soon is None and spent >= SOON:
            soon = error()
        for given, wanted in loader:
            optimizer.zero_grad()
            torch.nn.functional.l1_loss(net(given), wanted).backward()
            optimizer.step()
    return soon, error(), sum(each.numel() for each in net.parameters())


def ours(windows, values, seconds, recipe):
    """The default net with the usual recipe: its errors, and its weights."""
    _, y = windows.gather(range(len(windows)))
    design = cw.EncoderDecoder(input_size=SIZE, in_channels=GIVEN, out_channels=WANTED)

    def error(run):
        return float(np.abs(run.predict(windows).reshape(y.shape) - y.numpy()).mean())

    # As many seconds of the clock as the processor has time for, on as many cores as it uses.
    budget = seconds / torch.get_num_threads()
    training = cw.train(
        design, values, pre_history_len=GIVEN, forecast_len=WANTED, seconds=budget, **recipe
    )
    began, soon = time.process_time(), None
    for event in training:
        if soon is None and isinstance(event, Epoch) and time.process_time() - began >= SOON:
            soon = error(training.run)
    assert time.process_time() - began < 1.05 * seconds
    return soon, error(training.run), cw.plan(design).params


def moving(name, seconds, recipe):
    """The default net on a sample as it is: its errors and those of persistence, lead by lead."""
    frames = cw.sample(name, steps=120, size=(64, 64))
    design = cw.EncoderDecoder(input_size=(64, 64), in_channels=10, out_channels=5)
    run = cw.fit(design, frames, seconds=seconds, progress=False, **recipe)
    assert run.split.test
    baselines = dict(run.metrics.baselines)
    return run.metrics.network.mae_per_lead, baselines["persistence"].mae_per_lead


PLAIN = {"reference": "none", "optimizer": "adam"}


def main(data, net, seconds):
    """Train once, and print what came of it."""
    recipe = PLAIN if net == "frames, adam" else {}
    if data not in CYCLIC:
        print(json.dumps(moving(data, seconds, recipe)))
        return
    values = cyclic(data)
    windows = cw.windows(values, pre_history_len=GIVEN, forecast_len=WANTED)
    if net == "the seed's":
        found = the_seeds(windows, seconds)
    else:
        found = ours(windows, values, seconds, recipe)
    x, y = windows.gather(range(len(windows)))
    last, mean = x[:, -1:], x.mean(1, keepdim=True)
    print(json.dumps([*found, *((each - y).abs().mean().item() for each in (last, mean))]))


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    data, net, seconds = sys.argv[1:]
    main(data, net, float(seconds))
