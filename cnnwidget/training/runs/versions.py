"""The versions and the data of a run, compared with those of now."""

from __future__ import annotations

import platform
import sys
from typing import TYPE_CHECKING

import numpy as np
import torch

from cnnwidget.data.fingerprint import difference

if TYPE_CHECKING:
    from cnnwidget.training.runs.run import Run

# Name and version of each.
Versions = tuple[tuple[str, str], ...]


def versions_now() -> Versions:
    """Return name and version of what this process runs on, the processor's instructions included.

    Example:
        >>> [name for name, _ in versions_now()]
        ['cnnwidget', 'python', 'torch', 'numpy', 'processor']
    """
    package = sys.modules[__name__.partition(".")[0]]
    return (
        ("cnnwidget", str(package.__version__)),
        ("python", platform.python_version()),
        ("torch", str(torch.__version__)),
        ("numpy", np.__version__),
        # PyTorch has kernels for several sets of instructions, which round differently.
        ("processor", f"{platform.machine()}-{torch.backends.cpu.get_cpu_capability()}"),
    )


def changed_since(run: Run) -> list[str]:
    """Return what has changed since a run was trained, in sentences."""
    return [sentence for sentence in (other_data(run), other_versions(run)) if sentence]


def other_data(run: Run) -> str:
    """Return how its data differ from those that it was trained on, in a sentence."""
    if not run.trained_on or run.data is None:
        return ""
    found = difference(run.trained_on, run.data.fingerprint)
    return found and f"These data are not those that it was trained on: {found}."


def other_versions(run: Run) -> str:
    """Return the versions that differ from those it was trained with, in a sentence."""
    now = dict(versions_now())
    others = [(name, then) for name, then in run.versions if now.get(name, then) != then]
    if not others:
        return ""
    then = ", ".join(f"{name} {version}" for name, version in others)
    here = ", ".join(f"{name} {now[name]}" for name, _ in others)
    return f"It was trained with {then}; here is {here}: repeated, a curve may differ a little."
