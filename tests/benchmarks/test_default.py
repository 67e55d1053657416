"""Why the defaults of `EncoderDecoder` are what they are: run with `make bench`."""

import json
import subprocess
import sys

import pytest

SECONDS = 20

# One training, in a process of its own: PyTorch keeps workers for each thread that ever computed,
# which would slow the next one down.
ONE_TRAINING = """
import json
import sys

import numpy as np

import cnnwidget as cw

data, net, seconds = sys.argv[1:]
given, wanted = 10, 5
frames = cw.sample("circling shape")
if data == "ten frames repeated":  # as in the seed's example of a cyclic video
    given, wanted = 20, 10
    ten = cw.sample("circling shape", steps=10, size=(45, 45))
    frames = cw.load(np.tile(ten.values, (5, 1, 1, 1)))
design = cw.EncoderDecoder(input_size=frames.size, in_channels=given, out_channels=wanted)
recipe = {}
if net == "without skips":
    design = design.replace(skips="none")
if net.startswith("seed"):
    design = cw.forecaster_base(
        frames.size, in_time_points=given, out_time_points=wanted, n_layers=5
    )
if net == "seed, its own recipe":  # a constant rate, and no clipping
    recipe = {
        "lr": 1e-3, "schedule": "constant", "clip_grad_norm": None, "optimizer": "adam",
        "reference": "none",
    }
run = cw.fit(
    design, frames, pre_history_len=given, forecast_len=wanted, seconds=float(seconds),
    progress=False, **recipe,
)
plan = cw.plan(design)
print(json.dumps([run.metrics.network.mae, plan.params, plan.macs, len(run.history)]))
"""


@pytest.mark.parametrize("data", ["circling shape", "ten frames repeated"])
def test_the_default_net_beside_the_seeds_in_equal_time(capsys, data):
    """TorchCNNBuilder's network with its own defaults, five unstrided layers and their mirror.

    All are trained for as long on the same frames, and judged by the same windows (of the ten
    frames repeated, by all that there are): the seed's with the usual recipe of this package and
    with its own. The default without long skips stands beside them.
    """
    errors = {}
    for net in ("default", "without skips", "seed, usual recipe", "seed, its own recipe"):
        command = [sys.executable, "-c", ONE_TRAINING, data, net, str(SECONDS)]
        told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        errors[net], params, macs, epochs = json.loads(told)
        with capsys.disabled():
            print(
                f"\n{data}, {net}: {params:,} parameters, {macs / 1e6:.0f} M MACs, {epochs} epochs "
                f"in {SECONDS} s, error {errors[net]:.4f}, "
                f"{errors[net] / errors['default']:.1f} times the default's"
            )
    assert errors["default"] < min(errors["seed, usual recipe"], errors["seed, its own recipe"])
