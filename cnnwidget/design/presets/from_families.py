"""Networks of the literature that a family covers, by its settings."""

from __future__ import annotations

from cnnwidget.design.families.classifier import Classifier
from cnnwidget.design.families.classifier_blocks import BlockName
from cnnwidget.design.families.encoder_decoder import EncoderDecoder
from cnnwidget.design.families.generator import Generator
from cnnwidget.design.families.torchcnnbuilder import forecaster_base


def vgg(blocks_per_stage: tuple[int, ...]) -> Classifier:
    """Return a VGG: 3×3 convolutions in five stages, a pool after each, and three linear layers."""
    return Classifier(
        input_size=(224, 224),
        in_channels=3,
        num_classes=1000,
        block="plain",
        depth=5,
        blocks_per_stage=blocks_per_stage,
        start_channels=64,
        stem_channels=0,
        downsampling="max_pool",
        downsample_first=True,
        norm="none",
        head="flatten",
        head_size=(7, 7),
        hidden_features=(4096, 4096),
        dropout_p=0.5,
        init="xavier_uniform",
    )


def resnet(block: BlockName, blocks_per_stage: tuple[int, ...]) -> Classifier:
    """Return a ResNet: a stem that divides the size by four, and four stages of residual blocks."""
    return Classifier(
        input_size=(224, 224),
        in_channels=3,
        num_classes=1000,
        block=block,
        depth=4,
        blocks_per_stage=blocks_per_stage,
        start_channels=64,
        stem_channels=64,
        stem_kernel_size=7,
        stem_stride=2,
        stem_pool="max",
        init="kaiming_normal",
    )


def mobilenet() -> Classifier:
    """Return MobileNet of width 1 for 224×224."""
    return Classifier(
        input_size=(224, 224),
        in_channels=3,
        num_classes=1000,
        block="depthwise",
        depth=5,
        blocks_per_stage=(1, 2, 2, 6, 2),
        start_channels=64,
        max_channels=1024,
        stem_stride=2,
    )


def cifar() -> Classifier:
    """Return two convolutions, two pools and a linear layer, for three classes of 32×32."""
    return Classifier(
        input_size=(32, 32),
        in_channels=3,
        num_classes=3,
        block="plain",
        depth=1,
        blocks_per_stage=1,
        start_channels=64,
        padding="valid",
        downsampling="max_pool",
        stride=3,
        pool_kernel_size=3,
        downsample_first=True,
        stem_kernel_size=5,
        stem_pool="max",
        norm="none",
        head="flatten",
    )


def unet(*, padded: bool) -> EncoderDecoder:
    """Return a U-Net: unpadded as in the paper, or padded so that sizes stay."""
    return EncoderDecoder(
        input_size=(512, 512) if padded else (572, 572),
        in_channels=1,
        out_channels=2,
        output_size=None if padded else (388, 388),
        depth=4,
        start_channels=64,
        max_channels=1024,
        padding="same" if padded else "valid",
        decoder_kernel_size=2,
        downsampling="max_pool",
        skips="concat",
        skip_align="none" if padded else "crop",
        bottleneck=True,
        convs_per_stage=2,
        norm="none",
        init="kaiming_normal",
    )


def dcgan_generator() -> Generator:
    """Return the generator of the DCGAN, from 100 numbers to 3×64×64."""
    return Generator(output_size=(64, 64), out_channels=3, depth=4, bias=False, init="dcgan")


def autoencoder() -> EncoderDecoder:
    """Return an autoencoder from 28×28 to 32 numbers and back."""
    return EncoderDecoder(
        input_size=(28, 28),
        in_channels=1,
        out_channels=1,
        depth=2,
        start_channels=16,
        skips="none",
        norm="none",
        final_activation="sigmoid",
        latent_shape=(32,),
    )


def denoiser() -> EncoderDecoder:
    """Return a denoiser of 128 samples: 2, 256, 512 and 1024 channels, and back."""
    return EncoderDecoder(
        input_size=(128,),
        in_channels=2,
        out_channels=2,
        channels=(256, 512, 1024),
        skips="none",
        norm="batch",
    )


def forecaster() -> EncoderDecoder:
    """Return TorchCNNBuilder's network for 104 frames of 125×125 and the 52 that follow."""
    return forecaster_base((125, 125), in_time_points=104, out_time_points=52, n_layers=5)
