"""Each leaf layer against its torch module on the CPU: shape, refusal, weights, MACs, memory.

Long, for it is one table of cases for each layer, and the checks that all of them share.
"""

import random
import warnings
from itertools import product
from math import prod

import pytest
import torch
from torch import nn
from torch.autograd.graph import saved_tensors_hooks
from torch.utils.flop_counter import FlopCounterMode

from cnnwidget.design.layers.activation import TORCH_ACTIVATION, Activation
from cnnwidget.design.layers.attention import spatial_attention, squeeze_excitation
from cnnwidget.design.layers.dense import Dropout, Linear
from cnnwidget.design.layers.fixed_normalize import Normalize
from cnnwidget.design.layers.layer import Misfit, SavedForBackward
from cnnwidget.design.layers.norm import Norm
from cnnwidget.design.layers.pooling import GlobalPool, Pool
from cnnwidget.design.layers.reshaping import Flatten, PixelShuffle, PixelUnshuffle, Unflatten
from cnnwidget.design.layers.resizing import Resize, Upsample
from cnnwidget.design.layers.taps import Scaled, Whole, Window
from cnnwidget.design.network import Network
from cnnwidget.design.planning.plan import plan_of
from cnnwidget.model.build import build, module_of
from cnnwidget.model.modules import PixelShuffleNd, PixelUnshuffleNd

FIELDS = [(4, 6), (3, 5, 7), (2, 6, 4, 5)]
SHAPES = [(8,), *FIELDS, (6, 1), (4, 1, 1), (4, 1, 1, 1), (1, 2, 3), (2, 2, 2, 2, 2)]


def answer(layer, shape):
    """The shape of the output, or None where the layer does not fit."""
    try:
        return layer.output_shape(shape)
    except Misfit as misfit:
        reason = str(misfit)
    assert reason
    assert not reason.endswith(".")
    return None


