"""A process that is killed, and the curve that goes on as if it had not been."""

import json
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

import cnnwidget as cw
from cnnwidget.training.checkpoints import checkpoint_writer
from cnnwidget.training.checkpoints.checkpoint import checkpoint_of, restore
from cnnwidget.training.checkpoints.checkpoint_file import write_checkpoint
from cnnwidget.training.checkpoints.checkpoint_writer import CheckpointWriter
from cnnwidget.training.loop.events import Epoch
from cnnwidget.training.loop.optimizers import OPTIMIZERS
from cnnwidget.training.runs.save_run import CHECKPOINT
from tests.training.samples import PLANE, epochs_of, losses, noise, same_weights

FRAMES = noise(40, 8, 8)
SETTINGS = {"epochs": 6, "batch_size": 5, "optimizer": "adamw", "augment": ("flip",)}
DROPPING = PLANE.replace(norm="dropout")

# Trains, prints each epoch once it is written, and is killed by its parent.
CHILD = """
import sys
import cnnwidget as cw
from cnnwidget.training.checkpoints import checkpoint_writer
from tests.training.checkpoints.test_resume import DROPPING, FRAMES, SETTINGS
checkpoint_writer.SECONDS_BETWEEN = 0.0
after = checkpoint_writer.CheckpointWriter.after
def report(writer, epoch):
    after(writer, epoch)
    print(epoch.epoch, flush=True)
    if epoch.epoch == 3:
        sys.stdin.read()
checkpoint_writer.CheckpointWriter.after = report
cw.fit(DROPPING, FRAMES, progress=False, folder=sys.argv[1], **SETTINGS)
"""


def test_a_killed_process_goes_on_with_the_curve_of_an_unbroken_run(tmp_path):
    root = Path(__file__).parents[3]
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
    monkeypatch.setattr("cnnwidget.training.loop.training.SECONDS_BETWEEN_STEPS", 0.0)
    training = cw.train(DROPPING, FRAMES, **SETTINGS)
    keeper = CheckpointWriter(training, tmp_path)
    for number, _ in enumerate(training, 1):
        if number == batches:
            break
    write_checkpoint(checkpoint_of(training), keeper.folder / CHECKPOINT)
    resumed = cw.resume(tmp_path, FRAMES, progress=False)
    assert losses(resumed) == losses(cw.fit(DROPPING, FRAMES, progress=False, **SETTINGS))


def test_a_finished_run_stays_as_it_is(tmp_path):
    run = cw.fit(PLANE, FRAMES, epochs=2, progress=False, folder=tmp_path)
    again = cw.resume(tmp_path, FRAMES, progress=False)
    assert losses(again) == losses(run)
    assert same_weights(again.weights, run.weights)


def test_time_that_was_spent_is_not_given_again(tmp_path, monkeypatch):
    training = cw.train(PLANE, FRAMES, seconds=30)
    CheckpointWriter(training, tmp_path)
    state = checkpoint_of(training)
    spent = state.progress.replace(spent=29.9)
    write_checkpoint(
        type(state)(spent, state.weights, state.best, state.optimizer), tmp_path / CHECKPOINT
    )
    resumed = cw.resume(tmp_path, FRAMES, progress=False)
    assert resumed.ending == "finished"
    assert not resumed.history or resumed.history[-1].seconds < 31


def test_writing_is_rare(tmp_path, monkeypatch):
    kept = []
    monkeypatch.setattr(checkpoint_writer, "write_checkpoint", lambda *_: kept.append(1))
    cw.fit(PLANE, FRAMES, epochs=5, progress=False, folder=tmp_path / "rare")
    assert not kept  # but before the first batch, and at the end
    monkeypatch.setattr(checkpoint_writer, "SECONDS_BETWEEN", 0.0)
    cw.fit(PLANE, FRAMES, epochs=5, progress=False, folder=tmp_path / "often")
    assert len(kept) == 5


