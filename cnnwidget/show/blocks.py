"""Sequences that are alike but for some numbers, and the function that a person would write."""

from __future__ import annotations

from dataclasses import dataclass, field

from cnnwidget.design.layer import ASSUMED, Call, Layer
from cnnwidget.design.network import Children, Network, Part, Sequence

# Where a value stands in a block: the position of the layer and the name of its argument.
Place = tuple[int, str]


@dataclass
class Block:
    """A function that makes a stage, and what to call it with at each place it is used.

    Attributes:
        name: of the function.
        sample: the sequence it was written from.
        calls: the layers of that sequence.
        parameters: the name of the parameter for each place whose value varies.
        arguments: for each sequence, by its dotted name, the values of the parameters in order.
    """

    name: str
    sample: Sequence
    calls: list[Call]
    parameters: dict[Place, str]
    arguments: dict[str, dict[str, object]] = field(default_factory=dict)


def repeated_blocks(network: Network, calls: dict[str, Call]) -> list[Block]:
    """The sequences of leaves that stand at least twice in a network, alike but for numbers."""
    groups: dict[object, list[tuple[str, Part, Sequence]]] = {}
    for path, part, sequence in flat_sequences(network.children, "", ""):
        members = [calls[f"{path}.{name}"] for name, _ in sequence.children]
        names = tuple(name for name, _ in sequence.children)
        alike = (part, names, tuple((c.name, tuple(key for key, _ in c.args)) for c in members))
        groups.setdefault(alike, []).append((path, part, sequence))
    blocks: list[Block] = []
    for group in groups.values():
        if len(group) > 1 and len(group[0][2].children) > 1:
            taken = {block.name for block in blocks}
            blocks.append(block_of(group, calls, taken))
    return blocks


def flat_sequences(children: Children, prefix: str, part: Part) -> list[tuple[str, Part, Sequence]]:
    """The sequences that hold only layers, with their dotted names."""
    found: list[tuple[str, Part, Sequence]] = []
    for name, child in children:
        if not isinstance(child, Sequence):
            continue
        inner = child.part or part
        if all(isinstance(leaf, Layer) for _, leaf in child.children):
            found.append((prefix + name, inner, child))
        else:
            found += flat_sequences(child.children, f"{prefix}{name}.", inner)
    return found


def block_of(
    group: list[tuple[str, Part, Sequence]], calls: dict[str, Call], taken: set[str]
) -> Block:
    """The function for a group of sequences, with a parameter for all that varies."""
    paths = [path for path, _, _ in group]
    _, part, sample = group[0]
    names = [name for name, _ in sample.children]
    table: dict[Place, list[object]] = {}
    for position, name in enumerate(names):
        members = [settings_of(calls[f"{path}.{name}"]) for path in paths]
        for key in dict.fromkeys(key for member in members for key in member):
            table[position, key] = [member.get(key, ASSUMED.get(key)) for member in members]
    parameters: dict[Place, str] = {}
    columns: dict[str, list[object]] = {}
    for place, values in table.items():
        if all(value == values[0] for value in values):
            continue
        position, key = place
        same = next((word for word, known in columns.items() if known == values), None)
        word = same or free_name(key, position, set(columns))
        columns[word] = values
        parameters[place] = word
    stem = f"{part}_stage" if part in ("encoder", "decoder") else "block"
    name = stem if stem not in taken else f"{stem}{1 + sum(t.startswith(stem) for t in taken)}"
    block = Block(name, sample, [calls[f"{paths[0]}.{child}"] for child in names], parameters)
    for number, path in enumerate(paths):
        block.arguments[path] = {word: column[number] for word, column in columns.items()}
    return block


def settings_of(call: Call) -> dict[str, object]:
    """All arguments of a constructor by name."""
    return dict((*call.args, *call.kwargs))


def free_name(key: str, position: int, taken: set[str]) -> str:
    """The argument's own name, or with the number of its layer where that is taken."""
    return key if key not in taken else f"{key}{position + 1}"
