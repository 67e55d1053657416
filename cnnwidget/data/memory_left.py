"""How much memory this process may still use, which is asked before much is allocated.

Linux hands out more memory than there is, and ends the process that makes use of it: a kernel
would die without a word.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

ROOT = Path("/")
# By the controller in /proc/self/cgroup: where its groups are mounted, the names of a group's limit
# and usage, and what comes before the names in its statistics. The second version has no name.
CONTROLLERS = {
    "": ("sys/fs/cgroup", "memory.max", "memory.current", ""),
    "memory": (
        "sys/fs/cgroup/memory",
        "memory.limit_in_bytes",
        "memory.usage_in_bytes",
        "total_",
    ),
}


def in_gigabytes(number: int) -> str:
    """Bytes to read."""
    return f"{number / 1e9:,.2f} GB"


def available() -> int | None:
    """Bytes that this process may still use; None on systems that do not say."""
    found = [*left_on_machine(), *left_in_groups()]
    return max(0, min(found)) if found else None


def left_on_machine() -> Iterator[int]:
    """What Linux believes can be had without swapping."""
    for line in lines_of(ROOT / "proc/meminfo"):
        name, _, amount = line.partition(":")
        if name == "MemAvailable":
            with suppress(ValueError):
                yield int(amount.removesuffix("kB")) * 1024


def left_in_groups() -> Iterator[int]:
    """What each control group of this process leaves: containers limit memory by these."""
    for line in lines_of(ROOT / "proc/self/cgroup"):
        names, _, path = line.partition(":")[2].partition(":")
        controller = "memory" if "memory" in names.split(",") else names
        if controller not in CONTROLLERS:
            continue
        # Any group above may be the one with a limit. Within a container the path may be that of
        # the host, so that only the first of these is there: the container's own.
        folder = ROOT / CONTROLLERS[controller][0]
        for part in ("", *path.strip("/").split("/")):
            folder /= part
            yield from left_in(folder, controller)


def left_in(group: Path, controller: str) -> Iterator[int]:
    """Limit less usage of one group; what is cached of files is given back when it is needed."""
    _, limit, usage, prefix = CONTROLLERS[controller]
    cached = {f"{prefix}inactive_file", f"{prefix}active_file"}
    with suppress(ValueError, IndexError):  # `max` is no number, nor is a file that is not there
        left = int(lines_of(group / limit)[0]) - int(lines_of(group / usage)[0])
        for line in lines_of(group / "memory.stat"):
            name, _, amount = line.partition(" ")
            left += int(amount) if name in cached else 0
        yield left


def lines_of(path: Path) -> list[str]:
    """The lines of a file of the system; none where it cannot be read."""
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return []
