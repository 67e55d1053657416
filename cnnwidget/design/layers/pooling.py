"""Pooling: one value per window, or one per channel."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from cnnwidget.design.axes import (
    NotNegative,
    PerAxis,
    Positive,
    Shape,
    numbers_or,
    per_axis,
    short,
    spell,
)
from cnnwidget.design.layers.layer import (
    FLOAT_BYTES,
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
    unused_inputs,
)
from cnnwidget.design.layers.taps import WHOLE, Taps, Window

PoolKind = Literal["max", "avg", "lp"]

# The settings of each kind besides kernel and stride.
SETTINGS: dict[PoolKind, tuple[str, ...]] = {
    "max": ("padding", "dilation", "ceil_mode"),
    "avg": ("padding", "ceil_mode", "count_include_pad"),
    "lp": ("ceil_mode", "norm_type"),
}
TORCH_POOL: dict[PoolKind, str] = {"max": "MaxPool", "avg": "AvgPool", "lp": "LPPool"}


class Pool(Layer):
    """The maximum, average or p-norm of each window.

    out = floor((in + 2 * padding - dilation * (kernel_size - 1) - 1) / stride) + 1

    With `ceil_mode` the division is rounded up, as long as the last window begins within the input
    or the padding before it. Padding counts as zeros in an average, or not at all with
    `count_include_pad=False`, and never in a maximum; it is at most half of the kernel.

    `lp` is the root of the sum of powers `norm_type`. With the default of 2 that is the root of the
    sum of squares: the root mean square of the window times the root of its size.

    A kind does not accept the settings of another: only `max` has a dilation, only `avg`
    `count_include_pad`, only `lp` a `norm_type`, and `lp` has no padding.

    Attributes:
        kind: max, avg or lp.
        kernel_size: of the window.
        stride: from window to window; None is the kernel size.

    Sources: https://docs.pytorch.org/docs/stable/generated/torch.nn.MaxPool2d.html, AvgPool2d and
    LPPool2d.

    Example:
        >>> Pool(kind="max", kernel_size=3, stride=2, padding=1).output_shape((64, 112, 112))
        (64, 56, 56)
    """

    kind: PoolKind = "max"
    kernel_size: Positive
    stride: Annotated[PerAxis | None, numbers_or(1, None)] = None
    padding: NotNegative = 0
    dilation: Positive = 1
    ceil_mode: bool = False
    count_include_pad: bool = True
    norm_type: Annotated[float, Field(gt=0)] = 2.0

    @model_validator(mode="after")
    def _settings_of_its_kind(self) -> Self:
        for name in self.changed_fields():
            if name in ("kind", "kernel_size", "stride") or name in SETTINGS[self.kind]:
                continue
            raise ValueError(
                f"{name} is no setting of a pool of kind {self.kind!r}, which has "
                f"{', '.join(SETTINGS[self.kind])}; leave it out."
            )
        return self

    def output_shape(self, shape: Shape) -> Shape:
        axes = len(shape) - 1
        if not 1 <= axes <= 3:
            spatial_axes(shape, "pooling")
        check_lengths(self, ("kernel_size", "stride", "padding", "dilation"), axes)
        size = []
        for n, k, s, p, d in zip(shape[1:], *self.settings_at(axes), strict=True):
            if p > k // 2:
                raise Misfit(f"padding {p} is more than half of the kernel {k}")
            if n < k and axes == 3 and self.kind != "max":
                raise Misfit(
                    f"PyTorch takes no kernel {k} larger than an axis of {n} for averages over "
                    "three axes, padded or not"
                )
            room = n + 2 * p - d * (k - 1) - 1
            m = (room + s - 1) // s + 1 if self.ceil_mode else room // s + 1
            if self.ceil_mode and (m - 1) * s >= n + p:
                m -= 1
            if m < 1:
                raise Misfit(self._too_large(shape))
            size.append(m)
        return (shape[0], *size)

    def settings_at(
        self, axes: int
    ) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
        """Return kernel, stride, padding and dilation along each axis."""
        kernel = per_axis(self.kernel_size, axes)
        stride = kernel if self.stride is None else per_axis(self.stride, axes)
        return kernel, stride, per_axis(self.padding, axes), per_axis(self.dilation, axes)

    def saved(self, shape: Shape, output_shape: Shape) -> SavedForBackward:
        if self.kind == "avg":
            return INPUT
        if self.kind == "max":
            return SavedForBackward(True, extra=INDEX_BYTES * prod(output_shape))
        # The powers, their averages, and signs, sizes and sums of these.
        return SavedForBackward(True, extra=FLOAT_BYTES * (prod(shape) + 4 * prod(output_shape)))

    def taps(self, shape: Shape, output_shape: Shape) -> Taps:
        return tuple(map(Window, *self.settings_at(len(shape) - 1)))

    def formula(self, shape: Shape, output_shape: Shape) -> str:
        low, high = "⌈⌉" if self.ceil_mode else "⌊⌋"
        formulas = []
        for n, m, k, s, p, d in zip(
            shape[1:], output_shape[1:], *self.settings_at(len(shape) - 1), strict=True
        ):
            # Rounded up, the last window may begin beyond the input and is then left out.
            beyond = self.ceil_mode and m * s < n + 2 * p - d * (k - 1) - 1 + s
            formulas.append(
                f"{low}({n} + 2·{p} − {d}·({k} − 1) − 1) / {s}{high} + 1"
                + (" − 1 that would begin beyond the input" if beyond else "")
                + f" = {m}"
            )
        return join_formulas(formulas)

    def lost(self, shape: Shape, output_shape: Shape) -> tuple[int, ...]:
        settings = self.settings_at(len(shape) - 1)
        return unused_inputs(shape[1:], output_shape[1:], *settings)

    def call(self, shape: Shape) -> Call:
        axes = len(shape) - 1
        settings = self.changed_fields()
        settings.pop("kind", None)
        if self.kind == "lp":
            settings = {"norm_type": self.norm_type} | settings
        for key, value in settings.items():
            if isinstance(value, tuple):
                settings[key] = short(value)
        name = TORCH_POOL[self.kind] + (f"{axes}d" if 1 <= axes <= 3 else "")
        return Call(name, (), tuple(settings.items()))

    def mended(self, shape: Shape) -> Iterator[Layer]:
        axes = len(shape) - 1
        if not axes:
            return
        kernel = per_axis(self.kernel_size, axes)
        halves = zip(per_axis(self.padding, axes), kernel, strict=False)
        shrunk = tuple(min(n, k) for n, k in zip(shape[1:], kernel, strict=False))
        yield self.replace(padding=short(tuple(min(p, k // 2) for p, k in halves)))
        yield self.replace(ceil_mode=True)
        yield self.replace(kernel_size=shrunk, padding=0, dilation=1)
        yield self.replace(kernel_size=1, stride=None, padding=0, dilation=1)

    def _too_large(self, shape: Shape) -> str:
        kernel, _, padding, dilation = self.settings_at(len(shape) - 1)
        spans = tuple(d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True))
        padded = tuple(n + 2 * p for n, p in zip(shape[1:], padding, strict=True))
        return f"a window that spans {spell(spans)} is larger than the padded input {spell(padded)}"


class GlobalPool(Layer):
    """One value per channel: the average or the maximum over all positions.

    Source: Lin et al. 2013, https://arxiv.org/abs/1312.4400, in place of fully connected layers;
    https://docs.pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool2d.html

    Example:
        >>> GlobalPool().output_shape((512, 7, 7))
        (512, 1, 1)
    """

    kind: Literal["avg", "max"] = "avg"

    def output_shape(self, shape: Shape) -> Shape:
        return (shape[0], *(1,) * spatial_axes(shape, "a global pool"))

    def saved(self, shape: Shape, output_shape: Shape) -> SavedForBackward:
        if self.kind == "avg":  # PyTorch computes a plain mean, which needs only sizes
            return NOTHING
        return SavedForBackward(True, extra=INDEX_BYTES * shape[0])

    def taps(self, shape: Shape, output_shape: Shape) -> Taps:
        return (WHOLE,) * (len(shape) - 1)

    def formula(self, shape: Shape, output_shape: Shape) -> str:
        return join_formulas(f"all {n} at once = 1" for n in shape[1:])

    def call(self, shape: Shape) -> Call:
        axes = len(shape) - 1
        kind = "Avg" if self.kind == "avg" else "Max"
        name = f"Adaptive{kind}Pool" + (f"{axes}d" if 1 <= axes <= 3 else "")
        return Call(name, (("output_size", 1),))
