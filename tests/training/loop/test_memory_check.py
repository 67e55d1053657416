"""Trainings that are refused because they have no room in memory, and how much others take."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import torch

import cnnwidget as cw
from cnnwidget.design.planning.plan import plan_of
from cnnwidget.training.loop import memory_check
from cnnwidget.training.loop.memory_check import NotEnoughMemory, bytes_needed, free_memory
from tests.training.samples import PLANE, noise

CPU, GPU = torch.device("cpu"), torch.device("cuda")
BROAD = PLANE.replace(input_size=(64, 64), start_channels=64)


def refused(monkeypatch, left, design=PLANE, **settings):
    """What is said where so many bytes are left; nothing may be allocated before."""
    monkeypatch.setattr(memory_check, "memory_left", lambda: left)
    monkeypatch.setattr("cnnwidget.training.loop.training.initial_net", None)
    with pytest.raises(NotEnoughMemory) as refusal:
        cw.train(design, noise(60, *design.input_size), epochs=1, **settings)
    assert "\n" not in str(refusal.value)
    assert isinstance(refusal.value, cw.CnnwidgetError)
    return refusal.value


def test_a_training_that_does_not_fit_is_refused_with_both_figures(monkeypatch):
    plan = plan_of(BROAD)
    # 34 windows in batches of 8 or fewer are five batches of 7.
    whole = bytes_needed(plan, 7, "adam", "cpu")
    error = refused(monkeypatch, whole - 1, BROAD, batch_size=8)
    figure = re.escape(f"{whole / 1e6:.1f} MB")
    assert re.fullmatch(
        rf"Training this design in batches of 7 takes {figure} of memory, but {figure} is left; "
        r"try batch_size=6 or fewer channels\.",
        str(error),
    )
    assert error.batch_size == 6


@pytest.mark.parametrize("optimizer", ["sgd", "rmsprop", "adamw"])
@pytest.mark.parametrize("wanted", [1, 2, 5, 11])
def test_the_batch_that_is_offered_is_the_largest_that_fits(monkeypatch, optimizer, wanted):
    plan = plan_of(PLANE)
    for left in (
        bytes_needed(plan, wanted, optimizer, "cpu"),
        bytes_needed(plan, wanted + 1, optimizer, "cpu") - 1,
    ):
        error = refused(monkeypatch, left, batch_size=16, optimizer=optimizer)
        assert error.batch_size == wanted
        assert f"try batch_size={wanted} or" in str(error)
        monkeypatch.undo()
        monkeypatch.setattr(memory_check, "memory_left", lambda left=left: left)
        fit = {"batch_size": error.batch_size, "optimizer": optimizer}
        assert cw.train(PLANE, noise(60, 8, 8), epochs=1, **fit).count


def test_it_is_trained_where_it_just_fits_or_nobody_knows(monkeypatch):
    for left in (bytes_needed(plan_of(PLANE), 7, "adam", "cpu"), None):
        monkeypatch.setattr(memory_check, "memory_left", lambda left=left: left)
        assert cw.fit(PLANE, noise(60, 8, 8), epochs=1, batch_size=8, progress=False).best


def test_what_would_not_help_is_not_advised(monkeypatch):
    error = refused(monkeypatch, 0, batch_size=8)
    assert str(error).endswith("try fewer channels.")
    assert error.batch_size is None
    latent = PLANE.replace(latent_shape=(2, 2))
    error = refused(monkeypatch, 0, latent)
    assert str(error).endswith("try fewer channels or no latent block.")


def test_a_batch_has_no_more_windows_than_there_are(monkeypatch):
    """A batch_size beyond the series is no reason to refuse."""
    windows = len(cw.windows(noise(60, 8, 8), pre_history_len=3, forecast_len=2).split.train)
    whole = bytes_needed(plan_of(PLANE), windows, "adam", "cpu")
    error = refused(monkeypatch, whole - 1, batch_size=65536)
    assert f"batches of {windows} " in str(error)
    monkeypatch.undo()
    monkeypatch.setattr(memory_check, "memory_left", lambda: whole)
    assert cw.fit(PLANE, noise(60, 8, 8), epochs=1, batch_size=65536, progress=False).best


def test_a_gpu_is_asked_for_its_own_memory(monkeypatch):
    plan = plan_of(BROAD)
    whole = bytes_needed(plan, 7, "adam", "cuda")
    # The best weights, and the copies to go on from, are not on the GPU.
    assert whole == plan.memory_to_train(7, "adam") < bytes_needed(plan, 7, "adam", "cpu")
    monkeypatch.setattr("cnnwidget.training.loop.training.device_of", lambda _: GPU)
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda _: (whole - 1 - 300, 10**12))
    monkeypatch.setattr(torch.cuda, "memory_reserved", lambda _: 1000)
    monkeypatch.setattr(torch.cuda, "memory_allocated", lambda _: 700)
    assert free_memory(GPU) == whole - 1
    error = refused(monkeypatch, 0, BROAD, batch_size=8)
    assert "is left on the GPU; try batch_size=6 or" in str(error)
    assert memory_check.check_memory(plan, 6, "adam", GPU) == whole - 1 - bytes_needed(
        plan, 6, "adam", "cuda"
    )
    assert free_memory(torch.device("mps")) is None


# The same network on a small field shows PyTorch its way; the peak is set back before the other.
MEASURE = """
import gc, sys
from pathlib import Path
import torch
import cnnwidget as cw
from cnnwidget.design.advice.mend import with_size
from cnnwidget.training.tasks.forecasting.resident_windows import ScaledFrames, StackedWindows
from cnnwidget.design.planning.plan import plan_of
from tests.design.test_costs import NETS
from tests.training.samples import noise

