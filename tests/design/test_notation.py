"""Designs as JSON: there and back, and nothing else comes through."""

import copy
import importlib
import json
import math
import pkgutil
from typing import get_args

import pytest
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

import cnnwidget as cw
from cnnwidget import design as design_room
from cnnwidget.design.design_types import Design
from cnnwidget.design.joins import Join
from cnnwidget.design.json_format import (
    COMBINATORS,
    FAMILIES,
    LAYERS,
    VERSION,
    from_json,
    to_json,
)
from cnnwidget.design.layers.fixed_normalize import Normalize
from cnnwidget.design.layers.layer import Layer
from cnnwidget.design.network import DEEPEST, Aux, Branches, Keep, Merge, Skip
from cnnwidget.design.value import Value
from tests.samples import SAMPLES
from tests.strategies import classifiers, encoder_decoders, generators, networks

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
@given(st.one_of(classifiers(), generators()))
def test_every_classifier_and_generator_comes_back(design):
    there_and_back(design)


@some
@given(networks())
def test_every_network_comes_back(network):
    there_and_back(network)


@pytest.mark.parametrize("design", SAMPLES.values(), ids=SAMPLES)
def test_every_sample_comes_back_and_so_does_its_network(design):
    there_and_back(design)
    there_and_back(design.network())


@pytest.mark.parametrize("path", [(), ("children", 0, 1), ("children", 1, 1)])
def test_every_field_must_be_there(path):
    """Nothing is read with the defaults of today."""
    whole = to_json(
        cw.Network(
            input_shape=(4, 8),
            children={
                "conv": cw.layers.Conv(out_channels=4, kernel_size=3),
                "res": cw.layers.Skip(children=[cw.layers.Flatten()]),
            },
        )
    )
    fields = record_at(whole, path)
    assert len(fields) > 1
    for name in fields:
        less = copy.deepcopy(whole)
        del record_at(less, path)[name]
        with pytest.raises(cw.DesignError, match=r"^from_json: "):
            from_json(less)


def record_at(whole, path):
    record = whole["fields"]
    for step in path:
        record = record[step]
    return record


def test_combinators_are_written_as_their_names():
    """The notation itself: a change of it needs a new version."""
    text = """
    {"version": 1, "family": "Network", "fields": {"input_shape": [4, 8], "children": [
        ["keep", {"layer": "Keep", "name": "a"}],
        ["res", {"skip": [["act", {"layer": "Activation", "name": "leaky_relu",
                                   "settings": {"negative_slope": 0.2}}]],
                 "how": "add", "align": "crop",
                 "projection": {"sequence": [["norm", {"layer": "Normalize", "mean": 0.5,
                                                       "std": [1.0, 2.0, 3.0, 4.0]}]],
                                "part": ""}}],
        ["inc", {"branches": [["0", {"layer": "Flatten", "start_dim": 1, "end_dim": 1}]],
                 "how": "concat", "align": "none"}],
        ["up", {"merge": "a", "how": "multiply", "align": "none"}],
        ["head", {"aux": [], "name": "out", "weight": 0.5}]
    ], "init": "dcgan"}}
    """
    act = cw.layers.Activation(name="leaky_relu", settings={"negative_slope": 0.2})
    norm = Normalize(mean=0.5, std=(1.0, 2.0, 3.0, 4.0))
    network = cw.Network(
        input_shape=(4, 8),
        init="dcgan",
        children={
            "keep": Keep(name="a"),
            "res": Skip(
                children={"act": act},
                how="add",
                align="crop",
                projection=cw.layers.Sequence(children={"norm": norm}),
            ),
            "inc": Branches(children=[cw.layers.Flatten(end_dim=1)]),
            "up": Merge(name="a", how="multiply"),
            "head": Aux(name="out", children=[], weight=0.5),
        },
    )
    assert from_json(json.loads(text)) == network
    assert to_json(network) == json.loads(text)


def subclasses(kind):
    for each in kind.__subclasses__():
        yield each
        yield from subclasses(each)


def test_every_layer_and_every_combinator_has_a_notation():
    for file in pkgutil.walk_packages(design_room.__path__, "cnnwidget.design."):
        importlib.import_module(file.name)
    ours = {each for each in subclasses(Value) if each.__module__.startswith("cnnwidget.design.")}
    layers = {each for each in ours if issubclass(each, Layer)} - {Layer}
    assert set(LAYERS.values()) == layers
    combinators = {each for each in ours if issubclass(each, Join)} - {Join}
    assert set(COMBINATORS.values()) == combinators | {cw.layers.Sequence, Aux}
    assert set(FAMILIES.values()) == set(get_args(Design))
    assert ours - layers - combinators == {Layer, Join, cw.layers.Sequence, Aux, *FAMILIES.values()}
    # The keys of the notation are no fields.
    keys = {"layer", *COMBINATORS}
    assert all(keys.isdisjoint(each.model_fields) for each in ours)


def test_every_field_is_written_whatever_its_default():
    fields = to_json(SAMPLES["default"])["fields"]
    assert list(fields) == list(cw.EncoderDecoder.model_fields)
    assert fields["norm"] == "batch"
    assert fields["overrides"] == {}


