"""The presets against the figures of their papers, and examples counted in lectures."""

import json
import subprocess
import sys
from math import prod

import pytest

import cnnwidget as cw
from cnnwidget.design.families.classifier import Classifier
from cnnwidget.design.families.classifier_blocks import InceptionWidths, inception_branches
from cnnwidget.design.families.conv_style import ConvStyle
from cnnwidget.design.json_format import from_json, to_json
from cnnwidget.design.layers.convolution import Conv
from cnnwidget.design.layers.pooling import Pool
from cnnwidget.design.network import Branches, Network
from cnnwidget.design.planning.walk import walk
from cnnwidget.design.presets.presets import Presets, presets
from cnnwidget.design.receptive.compute_fields import receptive_fields

# Trainable weights.
PUBLISHED = {
    # 156 + 2,416 + 48,120 + 10,164 + 850, with full connections
    "lenet5": 61_706,
    # https://docs.pytorch.org/vision/stable/models/alexnet.html and the pages beside it
    "alexnet": 61_100_840,
    "vgg11": 132_863_336,
    "vgg13": 133_047_848,
    "vgg16": 138_357_544,
    "vgg19": 143_667_240,
    "googlenet": 6_624_904,
    "googlenet_aux": 13_004_888,
    "resnet18": 11_689_512,
    "resnet34": 21_797_672,
    "resnet50": 25_557_032,
    "resnet101": 44_549_160,
    "resnet152": 60_192_808,
    # https://keras.io/api/applications/mobilenet/ : 4.3 M, of which 21,888 are running statistics
    "mobilenet": 4_253_864 - 21_888,
    # From Radford et al. 2015, with 64 channels before the last stage
    "dcgan_generator": 16 * (100 * 512 + 512 * 256 + 256 * 128 + 128 * 64 + 64 * 3)
    + 2 * (512 + 256 + 128 + 64),
    "dcgan_discriminator": 16 * (3 * 64 + 64 * 128 + 128 * 256 + 256 * 512 + 512)
    + 2 * (128 + 256 + 512),
}


def conv(in_channels, out_channels, taps):
    """Return the weights of a convolution with a bias."""
    return out_channels * (in_channels * taps + 1)


# Ronneberger et al. 2015, figure 1: 23 convolutional layers. Padding has no weights.
U_NET = (
    sum(
        conv(before, after, 9) + conv(after, after, 9)
        for before, after in ((1, 64), (64, 128), (128, 256), (256, 512), (512, 1024))
    )
    + sum(
        conv(2 * half, half, 4) + conv(2 * half, half, 9) + conv(half, half, 9)
        for half in (512, 256, 128, 64)
    )
    + conv(64, 2, 1)
)

# Figures that no paper has, counted manually.
COUNTED = {
    "unet": U_NET,
    "unet_same": U_NET,
    "autoencoder": conv(1, 16, 9) + conv(16, 32, 9)
    + conv(32 * 7 * 7, 32, 1) + conv(32, 32 * 7 * 7, 1)
    + conv(32, 16, 16) + conv(16, 1, 16),
    "denoiser": conv(2, 256, 3) + conv(256, 512, 3) + conv(512, 1024, 3)
    + 2 * (256 + 512 + 1024)
    + conv(1024, 512, 4) + conv(512, 256, 4) + conv(256, 2, 4)
    + 2 * (512 + 256),
    "cifar": 2_432 + 18_496 + 771,
    # Qi et al. 2016, table 6: 0.8 M ("vanilla")
    "pointnet": conv(3, 64, 1) + 2 * conv(64, 64, 1) + conv(64, 128, 1) + conv(128, 1024, 1)
    + conv(1024, 512, 1) + conv(512, 256, 1) + conv(256, 40, 1)
    + 2 * (3 * 64 + 128 + 1024 + 512 + 256),
    "waveform_detector": 7 * (2 * 16 + 16 * 32 + 32 * 64) + 2 * (16 + 32 + 64) + conv(64, 1, 1),
    # TorchCNNBuilder's "proportion" law: 104 116 128 140 152 164, then 162 140 118 96 52
    "forecaster": sum(
        conv(before, after, 9)
        for before, after in (
            (104, 116), (116, 128), (128, 140), (140, 152), (152, 164),
            (164, 162), (162, 140), (140, 118), (118, 96), (96, 52),
        )
    ),
}  # fmt: skip

