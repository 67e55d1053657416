"""The public names."""

import ast
import importlib
import inspect
from pathlib import Path

import pytest

import cnnwidget as cw

ROOMS = {path.name for path in Path(cw.__file__).parent.iterdir() if path.is_dir()}


def test_the_list_the_table_and_the_types_agree():
    tree = ast.parse(Path(cw.__file__).read_text(encoding="utf-8"))
    typed = {
        alias.name: node.module.removeprefix("cnnwidget.")
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module.startswith("cnnwidget.")
        for alias in node.names
    }
    assert typed == cw.HOME
    assert sorted(cw.__all__) == sorted(cw.HOME)
    assert set(cw.__all__) <= set(dir(cw))


@pytest.mark.parametrize("name", cw.__all__)
def test_a_public_name_is_what_its_home_defines(name):
    home = importlib.import_module(f"cnnwidget.{cw.HOME[name]}")
    thing = getattr(cw, name)
    assert thing is getattr(home, name)
    assert thing.__module__ == home.__name__
    assert name not in ROOMS


@pytest.mark.parametrize("name", cw.__all__)
def test_a_public_name_is_documented_with_an_example(name):
    document = inspect.getdoc(getattr(cw, name))
    assert document
    if name != "CnnwidgetError":  # DesignError shows one
        assert ">>>" in document


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="has no attribute 'plann'"):
        cw.plann  # noqa: B018


def test_the_version_is_that_of_the_project():
    import tomllib

    pyproject = Path(cw.__file__).parents[1] / "pyproject.toml"
    assert (
        cw.__version__ == tomllib.loads(pyproject.read_text(encoding="utf-8"))["project"]["version"]
    )
