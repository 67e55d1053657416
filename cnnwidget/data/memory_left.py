"""The memory that this process may still use, checked before much is allocated.

Linux lets a process allocate more memory than there is, and kills the process that uses it: a
kernel would die without a message.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

ROOT = Path("/")
# By the name of the controller in /proc/self/cgroup: the mount point of its groups, the files with
# limit and usage, and the prefix of names in its statistics. Version 2 of cgroups has no name.
CONTROLLERS = {
    "": ("sys/fs/cgroup", "memory.max", "memory.current", ""),
    "memory": (
        "sys/fs/cgroup/memory",
        "memory.limit_in_bytes",
        "memory.usage_in_bytes",
        "total_",
    ),
}


def available() -> int | None:
    """Return the bytes that this process may still use; None if the system does not report it."""
    limits = [*left_on_machine(), *left_in_groups()]
    return max(0, min(limits)) if limits else None


def left_on_machine() -> Iterator[int]:
    """Yield the bytes that Linux estimates to be available without swapping."""
    for line in lines_of(ROOT / "proc/meminfo"):
        name, _, amount = line.partition(":")
        if name == "MemAvailable":
            with suppress(ValueError):
                yield int(amount.removesuffix("kB")) * 1024


def left_in_groups() -> Iterator[int]:
    """Yield the bytes left in each control group of this process; containers limit these."""
    for line in lines_of(ROOT / "proc/self/cgroup"):
        names, _, path = line.partition(":")[2].partition(":")
        controller = "memory" if "memory" in names.split(",") else names
        if controller not in CONTROLLERS:
            continue
        # Any parent group may have the limit. In a container the path may be that of the host;
        # then only the first folder exists, which is that of the container.
        folder = ROOT / CONTROLLERS[controller][0]
        for part in ("", *path.strip("/").split("/")):
            folder /= part
            yield from left_in(folder, controller)


def left_in(group: Path, controller: str) -> Iterator[int]:
    """Yield the limit minus the usage of a group; cached files count as free memory."""
    _, limit, usage, prefix = CONTROLLERS[controller]
    cached = {f"{prefix}inactive_file", f"{prefix}active_file"}
    with suppress(ValueError, IndexError):  # the limit may be `max`, or a file may be absent
        left = int(lines_of(group / limit)[0]) - int(lines_of(group / usage)[0])
        for line in lines_of(group / "memory.stat"):
            name, _, amount = line.partition(" ")
            left += int(amount) if name in cached else 0
        yield left


def lines_of(path: Path) -> list[str]:
    """Return the lines of a system file; empty if it cannot be read."""
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return []
