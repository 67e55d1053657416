"""The published facts of each preset: its source, its figures, what it teaches, its design."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

from cnnwidget.design.design_types import Design
from cnnwidget.design.presets import from_families, from_layers
from cnnwidget.design.presets.googlenet import googlenet


@dataclass(frozen=True)
class Preset:
    """The published facts of a named design.

    Attributes:
        title: its usual name.
        paper: its source: authors and title.
        year: of the paper.
        link: to the paper.
        teaches: its lesson, in one sentence.
        params: its published number of trainable weights.
        make: a function that returns the design.
        differs: the differences from the paper; empty where there are none.
    """

    title: str
    paper: str
    year: int
    link: str
    teaches: str
    params: int
    make: Callable[[], Design]
    differs: str = ""


VERY_DEEP = (
    "Simonyan and Zisserman, Very Deep Convolutional Networks for Large-Scale Image Recognition",
    2014,
    "https://arxiv.org/abs/1409.1556",
)
RESIDUAL = (
    "He, Zhang, Ren and Sun, Deep Residual Learning for Image Recognition",
    2015,
    "https://arxiv.org/abs/1512.03385",
)
INCEPTION = (
    "Szegedy et al., Going Deeper with Convolutions",
    2014,
    "https://arxiv.org/abs/1409.4842",
)
U_NET = (
    (
        "Ronneberger, Fischer and Brox, U-Net: Convolutional Networks for Biomedical Image "
        "Segmentation"
    ),
    2015,
    "https://arxiv.org/abs/1505.04597",
)
DCGAN = (
    (
        "Radford, Metz and Chintala, Unsupervised Representation Learning with Deep Convolutional "
        "Generative Adversarial Networks"
    ),
    2015,
    "https://arxiv.org/abs/1511.06434",
)


TWO = "What a block adds to its input is easier to learn than what should come out."
THREE = "1×1 convolutions around the 3×3 one make four times the channels affordable."
STRIDE = "The stride is in the 3×3 convolution, as in general use; the paper's is before it."

PRESETS: Mapping[str, Preset] = MappingProxyType(
    {
        "lenet5": Preset(
            "LeNet-5",
            "LeCun, Bottou, Bengio and Haffner, Gradient-Based Learning Applied to Document "
            "Recognition",
            1998,
            "https://doi.org/10.1109/5.726791",
            "Convolution and pooling in turn, then linear layers: the pattern that others follow.",
            61_706,
            from_layers.lenet5,
            "The paper's second convolution sees some of the six maps only, its pools have a "
            "weight and a bias each, its tanh is scaled, and its outputs are distances.",
        ),
        "alexnet": Preset(
            "AlexNet",
            "Krizhevsky, One weird trick for parallelizing convolutional neural networks",
            2014,
            "https://arxiv.org/abs/1404.5997",
            "Nearly all weights are in the linear layers, and nearly all work in the convolutions.",
            61_100_840,
            from_layers.alexnet,
            "The variant of one column; that of 2012 has two, and normalises across channels.",
        ),
        **{
            f"vgg{depth}": Preset(
                f"VGG-{depth}",
                *VERY_DEEP,
                "Two 3×3 convolutions see as far as one of 5×5, with fewer weights.",
                params,
                partial(from_families.vgg, blocks),
                "Weights begin as Glorot and Bengio 2010 say, which the paper found to do as well "
                "as its own beginning, the weights of a VGG-11.",
            )
            for depth, params, blocks in (
                (11, 132_863_336, (1, 1, 2, 2, 2)),
                (13, 133_047_848, (2, 2, 2, 2, 2)),
                (16, 138_357_544, (2, 2, 3, 3, 3)),
                (19, 143_667_240, (2, 2, 4, 4, 4)),
            )
        },
        "googlenet": Preset(
            "GoogLeNet",
            *INCEPTION,
            "1×1 convolutions first make four views of the same field affordable.",
            6_624_904,
            partial(googlenet, aux=False),
            "Batch normalisation after every convolution, and 3×3 where the paper has 5×5, as it "
            "is in general use.",
        ),
        "googlenet_aux": Preset(
            "GoogLeNet with auxiliary heads",
            *INCEPTION,
            "Two heads on the way give the early layers a gradient of their own, in training only.",
            13_004_888,
            partial(googlenet, aux=True),
            "Batch normalisation after every convolution, and 3×3 where the paper has 5×5, as it "
            "is in general use.",
        ),
        **{
            f"resnet{depth}": Preset(
                f"ResNet-{depth}",
                *RESIDUAL,
                teaches,
                params,
                partial(from_families.resnet, "residual" if depth < 50 else "bottleneck", blocks),
                differs,
            )
            for depth, params, blocks, teaches, differs in (
                (18, 11_689_512, (2, 2, 2, 2), TWO, ""),
                (34, 21_797_672, (3, 4, 6, 3), TWO, ""),
                (50, 25_557_032, (3, 4, 6, 3), THREE, STRIDE),
                (101, 44_549_160, (3, 4, 23, 3), THREE, STRIDE),
                (152, 60_192_808, (3, 8, 36, 3), THREE, STRIDE),
            )
        },
        "unet": Preset(
            "U-Net, unpadded",
            *U_NET,
            "Without padding each convolution loses its border, so that 572 pixels give 388 and "
            "long skips are cropped.",
            31_030_658,
            partial(from_families.unet, padded=False),
            "The paper has dropout at the end of the contracting path.",
        ),
        "unet_same": Preset(
            "U-Net, padded",
            *U_NET,
            "With padding sizes stay, and long skips need no cropping.",
            31_030_658,
            partial(from_families.unet, padded=True),
            "The paper's convolutions are not padded.",
        ),
        "dcgan_generator": Preset(
            "DCGAN generator",
            *DCGAN,
            "Transposed convolutions whose kernel is twice their stride leave no checkerboard by "
            "their overlap.",
            3_576_704,
            from_families.dcgan_generator,
            "The channels are half of the paper's, as in general use.",
        ),
        "dcgan_discriminator": Preset(
            "DCGAN discriminator",
            *DCGAN,
            "Strides instead of pools: the network learns how to come down.",
            2_765_568,
            from_layers.dcgan_discriminator,
        ),
        "autoencoder": Preset(
            "Convolutional autoencoder",
            "Masci, Meier, Cireşan and Schmidhuber, Stacked Convolutional Auto-Encoders for "
            "Hierarchical Feature Extraction",
            2011,
            "https://doi.org/10.1007/978-3-642-21735-7_7",
            "784 pixels go through 32 numbers, so that only what images share is kept.",
            115_217,
            from_families.autoencoder,
            "Strides and a linear bottleneck instead of max pools and sparse codes.",
        ),
        "denoiser": Preset(
            "Denoising autoencoder of signals",
            "Vincent, Larochelle, Bengio and Manzagol, Extracting and Composing Robust Features "
            "with Denoising Autoencoders",
            2008,
            "https://doi.org/10.1145/1390156.1390294",
            "More channels than the signal has, and fewer places: noise has nowhere to stay.",
            4_598_786,
            from_families.denoiser,
            "Convolutions of kernel 3 along 128 samples, each stage at half the length; the paper "
            "has linear layers.",
        ),
        "cifar": Preset(
            "Small classifier for CIFAR",
            "Krizhevsky, Learning Multiple Layers of Features from Tiny Images",
            2009,
            "https://www.cs.toronto.edu/~kriz/learning-features-2009-TR.pdf",
            "Small enough to count by hand: 2,432, 18,496 and 771 weights.",
            21_699,
            from_families.cifar,
            "The report has the images; this net tells three of their classes apart.",
        ),
        "mobilenet": Preset(
            "MobileNet",
            "Howard et al., MobileNets: Efficient Convolutional Neural Networks for Mobile Vision "
            "Applications",
            2017,
            "https://arxiv.org/abs/1704.04861",
            "Each channel by itself, then a mixture: an eighth of the work of a 3×3 convolution.",
            4_231_976,
            from_families.mobilenet,
        ),
        "pointnet": Preset(
            "PointNet, trunk",
            "Qi, Su, Mo and Guibas, PointNet: Deep Learning on Point Sets for 3D Classification "
            "and Segmentation",
            2016,
            "https://arxiv.org/abs/1612.00593",
            "Kernels of 1 and a maximum over all points: their order makes no difference.",
            819_624,
            from_layers.pointnet,
            'Without the two networks that turn the points, as in the row "vanilla" of its '
            "comparison of sizes.",
        ),
        "waveform_detector": Preset(
            "Detector of waveforms",
            "LeCun and Bengio, Convolutional Networks for Images, Speech, and Time Series",
            1995,
            "https://dl.acm.org/doi/10.5555/303568.303704",
            "Kernels of 1×1×7 look along time only, with the same weights for every sensor.",
            18_433,
            from_layers.waveform_detector,
            "The idea of weights that are shared along time is the paper's; the network is not.",
        ),
        "forecaster": Preset(
            "TorchCNNBuilder's forecaster",
            "ITMO NSS team, TorchCNNBuilder 0.1.5, ForecasterBase",
            2024,
            "https://github.com/ITMO-NSS-team/torch-cnn-builder",
            "Stride 1 everywhere: five layers widen the view by two pixels each, at full cost.",
            1_559_420,
            from_families.forecaster,
        ),
    }
)
