"""Cautions: the claim of each against torch, and every mend removes its caution."""

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import nn

import cnnwidget as cw
from cnnwidget.design.advice.kernel_cautions import contributions
from cnnwidget.design.layers.convolution import Conv, ConvTranspose
from cnnwidget.design.layers.dense import Linear
from cnnwidget.design.layers.pooling import GlobalPool
from cnnwidget.design.layers.reshaping import Flatten
from cnnwidget.design.network import Keep, Network
from cnnwidget.design.planning.plan import plan_of
from tests.conftest import EXAMPLES
from tests.strategies import encoder_decoders, networks

enough = settings(suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])


@settings(enough, max_examples=max(20, min(EXAMPLES // 20, 250)))
@given(st.one_of(encoder_decoders(), networks()))
def test_a_mend_of_a_caution_does_away_with_it(design):
    for caution in plan_of(design).cautions:
        for mend in caution.mends:
            mended = plan_of(mend.design)
            assert not mended.problems
            assert caution.kind not in {other.kind for other in mended.cautions}


def planned(**changes):
    design = cw.EncoderDecoder(input_size=(64, 64), in_channels=3, out_channels=3, skips="none")
    return plan_of(design.replace(**changes))


def kinds(plan):
    """Return the kinds of all cautions but `reach`, which the default design has."""
    return {caution.kind for caution in plan.cautions} - {"reach"}


def only(plan, kind=None):
    """Return the only caution besides `reach`, or the only one of a kind."""
    [caution] = [c for c in plan.cautions if (c.kind == kind if kind else c.kind != "reach")]
    return caution


def test_the_default_design_has_no_caution_but_reach():
    for size in [(64,), (64, 64), (45, 45), (65, 33), (16, 16), (11, 12, 13)]:
        design = cw.EncoderDecoder(input_size=size, in_channels=3, out_channels=2)
        narrow = ["reach"] if max(size) > 31 else []
        assert [caution.kind for caution in plan_of(design).cautions] == narrow
        assert plan_of(design).output_shape == (2, *size)


def test_a_kernel_that_is_no_multiple_of_the_stride_gives_a_checkerboard():
    plan = planned(decoder_kernel_size=3)
    assert kinds(plan) == {"checkerboard"}
    assert plan.cautions[0].mends[0].change == "decoder_kernel_size='auto'"
    assert str(plan.cautions[0]).startswith("decoder.stage1.conv: kernel 3 with stride 2 gives")
    assert kinds(planned(decoder_kernel_size=4)) == set()
    # Dilated by the stride, the kernel never meets every other pixel.
    dilated = planned(decoder_dilation=2).cautions[0]
    assert "kernel 4 with stride 2 and dilation 2" in dilated.reason
    assert "0 to 4 contributions" in dilated.reason


def test_a_decoder_that_ends_off_target_is_a_caution():
    plan = planned(decoder_depth=2)
    assert kinds(plan) == {"off_target"}
    assert "ends at 32 × 32, but 64 × 64 is wanted" in plan.cautions[0].reason
    assert [mend.change for mend in plan.cautions[0].mends] == [
        "decoder_depth=None",
        "final_resize='interpolate'",
    ]


def test_a_resize_tells_its_factor():
    stretched = planned(decoder_depth=1, final_resize="adaptive_avg")
    assert "resizes 16 × 16 to 64 × 64, by 4 × 4: enlarging adds no detail" in str(
        stretched.cautions[0]
    )
    # The textbook case: kernel 3, stride 2, padding 1 and no output padding.
    blended = planned(
        input_size=(64, 64), padding=1, decoder_kernel_size=3, output_padding=0, decoder_padding=1,
        final_resize="adaptive_avg",
    )  # fmt: skip
    assert "resizes 57 × 57 to 64 × 64" in str(only(blended, "resize"))
    assert "resize" not in kinds(planned(final_resize="adaptive_avg"))


def test_a_layer_of_a_hundred_million_weights_is_a_caution():
    plan = planned(latent_shape=(8, 8, 8), depth=1, start_channels=256)
    assert kinds(plan) == {"latent"}
    assert "268,698,112 weights, 1.1 GB" in str(plan.cautions[0])
    assert plan.cautions[0].mends[0].change == "latent_shape=None"
    wide = planned(kernel_size=1, start_channels=20_000, max_channels=20_000, depth=2)
    heavy = next(caution for caution in wide.cautions if caution.kind == "heavy")
    assert "400,020,000 weights, 1.6 GB" in str(heavy)
    assert [mend.change for mend in heavy.mends] == ["max_channels=512"]


@pytest.mark.parametrize("kernel", range(1, 8))
@pytest.mark.parametrize("stride", range(1, 6))
@pytest.mark.parametrize("dilation", range(1, 5))
def test_contributions_are_those_that_torch_adds_up(kernel, stride, dilation):
    """Send ones through a kernel of ones: far from the border, outputs count contributions."""
    up = nn.ConvTranspose1d(1, 1, kernel, stride, dilation=dilation, bias=False)
    nn.init.ones_(up.weight)
    with torch.no_grad():
        counted = up(torch.ones(1, 1, 60)).flatten()
    middle = [round(value.item()) for value in counted[20 * stride : 21 * stride]]
    if counted.numel() > 2 * dilation * kernel + 40 * stride:
        assert sorted(middle) == sorted(contributions(kernel, stride, dilation))


def inputs_that_matter(module, *size):
    """Return the inputs that change the output, by the gradient of its sum."""
    for parameter in module.parameters():
        nn.init.ones_(parameter)
    sample = torch.zeros(1, 1, *size, requires_grad=True)
    module(sample).sum().backward()
    return sample.grad.flatten() != 0


@pytest.mark.parametrize(
    ("kernel", "stride", "dilation"), [(1, 2, 1), (2, 3, 1), (3, 2, 2), (1, 4, 1)]
)
def test_skipped_inputs_have_no_gradient(kernel, stride, dilation):
    plan = planned(input_size=(61,), kernel_size=kernel, stride=stride, dilation=dilation, depth=1)
    [caution] = [each for each in plan.cautions if each.kind == "skipped"]
    matter = inputs_that_matter(nn.Conv1d(1, 1, kernel, stride, dilation=dilation), 61)
    period = matter[10 * stride : 11 * stride].tolist()
    assert f"never meets {period.count(False)} of every {stride} inputs" in caution.reason


def test_cropped_inputs_have_no_gradient():
    plan = planned(decoder_stride=3)
    found = [each for each in plan.cautions if each.kind == "cropped"]
    assert [each.layer for each in found] == [f"decoder.stage{number}.conv" for number in (1, 2, 3)]
    for caution in found:
        [row] = [row for row in plan.rows if row.name == caution.layer]
        layer = row.layer
        up = nn.ConvTranspose1d(
            1, 1, layer.kernel_size[0], layer.stride[0], layer.padding[0], layer.output_padding[0]
        )
        matter = inputs_that_matter(up, row.input_shape[1]).tolist()
        assert f"the outermost {matter.index(True)} of its inputs" in caution.reason
    assert found[0].mends[0].change == "decoder_stride=None"


def test_a_single_value_per_channel_is_a_caution_where_torch_refuses_it():
    plan = planned(depth=6)
    caution = only(plan, "single_value")
    assert (caution.kind, caution.layer) == ("single_value", "encoder.stage6.norm")
    with pytest.raises(ValueError, match="more than 1 value per channel"):
        cw.build(plan)(torch.zeros(1, 3, 64, 64))
    cw.build(plan)(torch.zeros(2, 3, 64, 64))
    assert caution.mends[0].change == "depth=5"


def test_another_output_size_is_met_by_another_depth_of_the_decoder():
    for size, depth in [((32, 32), 2), ((16, 16), 1), ((128, 128), 4)]:
        caution = only(planned(output_size=size))
        assert caution.mends[0].change == f"decoder_depth={depth}"
        assert plan_of(caution.mends[0].design).output_shape == (3, *size)


def test_layers_with_the_same_caution_share_its_mends():
    """Mends are computed once per kind, however deep the design: trying them takes the time."""
    first, second, *_ = planned(decoder_kernel_size=3).cautions
    assert first.layer != second.layer
    assert first.mends is second.mends


def plan_of_layers(*children, shape=(3, 64, 64)):
    return plan_of(Network(input_shape=shape, children=children))


def conv(channels=4, kernel=3, **settings):
    return Conv(out_channels=channels, kernel_size=kernel, **({"padding": "same"} | settings))


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_the_field_of_an_output_is_the_extent_of_its_gradient(depth):
    """Return the input gradient of a middle output, with weights of ones and no norm."""
    plan = planned(depth=depth, norm="none", input_size=(101,))
    [caution] = plan.cautions
    net = cw.build(plan).double()
    for weights in net.parameters():
        nn.init.constant_(weights, 0.1)
    extents = []
    for place in range(40, 60):
        x = torch.ones(1, 3, 101, dtype=torch.double, requires_grad=True)
        net(x)[0, 0, place].backward()
        seen = x.grad[0, 0].nonzero().flatten()
        extents.append(int(seen[-1] - seen[0]) + 1)
    assert f"sees no more than {max(extents)} of the 101 of the input" in caution.reason
    assert caution.mends


def test_an_output_with_a_field_as_large_as_the_image_has_no_caution():
    assert planned(depth=5).cautions == ()
    assert planned(latent_shape=(8,)).cautions == ()
    assert kinds(plan_of_layers(GlobalPool(), Flatten())) == set()


def test_pixels_lost_at_borders_are_a_caution():
    [caution] = [
        c for c in plan_of_layers(*[conv(padding=0)] * 10).cautions if c.kind == "unpadded"
    ]
    assert "ends at 44 × 44 of 64 × 64: of each border, 10 × 10 pixels are lost to 10" in str(
        caution
    )
    assert not plan_of(caution.mends[0].design).problems
    assert "unpadded" not in {c.kind for c in plan_of_layers(*[conv(padding=0)] * 2).cautions}


def test_zeros_that_reach_all_across_are_a_caution():
    layers = [conv()] * 12
    assert kinds(plan_of_layers(*layers, shape=(3, 8, 9))) == set()
    [caution] = plan_of_layers(*layers, shape=(3, 8, 8)).cautions
    assert caution.kind == "padded"
    assert "would see 25 × 25 of an image of 8 × 8: the zeros around 12 layers" in str(caution)
    [mend] = caution.mends
    assert {layer.padding_mode for _, layer in mend.design.children} == {"replicate"}


def test_an_odd_size_beside_a_skip_has_a_caution_with_sizes_that_divide():
    pooled = {"downsampling": "max_pool", "skips": "concat", "depth": 2, "input_size": (30, 32)}
    found = [c for c in planned(**pooled).cautions if c.kind == "odd"]
    assert [c.layer for c in found] == ["encoder.pool2"]
    assert "rounds 15 × 16 down" in found[0].reason
    assert [m.change for m in found[0].mends] == ["input_size=(32, 32)", "input_size=(28, 32)"]
    assert kinds(planned(**(pooled | {"skips": "none"}))) == set()


def test_a_kept_tensor_that_nothing_merges_is_a_caution():
    plan = plan_of_layers(("keep", Keep(name="skip")), ("conv", conv()))
    [caution] = [c for c in plan.cautions if c.kind == "unmerged"]
    assert caution.layer == "keep"
    assert [m.change for m in caution.mends] == ["without keep"]


def test_an_override_of_no_layer_has_a_caution_with_the_nearest_name():
    caution = only(planned(overrides={"encoder.stage2.konv": {"kernel_size": 5}}))
    assert (caution.kind, caution.layer) == ("override", "encoder.stage2.konv")
    meant = planned(overrides={"encoder.stage2.conv": {"kernel_size": 5}})
    assert caution.mends[0].design == meant.design
    assert kinds(meant) == set()


def test_dropout_of_everything_is_a_caution():
    plan = planned(norm="dropout", dropout_p=1.0)
    assert kinds(plan) == {"dropout"}
    assert plan.cautions[0].mends[0].change == "dropout_p=0.5"


def test_a_layer_with_most_of_many_weights_is_a_caution():
    small = plan_of_layers(conv(), Flatten(), Linear(out_features=500))
    large = plan_of_layers(conv(), Flatten(), Linear(out_features=1000))
    assert kinds(small) == set()
    [caution] = [c for c in large.cautions if c.kind == "dominant"]
    assert "16,385,000 weights, 100% of the 16,385,112" in caution.reason


def test_the_output_padding_that_reaches_the_target_is_named():
    plan = planned(
        padding=1, decoder_kernel_size=3, decoder_padding=1, output_padding=0, depth=1,
        input_size=(64, 64),
    )  # fmt: skip
    [caution] = [c for c in plan.cautions if c.kind == "off_target"]
    assert "which output_padding 1 × 1 of decoder.stage1.conv would meet" in caution.reason
    overridden = {"decoder.stage1.conv": {"output_padding": (1, 1)}}
    assert plan.design.replace(overrides=overridden) in [m.design for m in caution.mends]


def test_one_mend_of_a_network_removes_all_its_checkerboards():
    up = ConvTranspose(out_channels=4, kernel_size=3, stride=2, padding=1, output_padding=1)
    plan = plan_of_layers(up, conv(), up, shape=(3, 8, 8))
    found = [c for c in plan.cautions if c.kind == "checkerboard"]
    assert [c.layer for c in found] == ["0", "2"]
    [mend] = found[0].mends
    assert plan_of(mend.design).output_shape == plan.output_shape
    assert "checkerboard" not in kinds(plan_of(mend.design))


def test_a_resize_tells_both_directions():
    caution = only(planned(output_size=(48, 80), final_resize="interpolate"))
    assert "enlarging adds no detail and shrinking loses some" in caution.reason
    caution = only(planned(output_size=(65, 63), final_resize="adaptive_max"))
    assert "neighbours are merged" in caution.reason


def test_a_long_input_has_a_caution_with_the_unclipped_field():
    [caution] = [
        c for c in plan_of_layers(conv(), shape=(1, 2**18 + 1)).cautions if c.kind == "reach"
    ]
    assert caution.reason == "each output sees no more than 3 of the 262145 of the input"


@pytest.mark.parametrize(("axes", "word"), [(1, "input"), (2, "image"), (3, "volume")])
def test_an_input_is_called_by_its_axes(axes, word):
    [caution] = plan_of_layers(conv(), shape=(3, *[9] * axes)).cautions
    assert caution.reason.endswith(f"of the {' × '.join('9' * axes)} of the {word}")
    padded = plan_of_layers(*[conv()] * 12, shape=(3, *[8] * axes)).cautions
    [caution] = [c for c in padded if c.kind == "padded"]
    assert f"of {'a' if axes == 3 else 'an'} {word} of 8" in caution.reason


def test_a_single_position_is_no_image_across_which_zeros_reach():
    design = cw.Generator(output_size=(64, 64), out_channels=3, upsampling="nearest")
    assert "padded" not in {caution.kind for caution in plan_of(design).cautions}


def test_of_deep_designs_and_large_images_no_other_fields_are_tried():
    """A dozen changes, each as much work as the design, would take too long."""
    deep = planned(depth=1000, stride=1)
    assert only(deep, "padded").mends == ()
    large = cw.EncoderDecoder(
        input_size=(99999, 99991), in_channels=1, out_channels=1, kernel_size=101, dilation=37
    )
    assert only(plan_of(large), "reach").mends == ()
    assert "would see 4001 × 4001 of an image of 64 × 64" in only(deep, "padded").reason
