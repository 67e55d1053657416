"""What it costs to cut windows: run with `make bench`. Ratios, side by side in one run."""

import subprocess
import sys
import time

import numpy as np

import cnnwidget as cw

STEPS, SIZE, GIVEN, AHEAD = 2000, (64, 64), 60, 30

# One preparation in a process of its own: seconds, and bytes that it takes beyond the frames.
PREPARATION = """
import resource, sys, time
import numpy as np
steps, size, given, ahead = {shape}
frames = np.random.default_rng(0).random((steps, *size), dtype=np.float32)
if sys.argv[1] == "ours":
    import cnnwidget as cw
    import cnnwidget.data.windows.windows
    prepare = lambda: cw.windows(frames, pre_history_len=given, forecast_len=ahead)
else:
    from torchcnnbuilder.preprocess import multi_output_tensor
    prepare = lambda: multi_output_tensor(data=frames, forecast_len=ahead, pre_history_len=given)
def used():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize()
if sys.argv[1] == "ours":
    prepare()  # what is imported when it is first needed
before = used()
start = time.perf_counter()
kept = prepare()
seconds = time.perf_counter() - start
assert len(kept) >= steps - given - ahead
print(seconds, used() - before, frames.nbytes)
"""


def prepared(whose):
    code = PREPARATION.format(shape=(STEPS, SIZE, GIVEN, AHEAD))
    told = subprocess.run(
        [sys.executable, "-c", code, whose], check=True, capture_output=True, text=True
    ).stdout
    return [float(each) for each in told.split()]


def test_windows_beside_the_seeds(capsys):
    """TorchCNNBuilder's `multi_output_tensor` on 2,000 frames of 64 x 64, 60 in, 30 out."""
    ours, beyond, size = min(prepared("ours") for _ in range(5))
    theirs, copied, _ = prepared("theirs")
    with capsys.disabled():
        print(
            f"\n{STEPS:,} frames of {SIZE[0]} × {SIZE[1]}, {GIVEN} in, {AHEAD} out: prepared in "
            f"{1e3 * ours:.3f} ms, TorchCNNBuilder {theirs:.1f} s: {theirs / ours:,.0f} times "
            f"(wanted: 1,000); {beyond / size:.1%} of the frames' size beyond them "
            f"(wanted: at most 10 %), TorchCNNBuilder {copied / size:,.0f} times their size"
        )
    assert theirs > 1000 * ours
    assert beyond <= 0.1 * size


def test_batches_are_gathered_as_fast_as_memory_is_copied(capsys):
    """Batches in a random order, beside numpy's copy of as many bytes."""
    frames = np.random.default_rng(0).random((STEPS, *SIZE), dtype=np.float32)
    pairs = cw.windows(frames, pre_history_len=GIVEN, forecast_len=AHEAD)
    order = np.random.default_rng(1).permutation(len(pairs))[:512].reshape(-1, 16)
    moved = sum(part.nbytes for part in map(np.asarray, pairs.gather(order[0]))) * len(order)
    source = np.ones(moved // len(order), np.uint8)
    target = np.empty_like(source)
    rates = {"gather": 0.0, "copy": 0.0, "copy into new memory": 0.0}
    for _ in range(5):
        start = time.perf_counter()
        for batch in order:
            pairs.gather(batch)
        rates["gather"] = max(rates["gather"], moved / (time.perf_counter() - start))
        start = time.perf_counter()
        for _ in order:
            np.copyto(target, source)
        rates["copy"] = max(rates["copy"], moved / (time.perf_counter() - start))
        start = time.perf_counter()
        for _ in order:
            source.copy()
        fresh = moved / (time.perf_counter() - start)
        rates["copy into new memory"] = max(rates["copy into new memory"], fresh)
    told = ", ".join(f"{name} {rate / 1e9:.1f} GB/s" for name, rate in rates.items())
    share = rates["gather"] / rates["copy into new memory"]
    with capsys.disabled():
        print(f"\n{told}; gathered at {share:.0%} of a copy into new memory (wanted: 50 %)")
    assert share > 0.25
