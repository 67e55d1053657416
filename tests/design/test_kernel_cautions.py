"""Cautions of kernels."""

import pytest

import cnnwidget as cw
from cnnwidget.design.layers.activation import Activation
from cnnwidget.design.layers.convolution import Conv
from cnnwidget.design.network import Branches, Sequence
from tests.samples import cautions_of, network_of


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
def test_skipped_inputs_are_counted_along_their_axis(shape, kernel_size, where, mend):
    conv = Conv(out_channels=4, kernel_size=kernel_size, stride=2, padding="valid")
    [caution] = cautions_of(network_of(conv, shape=shape), "skipped")
    assert caution.reason == f"kernel 1 with stride 2 never meets 1 of every 2 inputs{where}"
    assert f"kernel_size={mend}, stride=2" in caution.mends[0].change


def test_a_strided_kernel_of_one_is_no_caution_in_a_branch():
    design = cw.Classifier(input_size=(32, 32), in_channels=3, num_classes=10, block="inception")
    assert not cautions_of(design, "skipped")
    narrow = Conv(out_channels=4, kernel_size=1, stride=2)
    wide = Conv(out_channels=4, kernel_size=3, stride=2, padding=1)
    inside = Sequence(children=[Activation(name="relu"), narrow])
    assert not cautions_of(network_of(Branches(children={"a": inside, "b": wide})), "skipped")
    # A dilated kernel that misses inputs misses them anywhere.
    gappy = Conv(out_channels=4, kernel_size=3, stride=2, padding=2, dilation=2)
    assert cautions_of(network_of(Branches(children={"a": gappy, "b": wide})), "skipped")
