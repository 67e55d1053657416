"""Small designs, small series, a clock that a test winds, and a training loop by hand."""

import numpy as np
import torch

import cnnwidget as cw
from cnnwidget.training.loop.seeding import hash_of

PLANE = cw.EncoderDecoder(
    input_size=(8, 8), in_channels=3, out_channels=2, depth=1, start_channels=4
)


def noise(*shape, seed=0):
    """A series that no network can learn, so that every number counts."""
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def wave(*shape):
    """A series that goes up and down, in units of its own."""
    phase = np.arange(np.prod(shape[1:])).reshape(shape[1:])
    steps = np.arange(shape[0]).reshape(-1, *[1] * len(shape[1:]))
    return (250 + 30 * np.sin(0.7 * steps + 0.3 * phase)).astype(np.float32)


def epochs_of(training):
    """The losses of all epochs of a training that is looped over to its end."""
    for _ in training:
        pass
    return losses(training.run)


def losses(run):
    return [(each.train, each.validation, each.lr) for each in run.history]


def same_weights(one, other):
    return set(one) == set(other) and all(torch.equal(one[key], other[key]) for key in one)


class Clock:
    """In the place of the module `time`: every look takes so many seconds."""

    def __init__(self, tick=0.0):
        self.now, self.tick = 100.0, tick

    def monotonic(self):
        self.now += self.tick
        return self.now


def by_hand(design, values, epochs, **recipe):
    """The curve of a plain PyTorch loop, and its network and scaling.

    `values` are (T, C, *size); nothing of the room is used but the seed of a batch's dropout.
    """
    given, horizon = recipe["lengths"]
    seed, size, rates = recipe.get("seed", 0), recipe["batch_size"], recipe["rates"]
    cut = cw.windows(
        cw.load(values, axes=recipe["axes"]), pre_history_len=given, forecast_len=horizon
    )
    train, validation = cut.split.train, cut.split.validation
    seen = values[: train[-1] + given + horizon]
    # Of each variable its own, at the axis where it lies.
    axes = (0, *range(2, values.ndim))
    low = seen.min(axes, keepdims=True)
    span = seen.max(axes, keepdims=True).astype(float) - low
    scaled = torch.from_numpy(((values.astype(float) - low) / span).astype(np.float32))
    torch.manual_seed(seed)
    net = cw.build(design)
    adds = recipe.get("reference") == "persistence"
    if adds:  # it begins with no change
        *_, last = (
            each for each in net.modules() if any(True for _ in each.parameters(recurse=False))
        )
        for weight in last.parameters():
            torch.nn.init.zeros_(weight)
    layout = torch.contiguous_format
    if values.ndim == 4:
        layout = torch.channels_last
        net = net.to(memory_format=layout)
    optimizer = {
        "adam": lambda weights: torch.optim.Adam(weights, fused=True),
        "adamw": lambda weights: torch.optim.AdamW(weights, weight_decay=0.3, fused=True),
        "sgd_momentum": lambda weights: torch.optim.SGD(weights, momentum=0.9, weight_decay=1e-3),
    }[recipe["optimizer"]](net.parameters())
    loss_of = {
        "l1": torch.nn.L1Loss(),
        "mse": torch.nn.MSELoss(),
        "huber": torch.nn.HuberLoss(delta=0.1),
    }[recipe["loss"]]

    def forecast(x):
        """Of a network that adds to persistence: what it gives, and the newest frame."""
        newest = x.unflatten(1, (given, -1))[:, -1:].repeat_interleave(horizon, 1).flatten(1, 2)
        return net(x) + newest if adds else net(x)

    def batch(windows):
        x = torch.stack([scaled[i : i + given] for i in windows]).flatten(1, 2)
        y = torch.stack([scaled[i + given : i + given + horizon] for i in windows]).flatten(1, 2)
        return x.contiguous(memory_format=layout), y.contiguous(memory_format=layout)

    curve = []
    for epoch in range(1, epochs + 1):
        order = np.random.default_rng((seed, epoch)).permutation(train)
        total = 0.0
        for number, chosen in enumerate(np.array_split(order, -(-len(order) // size))):
            net.train()
            torch.manual_seed(hash_of(seed, epoch, number))
            x, y = batch(chosen)
            loss = loss_of(forecast(x), y)
            optimizer.param_groups[0]["lr"] = rates[epoch - 1]
            optimizer.zero_grad()
            loss.backward()
            if recipe["clip"] is not None:
                torch.nn.utils.clip_grad_norm_(net.parameters(), recipe["clip"])
            optimizer.step()
            total += loss.item() * len(chosen)
        net.eval()
        with torch.no_grad():
            x, y = batch(validation)
            curve.append((total / len(train), loss_of(forecast(x), y).item(), rates[epoch - 1]))
    return curve, net, (low.ravel().tolist(), span.ravel().tolist())


def by_variable(numbers, steps_first):
    """Numbers, one a variable, as an array that goes with (steps, [variables,] *size)."""
    if len(numbers) == 1:
        return np.float32(numbers[0])
    return np.array(numbers, np.float32).reshape(-1, *[1] * (steps_first.ndim - 2))


def drifting(*speed, steps=40, size=32, seed=0):
    """A field that drifts by so many pixels a step, and comes back on the other side."""
    axes = len(speed)
    field = np.random.default_rng(seed).normal(size=(size,) * axes)
    shifts = [tuple(each * step for each in speed) for step in range(steps)]
    return np.stack([np.roll(field, shift, tuple(range(axes))) for shift in shifts])
