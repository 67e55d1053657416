"""Build a plan as a PyTorch module."""

from __future__ import annotations

import inspect
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from types import MappingProxyType
from typing import Any

from tabulate import tabulate
from torch import Tensor, nn

from cnnwidget.design.axes import Shape, short, spell
from cnnwidget.design.design_types import Design
from cnnwidget.design.errors import CnnwidgetError, DesignError
from cnnwidget.design.layers.layer import Call, in_words
from cnnwidget.design.network import (
    PROJECTION,
    Aux,
    Branches,
    Sequence,
    Skip,
    carries,
    inner_children,
)
from cnnwidget.design.planning.plan import Plan, plan_of
from cnnwidget.model import modules
from cnnwidget.model.modules import initialise, passed


class Net(nn.Sequential):
    """Named layers one after the other, which print as a table.

    In training, a net with auxiliary heads returns a pair: its output, and their outputs by name.

    Args:
        layers: modules by name, in the order in which a sample meets them.
        output_shapes: (channels, *size) after each leaf, by its dotted name; only for printing.
        encoder: how many of the modules make up the encoder; None where there is none.
        aux: the names of the extra outputs in training.
    """

    def __init__(
        self,
        layers: Mapping[str, nn.Module],
        output_shapes: Mapping[str, Shape] = MappingProxyType({}),  # a slice of a net has none
        *,
        encoder: int | None = None,
        aux: tuple[str, ...] = (),
    ) -> None:
        super().__init__(OrderedDict(layers))
        self._output_shapes = dict(output_shapes)
        self._encoder, self._aux = encoder, aux

    def forward(self, x: Tensor) -> Any:
        kept: dict[str, Tensor] = {}
        for module in self:
            x = passed(module, x, kept)
        if self.training and self._aux:
            return x, {name: kept[name] for name in self._aux}
        return x

    def encode(self, x: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """Return the latent tensor, and the tensors kept for the decoder by name.

        Raises:
            DesignError: if the design has no encoder that a decoder follows.

        Example:
            >>> import torch
            >>> import cnnwidget as cw
            >>> design = cw.EncoderDecoder(input_size=(32, 32), in_channels=4, out_channels=2)
            >>> net = cw.build(design).eval()
            >>> latent, kept = net.encode(torch.zeros(1, 4, 32, 32))
            >>> net.decode(latent, kept).shape
            torch.Size([1, 2, 32, 32])
        """
        kept: dict[str, Tensor] = {}
        for module in list(self)[: self._encoder_length()]:
            x = passed(module, x, kept)
        return x, kept

    def decode(self, latent: Tensor, kept: Mapping[str, Tensor] = MappingProxyType({})) -> Tensor:
        """Return the output of the decoder for a latent tensor and the kept tensors.

        Raises:
            DesignError: if the design has no encoder that a decoder follows.
            CnnwidgetError: if something that the encoder kept is missing.
        """
        tensors = dict(kept)
        decoder = list(self)[self._encoder_length() :]
        if missing := missing_in(decoder, set(kept)):
            raise CnnwidgetError(
                f"decode needs what encode kept: {', '.join(missing)}; pass its second result."
            )
        for module in decoder:
            latent = passed(module, latent, tensors)
        return latent

    def _encoder_length(self) -> int:
        if self._encoder is None:
            raise DesignError(
                "This network has no encoder and decoder; mark two sequences of its design with "
                "part='encoder' and part='decoder'."
            )
        return self._encoder

    def __repr__(self) -> str:
        """Return a table with one line a layer, read from the modules as they are now."""
        lines = []
        for name, module in in_order(self, ""):
            shape = self._output_shapes.get(name)
            lines.append(
                (
                    name,
                    type(module).__name__,
                    settings_of(module),
                    spell(shape) if shape else "",
                    f"{weights_of(module):,}" if weights_of(module) and not joins(module) else "",
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


def missing_in(layers: Iterable[nn.Module], kept: set[str]) -> list[str]:
    """Return the names that some modules merge and none keeps, in their order."""
    missing: dict[str, None] = {}
    for module in chain.from_iterable(layer.modules() for layer in layers):
        if isinstance(module, modules.Keep):
            kept.add(module.name)
        elif isinstance(module, modules.Merge) and module.name not in kept:
            missing[module.name] = None
    return list(missing)


def in_order(module: nn.Module, prefix: str) -> Iterator[tuple[str, nn.Module]]:
    """Yield layers and joins below a module with dotted names, in the order of a plan's rows."""
    for key, child in module.named_children():
        name = prefix + key
        yield from in_order(child, f"{name}.")
        if joins(child) or next(child.children(), None) is None:
            yield name, child


def joins(module: nn.Module) -> bool:
    """Whether a module joins the outputs of the modules inside it."""
    return isinstance(module, modules.Skip | modules.Branches)


# Arguments of constructors that the shapes show anyway.
SHOWN_BY_SHAPES = {"in_channels", "out_channels", "num_features", "in_features", "out_features",
                  "size", "output_size", "dim", "unflattened_size", "inner"}  # fmt: skip


def settings_of(module: nn.Module) -> str:
    """Return the settings of a module in words, without defaults and sizes that shapes show."""
    settings = []
    for name, argument in inspect.signature(type(module)).parameters.items():
        value = getattr(module, name, argument.default)
        if name == "bias":  # an argument that says whether, and an attribute that says which
            value = value is not None
        if isinstance(value, tuple):
            value = short(value)
        # A probability is never a matter of course.
        if name not in SHOWN_BY_SHAPES and (value != argument.default or name == "p"):
            settings.append((name, value))
    return in_words(settings)


def weights_of(module: nn.Module) -> int:
    """Return the number of trainable weights."""
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
    network = plan.network
    layers = {name: assemble(child, name, calls) for name, child in network.children}
    aux = tuple(extra.name for extra in plan.extras)
    net = Net(layers, shapes, encoder=plan.children_of_encoder, aux=aux)
    if network.init != "pytorch":
        initialise(net, network.init)
    return net


def assemble(node: object, name: str, calls: Mapping[str, Call]) -> nn.Module:
    """Return the module of a layer, or of a combinator with all its layers."""
    children = {key: assemble(child, f"{name}.{key}", calls) for key, child in inner_children(node)}
    if isinstance(node, Skip):
        projection_path = f"{name}.{PROJECTION}"  # not in the design where the plan worked it out
        if PROJECTION not in children and projection_path in calls:
            children[PROJECTION] = module_of(calls[projection_path])
        return modules.Skip(children, node.how, node.align)
    if isinstance(node, Branches):
        return modules.Branches(children, node.how, node.align)
    if isinstance(node, Aux):
        return modules.Aux(node.name, children)
    if isinstance(node, Sequence):
        if carries(node):
            return modules.Sequence(children)
        return nn.Sequential(OrderedDict(children))
    return module_of(calls[name])


def module_of(call: Call) -> nn.Module:
    """Return the module of a call, from `torch.nn` or from `cnnwidget.model.modules`."""
    maker = getattr(nn, call.name, None) or getattr(modules, call.name)
    module: nn.Module = maker(*(value for _, value in call.args), **dict(call.kwargs))
    return module
