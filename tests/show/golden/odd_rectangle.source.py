"""10 x 65 x 46 in, 5 x 65 x 46 out (channels first, without the batch axis).

57,032 parameters, 14,573,760 multiply-accumulates for one sample.
"""

from collections import OrderedDict

import torch
from torch import nn


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
        self.encoder = nn.Sequential(
            OrderedDict(
                stage1=encoder_stage(10, 32),  # 32 x 33 x 23
                stage2=encoder_stage(32, 64),  # 64 x 17 x 12
            )
        )
        self.decoder = nn.Sequential(
            OrderedDict(
                stage1=nn.Sequential(
                    OrderedDict(
                        conv=nn.ConvTranspose2d(
                            64, 32, kernel_size=4, stride=2, padding=2, output_padding=1
                        ),  # 32 x 33 x 23
                        norm=nn.BatchNorm2d(32),
                        act=nn.PReLU(),
                    )
                ),
                stage2=nn.Sequential(
                    OrderedDict(
                        conv=nn.ConvTranspose2d(
                            32, 5, kernel_size=4, stride=2, padding=(2, 1), output_padding=(1, 0)
                        )  # 5 x 65 x 46
                    )
                ),
            )
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.encoder(x)
        return self.decoder(x)


if __name__ == "__main__":
    net = EncoderDecoder().eval()
    print(net(torch.zeros(1, 10, 65, 46)).shape)
