"""The memory of a plan against the tensors that PyTorch saves for the backward pass."""

import dataclasses
import warnings
from math import prod

import pytest
import torch
from hypothesis import HealthCheck, assume, given, settings
from torch.autograd.graph import saved_tensors_hooks

import cnnwidget as cw
from cnnwidget.design.axes import per_axis
from cnnwidget.design.layers.activation import TORCH_ACTIVATION, Activation
from cnnwidget.design.layers.attention import spatial_attention, squeeze_excitation
from cnnwidget.design.layers.convolution import Conv, ConvTranspose
from cnnwidget.design.layers.dense import Dropout, Linear
from cnnwidget.design.layers.fixed_normalize import Normalize
from cnnwidget.design.layers.norm import Norm
from cnnwidget.design.layers.pooling import GlobalPool, Pool
from cnnwidget.design.layers.reshaping import Flatten, PixelShuffle, PixelUnshuffle, Unflatten
from cnnwidget.design.layers.resizing import Resize, Upsample
from cnnwidget.design.network import Aux, Branches, Keep, Merge, Network, Sequence, Skip
from cnnwidget.design.planning.plan import plan_of
from tests import tally
from tests.conftest import EXAMPLES
from tests.samples import WORKING
from tests.strategies import encoder_decoders, small_networks

# In a batch of so many, what is kept once a batch is less than 5 % of any network here: batch
# normalisation keeps 8 bytes a channel a batch, and at least 4 a sample.
LARGE = 128
# Values of all tensors of a batch that is run.
MOST_VALUES = 2_000_000
TOLERANCE = 0.05

