"""Designs as JSON: there and back, and nothing else comes through."""

import copy
import json
import math

import pytest
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

import cnnwidget as cw
from cnnwidget.design.layer import Layer
from cnnwidget.design.network import DEEPEST
from cnnwidget.design.notation import FAMILIES, LAYERS, VERSION, from_json, to_json
from tests.samples import SAMPLES
from tests.strategies import encoder_decoders, networks

some = settings(
    max_examples=600, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow]
)
enough = settings(suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])


def there_and_back(design):
    text = json.dumps(to_json(design), allow_nan=False)
    again = from_json(json.loads(text))
    assert again == design
    assert type(again) is type(design)
    assert json.dumps(to_json(again)) == text


@some
@given(encoder_decoders())
def test_every_encoder_decoder_comes_back(design):
    there_and_back(design)


@some
@given(networks())
def test_every_network_comes_back(network):
    there_and_back(network)


@pytest.mark.parametrize("design", SAMPLES.values(), ids=SAMPLES)
def test_every_sample_comes_back_and_so_does_its_network(design):
    there_and_back(design)
    there_and_back(design.network())


def test_a_design_comes_back_from_a_file_written_by_hand():
    """The notation itself: a change of it needs a new version."""
    text = """
    {"version": 1, "family": "Network", "fields": {"input_shape": [1, 8, 8], "children": [
        ["body", {"sequence": [
            ["conv", {"layer": "Conv", "out_channels": 4, "kernel_size": [3, 3], "stride": 2,
                      "padding": "same", "dilation": 1, "groups": 1, "bias": false}],
            ["act", {"layer": "Activation", "name": "relu"}]
        ], "part": "encoder"}],
        ["flat", {"layer": "Flatten"}]
    ]}}
    """
    network = cw.Network(
        input_shape=(1, 8, 8),
        children={
            "body": cw.Sequence(
                children={
                    "conv": cw.Conv(
                        out_channels=4, kernel_size=(3, 3), stride=2, padding="same", bias=False
                    ),
                    "act": cw.Activation(name="relu"),
                },
                part="encoder",
            ),
            "flat": cw.Flatten(),
        },
    )
    assert from_json(json.loads(text)) == network
    assert to_json(network) == json.loads(text)


def test_every_layer_has_a_notation():
    assert set(LAYERS.values()) == set(Layer.__subclasses__()) - {OfMyOwn}
    assert set(FAMILIES) == {"EncoderDecoder", "Network"}
    # The keys of the notation are no fields.
    assert all({"layer", "sequence"}.isdisjoint(layer.model_fields) for layer in LAYERS.values())


def test_every_field_is_written_whatever_its_default():
    fields = to_json(SAMPLES["default"])["fields"]
    assert list(fields) == list(cw.EncoderDecoder.model_fields)
    assert fields["norm"] == "batch"


def test_a_ratio_may_be_written_as_a_whole_number():
    """As JavaScript does, which has no other."""
    data = to_json(SAMPLES["default"])
    data["fields"]["channel_ratio"] = 2
    assert from_json(data) == SAMPLES["default"]


def nested(levels):
    child = {"layer": "Flatten"}
    for _ in range(levels):
        child = {"sequence": [["a", child]], "part": ""}
    fields = {"input_shape": [1, 8], "children": [["a", child]]}
    return {"version": VERSION, "family": "Network", "fields": fields}


def test_sequences_may_be_as_deep_as_a_network_takes_them():
    there_and_back(from_json(nested(DEEPEST - 1)))
    for levels in (DEEPEST, DEEPEST + 1, DEEPEST + 2, 100_000):
        with pytest.raises(cw.DesignError, match="more than 50 sequences"):
            from_json(nested(levels))


GOOD = {
    "encoder_decoder": to_json(SAMPLES["default"]),
    "network": to_json(SAMPLES["by_hand"]),
    "volume": to_json(SAMPLES["volume"].network()),
}


