"""3 x 28 x 28 in, 10 out (channels first, without the batch axis).

51,908 parameters, 831,360 multiply-accumulates for one sample.
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


def block(
    in_channels: int, out_channels: int, kernel_size: int, stride: int, padding: int
) -> nn.Sequential:
    return nn.Sequential(
        OrderedDict(
            conv=nn.Conv2d(
                in_channels, out_channels, kernel_size=kernel_size, stride=stride, padding=padding
            ),
            norm=nn.BatchNorm2d(out_channels),
            act=nn.ReLU(),
        )
    )


def block_2(
    in_channels: int, out_channels: int, conv_out_channels: int, kernel_size: int, padding: int
) -> nn.Sequential:
    return nn.Sequential(
        OrderedDict(
            reduce=block(in_channels, out_channels, kernel_size=1, stride=1, padding=0),
            conv=block(
                out_channels, conv_out_channels, kernel_size=kernel_size, stride=1, padding=padding
            ),
        )
    )


def pool(in_channels: int) -> nn.Sequential:
    return nn.Sequential(
        OrderedDict(
            smooth=block(in_channels, 4, kernel_size=3, stride=1, padding=1),
            project=block(4, 4, kernel_size=1, stride=1, padding=0),
        )
    )


def inception(in_channels: int, conv_out_channels: int) -> Branches:
    return Branches(
        {
            "narrow": block(in_channels, 8, kernel_size=1, stride=1, padding=0),
            "three": block_2(
                in_channels, 6, conv_out_channels=conv_out_channels, kernel_size=3, padding=1
            ),
            "five": block_2(in_channels, 2, conv_out_channels=4, kernel_size=5, padding=2),
            "pool": pool(in_channels),
        },
        how="concat",
    )


class Network(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.stem = block(3, 16, kernel_size=3, stride=2, padding=1)  # 16 x 14 x 14
        self.inception1 = inception(16, conv_out_channels=8)  # 24 x 14 x 14
        self.aux1 = Aux(
            "aux1",
            {
                "flatten": nn.Flatten(),  # 4704
                "fc": nn.Linear(4704, 10),  # 10
            },
        )  # in training: 10
        self.inception2 = inception(24, conv_out_channels=16)  # 32 x 14 x 14
        self.pool = nn.AdaptiveMaxPool2d((1, 1))  # 32 x 1 x 1
        self.flatten = nn.Flatten()  # 32
        self.head = nn.Linear(32, 10)  # 10

    def forward(
        self, x: torch.Tensor
    ) -> torch.Tensor | tuple[torch.Tensor, dict[str, torch.Tensor]]:
        kept: dict[str, torch.Tensor] = {}
        x = self.stem(x)
        x = self.inception1(x)
        x = self.aux1(x, kept)
        x = self.inception2(x)
        x = self.pool(x)
        x = self.flatten(x)
        x = self.head(x)
        if self.training:
            extra = {"aux1": kept["aux1"]}
            return x, extra
        return x


if __name__ == "__main__":
    net = Network().eval()
    print(net(torch.zeros(1, 3, 28, 28)).shape)
