"""Receptive fields against PyTorch: which pixels of the input every output really depends on.

All that could cancel or saturate is taken out (norms and activations are passed by, weights are
positive, gates add instead of multiply), so that an output depends on a pixel if and only if it is
not zero when that pixel alone is one. All pixels go through at once, as a batch. That this is what
the gradient says as well is a test of its own.
"""

import warnings
from math import prod

import pytest
import torch
from hypothesis import HealthCheck, assume, given, settings
from torch import nn

import cnnwidget as cw
from cnnwidget.design.layers.activation import Activation
from cnnwidget.design.layers.convolution import Conv, ConvTranspose
from cnnwidget.design.layers.dense import Dropout
from cnnwidget.design.layers.fixed_normalize import Normalize
from cnnwidget.design.layers.norm import Norm
from cnnwidget.design.layers.pooling import Pool
from cnnwidget.design.layers.resizing import Upsample
from cnnwidget.design.network import Network, Skip
from cnnwidget.design.planning.plan import plan_of
from cnnwidget.design.receptive.clipped import NO_FIRST, NO_LAST
from cnnwidget.design.receptive.compute_fields import fields_of_rows, receptive_fields
from tests import tally
from tests.conftest import EXAMPLES
from tests.strategies import encoder_decoders, small_networks

PASSED_BY = (Activation, Norm, Normalize, Dropout)
# Values of a layer's output, for all pixels of the input together.
MOST_VALUES = 4_000_000
# Far less than the share of any input in a sum, and far more than what rounding leaves of zero.
LEAST = 1e-9

