"""What it costs to design: run with `make bench`. Ratios, side by side in one run."""

import subprocess
import sys
import time

import pytest
import torch
import torchinfo
from torchcnnbuilder.models import ForecasterBase

import cnnwidget as cw
from cnnwidget.design.plan import worked_out

SEED = {"in_time_points": 104, "out_time_points": 52, "n_layers": 5, "input_size": (125, 125)}


def median_seconds(work, rounds):
    """The median time of some work, in seconds."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return sorted(times)[rounds // 2]


@pytest.mark.parametrize("name", ["plan", "table", "html", "diagram", "source"])
def test_each_view_of_the_seeds_network(benchmark, name):
    design = cw.forecaster_base(**SEED)
    plan = cw.plan(design)
    work = {
        "plan": lambda: worked_out.__wrapped__(design),
        "table": lambda: str(plan),
        "html": plan._repr_html_,
        "diagram": lambda: cw.diagram(plan)._repr_mimebundle_(),
        "source": lambda: cw.source(plan),
    }[name]
    benchmark(work)


def test_a_plan_beside_the_strongest_path_of_the_seed(capsys):
    """TorchCNNBuilder's network moved to `meta`, with torchinfo's summary: its users' table."""
    design = cw.forecaster_base(**SEED)

    def theirs():
        net = ForecasterBase(**SEED).to("meta")
        torchinfo.summary(net, input_size=(1, 104, 125, 125), device="meta", verbose=0)

    theirs()
    ours_ms = 1e3 * median_seconds(lambda: worked_out.__wrapped__(design), 200)
    theirs_ms = 1e3 * median_seconds(theirs, 10)
    with capsys.disabled():
        print(
            f"\nplan {ours_ms:.3f} ms, TorchCNNBuilder on meta and torchinfo {theirs_ms:.1f} ms: "
            f"{theirs_ms / ours_ms:.0f} times"
        )
    assert theirs_ms > ours_ms


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
