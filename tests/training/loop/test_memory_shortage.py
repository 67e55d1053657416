"""Memory that runs short in spite of all questions: the training ends, and lets go of it."""

import gc
import sys
import weakref
from pathlib import Path

import numpy as np
import pytest
import torch

import cnnwidget as cw
from cnnwidget.training.loop.memory_check import shortage_as_memory_error
from cnnwidget.training.loop.training import Training
from tests.training.loop.test_memory_check import said_by
from tests.training.samples import PLANE, losses, noise

SAID = r"^There is too little memory .* smaller batch_size"


class Failing:
    """The loss of a training that fails at its third batch, whose tensors are known weakly."""

    def __init__(self, training, fail):
        self.loss, self.fail = training.examples.loss, fail
        self.held = []
        self.batches = 0

    def __call__(self, predicted, batch):
        self.batches += predicted.requires_grad
        if predicted.requires_grad and self.batches == 3:
            self.held = [weakref.ref(predicted), weakref.ref(batch.target)]
            self.fail()
        return self.loss(predicted, batch)


def too_large():
    torch.empty(10**15)


def too_large_for_numpy():
    np.empty(10**15)


def too_large_for_python():
    raise MemoryError


def too_large_for_cuda():
    raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")


def too_large_for_cublas():
    raise RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`")


@pytest.mark.parametrize(
    "fail",
    [
        too_large,
        too_large_for_numpy,
        too_large_for_python,
        too_large_for_cuda,
        too_large_for_cublas,
    ],
)
def test_whoever_fails_it_is_one_sentence_and_nothing_is_held(fail):
    # Without statistics that a batch which is tried again would count in twice.
    design = PLANE.replace(norm="dropout")
    training = cw.train(design, noise(60, 8, 8), epochs=2, batch_size=8)
    plain = training.examples.loss
    training.examples.loss = failing = Failing(training, fail)
    with pytest.raises(MemoryError, match=SAID) as shortage:
        list(training)
    assert "\n" not in str(shortage.value)
    # The error is held by whoever looks at it, as a notebook does: not so the batch.
    gc.collect()
    assert failing.held
    assert not any(each() is not None for each in failing.held)
    assert all(weight.grad is None for weight in training.net.parameters())
    run = training.run
    assert (run.ending, run.history, run.checkpoint.progress.next_batch) == ("stopped", (), 2)
    training.examples.loss = plain
    list(training)  # it goes on when there is more
    assert training.run.ending == "finished"
    unbroken = cw.fit(design, noise(60, 8, 8), epochs=2, batch_size=8, progress=False)
    assert losses(training.run) == losses(unbroken)


def test_no_room_for_a_state_leaves_the_run(monkeypatch):
    monkeypatch.setattr(
        "cnnwidget.training.checkpoints.checkpoint.optimizer_memory", lambda _: too_large()
    )
    run = cw.fit(PLANE, noise(60, 8, 8), epochs=2, progress=False)
    assert (run.checkpoint, run.ending, len(run.history)) == (None, "finished", 2)


def test_an_allocator_that_fails_in_the_making_is_reported(monkeypatch):
    monkeypatch.setattr("cnnwidget.training.loop.training.initial_net", lambda *_: too_large())
    with pytest.raises(MemoryError, match=SAID):
        cw.train(PLANE, noise(60, 8, 8), epochs=1)


def test_other_errors_stay_what_they_are(monkeypatch):
    with pytest.raises(RuntimeError, match="something else"), shortage_as_memory_error():
        raise RuntimeError("something else")

    def step(*_):
        raise RuntimeError("something else")

    monkeypatch.setattr(Training, "step", step)
    with pytest.raises(RuntimeError, match="something else"):
        list(cw.train(PLANE, noise(60, 8, 8), epochs=1))


# A process that may have no more than a little, with a training that takes three times as much.
SHORT = """
import gc, resource, sys
import torch
import cnnwidget as cw
from tests.training.samples import noise
from tests.training.loop.test_memory_shortage import megabytes

torch.set_num_threads(1)
frames = noise(60, 128, 128)
large = cw.EncoderDecoder(input_size=(128, 128), in_channels=4, out_channels=2, start_channels=32)
small = large.replace(start_channels=4)
cw.fit(small, frames, epochs=1, batch_size=4, progress=False)
gc.collect()
limit = int((megabytes("VmSize") + 100) * 2**20)
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
training = cw.train(large, frames, epochs=1, batch_size=32)
before = megabytes("VmRSS")
try:
    list(training)
except MemoryError as error:
    kept = error  # as a notebook keeps the last one
    print(type(error).__name__, str(error).count("too little memory"))
print(megabytes("VmHWM") - before > 50, megabytes("VmRSS") - before < 15)
print(cw.fit(small, frames, epochs=2, batch_size=4, progress=False).ending)
"""


def megabytes(line):
    """What the system says that this process takes."""
    for each in Path("/proc/self/status").read_text().splitlines():
        if each.startswith(line):
            return int(each.split()[1]) / 1024
    raise AssertionError(line)


linux = pytest.mark.skipif(sys.platform != "linux", reason="limits of address space are Linux's")


@linux
def test_a_process_without_memory_trains_something_smaller_afterwards():
    assert said_by(SHORT).splitlines() == ["MemoryError 1", "True True", "finished"]
