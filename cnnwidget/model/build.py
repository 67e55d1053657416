"""A plan as a torch module."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping

from tabulate import tabulate
from torch import nn

from cnnwidget.design.axes import Shape, short, spell
from cnnwidget.design.errors import DesignError
from cnnwidget.design.families import Design
from cnnwidget.design.layer import Call, Layer
from cnnwidget.design.network import Sequence
from cnnwidget.design.plan import Plan, plan_of


class Net(nn.Sequential):
    """Named layers one after the other, which print as a table.

    Args:
        layers: modules by name, in the order in which a sample meets them.
        output_shapes: (channels, *size) after each leaf, by its dotted name; only for printing.
    """

    def __init__(self, layers: Mapping[str, nn.Module], output_shapes: Mapping[str, Shape]) -> None:
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
                    ", ".join(settings_of(module)),
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


# What a layer's output shape does not tell, and what torch assumes of it.
SETTINGS = {
    "kernel_size": None, "stride": 1, "padding": 0, "output_padding": 0, "dilation": 1,
    "groups": 1, "p": None, "mode": None,
}  # fmt: skip


def settings_of(module: nn.Module) -> Iterator[str]:
    """The settings of a module that torch does not assume anyway: `kernel 3`, `stride 2`."""
    for name, assumed in SETTINGS.items():
        value = getattr(module, name, assumed)
        if isinstance(value, tuple):
            value = short(value)
        if value != assumed:
            yield f"{name.removesuffix('_size').replace('_', ' ')} {spell_setting(value)}"


def spell_setting(value: object) -> str:
    """(1, 2) as 1×2, everything else as it prints."""
    return "×".join(map(str, value)) if isinstance(value, tuple) else str(value)


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
