"""Leaf layers as values: refused fields, formulas, calls and texts."""

import pytest

from cnnwidget import layers
from cnnwidget.design.errors import DesignError
from cnnwidget.design.layers.activation import SETTINGS, TORCH_ACTIVATION, Activation
from cnnwidget.design.layers.attention import spatial_attention, squeeze_excitation
from cnnwidget.design.layers.dense import Dropout, Linear
from cnnwidget.design.layers.fixed_normalize import Normalize
from cnnwidget.design.layers.layer import Misfit
from cnnwidget.design.layers.norm import Norm
from cnnwidget.design.layers.pooling import GlobalPool, Pool
from cnnwidget.design.layers.reshaping import Flatten, PixelShuffle, PixelUnshuffle, Unflatten
from cnnwidget.design.layers.resizing import Resize, Upsample

LAYERS = [
    Pool(kernel_size=2),
    Pool(kind="max", kernel_size=(2, 3), stride=1, padding=(0, 1), dilation=2, ceil_mode=True),
    Pool(kind="avg", kernel_size=2, count_include_pad=False),
    Pool(kind="lp", kernel_size=2, norm_type=3.5),
    GlobalPool(kind="max"),
    Norm(kind="batch", momentum=None, eps=0.1),
    Norm(kind="group", groups=4, affine=False),
    Activation(name="leaky_relu", settings={"negative_slope": 1}),
    Activation(name="rrelu", settings={"upper": 0.5, "lower": 0.25}),
    Activation(name="gelu", settings={"approximate": "tanh"}),
    Dropout(p=0.1, kind="values"),
    Flatten(start_dim=2, end_dim=-2),
    Unflatten(shape=(2, 2), dim=-1),
    PixelShuffle(upscale_factor=(2, 3)),
    PixelUnshuffle(downscale_factor=2),
    Resize(size=(3, 4), mode="pad"),
    Upsample(scale_factor=2, mode="linear"),
    Normalize(mean=(1, 2.5), std=0.5),
]


@pytest.mark.parametrize("layer", LAYERS, ids=repr)
def test_a_layer_is_a_value_and_its_repr_evaluates(layer):
    again = eval(repr(layer), {"layers": layers})
    assert again == layer
    assert hash(again) == hash(layer)
    assert layer.replace() == layer
    assert type(layer).unchecked(**layer.changed_fields()) == layer