enough = settings(
    max_examples=max(20, min(EXAMPLES // 4, 625)),
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)


class Halved(nn.Module):
    """Both halves of the channels together."""

    def forward(self, x):
        return sum(x.chunk(2, dim=1))


def prepared(plan):
    """The network with nothing in it that cancels or saturates."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # other tests look at what PyTorch remarks
        net = cw.build(plan).double().eval()
    for row in plan.rows:
        module = net.get_submodule(row.name)
        if isinstance(row.layer, PASSED_BY):
            above, _, name = row.name.rpartition(".")
            halved = row.output_shape != row.input_shape  # by a gated linear unit
            setattr(net.get_submodule(above), name, Halved() if halved else nn.Identity())
        if getattr(module, "how", None) == "multiply":
            module.how = "add"
        if row.kind.startswith("PixelShuffle"):  # a field is that of all channels together
            module.register_forward_pre_hook(
                lambda _, inputs: inputs[0].amax(1, keepdim=True).expand_as(inputs[0])
            )
    with torch.no_grad():
        for name, weight in net.named_parameters():
            fan = prod(weight.shape[1:]) if weight.dim() > 1 else 1
            weight.fill_(0.0 if name.endswith("bias") else 1.0 / fan)
    return net


def dependences(plan):
    """For each row by its name: a table of pixels by outputs, all channels together."""
    net, size = prepared(plan), plan.input_shape[1:]
    seen = {}

    def look(name):
        def hook(module, inputs, output):
            there = output > LEAST
            seen[name] = there.any(1) if there.dim() > 2 else there
            return there.double()

        return hook

    for row in plan.rows:
        net.get_submodule(row.name).register_forward_hook(look(row.name))
    pixels = torch.eye(prod(size), dtype=torch.float64).reshape(-1, 1, *size)
    if any(row.aux for row in plan.rows):
        net.train()  # only then do auxiliary heads run
        for module in net.modules():
            if isinstance(module, nn.modules.dropout._DropoutNd):
                module.eval()
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        net(pixels.expand(-1, plan.input_shape[0], *size))
    return seen


def extents(table, size, axis):
    """The first and last pixel along an axis of the input that each output depends on."""
    places = torch.arange(prod(size)).reshape(size)
    along = places // prod(size[axis + 1 :]) % size[axis]
    along = along.reshape(-1, *[1] * (table.dim() - 1))
    first = torch.where(table, along, NO_FIRST).amin(0)
    return first, torch.where(table, along, NO_LAST).amax(0)


def agree(plan):
    """Every figure is what the network really depends on."""
    seen, size = dependences(plan), plan.input_shape[1:]
    fields = receptive_fields(plan.rows, plan.input_shape)
    tensors = list(fields_of_rows(plan.rows, plan.input_shape))
    assert len(fields) == len(plan.rows)
    at_most = []
    for row, field, tensor in zip(plan.rows, fields, tensors, strict=True):
        # Where positions of reordered values are mixed, the figure may be larger than the truth.
        orders = [tensors[source].order for source in row.sources if source >= 0]
        reordered = any(isinstance(order, tuple) for order in orders)
        loose = any(at_most[source] for source in row.sources if source >= 0) or (
            reordered and tensor.order == "constant" and row.taps[0] != "everything"
        )
        at_most.append(loose)
        table = seen[row.name]
        for axis in range(len(size)):
            first, last = extents(table, size, axis)
            largest = max(0, int((last - first).max()) + 1)
            if loose:
                assert largest <= field.clipped[axis], row
                continue
            assert field.clipped[axis] == largest, (row, axis)
            if tensor.order == "fields" and table.any():
                others = [each for each in range(first.dim()) if each != axis]
                line = first.amin(others) if others else first
                assert tensor.axes[axis].clipped.first == line.tolist(), (row, axis)
                line = last.amax(others) if others else last
                assert tensor.axes[axis].clipped.last == line.tolist(), (row, axis)
    tally.also("receptive fields")


def judged(design):
    plan = plan_of(design)
    size = plan.input_shape[1:]
    assume(not plan.problems and size)
    values = max((prod(row.output_shape) for row in plan.rows), default=0)
    assume(prod(size) * values <= MOST_VALUES)
    agree(plan)


@enough
@given(small_networks())
def test_what_trees_see_is_what_they_depend_on(network):
    judged(network)


@enough
@given(encoder_decoders())
def test_what_an_encoder_decoder_sees_is_what_it_depends_on(design):
    judged(design)


def conv(kernel_size, stride=1, padding=0, dilation=1, **more):
    return Conv(
        out_channels=2,
        kernel_size=kernel_size,
        stride=stride,
        padding=padding,
        dilation=dilation,
        **more,
    )


def up(kernel_size, stride, padding=0, **more):
    return ConvTranspose(
        out_channels=2, kernel_size=kernel_size, stride=stride, padding=padding, **more
    )


# One-dimensional nets whose positions in the middle of a long input know nothing of its ends.
LONG = {
    "plain": [conv(3), conv(3), conv(3)],
    "padded": [conv(5, 1, 2), conv(3, 2, 1), conv(4, 3)],
    "dilated": [conv(3, 1, 2, 2), conv(3, 2, 4, 4), conv(2, 1, 0, 3)],
    "down and up": [conv(3, 2, 1), conv(3, 2, 1), up(4, 2, 1), conv(3, 1, 1), up(4, 2, 1)],
    "holes": [conv(3), up(1, 3), conv(2), up(2, 2, dilation=3), conv(3, 2)],
    "enlarged": [conv(3, 2), Upsample(scale_factor=3, mode="linear"), conv(3), up(3, 2)],
    "repeated": [conv(3, 2), Upsample(scale_factor=2), conv(3), Pool(kernel_size=3, stride=2)],
    "around": [Skip(children=[conv(3, 1, 1), Skip(children=[conv(5, 1, 2)])]), conv(3, 2)],
}


@pytest.mark.parametrize("layers", LONG.values(), ids=LONG)
def test_without_an_end_each_sees_what_the_middle_of_a_long_input_depends_on(layers):
    plan = plan_of(Network(input_shape=(1, 480), children=layers))
    seen = dependences(plan)
    for row, field in zip(plan.rows, receptive_fields(plan.rows, (1, 480)), strict=True):
        first, last = extents(seen[row.name], (480,), 0)
        quarter = len(first) // 4
        first, last = first[quarter:-quarter], last[quarter:-quarter]
        assert len(first) > 24
        sizes = (last - first + 1).clamp(min=0)
        assert field.size[0] == int(sizes.max()), row
        assert field.varies[0] == (int(sizes.max()) != int(sizes.min())), row
        # Steps are counted over whole periods; 12 is a multiple of all.
        kept = first < NO_FIRST
        pairs = kept[:-12] & kept[12:]
        steps = (first[12:] - first[:-12])[pairs]
        assert set(steps.tolist()) == {int(12 * field.stride[0])}, row
        n = quarter + int(kept.nonzero()[0])
        offset = int(first[n - quarter]) - n // 12 * 12 * field.stride[0]
        if n % 12 == 0:
            assert field.offset[0] == offset, row


@pytest.mark.parametrize("mode", ["reflect", "replicate", "circular"])
@pytest.mark.parametrize("padding", [1, 3, "same"])
@pytest.mark.parametrize("dilation", [1, 2])
def test_padding_with_what_is_there(mode, padding, dilation):
    layer = conv(4, 1, padding, dilation, padding_mode=mode)
    agree(plan_of(Network(input_shape=(1, 11, 9), children=[layer, layer])))


def test_the_gradient_says_the_same():
    children = [Skip(children=[conv(3, 2, 1), up(4, 2, 1)]), up(1, 2), conv(2, 1, 0, 2)]
    plan = plan_of(Network(input_shape=(2, 6, 8), children=children))
    net = prepared(plan)
    x = torch.zeros(1, 2, 6, 8, dtype=torch.float64, requires_grad=True)
    out = net(x).sum(1).flatten()
    rows = [torch.autograd.grad(each, x, retain_graph=True)[0].sum(1).flatten() for each in out]
    table = dependences(plan)[plan.rows[-1].name].flatten(1)
    assert torch.equal(torch.stack(rows).T > 0, table)
    agree(plan)


@pytest.mark.parametrize("wrong", [{"padding": 2}, {"stride": 2}, {"kernel_size": 5}])
def test_a_wrong_figure_would_be_noticed(wrong, monkeypatch):
    plan = plan_of(Network(input_shape=(1, 9, 9), children=[conv(3, 1, 1), conv(3, 1, 1)]))
    agree(plan)
    right = Conv.taps

    def other(self, shape, output_shape):
        return tuple(tap._replace(**wrong) for tap in right(self, shape, output_shape))

    monkeypatch.setattr(Conv, "taps", other)
    with pytest.raises(AssertionError):
        agree(plan)
