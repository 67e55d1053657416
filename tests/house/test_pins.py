"""constraints.txt, pyproject.toml and what is installed agree."""

import ast
import importlib.metadata
import re
import sys
import tomllib
from itertools import chain
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PINS = {
    canonicalize_name(line.split("==")[0]): line.split("==")[1].strip()
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
}
EXTRAS = PROJECT["optional-dependencies"]
REQUIREMENTS = [
    Requirement(text) for text in [*PROJECT["dependencies"], *chain.from_iterable(EXTRAS.values())]
]
# Those that are imported by another name.
IMPORTED_AS = {"pillow": "pil"}


@pytest.mark.parametrize("requirement", REQUIREMENTS, ids=str)
def test_every_dependency_is_pinned_within_its_range(requirement):
    assert requirement.specifier.contains(PINS[canonicalize_name(requirement.name)])


def test_torch_is_the_one_the_issue_names():
    assert PINS["torch"] == "2.13.0"
    [torch] = [each for each in REQUIREMENTS if each.name == "torch"]
    assert str(torch.specifier) == ">=2.11"


def test_dependencies_have_a_lower_end():
    for requirement in REQUIREMENTS:
        assert {spec.operator for spec in requirement.specifier} & {">=", "=="}, requirement


def test_what_is_installed_is_what_is_pinned():
    """Only in the environment of the pins: `make compat` installs other versions on purpose."""
    if Path(sys.prefix).name != ".venv":
        assert Path(sys.prefix).name.startswith(".venv-")
        return
    tools = {"pip", "setuptools", "cnnwidget"}
    for found in importlib.metadata.distributions():
        name = canonicalize_name(found.metadata["Name"])
        if name not in tools:
            assert Version(PINS[name]).public == Version(found.version).public, name


def test_whatever_the_package_imports_is_a_dependency():
    imported = set()
    for path in (ROOT / "cnnwidget").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported.add(node.module.split(".")[0])
    names = {re.split(r"[^\w-]", text)[0] for text in PROJECT["dependencies"]}
    declared = {IMPORTED_AS.get(name, name) for name in names}
    # pydantic-core comes with pydantic, whose errors it describes.
    imported -= sys.stdlib_module_names | {"cnnwidget", "pydantic_core"}
    assert {name.lower() for name in imported} <= declared
