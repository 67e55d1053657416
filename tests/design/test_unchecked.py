"""`Value.unchecked` checks nothing: whatever families make with it must pass the checks."""

import pytest
from hypothesis import HealthCheck, given, settings

import cnnwidget as cw
from cnnwidget.design.network import PROJECTION, inner_children, nodes
from cnnwidget.design.value import Value
from tests.samples import SAMPLES
from tests.strategies import designs

enough = settings(suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])


def made_again(value):
    """Return the same value and all values in it, made by the checking constructors."""
    fields = {name: getattr(value, name) for name in type(value).model_fields}
    if "children" in fields:
        fields["children"] = tuple((name, made_again(child)) for name, child in value.children)
    if isinstance(fields.get(PROJECTION), Value):
        fields[PROJECTION] = made_again(value.projection)
    return type(value)(**fields)


def is_checked(network):
    """Assert that every value in a network equals the one that its constructor makes."""
    again = made_again(network)
    assert again == network
    assert hash(again) == hash(network)
    assert repr(again) == repr(network)
    for (name, node), (_, other) in zip(
        nodes(network.children), nodes(again.children), strict=True
    ):
        for field in type(node).model_fields:
            one, two = getattr(node, field), getattr(other, field)
            assert type(one) is type(two), (name, field)  # 1 == True == 1.0
        assert inner_children(node) == inner_children(other)


@enough
@given(designs())
def test_the_network_of_a_design_passes_all_checks(design):
    is_checked(design.network())


@pytest.mark.parametrize("name", SAMPLES)
def test_the_network_of_a_sample_passes_all_checks(name):
    is_checked(SAMPLES[name].network())


@pytest.mark.parametrize(
    "wrong",
    [
        cw.layers.Conv.unchecked(out_channels=0, kernel_size=3),
        cw.layers.Conv.unchecked(out_channels=1, kernel_size=3, bias=1),
        cw.layers.Conv.unchecked(out_channels=1, kernel_size=[3, 3]),
        cw.layers.Sequence.unchecked(children=(("a.b", cw.layers.Flatten()),)),
        cw.layers.Sequence.unchecked(
            children=(("a", cw.layers.Flatten()), ("a", cw.layers.Flatten()))
        ),
    ],
    ids=repr,
)
def test_a_value_that_does_not_pass_is_noticed(wrong):
    network = cw.Network.unchecked(input_shape=(1, 8), children=(("a", wrong),))
    with pytest.raises((cw.DesignError, AssertionError)):
        is_checked(network)
