"""The reference of a forecast: where a network begins, how it is chosen, and what it guarantees."""

import numpy as np
import pytest
import torch

import cnnwidget as cw
from cnnwidget.training.metrics.baselines import BASELINES
from tests.training.samples import PLANE, noise, wave

CHOICES = [name for name in BASELINES if name != "climatology"]
SIGMOID = PLANE.replace(final_activation="sigmoid")


def red_noise(steps, memory, seed=0):
    """Anomalies around a frame of their own, which keep a share of themselves."""
    random = np.random.default_rng(seed)
    found = [random.normal(size=(8, 8))]
    for _ in range(steps - 1):
        found.append(memory * found[-1] + np.sqrt(1 - memory**2) * random.normal(size=(8, 8)))
    return (280 + 5 * random.normal(size=(8, 8)) + np.array(found)).astype(np.float32)


SERIES = {
    "persistence": np.cumsum(noise(90, 8, 8), 0),
    "linear trend": (np.arange(90.0)[:, None, None] * np.linspace(-1, 1, 64).reshape(8, 8)
                     + 0.1 * noise(90, 8, 8)),
    "damped anomaly": red_noise(120, 0.6),
    "mean frame": noise(90, 8, 8),
    "median frame": np.where(noise(90, 8, 8) > 1.3, 9.0, np.arange(64.0).reshape(8, 8)),
}  # fmt: skip


@pytest.mark.parametrize("name", SERIES)
def test_the_best_rule_of_the_training_part_is_chosen(name):
    training = cw.train(PLANE, SERIES[name], epochs=1)
    reference = training.examples.reference
    constant = {"mean frame", "median frame", "damped anomaly"}  # alike, if there is no memory
    assert reference.name == name or {reference.name, name} <= constant
    assert reference.name == min(reference.losses, key=lambda pair: pair[1])[0]
    assert reference.name in reference.sentence
    assert {each for each, _ in reference.losses} == set(CHOICES)


@pytest.mark.parametrize("name", CHOICES)
@pytest.mark.parametrize("values", [wave(60, 8, 8), noise(60, 8, 8)], ids=["wave", "noise"])
def test_before_the_first_step_the_forecast_is_the_reference(name, values):
    training = cw.train(PLANE, values, epochs=2, reference=name)
    events = iter(training)
    next(events)
    assert training.start.validation == pytest.approx(training.baselines[name], rel=1e-5)
    assert training.start.epoch == 0
    events.close()


@pytest.mark.parametrize("name", CHOICES)
def test_a_fit_that_learns_nothing_forecasts_as_its_reference(name):
    values = red_noise(80, 0.5)
    run = cw.fit(PLANE, values, epochs=2, lr=0.0, reference=name, progress=False)
    assert (run.best, run.best.epoch) == (run.start, 0)
    rule = dict(run.metrics.baselines)[name]
    assert run.metrics.network.mae_per_lead == pytest.approx(rule.mae_per_lead, rel=1e-5)
    assert not run.skill.beats_all
    [finding] = [each for each in run.findings if each.kind == "reference"]
    assert name in finding.sentence


@pytest.mark.parametrize("settings", [{"epochs": 1}, {"epochs": 3, "lr": 0.3}, {"seconds": 1e-6}])
@pytest.mark.parametrize("values", [red_noise(60, 0.3), noise(60, 8, 8)], ids=["red", "white"])
def test_no_fit_is_worse_on_validation_than_its_reference(values, settings):
    run = cw.fit(PLANE, values, clip_grad_norm=None, progress=False, **settings)
    assert run.best.score <= run.start.score
    assert run.start.score <= min(loss for _, loss in run.predictor.reference.losses) * 3


def test_a_stop_before_the_first_step_leaves_the_reference():
    training = cw.train(PLANE, red_noise(60, 0.5), epochs=3)
    for _ in training:
        training.stop()
    assert training.run.best.score <= training.run.start.score


def test_none_gives_the_frames_themselves():
    values = wave(60, 8, 8)
    run = cw.fit(PLANE, values, epochs=1, reference="none", progress=False)
    assert (run.start, run.predictor.reference) == (None, None)
    inputs = torch.from_numpy(values[:3])[None]
    low, span = run.predictor.scaling.low[0], run.predictor.scaling.span[0]
    with torch.no_grad():
        wanted = run.module((inputs - low) / span).numpy() * span + low
    assert np.allclose(run.predict(values[:3]), wanted, rtol=1e-5)


def test_a_network_that_ends_in_an_activation_gives_frames_and_cannot_add():
    training = cw.train(SIGMOID, wave(60, 8, 8), epochs=1)
    assert training.examples.reference is None
    with pytest.raises(cw.CnnwidgetError, match="reference is 'persistence', but the output"):
        cw.train(SIGMOID, wave(60, 8, 8), epochs=1, reference="persistence")


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"reference": "climatology"}, "there is no season; give a period"),
        (
            {"reference": "linear trend", "pre_history_len": 1},
            "a history of one frame has no trend",
        ),
        ({"reference": "best"}, "reference"),
    ],
)
def test_a_reference_that_there_is_not_is_refused(settings, reason):
    history = settings.get("pre_history_len", 3)
    with pytest.raises(cw.CnnwidgetError, match=reason):
        cw.train(PLANE.replace(in_channels=history), wave(60, 8, 8), epochs=1, **settings)


@pytest.mark.parametrize("name", [*CHOICES, "climatology"])
def test_it_is_kept_with_the_run(name, tmp_path):
    values = red_noise(80, 0.5)
    settings = {"reference": name} | ({"period": 6} if name == "climatology" else {})
    run = cw.fit(PLANE, values, epochs=2, progress=False, **settings)
    again = cw.load_run(run.save(tmp_path))
    assert again.predictor.reference.name == name
    assert again.predictor.reference.season == run.predictor.reference.season
    assert (again.start, again.best) == (run.start, run.best)
    assert np.array_equal(again.predict(values), run.predict(values))
    assert np.array_equal(again.forecast(steps=7), run.forecast(steps=7))


@pytest.mark.parametrize("augment", ["flip", "shift", "rotate"])
def test_augmentation_changes_the_reference_as_the_truth(augment):
    """Persistence of what was changed is what was persistence, changed."""
    training = cw.train(PLANE, noise(60, 8, 8), epochs=1, augment=augment, reference="persistence")
    batch = training.loader.batch(range(6))
    for seed in range(8):
        changed = training.examples.for_training(batch, seed)
        last = changed.input[:, -1:].expand_as(changed.reference)
        assert torch.equal(changed.reference, last)
