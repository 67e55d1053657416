"""Every problem comes with a mend, and every mend mends."""

import pytest
import torch
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import cnnwidget as cw
from cnnwidget.design.axes import MOST_VALUES
from cnnwidget.design.families.classifier import Classifier
from cnnwidget.design.families.generator import Generator
from cnnwidget.design.layers.convolution import Conv, ConvTranspose
from cnnwidget.design.layers.reshaping import Flatten, PixelUnshuffle, Unflatten
from cnnwidget.design.network import Aux, Keep, Merge, Network, Sequence, Skip
from cnnwidget.design.planning.plan import plan_of
from tests.conftest import EXAMPLES
from tests.strategies import encoder_decoders, networks

enough = settings(suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])


@settings(enough, max_examples=max(20, min(EXAMPLES // 20, 250)))
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
    assert problem.shape == (224, 1, 1)
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
    # TorchCNNBuilder accepts (64, 8) and then fails in its forward pass.
    [problem] = broken(input_size=(64, 8), padding=0, stride=1, depth=5).problems
    assert problem.layer == "encoder.stage4.conv"
    assert problem.shape == (112, 58, 2)


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


def test_a_network_is_mended_layer_by_layer():
    network = cw.Network(
        input_shape=(3, 4, 4),
        children=(
            ("conv", cw.layers.Conv(out_channels=4, kernel_size=7, groups=2)),
            ("fold", cw.layers.Unflatten(shape=(2, 2))),
        ),
    )
    [problem] = plan_of(network).problems
    assert problem.layer == "conv"
    assert "cannot be dealt out evenly to 2 groups" in problem.reason
    mend = problem.mends[0]
    assert mend.change == "conv as layers.Conv(out_channels=4, kernel_size=7, padding='same')"
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
def test_more_values_than_torch_can_address_are_a_problem(changes):
    plan = broken(**changes)
    [problem] = plan.problems
    assert problem.mends
    assert not plan_of(problem.mends[0].design).problems
    assert str(problem)


def test_torch_refuses_more_values_than_it_can_address():
    """The limit is torch's own, on a device that needs no memory."""
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
    misfit = cw.layers.Conv(out_channels=2, kernel_size=3, groups=2)
    network = cw.Network(input_shape=(3, 1), children=[misfit] * 400)
    [problem] = plan_of(network).problems
    assert not plan_of(problem.mends[0].design).problems
    assert "more changes" in str(problem)
    assert len(str(problem)) < 500


def problem_and_changes(*children, shape=(4, 18, 18)):
    """Return the problem of a network and the changes that mend it."""
    [problem] = plan_of(Network(input_shape=shape, children=children)).problems
    for mend in problem.mends:
        assert not plan_of(mend.design).problems
    return problem, [mend.change for mend in problem.mends]


def test_a_merge_of_an_unknown_name_is_offered_the_kept_names():
    problem, changes = problem_and_changes(
        ("keep1", Keep(name="skip1")),
        ("keep2", Keep(name="outer")),
        ("merge", Merge(name="skip", how="add")),
    )
    assert problem.layer == "merge"
    assert changes[0] == "merge with name='skip1'"
    assert "merge with name='outer'" in changes


def test_tensors_of_two_sizes_are_offered_an_alignment_and_sizes_that_agree():
    halved = Conv(out_channels=4, kernel_size=2, stride=2)
    doubled = ConvTranspose(out_channels=4, kernel_size=2, stride=2)
    problem, changes = problem_and_changes(
        ("keep", Keep(name="skip")),
        ("down", halved),
        ("up", doubled),
        ("merge", Merge(name="skip")),
        shape=(4, 19, 18),
    )
    assert "19 × 18" in problem.reason
    assert "merge with align='crop'" in changes
    assert changes[-2:] == ["input_shape=(4, 20, 18)", "input_shape=(4, 18, 18)"]


def test_channels_that_differ_are_offered_a_projection():
    wide = Conv(out_channels=8, kernel_size=3, padding=1)
    _, changes = problem_and_changes(("body", Skip(children=[wide], how="multiply")))
    assert changes[0] == "body with projection=layers.Conv(out_channels=8, kernel_size=1)"
    _, changes = problem_and_changes(("body", Skip(children=[wide], projection="none")))
    assert changes[0] == "body with projection='auto'"
    _, changes = problem_and_changes(
        ("keep", Keep(name="skip")), ("wide", wide), ("merge", Merge(name="skip", how="add"))
    )
    assert changes[0] == "merge with how='concat'"
    assert "merge behind layers.Conv(out_channels=4, kernel_size=1)" in changes


def test_a_duplicate_name_is_offered_an_unused_one():
    _, changes = problem_and_changes(("one", Keep(name="skip")), ("two", Keep(name="skip")))
    assert changes == ["two with name='skip_2'"]
    _, changes = problem_and_changes(
        ("one", Aux(name="out", children=[])), ("two", Aux(name="out", children=[]))
    )
    assert changes == ["two with name='out_2'"]


def test_a_layer_of_a_projection_can_be_mended():
    inner = Conv(out_channels=4, kernel_size=3, padding=1)
    around = Sequence(children={"conv": Conv(out_channels=4, kernel_size=3, padding=1, groups=3)})
    problem, changes = problem_and_changes(("body", Skip(children=[inner], projection=around)))
    assert problem.layer == "body.projection.conv"
    assert changes[0].startswith("body.projection.conv as layers.Conv(")


def test_a_projection_that_follows_from_a_skip_is_mended_at_the_skip():
    """It is too large to be addressed, and not a child that could be changed."""
    shuffle = PixelUnshuffle(downscale_factor=2)
    network = Network(
        input_shape=(2**30, 2, 2),
        children=[("body", Skip(children=[shuffle], how="add"))],
    )
    [problem] = plan_of(network).problems
    assert problem.layer == "body.projection"
    assert problem.mends
    for mend in problem.mends:
        assert not plan_of(mend.design).problems


def test_the_deepest_depth_that_fits_is_offered_to_every_family():
    classifier = Classifier(
        input_size=(32, 32), in_channels=3, num_classes=10, depth=6, padding="valid"
    )
    [problem] = plan_of(classifier).problems
    [mend] = [each for each in problem.mends if each.change.startswith("depth")]
    assert plan_of(classifier.replace(depth=mend.design.depth + 1)).problems
    assert not plan_of(mend.design).problems
    assert any(each.change.startswith("input_size") for each in problem.mends)


@pytest.mark.parametrize(
    "design",
    [
        Classifier(input_size=(2**31, 2**29), in_channels=3, num_classes=10),
        Classifier(input_size=(4, 4), in_channels=2**60, num_classes=2**60),
        Generator(output_size=(2**31, 2**29), out_channels=3),
        Generator(output_size=(8, 8), out_channels=2**60),
    ],
    ids=lambda design: type(design).__name__,
)
def test_a_family_that_is_too_large_has_a_mend(design):
    [problem] = plan_of(design).problems
    assert problem.mends
    for mend in problem.mends:
        assert not plan_of(mend.design).problems


def test_sizes_near_by_are_offered_on_both_sides():
    """An `Unflatten` of 36 values fits one size only; mends of smaller and larger sizes differ."""
    strided = Conv(out_channels=1, kernel_size=3, stride=3)
    fold = Unflatten(shape=(1, 6, 6))
    for side, expected in ((17, (18, 18)), (25, (20, 20))):
        _, changes = problem_and_changes(strided, Flatten(), fold, shape=(1, side, side))
        assert f"input_shape=(1, {expected[0]}, {expected[1]})" in changes


def test_a_skip_round_a_stride_is_offered_a_projection_with_one():
    conv = Conv(out_channels=5, kernel_size=3, stride=2, padding=1)
    network = Network(input_shape=(3, 32, 32), children=[Skip(children=[conv])])
    [problem] = plan_of(network).problems
    first = problem.mends[0]
    assert first.change == "0 with projection=layers.Conv(out_channels=5, kernel_size=1, stride=2)"
    assert plan_of(first.design).output_shape == (5, 16, 16)


def test_a_transposed_convolution_is_padded_as_much_as_it_may_be():
    layer = ConvTranspose(out_channels=4, kernel_size=3, stride=2, output_padding=2)
    [problem] = plan_of(Network(input_shape=(3, 8, 8), children=[layer])).problems
    changes = [mend.change for mend in problem.mends]
    assert changes[0].endswith("kernel_size=3, stride=2, output_padding=1)")
    # Kernel and stride are kept, as milder changes are enough.
    assert all("kernel_size=3, stride=2" in change for change in changes if "Conv" in change)


def test_a_tensor_kept_in_a_head_is_not_offered_outside():
    head = Aux(name="out", children=[Keep(name="inside")])
    network = Network(input_shape=(3, 8), children=[Keep(name="b"), head, Merge(name="inside")])
    [problem] = plan_of(network).problems
    assert problem.mends[0].change == "2 with name='b'"
