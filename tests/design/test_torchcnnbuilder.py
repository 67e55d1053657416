"""`forecaster_base` against TorchCNNBuilder's own: parameters, names, weights and output."""

import pytest
import torch
from torch import nn
from torchcnnbuilder.models import ForecasterBase

import cnnwidget as cw


def both(activation=None, **arguments):
    """Return TorchCNNBuilder's network and ours, with the same weights."""
    named = dict(arguments)
    if activation:
        arguments["activation_function"] = getattr(nn, activation[0])()
        named["activation_function"] = activation[1]
    for key in ("finish_activation_function", "latent_activation_function"):
        if arguments.get(key) not in (None, "same"):
            arguments[key] = nn.Tanh()
            named[key] = "tanh"
    theirs = ForecasterBase(**arguments).eval()
    design = cw.forecaster_base(**named)
    ours = cw.build(design).eval()
    ours.load_state_dict(theirs.state_dict())
    return theirs, ours, cw.plan(design)


ONE = {"input_size": (64,), "conv_dim": 1}
TWO = {"input_size": (30, 41), "conv_dim": 2}
THREE = {"input_size": (20, 23), "conv_dim": 3}
LATENT = {"latent_shape": (4, 8), "latent_n_layers": 1}


@pytest.mark.parametrize("axes", [ONE, TWO, THREE], ids=["1-D", "2-D", "3-D"])
@pytest.mark.parametrize(
    "more",
    [
        {},
        {"n_layers": 3, "n_transpose_layers": 2},
        {"n_layers": 2, "n_transpose_layers": 4},
        {"normalization": "batchnorm"},
        {"normalization": "dropout"},
        {"activation": ("PReLU", "prelu")},
        {"activation": ("GELU", "gelu"), "finish_activation_function": "same"},
        {"finish_activation_function": "tanh"},
        {"convolve_params": {"kernel_size": 2, "padding": 1}},
        {"convolve_params": {"stride": 2}, "transpose_convolve_params": {"stride": 2}},
        {"transpose_convolve_params": {"stride": 2, "output_padding": 1, "kernel_size": 4}},
        LATENT,
        LATENT | {"latent_activation_function": "same"},
        LATENT | {"latent_activation_function": "tanh", "normalization": "batchnorm"},
    ],
    ids=str,
)
def test_a_state_dict_of_torchcnnbuilder_loads_with_the_same_output(axes, more):
    arguments = {"in_time_points": 7, "out_time_points": 4, "n_layers": 2} | axes | more
    if axes is THREE and arguments["n_layers"] == 3:
        arguments["in_time_points"] = 9  # three convolutions take two frames each
    theirs, ours, plan = both(**arguments)
    assert list(theirs.state_dict()) == list(ours.state_dict())
    assert plan.params == sum(p.numel() for p in ours.parameters())
    sample = torch.randn(2, *plan.input_shape)
    with torch.no_grad():
        assert torch.equal(theirs(sample), ours(sample))
    assert tuple(theirs(sample).shape[1:]) == plan.output_shape


def test_instance_norm_in_one_and_two_dimensions():
    for axes in (ONE, TWO):
        theirs, ours, plan = both(
            in_time_points=7, out_time_points=4, n_layers=2, normalization="instancenorm", **axes
        )
        sample = torch.randn(2, *plan.input_shape)
        assert torch.equal(theirs(sample), ours(sample))


def test_instance_norm_in_three_dimensions_works_here_only():
    theirs, ours, plan = both(
        in_time_points=7, out_time_points=4, n_layers=2, normalization="instancenorm", **THREE
    )
    sample = torch.randn(2, *plan.input_shape)
    with pytest.raises(ValueError, match="expected 3D or 4D input"):
        theirs(sample)
    assert tuple(ours(sample).shape[1:]) == plan.output_shape


