"""A plan as a PyTorch file that needs nothing of ours."""

from __future__ import annotations

from keyword import iskeyword

from cnnwidget.design.axes import Shape
from cnnwidget.design.errors import DesignError
from cnnwidget.design.families import Design
from cnnwidget.design.layer import ASSUMED, Call, Layer
from cnnwidget.design.network import Children, Sequence
from cnnwidget.design.plan import Plan, plan_of
from cnnwidget.show.blocks import Block, repeated_blocks, settings_of
from cnnwidget.show.layout import Bracketed, Expression, Item, laid_out

# OrderedDict takes keywords, but these two are its own.
NO_KEYWORD = {"self", "other"}


def source(design: Design | Plan) -> str:
    """Write a design as a Python file that imports torch alone.

    Its module has the same state-dict keys as the built one and, with the same weights, the same
    output. Stages that are alike become a function.

    Args:
        design: any design, or a plan.

    Returns:
        The text of the file.

    Raises:
        DesignError: if the design has a problem.

    Example:
        >>> import cnnwidget as cw
        >>> design = cw.EncoderDecoder(input_size=(64, 64), in_channels=10, out_channels=5)
        >>> "import cnnwidget" in cw.source(design)
        False
    """
    plan = plan_of(design)
    if plan.problems:
        raise DesignError(str(plan.problems[0]))
    return Writer(plan).file()


