"""The workers of OpenMP, counted by Linux, in a process of its own."""

import subprocess
import sys

import pytest

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
