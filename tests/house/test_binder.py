"""What Binder installs from conda-forge is what pyproject.toml asks for."""

import os
import subprocess
import tomllib
from itertools import chain
from pathlib import Path

import pytest
import yaml
from packaging.requirements import InvalidRequirement, Requirement
from packaging.version import Version

from tests.house.pins import environment, pinned

ROOT = Path(__file__).parents[2]
BINDER = ROOT / "binder"
ENVIRONMENT = (BINDER / "environment.yml").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
EXTRAS = PROJECT["project"]["optional-dependencies"]
NEEDED = [
    Requirement(text)
    for text in [
        *PROJECT["project"]["dependencies"],
        *chain.from_iterable(EXTRAS[name] for name in ("lab", "video", "sound", "geo")),
        *PROJECT["build-system"]["requires"],
    ]
]
BINDER_ENVIRONMENT = environment("3.12.0", "linux-x86_64")

# Where conda-forge calls a package otherwise.
CONDA_NAME = {
    "graphviz": "python-graphviz",
    "matplotlib": "matplotlib-base",
    "soundfile": "pysoundfile",
    "torch": "pytorch",
}
# What is no dependency: what all of it runs on, and the choice of PyTorch without CUDA.
BESIDE = {"python=3.12", "pip", "pytorch-cpu"}


def lower_end(requirement):
    """The lowest version of a range, or none."""
    ends = [each.version for each in requirement.specifier if each.operator in {">=", "=="}]
    return max(map(Version, ends), default=None)


def faults(text):
    """What is wrong with an environment, as sentences."""
    environment = yaml.safe_load(text)
    if environment["channels"] != ["conda-forge", "nodefaults"]:
        yield "packages come from elsewhere than conda-forge"
    given = {}
    for entry in environment["dependencies"]:
        if str(entry) in BESIDE:
            continue
        try:
            requirement = Requirement(entry)
        except (InvalidRequirement, TypeError):
            yield f"{entry} is not a name with a range"
            continue
        if requirement.name in given:
            yield f"{requirement.name} is there twice"
        given[requirement.name] = requirement
    yield from (
        f"{each} is missing" for each in BESIDE - set(map(str, environment["dependencies"]))
    )
    for needed in NEEDED:
        there = given.pop(CONDA_NAME.get(needed.name, needed.name), None)
        if there is None:
            yield f"{needed.name} is missing"
        else:
            yield from misfits(there, needed)
    yield from (f"{name} is no dependency" for name in given)


def misfits(there, needed):
    """Where the range of one package goes beyond that of pyproject.toml, or leaves out the pin."""
    [pin] = map(Version, pinned(needed.name, BINDER_ENVIRONMENT))
    if not there.specifier.contains(pin):
        yield f"{there} leaves out {pin}, with which all is tested"
    lowest = lower_end(there)
    if lowest is None:
        yield f"{there} has no lower end"
    elif not needed.specifier.contains(lowest):
        yield f"{there} starts where {needed} does not hold"
    for each in needed.specifier:
        # The ends that pyproject.toml leaves out must be left out here, too.
        if each.operator in {"<", "!="} and there.specifier.contains(each.version):
            yield f"{there} takes {each.version}, which {needed} does not"


def test_the_environment_is_that_of_the_project():
    assert list(faults(ENVIRONMENT)) == []


def test_ranges_use_only_what_is_looked_at():
    operators = {each.operator for needed in NEEDED for each in needed.specifier}
    assert operators <= {">=", "==", "<", "!="}


@pytest.mark.parametrize(
    ("line", "instead", "sentence"),
    [
        ("  - tqdm>=4.66\n", "", "tqdm is missing"),
        ("  - python-graphviz>=0.20.1\n", "  - graphviz>=0.20.1\n", "graphviz is missing"),
        ("  - python-graphviz>=0.20.1\n", "  - graphviz>=0.20.1\n", "graphviz is no dependency"),
        ("  - xarray>=2025.7.1\n", "", "xarray is missing"),
        ("  - pip\n", "  - pip\n  - pandas>=2\n", "pandas is no dependency"),
        ("  - pip\n", "  - pip\n  - tqdm>=4.66\n", "tqdm is there twice"),
        ("  - pip\n", "  - pip:\n    - torch\n", "{'pip': ['torch']} is not a name with a range"),
        ("  - pytorch-cpu\n", "", "pytorch-cpu is missing"),
        ("python=3.12", "python=3.10", "python=3.12 is missing"),
        ("pytorch>=2.11", "pytorch>=2.1", "pytorch>=2.1 starts where torch>=2.11 does not hold"),
        ("pytorch>=2.11", "pytorch>=2.11,<2.12", "leaves out 2.13.0"),
        ("pytorch>=2.11", "pytorch", "pytorch has no lower end"),
        ("pytorch>=2.11", "pytorch=2.11", "pytorch=2.11 is not a name with a range"),
        ("torchinfo>=1.8,<1.9", "torchinfo>=1.8", "takes 1.9, which torchinfo"),
        ("ipykernel>=6.29,!=7.0.0,!=7.0.1", "ipykernel>=6.29,!=7.0.0", "takes 7.0.1, which"),
        ("jupyterlab>=4.2,<5", "jupyterlab>=5", "jupyterlab>=5 starts where jupyterlab"),
        ("  - nodefaults\n", "  - defaults\n", "elsewhere than conda-forge"),
    ],
)
def test_a_fault_would_be_noticed(line, instead, sentence):
    assert ENVIRONMENT.count(line) == 1
    assert any(sentence in fault for fault in faults(ENVIRONMENT.replace(line, instead)))


def test_the_package_is_installed_with_what_the_environment_has():
    """repo2docker runs postBuild only if it is executable; what it runs needs no network."""
    script = BINDER / "postBuild"
    assert os.access(script, os.X_OK)
    assert script.read_bytes().startswith(b"#!/bin/bash\n")
    subprocess.run(["bash", "-n", script], check=True)
    install = "python -m pip install --no-deps --no-build-isolation ."
    assert script.read_text(encoding="utf-8").splitlines()[-1] == install
