"""The plan against PyTorch itself, on random designs: the judge of everything else.

Long, for every quantity of a plan is judged on the same draws.
"""

import dataclasses
import re
import warnings
from functools import reduce

import pytest
import torch
from hypothesis import HealthCheck, event, given, settings
from torch import nn
from torch.nn import functional
from torch.utils.flop_counter import FlopCounterMode

import cnnwidget as cw
from cnnwidget.design.axes import per_axis
from cnnwidget.design.joins import Join
from cnnwidget.design.layers.pooling import GlobalPool, Pool
from cnnwidget.design.layers.reshaping import PixelShuffle, PixelUnshuffle
from cnnwidget.design.layers.resizing import Upsample
from cnnwidget.design.network import Aux, Branches, Keep, Merge, Skip, inner_children
from cnnwidget.design.planning.plan import plan_of
from cnnwidget.model.build import module_of
from cnnwidget.model.modules import joined, passed
from tests import tally
from tests.conftest import EXAMPLES
from tests.strategies import classifiers, encoder_decoders, generators, networks

# What PyTorch raises when it refuses a constructor or an input.
REFUSALS = (RuntimeError, ValueError, TypeError, IndexError, AssertionError)
# PyTorch remarks on even kernels with padding 'same', and on dropout of few axes.
REMARKS = (
    "Using padding='same' with even kernel lengths",
    "dropout[123]d: Received a",
    "Initializing zero-element tensors",
)

