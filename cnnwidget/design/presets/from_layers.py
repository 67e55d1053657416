"""Networks of the literature that no family covers, written layer by layer."""

from __future__ import annotations

from cnnwidget.design.families.conv_style import ConvStyle
from cnnwidget.design.layers.activation import Activation
from cnnwidget.design.layers.convolution import Conv
from cnnwidget.design.layers.dense import Dropout, Linear
from cnnwidget.design.layers.norm import Norm
from cnnwidget.design.layers.pooling import GlobalPool, Pool
from cnnwidget.design.layers.reshaping import Flatten
from cnnwidget.design.layers.resizing import Resize
from cnnwidget.design.network import Network, Pairs, Sequence


def lenet5() -> Network:
    """Return LeNet-5: LeCun et al. 1998, figure 2, fully connected from the second stage on."""
    bare = ConvStyle(padding="valid", norm="none", activation="tanh", bias=True)
    features: Pairs = [
        *bare.unit(bare.conv(6, 5), "1"),
        ("pool1", Pool(kind="avg", kernel_size=2)),
        *bare.unit(bare.conv(16, 5), "2"),
        ("pool2", Pool(kind="avg", kernel_size=2)),
        *bare.unit(bare.conv(120, 5), "3"),
    ]
    head: Pairs = [
        ("flatten", Flatten()),
        ("linear1", Linear(out_features=84)),
        ("act1", Activation(name="tanh")),
        ("linear", Linear(out_features=10)),
    ]
    return features_and_head((1, 32, 32), features, head)


def alexnet() -> Network:
    """Return AlexNet in one column: Krizhevsky 2014."""
    bare = ConvStyle(norm="none", bias=True)
    first = Conv(out_channels=64, kernel_size=11, stride=4, padding=2)
    features: Pairs = [
        *bare.unit(first, "1"),
        ("pool1", Pool(kind="max", kernel_size=3, stride=2)),
        *bare.unit(bare.conv(192, 5), "2"),
        ("pool2", Pool(kind="max", kernel_size=3, stride=2)),
        *bare.unit(bare.conv(384, 3), "3"),
        *bare.unit(bare.conv(256, 3), "4"),
        *bare.unit(bare.conv(256, 3), "5"),
        ("pool5", Pool(kind="max", kernel_size=3, stride=2)),
    ]
    head: Pairs = [
        ("resize", Resize(size=(6, 6), mode="adaptive_avg")),
        ("flatten", Flatten()),
        ("dropout1", Dropout(p=0.5, kind="values")),
        ("linear1", Linear(out_features=4096)),
        ("act1", Activation(name="relu")),
        ("dropout2", Dropout(p=0.5, kind="values")),
        ("linear2", Linear(out_features=4096)),
        ("act2", Activation(name="relu")),
        ("linear", Linear(out_features=1000)),
    ]
    return features_and_head((3, 224, 224), features, head)


def dcgan_discriminator() -> Network:
    """Return the discriminator of the DCGAN for 64×64: Radford et al. 2015."""
    features: Pairs = []
    for number, channels in enumerate((64, 128, 256, 512), start=1):
        conv = Conv(out_channels=channels, kernel_size=4, stride=2, padding=1, bias=False)
        features.append((f"conv{number}", conv))
        if number > 1:
            features.append((f"norm{number}", Norm(kind="batch")))
        act = Activation(name="leaky_relu", settings=(("negative_slope", 0.2),))
        features.append((f"act{number}", act))
    head: Pairs = [
        ("conv", Conv(out_channels=1, kernel_size=4, bias=False)),
        ("flatten", Flatten()),
        ("act", Activation(name="sigmoid")),
    ]
    network = features_and_head((3, 64, 64), features, head)
    return network.replace(init="dcgan")


def pointnet() -> Network:
    """Return the trunk of PointNet's classifier, without its two networks that rotate the points.

    A set of points is a field with one axis and kernels of 1; the maximum over all points does not
    depend on their order.
    """
    normed = ConvStyle(bias=True)
    points: Pairs = []
    for number, channels in enumerate((64, 64, 64, 128, 1024), start=1):
        points += normed.unit(normed.conv(channels, 1), str(number))
    head: Pairs = [
        ("pool", GlobalPool(kind="max")),
        ("flatten", Flatten()),
        *normed.unit(Linear(out_features=512), "1", name="linear1"),
        *normed.unit(Linear(out_features=256), "2", name="linear2"),
        ("dropout", Dropout(p=0.3, kind="values")),
        ("linear", Linear(out_features=40)),
    ]
    return features_and_head((3, 1024), points, head)


def waveform_detector() -> Network:
    """Return a detector of a waveform at each of 8×8 sensors, in 256 samples of two channels.

    Kernels are 1×1×k: they run along the time of each sensor by itself, with the same weights.
    """
    style = ConvStyle()
    features: Pairs = []
    for number, channels in enumerate((16, 32, 64), start=1):
        conv = style.conv(channels, (1, 1, 7), (1, 1, 2))
        features += style.unit(conv, str(number))
    head: Pairs = [
        ("conv", Conv(out_channels=1, kernel_size=1)),
        ("pool", Pool(kind="max", kernel_size=(1, 1, 32))),
    ]
    return features_and_head((2, 8, 8, 256), features, head)


def features_and_head(input_shape: tuple[int, ...], features: Pairs, head: Pairs) -> Network:
    """Return a network of two parts, `features` and `head`."""
    return Network(
        input_shape=input_shape,
        children=(
            ("features", Sequence(children=tuple(features))),
            ("head", Sequence(children=tuple(head))),
        ),
    )
