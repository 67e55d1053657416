"""Whether a training has room in memory, which is asked before anything is allocated.

Linux hands out more memory than there is, and ends the process that makes use of it: a kernel
would die without a word.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from cnnwidget.design.errors import DesignError
from cnnwidget.design.planning.plan import Plan

# In 32-bit floats: a weight, its gradient, Adam's two moments, the copy in the best weights so far,
# and the one in those that take their place while the older are still there.
BYTES_A_WEIGHT = 6 * 4
# What allocators of PyTorch say on Linux, on Windows and on GPUs, each in a RuntimeError.
SHORTAGES = ("can't allocate memory", "not enough memory", "out of memory")

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


def check_room(plan: Plan, batch: int) -> None:
    """Refuse a training that cannot fit into memory; what is refused would surely fail.

    Args:
        plan: of the design.
        batch: windows in the largest batch.

    Raises:
        DesignError: with what is needed at least, what is left, and what to change.
    """
    left = available()
    held = BYTES_A_WEIGHT * plan.params
    needed = held + plan.memory * batch
    if left is None or needed <= left:
        return
    ways = ["fewer channels"]
    if held < left and batch > 1:
        ways.insert(0, "a smaller batch_size")
    if getattr(plan.design, "latent_shape", None):
        ways.append("no latent block")
    raise DesignError(
        f"Training this design in batches of {batch} takes {in_gigabytes(needed)} of memory or "
        f"more, but {in_gigabytes(left)} is left; try {' or '.join(ways)}."
    )


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


@contextmanager
def shortage_told() -> Iterator[None]:
    """PyTorch's own words for too little memory become one sentence.

    Raises:
        MemoryError: in the place of a RuntimeError that says so.
    """
    try:
        yield
    except RuntimeError as error:
        if not any(words in str(error) for words in SHORTAGES):
            raise
        raise MemoryError(
            "There is too little memory for this training; try a smaller batch_size or fewer "
            "channels, or let go of what else is kept."
        ) from error
