"""`cw.check`: every caution, in its order, and the same in the panel."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

import cnnwidget as cw
from cnnwidget.data.labels import Labels
from cnnwidget.data.load import load
from cnnwidget.design.network import Network
from cnnwidget.design.planning.plan import plan_of
from cnnwidget.training.checks.check import check
from tests.training.samples import drifting, noise


def kinds(found):
    return [caution.kind for caution in found]


def net(**settings):
    shape = {"input_size": (32, 32), "in_channels": 4, "out_channels": 4, "skips": "none"}
    return cw.EncoderDecoder(**(shape | settings))


def test_cautions_of_the_design_come_first_and_problems_alone():
    plan = plan_of(net(depth=1))
    assert check(plan, memory=10**12) == plan.cautions
    broken = plan_of(net(output_padding=2))
    assert check(broken, frames=noise(9, 8, 8), memory=0) == broken.cautions
    empty = Network(input_shape=(4, 8, 8), children=[])
    assert check(empty, memory=0) == ()


def test_what_is_no_number_of_bytes_is_refused():
    with pytest.raises(cw.CnnwidgetError, match=r"^check: memory is 'much', but must be"):
        check(net(), memory="much")


def test_a_file_without_an_ending_is_reported_so():
    design = cw.EncoderDecoder(input_size=(8, 8), in_channels=3, out_channels=1)
    with pytest.raises(cw.DataError, match=r"^abc has no ending, but must be one of \.npy"):
        cw.check(design, frames="abc")


def test_without_frames_nothing_heavy_is_imported():
    code = (
        "import sys, cnnwidget as cw\n"
        "design = cw.EncoderDecoder(input_size=(16, 16), in_channels=4, out_channels=2)\n"
        "assert cw.check(design, memory=1)[-1].kind == 'memory'\n"
        "print(sorted({'torch', 'numpy', 'ipywidgets', 'matplotlib'} & set(sys.modules)))\n"
        "import numpy; cw.check(design, numpy.zeros((30, 16, 16)))\n"
        "print(sorted({'torch', 'ipywidgets', 'matplotlib'} & set(sys.modules)))\n"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.split("\n")[:2] == ["[]", "[]"]


def test_the_panel_shows_exactly_what_is_checked():
    """Of data with every kind of caution, on a design whose outputs see too little."""
    values = drifting(3, 0, steps=20)
    values[2, 0, 0] = np.nan
    times = np.arange(20)[::-1].copy()
    frames = replace(load(values), labels=Labels(times=times))
    panel = cw.Designer(frames, net(depth=1))
    assert panel.wait()
    cautions = cw.check(panel.design, panel.frames)
    assert {"missing", "length", "times", "motion"} <= set(kinds(cautions))
    shown = [each["text"] for each in panel.stage.problems_view["problems"]]
    assert sorted(shown) == sorted({f"{each.reason}." for each in cautions})
    panel.frames = noise(60, 32, 40)
    panel.design = net(depth=1)
    assert panel.wait()
    cautions = cw.check(panel.design, panel.frames)
    assert "frames" in kinds(cautions)
    shown = [each["text"] for each in panel.stage.problems_view["problems"]]
    assert sorted(shown) == sorted({f"{each.reason}." for each in cautions})
    panel.close()
