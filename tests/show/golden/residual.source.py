"""3 x 32 x 32 in, 10 out (channels first, without the batch axis).

172,778 parameters, 18,559,616 multiply-accumulates for one sample.
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


def residual_block(in_channels: int) -> Skip:
    return Skip(
        {
            "conv1": nn.Conv2d(in_channels, in_channels, kernel_size=3, padding=1),
            "norm1": nn.BatchNorm2d(in_channels),
            "act1": nn.ReLU(),
            "conv2": nn.Conv2d(in_channels, in_channels, kernel_size=3, padding=1),
            "norm2": nn.BatchNorm2d(in_channels),
        },
        how="add",
    )


def projected_residual_block(
    in_channels: int, out_channels: int, stride: int, *, bias: bool
) -> Skip:
    return Skip(
        {
            "conv1": nn.Conv2d(in_channels, out_channels, kernel_size=3, stride=stride, padding=1),
            "norm1": nn.BatchNorm2d(out_channels),
            "act1": nn.ReLU(),
            "conv2": nn.Conv2d(out_channels, out_channels, kernel_size=3, padding=1),
            "norm2": nn.BatchNorm2d(out_channels),
            "projection": nn.Conv2d(
                in_channels, out_channels, kernel_size=1, stride=stride, bias=bias
            ),
        },
        how="add",
    )


def block(in_channels: int) -> nn.Sequential:
    return nn.Sequential(OrderedDict(skip=residual_block(in_channels), act=nn.ReLU()))


def block_2(in_channels: int, out_channels: int, stride: int, *, bias: bool) -> nn.Sequential:
    return nn.Sequential(
        OrderedDict(
            skip=projected_residual_block(in_channels, out_channels, stride=stride, bias=bias),
            act=nn.ReLU(),
        )
    )


def stage(in_channels: int, out_channels: int, stride: int, *, bias: bool) -> nn.Sequential:
    return nn.Sequential(
        OrderedDict(
            block1=block_2(in_channels, out_channels, stride=stride, bias=bias),
            block2=block(out_channels),
        )
    )


class Network(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            OrderedDict(
                conv=nn.Conv2d(3, 16, kernel_size=7, stride=2, padding=3),  # 16 x 16 x 16
                norm=nn.BatchNorm2d(16),
                act=nn.ReLU(),
            )
        )
        self.stage1 = nn.Sequential(
            OrderedDict(
                block1=block(16)  # 16 x 16 x 16
            )
        )
        self.stage2 = stage(16, 32, stride=1, bias=True)  # 32 x 16 x 16
        self.stage3 = stage(32, 64, stride=2, bias=False)  # 64 x 8 x 8
        self.pool = nn.AdaptiveAvgPool2d((1, 1))  # 64 x 1 x 1
        self.flatten = nn.Flatten()  # 64
        self.head = nn.Linear(64, 10)  # 10

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.stem(x)
        x = self.stage1(x)
        x = self.stage2(x)
        x = self.stage3(x)
        x = self.pool(x)
        x = self.flatten(x)
        return self.head(x)


if __name__ == "__main__":
    net = Network().eval()
    print(net(torch.zeros(1, 3, 32, 32)).shape)
