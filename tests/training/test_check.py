"""Cautions from data and machine: what moves, what fits, and what there is room for."""

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
from cnnwidget.training.checks import memory_cautions as place
from cnnwidget.training.checks.check import check
from cnnwidget.training.checks.motion import motion_of
from tests.training.samples import noise


def drifting(*speed, steps=40, size=32, seed=0):
    """A field that drifts by so many pixels a step, and comes back on the other side."""
    axes = len(speed)
    field = np.random.default_rng(seed).normal(size=(size,) * axes)
    shifts = [tuple(each * step for each in speed) for step in range(steps)]
    return np.stack([np.roll(field, shift, tuple(range(axes))) for shift in shifts])


def kinds(found):
    return [caution.kind for caution in found]


@pytest.mark.parametrize("speed", [(0,), (3,), (2, -1), (0, 5), (1, 0, -2)])
@pytest.mark.parametrize("steps", [1, 5])
def test_how_far_a_field_drifts_is_found(speed, steps):
    size = 12 if len(speed) == 3 else 32
    axes = {1: "T L", 2: "T H W", 3: "T D H W"}[len(speed)]
    frames = load(drifting(*speed, size=size), axes=axes)
    assert motion_of(frames, steps) == tuple(abs(each) * steps for each in speed)


def test_what_does_not_move_but_flickers_tells_nothing():
    assert motion_of(load(noise(40, 32, 32)), 5) is None
    assert motion_of(load(np.zeros((40, 32, 32))), 5) is None
    assert motion_of(load(drifting(1, 1, steps=4)), 5) is None


def test_frames_with_gaps_and_large_frames_are_looked_at_all_the_same():
    values = np.kron(drifting(0, 0, size=30, steps=12), np.ones((20, 20)))
    values = np.stack([np.roll(frame, (4 * n, 2 * n), (0, 1)) for n, frame in enumerate(values)])
    values[:, :3] = np.nan
    assert motion_of(load(values), 3) == (12, 6)


def net(**settings):
    shape = {"input_size": (32, 32), "in_channels": 4, "out_channels": 4, "skips": "none"}
    return cw.EncoderDecoder(**(shape | settings))


def test_a_field_smaller_than_what_moves_is_told_with_one_that_is_not():
    shallow = net(depth=1)
    frames = drifting(3, 0)
    [caution] = [each for each in check(shallow, frames=frames) if each.kind == "motion"]
    assert "things move by 12 × 0 pixels in the 4 steps of a forecast" in caution.reason
    assert caution.layer == "decoder.stage1.conv"
    assert caution.mends
    for mend in caution.mends:
        assert "motion" not in kinds(check(mend.design, frames=frames))
        assert not plan_of(mend.design).problems
    assert "motion" not in kinds(check(shallow, frames=drifting(0, 0)))
    assert "motion" not in kinds(check(net(latent_shape=(4,)), frames=frames))


def test_a_training_without_room_is_told_with_one_that_has_it():
    design = net()
    needed = plan_of(design).memory_to_train(16)
    assert "memory" not in kinds(check(design, memory=needed))
    [caution] = [each for each in check(design, memory=needed - 1) if each.kind == "memory"]
    assert "in batches of 16" in caution.reason
    assert caution.mends[0].change == "start_channels=14"
    assert "memory" not in kinds(check(caution.mends[0].design, memory=needed - 1))


def test_the_limit_is_that_of_the_process_and_none_where_nobody_knows(monkeypatch):
    monkeypatch.setattr(place, "available", lambda: 1000)
    assert "memory" in kinds(check(net()))
    monkeypatch.setattr(place, "available", lambda: None)
    assert "memory" not in kinds(check(net()))


def test_frames_that_do_not_fit_are_told_with_a_design_that_does():
    frames = noise(60, 32, 40)
    [caution] = [each for each in check(net(), frames=frames) if each.kind == "frames"]
    assert caution.reason == (
        "The design takes 4 × 32 × 32, but 4 frames of 1 × 32 × 40 make 4 × 32 × 40"
    )
    [mend] = caution.mends
    assert mend.change == "input_size=(32, 40)"
    assert "frames" not in kinds(check(mend.design, frames=frames))


def test_a_series_too_short_is_no_error_but_a_caution():
    [caution] = [each for each in check(net(), frames=noise(6, 32, 32)) if each.kind == "frames"]
    assert "takes 8 frames, but there are 6" in caution.reason


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


def test_a_batch_that_fits_is_named():
    design = cw.EncoderDecoder(input_size=(64, 64), in_channels=3, out_channels=3)
    plan = cw.plan(design)
    left = plan.memory_to_train(13)
    [found] = [each for each in cw.check(design, memory=left) if each.kind == "memory"]
    assert found.reason.endswith("; batch_size=13 of the recipe would fit")
    too_little = plan.memory_to_train(1) - 1
    [found] = [each for each in cw.check(design, memory=too_little) if each.kind == "memory"]
    assert "batch_size" not in found.reason


def test_a_file_without_an_ending_is_told_so():
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
    shown = [each["text"] for each in panel.stage.notes_view["notes"]]
    assert sorted(shown) == sorted({f"{each.reason}." for each in cautions})
    panel.frames = noise(60, 32, 40)
    panel.design = net(depth=1)
    assert panel.wait()
    cautions = cw.check(panel.design, panel.frames)
    assert "frames" in kinds(cautions)
    shown = [each["text"] for each in panel.stage.notes_view["notes"]]
    assert sorted(shown) == sorted({f"{each.reason}." for each in cautions})
    panel.close()


def test_the_panel_checks_memory_with_its_own_batch(monkeypatch):
    design = net()
    needed = plan_of(design).memory_to_train(16)
    monkeypatch.setattr(place, "available", lambda: needed - 1)
    panel = cw.Designer(noise(300, 32, 32), design)
    for batch, warned in ((16, True), (8, False)):
        panel.settings.batch_size.value = batch
        assert panel.wait()
        notes = [each for each in panel.stage.notes_view["notes"] if "of memory" in each["text"]]
        assert bool(notes) == warned
        if warned:
            assert "start_channels=14" in [each["label"] for each in notes[0]["mends"]]
    panel.close()