def test_a_ratio_may_be_written_as_a_whole_number():
    """As JavaScript does, which has no other."""
    data = to_json(SAMPLES["default"])
    data["fields"]["channel_ratio"] = 2
    assert from_json(data) == SAMPLES["default"]


def nested(levels):
    child = {"layer": "Flatten", "start_dim": 1, "end_dim": -1}
    for _ in range(levels):
        child = {"sequence": [["a", child]], "part": ""}
    fields = {"input_shape": [1, 8], "children": [["a", child]], "init": "pytorch"}
    return {"version": VERSION, "family": "Network", "fields": fields}


def around(levels):
    """Skips in the way round skips."""
    child = {"layer": "Flatten", "start_dim": 1, "end_dim": -1}
    for _ in range(levels):
        child = {"skip": [], "how": "add", "align": "none", "projection": child}
    fields = {"input_shape": [1, 8], "children": [["a", child]], "init": "pytorch"}
    return {"version": VERSION, "family": "Network", "fields": fields}


def test_projections_may_be_as_deep_as_a_network_takes_them():
    there_and_back(from_json(around(DEEPEST - 1)))
    for levels in (DEEPEST, DEEPEST + 1, DEEPEST + 2, 100_000):
        with pytest.raises(cw.DesignError, match="more than 50 sequences"):
            from_json(around(levels))


def test_sequences_may_be_as_deep_as_a_network_takes_them():
    there_and_back(from_json(nested(DEEPEST - 1)))
    for levels in (DEEPEST, DEEPEST + 1, DEEPEST + 2, 100_000):
        with pytest.raises(cw.DesignError, match="more than 50 sequences"):
            from_json(nested(levels))


GOOD = {
    "encoder_decoder": to_json(SAMPLES["default"]),
    "network": to_json(SAMPLES["by_hand"]),
    "volume": to_json(SAMPLES["volume"].network()),
    "changed": to_json(
        SAMPLES["default"].replace(overrides={"encoder.stage1.conv": {"kernel_size": (5, 3)}})
    ),
    "tree": to_json(
        cw.Network(
            input_shape=(4, 8),
            children={
                "keep": Keep(name="a"),
                "res": Skip(children=[cw.layers.Flatten()], projection=cw.layers.Flatten()),
                "inc": Branches(
                    children=[cw.layers.Activation(name="elu", settings={"alpha": 2.0})]
                ),
                "up": Merge(name="a"),
                "head": Aux(name="out", children=[cw.layers.Linear(out_features=1)]),
            },
        )
    ),
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
NODE = ("fields", "children")
SETTINGS = (*NODE, 2, 1, "branches", 0, 1, "settings")
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
        (changed("tree", *NODE, 1, 1, "projection", to="way"), "cannot be: Skip: projection is"),
        (changed("tree", *NODE, 1, 1, "projection", to={}), "'res.projection' is a dict"),
        (changed("tree", *NODE, 1, 1, "projection", to=DEEP), "'res' holds a list"),
        (changed("tree", *NODE, 1, 1, "how", to=None), "'res' has no 'how'"),
        (changed("tree", *NODE, 1, 1, "merge", to="a"), "'res' has the key 'merge'"),
        (changed("tree", *NODE, 1, 1, "layer", to="Conv"), "'res' has the key 'layer'"),
        (changed("tree", *NODE, 1, 1, "skip", to="a"), "children of 'res' are 'a'"),
        (changed("tree", *NODE, 3, 1, "merge", to=[]), "'up' cannot be: Merge: name is ()"),
        (changed("tree", *NODE, 3, 1, "merge", to="a.b"), "'up' cannot be: Merge: name is 'a.b'"),
        (changed("tree", *NODE, 4, 1, "weight", to=-1.0), "'head' cannot be: Aux: weight is -1.0"),
        (changed("tree", *SETTINGS, to=[]), "'inc.0' holds a list, but must hold a dict by name"),
        (changed("tree", *SETTINGS, to={"a": 1}), "'elu' has no setting 'a'"),
        (changed("tree", *SETTINGS, to={"alpha": DEEP}), "'inc.0' holds a list"),
        (changed("changed", "fields", "overrides", to=[]), "overrides holds a list"),
        (changed("changed", "fields", "overrides", to={"a": 1}), "overrides holds 1"),
        (changed("changed", "fields", "overrides", to={"a": {"b": DEEP}}), "overrides holds a li"),
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


@pytest.mark.parametrize("wrong", [None, {}, "Network", cw.layers.Flatten(), cw.EncoderDecoder])
def test_only_a_design_is_written(wrong):
    with pytest.raises(cw.DesignError, match="is no design; give one of EncoderDecoder, Cl"):
        to_json(wrong)


def test_a_layer_of_ones_own_is_not_written():
    network = cw.Network(input_shape=(1,), children={"a": cw.layers.Sequence(children=[OfMyOwn()])})
    with pytest.raises(cw.DesignError, match=r"a\.0 is a OfMyOwn, which has no notation"):
        to_json(network)


scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.sampled_from([10**400, -1])
)
keys = st.one_of(
    st.sampled_from(["version", "family", "fields", "layer", "part", "children", *COMBINATORS]),
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
    """Return the value at a path, or at the longest part of it that exists."""
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