def stopped(epochs=2, frames=FRAMES, design=DROPPING, **settings):
    """Return a training that was stopped after some epochs, however many steps its loop gave."""
    training = cw.train(design, frames, **SETTINGS | settings)
    for event in training:
        if isinstance(event, Epoch) and event.epoch == epochs:
            break
    return training


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_run_that_was_broken_off_goes_on_from_its_own_folder(tmp_path, optimizer):
    run = stopped(optimizer=optimizer).run
    assert (run.ending, len(run.history)) == ("stopped", 2)
    run.save(tmp_path)
    unbroken = cw.fit(DROPPING, FRAMES, progress=False, **SETTINGS | {"optimizer": optimizer})
    for _ in range(2):  # then it is finished, and stays as it is
        resumed = cw.resume(tmp_path, FRAMES, progress=False)
        assert (resumed.ending, losses(resumed)) == ("finished", losses(unbroken))
        assert same_weights(resumed.weights, unbroken.weights)
        assert same_weights(resumed.checkpoint.weights, unbroken.checkpoint.weights)
        assert same_weights(resumed.checkpoint.optimizer, unbroken.checkpoint.optimizer)
        assert resumed.metrics == unbroken.metrics


# Goes on in a process of its own, and says what came of it.
GOES_ON = """
import sys
import cnnwidget as cw
from tests.training.checkpoints.test_resume import FRAMES
run = cw.resume(sys.argv[1], FRAMES, progress=False)
run.save(sys.argv[2])
"""


@pytest.mark.parametrize("how", ["stop", "break", "interrupt"])
def test_another_process_goes_on_however_the_loop_ended(tmp_path, monkeypatch, how):
    monkeypatch.setattr("cnnwidget.training.loop.training.SECONDS_BETWEEN_STEPS", 0.0)
    training = cw.train(DROPPING, FRAMES, **SETTINGS)
    with suppress(KeyboardInterrupt):
        for number, _ in enumerate(training, 1):
            if number == 9:  # in the midst of an epoch
                if how == "interrupt":
                    raise KeyboardInterrupt
                if how == "break":
                    break
                training.stop()
    assert training.next_batch
    training.run.save(tmp_path / "half")
    root = Path(__file__).parents[3]
    folders = [str(tmp_path / "half"), str(tmp_path / "whole")]
    subprocess.run([sys.executable, "-c", GOES_ON, *folders], cwd=root, check=True)
    unbroken = cw.fit(DROPPING, FRAMES, progress=False, **SETTINGS)
    resumed = cw.load_run(tmp_path / "whole")
    assert losses(resumed) == losses(unbroken)
    assert same_weights(resumed.weights, unbroken.weights)
    assert same_weights(resumed.checkpoint.weights, unbroken.checkpoint.weights)


def test_a_state_does_not_change_when_its_training_goes_on():
    training = stopped()
    state = training.run.checkpoint
    before = {name: value.clone() for name, value in state.weights.items()}
    memory = {name: value.clone() for name, value in state.optimizer.items()}
    for _ in training:
        assert training.run.checkpoint is None  # nothing is copied while it runs
    assert training.run.checkpoint.progress != state.progress
    assert same_weights(state.weights, before)
    assert same_weights(state.optimizer, memory)


def test_a_run_that_lost_patience_stays_as_it_is(tmp_path):
    training = cw.train(PLANE, FRAMES, epochs=50, lr=0.0, patience=2)
    keeper = CheckpointWriter(training, tmp_path)
    assert len(epochs_of(training)) == 2
    write_checkpoint(
        checkpoint_of(training), keeper.folder / CHECKPOINT
    )  # and its process is ended
    assert cw.load_run(tmp_path).ending == "stopped"
    assert len(cw.resume(tmp_path, FRAMES, progress=False).history) == 2
    assert cw.load_run(tmp_path).ending == "finished"


def test_a_run_that_diverged_stays_as_it_is(tmp_path):
    training = cw.train(PLANE, FRAMES, epochs=3)
    training.examples.loss = lambda a, b: (a - b.target).sum() * float("nan")
    list(training)
    training.run.save(tmp_path)
    again = cw.resume(tmp_path, FRAMES, progress=False)
    assert (again.ending, again.history) == ("diverged", ())
    assert np.isnan(float(again.checkpoint.progress.sum_of_losses))


def test_what_was_kept_of_a_killed_training_can_be_loaded(tmp_path):
    training = cw.train(PLANE, FRAMES, **SETTINGS)
    keeper = CheckpointWriter(training, tmp_path)
    assert cw.load_run(tmp_path).history == ()
    list(training)
    write_checkpoint(checkpoint_of(training), keeper.folder / CHECKPOINT)
    run = cw.load_run(tmp_path)
    assert (losses(run), run.best) == (losses(training.run), training.run.best)
    assert same_weights(run.weights, training.run.weights)
    assert (run.predict(FRAMES) == training.run.predict(FRAMES)).all()


