"""What the default design and recipe come to in two minutes: run with `make bench`.

Cyclic data, against TorchCNNBuilder's recipe in as much time of the processor; moving data, against
persistence; and what the recipe would be without two of its defaults. Every training is a process
of its own, for PyTorch keeps workers for each thread that ever computed.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.benchmarks.one_bar import CYCLIC, SOON

SCRIPT = Path(__file__).with_name("one_bar.py")
CPU_SECONDS, SECONDS = 120, 30


def one(data, net, seconds):
    """What a process prints in the end."""
    command = [sys.executable, str(SCRIPT), data, net, str(seconds)]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return json.loads(told.splitlines()[-1])


@pytest.mark.parametrize("data", CYCLIC)
def test_cyclic_data_in_the_time_of_the_processor(capsys, data):
    """A tenth of the seed's error with at most four times its weights, and soon of use."""
    _, seed, its_weights, persistence, mean = one(data, "the seed's", CPU_SECONDS)
    soon, ours, weights, *_ = one(data, "ours", CPU_SECONDS)
    with capsys.disabled():
        print(
            f"\n{data}, {CPU_SECONDS} s of the processor: error {ours:.4f} with {weights:,} "
            f"weights, {soon:.4f} after {SOON:.0f} s; the seed's {seed:.4f} with {its_weights:,} "
            f"({seed / ours:.0f} times ours), persistence {persistence:.4f}, mean of the history "
            f"{mean:.4f}"
        )
    assert 10 * ours <= seed
    assert weights <= 4 * its_weights
    assert soon < min(persistence, mean)


@pytest.mark.parametrize("data", ["drifting blobs", "bouncing shapes", "rotating vortex"])
def test_moving_data_beside_persistence(capsys, data):
    """Better at every lead time; and the usual recipe beside one without changes and decay."""
    shares = {}
    for net in ("ours", "frames, adam"):
        errors = zip(*one(data, net, SECONDS), strict=True)
        shares[net] = [mine / theirs for mine, theirs in errors]
    with capsys.disabled():
        for net, found in shares.items():
            told = " ".join(f"{share:.2f}" for share in found)
            print(f"\n{data}, {SECONDS} s, {net}: at {told} of the error of persistence", end="")
    assert max(shares["ours"]) < 1
