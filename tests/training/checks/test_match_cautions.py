"""Cautions of a design and data together: what moves, and what fits."""

import cnnwidget as cw
from cnnwidget.design.planning.plan import plan_of
from cnnwidget.training.checks.check import check
from tests.training.samples import drifting, noise


def kinds(found):
    return [caution.kind for caution in found]


def net(**settings):
    shape = {"input_size": (32, 32), "in_channels": 4, "out_channels": 4, "skips": "none"}
    return cw.EncoderDecoder(**(shape | settings))


def test_a_field_smaller_than_what_moves_is_reported_with_one_that_is_not():
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


def test_frames_that_do_not_fit_are_reported_with_a_design_that_does():
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
