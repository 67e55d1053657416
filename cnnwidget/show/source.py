"""A plan as a PyTorch file that does not import cnnwidget."""

from __future__ import annotations

import builtins
from typing import NamedTuple

from cnnwidget.design.design_types import Design
from cnnwidget.design.errors import DesignError
from cnnwidget.design.network import carries
from cnnwidget.design.planning.plan import Plan, plan_of
from cnnwidget.show.source_constructors import Constructor, constructors_of, dimensions, plain
from cnnwidget.show.source_expressions import callee, expression, literal, sequential
from cnnwidget.show.source_functions import Block, with_blocks
from cnnwidget.show.source_layout import Bracketed, Item, laid_out
from cnnwidget.show.source_modules import Import, definitions, definitions_of, import_lines, imports

# Names that a function of the file must not have.
RESERVED = {"torch", "nn", "net", "OrderedDict", *dir(builtins)}

TENSOR = "torch.Tensor"
TENSORS = "dict[str, torch.Tensor]"
NOTHING_KEPT = f"        kept: {TENSORS} = {{}}"


def source(design: Design | Plan) -> str:
    """Write a design as a Python file that imports torch alone.

    Its module has the same state-dict keys as the built one and, with the same weights, the same
    output. Parts that are alike become a function. What `torch.nn` does not have, such as a skip,
    is defined in the file itself.

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


class NetworkCode(NamedTuple):
    """A network as a part of a file.

    Attributes:
        imports: that it needs.
        body: its modules, its functions, and its class.
        class_name: the name of that.
    """

    imports: frozenset[Import]
    body: str
    class_name: str


def network_code(plan: Plan) -> NetworkCode:
    """Return a network as a part of a file; see `source`."""
    return Writer(plan).code()


class Writer:
    """Writes one file.

    Attributes:
        children: the constructors of the network's children; repeated ones are function calls.
        carriers: the names of those that take the kept tensors.
        blocks: the functions.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.children = constructors_of(plan)
        self.carriers = {name for name, child in plan.network.children if carries(child)}
        # All constructors, before repeated ones become function calls.
        self.needed = {
            inner.call.name for _, child in self.children for inner in child.with_inner()
        }
        self.class_name = type(plan.design).__name__
        self.blocks = with_blocks(self.children, {*RESERVED, *definitions(), self.class_name})
        self.is_plain = bool(self.children) and all(plain(name) for name, _ in self.children)
        if plan.network.init != "pytorch":
            self.needed.add("initialise")
        if self.carriers and not self.is_plain:
            self.needed.add("passed")

    def file(self) -> str:
        """Return the file: imports, modules, functions, the class, and a line to try it."""
        code = self.code()
        shape = ", ".join(map(str, (1, *self.plan.input_shape)))
        return (
            f'"""{self.heading()}"""\n\n{import_lines(code.imports)}\n\n\n'
            f"{code.body}\n\n\n"
            f'if __name__ == "__main__":\n'
            f"    net = {self.class_name}().eval()\n"
            f"    print(net(torch.zeros({shape})).shape)\n"
        )

    def code(self) -> NetworkCode:
        """Return the imports, and modules, functions and the class as one text."""
        helpers = definitions_of(self.needed)
        texts = [*map(block_function, self.blocks), self.network_class()]
        body = "\n\n\n".join([*(each.text for each in helpers.values()), *texts])
        known = imports()
        needed_imports = {Import("torch"), Import("torch", "nn")}
        needed_imports |= {
            known[use] for each in helpers.values() for use in each.uses if use in known
        }
        if any("OrderedDict(" in text for text in texts):
            needed_imports.add(Import("collections", "OrderedDict"))
        return NetworkCode(frozenset(needed_imports), body, self.class_name)

    def heading(self) -> str:
        """Return the docstring: input, output and costs."""
        plan = self.plan
        given, result = dimensions(plan.input_shape), dimensions(plan.output_shape or ())
        return (
            f"{given} in, {result} out (channels first, without the batch axis).\n\n"
            f"{plan.params:,} parameters, {plan.macs:,} multiply-accumulates for one sample.\n"
        )

    def network_class(self) -> str:
        """Return the class of the network; children whose names allow it are attributes."""
        base = "nn.Module" if self.is_plain else "nn.Sequential"
        head = [f"class {self.class_name}({base}):", "    def __init__(self) -> None:"]
        if self.is_plain:
            head += ["        super().__init__()", *map(self.attribute, self.children)]
        else:
            made = [(name, expression(each), each.remark) for name, each in self.children]
            listed = sequential(made)
            head.append(laid_out(Bracketed("super().__init__(", listed.items, ")"), " " * 8))
        if self.plan.network.init != "pytorch":
            head.append(f"        initialise(self, {literal(self.plan.network.init)})")
        return "\n\n".join(["\n".join(head), *self.methods()])

    def attribute(self, child: tuple[str, Constructor]) -> str:
        """Return the line that makes one child of the network."""
        name, constructor = child
        remark = constructor.remark and f"  # {constructor.remark}"
        return laid_out(expression(constructor), " " * 8, f"self.{name} = ", remark)

    def methods(self) -> list[str]:
        """Return the methods of the class."""
        before = self.plan.children_of_encoder
        if not self.is_plain:
            return [self.forward(LOOP)] if self.carriers else []
        if before is None or not self.carriers:
            return [self.forward(self.steps(self.children, "x"))]
        encode = [
            f"    def encode(self, x: {TENSOR}) -> tuple[{TENSOR}, {TENSORS}]:",
            '        """The latent tensor, and the tensors kept for the decoder, by name."""',
            NOTHING_KEPT,
            *self.steps(self.children[:before], "x"),
            "        return x, kept",
        ]
        decode = [
            f"    def decode(self, latent: {TENSOR}, kept: {TENSORS}) -> {TENSOR}:",
            '        """The output of the decoder for them."""',
            *self.steps(self.children[before:], "latent"),
            "        return x",
        ]
        ways = ["        latent, kept = self.encode(x)", "        x = self.decode(latent, kept)"]
        return ["\n".join(encode), "\n".join(short(decode)), self.forward(ways, kept=True)]

    def steps(self, children: list[tuple[str, Constructor]], given: str) -> list[str]:
        """Return a line for each child; the first takes the tensor named `given`, all return x."""
        steps = []
        for name, _ in children:
            kept = ", kept" if name in self.carriers else ""
            steps.append(f"        x = self.{name}({given}{kept})")
            given = "x"
        return steps

    def forward(self, steps: list[str], *, kept: bool = False) -> str:
        """Return the forward method; in training it also returns the auxiliary outputs."""
        aux = tuple(extra.name for extra in self.plan.extras)
        result = TENSOR if not aux else f"{TENSOR} | tuple[{TENSOR}, {TENSORS}]"
        given = (Item("self"), Item(f"x: {TENSOR}"))
        lines = [laid_out(Bracketed("def forward(", given, f") -> {result}:"), "    ")]
        if self.carriers and not kept:
            lines.append(NOTHING_KEPT)
        lines += steps
        if aux:
            pairs = tuple(Item(f"kept[{literal(name)}]", f"{literal(name)}: ") for name in aux)
            lines += [
                "        if self.training:",
                laid_out(Bracketed("{", pairs, "}"), " " * 12, "extra = "),
                "            return x, extra",
            ]
        return "\n".join(short([*lines, "        return x"]))


