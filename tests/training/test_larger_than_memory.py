"""A file larger than the memory that a process may take is trained on all the same."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

# The most that a process may take beyond what it has when torch is there, in bytes; what is mapped
# of a file is not of it.
ROOM = 400_000_000
STEPS, SIZE = 1100, (512, 512)

TRAINED = """
import resource
import sys

import torch

import cnnwidget as cw
from cnnwidget.data.windows.prefetch import is_mapped

design = cw.EncoderDecoder(
    input_size={size}, in_channels=2, out_channels=1, depth=1, start_channels=2, stride=4
)
small = cw.sample("circling shape", steps=20, size=(32, 32))
cw.fit(design.replace(input_size=(32, 32)), small, epochs=1, progress=False)
with open("/proc/self/status") as file:
    used = next(int(line.split()[1]) * 1024 for line in file if line.startswith("VmData"))
resource.setrlimit(resource.RLIMIT_DATA, (used + {room}, used + {room}))
try:
    torch.ones({steps} * {values})
except RuntimeError:
    pass
else:
    sys.exit("the limit does not hold")
frames = cw.load(sys.argv[1])
assert is_mapped(frames.values)
run = cw.fit(design, frames, epochs=1, stride=40, batch_size=4, progress=False)
print(run.ending, len(run.history))
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the limit is one of Linux")
def test_a_file_larger_than_memory(tmp_path):
    path = tmp_path / "large.npy"
    mapped = np.lib.format.open_memmap(path, "w+", np.float32, (STEPS, *SIZE))
    mapped[::50, 100:200] = 1  # all else stays a hole in the file, which takes no room on the disk
    del mapped
    assert path.stat().st_size > 2 * ROOM
    code = TRAINED.format(size=SIZE, room=ROOM, steps=STEPS, values=SIZE[0] * SIZE[1])
    ran = subprocess.run(
        [sys.executable, "-c", code, path], capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stdout.split()) == (0, ["finished", "1"]), ran.stderr