def test_other_data_are_refused_with_what_is_different(tmp_path):
    stopped().run.save(tmp_path)
    other = FRAMES.copy()
    other[-1, -1, -1] = np.nextafter(other[-1, -1, -1], np.float32(9))
    for frames, said in (
        (other, "the values of frames are others"),
        (
            np.concatenate([FRAMES, FRAMES[:1]]),
            "the shape of frames is 41 × 1 × 8 × 8, not 40 × 1 × 8 × 8",
        ),
        (FRAMES.astype(float), "the dtype of frames is float64, not float32"),
        (cw.load(FRAMES, valid=FRAMES[0] > 0), "they are frames and valid, not frames"),
    ):
        with pytest.raises(cw.DataError) as refusal:
            cw.resume(tmp_path, frames)
        assert str(refusal.value) == (
            f"array is not what the run was trained on: {said}; resume with the same data, or "
            "train anew on these."
        )
    assert cw.load_run(tmp_path).ending == "stopped"  # nothing has begun
    assert cw.resume(tmp_path, FRAMES.copy(), progress=False).ending == "finished"


def test_another_series_beside_is_refused(tmp_path):
    def windows(season):
        return cw.windows(FRAMES, pre_history_len=3, forecast_len=2, past=season)

    design = DROPPING.replace(in_channels=6)
    season = np.sin(np.arange(40.0))
    stopped(frames=windows(season), design=design).run.save(tmp_path)
    with pytest.raises(cw.DataError, match="the values of past are others"):
        cw.resume(tmp_path, windows(season + 1e-9))
    assert cw.resume(tmp_path, windows(season.copy()), progress=False).ending == "finished"


def test_another_device_can_be_said(tmp_path):
    stopped(device="cpu").run.save(tmp_path)
    record = json.loads((tmp_path / "run.json").read_text())
    record["recipe"]["device"], record["device"] = "cuda", "cuda:0"
    (tmp_path / "run.json").write_text(json.dumps(record))
    run = cw.load_run(tmp_path)
    assert (run.device, run.recipe.device) == ("cuda:0", "cuda")
    assert run.forecast().shape == (2, 8, 8)
    if not torch.cuda.is_available():
        with pytest.raises(cw.CnnwidgetError, match=r"device 'cuda' is not to be had .* 'cpu'"):
            cw.resume(tmp_path, FRAMES)
    resumed = cw.resume(tmp_path, FRAMES, device="cpu", progress=False)
    assert losses(resumed) == losses(cw.fit(DROPPING, FRAMES, progress=False, **SETTINGS))


def test_what_cannot_go_on_is_reported(tmp_path):
    training = cw.train(PLANE, FRAMES, epochs=1)
    training.run.save(tmp_path / "early")
    with pytest.raises(cw.DataError, match="saved before its loop had ended"):
        cw.resume(tmp_path / "early", FRAMES)
    with pytest.raises(cw.DataError, match="no such folder"):
        cw.resume(tmp_path / "none", FRAMES)
    stopped().run.save(tmp_path / "one")
    with pytest.raises(cw.DataError, match="windows"):
        cw.resume(tmp_path / "one", FRAMES[:10])


@pytest.mark.parametrize(
    "other",
    [
        {"design": DROPPING.replace(start_channels=8)},
        {"optimizer": "sgd_momentum"},
        {"seed": 3},
        {"epochs": 1},
    ],
)
def test_a_state_of_another_run_is_reported(tmp_path, other):
    stopped().run.save(tmp_path / "one")
    stopped(**other).run.save(tmp_path / "two")
    (tmp_path / "two" / CHECKPOINT).replace(tmp_path / "one" / CHECKPOINT)
    for act in (cw.load_run, lambda folder: cw.resume(folder, FRAMES)):
        with pytest.raises(cw.DataError, match=rf"{CHECKPOINT} is of another run than run\.json"):
            act(tmp_path / "one")


def test_a_state_of_other_batches_is_reported(tmp_path):
    stopped(epochs=1).run.save(tmp_path)
    state = cw.load_run(tmp_path).checkpoint
    training = cw.train(DROPPING, FRAMES, **SETTINGS)
    progress = state.progress.replace(next_batch=training.count + 1, seen=99)
    with pytest.raises(cw.DataError, match="of another run"):
        restore(training, replace(state, progress=progress))