def changed(name, *path, to):
    """A copy of a good one with one thing in it changed, or taken away."""
    data = copy.deepcopy(GOOD[name])
    *above, last = path
    inner = data
    for key in above:
        inner = inner[key]
    if to is None:
        del inner[last]
    else:
        inner[last] = to
    return data


DEEP = json.loads("[" * 900 + "]" * 900)
LAYER = ("fields", "children", 0, 1, "sequence", 0, 1)


class OfMyOwn(Layer):
    """A layer that no file can name."""

    def output_shape(self, shape):
        return shape

    def call(self, shape):
        raise NotImplementedError


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (None, "a design is None, but must be a dict"),
        ([], "a design is a list, but must be a dict"),
        ("EncoderDecoder", "a design is 'EncoderDecoder', but must be a dict"),
        ({}, "a design has no 'version'"),
        ({1: 2}, "has the key 1"),
        (changed("network", "version", to=2), "version is 2, but must be 1"),
        (changed("network", "version", to=True), "version is True, but must be 1"),
        (changed("network", "version", to="1"), "version is '1', but must be 1"),
        (changed("network", "family", to="Netwok"), "did you mean 'Network'"),
        (changed("network", "family", to=["Network"]), "family of a design is a list"),
        (changed("network", "family", to=None), "a design has no 'family'"),
        (changed("network", "code", to="import os"), "has the key 'code'"),
        (changed("network", "family", to="EncoderDecoder"), "fields of an EncoderDecoder has"),
        (changed("network", "fields", to=[]), "fields of a Network is a list"),
        (changed("network", "fields", "input_shape", to=[]), "Network: input_shape is"),
        (changed("network", "fields", "input_shape", to=DEEP), "input_shape holds a list"),
        (changed("network", "fields", "input_shape", to=[1, "8"]), "input_shape holds a list"),
        (changed("network", "fields", "children", to={}), "children of a network are a dict"),
        (changed("network", "fields", "children", 0, to=["a"]), "a network has a list for a child"),
        (changed("network", "fields", "children", 0, 0, to=1), "a network has a list for a child"),
        (changed("network", "fields", "children", 0, 0, to="a.b"), "a child named 'a.b'"),
        (changed("network", "fields", "children", 0, 0, to="head"), "two children named 'head'"),
        (changed("network", *LAYER, to=DEEP), "'features.conv 1' is a list"),
        (changed("network", *LAYER, to={}), "'features.conv 1' is a dict"),
        (changed("network", *LAYER, "layer", to="Layer"), "layer of 'features.conv 1' is 'Layer'"),
        (changed("network", *LAYER, "layer", to="Conv2d"), "did you mean 'Conv'"),
        (changed("network", *LAYER, "layer", to={}), "layer of 'features.conv 1' is a dict"),
        (changed("network", *LAYER, "bias", to=None), "'features.conv 1' has no 'bias'"),
        (changed("network", *LAYER, "bias", to=1), "cannot be: Conv: bias is 1, but must be True"),
        (changed("network", *LAYER, "bias", to=DEEP), "'features.conv 1' holds a list"),
        (changed("network", *LAYER, "stride", to=0), "cannot be: Conv: stride is 0"),
        (changed("network", *LAYER, "stride", to=[1.0, 2]), "Conv: stride is (1.0, 2)"),
        (changed("network", *LAYER, "strides", to=1), "did you mean 'stride'"),
        (changed("network", *LAYER[:-3], "part", to="head"), "Sequence: part is 'head'"),
        (changed("network", *LAYER[:-3], "part", to=None), "'features' has no 'part'"),
        (changed("encoder_decoder", "fields", "depth", to=3.0), "depth is 3.0"),
        (changed("encoder_decoder", "fields", "depth", to=None), "has no 'depth'"),
        (changed("encoder_decoder", "fields", "depth", to="3"), "depth is '3'"),
        (changed("encoder_decoder", "fields", "depth", to=10**9999), "thousands of digits"),
        (changed("encoder_decoder", "fields", "depths", to=3), "did you mean 'depth'"),
        (changed("encoder_decoder", "fields", "norm", to="bach"), "did you mean 'batch'"),
        (changed("encoder_decoder", "fields", "dropout_p", to=math.nan), "dropout_p is nan"),
        (changed("encoder_decoder", "fields", "dropout_p", to=10**400), "dropout_p is"),
        (changed("encoder_decoder", "fields", "channels", to=[1, 2]), "channels (1, 2) has 2"),
        (changed("encoder_decoder", "fields", "kernel_size", to={}), "kernel_size holds a dict"),
    ],
)
def test_whatever_is_not_a_design_is_refused_in_one_sentence(data, sentence):
    with pytest.raises(cw.DesignError) as refused:
        from_json(data)
    message = str(refused.value)
    assert sentence in message
    assert "\n" not in message
    assert message.endswith((".", "?"))
    assert len(message) < 500 + 60 * len(cw.EncoderDecoder.model_fields)


