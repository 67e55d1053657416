"""Random numbers from a seed, apart from all others of the process."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch.utils._python_dispatch import TorchDispatchMode


class Draws(TorchDispatchMode):
    """A mode in which layers and weights draw from a generator of their own, on the CPU.

    They fill tensors in place, for which PyTorch takes a generator; `torch.rand` takes none here.

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
    """Draw from a seed within the context, and leave all other generators as they were."""
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
    """Return one seed from several numbers, the same on every machine."""
    return int(np.random.SeedSequence(numbers).generate_state(1)[0])