REFUSED = [
    (Pool, {"kind": "avg", "kernel_size": 2, "dilation": 2}, "dilation is no setting of a pool of"),
    (
        Pool,
        {"kind": "lp", "kernel_size": 2, "padding": 1},
        "has ceil_mode, norm_type; leave it out.",
    ),
    (Pool, {"kind": "max", "kernel_size": 2, "norm_type": 1.0}, "norm_type is no setting"),
    (
        Pool,
        {"kind": "max", "kernel_size": 2, "count_include_pad": False},
        "count_include_pad is no",
    ),
    (Pool, {"kind": "lp", "kernel_size": 2, "norm_type": 0.0}, "must be greater than 0."),
    (Pool, {"kernel_size": 0}, "kernel_size is 0, but must be a whole number of at least 1"),
    (Pool, {"kernel_size": 2, "stride": 0}, "stride is 0, but must be None, a whole number"),
    (Norm, {"kind": "batch", "groups": 2}, "groups is a setting of kind 'group' only, not of"),
    (Norm, {"kind": "layer", "momentum": 0.5}, "momentum is a setting of kind 'batch' only"),
    (Norm, {"kind": "batch", "eps": 0.0}, "eps is 0.0, but must be greater than 0."),
    (Norm, {"kind": "grup"}, "did you mean 'group'?"),
    (Activation, {"name": "rellu"}, "did you mean 'relu'?"),
    (
        Activation,
        {"name": "relu", "settings": {"alpha": 1}},
        "'relu' has no setting 'alpha', but none",
    ),
    (
        Activation,
        {"name": "leaky_relu", "settings": {"slope": 1}},
        "'leaky_relu' has no setting 'slope', but negative_slope; did you mean 'negative_slope'?",
    ),
    (Activation, {"name": "elu", "settings": {"alpha": True}}, "alpha must be a finite number."),
    (Activation, {"name": "elu", "settings": {"alpha": float("nan")}}, "must be a finite number."),
    (Activation, {"name": "elu", "settings": {"alpha": 1e300}}, "must be a finite number."),
    (Activation, {"name": "elu", "settings": {"alpha": "1"}}, "alpha must be a finite number."),
    (Activation, {"name": "elu", "settings": {"alpha": 10**400}}, "alpha must be a finite number."),
    (Activation, {"name": "elu", "settings": 3}, "must be a dict of settings by name."),
    (Activation, {"name": "elu", "settings": {1: 2}}, "'elu' has no setting 1, but alpha."),
    (Activation, {"name": "gelu", "settings": {"approximate": "cos"}}, "must be 'none' or 'tanh'."),
    (Activation, {"name": "gelu", "settings": {"approximate": []}}, "must be 'none' or 'tanh'."),
    (
        Activation,
        {"name": "prelu", "settings": {"num_parameters": 2.0}},
        "num_parameters must be a whole number of at least 1.",
    ),
    (Activation, {"name": "hardtanh", "settings": {"min_val": 1}}, "less than the max_val of 1.0."),
    (
        Activation,
        {"name": "rrelu", "settings": {"lower": 0.5}},
        "lower must be at most the upper of",
    ),
    (Activation, {"name": "softshrink", "settings": {"lambd": -1}}, "lambd must be at least 0."),
    (
        Activation,
        {"name": "celu", "settings": {"alpha": 0}},
        "alpha is divided by and must not be 0.",
    ),
    (
        Activation,
        {"name": "softplus", "settings": {"beta": 0}},
        "beta is divided by and must not be",
    ),
    (Dropout, {"kind": "pixels"}, "must be one of channels, values."),
    (Dropout, {"p": 1.5}, "p is 1.5, but must be at most 1"),
    (Flatten, {"start_dim": 0}, "axis 0 is the batch"),
    (Flatten, {"end_dim": 1.0}, "end_dim is 1.0, but must be a whole number."),
    (Unflatten, {"shape": (2, -1)}, "must be a tuple of whole numbers of at least 1."),
    (PixelShuffle, {"upscale_factor": (2, 0)}, "whole number of at least 1"),
    (Upsample, {"scale_factor": 1.5}, "whole number of at least 1"),
    (Resize, {"size": (2,), "mode": "cropp"}, "did you mean 'crop'?"),
    (Normalize, {"std": 0}, "std is 0.0, but must be greater than 0."),
    (Normalize, {"std": (1, -1)}, "std is (1.0, -1.0), but must be greater than 0."),
    (Normalize, {"mean": (1, 2), "std": (1, 2, 3)}, "mean has 2 numbers and std 3"),
    (Normalize, {"mean": float("inf")}, "must be a finite number, or a tuple"),
    (Normalize, {"mean": ()}, "must be a finite number, or a tuple"),
    (Normalize, {"mean": 10**400}, "must be a finite number, or a tuple"),
]


@pytest.mark.parametrize(("kind", "fields", "reason"), REFUSED, ids=str)
def test_one_sentence_says_why_a_layer_cannot_be(kind, fields, reason):
    with pytest.raises(DesignError) as refused:
        kind(**fields)
    sentence = str(refused.value)
    assert reason in sentence
    assert sentence.startswith(f"{kind.__name__}: ")
    assert sentence[-1] in ".?"
    assert "\n" not in sentence
    assert ".." not in sentence.replace("...", "")


def test_settings_are_stored_as_sorted_pairs_without_defaults():
    one = Activation(name="rrelu", settings={"upper": 0.5, "lower": 0})
    assert one.settings == (("lower", 0.0), ("upper", 0.5))
    assert one == Activation(name="rrelu", settings=(("upper", 0.5), ("lower", 0.0)))
    assert type(one.settings[0][1]) is float
    for name in TORCH_ACTIVATION:
        plain = Activation(name=name)
        assert Activation(name=name, settings=SETTINGS.get(name, {})) == plain
        assert repr(plain) == f"layers.Activation(name={name!r})"


def test_a_mapping_given_as_settings_is_not_held():
    given = {"alpha": 0.5}
    layer = Activation(name="elu", settings=given)
    given["alpha"] = 2.0
    assert dict(layer.settings) == {"alpha": 0.5}


