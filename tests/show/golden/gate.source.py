"""2 x 40 in, 8 x 19 out (channels first, without the batch axis).

298 parameters, 5,600 multiply-accumulates for one sample.
"""

from collections import OrderedDict

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


class Network(nn.Sequential):
    def __init__(self) -> None:
        super().__init__(
            OrderedDict(
                [
                    ("conv 1", nn.Conv1d(2, 8, kernel_size=3, padding=1)),  # 8 x 40
                    (
                        "gate",
                        Skip(
                            {
                                "0": nn.AdaptiveAvgPool1d((1,)),  # 8 x 1
                                "1": nn.Conv1d(8, 2, kernel_size=1),  # 2 x 1
                                "2": nn.SiLU(),
                                "3": nn.Conv1d(2, 8, kernel_size=1),  # 8 x 1
                                "4": nn.Sigmoid(),
                            },
                            how="multiply",
                        ),
                    ),  # 8 x 40
                    ("keep", Keep(name="aside")),
                    ("down", nn.Conv1d(8, 8, kernel_size=3, stride=2)),  # 8 x 19
                    ("merge", Merge(name="aside", how="add", align="interpolate")),
                ]
            )
        )
        initialise(self, "dcgan")

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        kept: dict[str, torch.Tensor] = {}
        for module in self:
            x = passed(module, x, kept)
        return x


if __name__ == "__main__":
    net = Network().eval()
    print(net(torch.zeros(1, 2, 40)).shape)
