"""104 x 125 x 125 in, 52 x 125 x 125 out (channels first, without the batch axis).

1,559,420 parameters, 21,706,118,280 multiply-accumulates for one sample.
"""

from collections import OrderedDict

import torch
from torch import nn


def encoder_stage(in_channels: int, out_channels: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(in_channels, out_channels, kernel_size=3), nn.ReLU())


def decoder_stage(in_channels: int, out_channels: int) -> nn.Sequential:
    return nn.Sequential(nn.ConvTranspose2d(in_channels, out_channels, kernel_size=3), nn.ReLU())


class EncoderDecoder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Sequential(
            OrderedDict(
                [
                    ("conv 1", encoder_stage(104, 116)),  # 116 x 123 x 123
                    ("conv 2", encoder_stage(116, 128)),  # 128 x 121 x 121
                    ("conv 3", encoder_stage(128, 140)),  # 140 x 119 x 119
                    ("conv 4", encoder_stage(140, 152)),  # 152 x 117 x 117
                    ("conv 5", encoder_stage(152, 164)),  # 164 x 115 x 115
                ]
            )
        )
        self.decoder = nn.Sequential(
            OrderedDict(
                [
                    ("deconv 1", decoder_stage(164, 162)),  # 162 x 117 x 117
                    ("deconv 2", decoder_stage(162, 140)),  # 140 x 119 x 119
                    ("deconv 3", decoder_stage(140, 118)),  # 118 x 121 x 121
                    ("deconv 4", decoder_stage(118, 96)),  # 96 x 123 x 123
                    (
                        "deconv 5",
                        nn.Sequential(
                            nn.ConvTranspose2d(96, 52, kernel_size=3)  # 52 x 125 x 125
                        ),
                    ),
                    ("resize", nn.AdaptiveAvgPool2d((125, 125))),
                ]
            )
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.encoder(x)
        return self.decoder(x)


if __name__ == "__main__":
    net = EncoderDecoder().eval()
    print(net(torch.zeros(1, 104, 125, 125)).shape)