@pytest.mark.parametrize(
    ("layer", "shape", "formula", "lost"),
    [
        (Pool(kernel_size=2), (3, 7, 4),
         "⌊(7 + 2·0 − 1·(2 − 1) − 1) / 2⌋ + 1 = 3; ⌊(4 + 2·0 − 1·(2 − 1) − 1) / 2⌋ + 1 = 2",
         (1, 0)),
        (Pool(kernel_size=3, stride=2, padding=1, dilation=2), (1, 9),
         "⌊(9 + 2·1 − 2·(3 − 1) − 1) / 2⌋ + 1 = 4", (0,)),
        (Pool(kernel_size=3, stride=4, dilation=1), (1, 10),
         "⌊(10 + 2·0 − 1·(3 − 1) − 1) / 4⌋ + 1 = 2", (3,)),
        (Pool(kernel_size=2, ceil_mode=True), (1, 7),
         "⌈(7 + 2·0 − 1·(2 − 1) − 1) / 2⌉ + 1 = 4", (0,)),
        (Pool(kernel_size=1, stride=3, ceil_mode=True), (1, 6),
         "⌈(6 + 2·0 − 1·(1 − 1) − 1) / 3⌉ + 1 − 1 that would begin beyond the input = 2", (2,)),
        (Pool(kernel_size=2, stride=3, ceil_mode=True), (1, 5),
         "⌈(5 + 2·0 − 1·(2 − 1) − 1) / 3⌉ + 1 = 2", (0,)),
        (GlobalPool(), (3, 7, 7), "all 7 at once = 1", ()),
        (Upsample(scale_factor=(2, 3)), (1, 4, 5), "4·2 = 8; 5·3 = 15", ()),
        (PixelShuffle(upscale_factor=2), (8, 4, 4), "4·2 = 8", ()),
        (PixelUnshuffle(downscale_factor=2), (2, 4, 8), "4 / 2 = 2; 8 / 2 = 4", ()),
        (Resize(size=(64, 64)), (1, 57, 64), "57 · 1.123 = 64; 64 · 1 = 64", ()),
        (Resize(size=(64, 64)), (1, 64, 64), "", ()),
        (Resize(size=(4,), mode="crop"), (1, 9), "9 − 2 − 3 = 4", ()),
        (Resize(size=(9,), mode="pad"), (1, 4), "2 + 4 + 3 = 9", ()),
        (Flatten(), (8, 4, 4), "8·4·4 = 128", ()),
        (Flatten(), (8,), "", ()),
        (Flatten(start_dim=2), (8, 4, 5), "4·5 = 20", ()),
        (Unflatten(shape=(8, 4)), (32,), "32 = 8·4", ()),
        (Unflatten(shape=(2, 3), dim=-1), (5, 6), "6 = 2·3", ()),
        (Unflatten(shape=(32,)), (32,), "", ()),
        (Linear(out_features=10), (84,), "each of 84 to each of 10", ()),
        (Norm(kind="batch"), (3, 4, 4), "", ()),
        (Activation(name="relu"), (3, 4, 4), "", ()),
    ],
    ids=str,
)  # fmt: skip
def test_formulas_and_lost_pixels(layer, shape, formula, lost):
    output = layer.output_shape(shape)
    assert layer.formula(shape, output) == formula
    assert layer.lost(shape, output) == lost


