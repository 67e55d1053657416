"""Networks and their weights: made from a seed or from a state dict, copied, checked."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod

import torch
from torch import Tensor, nn

from cnnwidget.design.errors import DesignError
from cnnwidget.design.planning.plan import Plan
from cnnwidget.model.build import Net, build
from cnnwidget.model.modules import initialise
from cnnwidget.training.loop.seeding import seeded

CPU = torch.device("cpu")


def meta_net(plan: Plan) -> Net:
    """Return a network of 32-bit floats on the device `meta`, without values or draws."""
    with torch.device("meta"):
        return build(plan).float()


def net_with_weights(plan: Plan, weights: Mapping[str, Tensor]) -> Net:
    """Return a network with given weights, on the CPU."""
    net: Net = meta_net(plan).to_empty(device=CPU)
    net.load_state_dict(dict(weights))
    return net


def initial_net(plan: Plan, seed: int) -> Net:
    """Return a network with the weights of `build` after `torch.manual_seed(seed)`."""
    net: Net = meta_net(plan).to_empty(device=CPU)
    with seeded(seed, CPU):
        for module in net.modules():  # in the order in which they were built
            reset = getattr(module, "reset_parameters", None)
            if reset is not None:
                reset()
        if plan.network.init != "pytorch":
            initialise(net, plan.network.init)
    return net


def copied_weights(net: nn.Module) -> dict[str, Tensor]:
    """Return a copy of the state of a module, on the CPU."""
    return {
        name: value.detach().cpu().clone(memory_format=torch.contiguous_format)
        for name, value in net.state_dict().items()
    }


def all_finite(weights: Mapping[str, Tensor]) -> bool:
    """Whether there is no infinity and no NaN among them."""
    return all(bool(value.isfinite().all()) for value in weights.values())


def weights_fit(plan: Plan, weights: Mapping[str, Tensor]) -> bool:
    """Whether names, shapes and dtypes are those of the network; nothing is allocated for it."""
    try:
        wanted = meta_net(plan).state_dict()
    except RuntimeError:  # more values than PyTorch can count
        return False
    shapes = {name: (value.shape, value.dtype) for name, value in weights.items()}
    return shapes == {name: (value.shape, value.dtype) for name, value in wanted.items()}


def check_weights(plan: Plan, smallest: int) -> None:
    """Refuse weights that PyTorch would refuse at the first step.

    Raises:
        DesignError: if there are no weights, or a batch has one value to be normalised.
    """
    if not plan.params:
        raise DesignError("The design has no weights to train; give it a convolution.")
    for row in plan.rows:
        values = smallest * prod((row.output_shape or ())[1:])  # a channel
        if row.kind.startswith("BatchNorm") and values == 1:
            raise DesignError(
                f"{row.name} gets one value a channel when a batch has one window, which "
                "cannot be normalised; give a larger batch_size or more frames, or another norm."
            )
