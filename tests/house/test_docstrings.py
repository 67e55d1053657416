"""Docstrings are true: the arguments and attributes that they list are there, and all arguments."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2] / "cnnwidget"
TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in ROOT.rglob("*.py")}
CLASSES = {
    node.name: node
    for tree in TREES.values()
    for node in ast.walk(tree)
    if isinstance(node, ast.ClassDef)
}


def listed(node, heading):
    """The names that a section of a docstring lists, in Google's form."""
    text = (ast.get_docstring(node) or "") + "\n"
    section = re.search(rf"^{heading}:\n((?: +.*\n|\n)+)", text, re.MULTILINE)
    found = section and re.findall(r"^    ([*\w]+(?:, \w+)*):", section[1], re.MULTILINE)
    return {name for names in found or () for name in names.split(", ")}


def arguments(function):
    given = function.args
    named = {each.arg for each in (*given.posonlyargs, *given.args, *given.kwonlyargs)}
    starred = {
        f"{stars}{each.arg}"
        for stars, each in zip(("*", "**"), (given.vararg, given.kwarg), strict=True)
        if each
    }
    return (named | starred) - {"self", "cls"}


def attributes(name):
    """The fields, properties and what methods assign to `self`, of a class and of its bases."""
    if name not in CLASSES:
        return set()
    node = CLASSES[name]
    own = {each.name for each in node.body if isinstance(each, ast.FunctionDef)}
    for each in ast.walk(node):
        if isinstance(each, ast.Name | ast.Attribute) and isinstance(each.ctx, ast.Store):
            own.add(each.id if isinstance(each, ast.Name) else each.attr)
    bases = (re.match(r"\w+", ast.unparse(base)).group() for base in node.bases)
    return own.union(*map(attributes, bases))


@pytest.mark.parametrize("path", TREES, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_a_docstring_lists_is_there(path):
    for node in ast.walk(TREES[path]):
        if isinstance(node, ast.FunctionDef) and listed(node, "Args"):
            assert listed(node, "Args") == arguments(node), node.name
        if isinstance(node, ast.ClassDef):
            # What is assigned to a field of any name, as by a table of settings, has stars.
            unknown = listed(node, "Attributes") - attributes(node.name) - {"**settings"}
            assert not unknown, (node.name, unknown)


def test_a_wrong_docstring_would_be_noticed():
    def_of_two = ast.parse(
        'def f(a, *, b): """F.\n\n    Args:\n        a: x.\n        c: y.\n    """'
    ).body[0]
    assert listed(def_of_two, "Args") == {"a", "c"} != arguments(def_of_two)
