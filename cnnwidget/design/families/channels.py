"""The channels of each stage, and the features of a latent block.

The five laws are TorchCNNBuilder's and give its numbers wherever it gives any. Where it fails (a
rise too small for the depth), the numbers are spread evenly instead.
"""

from __future__ import annotations

import math
import struct
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from cnnwidget.design.families.classifier import Classifier
    from cnnwidget.design.families.encoder_decoder import EncoderDecoder
    from cnnwidget.design.families.generator import Generator

ChannelLaw = Literal["exponential", "proportion", "linear", "power", "constant"]


class Growth(NamedTuple):
    """The parameters of all laws: the first number, the factor or exponent, and the maximum."""

    start: int = 32
    ratio: float = 2.0
    most: int = 512


def channels_of_encoder(design: EncoderDecoder) -> tuple[int, ...]:
    """Return the channels of the input, of each stage and of the bottleneck, if there is one."""
    if isinstance(design.channels, tuple):
        return (design.in_channels, *design.channels)
    return growing_channels(
        design.channels,
        design.stages_of_encoder,
        in_channels=design.in_channels,
        input_size=design.input_size,
        growth=growth_of(design),
    )


def channels_of_decoder(design: EncoderDecoder, encoder: tuple[int, ...]) -> tuple[int, ...]:
    """Return the channels that enter the decoder, those of each stage, and those of the output.

    The last stage of a mirror image gives the output's channels. Other decoders have a head behind
    the last stage, which gives them.

    Args:
        design: the encoder-decoder.
        encoder: the channels of its encoder.
    """
    stages = design.stages_of_decoder
    steps = stages if design.is_mirror_image else stages + 1
    if isinstance(design.decoder_channels, tuple):
        return (encoder[-1], *design.decoder_channels, design.out_channels)
    if design.decoder_channels == "mirror":
        # The encoder's channels before each step down, without the few of the input.
        before_steps = encoder[1 : design.depth + (design.downsampling != "stride")]
        mirrored = (*before_steps[::-1], *(encoder[1],) * stages)
        return (encoder[-1], *mirrored[: steps - 1], design.out_channels)
    return shrinking_channels(
        design.decoder_channels,
        steps,
        in_channels=encoder[-1],
        out_channels=design.out_channels,
        growth=growth_of(design),
    )


def channels_of_classifier(design: Classifier) -> tuple[int, ...]:
    """Return the channels of the convolutions of each stage."""
    if isinstance(design.channels, tuple):
        return design.channels
    return growing_channels(
        design.channels,
        design.depth,
        in_channels=design.in_channels,
        input_size=design.input_size,
        growth=growth_of(design),
    )[1:]


def channels_of_generator(design: Generator) -> tuple[int, ...]:
    """Return the channels of `project` and of every stage but the last."""
    if isinstance(design.channels, tuple):
        return design.channels
    growing = growing_channels(
        design.channels,
        design.depth,
        in_channels=1,
        input_size=design.output_size,
        growth=growth_of(design),
    )
    return growing[:0:-1]


def growth_of(design: EncoderDecoder | Classifier | Generator) -> Growth:
    """Return the parameters that a design gives to its channel law."""
    return Growth(design.start_channels, design.channel_ratio, design.max_channels)


def growing_channels(
    law: ChannelLaw,
    depth: int,
    *,
    in_channels: int,
    input_size: tuple[int, ...],
    growth: Growth,
) -> tuple[int, ...]:
    """Return the channels of the input and of `depth` stages by a law.

    exponential: start, start * ratio, start * ratio**2, ..., at most `most`
    proportion:  equal steps that add half the mean input size by the last stage
    linear:      one more channel a stage
    power:       (in_channels + stage)**ratio, at most `most`
    constant:    `start` everywhere

    Example:
        >>> growing_channels("proportion", 5, in_channels=104, input_size=(125, 125),
        ...                  growth=Growth())
        (104, 116, 128, 140, 152, 164)
    """
    stages = range(1, depth + 1)
    if law == "exponential":
        grown = [clamped(1, growth.start * power(growth.ratio, i - 1), growth.most) for i in stages]
    elif law == "proportion":
        rise = sum(input_size) // (2 * len(input_size))
        step = rise // depth
        grown = [in_channels + (step * i if step else round(rise * i / depth)) for i in stages]
    elif law == "linear":
        grown = [in_channels + i for i in stages]
    elif law == "power":
        grown = [clamped(1, power(in_channels + i, growth.ratio), growth.most) for i in stages]
    else:
        grown = [growth.start for _ in stages]
    return (in_channels, *grown)


def shrinking_channels(
    law: ChannelLaw,
    depth: int,
    *,
    in_channels: int,
    out_channels: int,
    growth: Growth,
) -> tuple[int, ...]:
    """Return the channels from the bottleneck to the output, `depth + 1` numbers, none below 1.

    Example:
        >>> shrinking_channels("proportion", 5, in_channels=164, out_channels=52,
        ...                    growth=Growth())
        (164, 162, 140, 118, 96, 52)
    """
    stages = range(1, depth)
    if law == "exponential":
        # A ratio below one makes the channels grow; a ratio near zero must not divide by zero.
        ceiling = max(in_channels, growth.most)
        divisors = (power(growth.ratio, i) for i in stages)
        shrunk = [clamped(1, in_channels / d if d else math.inf, ceiling) for d in divisors]
    elif law == "proportion":
        step = (in_channels - out_channels) // depth
        steps = list(range(out_channels, in_channels, step))[::-1] if step else []
        if len(steps) < depth:
            fall = in_channels - out_channels
            steps = [in_channels - round(fall * i / depth) for i in range(1, depth + 1)]
        shrunk = steps[: depth - 1]
    elif law == "linear":
        shrunk = [in_channels - i for i in stages]
    elif law == "power":
        shrunk = [clamped(1, power(depth - i + 1, growth.ratio), growth.most) for i in stages]
    else:
        shrunk = [growth.start for _ in stages]
    return (in_channels, *[max(1, channels) for channels in shrunk], out_channels)


def clamped(least: int, number: float, most: int) -> int:
    """Return `number` rounded down and clamped to two bounds."""
    return max(least, int(min(number, most)))


def power(base: float, exponent: float) -> float:
    """Return base**exponent, or infinity where it overflows."""
    try:
        return float(base**exponent)
    except OverflowError:
        return math.inf


def latent_features(first: int, last: int, layers: int) -> tuple[int, ...]:
    """Return `layers + 1` numbers of features in a geometric sequence from `first` to `last`.

    Logarithms and exponentials are in single precision as in TorchCNNBuilder, so that its state
    dicts fit. (torch's own logarithm is not always correctly rounded: about one middle number in a
    thousand differs by one.) Both ends are exact; TorchCNNBuilder's are too small by one for every
    second pair of sizes, and its forward pass then fails.

    Example:
        >>> latent_features(2304, 64, 2)
        (2304, 384, 64)
    """
    if first == last:
        return (first,) * (layers + 1)
    start, stop = single(math.log(first)), single(math.log(last))
    step = single(single(stop - start) / layers)
    middle = []
    for i in range(1, layers):
        from_start = i < (layers + 1) // 2
        exponent = start + step * i if from_start else stop - step * (layers - i)
        middle.append(max(1, int(single(math.exp(single(exponent))))))
    return (first, *middle, last)


def single(number: float) -> float:
    """Return a number rounded to single precision."""
    value: float = struct.unpack("f", struct.pack("f", number))[0]
    return value