# Output shapes, (channels, *size), by layer.
TABLES = {
    # LeCun et al. 1998, figure 2
    "lenet5": {
        "features.conv1": (6, 28, 28), "features.pool1": (6, 14, 14),
        "features.conv2": (16, 10, 10), "features.pool2": (16, 5, 5),
        "features.conv3": (120, 1, 1), "head.linear1": (84,), "head.linear": (10,),
    },
    # Krizhevsky 2014 with 224 pixels, padded by 2
    "alexnet": {
        "features.conv1": (64, 55, 55), "features.pool1": (64, 27, 27),
        "features.conv2": (192, 27, 27), "features.pool2": (192, 13, 13),
        "features.conv3": (384, 13, 13), "features.conv5": (256, 13, 13),
        "features.pool5": (256, 6, 6), "head.flatten": (9216,), "head.linear2": (4096,),
    },
    # Simonyan and Zisserman 2014, table 1
    "vgg16": {
        "stage1.pool": (64, 112, 112), "stage2.pool": (128, 56, 56), "stage3.pool": (256, 28, 28),
        "stage4.pool": (512, 14, 14), "stage5.pool": (512, 7, 7), "head.linear1": (4096,),
    },
    # He et al. 2015, table 1
    "resnet18": {
        "stem.conv": (64, 112, 112), "stage1.act2": (64, 56, 56), "stage2.act2": (128, 28, 28),
        "stage3.act2": (256, 14, 14), "stage4.act2": (512, 7, 7), "head.pool": (512, 1, 1),
    },
    "resnet50": {
        "stem.conv": (64, 112, 112), "stage1.act3": (256, 56, 56), "stage2.act4": (512, 28, 28),
        "stage3.act6": (1024, 14, 14), "stage4.act3": (2048, 7, 7), "head.pool": (2048, 1, 1),
    },
    # Ronneberger et al. 2015, figure 1
    "unet": {
        "encoder.stage1.conv1": (64, 570, 570), "encoder.stage1.conv2": (64, 568, 568),
        "encoder.pool1": (64, 284, 284), "encoder.stage2.conv2": (128, 280, 280),
        "encoder.pool2": (128, 140, 140), "encoder.stage3.conv2": (256, 136, 136),
        "encoder.pool3": (256, 68, 68), "encoder.stage4.conv2": (512, 64, 64),
        "encoder.pool4": (512, 32, 32), "encoder.bottleneck.conv1": (1024, 30, 30),
        "encoder.bottleneck.conv2": (1024, 28, 28), "decoder.stage1.merge": (1024, 56, 56),
        "decoder.stage1.conv2": (512, 52, 52), "decoder.stage2.merge": (512, 104, 104),
        "decoder.stage2.conv2": (256, 100, 100), "decoder.stage3.merge": (256, 200, 200),
        "decoder.stage3.conv2": (128, 196, 196), "decoder.stage4.merge": (128, 392, 392),
        "decoder.stage4.conv2": (64, 388, 388), "decoder.head.conv": (2, 388, 388),
    },
    # Radford et al. 2015, figure 1, with half of its channels
    "dcgan_generator": {
        "project.conv": (512, 4, 4), "stage1.conv": (256, 8, 8), "stage2.conv": (128, 16, 16),
        "stage3.conv": (64, 32, 32), "stage4.conv": (3, 64, 64),
    },
    "dcgan_discriminator": {
        "features.conv1": (64, 32, 32), "features.conv4": (512, 4, 4), "head.conv": (1, 1, 1),
    },
    # Howard et al. 2017, table 1
    "mobilenet": {
        "stem.conv": (32, 112, 112), "stage1.block1.pointwise": (64, 112, 112),
        "stage2.block1.depthwise": (64, 56, 56), "stage2.block2.pointwise": (128, 56, 56),
        "stage3.block2.pointwise": (256, 28, 28), "stage4.block6.pointwise": (512, 14, 14),
        "stage5.block2.pointwise": (1024, 7, 7), "head.pool": (1024, 1, 1),
    },
    # Qi et al. 2016, figure 2, without the networks that turn the points
    "pointnet": {
        "features.conv2": (64, 1024), "features.conv5": (1024, 1024), "head.pool": (1024, 1),
        "head.linear1": (512,), "head.linear2": (256,), "head.linear": (40,),
    },
    "cifar": {
        "stem.conv": (32, 28, 28), "stem.pool": (32, 9, 9), "stage1.conv1": (64, 7, 7),
        "stage1.pool": (64, 2, 2), "head.linear": (3,),
    },
    "waveform_detector": {
        "features.conv1": (16, 8, 8, 128), "features.conv3": (64, 8, 8, 32),
        "head.pool": (1, 8, 8, 1),
    },
}  # fmt: skip