def test_the_formula_of_a_pool_is_worth_its_number():
    beyond_input = 0
    for n in range(1, 12):
        for kernel in range(1, 5):
            for stride in range(1, 5):
                for padding in range(kernel // 2 + 1):
                    pool = Pool(kernel_size=kernel, stride=stride, padding=padding, ceil_mode=True)
                    try:
                        output = pool.output_shape((1, n))
                    except Misfit:
                        continue
                    expected = -(-(n + 2 * padding - kernel) // stride) + 1
                    beyond = " − 1 that" in pool.formula((1, n), output)
                    assert output == (1, expected - beyond)
                    beyond_input += beyond
    assert beyond_input


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (Pool(kernel_size=3), (1, 2, 8)),
        (Pool(kernel_size=3, dilation=4), (1, 8)),
        (Pool(kernel_size=3, padding=2), (1, 8, 8, 8)),
        (Pool(kind="avg", kernel_size=5, padding=2, ceil_mode=True), (1, 3, 8, 8)),
        (Norm(kind="instance"), (4, 1, 1)),
        (Norm(kind="instance"), (4,)),
        (Norm(kind="group"), (12, 4)),
        (Norm(kind="batch"), (1, 2, 2, 2, 2)),
        (Activation(name="glu"), (3, 4)),
        (Activation(name="prelu", settings={"num_parameters": 4, "init": 0.1}), (3, 4)),
        (Flatten(start_dim=3), (3, 4)),
        (Flatten(start_dim=2, end_dim=1), (3, 4)),
        (Unflatten(shape=(2, 2)), (6, 4)),
        (PixelShuffle(upscale_factor=4), (12, 3, 3)),
        (PixelShuffle(upscale_factor=(2, 2, 2)), (8, 3, 3)),
        (PixelUnshuffle(downscale_factor=4), (1, 6, 9)),
        (Upsample(scale_factor=(2, 2)), (1, 4, 4, 4)),
        (Resize(size=(4,)), (1, 4, 4)),
        (Resize(size=(9, 2), mode="crop"), (1, 4, 4)),
        (Resize(size=(9, 2), mode="pad"), (1, 4, 4)),
        (Normalize(mean=(1.0, 2.0)), (3, 4)),
    ],
    ids=str,
)
def test_something_near_fits_where_a_layer_does_not(layer, shape):
    with pytest.raises(Misfit):
        layer.output_shape(shape)
    mended = []
    for other in layer.mended(shape):
        try:
            other.output_shape(shape)
        except Misfit:
            continue
        mended.append(other)
    assert mended
    assert layer not in mended


def test_layers_are_asked_for_mends_of_any_shape():
    for layer in LAYERS:
        for shape in ((8,), (6, 3), (4, 5, 6), (2, 2, 2, 2), (1, 2, 1, 2, 1)):
            assert all(
                isinstance(other, Activation | Norm | type(layer)) for other in layer.mended(shape)
            )


def test_a_call_leaves_out_the_defaults_of_torch():
    shape = (64, 9, 9)
    assert Pool(kernel_size=(2, 2)).call(shape) == ("MaxPool2d", (), (("kernel_size", 2),))
    lp = Pool(kind="lp", kernel_size=(2,), stride=1)
    assert lp.call((1, 9)) == (
        "LPPool1d", (), (("norm_type", 2.0), ("kernel_size", 2), ("stride", 1))
    )  # fmt: skip
    assert Norm(kind="instance").call(shape).kwargs == (("affine", True),)
    assert Norm(kind="instance", affine=False).call(shape).kwargs == ()
    assert Norm(kind="layer").call(shape) == ("LayerNorm", (("normalized_shape", shape),), ())
    assert Norm(kind="batch").call((64,)).name == "BatchNorm1d"
    assert Flatten().call(shape) == ("Flatten", (), ())
    assert Dropout(kind="values").call(shape).name == "Dropout"
    assert Dropout().call((64,)).name == "Dropout"
    assert PixelShuffle(upscale_factor=(2, 2)).call(shape).name == "PixelShuffle"
    assert PixelShuffle(upscale_factor=2).call((64, 9)).name == "PixelShuffleNd"
    assert PixelUnshuffle(downscale_factor=(1, 3)).call(shape).name == "PixelUnshuffleNd"
    assert Upsample(scale_factor=2, mode="linear").call((64, 9)).kwargs[1] == ("mode", "linear")


def test_a_gate_is_a_skip_that_multiplies():
    for gate in (squeeze_excitation(32, reduction=64), spatial_attention((3, 5))):
        assert (gate.how, gate.projection) == ("multiply", "none")
        assert dict(gate.children)["gate"] == Activation(name="sigmoid")
    assert dict(squeeze_excitation(32, reduction=64).children)["reduce"].out_channels == 1
    assert dict(squeeze_excitation(64).children)["reduce"].out_channels == 4
    assert dict(spatial_attention((3, 5)).children)["conv"].kernel_size == (3, 5)
    for wrong in ({"channels": 0}, {"channels": 8, "reduction": 0}, {"channels": 8.0}):
        with pytest.raises(DesignError):
            squeeze_excitation(**wrong)
