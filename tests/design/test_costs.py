"""Memory to run and to train, against the peak of a process that does nothing else."""

import subprocess
import sys
from pathlib import Path

import pytest

import cnnwidget as cw
from cnnwidget.design.layers.convolution import Conv
from cnnwidget.design.layers.norm import Norm
from cnnwidget.design.network import Network, Skip
from cnnwidget.design.planning.plan import plan_of

TOLERANCE = 0.3

# The same network on a small field shows PyTorch its way, so that what libraries take is there
# before; it goes, the peak is set back, and what it then rises by is the network's.
MEASURE = """
import gc, sys
from pathlib import Path
import torch
from torch import nn
import cnnwidget as cw
from cnnwidget.design.advice.mend import with_size
from cnnwidget.design.planning.plan import plan_of
from tests.design.test_costs import NETS

name, how, batch, optimizer = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
torch.set_num_threads(1)
torch.set_flush_denormal(True)
plan = plan_of(NETS[name])
OPTIMIZERS = {
    "sgd": lambda weights: torch.optim.SGD(weights, lr=1e-4),
    "sgd_momentum": lambda weights: torch.optim.SGD(weights, lr=1e-4, momentum=0.9),
    "adam": torch.optim.Adam,
    "adamw": torch.optim.AdamW,
    "rmsprop": torch.optim.RMSprop,
}


def resident(line):
    for each in Path("/proc/self/status").read_text().splitlines():
        if each.startswith(line):
            return int(each.split()[1]) * 1024


def work(net, x, times):
    if how == "run":
        net.eval()
        with torch.inference_mode():
            for _ in range(times):
                net(x)
        return
    optimize = OPTIMIZERS[optimizer](net.parameters())
    for _ in range(times):
        net(x).square().mean().backward()
        optimize.step()
        optimize.zero_grad()


size = tuple(n // 4 for n in plan.input_shape[1:])
small = with_size(plan.design, size).design
work(cw.build(small), torch.zeros(1, *plan.input_shape[:1], *size), 1)
gc.collect()
before = resident("VmRSS")
Path("/proc/self/clear_refs").write_text("5")
net = cw.build(plan)
x = torch.zeros(batch, *plan.input_shape)
x.normal_()
work(net, x, 2)
print(resident("VmHWM") - before)
"""


def conv(channels, kernel=3, **settings):
    return Conv(out_channels=channels, kernel_size=kernel, padding="same", **settings)


NETS = {
    # Many weights and little else.
    "wide": Network(
        input_shape=(256, 8, 8), children=[conv(1024), conv(1024), conv(256)]
    ),
    # Little but tensors.
    "long": cw.EncoderDecoder(
        input_size=(256, 256), in_channels=8, out_channels=4, start_channels=16, skips="none"
    ),
    # Tensors that are kept for later.
    "skips": cw.EncoderDecoder(
        input_size=(256, 256), in_channels=8, out_channels=4, start_channels=16, skips="concat",
        downsampling="max_pool", convs_per_stage=2,
    ),
    # Tensors that skip layers.
    "residual": Network(
        input_shape=(16, 128, 128),
        children=[
            Skip(children=[conv(16), Norm(kind="batch"), conv(16), Norm(kind="batch")])
            for _ in range(4)
        ],
    ),
}  # fmt: skip


def rise(name, how, batch, optimizer="adam"):
    """Return the bytes by which the peak of a process rose."""
    env = {
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": str(Path(__file__).parents[2]),
        # What is freed goes back to the system at once, and is no part of a later peak.
        "MALLOC_MMAP_THRESHOLD_": "65536",
        "MALLOC_TRIM_THRESHOLD_": "65536",
    }
    arguments = [sys.executable, "-c", MEASURE, name, how, str(batch), optimizer]
    done = subprocess.run(arguments, env=env, capture_output=True, text=True, check=True)
    return int(done.stdout)


linux = pytest.mark.skipif(
    not Path("/proc/self/clear_refs").exists(), reason="only Linux reports a peak"
)


@linux
@pytest.mark.parametrize(
    ("name", "batch"), [("wide", 16), ("long", 16), ("skips", 8), ("residual", 32)]
)
def test_memory_to_run_is_the_peak_of_a_process(name, batch):
    predicted = plan_of(NETS[name]).memory_to_run(batch)
    assert predicted > 40e6
    assert rise(name, "run", batch) == pytest.approx(predicted, rel=TOLERANCE)


@linux
@pytest.mark.parametrize(
    ("name", "batch", "optimizer"),
    [
        ("wide", 2, "sgd"),
        ("wide", 2, "sgd_momentum"),
        ("wide", 2, "adam"),
        ("wide", 2, "rmsprop"),
        ("long", 8, "adamw"),
        ("skips", 4, "adam"),
        ("residual", 8, "adam"),
    ],
)
def test_memory_to_train_is_the_peak_of_a_process(name, batch, optimizer):
    predicted = plan_of(NETS[name]).memory_to_train(batch, optimizer)
    assert predicted > 50e6
    assert rise(name, "train", batch, optimizer) == pytest.approx(predicted, rel=TOLERANCE)