def torchs(layer, shape):
    """The module in training and what it makes of a batch of two, or None where it refuses."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of modules that remark on shapes without an axis
        try:
            module = module_of(layer.call(shape)).train()
            return module, module(torch.rand(2, *shape))
        except (AttributeError, RuntimeError, ValueError, IndexError, TypeError):
            return None


def agree(layer, shape):
    """The layer and its torch module, about everything; whether both take the shape."""
    expected = answer(layer, shape)
    found = torchs(layer, shape)
    assert (expected is None) == (found is None), (layer, shape, expected)
    if expected is None:
        return False
    module, out = found
    assert tuple(out.shape) == (2, *expected), (layer, shape)
    trained = sum(each.numel() for each in module.parameters())
    assert layer.costs(shape, expected)[0] == trained, (layer, shape)
    return True


def macs_of(module, shape):
    """Multiply-accumulates of one sample."""
    with FlopCounterMode(display=False) as counter:
        module(torch.rand(2, *shape))
    return counter.get_total_flops() // 4


def kept_of(module, shape):
    """Return the tensors that PyTorch saves for the backward pass, and the bytes per batch."""
    extras = []
    for batch in (2, 3):
        x = torch.rand(batch, *shape, requires_grad=True)
        saved = {}

        def look(tensor, saved=saved):
            storage = tensor.untyped_storage()
            saved[storage.data_ptr()] = (storage, max(tensor.nbytes, storage.nbytes()))
            return tensor

        with saved_tensors_hooks(look, lambda tensor: tensor):
            out = module(x)
        for each in [*module.parameters(), *module.buffers()]:
            saved.pop(each.untyped_storage().data_ptr(), None)
        got, given = (each.untyped_storage().data_ptr() for each in (x, out))
        keeps_input, keeps_output = got in saved, got != given and given in saved
        saved.pop(got, None)
        saved.pop(given, None)
        extras.append(sum(size for _, size in saved.values()))
    two, three = extras
    return SavedForBackward(
        keeps_input, keeps_output, three - two, got == given
    ), 3 * two - 2 * three


def agree_wholly(layer, shape):
    """As `agree`, and about multiply-accumulates and memory to the byte."""
    if not agree(layer, shape):
        return False
    module, _ = torchs(layer, shape)
    output = layer.output_shape(shape)
    assert layer.costs(shape, output)[1] == macs_of(module, shape), (layer, shape)
    kept, once = kept_of(module, shape)
    assert layer.saved(shape, output) == kept, (layer, shape)
    if isinstance(layer, Norm) and layer.kind == "batch":
        assert once == 8 * shape[0]
    elif isinstance(layer, Dropout) and layer.p == 1:
        assert once == 4
    else:
        assert once == 0, (layer, shape)
    return True


# Pooling ------------------------------------------------------------------------------------------

KINDS = {
    "max": {"padding": (0, 1, 2), "dilation": (1, 2, 3)},
    "avg": {"padding": (0, 1, 2), "count_include_pad": (True, False)},
    "lp": {"norm_type": (2.0, 1.0, 1.5, 3.0)},
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_pool_with_all_settings_on_all_sizes(kind):
    taken = 0
    names = tuple(KINDS[kind])
    for n, k, s, ceil, *rest in product(
        range(1, 9), (1, 2, 3, 5), (None, 1, 2, 3), (False, True), *KINDS[kind].values()
    ):
        settings = dict(zip(names, rest, strict=True))
        pool = Pool(kind=kind, kernel_size=k, stride=s, ceil_mode=ceil, **settings)
        taken += agree(pool, (2, n))
    assert taken > 300


@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize("kind", KINDS)
def test_a_pool_with_settings_for_each_axis(kind, axes):
    draw = random.Random(f"{kind} {axes}")
    taken = 0
    for _ in range(300):
        each = lambda numbers: tuple(draw.choice(numbers) for _ in range(axes))  # noqa: E731
        settings = {
            name: each(numbers) if name in ("padding", "dilation") else draw.choice(numbers)
            for name, numbers in KINDS[kind].items()
        }
        if draw.random() < 0.5:
            settings["stride"] = draw.choice([each((1, 2, 3)), draw.choice((1, 2, 3)), None, (2,)])
        kernel = draw.choice([each((1, 2, 3, 4)), 2, 3, (2,)])
        pool = Pool(kind=kind, kernel_size=kernel, ceil_mode=draw.random() < 0.5, **settings)
        taken += agree_wholly(pool, (2, *each(range(1, 9))))
    assert 50 < taken < 300


@pytest.mark.parametrize("kind", KINDS)
def test_a_pool_takes_fields_only(kind):
    for shape in SHAPES:
        assert agree_wholly(Pool(kind=kind, kernel_size=1), shape) == (2 <= len(shape) <= 4)
    assert not agree(Pool(kind=kind, kernel_size=(1, 2)), (1, 8))
    assert not agree(Pool(kind=kind, kernel_size=1, stride=(1, 2)), (1, 8, 8, 8))


def test_lp_pooling_is_the_root_mean_square_times_the_root_of_the_window():
    pool = Pool(kind="lp", kernel_size=(2, 3))
    x = torch.rand(1, 1, 2, 3, dtype=torch.float64)
    found = module_of(pool.call((1, 2, 3)))(x)
    assert torch.allclose(found, x.square().mean().sqrt() * 6**0.5)


@pytest.mark.parametrize("kind", ["avg", "max"])
def test_a_global_pool(kind):
    for shape in SHAPES:
        assert agree_wholly(GlobalPool(kind=kind), shape) == (2 <= len(shape) <= 4)


# Norms, activations, dense ------------------------------------------------------------------------


@pytest.mark.parametrize("affine", [True, False])
@pytest.mark.parametrize("kind", ["batch", "instance", "layer"])
def test_a_norm(kind, affine):
    layer = Norm(kind=kind, affine=affine, eps=1e-3)
    # PyTorch takes a row of values for one sample with as many channels as there are samples.
    shapes = SHAPES[1:] if kind == "instance" else SHAPES
    taken = [agree_wholly(layer, shape) for shape in shapes]
    assert sum(taken) == {"batch": 8, "instance": 4, "layer": 9}[kind]
    assert answer(Norm(kind="instance"), (8,)) is None


@pytest.mark.parametrize("tracks", [True, False, None])
@pytest.mark.parametrize("kind", ["batch", "instance"])
def test_running_statistics(kind, tracks):
    layer = Norm(kind=kind, track_running_stats=tracks)
    taken = [agree_wholly(layer, shape) for shape in SHAPES[1:]]
    assert sum(taken) == {"batch": 7, "instance": 4}[kind]
    module, _ = torchs(layer, (3, 4))
    assert (module.running_mean is not None) == layer.tracks


@pytest.mark.parametrize("affine", [True, False])
@pytest.mark.parametrize("groups", [1, 2, 3, 4, 8])
def test_a_group_norm(groups, affine):
    for shape in SHAPES:
        assert agree_wholly(Norm(kind="group", groups=groups, affine=affine), shape) == (
            shape[0] % groups == 0
        )


@pytest.mark.parametrize("momentum", [None, 0.0, 0.5])
def test_the_momentum_of_batch_norm(momentum):
    assert agree_wholly(Norm(kind="batch", momentum=momentum), (3, 4))
    module, _ = torchs(Norm(kind="batch", momentum=momentum, eps=0.1), (3, 4))
    assert (module.momentum, module.eps, module.affine) == (momentum, 0.1, True)


SETTINGS = {
    "leaky_relu": [{"negative_slope": 0.2}, {"negative_slope": -1}],
    "prelu": [{"num_parameters": 4}, {"num_parameters": 8, "init": 0.1}],
    "elu": [{"alpha": 0.5}],
    "celu": [{"alpha": -2.0}],
    "gelu": [{"approximate": "tanh"}],
    "softplus": [{"beta": 2.0, "threshold": 5.0}],
    "hardtanh": [{"min_val": -2.0, "max_val": 0.5}],
    "rrelu": [{"lower": 0.0, "upper": 0.5}, {"lower": 0.2, "upper": 0.2}],
    "threshold": [{"threshold": 0.1, "value": 20.0}, {"value": 1.0}],
    "hardshrink": [{"lambd": 1.5}],
    "softshrink": [{"lambd": 0.1}],
}


@pytest.mark.parametrize("name", sorted(TORCH_ACTIVATION))
def test_an_activation(name):
    for settings in [{}, *SETTINGS.get(name, [])]:
        layer = Activation(name=name, settings=settings)
        taken = [agree_wholly(layer, shape) for shape in SHAPES]
        assert any(taken)
        if name not in ("glu", "prelu"):
            assert all(taken)
        module, _ = torchs(layer, next(s for s, fits in zip(SHAPES, taken, strict=True) if fits))
        for key, value in settings.items():
            if key != "init":  # which the weights have
                assert getattr(module, key) == value


@pytest.mark.parametrize("name", ["softmin", "softmax", "log_softmax"])
def test_what_goes_over_channels_adds_up_at_each_place(name):
    _, out = torchs(Activation(name=name), (3, 4, 5))
    out = out.exp() if name == "log_softmax" else out
    assert torch.allclose(out.sum(dim=1), torch.ones(2, 4, 5))


@pytest.mark.parametrize("kind", ["channels", "values"])
@pytest.mark.parametrize("p", [0.0, 0.3, 1.0])
def test_dropout(kind, p):
    for shape in SHAPES:
        assert agree_wholly(Dropout(p=p, kind=kind), shape)


def test_dropout_of_channels_and_of_values():
    torch.manual_seed(1)
    for kind, mixed in (("channels", False), ("values", True)):
        dropped = module_of(Dropout(kind=kind).call((8, 9, 9)))(torch.ones(1, 8, 9, 9)) == 0
        share = dropped.float().mean(dim=(2, 3))
        assert ((share > 0) & (share < 1)).any().item() == mixed


@pytest.mark.parametrize("bias", [True, False])
def test_linear(bias):
    for shape in SHAPES:
        assert agree_wholly(Linear(out_features=5, bias=bias), shape)


# Reshaping ----------------------------------------------------------------------------------------


def test_flatten_of_any_axes():
    for shape in [*SHAPES, (2, 3, 1)]:
        for start, end in product([*range(1, 6), *range(-5, 0)], repeat=2):
            layer = Flatten(start_dim=start, end_dim=end)
            lasting = [axis % (len(shape) + 1) if axis < 0 else axis for axis in (start, end)]
            if 0 in lasting and max(-start, -end) == len(shape) + 1:
                assert answer(layer, shape) is None  # the batch is not ours to fold
            else:
                agree_wholly(layer, shape)


@pytest.mark.parametrize("dim", [1, 2, 3, -1, -2])
def test_unflatten_of_any_axis(dim):
    taken = 0
    for shape, folded in product(SHAPES, [(2, 2), (4,), (1, 2, 3), (6,), (8, 1)]):
        layer = Unflatten(shape=folded, dim=dim)
        if dim == -len(shape) - 1:
            assert answer(layer, shape) is None
        else:
            taken += agree_wholly(layer, shape)
    assert taken


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_pixel_shuffles_with_a_factor_for_each_axis(axes):
    taken = 0
    for factors in [1, 2, 3, *product((1, 2, 3), repeat=axes)]:
        for channels, n in product((1, 2, 4, 6, 8, 12), (1, 2, 5, 6)):
            size = (n, 6, 4)[:axes]
            taken += agree_wholly(PixelShuffle(upscale_factor=factors), (channels, *size))
            taken += agree_wholly(PixelUnshuffle(downscale_factor=factors), (channels, *size))
    assert taken > 20
    for layer in (PixelShuffle(upscale_factor=1), PixelUnshuffle(downscale_factor=1)):
        assert [answer(layer, shape) for shape in ((8,), (1, 1, 1, 1, 1))] == [None, None]
    assert answer(PixelShuffle(upscale_factor=(1,) * (axes + 2)), (1, *(2,) * axes)) is None


@pytest.mark.parametrize("factor", [1, 2, 3])
def test_our_pixel_shuffle_is_torchs_in_two_dimensions(factor):
    x = torch.rand(2, 2 * factor**2, 3, 4)
    shuffled = PixelShuffleNd(factor)(x)
    assert torch.equal(shuffled, nn.PixelShuffle(factor)(x))
    assert torch.equal(PixelUnshuffleNd(factor)(shuffled), nn.PixelUnshuffle(factor)(shuffled))


@pytest.mark.parametrize("factors", [(2,), (3, 2), (1, 3), (2, 1, 3), (2, 3, 2)])
def test_our_pixel_shuffle_is_what_it_says_and_its_inverse_undoes_it(factors):
    size = (3, 2, 4)[: len(factors)]
    x = torch.rand(2, 2 * prod(factors), *size)
    shuffled = PixelShuffleNd(factors)(x)
    for channel in range(2):
        for offsets in product(*map(range, factors)):
            source = channel
            for factor, offset in zip(factors, offsets, strict=True):
                source = source * factor + offset
            places = tuple(slice(o, None, r) for o, r in zip(offsets, factors, strict=True))
            assert torch.equal(shuffled[(slice(None), channel, *places)], x[:, source])
    assert torch.equal(PixelUnshuffleNd(factors)(shuffled), x)


# Sizes --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["nearest", "linear"])
def test_upsample(mode):
    for shape in SHAPES:
        for factor in (1, 2, 3, (2,), (1, 3), (3, 1, 2)):
            fits = 2 <= len(shape) <= 4 and (
                isinstance(factor, int) or len(factor) in (1, len(shape) - 1)
            )
            assert agree_wholly(Upsample(scale_factor=factor, mode=mode), shape) == fits


MODES = ["adaptive_avg", "adaptive_max", "interpolate", "nearest", "crop", "pad"]


@pytest.mark.parametrize("mode", MODES)
def test_resize(mode):
    for shape in FIELDS:
        for size in product((1, 4, 7), repeat=len(shape) - 1):
            fits = True
            if mode == "crop":
                fits = all(n >= m for n, m in zip(shape[1:], size, strict=True))
            elif mode == "pad":
                fits = all(n <= m for n, m in zip(shape[1:], size, strict=True))
            layer = Resize(size=size, mode=mode)
            if fits:  # torch would pad by less than nothing, too
                assert agree_wholly(layer, shape)
            else:
                assert answer(layer, shape) is None
        assert answer(Resize(size=(4,) * len(shape), mode=mode), shape) is None
        assert agree_wholly(Resize(size=shape[1:], mode=mode), shape)


def test_crop_takes_the_middle_and_pad_puts_zeros_all_round():
    x = torch.arange(1.0, 6).view(1, 1, 5)
    crop, pad = Resize(size=(2,), mode="crop"), Resize(size=(8,), mode="pad")
    assert module_of(crop.call((1, 5)))(x).flatten().tolist() == [2, 3]
    assert module_of(pad.call((1, 5)))(x).flatten().tolist() == [0, 1, 2, 3, 4, 5, 0, 0]
    uneven = Resize(size=(3, 1), mode="crop")
    x = torch.arange(20.0).view(1, 1, 4, 5)
    assert torch.equal(module_of(uneven.call((1, 4, 5)))(x), x[:, :, 0:3, 2:3])


# Fixed normalisation and attention ----------------------------------------------------------------


@pytest.mark.parametrize("mean", [0.5, (0.5,), (0.1, 0.2, 0.3), (0.0,) * 4])
@pytest.mark.parametrize("std", [2, (2.0,), (0.1, 0.2, 0.3)])
def test_normalize(mean, std):
    several = {len(each) for each in (mean, std) if isinstance(each, tuple)} - {1}
    if len(several) > 1:
        return
    for shape in SHAPES:
        fits = several <= {shape[0]}
        layer = Normalize(mean=mean, std=std)
        assert agree_wholly(layer, shape) == fits
        if fits:
            module, _ = torchs(layer, shape)
            x = torch.rand(2, *shape)
            columns = [
                torch.tensor(each).view(-1, *(1,) * (len(shape) - 1)) for each in (mean, std)
            ]
            assert torch.equal(module(x), (x - columns[0]) / columns[1])
            assert set(module.state_dict()) == {"means", "deviations"}
            assert module.double()(x.double()).dtype == torch.float64


@pytest.mark.parametrize("shape", FIELDS, ids=str)
def test_squeeze_and_excitation(shape):
    plan = plan_of(Network(input_shape=shape, children={"se": squeeze_excitation(shape[0], 2)}))
    net = build(plan)
    x = torch.rand(2, *shape)
    channels, few = shape[0], max(1, shape[0] // 2)
    assert plan.output_shape == shape
    assert plan.params == 2 * channels * few + channels + few
    se = net.se
    means = x.flatten(2).mean(dim=2)
    hidden = (means @ se.reduce.weight.flatten(1).T + se.reduce.bias).relu()
    gate = (hidden @ se.expand.weight.flatten(1).T + se.expand.bias).sigmoid()
    gated = x * gate.view(2, channels, *(1,) * (len(shape) - 1))
    assert torch.allclose(net(x), gated, atol=1e-6)


@pytest.mark.parametrize("shape", FIELDS, ids=str)
def test_spatial_attention(shape):
    plan = plan_of(Network(input_shape=shape, children={"at": spatial_attention(3)}))
    net = build(plan)
    x = torch.rand(2, *shape)
    axes = len(shape) - 1
    assert plan.output_shape == shape
    assert plan.params == 2 * shape[0] + 2 + 2 * 3**axes + 1
    gate = net(x) / x
    assert torch.allclose(gate, gate[:, :1].expand_as(gate), atol=1e-5)
    assert ((gate > 0) & (gate < 1)).all()


# Which inputs an output meets ---------------------------------------------------------------------


def met(tap, i, n):
    """The inputs, of `n`, that output `i` meets."""
    if isinstance(tap, Whole):
        return set(range(n))
    if isinstance(tap, Window):
        places = {i * tap.stride - tap.padding + tap.dilation * t for t in range(tap.kernel_size)}
        return places & set(range(n))
    assert isinstance(tap, Scaled)
    period, place = divmod(i, len(tap.spans))
    first, last = (each + period * tap.shift for each in tap.spans[place])
    if tap.clamped:
        first, last = (min(max(each, 0), n - 1) for each in (first, last))
    return set(range(first, last + 1)) & set(range(n))


def gradient_meets(layer, shape):
    """For each output place, the input places with a slope, over all channels."""
    module = module_of(layer.call(shape)).eval().double()
    for each in module.parameters():
        nn.init.constant_(each, 0.5)
    x = torch.rand(1, *shape, dtype=torch.float64) + 0.5
    x.requires_grad_()
    out = module(x)[0]
    weights = torch.rand(len(out), *(1,) * (out.dim() - 1), dtype=torch.float64)  # sums may be one
    out = (out * weights).sum(dim=0)
    found = {}
    for place in product(*map(range, out.shape)):
        (slope,) = torch.autograd.grad(out[place], x, retain_graph=True)
        slopes = (
            slope.abs().sum(dim=(0, 1)) > 1e-9
        )  # what is on a value, but for rounding, is there
        found[place] = {tuple(each) for each in slopes.nonzero().tolist()}
    return found


LINES = [
    *(
        Pool(kind=kind, kernel_size=k, stride=s)
        for kind in ("avg", "lp")
        for k, s in ((3, 2), (2, 3))
    ),
    Pool(kind="avg", kernel_size=3, padding=1, ceil_mode=True),
    Pool(kind="avg", kernel_size=4, stride=3, padding=2, count_include_pad=False),
    GlobalPool(),
    *(Upsample(scale_factor=r, mode=mode) for r in (1, 2, 3, 5) for mode in ("nearest", "linear")),
    *(PixelShuffle(upscale_factor=r) for r in (1, 2, 3)),
    *(PixelUnshuffle(downscale_factor=r) for r in (1, 2, 3)),
    *(
        Resize(size=(m,), mode=mode)
        for mode in ("adaptive_avg", "interpolate", "nearest")
        for m in (1, 4, 9, 12, 18, 25)
    ),
    *(Resize(size=(m,), mode="crop") for m in (1, 5, 10, 12)),
    *(Resize(size=(m,), mode="pad") for m in (12, 13, 17)),
    Linear(out_features=5),
    Normalize(mean=1.0, std=3.0),
    Activation(name="softmax"),
    Flatten(start_dim=2),
]


@pytest.mark.parametrize("layer", LINES, ids=str)
def test_an_output_meets_what_its_slope_says(layer):
    shape = (12, 12)
    output = layer.output_shape(shape)
    (tap,) = layer.taps(shape, output)
    for (i,), places in gradient_meets(layer, shape).items():
        assert {(j,) for j in met(tap, i, 12)} == places, i


PLANES = [
    Pool(kind="avg", kernel_size=(2, 3), stride=(1, 2), padding=(1, 0)),
    Upsample(scale_factor=(2, 3), mode="linear"),
    PixelShuffle(upscale_factor=(2, 1)),
    PixelUnshuffle(downscale_factor=(1, 3)),
    Resize(size=(2, 5), mode="crop"),
    Resize(size=(5, 9), mode="pad"),
    Linear(out_features=2),
    GlobalPool(),
]


@pytest.mark.parametrize("layer", PLANES, ids=str)
def test_an_output_meets_what_its_slope_says_along_each_axis(layer):
    shape = (2, 4, 6)
    output = layer.output_shape(shape)
    taps = layer.taps(shape, output)
    for place, places in gradient_meets(layer, shape).items():
        axes = [met(tap, i, n) for tap, i, n in zip(taps, place, shape[1:], strict=True)]
        assert set(product(*axes)) == places


@pytest.mark.parametrize("kind", ["instance", "group", "layer"])
def test_norms_of_a_sample_measure_all_of_it_and_batch_norm_does_not(kind):
    shape = (4, 5)
    layer = Norm(kind=kind) if kind != "group" else Norm(kind=kind, groups=2)
    module = module_of(layer.call(shape)).eval()
    for each, everywhere in ((module, True), (nn.BatchNorm1d(4).eval(), False)):
        x = torch.rand(1, *shape, requires_grad=True)
        (slope,) = torch.autograd.grad(each(x)[0, 0, 0], x)
        assert (slope[0, 0] != 0).all().item() == everywhere
    assert layer.normalizes_globally(shape)
    assert not Norm(kind="batch").normalizes_globally(shape)


@pytest.mark.parametrize(
    ("question", "wrong"),
    [
        ("output_shape", (2, 3)),
        ("output_shape", (1, 3, 1)),
        ("costs", (1, 0)),
        ("costs", (0, 8)),
        ("saved", SavedForBackward(True)),
        ("saved", SavedForBackward(True, extra=20)),
    ],
)
def test_a_wrong_answer_would_be_noticed(question, wrong):
    shape = (1, 6)
    assert agree_wholly(Pool(kernel_size=2), shape)
    liar = type("Liar", (Pool,), {question: lambda *_: wrong})
    with pytest.raises(AssertionError):
        agree_wholly(liar(kernel_size=2), shape)


@pytest.mark.parametrize("shape", [(3,), (1, 2, 4)], ids=str)
def test_a_wrong_refusal_would_be_noticed(shape):
    class Refusing(Pool):
        def output_shape(self, shape):
            raise Misfit("as intended")

    class Taking(Pool):
        def output_shape(self, shape):
            return shape

    with pytest.raises(AssertionError):
        agree(Refusing(kernel_size=1), (1, 6))
    with pytest.raises(AssertionError):
        agree(Taking(kernel_size=3), shape)