enough = settings(
    max_examples=max(20, min(EXAMPLES // 8, 500)),
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
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
    if not isinstance(layer, ConvTranspose) or axes != 3:
        return False
    pairs = zip(per_axis(layer.output_padding, axes), per_axis(layer.stride, axes), strict=True)
    return any(extra >= stride for extra, stride in pairs)


def bytes_of_a_batch(plan):
    """Return the bytes that do not depend on the size of a batch, which `memory` leaves out.

    They are two numbers per channel of each batch normalisation, and the zero by which a tensor is
    multiplied where every channel is dropped.
    """
    total = 0
    learns = {-1: False}
    for position, row in enumerate(plan.rows):
        learns[position] = row.params > 0 or any(learns[source] for source in row.sources)
        if isinstance(row.layer, Norm) and row.layer.kind == "batch":
            total += 2 * 4 * row.input_shape[0] * learns[position]
        elif isinstance(row.layer, Dropout) and row.layer.p == 1:
            total += 4 * learns[position]
    return total


def agree(plan):
    """To the byte with every further sample, and within 5 % with a share of a large batch."""
    two, three = bytes_kept(plan, 2), bytes_kept(plan, 3)
    assert plan.memory == three - two
    assert 2 * plan.memory + bytes_of_a_batch(plan) == two
    if LARGE * sum(prod(row.output_shape) for row in plan.rows) <= MOST_VALUES:
        share = bytes_kept(plan, LARGE) / LARGE
        assert abs(plan.memory - share) <= TOLERANCE * share
    tally.also("memory")


@enough
@given(encoder_decoders())
def test_the_memory_of_an_encoder_decoder_is_what_torch_keeps(design):
    plan = plan_of(design)
    assume(not plan.problems)
    agree(plan)


@enough
@given(small_networks())
def test_the_memory_of_layers_by_hand_is_what_torch_keeps(network):
    agree(plan_of(network))


@pytest.mark.parametrize("design", WORKING.values(), ids=WORKING)
def test_the_memory_of_each_sample(design):
    plan = plan_of(design)
    agree(plan)
    assert plan.memory == sum(row.memory for row in plan.rows)


RELU = Activation(name="relu")
CONV = Conv(out_channels=8, kernel_size=3, padding="same")


def memory_of(*layers, size=(16, 16)):
    """The memory of each row of a few layers on two channels."""
    return [row.memory for row in plan_of(Network(input_shape=(2, *size), children=layers)).rows]


def test_a_tensor_counts_once_with_the_layer_that_gives_it_out():
    field = 4 * 16 * 16
    assert memory_of(CONV) == [2 * field]  # its input, the network's
    assert memory_of(CONV, RELU) == [2 * field, 8 * field]
    assert memory_of(CONV, RELU, CONV) == [2 * field, 8 * field, 0]
    assert memory_of(CONV, Activation(name="gelu")) == [10 * field, 0]
    assert memory_of(CONV, Norm(kind="batch"), RELU) == [10 * field, 0, 8 * field]


def test_a_view_is_the_tensor_that_it_views():
    field = 4 * 16 * 16
    linear = Linear(out_features=3)
    assert memory_of(CONV, Flatten(), linear) == [10 * field, 0, 0]
    assert memory_of(CONV, RELU, Flatten(), linear) == [2 * field, 8 * field, 0, 0]
    assert memory_of(CONV, Dropout(p=0.0), CONV) == [10 * field, 0, 0]


def test_nothing_is_kept_before_the_first_weights():
    gelu = Activation(name="gelu")
    half = Dropout(p=0.5)
    assert memory_of(gelu, half) == [0, 0]
    assert memory_of(gelu, half, CONV) == [0, 4 * 2 * 16 * 16, 0]


def test_what_torch_refuses_keeps_nothing():
    wide = Conv(out_channels=1, kernel_size=99)
    assert memory_of(CONV, RELU, wide) == [4 * 2 * 16 * 16, 4 * 8 * 16 * 16, 0]
    assert plan_of(Network(input_shape=(2, 16), children=())).memory == 0


@pytest.mark.parametrize("name", sorted(TORCH_ACTIVATION))
def test_each_activation_alone_between_convolutions(name):
    up = ConvTranspose(out_channels=2, kernel_size=2)
    layers = (CONV, Activation(name=name), Resize(size=(5, 5)), up)
    agree(plan_of(Network(input_shape=(2, 16, 16), children=layers)))


@pytest.mark.parametrize("mode", ["adaptive_avg", "adaptive_max", "interpolate", "nearest"])
@pytest.mark.parametrize("size", [(1,), (5,), (16,), (1, 1), (1, 5), (16, 16), (1, 1, 1)], ids=str)
def test_each_resize_behind_a_convolution(mode, size):
    layers = (CONV, Resize(size=size, mode=mode), CONV)
    agree(plan_of(Network(input_shape=(2, *(8,) * len(size)), children=layers)))


@pytest.mark.parametrize("p", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("shape", [(6,), (2, 3), (2, 1, 3), (1, 2, 1, 3), (1, 2, 1, 1, 3)], ids=str)
def test_dropout_of_fields_and_of_what_is_none(p, shape):
    for kind in ("channels", "values"):
        layers = [Linear(out_features=6), Unflatten(shape=shape), Dropout(p=p, kind=kind), RELU]
        agree(plan_of(Network(input_shape=(6,), children=layers)))


LEAVES = [
    *(Pool(kind=kind, kernel_size=2, stride=1) for kind in ("max", "avg", "lp")),
    Pool(kernel_size=3, padding=1, dilation=2, ceil_mode=True),
    Pool(kind="avg", kernel_size=3, padding=1, ceil_mode=True, count_include_pad=False),
    Pool(kind="lp", kernel_size=3, ceil_mode=True, norm_type=1.0),
    *(GlobalPool(kind=kind) for kind in ("avg", "max")),
    *(
        Norm(kind=kind, affine=affine)
        for kind in ("batch", "instance", "layer")
        for affine in (False, True)
    ),
    *(Norm(kind="group", groups=groups) for groups in (1, 2, 8)),
    Norm(kind="batch", momentum=None),
    Activation(name="prelu", settings={"num_parameters": 8}),
    Activation(name="gelu", settings={"approximate": "tanh"}),
    Dropout(p=0.5, kind="values"),
    Linear(out_features=3),
    Linear(out_features=3, bias=False),
    Flatten(start_dim=1, end_dim=2),
    Flatten(start_dim=2),
    Unflatten(shape=(2, 3), dim=-1),
    PixelShuffle(upscale_factor=1),
    PixelShuffle(upscale_factor=2),
    PixelUnshuffle(downscale_factor=1),
    PixelUnshuffle(downscale_factor=2),
    *(Upsample(scale_factor=r, mode=mode) for r in (1, 2) for mode in ("nearest", "linear")),
    Normalize(mean=0.5, std=(2.0,)),
]


@pytest.mark.parametrize("layer", LEAVES, ids=str)
@pytest.mark.parametrize("axes", [1, 2, 3])
def test_each_leaf_between_others(layer, axes):
    shape = (2, *(6,) * axes)
    fitting = [Conv(out_channels=8, kernel_size=1), layer]
    agree(plan_of(Network(input_shape=shape, children=[layer] if shape[0] == 8 else fitting)))
    for before, after in ((RELU, RELU), (Dropout(p=0.0), Activation(name="gelu"))):
        children = [fitting[0], before, layer, after, Flatten(), Linear(out_features=2)]
        agree(plan_of(Network(input_shape=shape, children=children)))


@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize("mode", ["crop", "pad"])
def test_a_crop_and_a_padding_keep_nothing(mode, axes):
    for size in (6, 4 if mode == "crop" else 9):
        resize = Resize(size=(size,) * axes, mode=mode)
        plan = plan_of(Network(input_shape=(2, *(6,) * axes), children=[CONV, resize, RELU]))
        agree(plan)
        assert plan.rows[1].memory == 0


# What is joined. Of the tensors some depend on weights, and some do not.
THROUGH = Sequence(children=[])
LEARNS = Conv(out_channels=2, kernel_size=1)
ALIGNED = Sequence(children=[LEARNS, Resize(size=(5, 5))])
CROPPED = Sequence(children=[Resize(size=(5, 5))])
ONE = Sequence(children=[LEARNS, GlobalPool()])
MEAN = GlobalPool()
TANH = Activation(name="tanh")
PATH_NAMES = {
    THROUGH: "through",
    LEARNS: "learns",
    ALIGNED: "aligned",
    CROPPED: "cropped",
    ONE: "one",
    MEAN: "mean",
    TANH: "tanh",
}


@pytest.mark.parametrize("how", ["concat", "add", "multiply"])
@pytest.mark.parametrize("align", ["crop", "pad", "interpolate"])
@pytest.mark.parametrize(
    "paths",
    [
        (LEARNS,),
        (THROUGH,),
        (LEARNS, LEARNS),
        (LEARNS, THROUGH),
        (THROUGH, LEARNS),
        (THROUGH, THROUGH),
        (LEARNS, THROUGH, THROUGH),
        (THROUGH, LEARNS, THROUGH),
        (THROUGH, THROUGH, LEARNS),
        (LEARNS, LEARNS, LEARNS, THROUGH),
        (THROUGH, TANH, THROUGH),
        (ALIGNED, LEARNS),
        (ALIGNED, THROUGH),
        (CROPPED, LEARNS),
        (LEARNS, ALIGNED),
        (LEARNS, CROPPED),
        (THROUGH, ALIGNED),
        (LEARNS, THROUGH, ALIGNED),
        (THROUGH, ALIGNED, LEARNS, CROPPED),
        (ONE, THROUGH),
        (MEAN, LEARNS),
        (LEARNS, ONE, THROUGH),
        (ONE, MEAN, LEARNS, THROUGH),
        (ONE, ONE),
    ],
    ids=lambda paths: "-".join(PATH_NAMES[each] for each in paths),
)
def test_joined_paths(how, align, paths):
    branches = Branches(
        children={f"path{n}": path for n, path in enumerate(paths)}, how=how, align=align
    )
    for before in ([], [LEARNS], [LEARNS, TANH]):
        for after in ([], [TANH], [LEARNS]):
            network = Network(input_shape=(2, 8, 8), children=[*before, branches, *after])
            plan = plan_of(network)
            if not plan.problems:
                agree(plan)


def test_a_product_keeps_a_side_for_the_slope_of_the_other():
    field = 4 * 2 * 8 * 8
    gate = lambda *layers: Skip(children=layers, how="multiply")  # noqa: E731

    def memory(*children):
        plan = plan_of(Network(input_shape=(2, 8, 8), children=children))
        agree(plan)
        return [row.memory for row in plan.rows]

    assert memory(gate(LEARNS)) == [field, 0]  # the input, for the weights and for the slope
    assert memory(LEARNS, gate(TANH)) == [2 * field, field, 0]
    assert memory(LEARNS, gate()) == [2 * field, 0]
    assert memory(gate(TANH)) == [0, 0]
    normalised = Normalize(mean=1.0)
    assert memory(gate(normalised, LEARNS)) == [
        field,
        0,
        field,
    ]  # both inputs, but no learned product


def test_what_is_kept_normalised_counts_where_it_was_made():
    field = 4 * 2 * 8 * 8
    children = [LEARNS, TANH, Keep(name="a"), LEARNS, Merge(name="a", how="multiply"), LEARNS]
    plan = plan_of(Network(input_shape=(2, 8, 8), children=children))
    agree(plan)
    assert [row.memory for row in plan.rows] == [field, field, 0, field, field, 0]


def test_a_head_keeps_what_it_takes_to_train_it():
    head = Aux(name="aux", children=[TANH, Flatten(), Linear(out_features=3)])
    plan = plan_of(Network(input_shape=(2, 8, 8), children=[LEARNS, head, RELU]))
    agree(plan)
    assert sum(row.memory for row in plan.rows if row.aux) == 4 * 2 * 8 * 8


@pytest.mark.parametrize("gate", [squeeze_excitation(8, 4), spatial_attention(3)], ids=["se", "at"])
@pytest.mark.parametrize("axes", [1, 2, 3])
def test_attention(gate, axes):
    for before in ([], [RELU]):
        children = [Conv(out_channels=8, kernel_size=1), *before, gate, RELU]
        agree(plan_of(Network(input_shape=(2, *(6,) * axes), children=children)))


@pytest.mark.parametrize("wrong", [-4, 4, 1000])
def test_a_wrong_figure_would_be_noticed(wrong):
    plan = plan_of(WORKING["default"])
    first = plan.rows[0]._replace(memory=plan.rows[0].memory + wrong)
    with pytest.raises(AssertionError):
        agree(dataclasses.replace(plan, rows=(first, *plan.rows[1:])))


@pytest.mark.parametrize("mode", ["zeros", "reflect", "replicate", "circular"])
@pytest.mark.parametrize("padding", [0, 1, "same", "valid"])
@pytest.mark.parametrize("kernel", [3, 4, (3, 4)], ids=str)
def test_a_convolution_with_each_padding(mode, padding, kernel):
    conv = Conv(out_channels=2, kernel_size=kernel, padding=padding, padding_mode=mode)
    for children in ([conv], [LEARNS, conv], [LEARNS, TANH, conv, conv]):
        agree(plan_of(Network(input_shape=(2, 8, 8), children=children)))
