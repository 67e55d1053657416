"""How many channels each stage has, and how many features a latent block.

The five laws are TorchCNNBuilder's, number for number where it gives any; where it gives up
(a rise too small for the depth), the numbers are spread evenly instead.
"""

from __future__ import annotations

import math
import struct
from typing import Literal, NamedTuple

ChannelLaw = Literal["exponential", "proportion", "linear", "power", "constant"]


class Growth(NamedTuple):
    """What the laws have in common: where to start, the factor or exponent, and where to stop."""

    start: int = 32
    ratio: float = 2.0
    most: int = 512


def encoder_channels(
    law: ChannelLaw,
    depth: int,
    *,
    in_channels: int,
    input_size: tuple[int, ...],
    growth: Growth,
) -> tuple[int, ...]:
    """Channels from the input on, `depth + 1` numbers.

    exponential: start, start * ratio, start * ratio**2, ..., at most `most`
    proportion:  equal steps that add half the mean input size by the last stage
    linear:      one more channel a stage
    power:       (in_channels + stage)**ratio, at most `most`
    constant:    `start` everywhere

    Example:
        >>> encoder_channels("proportion", 5, in_channels=104, input_size=(125, 125),
        ...                  growth=Growth())
        (104, 116, 128, 140, 152, 164)
    """
    stages = range(1, depth + 1)
    if law == "exponential":
        grown = [between(1, growth.start * power(growth.ratio, i - 1), growth.most) for i in stages]
    elif law == "proportion":
        rise = sum(input_size) // (2 * len(input_size))
        step = rise // depth
        grown = [in_channels + (step * i if step else round(rise * i / depth)) for i in stages]
    elif law == "linear":
        grown = [in_channels + i for i in stages]
    elif law == "power":
        grown = [between(1, power(in_channels + i, growth.ratio), growth.most) for i in stages]
    else:
        grown = [growth.start for _ in stages]
    return (in_channels, *grown)


def decoder_channels(
    law: ChannelLaw,
    depth: int,
    *,
    in_channels: int,
    out_channels: int,
    growth: Growth,
) -> tuple[int, ...]:
    """Channels from the bottleneck to the output, `depth + 1` numbers, none below 1.

    Example:
        >>> decoder_channels("proportion", 5, in_channels=164, out_channels=52,
        ...                  growth=Growth())
        (164, 162, 140, 118, 96, 52)
    """
    stages = range(1, depth)
    if law == "exponential":
        # A ratio below one divides by next to nothing: the channels then grow, and are capped.
        ceiling = max(in_channels, growth.most)
        divisors = (power(growth.ratio, i) for i in stages)
        shrunk = [between(1, in_channels / d if d else math.inf, ceiling) for d in divisors]
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
        shrunk = [between(1, power(depth - i + 1, growth.ratio), growth.most) for i in stages]
    else:
        shrunk = [growth.start for _ in stages]
    return (in_channels, *[max(1, channels) for channels in shrunk], out_channels)


def between(least: int, number: float, most: int) -> int:
    """`number` rounded down and kept between two bounds."""
    return max(least, int(min(number, most)))


def power(base: float, exponent: float) -> float:
    """base**exponent, and infinity where a float cannot hold it."""
    try:
        return float(base**exponent)
    except OverflowError:
        return math.inf


def latent_features(first: int, last: int, layers: int) -> tuple[int, ...]:
    """Features from `first` to `last` in a geometric row of `layers` steps.

    The seed takes logarithms and exponentials in single precision, and so does this, so that a
    state dict of the one fits the other (torch's own logarithm is not always correctly rounded:
    about one middle number in a thousand differs by one). Both ends are kept exact, where the
    seed's come out one short for every second pair of sizes and its forward pass then fails.

    Example:
        >>> latent_features(2304, 64, 2)
        (2304, 384, 64)
    """
    if first == last:
        return (first,) * (layers + 1)
    start, stop = single(math.log(first)), single(math.log(last))
    step = single(single(stop - start) / layers)
    row = []
    for i in range(1, layers):
        from_start = i < (layers + 1) // 2
        exponent = start + step * i if from_start else stop - step * (layers - i)
        row.append(max(1, int(single(math.exp(single(exponent))))))
    return (first, *row, last)


def single(number: float) -> float:
    """A number rounded to single precision."""
    value: float = struct.unpack("f", struct.pack("f", number))[0]
    return value
