"""Every problem comes with a mend, and every mend mends."""

import pytest
import torch
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import cnnwidget as cw
from cnnwidget.design.axes import MOST_VALUES
from cnnwidget.design.plan import plan_of
from tests.strategies import encoder_decoders, networks

enough = settings(suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])


@enough
@given(st.one_of(encoder_decoders(), networks()))
def test_a_problem_names_its_layer_and_has_mends_that_mend(design):
    plan = plan_of(design)
    assume(plan.problems)
    [problem] = plan.problems
    assert problem.layer == plan.rows[-1].name
    assert problem.shape == plan.rows[-1].input_shape
    assert plan.rows[-1].output_shape is None
    assert plan.output_shape is None
    assert problem.mends
    for mend in problem.mends:
        assert mend.design != design
        assert not plan_of(mend.design).problems, mend
        assert mend.change in str(problem)


def broken(**changes):
    design = cw.EncoderDecoder(input_size=(64, 64), in_channels=3, out_channels=3)
    return plan_of(design.replace(**changes))


def test_where_sizes_run_out_depth_is_offered():
    [problem] = broken(padding="valid", kernel_size=5, depth=6).problems
    assert problem.layer == "encoder.stage5.conv"
    assert problem.shape == (256, 1, 1)
    assert "the kernel 5 × 5 is larger than its padded input 1 × 1" in str(problem)
    assert "depth=4" in [mend.change for mend in problem.mends]


def test_the_offered_input_is_the_smallest_that_goes_through():
    [problem] = broken(padding="valid", kernel_size=5, depth=5).problems
    [size] = [
        mend.design.input_size for mend in problem.mends if mend.change.startswith("input_size")
    ]
    for axis in range(2):
        smaller = tuple(n - (i == axis) for i, n in enumerate(size))
        assert broken(padding="valid", kernel_size=5, depth=5, input_size=smaller).problems


def test_one_axis_may_run_out_before_the_other():
    # The seed lets (64, 8) pass and then fails in its forward pass.
    [problem] = broken(input_size=(64, 8), padding=0, stride=1, depth=5).problems
    assert problem.layer == "encoder.stage4.conv"
    assert problem.shape == (128, 58, 2)


def test_a_decoder_that_cuts_everything_away_is_a_problem():
    [problem] = broken(
        input_size=(4, 4), depth=1, decoder_padding=9, output_padding=0, decoder_kernel_size=3
    ).problems
    assert problem.layer == "decoder.stage1.conv"
    assert "cuts away all of the output" in problem.reason


def test_output_padding_must_be_smaller_than_stride_or_dilation():
    [problem] = broken(output_padding=2).problems
    assert "must be smaller than the stride" in problem.reason
    assert problem.mends[0].change == "output_padding='mirror'"


def test_instance_norm_of_a_single_value_is_a_problem():
    [problem] = broken(input_size=(8, 8), depth=4, norm="instance").problems
    assert problem.layer == "encoder.stage3.norm"
    assert "norm='batch'" in [mend.change for mend in problem.mends]


def test_explicit_channels_are_cut_with_the_depth():
    [problem] = broken(
        padding="valid",
        kernel_size=5,
        depth=5,
        channels=(4, 8, 16, 32, 64),
        decoder_channels=(32, 16, 8, 4),
    ).problems
    [shallower] = [mend.design for mend in problem.mends if mend.design.depth < 5]
    assert shallower.channels == (4, 8, 16, 32)
    assert shallower.decoder_channels == (16, 8, 4)


def test_a_network_by_hand_is_mended_layer_by_layer():
    network = cw.Network(
        input_shape=(3, 4, 4),
        children=(
            ("conv", cw.Conv(out_channels=4, kernel_size=7, groups=2)),
            ("fold", cw.Unflatten(shape=(2, 2))),
        ),
    )
    [problem] = plan_of(network).problems
    assert problem.layer == "conv"
    assert "cannot be dealt out evenly to 2 groups" in problem.reason
    [mend] = problem.mends
    assert not plan_of(mend.design).problems


@pytest.mark.parametrize(
    "changes",
    [
        {"input_size": (2**30, 2**30)},
        {"in_channels": 2**60},
        {"out_channels": 2**60},
        {"latent_shape": (2**30, 2**30)},
        {"channels": (2**60, 2**60, 2**60)},
        {"start_channels": 2**60, "max_channels": 2**60, "channel_ratio": 100.0},
        {"in_channels": 2**60, "channels": "power"},
        {"input_size": (2**60, 1), "channels": "proportion"},
        {"kernel_size": 2**31 - 1},
        {"kernel_size": 2**31 - 1, "decoder_padding": "same", "stride": 2**31 - 1},
        {"input_size": (2**60, 1), "stride": 1, "decoder_stride": 2**31 - 1},
        {"latent_shape": (2**60,), "latent_layers": 3},
        {"decoder_depth": 60},
        {"depth": 1000, "decoder_depth": 900, "channel_ratio": 100.0, "padding": "valid"},
    ],
    ids=str,
)
def test_what_torch_cannot_address_is_a_problem(changes):
    plan = broken(**changes)
    [problem] = plan.problems
    assert problem.mends
    assert not plan_of(problem.mends[0].design).problems
    assert str(problem)


def test_more_than_torch_can_address_is_what_torch_says():
    """The bound is torch's own, on a device that needs no memory."""
    torch.empty(MOST_VALUES - 1, device="meta")
    with pytest.raises(RuntimeError, match="overflow"):
        torch.empty(MOST_VALUES, device="meta")


def test_a_decoder_that_outgrows_torch_is_offered_its_encoders_depth():
    [problem] = broken(decoder_depth=60).problems
    assert "more than torch can address" in problem.reason
    assert [mend.change for mend in problem.mends] == ["decoder_depth=None"]


def test_a_mend_that_contains_another_is_left_out():
    [problem] = broken(output_padding=2).problems
    assert [mend.change for mend in problem.mends] == ["output_padding='mirror'"]


def test_a_network_with_many_mends_counts_them():
    misfit = cw.Conv(out_channels=2, kernel_size=3, groups=2)
    network = cw.Network(input_shape=(3, 1), children=[misfit] * 400)
    [problem] = plan_of(network).problems
    assert not plan_of(problem.mends[0].design).problems
    assert "more changes" in str(problem)
    assert len(str(problem)) < 500
