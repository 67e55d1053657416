"""Classifiers and generators: the effect of each setting, and refused settings."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnwidget.design.errors import DesignError
from cnnwidget.design.families.classifier import Classifier
from cnnwidget.design.families.classifier_blocks import inception_widths
from cnnwidget.design.families.conv_style import ConvStyle
from cnnwidget.design.families.generator import Generator
from cnnwidget.design.json_format import from_json, to_json
from cnnwidget.design.layers.layer import Layer
from cnnwidget.design.network import Aux, Branches, Network, Sequence, Skip
from cnnwidget.design.planning.walk import walk
from tests.strategies import classifiers, generators

SMALL = Classifier(input_size=(32, 32), in_channels=3, num_classes=10)
IMAGE = Generator(output_size=(32, 32), out_channels=3)


def rows_of(design):
    walked = walk(design.network())
    assert walked.misfit is None
    return {row.name: row for row in walked.rows}


def layers_of(design, kind):
    return [(name, row) for name, row in rows_of(design).items() if row.kind.startswith(kind)]


def checked(node):
    """Return the same value made by the constructors, which check every field."""
    fields = {name: getattr(node, name) for name in type(node).model_fields}
    if isinstance(node, Network | Sequence | Skip | Branches | Aux):
        fields["children"] = tuple((name, checked(child)) for name, child in node.children)
    if isinstance(node, Skip) and not isinstance(node.projection, str):
        fields["projection"] = checked(node.projection)
    assert isinstance(node, Network | Sequence | Skip | Branches | Aux | Layer)
    return type(node)(**fields)


@given(st.one_of(classifiers(), generators()))
def test_values_made_unchecked_pass_the_checks(design):
    assert checked(design.network()) == design.network()


@given(st.one_of(classifiers(), generators()))
def test_a_representation_makes_the_same_design(design):
    names = {"Classifier": Classifier, "Generator": Generator}
    assert eval(repr(design), names) == design
    assert hash(eval(repr(design), names)) == hash(design)


@given(st.one_of(classifiers(), generators()))
def test_a_notation_makes_the_same_design(design):
    assert from_json(json.loads(json.dumps(to_json(design)))) == design


@given(st.one_of(classifiers(), generators()))
def test_no_size_is_an_exception(design):
    """Strategies draw sizes that do not fit, too: a row refuses these, with a reason."""
    walked = walk(design.network())
    assert (walked.misfit is None) == (walked.rows[-1].output_shape is not None)


def test_the_defaults_are_a_small_residual_net():
    shapes = [row.output_shape for _, row in layers_of(SMALL, "Skip")]
    assert shapes == [(32, 32, 32)] * 2 + [(64, 16, 16)] * 2 + [(128, 8, 8)] * 2
    assert list(rows_of(SMALL))[-1] == "head.linear"
    assert rows_of(SMALL)["head.linear"].output_shape == (10,)


@pytest.mark.parametrize("block", ["plain", "residual", "bottleneck", "inception", "depthwise"])
@pytest.mark.parametrize("downsampling", ["stride", "max_pool", "avg_pool"])
@pytest.mark.parametrize("size", [(32, 32), (33, 47), (61,), (9, 10, 11)])
def test_every_block_goes_down_by_every_way_at_every_size(block, downsampling, size):
    design = SMALL.replace(input_size=size, block=block, downsampling=downsampling)
    before = next(row for name, row in rows_of(design).items() if name == "head.pool")
    halved = size
    for _ in range(2):
        up = downsampling == "stride"  # a pool leaves out what is no whole window
        halved = tuple(-(-n // 2) if up else n // 2 for n in halved)
    assert before.input_shape[1:] == halved


@pytest.mark.parametrize("block", ["plain", "residual", "bottleneck", "depthwise"])
def test_without_padding_fields_shrink_and_the_way_round_is_cut(block):
    rows = rows_of(SMALL.replace(block=block, padding="valid", depth=2))
    assert rows["head.pool"].input_shape[1] < 16
    for row in rows.values():
        if row.kind == "Skip":
            assert row.layer.align == "crop"


def test_a_pool_after_the_stem_may_overlap():
    design = SMALL.replace(stem_stride=2, stem_pool="max", stem_kernel_size=7)
    assert rows_of(design)["stem.pool"].output_shape == (32, 8, 8)
    assert rows_of(design)["stem.pool"].layer.padding == (1, 1)


def test_the_stem_can_be_left_out():
    assert not [name for name in rows_of(SMALL.replace(stem_channels=0)) if "stem" in name]


@pytest.mark.parametrize(
    ("changes", "biased"),
    [
        ({}, False),
        ({"norm": "none"}, True),
        ({"norm": "none", "bias": False}, False),
        ({"bias": True}, True),
    ],
)
def test_convolutions_have_a_bias_where_no_norm_has_one(changes, biased):
    for design in (SMALL, IMAGE):
        convs = layers_of(design.replace(**changes), "Conv")
        stages = [row for name, row in convs if name != "stage3.conv"]
        assert {row.layer.bias for row in stages} == {biased}
    last = rows_of(IMAGE.replace(**changes))["stage3.conv"]
    assert last.layer.bias == (changes.get("bias") is not False)


@pytest.mark.parametrize("upsampling", ["transpose", "nearest", "pixel_shuffle"])
def test_groups_of_a_norm_divide_the_channels(upsampling):
    """32 groups where they divide the channels, as in Wu and He 2018."""
    small = SMALL.replace(norm="group", channels=(64, 9, 12), stem_channels=20)
    image = IMAGE.replace(norm="group", channels=(64, 9, 12), upsampling=upsampling)
    for design, expected in ((small, {4, 32, 1}), (image, {4, 32, 1})):
        norms = [row.layer for _, row in layers_of(design, "GroupNorm")]
        assert {norm.groups for norm in norms} == expected


def test_heads():
    mean, largest = SMALL, SMALL.replace(head="global_max")
    assert rows_of(mean)["head.pool"].kind == "AdaptiveAvgPool2d"
    assert rows_of(largest)["head.pool"].kind == "AdaptiveMaxPool2d"
    flat = SMALL.replace(head="flatten", hidden_features=(20, 15), dropout_p=0.5)
    assert [name for name in rows_of(flat) if name.startswith("head")] == [
        "head.flatten",
        "head.linear1",
        "head.act1",
        "head.dropout1",
        "head.linear2",
        "head.act2",
        "head.dropout2",
        "head.linear",
    ]
    assert rows_of(flat)["head.flatten"].output_shape == (128 * 8 * 8,)
    averaged = flat.replace(head_size=(2, 3))
    assert rows_of(averaged)["head.flatten"].output_shape == (128 * 6,)
    bare = SMALL.replace(dropout_p=0.2, final_activation="softmax")
    assert [name for name in rows_of(bare) if name.startswith("head")] == [
        "head.pool",
        "head.flatten",
        "head.dropout",
        "head.linear",
        "head.act",
    ]


def test_auxiliary_heads_stand_after_their_stages():
    walked = walk(SMALL.replace(aux_stages=(1, 2), aux_weight=0.5).network())
    assert [(extra.name, extra.weight, extra.shape) for extra in walked.extras] == [
        ("aux1", 0.5, (10,)),
        ("aux2", 0.5, (10,)),
    ]
    rows = {row.name: row for row in walked.rows}
    assert rows["aux2.pool"].input_shape == (64, 16, 16)


@given(st.integers(8, 5000))
def test_the_branches_of_an_inception_block_add_up(channels):
    assert inception_widths(channels).out_channels == channels
    assert min(inception_widths(channels)) >= 1


def test_few_channels_still_make_four_branches():
    assert [inception_widths(n).out_channels for n in (1, 4, 7)] == [4, 5, 7]


def test_a_bottleneck_widens_by_its_expansion():
    rows = rows_of(SMALL.replace(block="bottleneck", expansion=3))
    assert rows["stage1.block1.conv3"].output_shape == (96, 32, 32)
    assert "stage1.block1.projection.conv" in rows


def test_per_axis_and_per_stage():
    design = Classifier(
        input_size=(20, 64),
        in_channels=2,
        num_classes=5,
        block="plain",
        depth=2,
        channels=(6, 9),
        blocks_per_stage=(1, 3),
        kernel_size=(1, 5),
        stride=(1, 2),
    )
    rows = rows_of(design)
    assert [name for name in rows if ".conv" in name] == [
        "stem.conv",
        "stage1.conv1",
        "stage2.conv1",
        "stage2.conv2",
        "stage2.conv3",
    ]
    assert rows["stage2.conv3"].output_shape == (9, 20, 32)
    assert SMALL.replace(kernel_size=(3, 3)) == SMALL
    assert IMAGE.replace(stride=(2, 2)) == IMAGE


@pytest.mark.parametrize("size", [(32, 32), (33, 47), (61,), (1, 1), (7, 10, 11), (5,)])
@pytest.mark.parametrize("upsampling", ["transpose", "nearest", "linear", "pixel_shuffle"])
@pytest.mark.parametrize("stride", [1, 2, 3])
def test_a_generator_reaches_any_size(size, upsampling, stride):
    design = Generator(output_size=size, out_channels=2, upsampling=upsampling, stride=stride)
    assert walk(design.network()).rows[-1].output_shape == (2, *size)


def test_a_generator_may_start_at_a_size_of_its_own():
    met = IMAGE.replace(start_size=(4, 4), output_size=(31, 9))
    assert rows_of(met)["stage3.conv"].output_shape == (3, 31, 32)
    missed = IMAGE.replace(start_size=(5, 4))
    assert rows_of(missed)["stage3.conv"].output_shape == (3, 40, 32)
    resized = missed.replace(final_resize="interpolate")
    assert rows_of(resized)["resize"].output_shape == (3, 32, 32)


@pytest.mark.parametrize(
    "design",
    [
        IMAGE.replace(start_size=(4, 4), depth=1000),
        IMAGE.replace(start_size=(4, 4), stride=2**31 - 1, depth=5),
        IMAGE.replace(upsampling="pixel_shuffle", stride=2**31 - 1, depth=5),
        SMALL.replace(depth=1000, stride=2**31 - 1, block="bottleneck", expansion=1000),
        SMALL.replace(channels=(2**60,) * 3, block="inception"),
        SMALL.replace(padding="valid", depth=100),
    ],
)
def test_no_number_is_too_large_for_a_plan(design):
    """A row refuses sizes that do not fit or that no tensor can hold; no constructor fails."""
    walked = walk(design.network())
    last = walked.rows[-1]
    assert (walked.misfit is None) == (last.output_shape is not None)
    assert len(str(walked.misfit)) < 500


def test_channels_of_a_generator():
    def outputs(design):
        return [row.layer.out_channels for _, row in layers_of(design, "Conv")]

    assert outputs(IMAGE) == [256, 128, 64, 3]
    assert outputs(IMAGE.replace(depth=5)) == [512, 512, 256, 128, 64, 3]
    assert outputs(IMAGE.replace(channels="constant")) == [64, 64, 64, 3]
    assert outputs(IMAGE.replace(channels=(9, 7, 5))) == [9, 7, 5, 3]
    shuffled = IMAGE.replace(upsampling="pixel_shuffle", channels=(9, 7, 5))
    assert outputs(shuffled) == [9, 28, 20, 12]


@pytest.mark.parametrize(
    ("design", "changes", "message"),
    [
        (SMALL, {"depth": 0}, r"^Classifier: depth is 0, but must be at least 1\.$"),
        (SMALL, {"block": "dense"}, r"block is 'dense', but must be one of plain, residual,"),
        (SMALL, {"input_size": (2, 2, 2, 2)}, r"has 4 axes; convolutions have one to three\.$"),
        (SMALL, {"kernel_size": (3, 3, 3)}, r"kernel_size \(3, 3, 3\) has 3 numbers, but there"),
        (SMALL, {"kernel_size": 0}, r"kernel_size is 0, but must be a whole number of at least 1"),
        (SMALL, {"channels": (8, 8)}, r"channels \(8, 8\) has 2 numbers, but needs 3: one per"),
        (SMALL, {"channels": "doubling"}, r"must be one of exponential, proportion, linear"),
        (SMALL, {"blocks_per_stage": (2,)}, r"blocks_per_stage \(2,\) has 1 numbers, but needs 3"),
        (SMALL, {"blocks_per_stage": 0}, r"must be a whole number from 1 to 100, or one per"),
        (SMALL, {"blocks_per_stage": (1, 0, 1)}, r"must be a whole number from 1 to 100"),
        (SMALL, {"aux_stages": (4,)}, r"aux_stages \(4,\) must be different numbers of stages"),
        (SMALL, {"aux_stages": (1, 1)}, r"must be different numbers of stages, from 1 to the"),
        (SMALL, {"aux_stages": (0,)}, r"must be a tuple of whole numbers of at least 1\.$"),
        (SMALL, {"head_size": (7,)}, r"head_size \(7,\) has 1 numbers, but input_size"),
        (SMALL, {"hidden_features": (0,)}, r"hidden_features is \(0,\), but must be a tuple"),
        (SMALL, {"stem_channels": -1}, r"stem_channels is -1, but must be at least 0\.$"),
        (SMALL, {"dropout_p": 1.5}, r"dropout_p is 1\.5, but must be at most 1\.0\.$"),
        (SMALL, {"padding": 1}, r"padding is 1, but must be one of same, valid"),
        (SMALL, {"bias": "some"}, r"bias is 'some', but must be"),
        (IMAGE, {"depth": 1001}, r"^Generator: depth is 1001, but must be at most 1000\.$"),
        (IMAGE, {"output_size": (2, 2, 2, 2)}, r"has 4 axes; convolutions have one to three\.$"),
        (IMAGE, {"stride": (2,) * 3}, r"stride \(2, 2, 2\) has 3 numbers, but there are 2 axes"),
        (IMAGE, {"start_size": (4,)}, r"start_size \(4,\) has 1 numbers, but output_size"),
        (IMAGE, {"channels": (8,)}, r"channels \(8,\) has 1 numbers, but needs 3"),
        (IMAGE, {"channels": "linear"}, r"must be one of exponential, constant, or a tuple"),
        (IMAGE, {"upsampling": "unpool"}, r"upsampling is 'unpool', but must be one of transpose"),
    ],
)
def test_impossible_settings_are_refused_in_a_sentence(design, changes, message):
    with pytest.raises(DesignError, match=message) as refused:
        design.replace(**changes)
    assert "\n" not in str(refused.value)


def test_blocks_share_a_style():
    assert [name for name, _ in ConvStyle().unit(ConvStyle().conv(8, 3), "2")] == [
        "conv2",
        "norm2",
        "act2",
    ]
    assert [name for name, _ in ConvStyle(norm="none").unit(ConvStyle().conv(8, 3))] == [
        "conv",
        "act",
    ]
