"""Resolve constraints.txt for every Python and platform: python -m tests.house.resolve_pins

`make pins` runs this. It asks the package index, so it is no part of the tests; they compare what
it writes, `resolved_pins.json`, with constraints.txt and pyproject.toml. Only wheels count, so that
no package is compiled on a user's machine.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.house.pins import PLATFORMS, PYTHONS, ROOT

RECORD = Path(__file__).with_name("resolved_pins.json")
TARGETS = {
    "linux-x86_64": "x86_64-unknown-linux-gnu",
    "linux-aarch64": "aarch64-unknown-linux-gnu",
    "macos-arm64": "aarch64-apple-darwin",
    "windows-x86_64": "x86_64-pc-windows-msvc",
}
# The oldest macOS that the wheels of PyTorch run on.
MACOS = {"MACOSX_DEPLOYMENT_TARGET": "14.0"}


def combinations():
    """Each platform with each Python, as in "linux-x86_64 3.11.0"."""
    return [f"{platform} {python}" for platform in PLATFORMS for python in PYTHONS]


def resolve(python, platform):
    """The versions that all extras need together, as lines `name==version`; exits if none do."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder, "resolved.txt")
        command = [
            shutil.which("uv", path=Path(sys.executable).parent) or "uv",
            *("pip", "compile", "--quiet", "pyproject.toml", "--all-extras"),
            *("--constraints", "constraints.txt", "--only-binary", ":all:"),
            *("--python-version", python, "--python-platform", TARGETS[platform]),
            *("--no-header", "--no-annotate", "--output-file", str(output)),
        ]
        if subprocess.run(command, cwd=ROOT, env=os.environ | MACOS).returncode:
            sys.exit(f"There is no set of wheels for Python {python} on {platform}.")
        return output.read_text(encoding="utf-8").split()


def main():
    where = {}
    for combination in combinations():
        platform, python = combination.split()
        pins = resolve(python, platform)
        print(f"{combination}: {len(pins)} packages", flush=True)
        for pin in pins:
            where.setdefault(pin, []).append(combination)
    pins = {pin: "all" if all_of == combinations() else all_of for pin, all_of in where.items()}
    record = {"combinations": combinations(), "pins": dict(sorted(pins.items()))}
    RECORD.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
