"""Modules that `torch.nn` does not have: they join tensors, or keep them for later.

Each takes flat arguments and knows nothing of designs. `cw.source` writes those that a network
needs into its file, word for word; so nothing but torch is imported here, and each class or
function uses only names defined above it.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional


class Carrier(nn.Module):
    """A module that also takes the kept tensors by name."""


def passed(
    module: nn.Module, x: torch.Tensor, kept: dict[str, torch.Tensor] | None
) -> torch.Tensor:
    """Return the output of a module; a carrier also takes the kept tensors."""
    out: torch.Tensor = module(x, kept) if isinstance(module, Carrier) else module(x)
    return out


def aligned(x: torch.Tensor, size: torch.Size, align: str) -> torch.Tensor:
    """Return a tensor cropped, padded or interpolated to a size; axes of one value stay."""
    if x.shape[2:] == size or align == "none":
        return x
    if align == "interpolate":
        mode = ("linear", "bilinear", "trilinear")[len(size) - 1]
        return functional.interpolate(x, size=size, mode=mode)
    pairs = list(zip(x.shape[2:], size, strict=True))
    if any(n < m if align == "crop" else n > m for n, m in pairs):
        raise ValueError(f"align {align!r} cannot bring {tuple(x.shape[2:])} to {tuple(size)}")
    margins: list[int] = []
    for n, m in reversed(pairs):
        before = (n - m) // 2 if n > m else -((m - n) // 2)
        margins += [-before, m - n + before]
    return functional.pad(x, margins)


def joined(tensors: list[torch.Tensor], how: str, align: str) -> torch.Tensor:
    """Join tensors by `concat`, `add` or `multiply`, at the size of the first."""
    first, *others = tensors
    for other in others:
        if other.dim() != first.dim():
            raise ValueError("tensors with different numbers of axes cannot be joined")
    size = first.shape[2:]
    if how == "concat":
        return torch.cat([first, *(aligned(other, size, align) for other in others)], dim=1)
    for other in others:
        # An axis of one value is broadcast.
        target = torch.Size(
            n if 1 in (n, m) else m for n, m in zip(other.shape[2:], size, strict=True)
        )
        same = aligned(other, target, align)
        first = first + same if how == "add" else first * same
    return first


class Sequence(Carrier):
    """Modules one after the other, some of which keep tensors or merge kept ones."""

    def __init__(self, inner: dict[str, nn.Module]) -> None:
        super().__init__()
        for name, module in inner.items():
            self.add_module(name, module)

    def forward(self, x: torch.Tensor, kept: dict[str, torch.Tensor] | None = None) -> torch.Tensor:
        tensors = {} if kept is None else kept  # called alone, it has its own tensors only
        for module in self.children():
            x = passed(module, x, tensors)
        return x


class Keep(Carrier):
    """Keeps its input under a name, and returns it."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def forward(self, x: torch.Tensor, kept: dict[str, torch.Tensor]) -> torch.Tensor:
        kept[self.name] = x
        return x


class Merge(Carrier):
    """Joins its input with the tensor kept under a name."""

    def __init__(self, name: str, how: str, align: str = "none") -> None:
        super().__init__()
        self.name, self.how, self.align = name, how, align

    def forward(self, x: torch.Tensor, kept: dict[str, torch.Tensor]) -> torch.Tensor:
        return joined([x, kept[self.name]], self.how, self.align)


class Skip(Carrier):
    """The output of some modules, joined with their input.

    A child named `projection` is applied to the input before the join.
    """

    def __init__(self, inner: dict[str, nn.Module], how: str, align: str = "none") -> None:
        super().__init__()
        for name, module in inner.items():
            self.add_module(name, module)
        self.how, self.align = how, align

    def forward(self, x: torch.Tensor, kept: dict[str, torch.Tensor] | None = None) -> torch.Tensor:
        inner = shortcut = x
        for name, module in self.named_children():
            if name == "projection":
                shortcut = passed(module, x, kept)
            else:
                inner = passed(module, inner, kept)
        return joined([inner, shortcut], self.how, self.align)


class Branches(Carrier):
    """Parallel modules with one input, whose outputs are joined."""

    def __init__(self, inner: dict[str, nn.Module], how: str, align: str = "none") -> None:
        super().__init__()
        for name, module in inner.items():
            self.add_module(name, module)
        self.how, self.align = how, align

    def forward(self, x: torch.Tensor, kept: dict[str, torch.Tensor] | None = None) -> torch.Tensor:
        return joined([passed(each, x, kept) for each in self.children()], self.how, self.align)


