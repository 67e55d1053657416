"""Memory that runs short in a panel: it says so, lets go of the batch, and trains on demand."""

from tests.training.loop.test_memory_check import LINUX, said_by

# A process that may have no more than a little, with a training that takes three times as much.
PANEL = """
import ctypes, gc, resource, sys
import torch
import cnnwidget as cw
from tests.training.samples import noise
from tests.training.loop.test_memory_shortage import megabytes

torch.set_num_threads(1)
large = cw.EncoderDecoder(input_size=(128, 128), in_channels=4, out_channels=2, start_channels=32)
small = large.replace(start_channels=4)
panel = cw.Designer(noise(60, 128, 128), small)
panel.settings.budget.unit.value, panel.settings.budget.amount.value = "epochs", 1


def fit(design, batch):
    panel.design, panel.settings.batch_size.value = design, batch
    assert panel.wait(100)
    panel.fit()
    assert panel.wait(100)
    gc.collect()
    # What is free is given back, wherever the heap has it: what is left is held by somebody.
    ctypes.CDLL(None).malloc_trim(0)
    told = " ".join(each["text"] for each in panel.stage.messages_view.get("messages", []))
    return panel.stage.fit_view["state"], told.count("too little memory")


panel.design = large  # drawn, before memory is short
print(fit(small, 4))
limit = int((megabytes("VmSize") + 100) * 2**20)
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
before = megabytes("VmRSS")
print(fit(large, 32))
print(megabytes("VmHWM") - before > 50, megabytes("VmRSS") - before < 30)
print(fit(small, 4))
panel.close()
"""


@LINUX
def test_a_panel_without_memory_lives_and_trains_something_smaller():
    assert said_by(PANEL).splitlines() == [
        "('finished', 0)",
        "('stopped', 1)",
        "True True",
        "('finished', 0)",
    ]
