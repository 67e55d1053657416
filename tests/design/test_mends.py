"""Every problem comes with a mend, and every mend mends."""

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import cnnwidget as cw
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


@settings(enough, max_examples=300)
@given(encoder_decoders())
def test_a_mend_of_a_caution_does_away_with_it(design):
    for caution in plan_of(design).cautions:
        for mend in caution.mends:
            mended = plan_of(mend.design)
            assert not mended.problems
            assert caution.kind not in {other.kind for other in mended.cautions}


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


def test_what_torch_cannot_address_is_a_problem():
    for changes in (
        {"input_size": (2**31 - 1, 2**31 - 1)},
        {"in_channels": 10**30},
        {"out_channels": 10**30},
        {"latent_shape": (2**31 - 1, 2**31 - 1)},
        {"channels": (10**20, 10**20, 10**20)},
    ):
        [problem] = broken(**changes).problems
        assert "more than torch can address" in problem.reason
        assert problem.mends
        assert not plan_of(problem.mends[0].design).problems


def kinds(plan):
    return {caution.kind for caution in plan.cautions}


def test_the_default_design_has_no_caution():
    for size in [(64,), (64, 64), (45, 45), (65, 33), (7, 9, 11)]:
        design = cw.EncoderDecoder(input_size=size, in_channels=3, out_channels=2)
        assert plan_of(design).cautions == ()
        assert plan_of(design).output_shape == (2, *size)


def test_a_kernel_that_is_no_multiple_of_the_stride_gives_a_checkerboard():
    plan = broken(decoder_kernel_size=3)
    assert kinds(plan) == {"checkerboard"}
    assert plan.cautions[0].mends[0].change == "decoder_kernel_size='auto'"
    assert kinds(broken(decoder_kernel_size=4)) == set()
    # Dilated by the stride, the kernel never meets every other pixel.
    assert "0 to 16" not in str(broken(decoder_dilation=2).cautions[0])
    assert "0 to 4 contributions" in str(broken(decoder_dilation=2).cautions[0])


def test_a_decoder_that_ends_off_target_is_told():
    plan = broken(decoder_depth=2)
    assert kinds(plan) == {"off_target"}
    assert "ends at 32 × 32, but 64 × 64 is wanted" in plan.cautions[0].reason
    assert [mend.change for mend in plan.cautions[0].mends] == [
        "decoder_depth=None",
        "final_resize='interpolate'",
    ]


def test_a_resize_tells_its_factor():
    stretched = broken(decoder_depth=1, final_resize="adaptive_avg")
    assert "resizes 16 × 16 to 64 × 64, by 4 × 4: enlarging adds no detail" in str(
        stretched.cautions[0]
    )
    # The textbook case: kernel 3, stride 2, padding 1 and no output padding.
    blended = broken(
        input_size=(64, 64), padding=1, decoder_kernel_size=3, output_padding=0, decoder_padding=1,
        final_resize="adaptive_avg",
    )  # fmt: skip
    assert "resizes 57 × 57 to 64 × 64" in str(blended.cautions[-1])
    assert "resize" not in kinds(broken(final_resize="adaptive_avg"))


def test_a_layer_of_a_hundred_million_weights_is_told():
    plan = broken(latent_shape=(8, 8, 8), depth=1, start_channels=256)
    assert kinds(plan) == {"heavy"}
    assert "134,218,240 weights, 0.5 GB" in str(plan.cautions[0])
    assert plan.cautions[0].mends[0].change == "latent_shape=None"
