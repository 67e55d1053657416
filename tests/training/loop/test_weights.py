"""Weights as PyTorch draws them, whatever is around."""

import pytest
import torch

import cnnwidget as cw
from cnnwidget.design.planning.plan import plan_of
from cnnwidget.training.loop.weights import (
    all_finite,
    copied_weights,
    initial_net,
    meta_net,
    net_with_weights,
    weights_fit,
)
from tests.samples import WORKING
from tests.training.samples import PLANE, same_weights

SMALL = {
    name: design
    for name, design in WORKING.items()
    if plan_of(design).params < 3_000_000
} | {"prelu": PLANE.replace(activation="prelu")}  # fmt: skip


@pytest.mark.parametrize("design", SMALL.values(), ids=SMALL)
def test_they_are_those_of_build_after_manual_seed(design):
    torch.manual_seed(4)
    wanted = cw.build(design)
    before = torch.random.get_rng_state()
    net = initial_net(plan_of(design), 4)
    assert same_weights(net.state_dict(), wanted.state_dict())
    assert net.training
    again = net_with_weights(plan_of(design), wanted.state_dict())
    assert same_weights(again.state_dict(), wanted.state_dict())
    assert torch.equal(before, torch.random.get_rng_state())


def test_they_are_32_bit_floats_whatever_the_default_is():
    wanted = initial_net(plan_of(PLANE), 4).state_dict()
    for dtype in (torch.float64, torch.float16):
        torch.set_default_dtype(dtype)
        try:
            assert same_weights(initial_net(plan_of(PLANE), 4).state_dict(), wanted)
        finally:
            torch.set_default_dtype(torch.float32)


def test_a_copy_is_apart():
    net = initial_net(plan_of(PLANE), 0).to(memory_format=torch.channels_last)
    kept = copied_weights(net)
    assert same_weights(kept, net.state_dict())
    assert all(value.is_contiguous() for value in kept.values())
    for value in net.state_dict().values():
        value.add_(1)
    assert not any(torch.equal(kept[key], value) for key, value in net.state_dict().items())


def test_what_does_not_fit_and_what_is_not_finite():
    plan = plan_of(PLANE)
    weights = copied_weights(initial_net(plan, 0))
    first = next(iter(weights))
    assert weights_fit(plan, weights)
    assert not weights_fit(plan, {**weights, "more": torch.zeros(1)})
    assert not weights_fit(plan, {key: value for key, value in weights.items() if key != first})
    assert not weights_fit(plan, weights | {first: weights[first].double()})
    assert not weights_fit(plan, weights | {first: weights[first].flatten()})
    assert all_finite(weights)
    for bad in (float("nan"), float("inf")):
        assert not all_finite(weights | {first: torch.tensor([0, bad])})


def test_an_outline_takes_no_memory():
    huge = PLANE.replace(start_channels=50_000, max_channels=50_000, depth=3)
    assert all(value.is_meta for value in meta_net(plan_of(huge)).state_dict().values())
    assert not weights_fit(plan_of(huge), {})
