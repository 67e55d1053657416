"""What the plan says is kept for the backward pass, against what PyTorch saves for it."""

import dataclasses
import warnings
from math import prod

import pytest
import torch
from hypothesis import HealthCheck, assume, given, settings
from torch.autograd.graph import saved_tensors_hooks

import cnnwidget as cw
from cnnwidget.design.axes import per_axis
from cnnwidget.design.layers import TORCH_ACTIVATION
from cnnwidget.design.plan import plan_of
from tests.samples import WORKING
from tests.strategies import encoder_decoders, networks

# In a batch of so many, what is kept once a batch is less than 5 % of any network here: batch
# normalisation keeps 8 bytes a channel a batch, and at least 4 a sample.
LARGE = 128
# Values of all tensors of a batch that is run.
MOST_VALUES = 2_000_000
TOLERANCE = 0.05

enough = settings(
    max_examples=500, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow]
)


def bytes_kept(plan, batch):
    """The bytes of all that PyTorch saves for backward, less parameters and buffers."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # other tests look at what PyTorch remarks
        net = cw.build(plan).train()
        saved = {}

        def look(tensor):
            # A storage is held, so that no other takes its place, and with it all its tensors.
            storage = tensor.untyped_storage()
            saved.setdefault(storage.data_ptr(), (storage, []))[1].append(tensor.nbytes)
            return tensor

        with saved_tensors_hooks(look, lambda tensor: tensor):
            net(torch.randn(batch, *plan.input_shape))
    for each in [*net.parameters(), *net.buffers()]:
        saved.pop(each.untyped_storage().data_ptr(), None)
    tensors = sum(max(sizes) for _, sizes in saved.values())
    if not any(map(may_leave_room, plan.rows)):
        assert tensors == sum(storage.nbytes() for storage, _ in saved.values())
    return tensors


def may_leave_room(row):
    """Whether PyTorch may leave room in the storage of an output.

    `slow_conv_transpose3d` starts from a tensor of the input's size and resizes it, which does not
    give memory back. It is called where an output_padding is no smaller than the stride.
    """
    layer, axes = row.layer, len(row.input_shape) - 1
    if not isinstance(layer, cw.ConvTranspose) or axes != 3:
        return False
    pairs = zip(per_axis(layer.output_padding, axes), per_axis(layer.stride, axes), strict=True)
    return any(extra >= stride for extra, stride in pairs)


def bytes_of_a_batch(plan):
    """What a batch keeps whatever its size, as far as `memory` says that it leaves it out.

    Two numbers a channel of each batch normalisation, and the zero that a tensor is multiplied by
    where every channel is dropped.
    """
    total = 0
    for position, row in enumerate(plan.rows):
        if isinstance(row.layer, cw.Norm) and row.layer.kind == "batch":
            total += 2 * 4 * row.input_shape[0]
        elif isinstance(row.layer, cw.Dropout) and row.layer.p == 1:
            total += 4 * any(before.params for before in plan.rows[:position])
    return total


def agree(plan):
    """To the byte with every further sample, and within 5 % with a share of a large batch."""
    two, three = bytes_kept(plan, 2), bytes_kept(plan, 3)
    assert plan.memory == three - two
    assert 2 * plan.memory + bytes_of_a_batch(plan) == two
    if LARGE * sum(prod(row.output_shape) for row in plan.rows) <= MOST_VALUES:
        share = bytes_kept(plan, LARGE) / LARGE
        assert abs(plan.memory - share) <= TOLERANCE * share


@enough
@given(encoder_decoders())
def test_the_memory_of_an_encoder_decoder_is_what_torch_keeps(design):
    plan = plan_of(design)
    assume(not plan.problems)
    agree(plan)


@enough
@given(networks())
def test_the_memory_of_layers_by_hand_is_what_torch_keeps(network):
    plan = plan_of(network)
    assume(not plan.problems)
    agree(plan)


@pytest.mark.parametrize("design", WORKING.values(), ids=WORKING)
def test_the_memory_of_each_sample(design):
    plan = plan_of(design)
    agree(plan)
    assert plan.memory == sum(row.memory for row in plan.rows)


RELU = cw.Activation(name="relu")
CONV = cw.Conv(out_channels=8, kernel_size=3, padding="same")


def memory_of(*layers, size=(16, 16)):
    """The memory of each row of a few layers on two channels."""
    return [row.memory for row in plan_of(cw.Network(input_shape=(2, *size), children=layers)).rows]


def test_a_tensor_counts_once_with_the_layer_that_gives_it_out():
    field = 4 * 16 * 16
    assert memory_of(CONV) == [2 * field]  # its input, the network's
    assert memory_of(CONV, RELU) == [2 * field, 8 * field]
    assert memory_of(CONV, RELU, CONV) == [2 * field, 8 * field, 0]
    assert memory_of(CONV, cw.Activation(name="gelu")) == [10 * field, 0]
    assert memory_of(CONV, cw.Norm(kind="batch"), RELU) == [10 * field, 0, 8 * field]


def test_a_view_is_the_tensor_that_it_views():
    field = 4 * 16 * 16
    linear = cw.Linear(out_features=3)
    assert memory_of(CONV, cw.Flatten(), linear) == [10 * field, 0, 0]
    assert memory_of(CONV, RELU, cw.Flatten(), linear) == [2 * field, 8 * field, 0, 0]
    assert memory_of(CONV, cw.Dropout(p=0.0), CONV) == [10 * field, 0, 0]


def test_nothing_is_kept_before_the_first_weights():
    gelu = cw.Activation(name="gelu")
    half = cw.Dropout(p=0.5)
    assert memory_of(gelu, half) == [0, 0]
    assert memory_of(gelu, half, CONV) == [0, 4 * 2 * 16 * 16, 0]


def test_what_torch_refuses_keeps_nothing():
    wide = cw.Conv(out_channels=1, kernel_size=99)
    assert memory_of(CONV, RELU, wide) == [4 * 2 * 16 * 16, 4 * 8 * 16 * 16, 0]
    assert plan_of(cw.Network(input_shape=(2, 16), children=())).memory == 0


@pytest.mark.parametrize("name", sorted(TORCH_ACTIVATION))
def test_each_activation_alone_between_convolutions(name):
    up = cw.ConvTranspose(out_channels=2, kernel_size=2)
    layers = (CONV, cw.Activation(name=name), cw.Resize(size=(5, 5)), up)
    agree(plan_of(cw.Network(input_shape=(2, 16, 16), children=layers)))


@pytest.mark.parametrize("mode", ["adaptive_avg", "adaptive_max", "interpolate"])
@pytest.mark.parametrize("size", [(1,), (5,), (16,), (1, 1), (1, 5), (16, 16), (1, 1, 1)], ids=str)
def test_each_resize_behind_a_convolution(mode, size):
    layers = (CONV, cw.Resize(size=size, mode=mode), CONV)
    agree(plan_of(cw.Network(input_shape=(2, *(8,) * len(size)), children=layers)))


@pytest.mark.parametrize("p", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("shape", [(6,), (2, 3), (2, 1, 3), (1, 2, 1, 3), (1, 2, 1, 1, 3)], ids=str)
def test_dropout_of_fields_and_of_what_is_none(p, shape):
    layers = [cw.Linear(out_features=6), cw.Unflatten(shape=shape), cw.Dropout(p=p), RELU]
    agree(plan_of(cw.Network(input_shape=(6,), children=layers)))


@pytest.mark.parametrize("wrong", [-4, 4, 1000])
def test_a_wrong_figure_would_be_noticed(wrong):
    plan = plan_of(WORKING["default"])
    first = dataclasses.replace(plan.rows[0], memory=plan.rows[0].memory + wrong)
    with pytest.raises(AssertionError):
        agree(dataclasses.replace(plan, rows=(first, *plan.rows[1:])))
