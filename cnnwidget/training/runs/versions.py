"""Where a run comes from: with which versions it was trained, on which data."""

from __future__ import annotations

import platform
import sys
from typing import TYPE_CHECKING

import numpy as np
import torch

from cnnwidget.data.fingerprint import difference, fingerprint_of

if TYPE_CHECKING:
    from cnnwidget.training.runs.run import Run

# Name and version of each.
Versions = tuple[tuple[str, str], ...]


def versions_now() -> Versions:
    """What this process runs on.

    Example:
        >>> [name for name, _ in versions_now()]
        ['cnnwidget', 'python', 'torch', 'numpy']
    """
    package = sys.modules[__name__.partition(".")[0]]
    return (
        ("cnnwidget", str(package.__version__)),
        ("python", platform.python_version()),
        ("torch", str(torch.__version__)),
        ("numpy", np.__version__),
    )


def changed_since(run: Run) -> list[str]:
    """What is not as it was when a run was trained, as sentences; empty for one trained here."""
    return [sentence for sentence in (other_data(run), other_versions(run)) if sentence]


def other_data(run: Run) -> str:
    """Whether the data are others than those that it was trained on."""
    if not run.trained_on or run.windows is None:
        return ""
    found = difference(run.trained_on, fingerprint_of(run.windows.contents))
    return found and f"These data are not those that it was trained on: {found}."


def other_versions(run: Run) -> str:
    """Whether it was trained with other versions than there are here."""
    now = dict(versions_now())
    others = [(name, then) for name, then in run.versions if now.get(name, then) != then]
    if not others:
        return ""
    then = ", ".join(f"{name} {version}" for name, version in others)
    here = ", ".join(f"{name} {now[name]}" for name, _ in others)
    return f"It was trained with {then}; here is {here}: repeated, a curve may differ a little."
