"""constraints.txt, pyproject.toml, what the index resolved, and what is installed agree."""

import ast
import importlib.metadata
import json
import re
import sys
import tomllib
from itertools import chain
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.house.pins import PINS, PLATFORMS, ROOT, environment, pinned, read_pins
from tests.house.resolve_pins import RECORD, combinations

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
REQUIREMENTS = [
    Requirement(text) for text in [*PROJECT["dependencies"], *chain.from_iterable(EXTRAS.values())]
]
RESOLVED = json.loads(RECORD.read_text(encoding="utf-8"))
# Those that are imported by another name.
IMPORTED_AS = {"pillow": "pil"}
# Every release of Python that the project takes, those to come included.
RELEASES = [
    release
    for release in (f"3.{minor}.{patch}" for minor in range(9, 17) for patch in range(26))
    if SpecifierSet(PROJECT["requires-python"]).contains(release)
]


def refused(requires_python, releases=RELEASES):
    """The releases of Python that a package does not want."""
    wanted = SpecifierSet(requires_python or "")
    return [release for release in releases if not wanted.contains(release)]


def unpinned(record, pins):
    """Return the differences between what was resolved and the pins, as sentences."""
    if record["combinations"] != combinations():
        yield "the record is of other Pythons or platforms"
    used = set()
    for text, found in record["pins"].items():
        name, version = text.split("==")
        for combination in record["combinations"] if found == "all" else found:
            platform, python = combination.split()
            where = environment(python, platform)
            held = [pin.version for pin in pins.get(name, []) if pin.holds(where)]
            used |= {(name, version) for version in held}
            if [Version(each) for each in held] != [Version(version)]:
                yield f"{combination}: {text} was resolved, {held} is pinned"
    yield from (
        f"{name}=={pin.version} is needed nowhere, or `make pins` was not run"
        for name, several in pins.items()
        for pin in several
        if (name, pin.version) not in used
    )


@pytest.mark.parametrize("combination", combinations())
def test_every_dependency_is_pinned_within_its_range(combination):
    platform, python = combination.split()
    where = environment(python, platform)
    for requirement in REQUIREMENTS:
        if requirement.marker is None or requirement.marker.evaluate(where):
            [version] = pinned(requirement.name, where)
            assert requirement.specifier.contains(version), requirement


def test_the_index_resolved_these_pins():
    assert list(unpinned(RESOLVED, PINS)) == []


@pytest.mark.parametrize(
    ("line", "instead", "sentence"),
    [
        ("soupsieve==2.10\n", "soupsieve==4.1.1\n", "soupsieve==2.10 was resolved, ['4.1.1'] is"),
        ("soupsieve==2.10\n", "", "soupsieve==2.10 was resolved, [] is pinned"),
        ("; sys_platform == 'darwin'", "", "['1.7.4', '1.7.5.1.post1'] is pinned"),
        ("soupsieve==2.10\n", "soupsieve==2.10\nnever==1\n", "never==1 is needed nowhere"),
    ],
)
def test_another_pin_would_be_noticed(line, instead, sentence):
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    assert text.count(line) == 1
    changed = read_pins(text.replace(line, instead))
    assert any(sentence in fault for fault in unpinned(RESOLVED, changed))


def test_what_is_installed_wants_no_newer_release_of_python():
    """Debian 12 has 3.11.2, and a pin is for all of 3.11 to 3.14 unless its marker says less."""
    for found in importlib.metadata.distributions():
        name = canonicalize_name(found.metadata["Name"])
        for platform in PLATFORMS:
            releases = [
                release
                for release in refused(found.metadata.get("Requires-Python"))
                if found.version in pinned(name, environment(release, platform))
            ]
            assert releases == [], f"{name} {found.version} on {platform}"


def test_every_release_of_four_pythons_is_looked_at():
    assert {"3.11.0", "3.11.2", "3.12.0", "3.13.0", "3.14.0", "3.14.2"} <= set(RELEASES)
    assert {release.rpartition(".")[0] for release in RELEASES} == {"3.11", "3.12", "3.13", "3.14"}
    assert len(RELEASES) == 4 * 26 - 1


def test_a_refused_release_would_be_noticed():
    assert refused(">=3.11.5", ["3.11.2", "3.11.5", "3.12.0"]) == ["3.11.2"]
    assert refused(">=3.9,!=3.14.1", ["3.14.0", "3.14.1"]) == ["3.14.1"]
    assert refused(None) == refused(">=3.9") == []


@pytest.mark.parametrize(
    ("sys_platform", "machine", "has_wheel"),
    [
        ("linux", "x86_64", True),
        ("linux", "aarch64", True),
        ("darwin", "arm64", True),
        ("darwin", "x86_64", True),
        ("win32", "AMD64", True),
        ("win32", "ARM64", False),
        ("emscripten", "wasm32", False),
    ],
)
def test_pygraphviz_is_asked_for_where_it_has_a_wheel(sys_platform, machine, has_wheel):
    [requirement] = [each for each in REQUIREMENTS if each.name == "pygraphviz"]
    where = {"sys_platform": sys_platform, "platform_machine": machine}
    assert requirement.marker.evaluate(where) is has_wheel


def test_torch_is_the_one_the_issue_names():
    assert pinned("torch") == ["2.13.0"]
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
            [version] = pinned(name)
            assert Version(version).public == Version(found.version).public, name


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
