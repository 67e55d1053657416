"""Facts about the two convolutions that the comparison with torch does not name."""

import pytest
import torch
from torch import nn

import cnnwidget as cw
from cnnwidget.design.layers.layer import Misfit


@pytest.mark.parametrize("n", range(1, 20))
@pytest.mark.parametrize("kernel", range(1, 8))
@pytest.mark.parametrize("stride", range(1, 5))
@pytest.mark.parametrize("dilation", [1, 2, 3])
def test_same_is_ceil_of_size_over_stride(n, kernel, stride, dilation):
    conv = cw.layers.Conv(
        out_channels=1, kernel_size=kernel, stride=stride, dilation=dilation, padding="same"
    )
    assert conv.output_shape((1, n)) == (1, -(-n // stride))


def test_same_pads_as_little_as_it_can():
    """The padding is half of the overhang, rounded up where it would be too small."""
    for n in range(1, 20):
        for kernel in range(2, 8):
            for stride in (2, 3, 4):
                conv = cw.layers.Conv(
                    out_channels=1, kernel_size=kernel, stride=stride, padding="same"
                )
                [padding] = conv.padding_at((n,))
                assert padding in ((kernel - 1) // 2, kernel // 2)


def test_uneven_same_exists_only_where_torch_has_it():
    even = cw.layers.Conv(out_channels=1, kernel_size=4, padding="same")
    assert even.padding_at((9,)) == "same"
    assert even.output_shape((1, 9)) == (1, 9)
    mixed = cw.layers.Conv(out_channels=1, kernel_size=4, stride=(1, 2), padding="same")
    with pytest.raises(Misfit, match="unequal sides"):
        mixed.output_shape((1, 9, 9))


def test_the_wrong_formulas_of_torchcnnbuilder():
    """Height, width and depth have their own dilation (its third axis took the second's)."""
    up = cw.layers.ConvTranspose(out_channels=1, kernel_size=3, dilation=(1, 1, 3))
    shape = up.output_shape((1, 4, 4, 4))
    real = nn.ConvTranspose3d(1, 1, 3, dilation=(1, 1, 3))(torch.zeros(1, 1, 4, 4, 4))
    assert shape == tuple(real.shape[1:]) == (1, 6, 6, 10)


def test_output_padding_tells_which_of_two_inputs_is_restored():
    down = cw.layers.Conv(out_channels=1, kernel_size=3, stride=2, padding=1)
    assert down.output_shape((1, 7)) == down.output_shape((1, 8)) == (1, 4)
    for extra, restored in ((0, 7), (1, 8)):
        up = cw.layers.ConvTranspose(
            out_channels=1, kernel_size=3, stride=2, padding=1, output_padding=extra
        )
        assert up.output_shape((1, 4)) == (1, restored)


def test_macs_of_a_transposed_convolution_follow_its_input():
    up = cw.layers.ConvTranspose(out_channels=32, kernel_size=4, stride=2, padding=1)
    shape = (64, 16, 16)
    _, macs = up.costs(shape, up.output_shape(shape))
    assert macs == 16 * 16 * 64 * 32 * 4 * 4 == 8_388_608


def test_constructors_say_only_what_torch_does_not_assume():
    conv = cw.layers.Conv(out_channels=8, kernel_size=(3, 3), stride=1, padding="valid")
    assert conv.call((3, 9, 9)) == (
        "Conv2d",
        (("in_channels", 3), ("out_channels", 8)),
        (("kernel_size", 3),),
    )
