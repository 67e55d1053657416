"""Values: immutable, comparable, hashable; changed only through their constructors."""

import copy
import inspect
import pickle
import sys

import pytest
from hypothesis import given, settings

import cnnwidget as cw
from cnnwidget.design.value import closest
from tests.strategies import encoder_decoders, networks

DESIGN = cw.EncoderDecoder(input_size=(64, 64), in_channels=10, out_channels=5)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"depth": -1}, "depth is -1, but must be at least 1."),
        ({"depth": 0}, "depth is 0, but must be at least 1."),
        ({"depth": 10**9}, "depth is 1000000000, but must be at most 1000."),
        ({"depth": True}, "depth is True, but must be a whole number."),
        ({"depth": 2.0}, "depth is 2.0, but must be a whole number."),
        ({"activation": "rleu"}, "must be one of relu, leaky_relu, prelu"),
        ({"activation": "rleu"}, "did you mean 'relu'?"),
        ({"activation": None}, "activation is None, but must be one of"),
        ({"final_activation": "nome"}, "glu, none; did you mean 'none'?"),
        ({"final_resize": "stretch"}, "interpolate, nearest, crop, pad, none."),
        ({"decoder_depth": 0}, "decoder_depth is 0, but must be at least 1."),
        ({"channel_ratio": True}, "channel_ratio is True, but must be a number."),
        (
            {"norm": "local"},
            "norm is 'local', but must be one of none, batch, instance, group, lay",
        ),
        ({"kernel_size": 0}, "kernel_size is 0, but must be a whole number of at least 1"),
        ({"kernel_size": (3, 0)}, "kernel_size is (3, 0), but must be a whole number"),
        ({"kernel_size": (3, 3, 3)}, "kernel_size (3, 3, 3) has 3 numbers, but input_size"),
        ({"kernel_size": (3,)}, "kernel_size (3,) has 1 numbers, but input_size"),
        ({"kernel_size": "auto"}, "kernel_size is 'auto', but must be a whole number"),
        ({"kernel_size": 2**31}, "(and below 2**31)"),
        ({"stride": 1.5}, "stride is 1.5, but must be a whole number"),
        ({"padding": "smae"}, "padding is 'smae', but must be 'same', 'valid', a whole number"),
        ({"padding": -1}, "padding is -1, but must be"),
        ({"output_padding": "same"}, "output_padding is 'same', but must be 'mirror', a whole"),
        ({"input_size": 64}, "input_size is 64, but must be a tuple of whole numbers"),
        ({"input_size": ()}, "input_size is (), but must be a tuple of whole numbers"),
        ({"input_size": (1, 2, 3, 4)}, "has 4 axes; convolutions have one to three."),
        ({"output_size": (64,)}, "output_size (64,) has 1 numbers, but input_size"),
        ({"channels": (1, 2)}, "channels (1, 2) has 2 numbers, but needs 3: one per encoder stage"),
        ({"channels": "quadratic"}, "must be one of exponential, proportion, linear, power, const"),
        ({"decoder_channels": (1,)}, "has 1 numbers, but needs 2: one per decoder stage but the"),
        ({"channel_ratio": float("nan")}, "channel_ratio is nan, but must be a finite number."),
        ({"channel_ratio": float("inf")}, "channel_ratio is inf, but must be a finite number."),
        ({"channel_ratio": 0.0}, "channel_ratio is 0.0, but must be greater than 0"),
        ({"dropout_p": 1.5}, "dropout_p is 1.5, but must be at most 1"),
        ({"final_norm": 1}, "final_norm is 1, but must be True or False."),
        ({"latent_shape": (0,)}, "latent_shape is (0,), but must be a tuple of whole numbers"),
        ({"kernal_size": 3}, "kernal_size is none of its fields; did you mean 'kernel_size'?"),
        ({"activation": "ReLU"}, "did you mean 'relu'?"),
        ({"activation": "x" * 1000}, "..., but must be one of"),
        ({"channels": tuple(range(1, 1000))}, "... has 999 numbers, but needs 3"),
        ({"in_channels": 10**5000}, "in_channels is a number of thousands of digits, but"),
        ({"start_channels": 2**61}, "but must be less than 2305843009213693952."),
        ({"input_size": (10**400,)}, "but is more than a tensor can hold"),
        ({"latent_shape": (2**31, 2**31)}, "but is more than a tensor can hold"),
    ],
)
def test_what_no_plan_can_say_is_refused_in_one_sentence(changes, sentence):
    with pytest.raises(cw.DesignError) as refusal:
        DESIGN.replace(**changes)
    message = str(refusal.value)
    assert sentence in message
    assert message.startswith("EncoderDecoder: ")
    assert "\n" not in message
    assert "pydantic" not in message


def test_a_missing_field_is_named():
    with pytest.raises(cw.DesignError, match=r"EncoderDecoder: in_channels is missing"):
        cw.EncoderDecoder(input_size=(64, 64), out_channels=5)


@pytest.mark.parametrize(
    "change",
    [
        lambda design: setattr(design, "depth", 5),
        lambda design: delattr(design, "depth"),
        lambda design: setattr(design, "kernel_size", (5, 5)),
    ],
)
def test_a_design_does_not_change(change):
    with pytest.raises(cw.DesignError, match="EncoderDecoder does not change"):
        change(DESIGN)
    assert DESIGN.depth == 3


