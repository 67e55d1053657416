"""A plan as a torch module."""

from __future__ import annotations

import inspect
from collections import OrderedDict
from collections.abc import Mapping
from types import MappingProxyType

from tabulate import tabulate
from torch import nn

from cnnwidget.design.axes import Shape, short, spell
from cnnwidget.design.errors import DesignError
from cnnwidget.design.families import Design
from cnnwidget.design.layer import Call, Layer, in_words
from cnnwidget.design.network import Sequence
from cnnwidget.design.plan import Plan, plan_of


class Net(nn.Sequential):
    """Named layers one after the other, which print as a table.

    Args:
        layers: modules by name, in the order in which a sample meets them.
        output_shapes: (channels, *size) after each leaf, by its dotted name; only for printing.
    """

    def __init__(
        self,
        layers: Mapping[str, nn.Module],
        output_shapes: Mapping[str, Shape] = MappingProxyType({}),  # a slice of a net has none
    ) -> None:
        super().__init__(OrderedDict(layers))
        self._output_shapes = dict(output_shapes)

    def __repr__(self) -> str:
        """One line a layer, read off the modules as they are now."""
        lines = []
        for name, module in self.named_modules():
            if module is self or next(module.children(), None) is not None:
                continue
            shape = self._output_shapes.get(name)
            lines.append(
                (
                    name,
                    type(module).__name__,
                    settings_of(module),
                    spell(shape) if shape else "",
                    f"{weights_of(module):,}" if weights_of(module) else "",
                )
            )
        table = tabulate(
            lines,
            ("layer", "kind", "settings", "output", "params"),
            colalign=("left", "left", "left", "right", "right"),
            disable_numparse=True,
        )
        body = "\n".join(f"  {line}".rstrip() for line in table.splitlines())
        return f"{type(self).__name__}(\n{body}\n)  {weights_of(self):,} parameters"


# Arguments of constructors that the shapes tell anyway.
TOLD_BY_SHAPES = {"in_channels", "out_channels", "num_features", "in_features", "out_features",
                  "size", "output_size", "dim", "unflattened_size"}  # fmt: skip


def settings_of(module: nn.Module) -> str:
    """The settings of a module in words, less what its constructor assumes and shapes tell."""
    settings = []
    for name, argument in inspect.signature(type(module)).parameters.items():
        value = getattr(module, name, argument.default)
        if name == "bias":  # an argument that says whether, and an attribute that says which
            value = value is not None
        if isinstance(value, tuple):
            value = short(value)
        # A probability is never a matter of course.
        if name not in TOLD_BY_SHAPES and (value != argument.default or name == "p"):
            settings.append((name, value))
    return in_words(settings)


def weights_of(module: nn.Module) -> int:
    """The number of trainable weights."""
    return sum(p.numel() for p in module.parameters() if p.requires_grad)


def build(design: Design | Plan) -> Net:
    """Build a design as a torch module, with weights as PyTorch initialises them.

    Under `torch.device("meta")` it takes no memory. Every layer has an activation of its own, and
    modules are named as the rows of the plan: `net.encoder.stage1.conv`.

    Args:
        design: any design, or a plan.

    Returns:
        A module that takes (batch, channels, *size) and prints as a table.

    Raises:
        DesignError: if the design has a problem; the message says what would mend it.

    Example:
        >>> import torch
        >>> import cnnwidget as cw
        >>> net = cw.build(cw.EncoderDecoder(input_size=(32, 32), in_channels=4, out_channels=2))
        >>> net(torch.zeros(1, 4, 32, 32)).shape
        torch.Size([1, 2, 32, 32])
    """
    plan = plan_of(design)
    if plan.problems:
        raise DesignError(str(plan.problems[0]))
    calls = {row.name: row.call for row in plan.rows}
    shapes = {row.name: row.output_shape for row in plan.rows if row.output_shape is not None}
    layers = {name: assemble(child, name, calls) for name, child in plan.network.children}
    return Net(layers, shapes)


def assemble(node: Layer | Sequence, name: str, calls: Mapping[str, Call]) -> nn.Module:
    """The module of a layer, or of a sequence with all that is below it."""
    if isinstance(node, Sequence):
        return nn.Sequential(
            OrderedDict(
                (key, assemble(child, f"{name}.{key}", calls)) for key, child in node.children
            )
        )
    return module_of(calls[name])


def module_of(call: Call) -> nn.Module:
    """The layer that a constructor of `torch.nn` makes."""
    module: nn.Module = getattr(nn, call.name)(
        *(value for _, value in call.args), **dict(call.kwargs)
    )
    return module
