"""Two hundred fits in one kernel leave nothing behind: run with `make soak`."""

import ast
import sys

import pytest
from jupyter_client.manager import start_new_kernel

FITS = 200
# By then the tray of runs is full, and every path has been gone more than once.
WARM = 60
# Of a kernel of some 500 MB, and of the noise of an allocator.
MOST_GROWTH = 12.0  # MB

BEGIN = """
import ctypes, gc, os, threading, tempfile
import cnnwidget as cw

frames = cw.sample("circling shape", steps=60, size=(32, 32))
other = cw.sample("drifting blobs", steps=60, size=(24, 40))
folder = tempfile.TemporaryDirectory()


def measured():
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)  # what is free goes back: what is left, somebody holds
    with open("/proc/self/statm") as file:
        held = int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    return round(held, 2), threading.active_count(), len(os.listdir("/proc/self/task"))
"""

# A cell that is run again closes the panel that it made before; these have no cell.
PANEL = """
if "panel" in globals():
    panel.close()
panel = cw.Designer(frames)
panel.settings.budget.unit.value, panel.settings.budget.amount.value = "epochs", 2
assert panel.wait()
"""

# One fit of each kind in turn: in the panel to its end, with other data, stopped and gone on with,
# and by code, kept in a folder.
FIT = """
number = {number}
if number % 4 == 3:
    run = cw.fit(panel.design, panel.frames, epochs=2, progress=False, folder=folder.name)
    print(run.skill.total is not None, file=open(os.devnull, "w"))
else:
    if number % 4 == 1:
        panel.frames = other if panel.frames is frames else frames
        assert panel.wait()
    panel.fit()
    if number % 4 == 2:
        panel.stop()
        panel.stop()
        assert panel.wait()
        panel.training_job.go_on()
    assert panel.wait()
    run = panel.run
assert run.ending in ("finished", "stopped"), run
del run
print(measured())
"""


class Kernel:
    """A kernel as a notebook has one."""

    def __init__(self):
        self.manager, self.client = start_new_kernel(kernel_name="python3")

    def run(self, code):
        """What a cell prints.

        Raises:
            AssertionError: with the error of the cell.
        """
        told = []

        def heard(message):
            kind, content = message["msg_type"], message["content"]
            if kind == "stream" and content["name"] == "stdout":
                told.append(content["text"])
            assert kind != "error", "\n".join(content["traceback"])

        self.client.execute_interactive(code, output_hook=heard, timeout=300)
        return "".join(told)

    def end(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read as Linux tells it")
def test_fits_leave_nothing_behind(capsys):
    kernel = Kernel()
    try:
        kernel.run(BEGIN)
        found = []
        for number in range(FITS):
            if number % 25 == 0:  # the cell of the panel is run again
                kernel.run(PANEL)
            told = kernel.run(FIT.format(number=number))
            found.append(ast.literal_eval(told.splitlines()[-1]))
    finally:
        kernel.end()
    # Kinds of fits take turns: of a stretch of both, the means.
    stretch = 40
    before, after = found[WARM : WARM + stretch], found[-stretch:]
    growth = sum(each[0] for each in after) / stretch - sum(each[0] for each in before) / stretch
    threads = [max(each[at] for each in part) for part in (before, after) for at in (1, 2)]
    with capsys.disabled():
        print(
            f"\n{FITS} fits in one kernel: memory {found[0][0]:.0f} MB after the first, "
            f"{found[WARM][0]:.0f} MB after {WARM}, {found[-1][0]:.0f} MB after the last "
            f"(growth of the mean {growth:+.1f} MB); threads of Python {threads[0]} and "
            f"{threads[2]}, of the process {threads[1]} and {threads[3]}"
        )
    assert growth < MOST_GROWTH
    assert threads[2] <= threads[0]
    assert threads[3] <= threads[1]