class Writer:
    """One file in the making: what the plan says of each layer, by its dotted name."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.rows = {row.name: row for row in plan.rows}
        self.calls = {row.name: row.call for row in plan.rows}
        self.blocks = repeated_blocks(plan.network, self.calls)

    def file(self) -> str:
        """Imports, functions, the class, and a line to try it."""
        body = "\n\n\n".join([*map(block_function, self.blocks), self.network_class()])
        ordered = "from collections import OrderedDict\n\n" if "OrderedDict(" in body else ""
        shape = ", ".join(map(str, (1, *self.plan.input_shape)))
        return (
            f'"""{self.heading()}"""\n\n{ordered}import torch\nfrom torch import nn\n\n\n'
            f"{body}\n\n\n"
            f'if __name__ == "__main__":\n'
            f"    net = {self.class_name}().eval()\n"
            f"    print(net(torch.zeros({shape})).shape)\n"
        )

    @property
    def class_name(self) -> str:
        return type(self.plan.design).__name__

    def heading(self) -> str:
        """What goes in, what comes out, and what it costs."""
        plan = self.plan
        return (
            f"{by(plan.input_shape)} in, {by(plan.output_shape or ())} out (channels first, "
            "without the batch axis).\n\n"
            f"{plan.params:,} parameters, {plan.macs:,} multiply-accumulates for one sample.\n"
        )

    def network_class(self) -> str:
        """The module; its parts are attributes wherever their names can be."""
        children = self.plan.network.children
        if not children or not all(plain(name) for name, _ in children):
            listed = self.listed(children, "")
            items = listed.items if isinstance(listed, Bracketed) else ()
            call = Bracketed("super().__init__(", items, ")")
            return (
                f"class {self.class_name}(nn.Sequential):\n"
                "    def __init__(self) -> None:\n" + laid_out(call, " " * 8)
            )
        lines = [
            laid_out(
                self.expression(child, name),
                " " * 8,
                f"self.{name} = ",
                (remark := self.remark(child, name)) and f"  # {remark}",
            )
            for name, child in children
        ]
        steps = [f"        x = self.{name}(x)" for name, _ in children[:-1]]
        return "\n".join(
            [
                f"class {self.class_name}(nn.Module):",
                "    def __init__(self) -> None:",
                "        super().__init__()",
                *lines,
                "",
                "    def forward(self, x: torch.Tensor) -> torch.Tensor:",
                *steps,
                f"        return self.{children[-1][0]}(x)",
            ]
        )

    def expression(self, node: Layer | Sequence, path: str) -> Expression:
        """What makes a layer or a sequence: a constructor, or the function of its block."""
        if isinstance(node, Layer):
            return constructor(self.calls[path])
        for block in self.blocks:
            if path in block.arguments:
                return Bracketed(f"{block.name}(", arguments(block.arguments[path]), ")")
        return self.listed(node.children, path + ".")

    def listed(self, children: Children, prefix: str) -> Expression:
        """`nn.Sequential` of some children, each with the shape after it."""
        return sequential(
            [
                (name, self.expression(child, prefix + name), self.remark(child, prefix + name))
                for name, child in children
            ]
        )

    def remark(self, node: Layer | Sequence, path: str) -> str:
        """The shape after a layer that changes it, or after a block; nothing elsewhere."""
        if isinstance(node, Layer):
            row = self.rows[path]
            changes = row.output_shape != row.input_shape
            return by(row.output_shape or ()) if changes else ""
        if any(path in block.arguments for block in self.blocks):
            last = node.children[-1][0]
            return by(self.rows[f"{path}.{last}"].output_shape or ())
        return ""


def sequential(children: list[tuple[str, Expression, str]]) -> Expression:
    """`nn.Sequential` of named expressions with remarks, as short as the names allow."""
    names = [name for name, _, _ in children]
    if names == [str(number) for number in range(len(names))]:
        items = tuple(Item(code, "", remark) for _, code, remark in children)
        return Bracketed("nn.Sequential(", items, ")")
    if all(plain(name) and name not in NO_KEYWORD for name in names):
        items = tuple(Item(code, f"{name}=", remark) for name, code, remark in children)
        inner = Bracketed("OrderedDict(", items, ")")
    else:
        pairs = tuple(
            Item(Bracketed("(", (Item(literal(name)), Item(code)), ")"), "", remark)
            for name, code, remark in children
        )
        inner = Bracketed("OrderedDict(", (Item(Bracketed("[", pairs, "]")),), ")")
    return Bracketed("nn.Sequential(", (Item(inner),), ")")


def block_function(block: Block) -> str:
    """The function that makes a stage from what varies between stages."""
    children: list[tuple[str, Expression, str]] = []
    for position, ((name, _), call) in enumerate(
        zip(block.sample.children, block.calls, strict=True)
    ):
        varying = {key: word for (at, key), word in block.parameters.items() if at == position}
        children.append((name, constructor(call, varying), ""))
    words = dict.fromkeys(block.parameters.values())
    typed = tuple(Item(kind(block, word), f"{word}: ") for word in words)
    head = Bracketed(f"def {block.name}(", typed, ") -> nn.Sequential:")
    return f"{laid_out(head, '')}\n{laid_out(sequential(children), '    ', 'return ')}"


def kind(block: Block, word: str) -> str:
    """The type of a parameter, from the values it is given."""
    types = {type(values[word]) for values in block.arguments.values()}
    names = {int: "int", str: "str", bool: "bool", float: "float", tuple: "tuple[int, ...]"}
    return " | ".join(sorted(names[each] for each in types))


def constructor(call: Call, varying: dict[str, str] | None = None) -> Bracketed:
    """A constructor of torch.nn, with the names of parameters in place of what varies."""
    varying = varying or {}
    positional = [Item(varying.get(key) or repr(value)) for key, value in call.args]
    settings = settings_of(call)
    keys = dict.fromkeys([key for key, _ in call.kwargs])
    keys |= dict.fromkeys(key for key in varying if key not in settings)
    named = [
        Item(varying.get(key) or literal(settings.get(key, ASSUMED.get(key))), f"{key}=")
        for key in keys
    ]
    return Bracketed(f"nn.{call.name}(", (*positional, *named), ")")


def arguments(values: dict[str, object]) -> tuple[Item, ...]:
    """Values of a block's parameters: channels by position, the rest by name."""
    items = []
    for number, (word, value) in enumerate(values.items()):
        by_position = number < 2 and word in ("in_channels", "out_channels")
        items.append(Item(literal(value), "" if by_position else f"{word}="))
    return tuple(items)


def literal(value: object) -> str:
    """A value as Python; strings in double quotes, unless they hold quotes themselves."""
    if isinstance(value, str) and not {"'", '"'} & set(value):
        return f'"{repr(value)[1:-1]}"'
    return repr(value)


def plain(name: str) -> bool:
    """Whether a name can stand in code as it is; others are kept as strings.

    Beyond ASCII Python itself would change some names: it reads the ligature of f and i as two.
    """
    return name.isascii() and name.isidentifier() and not iskeyword(name)


def by(shape: Shape) -> str:
    """A shape in a remark: 32 x 64 x 64."""
    return " x ".join(map(str, shape))