# Szegedy et al. 2014, table 1, "output size".
GOOGLENET = {
    "stem.conv1": (64, 112, 112), "stem.pool1": (64, 56, 56), "stem.conv3": (192, 56, 56),
    "stem.pool2": (192, 28, 28), "inception3a": (256, 28, 28), "inception3b": (480, 28, 28),
    "pool3": (480, 14, 14), "inception4a": (512, 14, 14), "inception4b": (512, 14, 14),
    "inception4c": (512, 14, 14), "inception4d": (528, 14, 14), "inception4e": (832, 14, 14),
    "pool4": (832, 7, 7), "inception5a": (832, 7, 7), "inception5b": (1024, 7, 7),
    "head.pool": (1024, 1, 1), "head.linear": (1000,),
}  # fmt: skip
TABLES |= {"googlenet": GOOGLENET, "googlenet_aux": GOOGLENET}

OUTPUTS = {
    "lenet5": (10,), "cifar": (3,), "pointnet": (40,), "unet": (2, 388, 388),
    "unet_same": (2, 512, 512), "dcgan_generator": (3, 64, 64), "dcgan_discriminator": (1,),
    "autoencoder": (1, 28, 28), "denoiser": (2, 128), "waveform_detector": (1, 8, 8, 1),
    "forecaster": (52, 125, 125),
}  # fmt: skip


# Receptive fields before the head: Araujo et al. 2019, https://distill.pub/2019/computing-receptive-fields/
FIELDS = {"alexnet": (195, "features.pool5"), "vgg16": (212, "stage5.pool"),
          "mobilenet": (315, "stage5.block2.act2")}  # fmt: skip


def rows_of(design):
    walked = walk(design.network())
    assert walked.misfit is None
    return {row.name: row for row in walked.rows}


def fields_of(design):
    rows = rows_of(design)
    fields = receptive_fields(tuple(rows.values()), design.network().input_shape)
    return dict(zip(rows, fields, strict=True))


def params_of(design):
    return sum(row.params for row in rows_of(design).values())


def macs_of(design):
    return sum(row.macs for row in rows_of(design).values())


def test_every_preset_has_a_figure_of_its_own():
    assert set(presets) == set(PUBLISHED) | set(COUNTED)
    assert not set(PUBLISHED) & set(COUNTED)


@pytest.mark.parametrize("name", presets)
def test_the_parameters_are_those_of_the_paper(name):
    expected = (PUBLISHED | COUNTED)[name]
    assert params_of(presets[name]) == expected
    assert presets.about(name).params == expected


@pytest.mark.parametrize("name", TABLES)
def test_the_sizes_are_those_of_the_paper(name):
    rows = rows_of(presets[name])
    assert {layer: rows[layer].output_shape for layer in TABLES[name]} == TABLES[name]


@pytest.mark.parametrize("name", FIELDS)
def test_the_receptive_fields_are_those_of_the_article(name):
    expected, layer = FIELDS[name]
    assert fields_of(presets[name])[layer].size == (expected, expected)


@pytest.mark.parametrize("name", presets)
def test_a_preset_has_its_published_figures(name):
    walked = walk(presets[name].network())
    assert walked.rows[walked.last].output_shape == OUTPUTS.get(name, (1000,))


