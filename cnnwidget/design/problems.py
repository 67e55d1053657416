"""What PyTorch would refuse, and what it takes but a person should know of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from cnnwidget.design.axes import Shape, Size, per_axis, spell
from cnnwidget.design.convolution import ConvTranspose
from cnnwidget.design.families import Design, EncoderDecoder
from cnnwidget.design.layers import Resize
from cnnwidget.design.mends import Mend, changed, mends_for
from cnnwidget.design.rows import Row, walk

CautionKind = Literal["off_target", "resize", "checkerboard", "heavy"]

# A resize by less than this blends a little; by more it makes up what is not there.
STRETCH = 0.1
# 100 million weights are 400 MB, and four times that with gradients and Adam's two moments.
HEAVY = 100_000_000


@dataclass(frozen=True)
class Problem:
    """Why a design cannot be built.

    Attributes:
        layer: the name of the first layer that does not fit.
        shape: (channels, *size) that arrives there.
        reason: one clause.
        design: the design that has the problem.
    """

    layer: str
    shape: Shape
    reason: str
    design: Design

    @cached_property
    def mends(self) -> tuple[Mend, ...]:
        """Changed designs, ready to be used, each without any problem; the nearest first.

        Worked out when first asked for: a slider that passes a bad value need not wait.
        """
        return mends_for(self.design)

    def __str__(self) -> str:
        ways = ", or ".join(mend.change for mend in self.mends)
        return f"{self.layer} gets {spell(self.shape)}: {self.reason}. Try {ways}."


@dataclass(frozen=True)
class Caution:
    """What builds but is doubtful.

    Attributes:
        kind: `off_target`, `resize`, `checkerboard` or `heavy`.
        layer: the name of the layer.
        reason: one clause.
        design: the design that gives rise to it.
        ways: changes of fields that may do away with it.
    """

    kind: CautionKind
    layer: str
    reason: str
    design: Design
    ways: tuple[tuple[tuple[str, object], ...], ...] = ()

    @cached_property
    def mends(self) -> tuple[Mend, ...]:
        """Changed designs that have no problem and no caution of this kind; there may be none."""
        if not isinstance(self.design, EncoderDecoder):
            return ()
        found: dict[Mend, set[tuple[str, object]]] = {}
        for way in self.ways:
            if any(shorter <= set(way) for shorter in found.values()):
                continue
            mend = changed(self.design, **dict(way))
            if mend is not None and mend not in found and self._mended_by(mend):
                found[mend] = set(way)
        return tuple(found)

    def _mended_by(self, mend: Mend) -> bool:
        rows, misfit = walk(mend.design.network())
        kinds = {caution.kind for caution in find_cautions(mend.design, rows)}
        return misfit is None and self.kind not in kinds

    @property
    def advice(self) -> str:
        """The reason and what to try, without the layer."""
        ways = ", or ".join(mend.change for mend in self.mends)
        return f"{self.reason}." + (f" Try {ways}." if ways else "")

    def __str__(self) -> str:
        return f"{self.layer}: {self.advice}"


MIRRORED = (("padding", "same"), ("decoder_padding", None), ("output_padding", "mirror"))


def find_cautions(design: Design, rows: tuple[Row, ...]) -> tuple[Caution, ...]:
    """Everything doubtful about the rows of a design, as far as they fit."""
    found: list[Caution] = []
    for row in rows:
        if row.output_shape is None:
            return tuple(found)
        if isinstance(row.layer, Resize):
            found += stretched(design, row, row.output_shape[1:])
        elif isinstance(row.layer, ConvTranspose):
            found += checkerboard(design, row, row.layer)
        if row.params > HEAVY:
            found.append(heavy(design, row))
    if rows and isinstance(design, EncoderDecoder):
        found += off_target(design, rows[-1])
    return tuple(found)


def off_target(design: EncoderDecoder, last: Row) -> Iterator[Caution]:
    """A decoder that ends at another size than wanted, with no resize after it."""
    assert last.output_shape is not None
    size = last.output_shape[1:]
    if size != design.target_size:
        reason = f"the decoder ends at {spell(size)}, but {spell(design.target_size)} is wanted"
        odd = tuple(k | 1 for k in per_axis(design.kernel_size, len(size)))
        ways = (
            (("output_padding", "mirror"),),
            MIRRORED,
            (*MIRRORED, ("kernel_size", odd), ("decoder_kernel_size", "auto")),
            (*MIRRORED, ("decoder_depth", None)),
            (("final_resize", "interpolate"),),
        )
        yield Caution("off_target", last.name, reason, design, ways)


def stretched(design: Design, row: Row, after: Size) -> Iterator[Caution]:
    """A resize that changes the size: by how much, and what that means."""
    before = row.input_shape[1:]
    if before == after:
        return
    factors = [b / a for a, b in zip(before, after, strict=True)]
    if max(factors) > 1 + STRETCH:
        meaning = "enlarging adds no detail"
    elif min(factors) < 1 / (1 + STRETCH):
        meaning = "detail is lost"
    else:
        meaning = "neighbours are blended"
    times = " × ".join(f"{factor:.3g}" for factor in factors)
    reason = f"resizes {spell(before)} to {spell(after)}, by {times}: {meaning}"
    ways = (MIRRORED, (*MIRRORED, ("decoder_depth", None)))
    yield Caution("resize", row.name, reason, design, ways)


def checkerboard(design: Design, row: Row, layer: ConvTranspose) -> Iterator[Caution]:
    """A transposed convolution whose output pixels get unequal numbers of contributions.

    Source: Odena, Dumoulin and Olah 2016, https://distill.pub/2016/deconv-checkerboard/
    """
    axes = len(row.input_shape) - 1
    kernel = per_axis(layer.kernel_size, axes)
    stride = per_axis(layer.stride, axes)
    dilation = per_axis(layer.dilation, axes)
    for n, k, s, d in zip(row.input_shape[1:], kernel, stride, dilation, strict=True):
        counts = contributions(k, s, d)
        if n > 1 and min(counts) < max(counts):
            reason = (
                f"kernel {k} with stride {s} gives its output pixels {min(counts)} to "
                f"{max(counts)} contributions in turn, which shows as a checkerboard"
            )
            auto = (("decoder_kernel_size", "auto"),)
            ways = (auto, (*auto, ("decoder_dilation", 1)))
            yield Caution("checkerboard", row.name, reason, design, ways)
            return


def contributions(kernel_size: int, stride: int, dilation: int) -> tuple[int, ...]:
    """How many kernel elements reach an output pixel, for each of the `stride` phases.

    Example:
        >>> contributions(3, 2, 1), contributions(4, 2, 1)
        ((2, 1), (2, 2))
    """
    counts = [0] * stride
    for tap in range(kernel_size):
        counts[tap * dilation % stride] += 1
    return tuple(counts)


def heavy(design: Design, row: Row) -> Caution:
    """One layer with more weights than most machines can train."""
    gigabytes = row.params * 4 / 1e9
    reason = (
        f"has {row.params:,} weights, {gigabytes:.1f} GB; with gradients and Adam's two moments "
        f"it takes {4 * gigabytes:.1f} GB to train"
    )
    return Caution("heavy", row.name, reason, design, ((("latent_shape", None),),))
