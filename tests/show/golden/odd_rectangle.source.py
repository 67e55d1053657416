"""10 x 65 x 46 in, 5 x 65 x 46 out (channels first, without the batch axis).

46,624 parameters, 13,534,050 multiply-accumulates for one sample.
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


def encoder_stage(in_channels: int, out_channels: int) -> nn.Sequential:
    return nn.Sequential(
        OrderedDict(
            conv=nn.Conv2d(in_channels, out_channels, kernel_size=3, stride=2, padding=1),
            norm=nn.BatchNorm2d(out_channels),
            act=nn.PReLU(),
        )
    )


class EncoderDecoder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.encoder = Sequence(
            {
                "keep1": Keep(name="skip1"),
                "stage1": encoder_stage(10, 28),  # 28 x 33 x 23
                "keep2": Keep(name="skip2"),
                "stage2": encoder_stage(28, 56),  # 56 x 17 x 12
            }
        )
        self.decoder = Sequence(
            {
                "stage1": Sequence(
                    {
                        "conv": nn.ConvTranspose2d(
                            56, 28, kernel_size=4, stride=2, padding=2, output_padding=1
                        ),  # 28 x 33 x 23
                        "norm": nn.BatchNorm2d(28),
                        "act": nn.PReLU(),
                        "merge": Merge(name="skip2", how="concat"),  # 56 x 33 x 23
                    }
                ),
                "stage2": Sequence(
                    {
                        "conv": nn.ConvTranspose2d(
                            56, 5, kernel_size=4, stride=2, padding=(2, 1), output_padding=(1, 0)
                        ),  # 5 x 65 x 46
                        "merge": Merge(name="skip1", how="concat"),  # 15 x 65 x 46
                    }
                ),
                "head": nn.Sequential(
                    OrderedDict(
                        conv=nn.Conv2d(15, 5, kernel_size=1)  # 5 x 65 x 46
                    )
                ),
            }
        )

    def encode(self, x: torch.Tensor) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        """The latent tensor, and the tensors kept for the decoder, by name."""
        kept: dict[str, torch.Tensor] = {}
        x = self.encoder(x, kept)
        return x, kept

    def decode(self, latent: torch.Tensor, kept: dict[str, torch.Tensor]) -> torch.Tensor:
        """The output of the decoder for them."""
        return self.decoder(latent, kept)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        latent, kept = self.encode(x)
        return self.decode(latent, kept)


if __name__ == "__main__":
    net = EncoderDecoder().eval()
    print(net(torch.zeros(1, 10, 65, 46)).shape)
