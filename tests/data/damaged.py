"""Damaged files, read in a process of their own: a library in C may end it, or never come back."""

import subprocess
import sys
from pathlib import Path

import numpy as np

from cnnwidget.data.errors import DataError
from cnnwidget.data.frames import read_bytes
from tests import tally

ROOT = Path(__file__).parents[2]
# What a process takes to start, and what it takes for each file at most, in seconds.
START, EACH = 60, 0.5


def mutations(content, seed, count):
    """The content with bytes changed, set to what sizes are not, cut out, or cut off."""
    for number in range(seed, seed + count):
        random = np.random.default_rng(number)
        changed = bytearray(content)
        for _ in range(random.integers(1, 4)):
            near = min(len(changed), 400) if random.random() < 0.3 else len(changed)
            place = int(random.integers(0, near))
            match random.integers(0, 4):
                case 0:
                    changed[place] = random.integers(0, 256)
                case 1:
                    changed[place] ^= 1 << int(random.integers(0, 8))
                case 2:
                    changed[place : place + 4] = b"\xff" * 4
                case _:
                    del changed[place : place + int(random.integers(1, 9))]
        end = int(random.integers(1, len(changed))) if random.random() < 0.05 else None
        yield bytes(changed[:end])


def outcomes(name, content, seed, count):
    """How many damaged files were refused, and how many are read; anything else is raised."""
    refused = 0
    for damaged in mutations(content, seed, count):
        try:
            frames = read_bytes(name, damaged)
        except DataError as error:
            refused += 1
            said = str(error)
            assert said.startswith(name.partition("::")[0]), said
            assert said.endswith((".", "?")), said
            assert "\n" not in said, said
        else:
            assert frames.values.nbytes < 10**6
        tally.also("damaged files read")
    return refused, count - refused


def apart(name, path, count, seed=0):
    """The same, in another process, which has to end by itself."""
    command = [sys.executable, "-W", "ignore", "-m", "tests.data.damaged"]
    done = subprocess.run(
        [*command, name, str(path), str(seed), str(count)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=START + EACH * count,
    )
    assert done.returncode == 0, f"ended with {done.returncode}: {done.stderr[-2000:]}"
    refused, read = map(int, done.stdout.split())
    for _ in range(refused + read):
        tally.also("damaged files read")
    return refused, read


if __name__ == "__main__":
    name, path, seed, count = sys.argv[1:]
    print(*outcomes(name, Path(path).read_bytes(), int(seed), int(count)))
