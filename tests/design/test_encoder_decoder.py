"""Encoder-decoders: the effect of each field, and outputs of the input's size."""

import itertools

import pytest

import cnnwidget as cw

DESIGN = cw.EncoderDecoder(input_size=(33, 46), in_channels=3, out_channels=2)


def layers(design):
    """Return the layers of a design by their names."""
    plan = cw.plan(design)
    assert not plan.problems
    return {row.name: row.layer for row in plan.rows}


@pytest.mark.parametrize("skips", ["none", "concat", "add"])
@pytest.mark.parametrize("downsampling", ["stride", "max_pool", "avg_pool"])
@pytest.mark.parametrize("upsampling", ["transpose", "nearest", "linear", "pixel_shuffle"])
def test_every_downsampling_and_upsampling_restores_every_size(downsampling, upsampling, skips):
    for size, stride, kernel in itertools.product(
        [(33, 46), (17,), (11, 19, 13)], [1, 2, 3], [2, 3, 4, 5]
    ):
        design = DESIGN.replace(
            input_size=size, depth=2, start_channels=4, stride=stride, kernel_size=kernel,
            downsampling=downsampling, upsampling=upsampling, skips=skips,
        )  # fmt: skip
        plan = cw.plan(design)
        assert plan.output_shape == (2, *size), design
        assert all(caution.kind != "off_target" for caution in plan.cautions)


@pytest.mark.parametrize("stride", [1, 3, 4, (1, 3)])
@pytest.mark.parametrize("downsampling", ["stride", "max_pool"])
def test_the_decoder_follows_a_stride_that_was_overridden(stride, downsampling):
    name, field = ("conv", "stride") if downsampling == "stride" else ("pool2", "kernel_size")
    place = f"encoder.stage2.{name}" if downsampling == "stride" else f"encoder.{name}"
    design = DESIGN.replace(downsampling=downsampling, overrides={place: {field: stride}})
    found = layers(design)
    up = found["decoder.stage2.conv" if downsampling == "stride" else "decoder.stage2.up"]
    assert up.stride == ((stride,) * 2 if isinstance(stride, int) else stride)
    assert cw.plan(design).output_shape == (2, 33, 46)


def test_an_override_reaches_layers_joins_and_their_settings():
    design = DESIGN.replace(
        overrides={
            "encoder.stage1.act": {"name": "leaky_relu", "settings": {"negative_slope": 0.2}},
            "encoder.stage2.conv": {"kernel_size": [3, 5]},
            "decoder.stage2.merge": {"how": "add"},
        }
    )
    found = layers(design)
    assert found["encoder.stage1.act"] == cw.layers.Activation(
        name="leaky_relu", settings={"negative_slope": 0.2}
    )
    assert found["encoder.stage2.conv"].kernel_size == (3, 5)
    assert found["decoder.stage2.merge"].how == "add"
    assert eval(repr(design), vars(cw)) == design
    assert cw.from_json(cw.to_json(design)) == design


@pytest.mark.parametrize(
    "overrides",
    [
        5,
        {"encoder.stage1.conv": 5},
        {"encoder.stage1.conv": {"kernel_size": float("nan")}},
        {"encoder.stage1.conv": {"kernel_size": (3, True)}},
        {"encoder.stage1.conv": {"kernel_sizes": 3}},
        {"encoder.stage1.act": {"settings": {"negative_slope": [1]}}},
    ],
)
def test_overrides_that_cannot_be_are_refused(overrides):
    with pytest.raises(cw.DesignError, match=r"^EncoderDecoder: ") as refusal:
        DESIGN.replace(overrides=overrides)
    assert "overrides" in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_group_norm_has_as_many_groups_as_its_channels_allow():
    found = layers(DESIGN.replace(norm="group", channels=(48, 20, 64)))
    groups = [found[f"encoder.stage{number}.norm"].groups for number in (1, 2, 3)]
    assert groups == [16, 4, 32]


def test_a_smaller_decoder_keeps_nothing_that_it_does_not_merge():
    for skips, kept in (("concat", {"encoder.keep2", "encoder.keep3"}), ("add", {"encoder.keep3"})):
        plan = cw.plan(DESIGN.replace(decoder_depth=2, skips=skips))
        assert {row.name for row in plan.rows if row.kind == "Keep"} == kept
        assert all(caution.kind != "unmerged" for caution in plan.cautions)


def test_a_mirror_image_ends_with_a_head_that_is_given_the_input_too():
    rows = {row.name: row for row in cw.plan(DESIGN).rows}
    channels, out_channels = DESIGN.in_channels, DESIGN.out_channels
    merge, head = rows["decoder.stage3.merge"], rows["decoder.head.conv"]
    assert merge.input_shapes == ((out_channels, 33, 46), (channels, 33, 46))
    assert head.params == (out_channels + channels) * out_channels + out_channels


def test_the_final_layers_follow_the_head():
    ending = {"final_norm": True, "final_activation": "tanh"}
    *_, conv, norm, act = layers(DESIGN.replace(**ending))
    assert [conv, norm, act] == [f"decoder.head.{name}" for name in ("conv", "norm", "act")]
    *_, conv, norm, act = layers(DESIGN.replace(skips="add", **ending))
    assert [conv, norm, act] == [f"decoder.stage3.{name}" for name in ("conv", "norm", "act")]


@pytest.mark.parametrize("skips", ["none", "add"])
def test_there_is_no_head_without_anything_to_concatenate(skips):
    assert not [name for name in layers(DESIGN.replace(skips=skips)) if "head" in name]


def test_long_skips_start_before_each_step_down():
    plan = cw.plan(DESIGN.replace(downsampling="max_pool", depth=2))
    rows = {row.name: row for row in plan.rows}
    merge = rows["decoder.stage2.merge"]
    assert merge.input_shapes == ((28, 33, 46), (28, 33, 46))
    assert plan.rows[merge.sources[1]].name == "encoder.stage1.act"
