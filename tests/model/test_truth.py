"""The plan against PyTorch itself, on random designs: the judge of everything else."""

import dataclasses
import re
import warnings

import pytest
import torch
from hypothesis import HealthCheck, event, given, settings
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

import cnnwidget as cw
from cnnwidget.design.axes import per_axis
from cnnwidget.design.errors import DesignError
from cnnwidget.design.plan import plan_of
from cnnwidget.model.build import module_of
from tests.strategies import encoder_decoders, networks

# What PyTorch raises when it refuses a constructor or an input.
REFUSALS = (RuntimeError, ValueError, TypeError, IndexError, AssertionError)
# PyTorch remarks on even kernels with padding 'same', and on dropout of few axes.
REMARKS = (
    "Using padding='same' with even kernel lengths",
    "dropout[123]d: Received a",
    "Initializing zero-element tensors",
)

enough = settings(suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])


@pytest.fixture(autouse=True)
def without_remarks():
    with warnings.catch_warnings():
        for remark in REMARKS:
            warnings.filterwarnings(
                "ignore", message=re.escape(remark).replace(r"\[123\]", "[123]")
            )
        yield


@enough
@given(encoder_decoders())
def test_a_plan_of_an_encoder_decoder_is_what_torch_does(design):
    agree(design)


@enough
@given(networks())
def test_a_plan_of_layers_by_hand_is_what_torch_does(network):
    agree(network)


def agree(design):
    """The plan and PyTorch agree on every shape and figure, or on the layer that is refused."""
    plan = plan_of(design)
    event("refused" if plan.problems else "built")
    if plan.problems:
        refused_where_planned(plan)
    else:
        built_as_planned(plan)


def built_as_planned(plan):
    net = cw.build(plan)
    seen = {}
    for row in plan.rows:
        net.get_submodule(row.name).register_forward_hook(
            lambda _, inputs, output, name=row.name: seen.update(
                {name: (tuple(inputs[0].shape[1:]), tuple(output.shape[1:]))}
            )
        )
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        output = net(torch.zeros(2, *plan.input_shape))
    flops = {
        name.removeprefix("Net."): sum(by.values()) for name, by in counter.flop_counts.items()
    }
    assert tuple(output.shape) == (2, *plan.output_shape)
    for row in plan.rows:
        assert seen[row.name] == (row.input_shape, row.output_shape), row
        weights = sum(p.numel() for p in net.get_submodule(row.name).parameters())
        assert weights == row.params, row
        # Two operations a multiply-accumulate, two samples.
        assert flops.get(row.name, 0) == 4 * row.macs, row
    assert plan.params == sum(p.numel() for p in net.parameters())
    assert plan.macs == flops.get("Global", 0) / 4


def refused_where_planned(plan):
    """PyTorch takes every layer before the last row, and not that one."""
    tensor = torch.zeros(2, *plan.input_shape)
    with torch.no_grad():
        for row in plan.rows[:-1]:
            tensor = module_of(row.call)(tensor)
            assert tuple(tensor.shape[1:]) == row.output_shape, row
        bad = plan.rows[-1]
        assert tuple(tensor.shape[1:]) == bad.input_shape
        assert refuses(bad, tensor), bad


def refuses(row, tensor):
    """Whether PyTorch has no such layer, refuses it, or returns a tensor without any value."""
    layer, axes = row.layer, len(row.input_shape) - 1
    if isinstance(layer, cw.Norm) and layer.kind == "instance" and axes == 0:
        return True  # torch would take the batch for the channels of one sample
    kind = row.kind if isinstance(layer, cw.Norm | cw.Resize) else f"{type(layer).__name__}{axes}d"
    if isinstance(layer, cw.Conv | cw.ConvTranspose | cw.Norm | cw.Resize) and not hasattr(
        nn, kind
    ):
        return True
    if isinstance(layer, cw.Conv) and layer.padding == "same" and fits_axes(layer, axes):
        return not any(all(sizes) for sizes in same_by_numbers(layer, tensor))
    try:
        return as_torch_would(row)(tensor).numel() == 0
    except REFUSALS:
        return True


def fits_axes(layer, axes):
    values = (layer.kernel_size, layer.stride, layer.dilation)
    return all(isinstance(value, int) or len(value) in {1, axes} for value in values)


def same_by_numbers(layer, tensor):
    """For torch's own word and for every number: whether ceil(in / stride) comes out, by axis.

    PyTorch refuses its word with strides, so that 'same' is judged by the numbers it might mean.
    """
    axes = tensor.dim() - 2
    kernel, stride, dilation = (
        per_axis(value, axes) for value in (layer.kernel_size, layer.stride, layer.dilation)
    )
    wanted = [-(-n // s) for n, s in zip(tensor.shape[2:], stride, strict=True)]
    channels = (tensor.shape[1], layer.out_channels)

    def size_is_met(axis, padding):
        line = torch.zeros(1, tensor.shape[1], tensor.shape[2 + axis])
        conv = nn.Conv1d(
            *channels, kernel[axis], stride[axis], padding, dilation[axis], layer.groups
        )
        return conv(line).shape[2] == wanted[axis]

    def attempt(axis, paddings):
        for padding in paddings:
            try:
                if size_is_met(axis, padding):
                    return True
            except REFUSALS:
                continue
        return False

    yield [attempt(axis, range(dilation[axis] * kernel[axis] + 1)) for axis in range(axes)]
    if set(stride) == {1}:
        yield [attempt(axis, ["same"]) for axis in range(axes)]


def as_torch_would(row):
    """The layer that is refused, made from its bare settings and not by our own constructor."""
    layer, axes = row.layer, len(row.input_shape) - 1
    if not isinstance(layer, cw.Conv | cw.ConvTranspose):
        return module_of(row.call)
    fields = ("kernel_size", "stride", "padding", "output_padding", "dilation", "groups", "bias")
    bare = {name: getattr(layer, name) for name in fields if hasattr(layer, name)}
    kind = getattr(nn, f"{type(layer).__name__}{axes}d")
    return kind(row.input_shape[0], layer.out_channels, **bare)


SMALL = cw.EncoderDecoder(input_size=(9, 9), in_channels=1, out_channels=1, depth=1)


@pytest.mark.parametrize(
    "wrong",
    [
        {"params": 1},
        {"macs": 1},
        {"output_shape": (1, 1, 1)},
        {"input_shape": (1, 8, 9)},
    ],
    ids=str,
)
def test_a_wrong_figure_would_be_noticed(wrong):
    plan = plan_of(SMALL)
    built_as_planned(plan)
    rows = (dataclasses.replace(plan.rows[0], **wrong), *plan.rows[1:])
    with pytest.raises((AssertionError, DesignError, *REFUSALS)):
        built_as_planned(dataclasses.replace(plan, rows=rows))


def test_a_wrong_refusal_would_be_noticed():
    plan = plan_of(SMALL)
    last = dataclasses.replace(plan.rows[0], output_shape=None)
    with pytest.raises(AssertionError):
        refused_where_planned(dataclasses.replace(plan, rows=(last,)))
    numbers = dataclasses.replace(last, layer=last.layer.replace(padding=1))
    with pytest.raises(AssertionError):
        refused_where_planned(dataclasses.replace(plan, rows=(numbers,)))
