"""Cautions of kernels: checkerboards, cropped inputs and skipped inputs."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from math import gcd

from cnnwidget.design.advice.caution_candidates import (
    MIRRORED,
    CautionCandidate,
    Change,
    kernel_in_words,
    kernel_settings,
    separate_changes,
)
from cnnwidget.design.axes import per_axis, short
from cnnwidget.design.design_types import Design
from cnnwidget.design.layers.convolution import Conv, ConvTranspose
from cnnwidget.design.network import Branches, nodes
from cnnwidget.design.planning.row import Row

# Of larger strides, only so many phases are counted.
MOST_PHASES = 1000
# The spatial axes in their order; an image has the last two.
AXES = ("depth", "height", "width")


def checkerboards(design: Design, rows: tuple[Row, ...]) -> Iterator[CautionCandidate]:  # noqa: ARG001  (all finders have these arguments)
    """Find transposed convolutions whose output pixels get unequal numbers of contributions.

    Source: Odena, Dumoulin and Olah 2016, https://distill.pub/2016/deconv-checkerboard/
    """
    auto: Change = (("decoder_kernel_size", "auto"),)
    dense: Change = (*auto, ("decoder_dilation", 1), ("output_padding", "mirror"))
    changes = separate_changes(auto, dense[:2], dense, (("upsampling", "nearest"),))
    for row in rows:
        layer = row.layer
        if not isinstance(layer, ConvTranspose) or row.output_shape is None:
            continue
        for n, k, s, d in kernel_settings(row, layer):
            counts = contributions(k, s, d)
            if n > 1 and min(counts) < max(counts):
                reason = (
                    f"{kernel_in_words(k, s, d)} gives its output pixels {min(counts)} to "
                    f"{max(counts)} contributions in turn, which shows as a checkerboard"
                )
                yield CautionCandidate(
                    "checkerboard",
                    row.name,
                    reason,
                    changes,
                    (with_kernel_of_whole_strides(row, layer),),
                )
                break


def with_kernel_of_whole_strides(row: Row, layer: ConvTranspose) -> ConvTranspose:
    """Return the layer with a kernel that is a multiple of the stride, and the same output size."""
    axes = len(row.input_shape) - 1
    old_padding, old_extra = layer.paddings_at(axes)
    kernel, padding, extra = [], [], []
    for (_, k, s, d), p, o in zip(kernel_settings(row, layer), old_padding, old_extra, strict=True):
        wider = -(-k // s) * s
        # The cut on both sides together: that of the old padding, and what the wider kernel adds.
        cut = 2 * p - o + (wider - 1) - d * (k - 1)
        half = max(0, -(-cut // 2))
        kernel.append(wider)
        padding.append(half)
        extra.append(2 * half - cut)
    same = layer.padding == "same"
    return ConvTranspose.unchecked(
        **(
            dict(layer)
            | {"kernel_size": short(tuple(kernel)), "dilation": 1}
            | (
                {}
                if same
                else {
                    "padding": short(tuple(padding)),
                    "output_padding": short(tuple(extra)),
                }
            )
        )
    )


@lru_cache(maxsize=1024)
def contributions(kernel_size: int, stride: int, dilation: int) -> tuple[int, ...]:
    """Return how many elements of a kernel fall on each of the `stride` phases of its input.

    Example:
        >>> contributions(3, 2, 1), contributions(4, 2, 1), contributions(4, 2, 2)
        ((2, 1), (2, 2), (4, 0))
    """
    # The elements return to the same phase after this many.
    turn = stride // gcd(stride, dilation)
    counts = [0] * min(stride, MOST_PHASES)
    for tap in range(min(turn, kernel_size, MOST_PHASES)):
        phase = tap * dilation % stride
        if phase < len(counts):
            counts[phase] += -(-(kernel_size - tap) // turn)
    return tuple(counts)


def cropped_inputs(design: Design, rows: tuple[Row, ...]) -> Iterator[CautionCandidate]:  # noqa: ARG001  (all finders have these arguments)
    """Find transposed convolutions whose padding cuts off all outputs of their outermost inputs."""
    changes = separate_changes((("decoder_stride", None),), (("decoder_padding", None),), MIRRORED)
    for row in rows:
        layer = row.layer
        if not isinstance(layer, ConvTranspose) or row.output_shape is None:
            continue
        padding, _ = layer.paddings_at(len(row.input_shape) - 1)
        for (_, k, s, d), p in zip(kernel_settings(row, layer), padding, strict=True):
            lost = max(0, -(-(p - d * (k - 1)) // s))
            if lost:
                reason = f"padding {p} cuts off all that the outermost {lost} of its inputs give"
                smaller = tuple(
                    min(q, each_d * (each_k - 1))
                    for (_, each_k, _, each_d), q in zip(
                        kernel_settings(row, layer), padding, strict=True
                    )
                )
                less = ConvTranspose.unchecked(**(dict(layer) | {"padding": short(smaller)}))
                yield CautionCandidate("cropped", row.name, reason, changes, (less,))
                break


def skipped_inputs(design: Design, rows: tuple[Row, ...]) -> Iterator[CautionCandidate]:
    """Find convolutions that skip some of their inputs.

    A 1×1 convolution with a stride is meant to do so in the projection of a residual block, as in
    the paper, and in one branch of several: the inputs that it skips go through the others.
    """
    for row in rows:
        layer = row.layer
        if not isinstance(layer, Conv) or row.output_shape is None:
            continue
        if "projection" in row.name.split("."):
            continue
        axes = len(row.input_shape) - 1
        sides = list(kernel_settings(row, layer))
        for axis, (n, k, s, d) in enumerate(sides):
            skipped = contributions(k, s, d).count(0)
            if skipped and n > 1:
                if set(per_axis(layer.kernel_size, axes)) == {1} and is_in_branch(design, row.name):
                    break
                where = along(axis, sides)
                reason = (
                    f"{kernel_in_words(k, s, d)} never meets {skipped} of every {s} inputs{where}"
                )
                wide = short(
                    tuple(map(max, per_axis(layer.kernel_size, axes), per_axis(layer.stride, axes)))
                )
                changes = separate_changes(
                    (("kernel_size", wide),), (("dilation", 1), ("kernel_size", wide))
                )
                covering = Conv.unchecked(**(dict(layer) | {"kernel_size": wide, "dilation": 1}))
                yield CautionCandidate("skipped", row.name, reason, changes, (covering,))
                break


def along(axis: int, sides: list[tuple[int, int, int, int]]) -> str:
    """Return the axis in words, empty where there is only one: the caution counts along it."""
    if len(sides) == 1:
        return ""
    # An axis of one value has nothing to skip and does not count.
    if len({side[1:] for side in sides if side[0] > 1}) == 1:
        return " along each axis"
    return f" along the {AXES[-len(sides) :][axis]}"


def is_in_branch(design: Design, name: str) -> bool:
    """Whether a layer is inside one branch of several."""
    return any(
        isinstance(node, Branches) and name.startswith(f"{above}.")
        for above, node in nodes(design.network().children)
    )