@pytest.mark.parametrize("name", presets)
def test_a_preset_says_where_it_comes_from(name):
    preset = presets.about(name)
    assert name == name.lower()
    assert preset.link.startswith("https://")
    assert 1995 <= preset.year <= 2024
    for sentence in (preset.teaches, preset.differs):
        assert sentence == "" or sentence.endswith(".")
    assert all((preset.title, preset.paper, preset.teaches))


@pytest.mark.parametrize("name", presets)
def test_a_preset_can_be_written_down(name):
    assert from_json(json.loads(json.dumps(to_json(presets[name])))) == presets[name]


@pytest.mark.parametrize("name", presets)
def test_the_names_of_modules_can_be_read(name):
    """Words and numbers, at most three deep, except in a block's projection."""
    for row in rows_of(presets[name]):
        assert len(row.split(".")) <= 4, row


def test_the_blocks_of_a_resnet_are_counted():
    rows = rows_of(presets["resnet50"])
    assert [row for row in rows if row.startswith("stage2.block1")] == [
        "stage2.block1.conv1", "stage2.block1.norm1", "stage2.block1.act1",
        "stage2.block1.conv2", "stage2.block1.norm2", "stage2.block1.act2",
        "stage2.block1.conv3", "stage2.block1.norm3",
        "stage2.block1.projection.conv", "stage2.block1.projection.norm", "stage2.block1",
    ]  # fmt: skip
    assert "stage2.act1" in rows
    assert not [row for row in rows if row.startswith("stage2.block2.projection")]


def test_the_weights_of_the_small_classifier_layer_by_layer():
    weights = [row.params for row in rows_of(presets["cifar"]).values() if row.params]
    assert weights == [2_432, 18_496, 771]


def test_auxiliary_heads_stand_where_the_paper_has_them():
    walked = walk(presets["googlenet_aux"].network())
    after = {extra.name: walked.rows[extra.source] for extra in walked.extras}
    assert list(after) == ["aux1", "aux2"]
    assert all(row.aux and row.output_shape == (1000,) for row in after.values())
    rows = rows_of(presets["googlenet_aux"])
    assert rows["aux1.pool"].input_shape == (512, 14, 14)
    assert rows["aux2.pool"].input_shape == (528, 14, 14)
    assert rows["aux2.pool"].output_shape == (528, 4, 4)
    heads = sum(row.params for row in rows.values() if row.aux)
    assert heads == PUBLISHED["googlenet_aux"] - PUBLISHED["googlenet"]


def test_presets_are_read_only_and_made_once():
    mapping = Presets()
    assert mapping["vgg11"] is mapping["vgg11"]
    with pytest.raises(TypeError):
        mapping["vgg11"] = mapping["vgg13"]
    assert len(mapping) == len(list(mapping)) == 24
    assert "vgg16" in mapping
    assert 16 not in mapping
    assert mapping.get("vgg12") is None


def test_an_unknown_preset_is_refused_with_the_nearest_name():
    with pytest.raises(KeyError, match="there is no preset 'vgg17'; did you mean 'vgg1"):
        presets["vgg17"]
    with pytest.raises(KeyError, match="there is no preset 7"):
        presets.about(7)


def test_presets_print_as_a_list():
    lines = repr(presets).splitlines()
    assert len(lines) == len(presets)
    assert lines[4].startswith("vgg16: VGG-16, 138,357,544 parameters. Two 3×3")


