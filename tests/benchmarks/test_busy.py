"""A fit beside busy programs, as on a class server or on Binder: run with `make bench`.

Each fit is a process of its own, in which PyTorch's threads are as the package leaves them, or spin
while they wait, as PyTorch leaves them.
"""

import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import pytest

from cnnwidget.data.machine_limits import usable_cores
from cnnwidget.training.loop.threads import WAIT_CHOICES

SCRIPT = Path(__file__).with_name("one_fit.py")
TRIES = 10
# Times of a fit alone, beside one other busy process and beside two, on two cores.
WORST = {1: 2.5, 2: 4.0}
RUN = "import runpy, sys; runpy.run_path(sys.argv[1])"


def seconds(before=""):
    """The seconds of one fit, after a statement."""
    environment = {name: value for name, value in os.environ.items() if name not in WAIT_CHOICES}
    command = [sys.executable, "-c", before + RUN, str(SCRIPT)]
    ran = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    return float(ran.stdout)


@contextmanager
def busy(count):
    """Other processes, each of which takes a core if it can."""
    others = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for each in others:
            each.kill()
            each.wait()


@pytest.mark.skipif(usable_cores() != 2, reason="the bars are those of two cores")
def test_a_fit_beside_busy_programs(capsys):
    alone, spinning = [], []
    for _ in range(TRIES):  # in turn, so that both see the same machine
        alone.append(seconds())
        spinning.append(seconds("import torch; "))
    beside = {}
    for count in WORST:
        with busy(count):
            beside[count] = [seconds() / median(alone) for _ in range(TRIES)]
    with capsys.disabled():
        print(
            f"\nsix epochs of the default alone: {median(alone):.2f} s (median of {TRIES}), ",
            end="",
        )
        print(f"with threads that spin {median(spinning):.2f} s")
        for count, times in beside.items():
            told = " ".join(f"{each:.2f}" for each in sorted(times))
            print(f"beside {count} busy: {told} times as long", end="")
    assert median(alone) <= 1.1 * median(spinning)
    for count, times in beside.items():
        assert max(times) <= WORST[count]
