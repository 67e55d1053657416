"""Cautions of the output's receptive field: too small, mostly padding, or borders lost."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from cnnwidget.design.advice.caution_candidates import (
    Alternatives,
    CautionCandidate,
    Change,
    kernel_settings,
    separate_changes,
)
from cnnwidget.design.axes import per_axis, spell
from cnnwidget.design.design_types import Design
from cnnwidget.design.layers.convolution import Conv
from cnnwidget.design.network import Network
from cnnwidget.design.planning.row import Row
from cnnwidget.design.receptive.compute_fields import receptive_field_of, receptive_fields
from cnnwidget.design.receptive.receptive_field import ReceptiveField, figure

# So many more or fewer stages are tried.
STAGES = 5
DILATIONS = (2, 3, 4, 6, 8)
WIDER = (2, 4, 6, 8)
# Unpadded layers lose a little of every border; more than this share of an axis is a caution.
BORDER = 0.1
# A field so many times as wide as the image is two thirds padding at every position.
PADDED = 3
# For deeper designs and larger images (positions along axes, times rows) no changes are tried:
# each of the dozen changes would take as long as the design itself.
MOST_ROWS = 300
MOST_PLACES = 2**19
# The word for the input, by its number of axes.
WORDS = {1: "input", 2: "image", 3: "volume"}


def output_field(rows: tuple[Row, ...]) -> tuple[Row, ReceptiveField] | None:
    """Return the row that gives the output, and its receptive field; None where there is none."""
    number = next((n for n in reversed(range(len(rows))) if not rows[n].aux), None)
    if number is None or rows[number].output_shape is None or len(rows[0].input_shape) == 1:
        return None
    shape = rows[0].input_shape
    if worth_trying(rows):
        return rows[number], receptive_field_of(rows, shape, number)
    # The fields of a large design are computed once, together with those that the plan shows.
    return rows[number], receptive_fields(rows, shape)[number]


def worth_trying(rows: tuple[Row, ...]) -> bool:
    """Whether a design is small enough to try changes of its receptive field."""
    places = sum(set(rows[0].input_shape[1:])) * len(rows)
    return len(rows) <= MOST_ROWS and places <= MOST_PLACES


def small_fields(design: Design, rows: tuple[Row, ...]) -> Iterator[CautionCandidate]:
    """Find an output whose receptive field is smaller than the image along some axis."""
    found = output_field(rows)
    if found is None:
        return
    row, field = found
    size = rows[0].input_shape[1:]
    # For long axes only the unclipped size is known, which may reach outside of the image.
    clipped = tuple(
        min(m, n) if c is None and isinstance(m, int) else n if c is None else c
        for c, m, n in zip(field.clipped, field.size, size, strict=True)
    )
    if all(c >= n for c, n in zip(clipped, size, strict=True)):
        return
    seen = spell(clipped)
    whose = "each output" if prod((row.output_shape or ())[1:]) > 1 else "the output"
    reason = f"{whose} sees no more than {seen} of the {spell(size)} of the {WORDS[len(size)]}"
    yield CautionCandidate(
        "reach", row.name, reason, wider(design, rows) if worth_trying(rows) else ()
    )


def wider(design: Design, rows: tuple[Row, ...]) -> tuple[Alternatives, ...]:
    """Return changes that enlarge the receptive field: of depth, dilation or kernel."""
    if isinstance(design, Network):
        return (tuple(dilated(rows)),)
    kernel = getattr(design, "kernel_size", 3)
    kernels_tried: tuple[Change, ...] = ()
    if kernel != "auto":
        axes = len(rows[0].input_shape) - 1
        kernels_tried = tuple(
            (("kernel_size", tuple(k + more for k in per_axis(kernel, axes))),) for more in WIDER
        )
    depth = design.depth
    return (
        tuple((("depth", deeper),) for deeper in range(depth + 1, depth + STAGES + 1)),
        separate_changes((("bottleneck", True),))[0],
        tuple((("dilation", dilation),) for dilation in DILATIONS),
        kernels_tried,
    )


def dilated(rows: tuple[Row, ...]) -> Iterator[Change]:
    """Yield larger dilations of the convolution with the smallest input, at the same size."""
    keeping = [
        row
        for row in rows
        if isinstance(row.layer, Conv)
        and row.output_shape is not None
        and row.output_shape[1:] == row.input_shape[1:]
        and all(s == 1 for _, _, s, _ in kernel_settings(row, row.layer))
        and any(k > 1 for _, k, _, _ in kernel_settings(row, row.layer))
        and all(k % 2 for _, k, _, _ in kernel_settings(row, row.layer))
    ]
    if not keeping:
        return
    row = min(keeping, key=lambda each: prod(each.input_shape[1:]))
    layer = row.layer
    assert isinstance(layer, Conv)
    for times in DILATIONS:
        spread = tuple(d * times for _, _, _, d in kernel_settings(row, layer))
        half = tuple(
            d * (k - 1) // 2
            for d, (_, k, _, _) in zip(spread, kernel_settings(row, layer), strict=True)
        )
        yield ((row.name, layer.replace(dilation=spread, padding=half)),)


def padded_borders(design: Design, rows: tuple[Row, ...]) -> Iterator[CautionCandidate]:
    """Find an output whose receptive fields reach far beyond the image on all sides.

    Every padded network has some padding in the fields near its borders. It is a caution where the
    field is several times as wide as the image: then even the field in the middle is mostly
    padding, and the network learns where the borders are.
    """
    zeros = [row for row in rows if is_padded(row)]
    found = output_field(rows) if zeros else None
    if found is None:
        return
    row, field = found
    size = rows[0].input_shape[1:]
    if prod(size) == 1:
        return  # a single position, as of a latent vector, is not an image
    seen = [n for n in field.size if isinstance(n, int)]
    if len(seen) < len(size) or any(m < PADDED * n for m, n in zip(seen, size, strict=True)):
        return
    if prod((row.output_shape or ())[1:]) == 1:
        return  # the field of a single position has the whole image in its middle
    whole = f"{'a' if len(size) > 2 else 'an'} {WORDS[len(size)]}"
    reason = (
        f"each output would see {' × '.join(map(figure, seen))} of {whole} of {spell(size)}: the "
        f"zeros around {len(zeros)} layers reach all across it"
    )
    depth = getattr(design, "depth", 1)
    shallower = range(depth - 1, max(0, depth - STAGES - 1), -1)
    changes: tuple[Alternatives, ...] = (
        tuple((("depth", each_depth),) for each_depth in shallower),
        ((("dilation", 1), ("decoder_dilation", None)),),
        ((("kernel_size", 3), ("decoder_kernel_size", "auto")), (("kernel_size", 3),)),
    )
    if isinstance(design, Network):
        replicated = tuple(
            (each_row.name, each_row.layer.replace(padding_mode="replicate"))
            for each_row in zeros
            if isinstance(each_row.layer, Conv)
        )
        changes = ((replicated,),)
    yield CautionCandidate("padded", row.name, reason, changes if worth_trying(rows) else ())


def is_padded(row: Row) -> bool:
    """Whether a convolution pads its input with zeros."""
    layer = row.layer
    if not isinstance(layer, Conv) or layer.padding_mode != "zeros" or row.output_shape is None:
        return False
    padding = layer.padding_at(row.input_shape[1:])
    return padding == "same" or any(padding)


def unpadded_borders(design: Design, rows: tuple[Row, ...]) -> Iterator[CautionCandidate]:
    """Find an output that lacks the borders of the image, because convolutions are not padded.

    Only for an output with stride 1, and only where the design has no other target size: for
    that, there is `off_target`.
    """
    shrinking = [row for row in rows if shrinks(row)]
    found = output_field(rows) if shrinking else None
    if found is None:
        return
    row, field = found
    assert row.output_shape is not None
    before, after = rows[0].input_shape[1:], row.output_shape[1:]
    if len(after) != len(before) or getattr(design, "target_size", after) != after:
        return
    if any(stride != 1 for stride in field.stride):
        return
    lost = [n - m for n, m in zip(before, after, strict=True)]
    if not any(less > BORDER * n for less, n in zip(lost, before, strict=True)) or min(lost) < 0:
        return
    pixels = spell(tuple(-(-less // 2) for less in lost))
    reason = (
        f"ends at {spell(after)} of {spell(before)}: of each border, {pixels} pixels are lost to "
        f"{len(shrinking)} layers without padding"
    )
    changes = separate_changes(
        (("padding", "same"), ("skip_align", "none")), (("padding", "same"),)
    )
    if isinstance(design, Network):
        same = tuple(
            (each_row.name, each_row.layer.replace(padding="same"))
            for each_row in shrinking
            if isinstance(each_row.layer, Conv)
        )
        changes = separate_changes(same)
    yield CautionCandidate("unpadded", row.name, reason, changes if worth_trying(rows) else ())


def shrinks(row: Row) -> bool:
    """Whether a convolution of stride 1 has a smaller output than input."""
    layer = row.layer
    if not isinstance(layer, Conv) or row.output_shape is None:
        return False
    sizes = zip(row.output_shape[1:], kernel_settings(row, layer), strict=True)
    return any(m < n and s == 1 for m, (n, _, s, _) in sizes)
