"""Layers and combinators to build a `Network` from, as `torch.nn` has them.

    >>> import cnnwidget as cw
    >>> conv = cw.layers.Conv(out_channels=8, kernel_size=3, padding=1)
    >>> block = cw.layers.Skip(children=[conv, cw.layers.Norm(kind="batch")], how="add")
    >>> cw.plan(cw.Network(input_shape=(8, 32, 32), children={"block": block})).output_shape
    (8, 32, 32)

A layer has no number of input channels: it follows from the layer before. `Sequence`, `Skip`,
`Branches` and `Aux` hold layers; `Keep` and `Merge` are the two ends of a long skip.
"""

from cnnwidget.design.layers.activation import Activation
from cnnwidget.design.layers.attention import spatial_attention, squeeze_excitation
from cnnwidget.design.layers.convolution import Conv, ConvTranspose
from cnnwidget.design.layers.dense import Dropout, Linear
from cnnwidget.design.layers.fixed_normalize import Normalize
from cnnwidget.design.layers.norm import Norm
from cnnwidget.design.layers.pooling import GlobalPool, Pool
from cnnwidget.design.layers.reshaping import Flatten, PixelShuffle, PixelUnshuffle, Unflatten
from cnnwidget.design.layers.resizing import Resize, Upsample
from cnnwidget.design.network import Aux, Branches, Keep, Merge, Sequence, Skip

__all__ = [
    "Activation",
    "Aux",
    "Branches",
    "Conv",
    "ConvTranspose",
    "Dropout",
    "Flatten",
    "GlobalPool",
    "Keep",
    "Linear",
    "Merge",
    "Norm",
    "Normalize",
    "PixelShuffle",
    "PixelUnshuffle",
    "Pool",
    "Resize",
    "Sequence",
    "Skip",
    "Unflatten",
    "Upsample",
    "spatial_attention",
    "squeeze_excitation",
]
