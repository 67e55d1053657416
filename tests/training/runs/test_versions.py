"""Where a run comes from: kept with it, and told where it is not what there is here."""

import json
import platform

import numpy as np
import pytest
import torch

import cnnwidget as cw
from cnnwidget.data import fingerprint
from cnnwidget.data.fingerprint import fingerprint_of
from cnnwidget.training.runs.save_run import CHECKPOINT, RECORD
from tests.training.samples import PLANE, losses, noise, same_weights

FRAMES = noise(40, 8, 8)


@pytest.fixture
def run():
    return cw.fit(PLANE, FRAMES, epochs=2, progress=False)


def changed(folder, **fields):
    """A record with some fields of another kind."""
    record = json.loads((folder / RECORD).read_text()) | fields
    (folder / RECORD).write_text(json.dumps(record))
    return folder


def test_versions_and_fingerprint_come_back(run, tmp_path):
    assert dict(run.versions) == {
        "cnnwidget": cw.__version__,
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": np.__version__,
        "processor": f"{platform.machine()}-{torch.backends.cpu.get_cpu_capability()}",
    }
    assert run.fingerprint == fingerprint_of(run.data.contents)
    again = cw.load_run(run.save(tmp_path))
    assert (again.versions, again.fingerprint) == (run.versions, run.fingerprint)
    record = json.loads((tmp_path / RECORD).read_text())
    assert record["fingerprint"] == [
        ["frames", [40, 1, 8, 8], "float32", again.fingerprint[0].digest]
    ]
    twice = cw.load_run(again.save(tmp_path / "twice"))
    assert (twice.versions, twice.fingerprint) == (run.versions, run.fingerprint)
    assert same_weights(twice.checkpoint.weights, run.checkpoint.weights)


def test_nothing_is_looked_at_in_mid_training(monkeypatch):
    monkeypatch.setattr(fingerprint, "digest_of", None)
    training = cw.train(PLANE, FRAMES, epochs=2)
    for _ in training:
        assert training.run.checkpoint is None
    assert training.run.advice == cw.fit(PLANE, FRAMES, epochs=2, progress=False).advice


def test_other_versions_are_reported(run, tmp_path):
    versions = dict(run.versions) | {"torch": "2.0.1+cu118", "numpy": "1.26.0"}
    again = cw.load_run(changed(run.save(tmp_path), versions=versions))
    [sentence] = [each for each in again.advice if "trained with" in each]
    assert sentence == (
        f"It was trained with torch 2.0.1+cu118, numpy 1.26.0; here is torch {torch.__version__}, "
        f"numpy {np.__version__}: repeated, a curve may differ a little."
    )
    assert sentence in repr(again)
    # It is told, and nothing else.
    resumed = cw.resume(tmp_path, FRAMES, progress=False)
    assert losses(resumed) == losses(run)
    assert not any("trained with" in each for each in run.advice)
    assert not any("trained with" in each for each in cw.load_run(run.save(tmp_path)).advice)


def test_other_data_are_reported(run, tmp_path):
    folder = run.save(tmp_path)
    told = "These data are not those that it was trained on: "
    assert not any(told in each for each in cw.load_run(folder, FRAMES).advice)
    other = cw.load_run(folder, -FRAMES)
    assert f"{told}the values of frames are others." in other.advice
    assert f"{told}the values of frames are others." in repr(other)
    longer = cw.load_run(folder, noise(50, 8, 8))
    assert f"{told}the shape of frames is 50 × 1 × 8 × 8, not 40 × 1 × 8 × 8." in longer.advice
    assert other.fingerprint == run.fingerprint  # what it was trained on stays what it is


def test_nothing_in_a_folder_is_of_this_machine(tmp_path):
    np.save(tmp_path / "ice.npy", FRAMES)
    run = cw.fit(PLANE, tmp_path / "ice.npy", epochs=1, progress=False, folder=tmp_path / "run")
    assert run.data_name == "ice.npy"
    for path in (tmp_path / "run").iterdir():
        assert str(tmp_path).encode() not in path.read_bytes(), path


def test_a_file_of_the_other_byte_order_is_the_same_data(tmp_path):
    training = cw.train(PLANE, FRAMES, epochs=3)
    for _ in training:
        break
    training.run.save(tmp_path)
    resumed = cw.resume(tmp_path, FRAMES.astype(FRAMES.dtype.newbyteorder("S")), progress=False)
    assert losses(resumed) == losses(cw.fit(PLANE, FRAMES, epochs=3, progress=False))


def test_what_is_of_an_older_run_does_not_stay(run, tmp_path):
    run.save(tmp_path)
    early = cw.train(PLANE, FRAMES, epochs=2).run
    early.save(tmp_path)
    assert not (tmp_path / CHECKPOINT).exists()
    assert cw.load_run(tmp_path).history == ()
