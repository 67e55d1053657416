"""constraints.txt as data, and the Pythons and platforms that it serves."""

from pathlib import Path
from typing import NamedTuple

from packaging.markers import Marker, default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
# The first release of each Python is the hardest to serve.
PYTHONS = ("3.11.0", "3.12.0", "3.13.0", "3.14.0")
# For each platform: `sys_platform`, `platform_machine`, `platform_system`, `os_name`.
PLATFORMS = {
    "linux-x86_64": ("linux", "x86_64", "Linux", "posix"),
    "linux-aarch64": ("linux", "aarch64", "Linux", "posix"),
    "macos-arm64": ("darwin", "arm64", "Darwin", "posix"),
    "windows-x86_64": ("win32", "AMD64", "Windows", "nt"),
}


class Pin(NamedTuple):
    """One line of constraints.txt."""

    version: str
    marker: Marker | None

    def holds(self, environment):
        return self.marker is None or self.marker.evaluate(environment)


def read_pins(text):
    """The pins of each package by its normalized name."""
    pins = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            requirement = Requirement(line)
            [specifier] = requirement.specifier
            pin = Pin(specifier.version, requirement.marker)
            pins.setdefault(canonicalize_name(requirement.name), []).append(pin)
    return pins


PINS = read_pins((ROOT / "constraints.txt").read_text(encoding="utf-8"))


def environment(python, platform):
    """Return the environment of markers for a full Python version and one of `PLATFORMS`."""
    sys_platform, machine, system, os_name = PLATFORMS[platform]
    return default_environment() | {
        "implementation_version": python,
        "os_name": os_name,
        "platform_machine": machine,
        "platform_release": "",
        "platform_system": system,
        "platform_version": "",
        "python_full_version": python,
        "python_version": python.rpartition(".")[0],
        "sys_platform": sys_platform,
    }


def pinned(name, where=None):
    """The versions that hold for a package in an environment, by default in this one."""
    found = PINS.get(canonicalize_name(name), [])
    return [pin.version for pin in found if pin.holds(where or default_environment())]
