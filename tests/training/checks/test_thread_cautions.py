"""The caution of a PyTorch whose threads take the cores from each other."""

import os

import cnnwidget as cw
from cnnwidget.training.loop.threads import WAIT_CHOICES
from tests.training.samples import PLANE, wave

FRAMES = wave(30, 8, 8)


def kinds(*args):
    return [caution.kind for caution in cw.check(*args)]


def test_a_pytorch_that_was_loaded_first_is_a_caution(monkeypatch):
    assert "threads" not in kinds(PLANE) + kinds(PLANE, FRAMES)
    for name in WAIT_CHOICES:
        monkeypatch.delitem(os.environ, name, raising=False)
    assert kinds(PLANE).count("threads") == kinds(PLANE, FRAMES).count("threads") == 1
    [caution] = [each for each in cw.check(PLANE) if each.kind == "threads"]
    assert "OMP_WAIT_POLICY=passive" in str(caution)
    monkeypatch.setenv("GOMP_SPINCOUNT", "1000")
    assert "threads" not in kinds(PLANE)
