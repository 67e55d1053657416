"""The modules that `torch.nn` does not have, as text from the file that `cw.build` uses.

That file is read as data and never imported here, so that writing a source needs no torch; and
since there is no second version of its text, a source cannot differ from the built module.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable
from functools import cache
from importlib import resources
from typing import NamedTuple


class Definition(NamedTuple):
    """A class, function or constant at the top of a file.

    Attributes:
        text: word for word.
        uses: the names that occur in it.
    """

    text: str
    uses: frozenset[str]


class Import(NamedTuple):
    """One imported name: `from module import name`, or `import module` where there is no name."""

    module: str
    name: str = ""


@cache
def definitions() -> dict[str, Definition]:
    """Return all definitions of the file of modules by name, in its order."""
    found: dict[str, Definition] = {}
    text = text_of_modules()
    for node in ast.parse(text).body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            name = node.name
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
        else:
            continue
        written = ast.get_source_segment(text, node)
        assert written is not None
        uses = {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)} - {name}
        found[name] = Definition(written, frozenset(uses))
    return found


@cache
def imports() -> dict[str, Import]:
    """Return the imports of the file of modules, by the names it uses."""
    found: dict[str, Import] = {}
    for node in ast.parse(text_of_modules()).body:
        if isinstance(node, ast.Import):
            found |= {alias.name: Import(alias.name) for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module not in (None, "__future__"):
            found |= {alias.name: Import(str(node.module), alias.name) for alias in node.names}
    return found


@cache
def text_of_modules() -> str:
    """Return the text of the file of modules."""
    file = resources.files("cnnwidget").joinpath("model", "modules.py")
    return file.read_text(encoding="utf-8")


def definitions_of(names: Iterable[str]) -> dict[str, Definition]:
    """Return the definitions of some names and of all that they use, in the order of the file."""
    all_definitions = definitions()
    used: set[str] = set()
    waiting = [name for name in names if name in all_definitions]
    while waiting:
        name = waiting.pop()
        if name not in used:
            used.add(name)
            waiting += all_definitions[name].uses & all_definitions.keys()
    return {name: each for name, each in all_definitions.items() if name in used}


def import_lines(imports_used: Iterable[Import]) -> str:
    """Return imports in the order of formatters: standard library first, `import` before `from`."""
    by_module: dict[str, set[str]] = {}
    for each in imports_used:
        by_module.setdefault(each.module, set()).add(each.name)
    groups: dict[bool, list[tuple[bool, str, str]]] = {True: [], False: []}
    for module, names in by_module.items():
        ours = module.partition(".")[0] in sys.stdlib_module_names
        if "" in names:
            groups[ours].append((False, module, f"import {module}"))
        if named := ", ".join(sorted(names - {""})):
            groups[ours].append((True, module, f"from {module} import {named}"))
    return "\n\n".join(
        "\n".join(line for _, _, line in sorted(groups[which]))
        for which in (True, False)
        if groups[which]
    )
