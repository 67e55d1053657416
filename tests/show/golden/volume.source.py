"""1 x 8 x 20 x 30 in, 1 x 8 x 20 x 30 out (channels first, without the batch axis).

10,297 parameters, 3,792,000 multiply-accumulates for one sample.
"""

from collections import OrderedDict

import torch
from torch import nn


def encoder_stage(in_channels: int, out_channels: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv3d(in_channels, out_channels, kernel_size=3, stride=(1, 2, 2), padding=1),
        nn.InstanceNorm3d(out_channels, affine=True),
        nn.ReLU(),
    )


class EncoderDecoder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Sequential(
            OrderedDict(
                [
                    ("conv 1", encoder_stage(1, 8)),  # 8 x 8 x 10 x 15
                    ("conv 2", encoder_stage(8, 16)),  # 16 x 8 x 5 x 8
                ]
            )
        )
        self.decoder = nn.Sequential(
            OrderedDict(
                [
                    (
                        "deconv 1",
                        nn.Sequential(
                            nn.ConvTranspose3d(
                                16,
                                8,
                                kernel_size=(3, 4, 4),
                                stride=(1, 2, 2),
                                padding=(1, 1, 2),
                                output_padding=(0, 0, 1),
                            ),  # 8 x 8 x 10 x 15
                            nn.InstanceNorm3d(8, affine=True),
                            nn.ReLU(),
                        ),
                    ),
                    (
                        "deconv 2",
                        nn.Sequential(
                            nn.ConvTranspose3d(
                                8, 1, kernel_size=(3, 4, 4), stride=(1, 2, 2), padding=1
                            )  # 1 x 8 x 20 x 30
                        ),
                    ),
                ]
            )
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.encoder(x)
        return self.decoder(x)


if __name__ == "__main__":
    net = EncoderDecoder().eval()
    print(net(torch.zeros(1, 1, 8, 20, 30)).shape)
