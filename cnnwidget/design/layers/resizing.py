"""Layers that change the size of a field."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import Literal

from cnnwidget.design.axes import LayerShape, Positive, Shape, per_axis, short, spell
from cnnwidget.design.layers.interpolation import spans_of
from cnnwidget.design.layers.layer import (
    INDEX_BYTES,
    INPUT,
    NOTHING,
    Call,
    Layer,
    Misfit,
    SavedForBackward,
    check_lengths,
    join_formulas,
    spatial_axes,
)
from cnnwidget.design.layers.taps import IDENTITY, Tap, Taps, Window

ResizeMode = Literal["adaptive_avg", "adaptive_max", "interpolate", "nearest", "crop", "pad"]

LINEAR = ("linear", "bilinear", "trilinear")


class Resize(Layer):
    """Resizes any field to `size`.

    adaptive_avg  averages over as many windows as `size` has values; windows may overlap
    adaptive_max  maxima over the same windows
    interpolate   linear between neighbouring values
    nearest       the nearest value
    crop          to the middle; an odd number removes one more at the far end
    pad           zeros on all sides; an odd number adds one more at the far end

    Enlarging adds no information: 14 values pooled up to 64 are still 14 values, repeated or
    blended.

    Sources: https://docs.pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool2d.html,
    https://docs.pytorch.org/docs/stable/generated/torch.nn.Upsample.html and
    https://docs.pytorch.org/docs/stable/generated/torch.nn.ZeroPad2d.html

    Example:
        >>> Resize(size=(64, 64), mode="interpolate").output_shape((5, 57, 57))
        (5, 64, 64)
    """

    size: LayerShape
    mode: ResizeMode = "interpolate"

    def output_shape(self, shape: Shape) -> Shape:
        axes = spatial_axes(shape, "a resize")
        size = self.size
        if len(size) != axes:
            raise Misfit(f"size {size} has {len(size)} numbers for {axes} axes")
        if self.mode in ("crop", "pad"):
            for n, m in zip(shape[1:], size, strict=True):
                if (m > n) if self.mode == "crop" else (m < n):
                    raise Misfit(
                        f"a resize by {self.mode} cannot bring {spell(shape[1:])} to {spell(size)}"
                    )
        return (shape[0], *size)

    def saved(self, shape: Shape, output_shape: Shape) -> SavedForBackward:
        if self.mode == "adaptive_max":
            return SavedForBackward(True, extra=INDEX_BYTES * prod(output_shape))
        # For one value per channel PyTorch computes a plain mean, which needs only sizes.
        return INPUT if self.mode == "adaptive_avg" and set(self.size) != {1} else NOTHING

    def taps(self, shape: Shape, output_shape: Shape) -> Taps:
        return tuple(map(self._tap, shape[1:], self.size))

    def _tap(self, n: int, m: int) -> Tap:
        if n == m:
            return IDENTITY
        if self.mode == "interpolate":
            return spans_of(n, m, "linear")
        if self.mode == "nearest":
            return spans_of(n, m, "nearest")
        if self.mode in ("crop", "pad"):
            return Window(padding=margins(n, m)[0])
        return spans_of(n, m, "adaptive")

    def formula(self, shape: Shape, output_shape: Shape) -> str:
        formulas = []
        for n, m in zip(shape[1:], self.size, strict=True):
            before, after = margins(n, m)
            if self.mode == "crop":
                formulas.append(f"{n} − {-before} − {-after} = {m}")
            elif self.mode == "pad":
                formulas.append(f"{before} + {n} + {after} = {m}")
            else:
                formulas.append(f"{n} · {m / n:.4g} = {m}")
        return "" if shape[1:] == self.size else join_formulas(formulas)

    def call(self, shape: Shape) -> Call:
        axes = len(shape) - 1
        if self.mode in ("interpolate", "nearest"):
            mode = LINEAR[axes - 1] if self.mode == "interpolate" else "nearest"
            return Call("Upsample", (), (("size", self.size), ("mode", mode)))
        if self.mode in ("crop", "pad"):
            pairs = list(zip(shape[1:], self.size, strict=False))
            # PyTorch pads the last axis first.
            sides = tuple(side for n, m in reversed(pairs) for side in margins(n, m))
            return Call(f"ZeroPad{axes}d", (("padding", sides),))
        kind = "Avg" if self.mode == "adaptive_avg" else "Max"
        return Call(f"Adaptive{kind}Pool{axes}d", (("output_size", self.size),))

    def mended(self, shape: Shape) -> Iterator[Layer]:
        axes = len(shape) - 1
        if not 1 <= axes <= 3:
            return
        fitting = self.replace(size=(*self.size, *(1,) * axes)[:axes])
        yield fitting
        if self.mode in ("crop", "pad"):
            nearer = min if self.mode == "crop" else max
            yield fitting.replace(size=tuple(map(nearer, shape[1:], fitting.size)))
            yield fitting.replace(mode="interpolate")


def margins(n: int, m: int) -> tuple[int, int]:
    """Return the padding before and behind `n` values to have `m`; negative numbers crop."""
    before = (m - n) // 2 if m >= n else -((n - m) // 2)
    return before, m - n - before


class Upsample(Layer):
    """Multiplies the size along each axis, by repeating values or linearly between them.

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.Upsample.html; before a
    convolution, in place of a transposed one: Odena et al. 2016, https://distill.pub/2016/deconv-checkerboard/

    Example:
        >>> Upsample(scale_factor=2).output_shape((8, 7, 7))
        (8, 14, 14)
    """

    scale_factor: Positive
    mode: Literal["nearest", "linear"] = "nearest"

    def output_shape(self, shape: Shape) -> Shape:
        axes = spatial_axes(shape, "an upsampling")
        check_lengths(self, ("scale_factor",), axes)
        factors = per_axis(self.scale_factor, axes)
        return (shape[0], *[n * r for n, r in zip(shape[1:], factors, strict=True)])

    def saved(self, shape: Shape, output_shape: Shape) -> SavedForBackward:
        return NOTHING

    def taps(self, shape: Shape, output_shape: Shape) -> Taps:
        factors = per_axis(self.scale_factor, len(shape) - 1)
        return tuple(IDENTITY if r == 1 else spans_of(1, r, self.mode) for r in factors)

    def formula(self, shape: Shape, output_shape: Shape) -> str:
        factors = per_axis(self.scale_factor, len(shape) - 1)
        pairs = zip(shape[1:], factors, strict=True)
        return join_formulas(f"{n}·{r} = {n * r}" for n, r in pairs)

    def call(self, shape: Shape) -> Call:
        axes = len(shape) - 1
        linear = self.mode == "linear" and 1 <= axes <= 3
        mode = LINEAR[axes - 1] if linear else self.mode
        return Call("Upsample", (), (("scale_factor", short(self.scale_factor)), ("mode", mode)))

    def mended(self, shape: Shape) -> Iterator[Layer]:
        axes = len(shape) - 1
        if axes and isinstance(self.scale_factor, tuple):
            yield self.replace(scale_factor=(*self.scale_factor, *(1,) * axes)[:axes])