@pytest.mark.parametrize("wrong", [None, {}, "Network", cw.Flatten(), cw.EncoderDecoder])
def test_only_a_design_is_written(wrong):
    with pytest.raises(cw.DesignError, match="is no design; give an EncoderDecoder or a Network"):
        to_json(wrong)


def test_a_layer_of_ones_own_is_not_written():
    network = cw.Network(input_shape=(1,), children={"a": cw.Sequence(children=[OfMyOwn()])})
    with pytest.raises(cw.DesignError, match=r"a\.0 is a OfMyOwn, which has no notation"):
        to_json(network)


scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.sampled_from([10**400, -1])
)
keys = st.one_of(
    st.sampled_from(["version", "family", "fields", "layer", "sequence", "part", "children"]),
    st.text(),
)
values = st.recursive(
    scalars, lambda inner: st.one_of(st.lists(inner), st.dictionaries(keys, inner)), max_leaves=8
)


def places(data, path=()):
    """Every place in some JSON values, as the keys that lead there."""
    inner = data.items() if isinstance(data, dict) else enumerate(data)
    for key, value in inner:
        yield (*path, key)
        if isinstance(value, dict | list):
            yield from places(value, (*path, key))


@st.composite
def almost_designs(draw):
    """Good ones with a few values changed, taken away, doubled or added anywhere."""
    data = copy.deepcopy(draw(st.sampled_from(list(GOOD.values()))))
    for _ in range(draw(st.integers(1, 3))):
        paths = list(places(data))
        assume(paths)
        *above, last = draw(st.sampled_from(paths))
        inner = data
        for key in above:
            inner = inner[key]
        match draw(st.sampled_from(["change", "change", "remove", "double", "add", "swap"])):
            case "change":
                inner[last] = draw(values)
            case "remove":
                del inner[last]
            case "double" if isinstance(inner, list):
                inner.append(copy.deepcopy(inner[last]))
            case "swap":
                other = draw(st.sampled_from(paths))
                inner[last] = copy.deepcopy(at(GOOD["network"], other))
            case _ if isinstance(inner, dict):
                inner[draw(keys)] = draw(values)
    return data


def at(data, path):
    """What is at a place, or as far on the way there as there is a way."""
    for key in path:
        try:
            data = data[key]
        except (KeyError, IndexError, TypeError):
            break
    return data


def is_a_design_or_refused(data):
    try:
        design = from_json(data)
    except cw.DesignError:
        event("refused")
    else:
        event("read")
        there_and_back(design)


@given(values)
def test_any_json_is_a_design_or_refused(data):
    is_a_design_or_refused(data)


@enough
@given(almost_designs())
def test_what_is_almost_a_design_is_one_or_refused(data):
    is_a_design_or_refused(data)
