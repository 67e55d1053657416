"""Draws from a seed that nobody else's draws can move, and that move nobody else's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch.utils._python_dispatch import TorchDispatchMode


class Draws(TorchDispatchMode):
    """What layers and their weights draw on the CPU, in this thread, is of a generator of its own.

    These fill tensors in place, which PyTorch lets a generator do; `torch.rand` is another matter.

    PyTorch's generator is one for all threads: seeding it for a moment would move the draws of a
    notebook that goes on beside a training, and be moved by them. A mode belongs to its thread.
    """

    def __init__(self, seed: int) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.generator = torch.Generator("cpu").manual_seed(seed)

    def __torch_dispatch__(
        self,
        func: Any,
        types: Sequence[type],
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        kwargs = dict(kwargs or {})
        if torch.Tag.nondeterministic_seeded in func.tags and any(
            argument.name == "generator"
            for argument in func._schema.arguments  # noqa: SLF001
        ):
            kwargs["generator"] = self.generator
        return func(*args, **kwargs)


@contextmanager
def seeded(seed: int, device: torch.device) -> Iterator[None]:
    """Draw from a seed, and leave everybody else's draws as they were."""
    if device.type == "cpu":
        with Draws(seed):
            yield
        return
    # Dropout on a GPU takes no generator.
    gpus = [torch.cuda.current_device()] if device.type == "cuda" else []
    with torch.random.fork_rng(gpus):
        torch.manual_seed(seed)
        yield


def hash_of(*numbers: int) -> int:
    """One seed from several numbers, the same on every machine."""
    return int(np.random.SeedSequence(numbers).generate_state(1)[0])
