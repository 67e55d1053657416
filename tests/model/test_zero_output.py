"""Networks whose last layers are set to zero give zero, and can leave it."""

import pytest
import torch

import cnnwidget as cw
from cnnwidget import layers
from cnnwidget.design.planning.plan import plan_of
from cnnwidget.model.zero_output import last_layers, set_to_zero
from tests.samples import WORKING


def moved(design):
    """The output of a design with its last layers at zero, and the norm of their gradient."""
    plan = plan_of(design)
    torch.manual_seed(0)
    net = cw.build(plan).eval()
    names = last_layers(plan)
    set_to_zero(net, names)
    output = net(torch.rand(2, *plan.input_shape))
    torch.nn.functional.l1_loss(output, torch.ones_like(output)).backward()
    weights = [w for name in names for w in net.get_submodule(name).parameters()]
    return output, sum(float(weight.grad.abs().sum()) for weight in weights)


@pytest.mark.parametrize("name", WORKING)
def test_every_sample_design_begins_at_zero_or_says_that_it_cannot(name):
    design = WORKING[name]
    plan = plan_of(design)
    if plan.problems or last_layers(plan) is None:
        return
    output, gradient = moved(design)
    assert not output.any()
    assert gradient > 0


def test_the_default_can_and_one_that_ends_in_an_activation_cannot():
    design = cw.EncoderDecoder(input_size=(16, 16), in_channels=2, out_channels=1)
    assert last_layers(plan_of(design)) == {"decoder.head.conv"}
    for activation in ("sigmoid", "tanh", "relu"):
        assert last_layers(plan_of(design.replace(final_activation=activation))) is None


def network(*children):
    return cw.Network(input_shape=(2, 8, 8), children=children)


CONV = layers.Conv(out_channels=2, kernel_size=3, padding=1)
POOL = layers.Pool(kind="avg", kernel_size=2)


def skip(how):
    return layers.Skip(children=(("c", CONV),), how=how)


SIDES = layers.Branches(children=(("c", CONV), ("d", CONV)), how="concat")


@pytest.mark.parametrize(
    ("children", "names"),
    [
        ((("a", CONV), ("b", POOL)), {"a"}),
        ((("a", CONV), ("b", skip("add"))), {"a", "b.c"}),
        ((("b", skip("add")),), None),  # the input goes on as it is
        ((("a", CONV), ("b", skip("multiply"))), None),
        ((("a", SIDES),), {"a.c", "a.d"}),
        ((("a", CONV), ("b", layers.Norm(kind="batch"))), None),
        ((("a", POOL),), None),
    ],
)
def test_all_branches_of_a_join_and_no_input(children, names):
    design = network(*children)
    assert last_layers(plan_of(design)) == names
    if names:
        output, gradient = moved(design)
        assert not output.any()
        assert gradient > 0
