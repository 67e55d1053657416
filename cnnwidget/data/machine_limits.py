"""The memory and the cores that this process may use.

Linux lets a process allocate more memory than there is, and kills the process that uses it: a
kernel would die without a message. Containers limit both by control groups.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from math import ceil
from pathlib import Path

ROOT = Path("/")
# By the version of control groups: the files with limit and usage of memory, and the prefix of
# names in its statistics.
MEMORY_FILES = {
    2: ("memory.max", "memory.current", ""),
    1: ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_"),
}
# Likewise the files with the time that a group may have, and the period that it is of.
TIME_FILES = {2: ("cpu.max",), 1: ("cpu.cfs_quota_us", "cpu.cfs_period_us")}


def memory_left() -> int | None:
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
    """Yield the limit minus the usage of each group; cached files count as free memory."""
    for version, group in control_groups("memory"):
        limit, usage, prefix = MEMORY_FILES[version]
        cached = {f"{prefix}inactive_file", f"{prefix}active_file"}
        with suppress(ValueError, IndexError):  # the limit may be `max`, or a file may be absent
            left = int(lines_of(group / limit)[0]) - int(lines_of(group / usage)[0])
            for line in lines_of(group / "memory.stat"):
                name, _, amount = line.partition(" ")
                left += int(amount) if name in cached else 0
            yield left


def usable_cores() -> int:
    """Return the cores that this process may use, by its affinity and its control groups."""
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    return max(1, min([cores, *map(ceil, quotas())]))


def quotas() -> Iterator[float]:
    """Yield the limits that the control groups of this process set, in cores."""
    for version, group in control_groups("cpu"):
        words = " ".join(line for name in TIME_FILES[version] for line in lines_of(group / name))
        with suppress(ValueError, ZeroDivisionError):  # `max`, or no such file
            quota, period = map(int, words.split())
            if quota > 0:  # -1 is no limit
                yield quota / period


def control_groups(controller: str) -> Iterator[tuple[int, Path]]:
    """Yield the folders of the control groups that this process is in; any may set a limit.

    Args:
        controller: `memory` or `cpu`.

    Yields:
        The version of control groups, 1 or 2, and a folder; from the outermost group inwards.
    """
    for line in lines_of(ROOT / "proc/self/cgroup"):
        names, _, path = line.partition(":")[2].partition(":")
        folder = ROOT / "sys/fs/cgroup"
        version = 1 if names else 2  # the second has one hierarchy for all controllers
        if version == 1:
            if controller not in names.split(","):
                continue
            folder /= controller
        # In a container the path may be that of the host; then only the first folder exists, which
        # is that of the container.
        for part in ("", *path.strip("/").split("/")):
            folder /= part
            yield version, folder


def lines_of(path: Path) -> list[str]:
    """Return the lines of a system file; empty if it cannot be read."""
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return []
