import pytest
import torch

from cnnwidget.design.planning.memory import STATES
from cnnwidget.training.loop.optimizers import OPTIMIZERS, optimizer_of


def stepped(name, weight_decay=None):
    torch.manual_seed(0)
    net = torch.nn.Conv2d(3, 4, 3)
    optimizer = optimizer_of(name, net.parameters(), weight_decay)
    net(torch.ones(1, 3, 8, 8)).square().sum().backward()
    optimizer.step()
    return net, optimizer


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_what_an_optimiser_remembers_is_what_the_plan_counts(name):
    net, optimizer = stepped(name)
    for weight in net.parameters():
        values = optimizer.state[weight].values()
        like = [each for each in values if each is not None and each.shape == weight.shape]
        assert len(like) == STATES[name]


def test_every_optimiser_of_the_plan_can_be_had():
    assert list(OPTIMIZERS) == list(STATES)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_weights_decay_as_far_as_asked(name):
    groups = [stepped(name, decay)[1].param_groups[0] for decay in (None, 0.0, 0.25)]
    assert [group["weight_decay"] for group in groups] == [0.01 * (name == "adamw"), 0.0, 0.25]


def test_momentum_is_what_tells_the_two_apart():
    momenta = [stepped(name)[1].param_groups[0]["momentum"] for name in ("sgd", "sgd_momentum")]
    assert momenta == [0.0, 0.9]
