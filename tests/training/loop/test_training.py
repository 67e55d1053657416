"""The loop, against a plain PyTorch loop, and against itself where it was broken off.

Long, for each way in which a loop may end is a case, and they share their series.
"""

import threading
from itertools import pairwise
from math import cos, isfinite, pi

import numpy as np
import pytest
import torch

import cnnwidget as cw
from cnnwidget.training.loop import budget
from cnnwidget.training.loop.events import Epoch, Step
from tests.training.samples import PLANE, Clock, by_hand, epochs_of, losses, noise, same_weights

LINE = cw.EncoderDecoder(
    input_size=(16,), in_channels=4, out_channels=2, depth=2, start_channels=4, norm="dropout"
)
HAND = cw.Network(
    input_shape=(3, 8, 8),
    children=(
        cw.layers.Conv(out_channels=4, kernel_size=3, padding="same"),
        cw.layers.Activation(name="tanh"),
        cw.layers.Dropout(p=0.3),
        cw.layers.Conv(out_channels=1, kernel_size=1),
    ),
)
DROPPING = PLANE.replace(norm="dropout")
CASES = {
    "plane": (PLANE, noise(40, 1, 8, 8), "TCHW", (3, 2), {}),
    "line with two variables and dropout": (LINE, noise(40, 2, 16), "TCL", (2, 1), {"seed": 5}),
    "layers by hand, adamw, mse": (
        HAND,
        noise(30, 1, 8, 8),
        "TCHW",
        (3, 1),
        {"optimizer": "adamw", "loss": "mse", "clip": 0.01, "reference": "persistence"},
    ),
    "volume, constant, unclipped": (
        cw.EncoderDecoder(
            input_size=(4, 4, 4), in_channels=2, out_channels=1, depth=1, start_channels=4
        ),
        noise(24, 1, 4, 4, 4),
        "TCDHW",
        (2, 1),
        {"clip": None, "schedule": "constant"},
    ),
    "changes, momentum with decay, huber": (
        LINE,
        noise(40, 2, 16),
        "TCL",
        (2, 1),
        {
            "optimizer": "sgd_momentum",
            "weight_decay": 1e-3,
            "loss": "huber",
            "reference": "persistence",
        },
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_plain_loop_has_the_same_losses(case):
    design, values, axes, lengths, said = case
    epochs, lr, first = 4, 0.01, 0.1
    usual = {"optimizer": "adam", "loss": "l1", "clip": 1.0, "schedule": "cosine", "seed": 0}
    said = usual | {"reference": "none"} | said
    done = [(epoch / epochs - first) / (1 - first) for epoch in range(epochs)]
    rates = [
        lr if said["schedule"] == "constant" or part <= 0 else lr * (1 + cos(pi * part)) / 2
        for part in done
    ]
    wanted, net, (low, span) = by_hand(
        design, values, epochs, lengths=lengths, axes=axes, batch_size=5, rates=rates, **said
    )
    training = cw.train(
        design,
        cw.load(values, axes=axes),
        epochs=epochs,
        batch_size=5,
        lr=lr,
        clip_grad_norm=said["clip"],
        **{name: value for name, value in said.items() if name != "clip"},
    )
    assert np.allclose(epochs_of(training), wanted, rtol=1e-5, atol=0)
    assert training.run.predictor.scaling.low == tuple(low)
    assert training.run.predictor.scaling.span == pytest.approx(span, rel=1e-6)
    for name, value in net.state_dict().items():
        assert torch.allclose(training.net.state_dict()[name], value, rtol=1e-3, atol=1e-5), name


def test_another_number_would_be_noticed():
    design, values, axes, lengths, _ = CASES["plane"]
    options = {"lengths": lengths, "axes": axes, "batch_size": 5, "optimizer": "adam", "loss": "l1"}
    one, *_ = by_hand(design, values, 2, rates=[0.01] * 2, clip=1.0, **options)
    other, *_ = by_hand(design, values, 2, rates=[0.01, 0.0101], clip=1.0, **options)
    assert not np.allclose([row[:2] for row in one], [row[:2] for row in other], rtol=1e-5, atol=0)


def test_each_epoch_is_reported_and_steps_are_at_most_five_a_second(monkeypatch):
    monkeypatch.setattr(budget, "time", Clock(tick=0.02))
    training = cw.train(PLANE, noise(80, 8, 8), epochs=4, batch_size=2)
    events = list(training)
    assert [each.epoch for each in events if isinstance(each, Epoch)] == [1, 2, 3, 4]
    steps = [each for each in events if isinstance(each, Step)]
    assert len(steps) > 4
    assert all(b.seconds - a.seconds >= 0.2 for a, b in pairwise(steps))
    assert [each.position for each in steps] == sorted(each.position for each in steps)
    assert all(0 < each.progress < 1 and 0 < each.left < np.inf for each in steps)
    assert all(each.epoch - 1 < each.position <= each.epoch for each in steps)
    assert [each.lr for each in training.history] == sorted(
        (each.lr for each in training.history), reverse=True
    )


def after_batches(training, number, act):
    """Have something done when so many batches are over, in the midst of the loop."""
    plain, count = training.step, 0

    def step(chosen, epoch):
        nonlocal count
        loss = plain(chosen, epoch)
        count += 1
        if count == number:
            act()
        return loss

    training.step = step


@pytest.mark.parametrize("design", [PLANE, DROPPING], ids=["batch norm", "dropout"])
@pytest.mark.parametrize("batches", [1, 3, 7, 10])
def test_a_stop_is_heard_after_its_batch_and_the_curve_goes_on_unbroken(design, batches):
    values = noise(40, 8, 8)
    settings = {"epochs": 3, "batch_size": 5, "lr": 0.02}
    whole = cw.train(design, values, **settings)
    wanted = epochs_of(whole)
    broken = cw.train(design, values, **settings)
    after_batches(broken, batches, broken.stop)
    for _ in broken:
        pass
    a, b = broken.count * len(broken.history), broken.next_batch
    assert (a + b, broken.ending) == (batches, "stopped")
    assert broken.run.ending == "stopped"
    torch.rand(7)
    assert epochs_of(broken) == wanted
    assert same_weights(broken.run.weights, whole.run.weights)
    assert same_weights(broken.net.state_dict(), whole.net.state_dict())
    assert broken.run.ending == "finished"


# Four validation windows in batches of two: two for all baselines, two for the network before its
# first step, then those after each epoch.
@pytest.mark.parametrize(
    ("part", "batch_number"), [("baselines", 1), ("start", 3), ("validation", 5)]
)
def test_a_stop_while_nothing_is_trained(part, batch_number, monkeypatch):
    values = noise(40, 8, 8)
    wanted = epochs_of(cw.train(DROPPING, values, epochs=3, batch_size=2))
    broken = cw.train(DROPPING, values, epochs=3, batch_size=2)
    plain, calls = broken.loader.batch, 0

    def batch(chosen, following=None):
        nonlocal calls
        calls += isinstance(chosen, range)  # validation and baselines go in order
        if calls == batch_number:
            broken.stop()
        return plain(chosen, following)

    monkeypatch.setattr(broken.loader, "batch", batch)
    for _ in broken:
        pass
    assert broken.ending == "stopped"
    assert len(broken.history) < 3
    if part == "baselines":
        assert not broken.baselines
        assert broken.run.plot()._repr_png_().startswith(b"\x89PNG")
    elif part == "start":
        assert broken.baselines
        assert (broken.start, broken.run.best, broken.next_batch) == (None, None, 0)
    else:
        assert broken.next_batch == broken.count
        assert broken.run.best == broken.run.start
    assert epochs_of(broken) == wanted


def test_breaking_the_loop_or_closing_it_goes_on_too():
    values = noise(40, 8, 8)
    wanted = epochs_of(cw.train(PLANE, values, epochs=4))
    training = cw.train(PLANE, values, epochs=4)
    for event in training:
        if isinstance(event, Epoch):
            break
    assert training.run.ending == "stopped"
    loop = iter(training)
    next(loop)
    with pytest.raises(RuntimeError, match="looped over already"):
        next(iter(training))
    loop.close()
    assert training.budget.seconds == training.budget.seconds  # the clock stands
    assert epochs_of(training) == wanted


def test_a_stop_before_the_first_loop_is_not_lost_and_one_after_it_has_no_effect():
    training = cw.train(PLANE, noise(40, 8, 8), epochs=2)
    training.stop()
    assert list(training) == []
    assert training.run.ending == "stopped"
    for _ in training:
        training.stop()
        break
    training.stop()
    assert len(epochs_of(training)) == 2
    training.stop()
    training.extend()
    assert len(epochs_of(training)) == 4
    training.extend()
    training.stop()
    assert list(training) == []
    assert len(epochs_of(training)) == 6


def test_a_stop_from_another_thread():
    training = cw.train(PLANE, noise(60, 8, 8), epochs=100_000)
    begun = threading.Event()

    def stop():
        begun.wait(60)
        training.stop()

    thread = threading.Thread(target=stop)
    thread.start()
    for event in training:
        if isinstance(event, Epoch):
            begun.set()
    thread.join()
    assert training.run.ending == "stopped"
    assert 1 <= len(training.history) < 100_000


def test_the_run_of_another_thread_is_whole_at_every_moment():
    training = cw.train(PLANE, noise(40, 8, 8), epochs=20)
    wrong, over = [], threading.Event()

    def look():
        while not over.is_set():
            run = training.run
            best = min(run.curve, key=lambda each: each.score) if run.curve else None
            if best != run.best or not all(map(torch.is_tensor, run.weights.values())):
                wrong.append(run)
            if training.position < len(run.history):
                wrong.append(run)

    thread = threading.Thread(target=look)
    thread.start()
    for _ in training:
        pass
    over.set()
    thread.join()
    assert not wrong


def test_a_run_does_not_change_when_training_goes_on():
    training = cw.train(PLANE, noise(40, 8, 8), epochs=4)
    loop = iter(training)
    first = next(event for event in loop if isinstance(event, Epoch))
    early = training.run
    kept = {name: value.clone() for name, value in early.weights.items()}
    list(loop)
    assert early.history == (first,)
    assert same_weights(early.weights, kept)
    assert not same_weights(training.net.state_dict(), kept)


def test_the_best_weights_are_those_of_the_best_validation():
    values = noise(40, 8, 8)
    training = cw.train(PLANE, values, epochs=6, lr=(0.05,) * 5 + (5.0,), reference="none")
    states = [
        {name: value.clone() for name, value in training.net.state_dict().items()}
        for event in training
        if isinstance(event, Epoch)
    ]
    validation = [each.validation for each in training.history]
    best = int(np.argmin(validation))
    assert training.run.best.epoch == best + 1 < len(validation)  # the last is not the best here
    assert same_weights(training.run.weights, states[best])


def test_more_of_the_same_goes_on_from_the_last_weights():
    values = noise(40, 8, 8)
    training = cw.train(PLANE, values, epochs=2)
    training.extend()  # nothing is used up yet
    first = epochs_of(training)
    before = training.history[-1].seconds
    training.extend()
    assert training.progress == 0
    both = epochs_of(training)
    assert both[:2] == first
    assert [lr for *_, lr in both[:2]] == [lr for *_, lr in both[2:]]
    assert training.history[2].seconds > before
    repeated = cw.fit(PLANE, values, progress=False, **training.run.repeat)
    assert losses(repeated) == both


def test_a_budget_of_seconds_repeats_whatever_the_clock_says(monkeypatch):
    values = noise(40, 8, 8)
    monkeypatch.setattr(budget, "time", Clock(tick=0.05))
    timed = cw.train(DROPPING, values, seconds=5.5, batch_size=4)
    for _ in timed:
        pass
    run = timed.run
    assert run.ending == "finished"
    assert len(run.history) > 2
    assert timed.next_batch  # time was up in the midst of an epoch
    monkeypatch.setattr(budget, "time", Clock(tick=99.0))
    again = cw.fit(DROPPING, values, progress=False, **run.repeat)
    assert losses(again) == losses(run)
    assert same_weights(again.weights, run.weights)


def test_a_budget_for_less_than_an_epoch_keeps_what_was_trained(monkeypatch):
    monkeypatch.setattr(budget, "time", Clock(tick=0.05))
    settings = {"seconds": 0.5, "batch_size": 2, "reference": "none"}
    training = cw.train(PLANE, noise(80, 8, 8), **settings)
    start = {name: value.clone() for name, value in training.net.state_dict().items()}
    assert epochs_of(training) == []
    run = training.run
    assert (run.ending, run.best, run.history) == ("finished", None, ())
    assert same_weights(run.weights, training.net.state_dict())
    assert not same_weights(run.weights, start)
    assert run.plot()._repr_png_().startswith(b"\x89PNG")


def test_an_interrupt_in_the_first_epoch_keeps_what_was_trained():
    training = cw.train(PLANE, noise(40, 8, 8), epochs=2, batch_size=4, reference="none")

    def interrupt():
        raise KeyboardInterrupt

    after_batches(training, 3, interrupt)
    with pytest.raises(KeyboardInterrupt):
        list(training)
    assert same_weights(training.run.weights, training.net.state_dict())
    assert len(epochs_of(training)) == 2


@pytest.mark.parametrize("device", ["cpu"])
def test_the_draws_of_others_and_those_of_a_training_are_apart(device):
    values = noise(40, 8, 8)
    wanted = epochs_of(cw.train(DROPPING, values, epochs=2, device=device))
    before = torch.random.get_rng_state()
    numpy_before = np.random.get_state()[1].copy()  # noqa: NPY002
    training = cw.train(DROPPING, values, epochs=2, device=device)
    for _ in training:
        assert torch.equal(before, torch.random.get_rng_state())
    training.run.predict(values)
    assert training.run.skill
    assert torch.equal(before, torch.random.get_rng_state())
    assert (numpy_before == np.random.get_state()[1]).all()  # noqa: NPY002
    training = cw.train(DROPPING, values, epochs=2, device=device)
    plain = training.net.forward

    def forward(x):  # a user's draws, in the midst of a step, in another thread
        other = threading.Thread(target=torch.rand, args=(3,))
        other.start()
        other.join()
        return plain(x)

    training.net.forward = forward
    assert epochs_of(training) == wanted
    assert not torch.equal(before, torch.random.get_rng_state())


def test_two_trainings_at_once_have_the_curves_that_they_have_alone():
    values, curves = noise(40, 8, 8), {}
    alone = {seed: epochs_of(cw.train(DROPPING, values, epochs=4, seed=seed)) for seed in (1, 2)}
    together = threading.Barrier(2)

    def train(seed):
        together.wait(60)
        curves[seed] = epochs_of(cw.train(DROPPING, values, epochs=4, seed=seed))

    threads = [threading.Thread(target=train, args=(seed,)) for seed in (1, 2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert curves == alone
    assert alone[1] != alone[2]


def test_another_default_dtype_gives_the_same_curve():
    values = noise(40, 8, 8)
    wanted = cw.fit(DROPPING, values, epochs=2, progress=False)
    forecast = wanted.forecast(3)
    torch.set_default_dtype(torch.float64)
    try:
        run = cw.fit(DROPPING, values, epochs=2, progress=False)
        assert run.forecast(3).dtype == np.float32
        assert (run.forecast(3) == forecast).all()
        assert str(run.skill) == str(wanted.skill)
    finally:
        torch.set_default_dtype(torch.float32)
    assert losses(run) == losses(wanted)


def test_divergence_stops_with_finite_weights_and_what_to_try():
    values = noise(40, 8, 8) * 1e6
    # Nine convolutions with nothing between them that keeps numbers small.
    design = PLANE.replace(norm="none", depth=3, convs_per_stage=3, activation="leaky_relu")
    settings = {"lr": 10.0, "clip_grad_norm": None, "loss": "mse", "schedule": "constant"}
    run = cw.fit(design, values, epochs=50, progress=False, **settings)
    assert run.ending == "diverged"
    [found] = run.findings
    assert found.kind == "diverged"
    assert found.tries == ("lr=1", "clip_grad_norm=1", "norm='batch'")
    assert all(value.isfinite().all() for value in run.weights.values())
    assert np.isfinite(run.predict(values)).all()
    assert str(found) in repr(run)
    assert run.plot()._repr_png_().startswith(b"\x89PNG")


@pytest.mark.parametrize("norm", ["batch", "none"])
@pytest.mark.parametrize("held_out", [True, False])
def test_weights_that_a_last_step_broke_are_not_kept(monkeypatch, norm, held_out):
    values = noise(40, 8, 8) if held_out else noise(6, 8, 8)
    training = cw.train(PLANE.replace(norm=norm), values, epochs=3, reference="none")
    assert bool(training.split.validation) is held_out

    def ruin():
        with torch.no_grad():
            next(training.net.parameters()).fill_(float("nan"))

    after_batches(training, 2 * training.count, ruin)  # no loss sees it before the epoch ends
    assert len(epochs_of(training)) == 2
    run = training.run
    assert (run.ending, run.best.epoch) == ("diverged", 1)
    assert all(value.isfinite().all() for value in run.weights.values())
    [found] = run.findings
    assert "After 2 epochs" in found.sentence
    assert "weights of epoch 1" in found.sentence
    assert ("norm='batch'" in found.tries) is (norm != "batch")
    training.extend()
    assert list(training) == []


def test_a_first_epoch_that_diverges_leaves_the_weights_of_the_beginning(monkeypatch):
    training = cw.train(PLANE, noise(40, 8, 8), epochs=3)
    start = {name: value.clone() for name, value in training.net.state_dict().items()}
    monkeypatch.setattr(training.examples, "loss", lambda a, b: (a - b.target).sum() / 0)
    assert epochs_of(training) == []
    assert training.run.ending == "diverged"
    assert same_weights(training.run.weights, start)
    [found] = training.run.findings
    assert "weights are those that it began with" in found.sentence


def test_a_constant_series_needs_no_network():
    run = cw.fit(PLANE, np.full((40, 8, 8), 7.5), epochs=2, progress=False)
    assert run.predictor.scaling == ((7.5,), (1.0,))
    assert run.skill.total is None
    assert "need no network" in run.skill.sentence
    assert all(isfinite(each.train) for each in run.history)


def test_the_frames_are_never_changed():
    values = noise(40, 8, 8)
    before = values.copy()
    training = cw.train(PLANE, values, epochs=2)
    epochs_of(training)
    training.run.predict(values)[:] = 0
    training.run.forecast(9)[:] = 0
    training.run.predictor.last[:] = 0
    assert (values == before).all()
    assert training.run.predictor.last.any()


def test_a_series_that_is_too_short_is_trained_on_whole_and_the_run_says_so():
    run = cw.fit(PLANE, noise(6, 8, 8), epochs=2, progress=False)
    assert run.split.kind == "none"
    assert [each.validation for each in run.history] == [None, None]
    assert run.best.train == min(each.train for each in run.history)
    assert "too short to hold anything out" in repr(run)
    assert "on 2 training windows, which it was trained on" in repr(run)


def test_what_torch_would_refuse_at_the_first_step_is_refused_before():
    deep = cw.EncoderDecoder(input_size=(8, 8), in_channels=2, out_channels=1, depth=3)
    with pytest.raises(cw.DesignError, match="one value a channel when a batch has one window"):
        cw.train(deep, noise(40, 8, 8), epochs=1, batch_size=1)
    assert cw.train(deep, noise(40, 8, 8), epochs=1, batch_size=2)
    assert cw.train(PLANE, noise(40, 8, 8), epochs=1, batch_size=1)
    bare = cw.Network(input_shape=(2, 8, 8), children=(cw.layers.Activation(name="relu"),))
    with pytest.raises(cw.DesignError, match="no weights to train"):
        cw.train(bare, noise(40, 8, 8), epochs=1)