def test_the_network_of_the_sea_ice_forecasts():
    arguments = {
        "input_size": (125, 125), "in_time_points": 104, "out_time_points": 52, "n_layers": 5,
    }  # fmt: skip
    theirs, ours, plan = both(**arguments)
    assert plan.params == 1_559_420 == sum(p.numel() for p in theirs.parameters())
    channels = [
        row.output_shape[0] for row in plan.rows if row.kind in ("Conv2d", "ConvTranspose2d")
    ]
    assert (
        channels
        == [116, 128, 140, 152, 164, 162, 140, 118, 96, 52]
        == (theirs.conv_channels[1:] + theirs.transpose_conv_channels[1:])
    )
    last = plan.rows[-1]
    assert (last.name, last.kind, last.output_shape) == (
        "decoder.resize", "AdaptiveAvgPool2d", (52, 125, 125),
    )  # fmt: skip
    sample = torch.randn(1, 104, 125, 125)
    with torch.no_grad():
        assert torch.equal(theirs(sample), ours(sample))


def test_arguments_cannot_be_mixed_up():
    """TorchCNNBuilder has n_layers second: a positional call would mean something else here."""
    with pytest.raises(TypeError, match="positional"):
        cw.forecaster_base((125, 125), 5, 104, 52)


def test_torchcnnbuilder_stores_a_prelu_of_the_latent_block_twice():
    arguments = {"input_size": (16, 16), "n_layers": 2, "in_time_points": 4, "out_time_points": 2}
    latent = {"latent_shape": (2, 3), "latent_activation_function": "same"}
    theirs = ForecasterBase(activation_function=nn.PReLU(), **arguments, **latent)
    ours = cw.build(cw.forecaster_base(activation_function="prelu", **arguments, **latent))
    found = ours.load_state_dict(theirs.state_dict(), strict=False)
    assert found.missing_keys == []
    assert {key.split(".")[-2] for key in found.unexpected_keys} == {"_activation_function"}
    sample = torch.randn(2, 4, 16, 16)
    assert torch.equal(theirs(sample), ours(sample))


def test_every_layer_has_an_activation_of_its_own():
    """TorchCNNBuilder's layers share one object, so that a PReLU has one weight for all."""
    _, ours, _ = both(
        in_time_points=7, out_time_points=4, n_layers=3, activation=("PReLU", "prelu"), **TWO
    )
    activations = [module for module in ours.modules() if isinstance(module, nn.PReLU)]
    assert len({id(module) for module in activations}) == len(activations) == 5


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"conv_dim": 4}, "conv_dim is 4, but must be 1, 2 or 3"),
        ({"conv_dim": 3, "input_size": (4, 4, 4)}, "must be a tuple of 2 for conv_dim=3"),
        ({"conv_dim": 1}, "must be a tuple of 1 for conv_dim=1"),
        ({"input_size": 64}, "input_size is 64, but must be a tuple of 2"),
        ({"normalization": []}, "normalization is [], but must be one of"),
        ({"convolve_params": {"kernel_size": 0}}, "convolve_params kernel_size is 0, but must be"),
        ({"in_time_points": 0}, "forecaster_base: in_time_points is 0, but must be at least 1."),
        ({"normalization": "layernorm"}, "normalization is 'layernorm', but must be one of"),
        ({"convolve_params": {"strides": 2}}, "has no 'strides'; did you mean 'stride'?"),
        ({"convolve_params": {3: 3}}, "convolve_params has no 3; it knows kernel_size"),
        ({"convolve_params": [3]}, "convolve_params is [3], but must be a dict"),
        ({"convolve_params": {"output_padding": 1}}, "convolve_params has no 'output_padding'"),
        ({"activation_function": nn.ReLU()}, "activation_function is ReLU(), but must be one of"),
        ({"n_layers": 0}, "forecaster_base: n_layers is 0, but must be at least 1."),
    ],
)
def test_settings_that_cannot_be(changes, sentence):
    arguments = {"input_size": (30, 41), "in_time_points": 7, "out_time_points": 4, "n_layers": 2}
    with pytest.raises(cw.DesignError) as refusal:
        cw.forecaster_base(**(arguments | changes))
    assert sentence in str(refusal.value)
