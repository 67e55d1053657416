"""2 x 1000 in, 2 x 1000 out (channels first, without the batch axis).

165,186 parameters, 4,417,536 multiply-accumulates for one sample.
"""

from collections import OrderedDict

import torch
from torch import nn


def encoder_stage(in_channels: int, out_channels: int) -> nn.Sequential:
    return nn.Sequential(
        OrderedDict(
            conv=nn.Conv1d(in_channels, out_channels, kernel_size=8, stride=4, padding=3),
            act=nn.ReLU(),
        )
    )


def decoder_stage(in_channels: int, out_channels: int, output_padding: int) -> nn.Sequential:
    return nn.Sequential(
        OrderedDict(
            conv=nn.ConvTranspose1d(
                in_channels,
                out_channels,
                kernel_size=8,
                stride=4,
                padding=3,
                output_padding=output_padding,
            ),
            act=nn.ReLU(),
        )
    )


class EncoderDecoder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Sequential(
            OrderedDict(
                stage1=encoder_stage(2, 32),  # 32 x 250
                stage2=encoder_stage(32, 64),  # 64 x 63
                stage3=encoder_stage(64, 128),  # 128 x 16
            )
        )
        self.decoder = nn.Sequential(
            OrderedDict(
                stage1=decoder_stage(128, 64, output_padding=1),  # 64 x 63
                stage2=decoder_stage(64, 32, output_padding=0),  # 32 x 250
                stage3=nn.Sequential(
                    OrderedDict(
                        conv=nn.ConvTranspose1d(
                            32, 2, kernel_size=8, stride=4, padding=2
                        )  # 2 x 1000
                    )
                ),
            )
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.encoder(x)
        return self.decoder(x)


if __name__ == "__main__":
    net = EncoderDecoder().eval()
    print(net(torch.zeros(1, 2, 1000)).shape)
