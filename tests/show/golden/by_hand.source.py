"""1 x 28 x 28 in, 10 out (channels first, without the batch axis).

13,806 parameters, 62,976 multiply-accumulates for one sample.
"""

from collections import OrderedDict

import torch
from torch import nn


class Network(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(
            OrderedDict(
                [
                    ("conv 1", nn.Conv2d(1, 8, kernel_size=5, stride=2, bias=False)),  # 8 x 12 x 12
                    (
                        "up",
                        nn.ConvTranspose2d(
                            8, 6, kernel_size=(2, 3), groups=2, bias=False, dilation=2
                        ),
                    ),  # 6 x 14 x 16
                    ("norm<1>", nn.BatchNorm2d(6)),
                    ("class", nn.ReLU()),
                ]
            )
        )
        self.head = nn.Sequential(
            nn.Flatten(),  # 1344
            nn.Linear(1344, 10),  # 10
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.features(x)
        return self.head(x)


if __name__ == "__main__":
    net = Network().eval()
    print(net(torch.zeros(1, 1, 28, 28)).shape)
