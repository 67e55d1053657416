"""What cautions say, and of what they say nothing."""

import pytest

import cnnwidget as cw
from cnnwidget.design.advice.weight_cautions import weights_in_words


def told(design, kind):
    return [caution for caution in cw.plan(design).cautions if caution.kind == kind]


def by_hand(*children, shape=(3, 32, 32)):
    return cw.Network(input_shape=shape, children=list(children))


@pytest.mark.parametrize("size", [(31, 19), (33, 17), (32, 32)])
@pytest.mark.parametrize("upsampling", ["nearest", "linear"])
def test_an_upsampling_to_odd_sizes_is_no_stretching(size, upsampling):
    design = cw.EncoderDecoder(
        input_size=size, in_channels=3, out_channels=3, upsampling=upsampling
    )
    assert cw.plan(design).output_shape == (3, *size)
    assert not told(design, "resize")


def test_an_upsampling_of_a_generator_to_odd_sizes_is_no_stretching():
    design = cw.Generator(output_size=(31, 19), out_channels=3, depth=3)
    for upsampling in ("nearest", "linear"):
        assert not told(design.replace(upsampling=upsampling), "resize")


@pytest.mark.parametrize(
    ("size", "behind"),
    [
        ((63, 64), [cw.Activation(name="relu")]),  # no convolution goes over it
        ((36, 36), [cw.Conv(out_channels=3, kernel_size=3)]),  # no whole factor
        ((63, 16), [cw.Conv(out_channels=3, kernel_size=3)]),  # smaller along one axis
    ],
)
def test_other_resizes_are_told(size, behind):
    assert told(by_hand(cw.Resize(size=size, mode="interpolate"), *behind), "resize")


@pytest.mark.parametrize(
    ("shape", "kernel_size", "where", "mend"),
    [
        ((3, 32), 1, "", "2"),
        ((3, 32, 32), 1, " along each axis", "2"),
        ((3, 32, 32), (3, 1), " along the width", "(3, 2)"),
        ((3, 32, 32), (1, 3), " along the height", "(2, 3)"),
        ((3, 8, 8, 8), (1, 3, 3), " along the depth", "(2, 3, 3)"),
    ],
)
def test_what_is_stepped_over_is_told_of_its_axis(shape, kernel_size, where, mend):
    conv = cw.Conv(out_channels=4, kernel_size=kernel_size, stride=2, padding="valid")
    [caution] = told(by_hand(conv, shape=shape), "skipped")
    assert caution.reason == f"kernel 1 with stride 2 never meets 1 of every 2 inputs{where}"
    assert f"kernel_size={mend}, stride=2" in caution.mends[0].change


def test_a_kernel_of_one_with_a_stride_is_meant_so_in_a_branch():
    design = cw.Classifier(input_size=(32, 32), in_channels=3, num_classes=10, block="inception")
    assert not told(design, "skipped")
    narrow = cw.Conv(out_channels=4, kernel_size=1, stride=2)
    wide = cw.Conv(out_channels=4, kernel_size=3, stride=2, padding=1)
    inside = cw.Sequence(children=[cw.Activation(name="relu"), narrow])
    assert not told(by_hand(cw.Branches(children={"a": inside, "b": wide})), "skipped")
    # A dilated kernel that misses inputs misses them anywhere.
    gappy = cw.Conv(out_channels=4, kernel_size=3, stride=2, padding=2, dilation=2)
    assert told(by_hand(cw.Branches(children={"a": gappy, "b": wide})), "skipped")


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        (100_000_000, "0.4 GB; with gradients and Adam's two moments it takes 1.6 GB"),
        (249_999_999_999, "1.0 TB; with gradients and Adam's two moments it takes 4.0 TB"),
        (10**15, "4.0 PB; with gradients and Adam's two moments it takes 16.0 PB"),
    ],
)
def test_weights_are_told_in_a_fitting_unit(weights, words):
    assert words in weights_in_words(weights)


def test_a_share_of_next_to_nothing_is_not_told():
    layers = [cw.Flatten(), cw.Linear(out_features=11_000), cw.Linear(out_features=2_000_000)]
    small, large = told(by_hand(*layers, shape=(10_000,)), "heavy")
    assert "of the network" not in small.reason
    assert large.reason.endswith("100% of the network's")


def test_a_heavy_head_is_made_lighter_before_all_channels_are_made_equal():
    [caution] = told(cw.presets["vgg16"], "heavy")
    changes = [mend.change for mend in caution.mends]
    assert changes == ["hidden_features=(2048, 2048)", "head='global_avg'"]
