"""The layers whose weights, set to 0, make a network's output 0 everywhere."""

from __future__ import annotations

from collections.abc import Collection

import torch
from torch import nn

from cnnwidget.design.joins import Join
from cnnwidget.design.layers.convolution import Conv, ConvTranspose
from cnnwidget.design.layers.dense import Dropout, Linear
from cnnwidget.design.layers.pooling import GlobalPool, Pool
from cnnwidget.design.layers.reshaping import Flatten, PixelShuffle, PixelUnshuffle, Unflatten
from cnnwidget.design.layers.resizing import Resize, Upsample
from cnnwidget.design.planning.plan import Plan

WEIGHTED = (Conv, ConvTranspose, Linear)
# Layers that make 0 of 0 and do not bound what they give. An activation is none of them: who puts
# one at the end, such as a sigmoid, means values of its range, not changes.
TRANSPARENT = (
    Dropout, Flatten, GlobalPool, PixelShuffle, PixelUnshuffle, Pool, Resize, Unflatten, Upsample,
)  # fmt: skip


def last_layers(plan: Plan) -> frozenset[str] | None:
    """Return the layers with weights that the output of a network comes from directly.

    With their weights at 0 the output is 0, and still has a gradient.

    Returns:
        Names of rows; None if there are no such layers, as behind an activation.

    Example:
        >>> from cnnwidget.design.families.encoder_decoder import EncoderDecoder
        >>> from cnnwidget.design.planning.plan import plan_of
        >>> design = EncoderDecoder(input_size=(8, 8), in_channels=2, out_channels=1)
        >>> sorted(last_layers(plan_of(design)))
        ['decoder.head.conv']
        >>> last_layers(plan_of(design.replace(final_activation="sigmoid"))) is None
        True
    """
    return layers_before(plan, plan.last)


def layers_before(plan: Plan, number: int) -> frozenset[str] | None:
    """Return the same for the output of one row."""
    if number < 0:
        return None
    row = plan.rows[number]
    if isinstance(row.layer, WEIGHTED):
        return frozenset({row.name})
    if isinstance(row.layer, Join) and row.layer.how == "multiply":
        return None  # with both factors at 0 there is no gradient
    if not isinstance(row.layer, (*TRANSPARENT, Join)):
        return None
    found = [layers_before(plan, source) for source in row.sources]
    known = [names for names in found if names is not None]
    return frozenset().union(*known) if len(known) == len(found) else None


def set_to_zero(net: nn.Module, layers: Collection[str]) -> None:
    """Set the weights and biases of some layers to 0, in place."""
    with torch.no_grad():
        for name in layers:
            for weight in net.get_submodule(name).parameters():
                weight.zero_()
