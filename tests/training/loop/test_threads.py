"""PyTorch's threads: whether they sleep, how many there are, and the workers of OpenMP."""

import os
import subprocess
import sys

import pytest
import torch

import cnnwidget as cw
from cnnwidget.training.loop import threads
from tests.training.samples import PLANE, wave

FRAMES = wave(30, 8, 8)

COUNTED = """
import os, sys
from cnnwidget.training.loop.threads import release_workers

release_workers()  # without PyTorch there is nothing to let go of
assert "torch" not in sys.modules
import torch

torch.set_num_threads(3)


def threads():
    return len(os.listdir("/proc/self/task"))


def compute():
    return torch.nn.functional.conv2d(torch.ones(4, 8, 64, 64), torch.ones(8, 8, 3, 3)).sum()


before, wanted = threads(), compute()
with_workers = threads()
release_workers()
print(with_workers - before, threads() - before, end=" ")
print(bool(compute() == wanted), threads() == with_workers)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="threads are counted as Linux tells them")
def test_workers_go_and_come_back():
    ran = subprocess.run(
        [sys.executable, "-c", COUNTED], check=False, capture_output=True, text=True
    )
    assert (ran.returncode, ran.stdout.split()) == (0, ["2", "0", "True", "True"]), ran.stderr


CHOICE = "import os; print(*map(os.environ.get, ('OMP_WAIT_POLICY', 'GOMP_SPINCOUNT')))"


@pytest.mark.parametrize(
    ("before", "chosen", "after"),
    [
        ("", {}, "None 20000"),
        ("import torch; ", {}, "None None"),  # too late: nothing is pretended
        ("", {"OMP_WAIT_POLICY": "active"}, "active None"),
        ("", {"GOMP_SPINCOUNT": "100"}, "None 100"),
        ("", {"KMP_BLOCKTIME": "1"}, "None None"),
    ],
)
def test_waiting_threads_sleep_unless_somebody_chose(before, chosen, after):
    environment = {n: v for n, v in os.environ.items() if n not in threads.WAIT_CHOICES} | chosen
    command = [sys.executable, "-c", f"{before}import cnnwidget; {CHOICE}"]
    ran = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    assert ran.stdout.strip() == after


def test_a_training_takes_no_more_threads_than_it_may_use(monkeypatch):
    assert threads.usual_threads() == min(torch.get_num_threads(), threads.usable_cores())
    monkeypatch.setattr(threads, "usable_cores", lambda: 1)
    assert cw.train(PLANE, FRAMES, epochs=1).recipe.threads == 1


def test_a_training_computes_with_the_threads_of_its_recipe():
    before = torch.get_num_threads()
    training = cw.train(PLANE, FRAMES, epochs=1, threads=before + 1)
    assert {torch.get_num_threads() for _ in training} == {before + 1}
    assert torch.get_num_threads() == before
    assert training.run.repeat["threads"] == before + 1
