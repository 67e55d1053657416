"""10 x 64 x 64 in, 5 x 64 x 64 out (channels first, without the batch axis).

33,760,773 parameters, 52,363,264 multiply-accumulates for one sample.
"""

from collections import OrderedDict

import torch
from torch import nn


def encoder_stage(in_channels: int, out_channels: int) -> nn.Sequential:
    return nn.Sequential(
        OrderedDict(
            conv=nn.Conv2d(in_channels, out_channels, kernel_size=3, stride=2, padding=1),
            dropout=nn.Dropout2d(p=0.5),
            act=nn.ReLU(),
        )
    )


def block(in_features: int, out_features: int, unflattened_size: tuple[int, ...]) -> nn.Sequential:
    return nn.Sequential(
        OrderedDict(
            flatten=nn.Flatten(),
            linear1=nn.Linear(in_features, 1024),
            act1=nn.SiLU(),
            linear2=nn.Linear(1024, out_features),
            act2=nn.SiLU(),
            unflatten=nn.Unflatten(1, unflattened_size),
        )
    )


class EncoderDecoder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Sequential(
            OrderedDict(
                stage1=encoder_stage(10, 32),  # 32 x 32 x 32
                stage2=encoder_stage(32, 64),  # 64 x 16 x 16
                to_latent=block(in_features=16384, out_features=64, unflattened_size=(64,)),  # 64
            )
        )
        self.decoder = nn.Sequential(
            OrderedDict(
                from_latent=block(
                    in_features=64, out_features=16384, unflattened_size=(64, 16, 16)
                ),  # 64 x 16 x 16
                stage1=nn.Sequential(
                    OrderedDict(
                        conv=nn.ConvTranspose2d(
                            64, 32, kernel_size=4, stride=2, padding=1
                        ),  # 32 x 32 x 32
                        dropout=nn.Dropout2d(p=0.5),
                        act=nn.ReLU(),
                    )
                ),
                stage2=nn.Sequential(
                    OrderedDict(
                        conv=nn.ConvTranspose2d(
                            32, 5, kernel_size=4, stride=2, padding=1
                        )  # 5 x 64 x 64
                    )
                ),
            )
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.encoder(x)
        return self.decoder(x)


if __name__ == "__main__":
    net = EncoderDecoder().eval()
    print(net(torch.zeros(1, 10, 64, 64)).shape)
