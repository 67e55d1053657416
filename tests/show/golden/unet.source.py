"""1 x 64 x 96 in, 2 x 64 x 96 out (channels first, without the batch axis).

504,786 parameters, 220,495,872 multiply-accumulates for one sample.
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


def encoder_stage(in_channels: int, out_channels: int, name: str) -> Sequence:
    return Sequence(
        {
            "conv1": nn.Conv2d(in_channels, out_channels, kernel_size=3, padding=1),
            "norm1": nn.BatchNorm2d(out_channels),
            "act1": nn.ReLU(),
            "conv2": nn.Conv2d(out_channels, out_channels, kernel_size=3, padding=1),
            "norm2": nn.BatchNorm2d(out_channels),
            "act2": nn.ReLU(),
            "keep": Keep(name=name),
            "down": nn.Conv2d(out_channels, out_channels, kernel_size=2, stride=2),
        }
    )


def decoder_stage(in_channels: int, out_channels: int, name: str) -> Sequence:
    return Sequence(
        {
            "up": nn.ConvTranspose2d(in_channels, out_channels, kernel_size=2, stride=2),
            "merge": Merge(name=name, how="concat", align="crop"),
            "conv1": nn.Conv2d(in_channels, out_channels, kernel_size=3, padding=1),
            "norm1": nn.BatchNorm2d(out_channels),
            "act1": nn.ReLU(),
            "conv2": nn.Conv2d(out_channels, out_channels, kernel_size=3, padding=1),
            "norm2": nn.BatchNorm2d(out_channels),
            "act2": nn.ReLU(),
        }
    )


class Network(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.encoder = Sequence(
            {
                "stage1": encoder_stage(1, 16, name="skip1"),  # 16 x 32 x 48
                "stage2": encoder_stage(16, 32, name="skip2"),  # 32 x 16 x 24
                "stage3": encoder_stage(32, 64, name="skip3"),  # 64 x 8 x 12
            }
        )
        self.bottom = nn.Sequential(
            OrderedDict(
                conv1=nn.Conv2d(64, 128, kernel_size=3, padding=1),  # 128 x 8 x 12
                norm1=nn.BatchNorm2d(128),
                act1=nn.ReLU(),
                conv2=nn.Conv2d(128, 128, kernel_size=3, padding=1),
                norm2=nn.BatchNorm2d(128),
                act2=nn.ReLU(),
            )
        )
        self.decoder = Sequence(
            {
                "stage1": decoder_stage(128, 64, name="skip3"),  # 64 x 16 x 24
                "stage2": decoder_stage(64, 32, name="skip2"),  # 32 x 32 x 48
                "stage3": decoder_stage(32, 16, name="skip1"),  # 16 x 64 x 96
                "head": nn.Conv2d(16, 2, kernel_size=1),  # 2 x 64 x 96
            }
        )
        initialise(self, "kaiming_normal")

    def encode(self, x: torch.Tensor) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        """The latent tensor, and the tensors kept for the decoder, by name."""
        kept: dict[str, torch.Tensor] = {}
        x = self.encoder(x, kept)
        x = self.bottom(x)
        return x, kept

    def decode(self, latent: torch.Tensor, kept: dict[str, torch.Tensor]) -> torch.Tensor:
        """The output of the decoder for them."""
        return self.decoder(latent, kept)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        latent, kept = self.encode(x)
        return self.decode(latent, kept)


if __name__ == "__main__":
    net = Network().eval()
    print(net(torch.zeros(1, 1, 64, 96)).shape)