LOOP = ["        for module in self:", "            x = passed(module, x, kept)"]


def short(lines: list[str]) -> list[str]:
    """Return the lines with `return f(x)` for `x = f(x)` and `return x` at the end."""
    *before, step, last = lines
    start = "        x = "
    if last == "        return x" and step.startswith(start):
        return [*before, f"        return {step.removeprefix(start)}"]
    return lines


def block_function(block: Block) -> str:
    """Return the text of a function, with a parameter for each setting that varies."""
    typed = [Item(kind(values), f"{word}: ") for word, values in block.values.items()]
    # A bool is given by name.
    if "bool" in (kinds := [str(item.code) for item in typed]):
        typed.insert(kinds.index("bool"), Item("*"))
    head = Bracketed(f"def {block.name}(", tuple(typed), f") -> {callee(block.sample)}:")
    body = expression(block.sample, block.words)
    return f"{laid_out(head, '')}\n{laid_out(body, '    ', 'return ')}"


def kind(values: list[object]) -> str:
    """Return the type of a parameter, from its values."""
    return " | ".join(sorted({kind_of(value) for value in values}))


def kind_of(value: object) -> str:
    """Return the type of a value as an annotation."""
    if isinstance(value, tuple):
        return f"tuple[{kind(list(value))}, ...]"
    return "None" if value is None else type(value).__name__