def test_no_way_round_the_constructor():
    with pytest.raises(cw.DesignError):
        DESIGN.model_copy(update={"depth": -1})
    with pytest.raises(cw.DesignError):
        DESIGN.copy(update={"depth": -1})
    with pytest.raises(cw.DesignError):
        DESIGN.__replace__(depth=-1)
    if sys.version_info >= (3, 13):
        with pytest.raises(cw.DesignError):
            copy.replace(DESIGN, depth=-1)
    assert copy.copy(DESIGN) == DESIGN
    assert copy.deepcopy(DESIGN) == DESIGN


def test_equal_designs_are_equal_however_they_were_written():
    spelt = cw.EncoderDecoder(
        input_size=[64, 64], in_channels=10, out_channels=5, kernel_size=(3, 3), depth=3
    )
    assert spelt == DESIGN
    assert hash(spelt) == hash(DESIGN)
    assert spelt.kernel_size == (3, 3)
    assert DESIGN.replace(depth=4) != DESIGN
    assert DESIGN.replace(depth=4).replace(depth=3) == DESIGN


def test_another_number_of_axes_is_one_change():
    for size in [(64,), (8, 8, 8), (64, 64)]:
        other = DESIGN.replace(kernel_size=5).replace(input_size=size)
        assert other.kernel_size == (5,) * len(size)
        assert other.stride == (2,) * len(size)
        assert cw.plan(other).output_shape == (5, *size)


def test_fields_have_names():
    with pytest.raises(
        cw.DesignError, match=r"Conv: 3 has no name; write Conv\(out_channels=\.\.\.\)"
    ):
        cw.layers.Conv(3)


def test_help_shows_a_signature_that_can_be_read():
    signature = str(inspect.signature(cw.EncoderDecoder))
    assert signature.startswith("(*, input_size: tuple[int, ...], in_channels: int, out_channels:")
    assert "Validator" not in signature
    assert signature.count("=") == len(type(DESIGN).model_fields) - 3


def test_repr_omits_defaults():
    assert repr(DESIGN) == "EncoderDecoder(input_size=(64, 64), in_channels=10, out_channels=5)"
    assert str(DESIGN) == repr(DESIGN)
    assert repr(DESIGN.replace(kernel_size=5, stride=(2, 1))) == (
        "EncoderDecoder(input_size=(64, 64), in_channels=10, out_channels=5, "
        "kernel_size=5, stride=(2, 1))"
    )


@settings(max_examples=300)
@given(encoder_decoders())
def test_repr_evaluates_to_an_equal_design(design):
    names = {name: getattr(cw, name) for name in cw.__all__}
    assert eval(repr(design), names) == design
    network = design.network()
    assert eval(repr(network), names) == network
    assert hash(eval(repr(network), names)) == hash(network)


@settings(max_examples=200)
@given(networks())
def test_repr_of_a_network_evaluates_to_an_equal_one(network):
    assert eval(repr(network), {name: getattr(cw, name) for name in cw.__all__}) == network


def test_a_design_holds_only_plain_values():
    def plain(value):
        if isinstance(value, tuple):
            return all(map(plain, value))
        return value is None or type(value) in (int, float, str, bool)

    assert all(plain(getattr(DESIGN, name)) for name in type(DESIGN).model_fields)


def test_a_design_survives_a_process_boundary():
    assert pickle.loads(pickle.dumps(DESIGN)) == DESIGN


def test_a_name_misspelt_is_told_before_what_is_missing():
    with pytest.raises(cw.DesignError) as refusal:
        cw.EncoderDecoder(input_size=(8, 8), in_chanels=3, out_channels=1)
    assert str(refusal.value) == (
        "EncoderDecoder: in_chanels is none of its fields; did you mean 'in_channels'?"
    )


@pytest.mark.parametrize(
    ("maker", "name", "fields"),
    [
        (cw.layers.Conv, "in_channels", {"out_channels": 8, "kernel_size": 3}),
        (cw.layers.Linear, "in_features", {"out_features": 8}),
        (cw.layers.Norm, "num_features", {}),
    ],
)
def test_a_layer_has_no_argument_that_follows_from_its_input(maker, name, fields):
    with pytest.raises(cw.DesignError) as refusal:
        maker(**fields, **{name: 3})
    message = f"{maker.__name__}: {name} is none of its fields; it follows from what comes in."
    assert str(refusal.value) == message


@pytest.mark.parametrize(
    ("word", "known", "hint"),
    [
        ("channel", ("none", "batch"), ""),
        ("interpolate", ("transpose", "nearest"), ""),
        ("group", ("dropout", "none"), ""),
        ("kernal_size", ("kernel_size", "stride"), "; did you mean 'kernel_size'?"),
        ("conv2d", ("Conv", "Pool"), "; did you mean 'Conv'?"),
        ("slope", ("negative_slope",), "; did you mean 'negative_slope'?"),
    ],
)
def test_only_what_is_alike_is_hinted_at(word, known, hint):
    assert closest(word, known) == hint