class Aux(Carrier):
    """Returns its input; in training it keeps the output of its children."""

    def __init__(self, name: str, inner: dict[str, nn.Module]) -> None:
        super().__init__()
        self.name = name
        for key, module in inner.items():
            self.add_module(key, module)

    def forward(self, x: torch.Tensor, kept: dict[str, torch.Tensor]) -> torch.Tensor:
        if self.training:
            out = x
            for module in self.children():
                out = passed(module, out, kept)
            kept[self.name] = out
        return x


class PixelShuffleNd(nn.Module):
    """`nn.PixelShuffle` in one to three dimensions, with a factor for each axis or one for all.

    Channel `(c * r1 + i) * r2 + j` is spread over the pixels at `i` and `j` of channel `c`.
    """

    def __init__(self, upscale_factor: int | tuple[int, ...]) -> None:
        super().__init__()
        self.upscale_factor = upscale_factor

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        batch, channels, *size = x.shape
        axes, factors = len(size), self.upscale_factor
        factors = (factors,) * axes if isinstance(factors, int) else factors
        channels //= torch.Size(factors).numel()
        split = x.reshape(batch, channels, *factors, *size)
        order = [place for axis in range(axes) for place in (2 + axes + axis, 2 + axis)]
        pixels = split.permute(0, 1, *order).clone(memory_format=torch.contiguous_format)
        large = [n * r for n, r in zip(size, factors, strict=True)]
        return pixels.reshape(batch, channels, *large)


class PixelUnshuffleNd(nn.Module):
    """`nn.PixelUnshuffle` in one to three dimensions: the inverse of `PixelShuffleNd`."""

    def __init__(self, downscale_factor: int | tuple[int, ...]) -> None:
        super().__init__()
        self.downscale_factor = downscale_factor

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        batch, channels, *size = x.shape
        axes, factors = len(size), self.downscale_factor
        factors = (factors,) * axes if isinstance(factors, int) else factors
        small = [n // r for n, r in zip(size, factors, strict=True)]
        pairs = [n for pair in zip(small, factors, strict=True) for n in pair]
        order = [*range(3, 3 + 2 * axes, 2), *range(2, 2 + 2 * axes, 2)]
        stacked = x.reshape(batch, channels, *pairs).permute(0, 1, *order)
        stacked = stacked.clone(memory_format=torch.contiguous_format)
        return stacked.reshape(batch, channels * torch.Size(factors).numel(), *small)


class Normalize(nn.Module):
    """Subtracts a fixed mean from each channel and divides it by a fixed deviation."""

    def __init__(
        self,
        num_features: int,
        mean: float | tuple[float, ...] = 0.0,
        std: float | tuple[float, ...] = 1.0,
    ) -> None:
        super().__init__()
        self.mean, self.std = mean, std
        self.means: torch.Tensor
        self.deviations: torch.Tensor
        self.register_buffer("means", torch.empty(num_features))
        self.register_buffer("deviations", torch.empty(num_features))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Set mean and deviation, also of a module that was made on the meta device."""
        self.means.copy_(torch.tensor(self.mean))
        self.deviations.copy_(torch.tensor(self.std))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        shape = (-1, *(1,) * (x.dim() - 2))
        return (x - self.means.view(shape)) / self.deviations.view(shape)


def initialise(net: nn.Module, init: str) -> None:
    """Initialise convolutions and linear layers by another rule than PyTorch's own.

    `kaiming_*` and `xavier_*` are those of `torch.nn.init`, for a rectifier, with biases of zero;
    `dcgan` is a normal distribution of deviation 0.02, for the scales of norms around one.
    """
    convolutions = (nn.Conv1d, nn.Conv2d, nn.Conv3d)
    transposed = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)
    for module in net.modules():
        weight, bias = getattr(module, "weight", None), getattr(module, "bias", None)
        if isinstance(module, (*convolutions, *transposed, nn.Linear)):
            if init == "dcgan":
                nn.init.normal_(module.weight, 0.0, 0.02)
            elif init.startswith("kaiming"):
                getattr(nn.init, f"{init}_")(module.weight, nonlinearity="relu")
            else:
                getattr(nn.init, f"{init}_")(module.weight)
            if bias is not None:
                nn.init.zeros_(bias)
        elif init == "dcgan" and weight is not None and bias is not None:
            nn.init.normal_(weight, 1.0, 0.02)
            nn.init.zeros_(bias)