name, batch, optimizer = sys.argv[1], int(sys.argv[2]), sys.argv[3]
torch.set_num_threads(1)
torch.set_flush_denormal(True)
settings = {"epochs": 2, "batch_size": batch, "optimizer": optimizer}


def resident(line):
    for each in Path("/proc/self/status").read_text().splitlines():
        if each.startswith(line):
            return int(each.split()[1]) * 1024


def frames_of(design):
    plan = plan_of(design)
    steps = plan.input_shape[0] + plan.output_shape[0] + 3 * batch
    return cw.load(noise(steps, *plan.input_shape[1:]))


design = NETS[name]
size = tuple(n // 4 for n in plan_of(design).input_shape[1:])
small = with_size(design, size).design
for _ in cw.train(small, frames_of(small), **settings):
    pass
frames = frames_of(design)
gc.collect()
before = resident("VmRSS")
Path("/proc/self/clear_refs").write_text("5")
training = cw.train(design, frames, **settings)
for _ in training:
    pass
assert training.run.checkpoint is not None
# What there is room for besides: windows that were put together once.
windows = training.loader.resident
assert isinstance(windows, StackedWindows | ScaledFrames | None)
stacked = isinstance(windows, StackedWindows)
staying = sum(part.nbytes for part in windows.parts) if stacked else 0
print(resident("VmHWM") - before - staying)
"""
LINUX = pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="Linux tells a peak")
# What is freed goes back to the system at once, and is no part of a later peak.
AT_ONCE = {"MALLOC_MMAP_THRESHOLD_": "65536", "MALLOC_TRIM_THRESHOLD_": "65536"}
ROOT = str(Path(__file__).parents[3])


def said_by(code, *arguments):
    """What a process says that runs some code."""
    env = {"PATH": "/usr/bin:/bin", "PYTHONPATH": ROOT, "PYTHONWARNINGS": "error"} | AT_ONCE
    command = [sys.executable, "-c", code, *map(str, arguments)]
    done = subprocess.run(command, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@LINUX
@pytest.mark.parametrize(
    ("name", "batch", "optimizer"),
    [
        ("wide", 2, "sgd"),  # whose weights are the most of it
        ("wide", 2, "adam"),
        ("long", 8, "rmsprop"),
        ("skips", 4, "adam"),
        ("residual", 8, "adam"),
    ],
)
def test_a_training_takes_what_is_asked_for(name, batch, optimizer):
    from tests.design.test_costs import NETS, TOLERANCE

    needed = bytes_needed(plan_of(NETS[name]), batch, optimizer, "cpu")
    assert needed > 50e6
    assert int(said_by(MEASURE, name, batch, optimizer)) == pytest.approx(needed, rel=TOLERANCE)
