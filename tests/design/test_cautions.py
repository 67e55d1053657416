"""Cautions: what each claims is held against torch, and every mend does away with its caution."""

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from torch import nn

import cnnwidget as cw
from cnnwidget.design.cautions import contributions
from cnnwidget.design.plan import plan_of
from tests.strategies import encoder_decoders

enough = settings(suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])


@settings(enough, max_examples=300)
@given(encoder_decoders())
def test_a_mend_of_a_caution_does_away_with_it(design):
    for caution in plan_of(design).cautions:
        for mend in caution.mends:
            mended = plan_of(mend.design)
            assert not mended.problems
            assert caution.kind not in {other.kind for other in mended.cautions}


def planned(**changes):
    design = cw.EncoderDecoder(input_size=(64, 64), in_channels=3, out_channels=3)
    return plan_of(design.replace(**changes))


def kinds(plan):
    return {caution.kind for caution in plan.cautions}


def test_the_default_design_has_no_caution():
    for size in [(64,), (64, 64), (45, 45), (65, 33), (7, 9, 11)]:
        design = cw.EncoderDecoder(input_size=size, in_channels=3, out_channels=2)
        assert plan_of(design).cautions == ()
        assert plan_of(design).output_shape == (2, *size)


def test_a_kernel_that_is_no_multiple_of_the_stride_gives_a_checkerboard():
    plan = planned(decoder_kernel_size=3)
    assert kinds(plan) == {"checkerboard"}
    assert plan.cautions[0].mends[0].change == "decoder_kernel_size='auto'"
    assert kinds(planned(decoder_kernel_size=4)) == set()
    # Dilated by the stride, the kernel never meets every other pixel.
    dilated = planned(decoder_dilation=2).cautions[0]
    assert "kernel 4 with stride 2 and dilation 2" in dilated.reason
    assert "0 to 4 contributions" in dilated.reason


def test_a_decoder_that_ends_off_target_is_told():
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
    assert "resizes 57 × 57 to 64 × 64" in str(blended.cautions[-1])
    assert "resize" not in kinds(planned(final_resize="adaptive_avg"))


def test_a_layer_of_a_hundred_million_weights_is_told():
    plan = planned(latent_shape=(8, 8, 8), depth=1, start_channels=256)
    assert kinds(plan) == {"heavy"}
    assert "134,218,240 weights, 0.5 GB" in str(plan.cautions[0])
    assert plan.cautions[0].mends[0].change == "latent_shape=None"


@pytest.mark.parametrize("kernel", range(1, 8))
@pytest.mark.parametrize("stride", range(1, 6))
@pytest.mark.parametrize("dilation", range(1, 5))
def test_contributions_are_those_that_torch_adds_up(kernel, stride, dilation):
    """Ones through a kernel of ones: far from the border, each output counts its contributions."""
    up = nn.ConvTranspose1d(1, 1, kernel, stride, dilation=dilation, bias=False)
    nn.init.ones_(up.weight)
    with torch.no_grad():
        counted = up(torch.ones(1, 1, 60)).flatten()
    middle = [round(value.item()) for value in counted[20 * stride : 21 * stride]]
    if counted.numel() > 2 * dilation * kernel + 40 * stride:
        assert sorted(middle) == sorted(contributions(kernel, stride, dilation))


def inputs_that_matter(module, *size):
    """Which inputs change the output, by the gradient of its sum."""
    for parameter in module.parameters():
        nn.init.ones_(parameter)
    sample = torch.zeros(1, 1, *size, requires_grad=True)
    module(sample).sum().backward()
    return sample.grad.flatten() != 0


@pytest.mark.parametrize(
    ("kernel", "stride", "dilation"), [(1, 2, 1), (2, 3, 1), (3, 2, 2), (1, 4, 1)]
)
def test_what_is_skipped_has_no_gradient(kernel, stride, dilation):
    plan = planned(input_size=(61,), kernel_size=kernel, stride=stride, dilation=dilation, depth=1)
    [caution] = [each for each in plan.cautions if each.kind == "skipped"]
    matter = inputs_that_matter(nn.Conv1d(1, 1, kernel, stride, dilation=dilation), 61)
    period = matter[10 * stride : 11 * stride].tolist()
    assert f"never meets {period.count(False)} of every {stride} inputs" in caution.reason


def test_what_is_cropped_has_no_gradient():
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


def test_a_single_value_per_channel_is_told_as_torch_refuses_it():
    plan = planned(depth=6)
    [caution] = plan.cautions
    assert (caution.kind, caution.layer) == ("single_value", "encoder.stage6.norm")
    with pytest.raises(ValueError, match="more than 1 value per channel"):
        cw.build(plan)(torch.zeros(1, 3, 64, 64))
    cw.build(plan)(torch.zeros(2, 3, 64, 64))
    assert caution.mends[0].change == "depth=5"


def test_another_output_size_is_met_by_another_depth_of_the_decoder():
    for size, depth in [((32, 32), 2), ((16, 16), 1), ((128, 128), 4)]:
        [caution] = planned(output_size=size).cautions
        assert caution.mends[0].change == f"decoder_depth={depth}"
        assert plan_of(caution.mends[0].design).output_shape == (3, *size)


def test_layers_with_the_same_caution_share_its_mends():
    """Mends are worked out once a kind, however deep the design: trying them is what takes time."""
    first, second, *_ = planned(decoder_kernel_size=3).cautions
    assert first.layer != second.layer
    assert first.mends is second.mends


def test_a_resize_tells_both_directions():
    [caution] = planned(output_size=(48, 80), final_resize="interpolate").cautions
    assert "enlarging adds no detail and shrinking loses some" in caution.reason
    [caution] = planned(output_size=(65, 63), final_resize="adaptive_max").cautions
    assert "neighbours are merged" in caution.reason
