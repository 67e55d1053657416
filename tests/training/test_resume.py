"""A process that is killed, and the curve that goes on as if it had not been."""

import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import cnnwidget as cw
from cnnwidget.training import keeping
from cnnwidget.training.keeping import STATE, Keeper, state_of
from cnnwidget.training.state import write_state
from tests.training.samples import PLANE, losses, noise, same_weights

FRAMES = noise(40, 8, 8)
SETTINGS = {"epochs": 6, "batch_size": 5, "optimizer": "adamw", "augment": ("flip",)}
DROPPING = PLANE.replace(norm="dropout")

# Trains, tells of each epoch once it is written, and is killed by its parent.
CHILD = """
import sys
import cnnwidget as cw
from cnnwidget.training import keeping
from tests.training.test_resume import DROPPING, FRAMES, SETTINGS
keeping.SECONDS_BETWEEN = 0.0
after = keeping.Keeper.after
def told(keeper, epoch):
    after(keeper, epoch)
    print(epoch.epoch, flush=True)
    if epoch.epoch == 3:
        sys.stdin.read()
keeping.Keeper.after = told
cw.fit(DROPPING, FRAMES, progress=False, folder=sys.argv[1], **SETTINGS)
"""


def test_a_killed_process_goes_on_with_the_curve_of_an_unbroken_run(tmp_path):
    root = Path(__file__).parents[2]
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(tmp_path / "run")],
        cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    with child:
        assert [child.stdout.readline() for _ in range(3)] == ["1\n", "2\n", "3\n"]
        child.kill()
    assert child.returncode == -signal.SIGKILL
    resumed = cw.resume(tmp_path / "run", FRAMES, progress=False)
    unbroken = cw.fit(DROPPING, FRAMES, progress=False, **SETTINGS)
    assert losses(resumed) == losses(unbroken)
    assert len(resumed.history) == 6
    assert same_weights(resumed.weights, unbroken.weights)
    assert resumed.metrics == unbroken.metrics
    assert cw.load_run(tmp_path / "run").ending == "finished"


@pytest.mark.parametrize("batches", [1, 4, 9])
def test_a_state_in_the_midst_of_an_epoch_goes_on(tmp_path, monkeypatch, batches):
    monkeypatch.setattr("cnnwidget.training.training.SECONDS_BETWEEN_STEPS", 0.0)
    training = cw.train(DROPPING, FRAMES, **SETTINGS)
    keeper = Keeper(training, tmp_path)
    for number, _ in enumerate(training, 1):
        if number == batches:
            break
    write_state(state_of(training), keeper.folder / STATE)
    resumed = cw.resume(tmp_path, FRAMES, progress=False)
    assert losses(resumed) == losses(cw.fit(DROPPING, FRAMES, progress=False, **SETTINGS))


def test_a_finished_run_stays_as_it_is(tmp_path):
    run = cw.fit(PLANE, FRAMES, epochs=2, progress=False, folder=tmp_path)
    again = cw.resume(tmp_path, FRAMES, progress=False)
    assert losses(again) == losses(run)
    assert same_weights(again.weights, run.weights)


def test_time_that_was_spent_is_not_given_again(tmp_path, monkeypatch):
    training = cw.train(PLANE, FRAMES, seconds=30)
    Keeper(training, tmp_path)
    state = state_of(training)
    spent = state.place.replace(spent=29.9)
    write_state(type(state)(spent, state.weights, state.best, state.optimizer), tmp_path / STATE)
    resumed = cw.resume(tmp_path, FRAMES, progress=False)
    assert resumed.ending == "finished"
    assert not resumed.history or resumed.history[-1].seconds < 31


def test_writing_is_rare(tmp_path, monkeypatch):
    kept = []
    monkeypatch.setattr(keeping, "write_state", lambda *_: kept.append(1))
    cw.fit(PLANE, FRAMES, epochs=5, progress=False, folder=tmp_path)
    assert len(kept) == 2  # before the first batch, and at the end


def test_what_cannot_go_on_is_told(tmp_path):
    run = cw.fit(PLANE, FRAMES, epochs=1, progress=False)
    run.save(tmp_path / "alone")
    with pytest.raises(cw.DataError, match=f"holds a run, but no {STATE}"):
        cw.resume(tmp_path / "alone", FRAMES)
    with pytest.raises(cw.DataError, match="no such folder"):
        cw.resume(tmp_path / "none", FRAMES)
    cw.fit(PLANE, FRAMES, epochs=1, progress=False, folder=tmp_path / "one")
    with pytest.raises(cw.DataError, match="windows"):
        cw.resume(tmp_path / "one", FRAMES[:10])
    wider = PLANE.replace(start_channels=8)
    cw.fit(wider, FRAMES, epochs=1, progress=False, folder=tmp_path / "two")
    (tmp_path / "two" / STATE).replace(tmp_path / "one" / STATE)
    with pytest.raises(cw.DataError, match="of another network"):
        cw.resume(tmp_path / "one", FRAMES)
    (tmp_path / "one" / STATE).write_bytes(np.random.default_rng(0).bytes(500))
    with pytest.raises(cw.DataError, match="cannot be read"):
        cw.resume(tmp_path / "one", FRAMES)
