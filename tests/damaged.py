"""Files that are damaged at random, and checks of what reading them does.

A C library may end its process at such a file, or never return: those are read in a separate
process, which runs this file.
"""

import json
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from cnnwidget.data.data_error import DataError
from cnnwidget.data.frames import Frames
from cnnwidget.data.load import load, read_bytes
from cnnwidget.data.reading.guards import size_limits
from cnnwidget.data.reading.readers import array_names_in_upload
from tests import tally

ROOT = Path(__file__).parents[1]
# Damaged files of each kind: few on a developer's machine, more in CI, most in `make fuzz`.
DAMAGED = int(os.environ.get("CNNWIDGET_EXAMPLES") or ("300" if os.environ.get("CI") else "100"))
# The most memory in bytes that reading a file of a test may take.
MOST = 2_000_000
# The most seconds that a process takes to start, and for each file.
START, EACH = 60, 1


def mutations(content, count, seed=0):
    """Yield the content with bytes changed, removed, doubled, set to invalid sizes, or cut off."""
    for number in range(seed, seed + count):
        random = np.random.default_rng(number)
        changed = bytearray(content)
        for _ in range(random.integers(1, 4)):
            # Most of the metadata of a file is at its beginning.
            near = min(len(changed), 400) if random.random() < 0.3 else len(changed)
            place = int(random.integers(0, near))
            few = int(random.integers(1, 9))
            # Most changes keep the length, since most formats notice a changed length first.
            match random.integers(0, 8):
                case 0 | 1:
                    changed[place] = random.integers(0, 256)
                case 2 | 3:
                    changed[place] ^= 1 << int(random.integers(0, 8))
                case 4 | 5:
                    changed[place : place + 4] = b"\xff" * 4
                case 6 if len(changed) > few:
                    del changed[place : place + few]
                case _:
                    changed[place:place] = changed[place : place + few]
        if random.random() < 0.05:
            del changed[int(random.integers(1, len(changed))) :]
        yield bytes(changed)


def refusal_of(read, name):
    """Return the message of the error that reading raises; None if it returns frames."""
    try:
        frames = read()
    except DataError as error:
        sentence = str(error)
        assert name in sentence, sentence
        assert sentence.endswith((".", "?")), sentence
        assert "\n" not in sentence, sentence
        return sentence
    assert isinstance(frames, Frames)
    assert frames.values.nbytes <= size_limits.LARGEST_UPLOAD
    return None


def check_refused(read, *said):
    """Check that a file called `a` is refused, and that the message says why."""
    message = refusal_of(read, "a.")
    assert message, "it is read"
    assert message.startswith("a."), message
    assert all(each in message for each in said), message


def refusals(name, content, folder, **options):
    """Return the refusal of an upload; a file with the same content must be refused likewise.

    HDF5 and NetCDF on the disk are mapped, or checked less, and may be read in part.
    """
    (folder / name).write_bytes(content)
    upload = refusal_of(lambda: read_bytes(name, content, **options), name)
    file = refusal_of(lambda: load(folder / name, **options), name)
    assert (file is None) == (upload is None) or name.endswith((".h5", ".nc"))
    return upload


def check_damaged(name, content, folder, count, **options):
    """Read damaged files, which raise `DataError` only; return how many were refused and read."""
    refused = 0
    with pytest.MonkeyPatch.context() as patch:
        at_most(patch, MOST)
        for each in mutations(content, count):
            refused += refusals(name, each, folder, **options) is not None
            with suppress(DataError):
                array_names_in_upload(name, each)
            tally.also("damaged files read")
        assert refusals(name, content, folder, **options) is None
    assert refused
    return refused, count - refused


def check_damaged_apart(name, content, folder, count, **options):
    """Do the same in another process, which has to end by itself."""
    whole = folder / f"whole {name}"
    whole.write_bytes(content)
    command = [sys.executable, "-W", "ignore", "-m", "tests.damaged"]
    done = subprocess.run(
        [*command, name, str(whole), str(folder), str(count), json.dumps(options)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=START + EACH * count,
    )
    assert done.returncode == 0, f"ended with {done.returncode}: {done.stderr[-2000:]}"
    for _ in range(count):
        tally.also("damaged files read")
    refused, read = map(int, done.stdout.split())
    return refused, read


def at_most(monkeypatch, size):
    """Limit the bytes that uploads and files may unpack to."""
    monkeypatch.setattr(size_limits, "LARGEST_UPLOAD", size)
    monkeypatch.setattr(size_limits, "memory_left", lambda: size)


if __name__ == "__main__":
    name, whole, folder, count, options = sys.argv[1:]
    content = Path(whole).read_bytes()
    print(*check_damaged(name, content, Path(folder), int(count), **json.loads(options)))
