from dataclasses import replace

import pytest

import cnnwidget as cw
from cnnwidget.training.loop.events import Epoch
from cnnwidget.training.runs.compare_runs import CHANCE, compare

FRAMES = cw.sample("circling shape", steps=60, size=(8, 8))
DESIGN = cw.EncoderDecoder(input_size=(8, 8), in_channels=2, out_channels=1, depth=1)


@pytest.fixture(scope="module")
def run():
    return cw.fit(DESIGN, FRAMES, epochs=1, progress=False)


def scored(run, score):
    """The run, with a validation loss of its own; None is one that came to nothing."""
    best = None if score is None else Epoch(1, 1.0, score, 1e-3, 0.1)
    return replace(run, best=best, history=() if best is None else (best,))


def test_the_smallest_validation_loss_is_best_and_a_clear_distance_is_no_doubt(run):
    found = compare(
        {name: scored(run, loss) for name, loss in zip("abc", (0.3, 0.1, 0.2), strict=True)}
    )
    assert (found.best, found.measure) == ("b", "validation loss (L1)")
    assert found.figures == {"a": 0.3, "b": 0.1, "c": 0.2}
    assert "b does best" in found.sentence
    assert "before c with 0.2; last is a with 0.3" in found.sentence
    assert "too close" not in found.sentence
    assert "another seed would show" in found.sentence


def test_what_chance_may_have_made_is_said(run):
    near, far = 0.1 * (1 + CHANCE) - 1e-6, 0.1 * (1 + CHANCE) + 1e-6
    found = compare({"a": scored(run, 0.1), "b": scored(run, near), "c": scored(run, far)})
    assert "a and b are too close to tell apart" in found.sentence


def test_what_came_to_nothing_is_named_and_not_best(run):
    found = compare({"a": scored(run, None), "b": scored(run, 0.1), "c": scored(run, 0.2)})
    assert found.best == "b"
    assert "a came to nothing" in found.sentence
    assert compare({"a": scored(run, None), "b": scored(run, None)}).best is None


def test_one_alone_is_compared_with_nothing(run):
    found = compare({"a": scored(run, 0.1)})
    assert found.best == "a"
    assert "nothing to compare" in found.sentence


def test_where_losses_differ_errors_on_the_test_windows_are_compared():
    runs = cw.sweep(DESIGN, FRAMES, "loss", ["l1", "mse"], epochs=2, progress=False)
    found = compare({name: runs[name] for name in runs.names})
    assert found.measure == "mean absolute error on the test windows"
    assert found.figures == {name: runs[name].metrics.network.mae for name in runs.names}
    assert found.best == min(found.figures, key=found.figures.get)


def test_where_nothing_is_held_out_errors_are_compared(run):
    alone = replace(run, split=replace(run.split, validation=range(0)))
    assert compare({"a": alone, "b": alone}).measure == "mean absolute error on the test windows"
