"""Cautions of sizes."""

import pytest

import cnnwidget as cw
from cnnwidget.design.layers.activation import Activation
from cnnwidget.design.layers.convolution import Conv
from cnnwidget.design.layers.resizing import Resize
from tests.samples import cautions_of, network_of


@pytest.mark.parametrize("size", [(31, 19), (33, 17), (32, 32)])
@pytest.mark.parametrize("upsampling", ["nearest", "linear"])
def test_an_upsampling_to_odd_sizes_is_no_resize(size, upsampling):
    design = cw.EncoderDecoder(
        input_size=size, in_channels=3, out_channels=3, upsampling=upsampling
    )
    assert cw.plan(design).output_shape == (3, *size)
    assert not cautions_of(design, "resize")


def test_an_upsampling_of_a_generator_to_odd_sizes_is_no_resize():
    design = cw.Generator(output_size=(31, 19), out_channels=3, depth=3)
    for upsampling in ("nearest", "linear"):
        assert not cautions_of(design.replace(upsampling=upsampling), "resize")


@pytest.mark.parametrize(
    ("size", "behind"),
    [
        ((63, 64), [Activation(name="relu")]),  # no convolution goes over it
        ((36, 36), [Conv(out_channels=3, kernel_size=3)]),  # no whole factor
        ((63, 16), [Conv(out_channels=3, kernel_size=3)]),  # smaller along one axis
    ],
)
def test_other_resizes_are_a_caution(size, behind):
    assert cautions_of(network_of(Resize(size=size, mode="interpolate"), *behind), "resize")