def test_presets_are_made_when_they_are_asked_for():
    code = (
        "from cnnwidget.design.presets.presets import presets; import sys\n"
        "assert not presets._made and 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


# The examples that are counted manually.


def alone(block, shape):
    """A network of one block."""
    return Network(input_shape=shape, children={"block": block})


def operations(size, in_channels, out_channels, kernel_size):
    """Return the multiply-accumulates of a convolution that keeps its size."""
    return prod(size) * out_channels * in_channels * kernel_size**2


FIELD = (28, 28)


def test_an_inception_block_costs_854_million_naively():
    same = {
        f"conv{k}x{k}": Conv(out_channels=channels, kernel_size=k, padding="same")
        for k, channels in ((1, 128), (3, 192), (5, 96))
    }
    pool = Pool(kind="max", kernel_size=3, stride=1, padding=1)
    naive = alone(Branches(children={**same, "pool": pool}), (256, *FIELD))
    each = [operations(FIELD, 256, channels, k) for k, channels in ((1, 128), (3, 192), (5, 96))]
    assert macs_of(naive) == sum(each) == 854_196_224
    assert rows_of(naive)["block"].output_shape == (128 + 192 + 96 + 256, *FIELD)


def test_with_reductions_it_costs_271_million():
    """A slide says 358 million, which counts the 3×3 branch twice."""
    widths = InceptionWidths(
        narrow=128, middle_reduced=64, middle=192, wide_reduced=64, wide=96, pooled=64
    )
    reduced = alone(inception_branches(ConvStyle(norm="none", bias=True), widths), (256, *FIELD))
    ones = sum(operations(FIELD, 256, channels, 1) for channels in (64, 64, 128, 64))
    middle, wide = operations(FIELD, 64, 192, 3), operations(FIELD, 64, 96, 5)
    assert macs_of(reduced) == ones + middle + wide == 271_351_808
    assert round((macs_of(reduced) + middle) / 1e6) == 358
    assert rows_of(reduced)["block"].output_shape == (128 + 192 + 96 + 64, *FIELD)


def test_a_separable_convolution_multiplies_53_952_times_and_not_1_228_800():
    """256 kernels of 5×5 over 3×12×12."""
    whole = Network(input_shape=(3, 12, 12), children=[Conv(out_channels=256, kernel_size=5)])
    separable = Network(
        input_shape=(3, 12, 12),
        children=[
            Conv(out_channels=3, kernel_size=5, groups=3),
            Conv(out_channels=256, kernel_size=1),
        ],
    )
    assert macs_of(whole) == 8 * 8 * 256 * 3 * 5 * 5 == 1_228_800
    assert macs_of(separable) == 8 * 8 * 3 * 5 * 5 + 8 * 8 * 256 * 3 == 53_952


@pytest.mark.parametrize("channels", [1, 8, 64])
def test_two_small_kernels_see_as_far_as_a_large_one_with_fewer_weights(channels):
    def stack(kernels, size):
        convs = [Conv(out_channels=channels, kernel_size=k, bias=False) for k in kernels]
        return Network(input_shape=(channels, *size), children=convs)

    assert params_of(stack((3, 3), (9, 9))) == 18 * channels**2
    assert params_of(stack((5,), (9, 9))) == 25 * channels**2
    for kernels in ((3, 3), (5,)):
        seen = list(fields_of(stack(kernels, (9, 9))).values())[-1]
        assert seen.size == (5, 5)
        # One output value is made of 25 inputs, no fewer.
        assert walk(stack(kernels, (5, 5))).rows[-1].output_shape == (channels, 1, 1)
        assert walk(stack(kernels, (4, 4))).misfit


def test_a_preset_can_be_changed():
    smaller = presets["resnet18"].replace(start_channels=16, num_classes=10)
    assert isinstance(smaller, Classifier)
    assert rows_of(smaller)["head.linear"].output_shape == (10,)
    assert params_of(smaller) < params_of(presets["resnet18"]) / 10


def test_a_name_that_is_none_is_refused_in_one_sentence():
    with pytest.raises(KeyError) as refusal:
        cw.presets["unett"]
    assert refusal.value.args == ("there is no preset 'unett'; did you mean 'unet'?",)
    with pytest.raises(KeyError) as refusal:
        cw.presets["-"]
    assert refusal.value.args[0].startswith("there is no preset '-'; there are lenet5, ")
    assert refusal.value.args[0].endswith(".")
    assert [] not in cw.presets
    assert cw.presets.get([]) is None


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ((64.0,), "channels is 64.0, but must be a whole number of at least 1."),
        ((0,), "channels is 0, but must be a whole number of at least 1."),
        ((2**61,), f"channels is {2**61}, but must be less than {2**61}."),
        ((64, 0), "reduction is 0, but must be a whole number of at least 1."),
    ],
)
def test_squeeze_and_excitation_checks_its_own_arguments(given, sentence):
    with pytest.raises(cw.DesignError) as refusal:
        cw.layers.squeeze_excitation(*given)
    assert str(refusal.value) == f"squeeze_excitation: {sentence}"
