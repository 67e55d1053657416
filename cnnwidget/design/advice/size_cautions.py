"""Cautions of sizes: off target, resized, or rounded down beside a long skip."""

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

# A resize by less than this blends a little; a larger one adds or loses detail.
NEGLIGIBLE_RESIZE = 0.1
# Decoders with so many fewer or more stages are tried to reach the target.
DEPTHS = 4
# A size should be divisible by the stride once per step down; up to so many steps are tried.
STEPS = 8
# Modes that change no value.
UNTOUCHED = {"crop", "pad"}
# Modes of an upsampling.
INTERPOLATING = {"interpolate", "nearest"}


def off_targets(design: Design, rows: tuple[Row, ...]) -> Iterator[CautionCandidate]:
    """Find an output of another size than the target."""
    target = getattr(design, "target_size", None)
    last = next((row for row in reversed(rows) if not row.aux), None)
    if target is None or last is None or last.output_shape is None:
        return
    size = last.output_shape[1:]
    if size == target:
        return
    reason = f"the decoder ends at {spell(size)}, but {spell(target)} is wanted"
    fix = output_padding_for(rows, size, target)
    changes: list[Alternatives] = [((("output_padding", "mirror"),),)]
    if fix is not None:
        row, extra = fix
        reason += f", which output_padding {spell(extra)} of {row.name} would meet"
        known = dict(getattr(design, "overrides", ()))
        fields = dict(known.get(row.name, ())) | {"output_padding": extra}
        overrides = known | {row.name: tuple(sorted(fields.items()))}
        changes.append(((("overrides", tuple(sorted(overrides.items()))),),))
    depth = design.depth if not isinstance(design, Network) else 1
    nearby = sorted(
        (n for n in range(max(1, depth - DEPTHS), depth + DEPTHS + 1) if n != depth),
        key=lambda n: abs(n - depth),
    )
    kernel = getattr(design, "kernel_size", 3)
    odd = tuple(k | 1 for k in per_axis(kernel, len(size))) if kernel != "auto" else 3
    changes += [
        (MIRRORED,),
        ((*MIRRORED, ("kernel_size", odd), ("decoder_kernel_size", "auto")),),
        ((*MIRRORED, ("decoder_depth", None)),),
        tuple((("decoder_depth", n),) for n in nearby),
        ((("skip_align", "none"),),),
        ((("start_size", None),),),
        ((("final_resize", "interpolate"),),),
    ]
    yield CautionCandidate("off_target", last.name, reason, tuple(changes))


def output_padding_for(rows: tuple[Row, ...], size: Size, target: Size) -> tuple[Row, Size] | None:
    """Return the last transposed convolution and the `output_padding` that reaches the target.

    None where the output is not that layer's, or no `output_padding` does.
    """
    row = next((each for each in reversed(rows) if isinstance(each.layer, ConvTranspose)), None)
    if row is None or row.output_shape is None or row.output_shape[1:] != size:
        return None
    layer = row.layer
    assert isinstance(layer, ConvTranspose)
    if layer.padding == "same":
        return None
    axes = len(size)
    extra = tuple(
        o + goal - n
        for o, n, goal in zip(per_axis(layer.output_padding, axes), size, target, strict=True)
    )
    most = map(max, per_axis(layer.stride, axes), per_axis(layer.dilation, axes))
    return (row, extra) if all(0 <= o < m for o, m in zip(extra, most, strict=True)) else None


def resizes(design: Design, rows: tuple[Row, ...]) -> Iterator[CautionCandidate]:
    """Find resizes that change the values, with their factor and its effect.

    Not a caution: a resize to one value, which is a mean; a crop or a padding, which changes no
    value; and a resize by about a whole factor with a convolution behind it, an upsampling.
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
            changes = separate_changes(MIRRORED, (*MIRRORED, ("decoder_depth", None)))
        elif isinstance(layer, Join) and layer.align == "interpolate":
            others = [shape[1:] for shape in row.input_shapes[1:] if set(shape[1:]) != {1}]
            reason = next(
                filter(None, (resize_in_words(n, after[1:], "interpolate") for n in others)), ""
            )
            changes = (
                *separate_changes((("skip_align", "none"),)),
                *divisible(design, rows[0].input_shape),
            )
        else:
            continue
        if reason:
            yield CautionCandidate("resize", row.name, reason, changes)


def upsamples(rows: tuple[Row, ...], number: int) -> bool:
    """Whether a resize does the work of an `Upsample` for a size that is no multiple.

    It enlarges by about a whole factor, up to the rounding of a step down, and a convolution
    follows in the same sequence. An `Upsample` has no caution either.
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
    """Return the dotted name of the sequence that a layer is in."""
    return name.rpartition(".")[0]


def resize_in_words(before: Size, after: Size, mode: str) -> str:
    """Return the effect of a resize in words; empty if it has none."""
    if before == after:
        return ""
    factors = [b / a for a, b in zip(before, after, strict=True)]
    meanings = []
    if max(factors) > 1 + NEGLIGIBLE_RESIZE:
        meanings.append("enlarging adds no detail")
    if min(factors) < 1 / (1 + NEGLIGIBLE_RESIZE):
        meanings.append("shrinking loses some")
    if not meanings:
        meanings.append(f"neighbours are {'merged' if mode == 'adaptive_max' else 'blended'}")
    times = " × ".join(f"{factor:.3g}" for factor in factors)
    return f"resizes {spell(before)} to {spell(after)}, by {times}: {' and '.join(meanings)}"


def odd_sizes(design: Design, rows: tuple[Row, ...]) -> Iterator[CautionCandidate]:
    """Find layers that round down the size of a tensor that a long skip keeps."""
    makers = original_rows(rows)
    merged = {makers[row.sources[1]] for row in rows if isinstance(row.layer, Merge)}
    if not merged:
        return
    for row in rows:
        lost = row.lost
        if lost and makers[row.sources[0]] in merged:
            what = "the last row or column" if max(lost) == 1 else f"the last {spell(lost)} pixels"
            reason = (
                f"rounds {spell(row.input_shape[1:])} down: {what} is lost on the way down, but "
                "not on the skip around it"
            )
            yield CautionCandidate("odd", row.name, reason, divisible(design, rows[0].input_shape))


def original_rows(rows: tuple[Row, ...]) -> dict[int, int]:
    """Return, for the number of each row, the row that made its output; a `Keep` makes none."""
    makers = {-1: -1}
    for number, row in enumerate(rows):
        makers[number] = makers[row.sources[0]] if isinstance(row.layer, Keep) else number
    return makers


@lru_cache(maxsize=64)
def divisible(design: Design, shape: tuple[int, ...]) -> tuple[Alternatives, ...]:
    """Return changes to input sizes that divide by the stride repeatedly: larger, and smaller."""
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
