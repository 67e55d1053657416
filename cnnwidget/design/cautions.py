"""What PyTorch takes but a person should know of, and the designs that do without it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from math import gcd, prod
from typing import Literal

from cnnwidget.design.axes import Size, per_axis, spell
from cnnwidget.design.convolution import Conv, ConvTranspose
from cnnwidget.design.families import Design, EncoderDecoder
from cnnwidget.design.layers import Norm, Resize
from cnnwidget.design.mends import Mend, changed
from cnnwidget.design.rows import Row, walk

CautionKind = Literal[
    "off_target", "resize", "checkerboard", "cropped", "skipped", "single_value", "heavy"
]

# A resize by less than this blends a little; by more it makes up what is not there.
STRETCH = 0.1
# Strides beyond this are not looked into phase by phase.
MOST_PHASES = 1000
# 100 million weights are 400 MB, and four times that with gradients and Adam's two moments.
HEAVY = 100_000_000
# Decoders with so many stages less or more are tried for one that meets the target.
DEPTHS = 4

# A change that may do away with a caution: fields and their new values.
Way = tuple[tuple[str, object], ...]


@dataclass(frozen=True)
class Caution:
    """What builds but is doubtful.

    Attributes:
        kind: `off_target` (ends at another size than wanted), `resize` (stretches or blends),
            `checkerboard` (unequal contributions), `cropped` (padding cuts inputs off), `skipped`
            (inputs that no kernel meets), `single_value` (nothing to normalise over), `heavy`
            (more weights than most machines can train).
        layer: the name of the layer.
        reason: one clause.
        design: the design that gives rise to it.
        ways: changes of fields that may do away with it.
    """

    kind: CautionKind
    layer: str
    reason: str
    design: Design
    ways: tuple[Way, ...] = ()

    @property
    def mends(self) -> tuple[Mend, ...]:
        """Changed designs that have no problem and no caution of this kind; there may be none."""
        return mends_of(self.design, self.kind, self.ways)

    @property
    def advice(self) -> str:
        """The reason and what to try, without the layer."""
        ways = ", or ".join(mend.change for mend in self.mends)
        return f"{self.reason}." + (f" Try {ways}." if ways else "")

    def __str__(self) -> str:
        return f"{self.layer}: {self.advice}"


@lru_cache(maxsize=256)
def mends_of(design: Design, kind: CautionKind, ways: tuple[Way, ...]) -> tuple[Mend, ...]:
    """The ways that do away with all cautions of a kind; once for all layers that have it."""
    if not isinstance(design, EncoderDecoder):
        return ()
    found: dict[Mend, set[tuple[str, object]]] = {}
    for way in ways:
        if any(shorter <= set(way) for shorter in found.values()):
            continue
        mend = changed(design, **dict(way))
        if mend is not None and mend not in found and is_free_of(mend.design, kind):
            found[mend] = set(way)
    return tuple(found)


def is_free_of(design: Design, kind: CautionKind) -> bool:
    """Whether a design has neither a problem nor a caution of this kind."""
    rows, misfit = walk(design.network())
    return misfit is None and all(each.kind != kind for each in find_cautions(design, rows))


MIRRORED: Way = (("padding", "same"), ("decoder_padding", None), ("output_padding", "mirror"))


def find_cautions(design: Design, rows: tuple[Row, ...]) -> tuple[Caution, ...]:
    """Everything doubtful about the rows of a design, as far as they fit."""
    found: list[Caution] = []
    for row in rows:
        if row.output_shape is None:
            return tuple(found)
        layer = row.layer
        if isinstance(layer, Resize):
            found += stretched(design, row, layer, row.output_shape[1:])
        elif isinstance(layer, ConvTranspose):
            found += checkerboard(design, row, layer)
            found += cropped(design, row, layer)
        elif isinstance(layer, Conv):
            found += skipped(design, row, layer)
        elif isinstance(layer, Norm):
            found += single_value(design, row, layer)
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
        nearby = range(max(1, design.depth - DEPTHS), design.depth + DEPTHS + 1)
        odd = tuple(k | 1 for k in per_axis(design.kernel_size, len(size)))
        ways = (
            (("output_padding", "mirror"),),
            MIRRORED,
            (*MIRRORED, ("kernel_size", odd), ("decoder_kernel_size", "auto")),
            (*MIRRORED, ("decoder_depth", None)),
            *((("decoder_depth", n),) for n in nearby if n != design.depth),
            (("final_resize", "interpolate"),),
        )
        yield Caution("off_target", last.name, reason, design, ways)


def stretched(design: Design, row: Row, layer: Resize, after: Size) -> Iterator[Caution]:
    """A resize that changes the size: by how much, and what that means."""
    before = row.input_shape[1:]
    if before == after:
        return
    factors = [b / a for a, b in zip(before, after, strict=True)]
    meanings = []
    if max(factors) > 1 + STRETCH:
        meanings.append("enlarging adds no detail")
    if min(factors) < 1 / (1 + STRETCH):
        meanings.append("shrinking loses some")
    if not meanings:
        merged = layer.mode == "adaptive_max"
        meanings.append(f"neighbours are {'merged' if merged else 'blended'}")
    times = " × ".join(f"{factor:.3g}" for factor in factors)
    reason = f"resizes {spell(before)} to {spell(after)}, by {times}: {' and '.join(meanings)}"
    ways = (MIRRORED, (*MIRRORED, ("decoder_depth", None)))
    yield Caution("resize", row.name, reason, design, ways)


def checkerboard(design: Design, row: Row, layer: ConvTranspose) -> Iterator[Caution]:
    """A transposed convolution whose output pixels get unequal numbers of contributions.

    Source: Odena, Dumoulin and Olah 2016, https://distill.pub/2016/deconv-checkerboard/
    """
    for n, k, s, d in kernels(row, layer):
        counts = contributions(k, s, d)
        if n > 1 and min(counts) < max(counts):
            reason = (
                f"{in_short(k, s, d)} gives its output pixels {min(counts)} to {max(counts)} "
                "contributions in turn, which shows as a checkerboard"
            )
            auto: Way = (("decoder_kernel_size", "auto"),)
            dense: Way = (*auto, ("decoder_dilation", 1), ("output_padding", "mirror"))
            yield Caution("checkerboard", row.name, reason, design, (auto, dense[:2], dense))
            return


def cropped(design: Design, row: Row, layer: ConvTranspose) -> Iterator[Caution]:
    """A transposed convolution whose padding cuts off all that its outermost inputs give."""
    axes = len(row.input_shape) - 1
    paddings = per_axis(layer.padding, axes)
    for (_, k, s, d), p in zip(kernels(row, layer), paddings, strict=True):
        lost = max(0, -(-(p - d * (k - 1)) // s))
        if lost:
            reason = f"padding {p} cuts off all that the outermost {lost} of its inputs give"
            ways = ((("decoder_stride", None),), (("decoder_padding", None),), MIRRORED)
            yield Caution("cropped", row.name, reason, design, ways)
            return


def skipped(design: Design, row: Row, layer: Conv) -> Iterator[Caution]:
    """A convolution that steps over some of its inputs."""
    for n, k, s, d in kernels(row, layer):
        unseen = contributions(k, s, d).count(0)
        if unseen and n > 1:
            reason = f"{in_short(k, s, d)} never meets {unseen} of every {s} inputs"
            axes = len(row.input_shape) - 1
            wide = tuple(
                max(kernel, stride)
                for kernel, stride in zip(
                    per_axis(layer.kernel_size, axes), per_axis(layer.stride, axes), strict=True
                )
            )
            ways = ((("kernel_size", wide),), (("dilation", 1), ("kernel_size", wide)))
            yield Caution("skipped", row.name, reason, design, ways)
            return


def single_value(design: Design, row: Row, layer: Norm) -> Iterator[Caution]:
    """Batch normalisation of one value per channel, which a batch of one cannot train."""
    if layer.kind == "batch" and prod(row.input_shape[1:]) == 1:
        reason = "normalises one value per channel, which fails in training with a batch of one"
        # One stage less, if there is one; the next ones would do as well and not say more.
        shallower = (
            [design.depth - 1] if isinstance(design, EncoderDecoder) and design.depth > 1 else []
        )
        ways = (*((("depth", depth),) for depth in shallower), (("norm", "none"),))
        yield Caution("single_value", row.name, reason, design, ways)


def kernels(row: Row, layer: Conv | ConvTranspose) -> Iterator[tuple[int, int, int, int]]:
    """Input size, kernel size, stride and dilation along each axis."""
    axes = len(row.input_shape) - 1
    kernel = per_axis(layer.kernel_size, axes)
    stride = per_axis(layer.stride, axes)
    dilation = per_axis(layer.dilation, axes)
    yield from zip(row.input_shape[1:], kernel, stride, dilation, strict=True)


def in_short(kernel_size: int, stride: int, dilation: int) -> str:
    """`kernel 3 with stride 2`, and the dilation where there is one."""
    dilated = f" and dilation {dilation}" if dilation > 1 else ""
    return f"kernel {kernel_size} with stride {stride}{dilated}"


@lru_cache(maxsize=1024)
def contributions(kernel_size: int, stride: int, dilation: int) -> tuple[int, ...]:
    """How many elements of a kernel fall on each of the `stride` phases of what it slides over.

    Example:
        >>> contributions(3, 2, 1), contributions(4, 2, 1), contributions(4, 2, 2)
        ((2, 1), (2, 2), (4, 0))
    """
    # The phases repeat: whole turns first, then what is left over.
    turn = stride // gcd(stride, dilation)
    counts = [0] * min(stride, MOST_PHASES)
    for tap in range(min(turn, kernel_size, MOST_PHASES)):
        phase = tap * dilation % stride
        if phase < len(counts):
            counts[phase] += -(-(kernel_size - tap) // turn)
    return tuple(counts)


def heavy(design: Design, row: Row) -> Caution:
    """One layer with more weights than most machines can train."""
    gigabytes = row.params * 4 / 1e9
    reason = (
        f"has {row.params:,} weights, {gigabytes:,.1f} GB; with gradients and Adam's two moments "
        f"it takes {4 * gigabytes:,.1f} GB to train"
    )
    ways = ((("latent_shape", None),), (("max_channels", 512),), (("channels", "constant"),))
    return Caution("heavy", row.name, reason, design, ways)
