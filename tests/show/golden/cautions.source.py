"""10 x 64 x 64 in, 5 x 64 x 64 out (channels first, without the batch axis).

172,517 parameters, 17,842,176 multiply-accumulates for one sample.
"""

from collections import OrderedDict

import torch
from torch import nn


def encoder_stage(in_channels: int, out_channels: int) -> nn.Sequential:
    return nn.Sequential(
        OrderedDict(
            conv=nn.Conv2d(in_channels, out_channels, kernel_size=3, stride=2, padding=1),
            norm=nn.BatchNorm2d(out_channels),
            act=nn.ReLU(),
        )
    )


class EncoderDecoder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Sequential(
            OrderedDict(
                stage1=encoder_stage(10, 32),  # 32 x 32 x 32
                stage2=encoder_stage(32, 64),  # 64 x 16 x 16
                stage3=encoder_stage(64, 128),  # 128 x 8 x 8
            )
        )
        self.decoder = nn.Sequential(
            OrderedDict(
                stage1=nn.Sequential(
                    OrderedDict(
                        conv=nn.ConvTranspose2d(
                            128, 64, kernel_size=3, stride=2, padding=1, output_padding=1
                        ),  # 64 x 16 x 16
                        norm=nn.BatchNorm2d(64),
                        act=nn.ReLU(),
                    )
                ),
                stage2=nn.Sequential(
                    OrderedDict(
                        conv=nn.ConvTranspose2d(
                            64, 5, kernel_size=3, stride=2, padding=1, output_padding=1
                        ),  # 5 x 32 x 32
                        act=nn.Sigmoid(),
                    )
                ),
                resize=nn.AdaptiveAvgPool2d((64, 64)),  # 5 x 64 x 64
            )
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.encoder(x)
        return self.decoder(x)


if __name__ == "__main__":
    net = EncoderDecoder().eval()
    print(net(torch.zeros(1, 10, 64, 64)).shape)