SLOW = [HealthCheck.filter_too_much, HealthCheck.too_slow]
enough = settings(suppress_health_check=SLOW)
fewer = settings(max_examples=max(1, EXAMPLES // 4), suppress_health_check=SLOW)


@pytest.fixture(autouse=True)
def without_remarks():
    with warnings.catch_warnings():
        for remark in REMARKS:
            warnings.filterwarnings(
                "ignore", message=re.escape(remark).replace(r"\[123\]", "[123]")
            )
        yield


@enough
@given(networks())
def test_a_plan_of_a_tree_by_hand_is_what_torch_does(network):
    agree(network)


@enough
@given(encoder_decoders())
def test_a_plan_of_an_encoder_decoder_is_what_torch_does(design):
    agree(design)


@fewer
@given(classifiers())
def test_a_plan_of_a_classifier_is_what_torch_does(design):
    agree(design)


@fewer
@given(generators())
def test_a_plan_of_a_generator_is_what_torch_does(design):
    agree(design)


def agree(design):
    """The plan and PyTorch agree on every shape and figure, or on the layer that is refused."""
    plan = plan_of(design)
    event("refused" if plan.problems else "built")
    if plan.problems:
        refused_where_planned(plan)
    else:
        built_as_planned(plan)
    drawn_as_planned(plan, cw.diagram(plan).source)
    tally.judged(plan)


class Watched:
    """A net that is run once, with all that went into its modules and came out of them."""

    def __init__(self, plan, net, tensor):
        self.inputs, self.outputs = {}, {-1: tensor}
        numbers = {row.name: number for number, row in enumerate(plan.rows)}
        hooks = [
            net.get_submodule(name).register_forward_hook(self.saw(number))
            for name, number in numbers.items()
        ]
        with torch.no_grad(), FlopCounterMode(display=False) as counter:
            self.result = net(tensor)
        for hook in hooks:
            hook.remove()
        # Two operations a multiply-accumulate, two samples.
        self.macs = {
            numbers.get(name.removeprefix("Net."), name): sum(by.values()) / 4
            for name, by in counter.flop_counts.items()
        }

    def saw(self, number):
        def hook(_, inputs, output):
            assert number not in self.outputs, "a row is one module that runs once"
            self.inputs[number], self.outputs[number] = inputs[0], output

        return hook


def built_as_planned(plan):
    net = cw.build(plan)
    tensor = torch.rand(2, *plan.input_shape)
    ran = Watched(plan, net, tensor)  # in training, where heads run, too
    for number, row in enumerate(plan.rows):
        inputs = [ran.outputs[source] for source in row.sources]
        output = ran.outputs[number]
        module = net.get_submodule(row.name)
        assert tuple(tuple(each.shape[1:]) for each in inputs) == row.input_shapes, row
        assert tuple(output.shape[1:]) == row.output_shape, row
        if isinstance(row.layer, Join):
            assert row.params == row.macs == 0
            assert same(output, joined_by_torch(row.layer, inputs)), row
        else:
            assert ran.inputs[number] is inputs[0], row
            assert row.params == sum(p.numel() for p in module.parameters()), row
            assert row.macs == ran.macs.get(number, 0), row
    main, extras = ran.result if plan.extras else (ran.result, {})
    assert main is ran.outputs[plan.last]
    assert tuple(main.shape[1:]) == plan.output_shape
    assert list(extras) == [extra.name for extra in plan.extras]
    for extra in plan.extras:
        assert extras[extra.name] is ran.outputs[extra.source]
        assert tuple(extras[extra.name].shape[1:]) == extra.shape
    assert plan.params == sum(p.numel() for p in net.parameters())
    assert sum(row.macs for row in plan.rows) == ran.macs.get("Global", 0)
    if plan.extras:
        used = Watched(plan, net.eval(), tensor)
        assert set(used.inputs) == {n for n, row in enumerate(plan.rows) if not row.aux}
        assert plan.macs == used.macs.get("Global", 0)
        assert used.result is used.outputs[plan.last]
    else:
        assert plan.macs == ran.macs.get("Global", 0)
    if plan.children_of_encoder is not None:
        net.eval()
        with torch.no_grad():
            assert same(net.decode(*net.encode(tensor)), net(tensor))


def same(one, other):
    """Whether two tensors have the same values, all that is no number being alike."""
    return one.shape == other.shape and bool(((one == other) | (one.isnan() & other.isnan())).all())


def refused_where_planned(plan):
    """PyTorch takes every layer before the last row, and not that one."""
    outputs = {-1: torch.rand(2, *plan.input_shape)}
    *good, bad = plan.rows
    with torch.no_grad():
        for number, row in enumerate(good):
            inputs = [outputs[source] for source in row.sources]
            if isinstance(row.layer, Join):
                outputs[number] = joined(inputs, row.layer.how, row.layer.align)
                assert same(outputs[number], joined_by_torch(row.layer, inputs)), row
            else:
                outputs[number] = passed(module_of(row.call), inputs[0], {})
            assert tuple(outputs[number].shape[1:]) == row.output_shape, row
        inputs = [outputs[source] for source in bad.sources]
        assert tuple(tuple(each.shape[1:]) for each in inputs) == bad.input_shapes, bad
        assert refused_by_name(plan, bad) or refuses(bad, inputs), bad
    assert bad.output_shape is None


def refused_by_name(plan, bad):
    """Whether a name is used twice, or one is to be taken up that nothing is kept under."""
    if not isinstance(bad.layer, Keep | Merge | Aux):
        return False
    given, here = set(), set()
    for name, node, seen in running_order(plan.network, here):
        if name == bad.name:
            if isinstance(node, Merge):
                return node.name not in seen
            return node.name in given
        if isinstance(node, Keep | Aux):
            given.add(node.name)
    raise AssertionError(bad)


def running_order(node, kept, prefix=""):
    """Keeps, merges and heads as a sample meets them, and what is kept there by then.

    What is kept in a head is not there behind it, for the head runs in training only.
    """
    children = node.children if isinstance(node, cw.Network) else inner_children(node)
    for key, child in children:
        name = f"{prefix}{key}"
        inside = set(kept) if isinstance(child, Aux) else kept
        yield from running_order(child, inside, f"{name}.")
        if isinstance(child, Keep | Merge | Aux):
            yield name, child, kept
        if isinstance(child, Keep):
            kept.add(child.name)


def refuses(row, inputs):
    """Whether PyTorch has no such layer, refuses it, or returns a tensor without any value."""
    layer, tensor, axes = row.layer, inputs[0], len(row.input_shape) - 1
    if isinstance(layer, Join):
        return not joins(layer, inputs)
    if has_none(row, axes) or touches_batch(layer, tensor):
        return True
    if isinstance(layer, cw.layers.Conv) and layer.padding == "same" and fits_axes(layer, axes):
        return not any(all(sizes) for sizes in same_by_numbers(layer, tensor))
    try:
        return as_torch_would(row, tensor).numel() == 0
    except REFUSALS:
        return True


def has_none(row, axes):
    """Whether PyTorch has no such layer for so many axes."""
    if isinstance(row.layer, cw.layers.Norm):
        # For none it would take the batch for the channels of one sample.
        return not hasattr(nn, row.kind) or (row.layer.kind == "instance" and axes == 0)
    return isinstance(row.layer, SPATIAL) and not 1 <= axes <= 3


# PyTorch has these for one, two and three axes, by separate names or in one module.
SPATIAL = (
    cw.layers.Conv, cw.layers.ConvTranspose, Pool, GlobalPool, cw.layers.Resize, Upsample,
    PixelShuffle, PixelUnshuffle,
)  # fmt: skip


def touches_batch(layer, tensor):
    """Whether an axis that is to be folded or unfolded is the batch, counted from the end."""
    if isinstance(layer, cw.layers.Flatten):
        return 0 in (layer.start_dim + tensor.dim(), layer.end_dim + tensor.dim())
    return isinstance(layer, cw.layers.Unflatten) and layer.dim + tensor.dim() == 0


def joins(layer, tensors):
    """Whether PyTorch joins tensors; our own module, asked as well, must be of the same opinion."""
    if isinstance(layer, Branches) and not layer.children:
        tensors = []
    try:
        result = joined_by_torch(layer, tensors)
    except REFUSALS:
        result = None
    if layer.align in ("crop", "pad"):  # one operation to our module, which does what it must
        return result is not None
    try:
        by_ours = joined(tensors, layer.how, layer.align)
    except REFUSALS:
        by_ours = None
    assert (result is None) == (by_ours is None), layer
    return result is not None


def joined_by_torch(layer, tensors):
    """Tensors joined by plain calls of PyTorch, the first of them saying the size."""
    first, *others = tensors
    if any(other.dim() != first.dim() for other in others):
        raise ValueError("PyTorch would set the axes of the one beneath wrong axes of the other")
    size = first.shape[2:]
    alike = [first, *(brought_to(other, size, layer) for other in others)]
    if layer.how == "concat":
        return torch.cat(alike, dim=1)
    return reduce(torch.add if layer.how == "add" else torch.multiply, alike)


def brought_to(tensor, size, layer):
    """A tensor cropped, padded or interpolated to a size, less what broadcasting does anyway."""
    repeated = layer.how != "concat"
    expected = [
        n if repeated and 1 in (n, m) else m for n, m in zip(tensor.shape[2:], size, strict=True)
    ]
    if layer.align == "none" or list(tensor.shape[2:]) == expected:
        return tensor
    if layer.align == "interpolate":
        mode = {1: "linear", 2: "bilinear", 3: "trilinear"}[len(size)]
        return functional.interpolate(tensor, expected, mode=mode)
    for axis, m in enumerate(expected, start=2):
        n = tensor.shape[axis]
        if layer.align == "crop":
            tensor = tensor.narrow(axis, (n - m) // 2 if n >= m else 0, m)
        else:
            zeros = tensor.new_zeros([*tensor.shape[:axis], m, *tensor.shape[axis + 1 :]])
            zeros.narrow(axis, (m - n) // 2 if m >= n else 0, n).copy_(tensor)
            tensor = zeros
    return tensor


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
    expected = [-(-n // s) for n, s in zip(tensor.shape[2:], stride, strict=True)]
    channels = (tensor.shape[1], layer.out_channels)

    def size_is_met(axis, padding):
        line = torch.zeros(1, tensor.shape[1], tensor.shape[2 + axis])
        conv = nn.Conv1d(
            *channels,
            kernel[axis],
            stride[axis],
            padding,
            dilation[axis],
            layer.groups,
            padding_mode=layer.padding_mode,
        )
        return conv(line).shape[2] == expected[axis]

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


def as_torch_would(row, tensor):
    """Return the output of a refused layer, made from its bare settings where ours differ."""
    layer, axes, channels = row.layer, tensor.dim() - 2, tensor.shape[1]
    if isinstance(layer, cw.layers.Resize) and layer.mode in ("crop", "pad"):
        return brought_to(tensor, layer.size, Skip(children=(), how="concat", align=layer.mode))
    if isinstance(layer, cw.layers.Conv | cw.layers.ConvTranspose):
        kind = getattr(nn, f"{type(layer).__name__}{axes}d")
        return kind(channels, layer.out_channels, **bare(layer, CONVOLUTION))(tensor)
    if isinstance(layer, Pool):
        name = {"max": "MaxPool", "avg": "AvgPool", "lp": "LPPool"}[layer.kind]
        return getattr(nn, f"{name}{axes}d")(**bare(layer, POOLING[layer.kind]))(tensor)
    return passed(module_of(row.call), tensor, {})


def bare(layer, fields):
    """Return the settings of a layer without any change."""
    return {name: getattr(layer, name) for name in fields if hasattr(layer, name)}


CONVOLUTION = (
    "kernel_size", "stride", "padding", "output_padding", "dilation", "groups", "bias",
    "padding_mode",
)  # fmt: skip
POOLING = {
    "max": ("kernel_size", "stride", "padding", "dilation", "ceil_mode"),
    "avg": ("kernel_size", "stride", "padding", "ceil_mode", "count_include_pad"),
    "lp": ("norm_type", "kernel_size", "stride", "ceil_mode"),
}


def drawn_as_planned(plan, dot):
    """The diagram has a box or a join for every row; the source runs and has the same keys.

    A `Keep` is an arrow without a box, unless PyTorch refuses it.
    """
    boxes = [int(number) for number in re.findall(r"^\s*row(\d+) \[", dot, re.MULTILINE)]
    expected = [
        number
        for number, row in enumerate(plan.rows)
        if not isinstance(row.layer, Keep) or row.output_shape is None
    ]
    assert sorted(boxes) == expected
    if plan.problems:
        return
    scope = {"__name__": "somewhere_else"}
    exec(compile(cw.source(plan), "<source>", "exec"), scope)
    with torch.device("meta"):
        written, built = scope[type(plan.design).__name__](), cw.build(plan)
    assert keys(written) == keys(built)


def keys(module):
    """The names of a module's weights and statistics, in order, with their shapes."""
    return [(key, tuple(value.shape)) for key, value in module.state_dict().items()]


SMALL = cw.Network(
    input_shape=(2, 9, 9),
    children={
        "keep": Keep(name="a"),
        "res": Skip(children=[cw.layers.Conv(out_channels=3, kernel_size=3, padding=1)]),
        "merge": Merge(name="a"),
        "head": Aux(name="out", children=[cw.layers.Flatten(), cw.layers.Linear(out_features=2)]),
    },
)


def with_row(plan, number, **wrong):
    """The same plan with one row changed."""
    rows = list(plan.rows)
    rows[number] = rows[number]._replace(**wrong)
    return dataclasses.replace(plan, rows=tuple(rows))


CONV, PROJECTION, ADD, MERGE, LINEAR = 1, 2, 3, 4, 6


@pytest.mark.parametrize(
    ("number", "wrong"),
    [
        (CONV, {"params": 1}),
        (CONV, {"macs": 1}),
        (CONV, {"output_shape": (3, 9, 1)}),
        (CONV, {"input_shapes": ((2, 8, 9),)}),
        (PROJECTION, {"sources": (CONV,), "input_shapes": ((3, 9, 9),)}),
        (ADD, {"sources": (PROJECTION, PROJECTION)}),
        (ADD, {"macs": 1}),
        (MERGE, {"sources": (ADD,), "input_shapes": ((3, 9, 9),)}),
        (LINEAR, {"macs": 1}),
        (LINEAR, {"aux": False}),
        (CONV, {"aux": True}),
    ],
    ids=str,
)
def test_a_wrong_figure_would_be_noticed(number, wrong):
    plan = plan_of(SMALL)
    built_as_planned(plan)
    with pytest.raises((AssertionError, *REFUSALS)):
        built_as_planned(with_row(plan, number, **wrong))


def test_a_wrong_end_would_be_noticed():
    plan = plan_of(SMALL)
    with pytest.raises(AssertionError):
        built_as_planned(dataclasses.replace(plan, last=CONV))
    [extra] = plan.extras
    with pytest.raises(AssertionError):
        built_as_planned(dataclasses.replace(plan, extras=(extra._replace(source=CONV),)))


@pytest.mark.parametrize("number", [0, CONV, PROJECTION, ADD, MERGE, LINEAR])
def test_a_wrong_refusal_would_be_noticed(number):
    plan = plan_of(SMALL)
    rows = (*plan.rows[:number], plan.rows[number]._replace(output_shape=None))
    with pytest.raises(AssertionError):
        refused_where_planned(dataclasses.replace(plan, rows=rows))


def test_a_missing_box_would_be_noticed():
    plan = plan_of(SMALL)
    fewer = dataclasses.replace(plan, rows=(*plan.rows, plan.rows[CONV]))
    with pytest.raises(AssertionError):
        drawn_as_planned(plan, cw.diagram(fewer).source)
    with pytest.raises(AssertionError):
        drawn_as_planned(fewer, cw.diagram(plan).source)
