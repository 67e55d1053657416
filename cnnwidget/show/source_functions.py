"""Functions for constructors that are repeated with other numbers, as a person would write."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cnnwidget.design.layers.layer import TORCH_DEFAULTS, Call
from cnnwidget.design.network import PROJECTION
from cnnwidget.show.source_constructors import Constructor, Place, plain

# A constructor with fewer layers is as easy to read in place.
FEWEST_LEAVES = 2
# Settings that are never arguments of a function: another value is another block.
FIXED_SETTINGS = {"how", "align"}
# Names of functions whose uses have no name in common.
WORDS = {"Branches": "branches", "Aux": "head"}
SKIP_WORDS = {"add": "residual_block", "multiply": "gate", "concat": "dense_block"}
# They come first, and are given by position, as in torch.
POSITIONAL = ("in_channels", "out_channels")


@dataclass(frozen=True)
class Block:
    """A function that replaces repeated constructors, and the settings that vary.

    Attributes:
        name: of the function.
        sample: the constructor it was written from.
        words: the name of the parameter for each place whose value varies.
        values: all that each parameter is given, by its name.
    """

    name: str
    sample: Constructor
    words: dict[Place, str]
    values: dict[str, list[object]]


def with_blocks(children: list[tuple[str, Constructor]], taken: Iterable[str]) -> list[Block]:
    """Replace constructors that occur at least twice, equal but for numbers, by functions.

    The innermost come first, and become calls: so a function can call others. None gets a name
    that is taken.
    """
    everything = [inner for _, child in children for inner in child.with_inner()]
    names = {*taken, *(key for each in everything for key in each.settings)}
    by_height: dict[int, list[Constructor]] = {}
    heights: dict[int, int] = {}
    for each in everything:
        height = 1 + max((heights[id(child)] for _, child in each.children or ()), default=-1)
        heights[id(each)] = height
        by_height.setdefault(height, []).append(each)
    blocks: list[Block] = []
    for height in range(1, len(by_height)):
        groups: dict[object, list[Constructor]] = {}
        for each in by_height[height]:
            groups.setdefault(signature(each), []).append(each)
        for group in groups.values():
            if len(group) > 1 and group[0].leaves >= FEWEST_LEAVES:
                blocks.append(block_of(group, names))
                names.add(blocks[-1].name)
    return blocks


def signature(constructor: Constructor) -> object:
    """Return a key that is equal for constructors that one function can replace."""
    settings = constructor.settings
    # The defaults of convolutions are known; others must omit the same settings to be alike.
    keys = () if constructor.call.name.startswith("Conv") else tuple(settings)
    fixed = tuple((key, value) for key, value in settings.items() if key in FIXED_SETTINGS)
    inner = constructor.children
    below = None if inner is None else tuple((name, signature(child)) for name, child in inner)
    return constructor.part, constructor.call.name, keys, fixed, below


def block_of(group: list[Constructor], taken: set[str]) -> Block:
    """Return the function for some constructors, which become calls of it."""
    tables = [dict(constructor.values()) for constructor in group]
    places = dict.fromkeys(place for table in tables for place in table)
    everything = {
        (path, key): [table.get((path, key), TORCH_DEFAULTS.get(key)) for table in tables]
        for path, key in places
    }
    varying = {place for place, column in everything.items() if len(set(column)) > 1}
    # Where channels vary, it is by chance if as many come in everywhere.
    if any(key in POSITIONAL for _, key in varying):
        varying |= set([place for place in places if place[1] == "in_channels"][:1])
    words: dict[Place, str] = {}
    columns: dict[str, list[object]] = {}
    for place, column in everything.items():
        if place not in varying:
            continue
        path, key = place
        same = (word for word, known in columns.items() if alike(known, column))
        words[place] = next(same, None) or free_word(path, key, columns)
        columns[words[place]] = column
    columns = dict(sorted(columns.items(), key=lambda item: item[0] not in POSITIONAL))
    first = group[0]
    sample = Constructor(
        first.path, first.call, first.children, first.part, first.shape, has_remark=False
    )
    block = Block(free_name(group, taken), sample, words, columns)
    for number, constructor in enumerate(group):
        values = tuple((word, column[number]) for word, column in columns.items())
        channels = sum(word in POSITIONAL for word in columns)
        constructor.call = Call(block.name, values[:channels], values[channels:])
        constructor.children, constructor.has_remark, constructor.is_block = None, True, True
    return block


def alike(one: list[object], other: list[object]) -> bool:
    """Whether two lists have the same values of the same types; 1 and True differ."""
    return one == other and list(map(type, one)) == list(map(type, other))


def free_word(path: tuple[str, ...], key: str, taken: Iterable[str]) -> str:
    """Return the name of an argument, with that of its module where it is in use."""
    if key not in taken:
        return key
    words = [key]
    for name in reversed([name for name in path if plain(f"_{name}")]):
        words.insert(0, name)
        if (word := "_".join(words)) not in taken and plain(word):
            return word
    number = 2
    while f"{key}{number}" in taken:
        number += 1
    return f"{key}{number}"


def free_name(group: list[Constructor], taken: set[str]) -> str:
    """Return a name for a function: the common stem of its constructors, or their kind."""
    first = group[0]
    stems = {constructor.path.rpartition(".")[2].rstrip("0123456789_") for constructor in group}
    stem = stems.pop() if len(stems) == 1 else ""
    if first.part in ("encoder", "decoder"):
        name = f"{first.part}_{stem if plain(stem) else 'stage'}"
    elif plain(stem) and len(stem) > 1 and stem != "skip":
        name = stem
    elif first.call.name == "Skip":
        name = SKIP_WORDS[str(first.settings["how"])]
    else:
        name = WORDS.get(first.call.name, "block")
    if name in taken and PROJECTION in dict(first.children or ()):
        name = f"projected_{name}"
    if name in taken and not name.endswith("block"):
        name = f"{name}_block"
    number = 2
    free = name
    while free in taken:
        free = f"{name}_{number}"
        number += 1
    return free
