"""The memory that a training needs, compared with what is free before it is allocated."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from contextlib import contextmanager
from traceback import clear_frames
from typing import TYPE_CHECKING

from cnnwidget.data.machine_limits import memory_left
from cnnwidget.design.errors import CnnwidgetError
from cnnwidget.design.layers.layer import FLOAT_BYTES
from cnnwidget.design.planning.memory import STATES, OptimizerName
from cnnwidget.design.planning.plan import Plan
from cnnwidget.design.storage import precise_storage

if TYPE_CHECKING:
    import torch

# What PyTorch says on Linux, on Windows, and on GPUs with their libraries, each in a RuntimeError.
SHORTAGES = ("can't allocate memory", "not enough memory", "out of memory", "ALLOC_FAILED")


class NotEnoughMemory(CnnwidgetError):  # noqa: N818  (an answer, with what to do about it)
    """A training that takes more memory than is left.

    Attributes:
        batch_size: the largest with which it fits; None where not even one window does.
    """

    def __init__(self, sentence: str, batch_size: int | None = None) -> None:
        super().__init__(sentence)
        self.batch_size = batch_size


def check_memory(
    plan: Plan, batch: int, optimizer: OptimizerName, device: torch.device
) -> int | None:
    """Refuse a training that cannot fit into memory, before anything of it is allocated.

    Args:
        plan: of the design.
        batch: windows in the largest batch.
        optimizer: which remembers something of each weight, or nothing.
        device: whose memory is asked for.

    Returns:
        Bytes that are left beside it; None if unknown.

    Raises:
        NotEnoughMemory: with what is needed, what is left, and what to change.
    """
    left = free_memory(device)
    if left is None:
        return None

    def whole(windows: int) -> int:
        return bytes_needed(plan, windows, optimizer, device.type)

    if whole(batch) <= left:
        return left - whole(batch)
    fitting = bisect_right(range(1, batch + 1), left, key=whole) or None
    ways = [f"batch_size={fitting}"] if fitting else []
    ways.append("fewer channels")
    if getattr(plan.design, "latent_shape", None):
        ways.append("no latent block")
    where = "" if device.type == "cpu" else " on the GPU"
    raise NotEnoughMemory(
        f"Training this design in batches of {batch} takes {precise_storage(whole(batch))} of "
        f"memory, but {precise_storage(left)} is left{where}; try {' or '.join(ways)}.",
        fitting,
    )


def bytes_needed(plan: Plan, batch: int, optimizer: OptimizerName, kind: str) -> int:
    """Return the most bytes that a training holds at the same time.

    In the midst of a batch that are the weights, their gradients, what the optimiser remembers and
    what the batch keeps. On the CPU the weights of the best epoch count twice, since the old copy
    is held while the new one is made. Once the loop has ended, the batch is gone, and there are
    copies of the last weights and of the optimiser's memory, to go on from.

    Args:
        plan: of the design.
        batch: windows at a time.
        optimizer: name of the optimizer.
        kind: of the device: `cpu`, `cuda` or `mps`.

    Example:
        >>> from cnnwidget.design.families.encoder_decoder import EncoderDecoder
        >>> from cnnwidget.design.planning.plan import plan_of
        >>> plan = plan_of(EncoderDecoder(input_size=(64, 64), in_channels=10, out_channels=5))
        >>> cpu, gpu = (bytes_needed(plan, 16, "adam", kind) for kind in ("cpu", "cuda"))
        >>> cpu - gpu == 8 * plan.params
        True
    """
    training = plan.memory_to_train(batch, optimizer)
    if kind != "cpu":
        return training
    weights = FLOAT_BYTES * plan.params
    ended = 2 * weights * (2 + STATES[optimizer])
    return max(training + 2 * weights, ended)


def free_memory(device: torch.device) -> int | None:
    """Return the bytes that may still be used on a device; None if unknown.

    On a GPU they are free, or held by PyTorch's allocator without being used; see
    https://docs.pytorch.org/docs/stable/notes/cuda.html#memory-management.
    """
    if device.type == "cpu":
        return memory_left()
    if device.type != "cuda":
        return None
    import torch

    free, _ = torch.cuda.mem_get_info(device)
    held_back = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
    return int(free + held_back)


@contextmanager
def shortage_as_memory_error() -> Iterator[None]:
    """Too little memory, whoever says so and in whatever words, becomes one sentence.

    What the frames of the failed call hold is let go of: a notebook keeps the last error, and with
    it would keep the tensors of the batch that had no room.

    Raises:
        MemoryError: in the place of PyTorch's RuntimeError, or of one of NumPy or Python.
    """
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        if not is_shortage(error):
            raise
        clear_frames(error.__traceback__)
        raise MemoryError(
            "There is too little memory for this training; try a smaller batch_size or fewer "
            "channels, or let go of what else is kept."
        ) from None


def is_shortage(error: RuntimeError | MemoryError) -> bool:
    """Whether an error says that memory is short.

    Example:
        >>> is_shortage(RuntimeError("CUDA out of memory.")), is_shortage(RuntimeError("other"))
        (True, False)
    """
    return isinstance(error, MemoryError) or any(words in str(error) for words in SHORTAGES)
