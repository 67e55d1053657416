"""What it costs to design: run with `make bench`. Ratios, side by side in one run."""

import gc
import math
import statistics
import subprocess
import sys
import time

import pytest
import torch
import torchinfo
from torchcnnbuilder.models import ForecasterBase

import cnnwidget as cw
from cnnwidget.design.planning.plan import compute_plan
from cnnwidget.design.receptive.compute_fields import receptive_fields

SEED = {"in_time_points": 104, "out_time_points": 52, "n_layers": 5, "input_size": (125, 125)}


def seconds_of(work, rounds):
    """How long some work takes each time, in seconds, from the fastest to the slowest."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return sorted(times)


def median_seconds(work, rounds):
    """The median time of some work, in seconds."""
    return seconds_of(work, rounds)[rounds // 2]


@pytest.mark.parametrize("name", ["plan", "table", "html", "diagram", "source"])
def test_each_view_of_the_seeds_network(benchmark, name):
    design = cw.forecaster_base(**SEED)
    plan = cw.plan(design)
    work = {
        "plan": lambda: compute_plan.__wrapped__(design),
        "table": lambda: str(plan),
        "html": plan._repr_html_,
        "diagram": lambda: cw.diagram(plan)._repr_mimebundle_(),
        "source": lambda: cw.source(plan),
    }[name]
    benchmark(work)


# Layers on either side, pixels along an axis, how often ours is timed in a turn, and the turns.
SIZES = [(5, 125, 40, 25), (50, 500, 10, 5)]
# What the design engine promises beside the strongest path of today.
TIMES_FASTER = 100


@pytest.mark.parametrize(("layers", "pixels", "often", "turns"), SIZES)
def test_a_plan_beside_the_strongest_path_of_the_seed(capsys, layers, pixels, often, turns):
    """TorchCNNBuilder's network moved to `meta`, with torchinfo's summary: its users' table.

    Ours is worked out from the design on, nothing cached: rows, totals and problems.
    """
    size = (pixels, pixels)
    settings = SEED | {"n_layers": layers, "input_size": size}
    design = cw.forecaster_base(**settings)

    def rows_totals_and_problems():
        plan = compute_plan.__wrapped__(design)
        return plan.rows, plan.params, plan.macs, plan.memory, plan.problems

    def table_of_the_seed():
        net = ForecasterBase(**settings).to("meta")
        torchinfo.summary(net, input_size=(1, 104, *size), device="meta", verbose=0)

    table_of_the_seed()
    # The two take turns, so that whatever else the machine does meets both.
    rounds = [
        (median_seconds(rows_totals_and_problems, often), *seconds_of(table_of_the_seed, 1))
        for _ in range(turns)
    ]
    ours_ms, theirs_ms = (1e3 * statistics.median(times) for times in zip(*rounds, strict=True))
    with capsys.disabled():
        print(
            f"\n{layers} + {layers} layers of {pixels} × {pixels}: plan {ours_ms:.3f} ms, "
            f"TorchCNNBuilder on meta and torchinfo {theirs_ms:.1f} ms: "
            f"{theirs_ms / ours_ms:.0f} times (wanted: {TIMES_FASTER})"
        )
    assert theirs_ms > ours_ms


def test_a_plan_takes_twice_as_long_for_twice_the_layers(capsys):
    """Up to 2,000 layers; the cautions with it, though they are worked out when asked for.

    The sizes take turns, so that whatever else the machine does meets all of them; the fastest
    round of each tells of the work. And what other tests have left in memory is not for Python's
    collector to look through meanwhile.
    """
    designs = {
        2 * depth: cw.EncoderDecoder(
            input_size=(64, 64), in_channels=4, out_channels=4, depth=depth, channels="constant",
            start_channels=8, stride=1, norm="none", skips="none",
        )
        for depth in (125, 250, 500, 1000)
    }  # fmt: skip
    gc.collect()
    gc.freeze()
    lines = []
    for name, part in (
        ("rows, totals and problems", lambda plan: (plan.params, plan.macs, plan.memory)),
        ("with cautions", lambda plan: (plan.params, plan.cautions)),
    ):
        times = dict.fromkeys(designs, math.inf)
        for _ in range(15):
            for convolutions, design in designs.items():
                start = time.perf_counter()
                part(compute_plan.__wrapped__(design))
                times[convolutions] = min(times[convolutions], time.perf_counter() - start)
        growth = [times[2 * n] / times[n] for n in (250, 500, 1000)]
        told = ", ".join(f"{n}: {1e3 * seconds:.2f} ms" for n, seconds in times.items())
        lines.append(f"{name}: convolutions {told}; growth {', '.join(f'{g:.2f}' for g in growth)}")
        assert max(growth) < 4  # twice that of a linear one: what grows with the square is found
    gc.unfreeze()
    with capsys.disabled():
        print("\n" + "\n".join(lines) + " (wanted: at most 2.2)")


@pytest.mark.parametrize("stride", [1, 2])
def test_the_receptive_fields_of_a_hundred_convolutions(capsys, stride):
    """Of all rows, clipped and unclipped, beside the rows themselves."""
    design = cw.EncoderDecoder(
        input_size=(500, 500), in_channels=4, out_channels=4, depth=50, stride=stride,
        channels="constant", skips="none", norm="none",
    )  # fmt: skip
    plan = compute_plan(design)
    assert not plan.problems
    fields = receptive_fields.__wrapped__  # without what is optimizer_memory
    milliseconds = 1e3 * median_seconds(lambda: fields(plan.rows, plan.input_shape), 9)
    with capsys.disabled():
        print(
            f"\nreceptive fields of 50 + 50 layers of stride {stride}, 500 × 500: "
            f"{milliseconds:.1f} ms (wanted: 30)"
        )
    assert len(plan.receptive_fields) == len(plan.rows)


def test_a_first_plan_in_a_fresh_process(capsys):
    """Import and plan, beside an empty process and the import of torch."""

    def process(code):
        return lambda: subprocess.run([sys.executable, "-c", code], check=True)

    first = (
        "import cnnwidget as cw\n"
        "plan = cw.plan(cw.EncoderDecoder(input_size=(64, 64), in_channels=10, out_channels=5))\n"
        "assert plan.params\n"
        "import sys; assert 'torch' not in sys.modules\n"
    )
    empty, ours, heavy = (
        median_seconds(process(code), 9) for code in ("pass", first, "import torch")
    )
    with capsys.disabled():
        print(
            f"\nfirst plan {ours:.3f} s, of which {empty:.3f} s are Python's; "
            f"import torch takes {heavy:.2f} s"
        )
    assert ours < heavy


def test_building_costs_what_torch_costs(capsys):
    """A built module beside the same layers made by hand with torch."""
    design = cw.EncoderDecoder(input_size=(64, 64), in_channels=10, out_channels=5)
    scope = {"__name__": ""}
    exec(cw.source(design), scope)
    ours = median_seconds(lambda: cw.build(design), 50)
    by_hand = median_seconds(scope["EncoderDecoder"], 50)
    with capsys.disabled():
        print(f"\nbuild {1e3 * ours:.2f} ms, by hand {1e3 * by_hand:.2f} ms: {ours / by_hand:.2f}")
    assert torch.is_grad_enabled()
