"""Sizes that come out otherwise than wanted, are stretched, or do not divide."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from cnnwidget.design.advice.caution_candidates import (
    MIRRORED,
    Alternatives,
    CautionCandidate,
    Change,
    separate_changes,
)
from cnnwidget.design.axes import Size, per_axis, spell
from cnnwidget.design.design_types import Design
from cnnwidget.design.joins import Join
from cnnwidget.design.layers.convolution import Conv, ConvTranspose
from cnnwidget.design.layers.resizing import Resize
from cnnwidget.design.network import Keep, Merge, Network
from cnnwidget.design.planning.row import Row

# A resize by less than this blends a little; by more it makes up what is not there.
STRETCH = 0.1
# Decoders with so many stages less or more are tried for one that meets the target.
DEPTHS = 4
# A size is to be divisible by the stride once for each step down, of which there may be so many.
STEPS = 8
# Modes that leave every value as it is.
UNTOUCHED = {"crop", "pad"}
# Modes that an upsampling may have.
INTERPOLATING = {"interpolate", "nearest"}


def off_targets(design: Design, rows: tuple[Row, ...]) -> Iterator[CautionCandidate]:
    """A network that ends at another size than wanted, with no resize after it."""
    target = getattr(design, "target_size", None)
    last = next((row for row in reversed(rows) if not row.aux), None)
    if target is None or last is None or last.output_shape is None:
        return
    size = last.output_shape[1:]
    if size == target:
        return
    reason = f"the decoder ends at {spell(size)}, but {spell(target)} is wanted"
    met = output_padding_for(rows, size, target)
    ways: list[Alternatives] = [((("output_padding", "mirror"),),)]
    if met is not None:
        row, extra = met
        reason += f", which output_padding {spell(extra)} of {row.name} would meet"
        known = dict(getattr(design, "overrides", ()))
        fields = dict(known.get(row.name, ())) | {"output_padding": extra}
        overrides = known | {row.name: tuple(sorted(fields.items()))}
        ways.append(((("overrides", tuple(sorted(overrides.items()))),),))
    depth = design.depth if not isinstance(design, Network) else 1
    nearby = sorted(
        (n for n in range(max(1, depth - DEPTHS), depth + DEPTHS + 1) if n != depth),
        key=lambda n: abs(n - depth),
    )
    kernel = getattr(design, "kernel_size", 3)
    odd = tuple(k | 1 for k in per_axis(kernel, len(size))) if kernel != "auto" else 3
    ways += [
        (MIRRORED,),
        ((*MIRRORED, ("kernel_size", odd), ("decoder_kernel_size", "auto")),),
        ((*MIRRORED, ("decoder_depth", None)),),
        tuple((("decoder_depth", n),) for n in nearby),
        ((("skip_align", "none"),),),
        ((("start_size", None),),),
        ((("final_resize", "interpolate"),),),
    ]
    yield CautionCandidate("off_target", last.name, reason, tuple(ways))


def output_padding_for(rows: tuple[Row, ...], size: Size, target: Size) -> tuple[Row, Size] | None:
    """The last transposed convolution and the `output_padding` with which it meets the target."""
    row = next((each for each in reversed(rows) if isinstance(each.layer, ConvTranspose)), None)
    if row is None or row.output_shape is None or row.output_shape[1:] != size:
        return None
    layer = row.layer
    assert isinstance(layer, ConvTranspose)
    if layer.padding == "same":
        return None
    axes = len(size)
    extra = tuple(
        o + wanted - n
        for o, n, wanted in zip(per_axis(layer.output_padding, axes), size, target, strict=True)
    )
    most = map(max, per_axis(layer.stride, axes), per_axis(layer.dilation, axes))
    return (row, extra) if all(0 <= o < m for o, m in zip(extra, most, strict=True)) else None


def stretches(design: Design, rows: tuple[Row, ...]) -> Iterator[CautionCandidate]:
    """Resizes that change the size: by how much, and what that means.

    To one value is a mean and meant as one; a crop or a padding leaves values as they are; and one
    by about a whole factor with a convolution right behind it is an upsampling.
    """
    for number, row in enumerate(rows):
        layer, after = row.layer, row.output_shape
        if after is None:
            return
        if upsamples(rows, number):
            continue
        if isinstance(layer, Resize) and layer.mode not in UNTOUCHED and set(after[1:]) != {1}:
            mode = "adaptive_max" if layer.mode == "adaptive_max" else "interpolate"
            reason = resize_in_words(row.input_shape[1:], after[1:], mode)
            ways = separate_changes(MIRRORED, (*MIRRORED, ("decoder_depth", None)))
        elif isinstance(layer, Join) and layer.align == "interpolate":
            others = [shape[1:] for shape in row.input_shapes[1:] if set(shape[1:]) != {1}]
            reason = next(
                filter(None, (resize_in_words(n, after[1:], "interpolate") for n in others)), ""
            )
            ways = (
                *separate_changes((("skip_align", "none"),)),
                *divisible(design, rows[0].input_shape),
            )
        else:
            continue
        if reason:
            yield CautionCandidate("resize", row.name, reason, ways)


def upsamples(rows: tuple[Row, ...], number: int) -> bool:
    """Whether a resize is one to an odd size that stands where an `Upsample` stands for even ones.

    It enlarges by a whole factor, give or take what a step down rounds off, and a convolution in
    the same sequence goes over what it gives. Of an `Upsample` nothing is told either.
    """
    row = rows[number]
    if number + 1 == len(rows) or not isinstance(row.layer, Resize) or row.output_shape is None:
        return False
    after = rows[number + 1]
    if not isinstance(after.layer, Conv) or after.sources != (number,):
        return False
    if row.layer.mode not in INTERPOLATING or parent(row.name) != parent(after.name):
        return False
    sides = list(zip(row.input_shape[1:], row.output_shape[1:], strict=True))
    return all(n == m or is_whole_step(n, m) for n, m in sides)


def is_whole_step(before: int, after: int) -> bool:
    """Whether a size grows by a whole factor of at least 2, within one step of it."""
    factor = round(after / before)
    return factor > 1 and abs(after - factor * before) <= factor


def parent(name: str) -> str:
    """The sequence that a layer stands in, by its dotted name."""
    return name.rpartition(".")[0]


def resize_in_words(before: Size, after: Size, mode: str) -> str:
    """What a resize does, in words; nothing if it does nothing."""
    if before == after:
        return ""
    factors = [b / a for a, b in zip(before, after, strict=True)]
    meanings = []
    if max(factors) > 1 + STRETCH:
        meanings.append("enlarging adds no detail")
    if min(factors) < 1 / (1 + STRETCH):
        meanings.append("shrinking loses some")
    if not meanings:
        meanings.append(f"neighbours are {'merged' if mode == 'adaptive_max' else 'blended'}")
    times = " × ".join(f"{factor:.3g}" for factor in factors)
    return f"resizes {spell(before)} to {spell(after)}, by {times}: {' and '.join(meanings)}"


def odd_sizes(design: Design, rows: tuple[Row, ...]) -> Iterator[CautionCandidate]:
    """Pools that round down the size of what a long skip takes up again: it comes back smaller."""
    givers = original_rows(rows)
    merged = {givers[row.sources[1]] for row in rows if isinstance(row.layer, Merge)}
    if not merged:
        return
    for row in rows:
        lost = row.lost
        if lost and givers[row.sources[0]] in merged:
            what = "the last row or column" if max(lost) == 1 else f"the last {spell(lost)} pixels"
            reason = (
                f"rounds {spell(row.input_shape[1:])} down: {what} is lost on the way down, but "
                "not on the skip around it"
            )
            yield CautionCandidate("odd", row.name, reason, divisible(design, rows[0].input_shape))


def original_rows(rows: tuple[Row, ...]) -> dict[int, int]:
    """For the number of each row, that of the row whose output it hands on: `Keep` changes none."""
    givers = {-1: -1}
    for number, row in enumerate(rows):
        givers[number] = givers[row.sources[0]] if isinstance(row.layer, Keep) else number
    return givers


@lru_cache(maxsize=64)
def divisible(design: Design, shape: tuple[int, ...]) -> tuple[Alternatives, ...]:
    """Sizes of the input, rounded up and rounded down, that can be halved again and again."""
    channels, *size = shape
    stride = per_axis(getattr(design, "stride", 2), len(size))
    up: list[Change] = []
    down: list[Change] = []
    for steps in range(1, STEPS + 1):
        factors = [max(2, s) ** steps if s > 1 else 1 for s in stride]
        for sizes, sign in ((up, -1), (down, 1)):
            goal = tuple(
                max(f, sign * (sign * n // f) * f) for n, f in zip(size, factors, strict=True)
            )
            if isinstance(design, Network):
                sizes.append((("", (channels, *goal)),))
            else:
                sizes.append((("input_size", goal),))
    return (tuple(up), tuple(down))
