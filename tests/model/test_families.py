"""Classifiers and generators against the same modules called one by one."""

import copy

import pytest
import torch

import cnnwidget as cw
from cnnwidget.design.families.classifier import Classifier
from cnnwidget.design.families.generator import Generator
from cnnwidget.design.planning.plan import plan_of


def test_auxiliary_heads_come_with_training_alone():
    design = Classifier(input_size=(32, 32), in_channels=3, num_classes=7, aux_stages=(1, 3))
    net = cw.build(design)
    out, extras = net(torch.rand(2, 3, 32, 32))
    assert out.shape == (2, 7)
    assert {name: tuple(extra.shape) for name, extra in extras.items()} == {
        "aux1": (2, 7),
        "aux3": (2, 7),
    }
    assert [extra.weight for extra in plan_of(design).extras] == [0.3, 0.3]
    assert net.eval()(torch.rand(2, 3, 32, 32)).shape == (2, 7)


@pytest.mark.parametrize("size", [(32, 32), (33, 47), (61,), (9, 10, 11)])
@pytest.mark.parametrize("upsampling", ["transpose", "nearest", "linear", "pixel_shuffle"])
def test_a_generator_gives_any_size(size, upsampling):
    design = Generator(output_size=size, out_channels=2, upsampling=upsampling, start_channels=4)
    sample = torch.rand(2, 100, *(1 for _ in size))
    assert cw.build(design)(sample).shape == (2, 2, *size)


def test_a_residual_block_is_its_input_and_more():
    """The block gives the sum of its modules' outputs, computed step by step."""
    design = Classifier(input_size=(8, 8), in_channels=3, num_classes=2, start_channels=4)
    net = cw.build(design).eval()
    block = copy.deepcopy(net.stage2.block1)
    x = torch.rand(2, 4, 8, 8)
    inner = block.norm2(block.conv2(block.act1(block.norm1(block.conv1(x)))))
    shortcut = block.projection.norm(block.projection.conv(x))
    assert torch.equal(block(x), inner + shortcut)
