"""GoogLeNet, layer by layer.

Source: Szegedy et al. 2014, https://arxiv.org/abs/1409.4842, table 1
"""

from __future__ import annotations

from cnnwidget.design.families.classifier_blocks import InceptionWidths, inception_branches
from cnnwidget.design.families.conv_style import ConvStyle
from cnnwidget.design.layers.activation import Activation
from cnnwidget.design.layers.dense import Dropout, Linear
from cnnwidget.design.layers.pooling import GlobalPool, Pool
from cnnwidget.design.layers.reshaping import Flatten
from cnnwidget.design.network import Aux, Network, Pairs, Sequence

# The rows of table 1, from left to right.
BLOCKS = {
    "3a": InceptionWidths(64, 96, 128, 16, 32, 32),
    "3b": InceptionWidths(128, 128, 192, 32, 96, 64),
    "4a": InceptionWidths(192, 96, 208, 16, 48, 64),
    "4b": InceptionWidths(160, 112, 224, 24, 64, 64),
    "4c": InceptionWidths(128, 128, 256, 24, 64, 64),
    "4d": InceptionWidths(112, 144, 288, 32, 64, 64),
    "4e": InceptionWidths(256, 160, 320, 32, 128, 128),
    "5a": InceptionWidths(256, 160, 320, 32, 128, 128),
    "5b": InceptionWidths(384, 192, 384, 48, 128, 128),
}
POOL_AFTER = {"3b": "pool3", "4e": "pool4"}
HEAD_AFTER = {"4a": "aux1", "4d": "aux2"}

CLASSES = 1000


def googlenet(*, aux: bool) -> Network:
    """Return GoogLeNet as in general use: with batch normalisation, unlike the paper.

    And its branch with a 5×5 convolution in the paper has a 3×3 one.

    Args:
        aux: whether the network has its two auxiliary heads.
    """
    style = ConvStyle()
    children: Pairs = [("stem", stem(style))]
    for name, widths in BLOCKS.items():
        children.append((f"inception{name}", inception_branches(style, widths, kernels=(3, 3))))
        if aux and name in HEAD_AFTER:
            children.append((HEAD_AFTER[name], auxiliary_head(HEAD_AFTER[name], style)))
        if name in POOL_AFTER:
            children.append((POOL_AFTER[name], halving_pool()))
    head: Pairs = [
        ("pool", GlobalPool(kind="avg")),
        ("flatten", Flatten()),
        ("dropout", Dropout(p=0.4, kind="values")),
        ("linear", Linear(out_features=CLASSES)),
    ]
    children.append(("head", Sequence(children=tuple(head))))
    return Network(input_shape=(3, 224, 224), children=tuple(children), init="xavier_uniform")


def stem(style: ConvStyle) -> Sequence:
    """Return the layers from 224×224 to 28×28."""
    layers: Pairs = [
        *style.unit(style.conv(64, 7, 2), "1"),
        ("pool1", halving_pool()),
        *style.unit(style.conv(64, 1), "2"),
        *style.unit(style.conv(192, 3), "3"),
        ("pool2", halving_pool()),
    ]
    return Sequence(children=tuple(layers))


def halving_pool() -> Pool:
    """Return a pool that halves the size, rounded up: its last window may overhang the edge."""
    return Pool(kind="max", kernel_size=3, stride=2, ceil_mode=True)


def auxiliary_head(name: str, style: ConvStyle) -> Aux:
    """Return an auxiliary head, for a loss in the middle of the network."""
    layers: Pairs = [
        ("pool", Pool(kind="avg", kernel_size=5, stride=3)),
        *style.unit(style.conv(128, 1)),
        ("flatten", Flatten()),
        ("linear1", Linear(out_features=1024)),
        ("act1", Activation(name="relu")),
        ("dropout1", Dropout(p=0.7, kind="values")),
        ("linear", Linear(out_features=CLASSES)),
    ]
    return Aux(name=name, children=tuple(layers), weight=0.3)
