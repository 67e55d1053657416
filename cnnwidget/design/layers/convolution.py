"""Convolution and transposed convolution, with PyTorch's settings, per axis or for all axes.

A layer does not repeat its input: the number of input channels and of spatial axes follow from the
input shape, so that `Conv` is Conv1d, Conv2d or Conv3d as needed.

Both are in one file, though it is long: each is the inverse of the other, and they share settings.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import gcd, prod
from typing import Literal

from cnnwidget.design.axes import (
    Count,
    NotNegative,
    Padding,
    Positive,
    Shape,
    Size,
    per_axis,
    spell,
)
from cnnwidget.design.layers.layer import (
    FLOAT_BYTES,
    INPUT,
    Call,
    Layer,
    Misfit,
    SavedForBackward,
    check_lengths,
    join_formulas,
    non_default_settings,
    spatial_axes,
    unused_inputs,
)
from cnnwidget.design.layers.taps import Taps, TransposedWindow, Window

PaddingMode = Literal["zeros", "reflect", "replicate", "circular"]


class Conv(Layer):
    """A convolution over one, two or three axes.

    out = floor((in + 2 * padding - dilation * (kernel_size - 1) - 1) / stride) + 1

    `padding="same"` gives ceil(in / stride) with any stride. The padding is half of the kernel's
    overhang, rounded down where that suffices. With stride 1 and an even kernel the two sides need
    unequal paddings, which only PyTorch's own `padding="same"` has, and only where every stride is
    1; where only some strides are 1, such a layer is refused. The layer table shows the resulting
    numbers. `groups` equal to the channels of the input is a depthwise convolution.

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv2d.html

    Example:
        >>> Conv(out_channels=8, kernel_size=3, stride=2, padding="same").output_shape((3, 65, 64))
        (8, 33, 32)
    """

    out_channels: Count
    kernel_size: Positive
    stride: Positive = 1
    padding: Padding = 0
    dilation: Positive = 1
    groups: Count = 1
    bias: bool = True
    padding_mode: PaddingMode = "zeros"

    def output_shape(self, shape: Shape) -> Shape:
        if not 2 <= len(shape) <= 4:
            spatial_axes(shape, "a convolution")
        size = shape[1:]
        kernel, stride, padding, dilation = self.numbers_at(size)
        if self.groups > 1:
            check_groups(self, shape[0])
        if self.padding_mode != "zeros":
            self._check_mode(size, padding)
        if padding == "same":
            return (self.out_channels, *size)
        output = (self.out_channels, *map(conv_length, size, kernel, stride, padding, dilation))
        if min(output) < 1:
            raise Misfit(self._too_large(size, padding))
        return output

    def numbers_at(self, size: Size) -> tuple[Size, Size, tuple[int, ...] | Literal["same"], Size]:
        """Return kernel size, stride, padding and dilation as one number per axis."""
        kernel, stride, padding, dilation = (
            self.kernel_size, self.stride, self.padding, self.dilation,
        )  # fmt: skip
        axes = len(size)
        # The usual case has its own lines: they run for every layer at every move of a slider.
        try:
            if len(kernel) == len(stride) == len(padding) == len(dilation) == axes:  # type: ignore[arg-type]
                return kernel, stride, padding, dilation  # type: ignore[return-value]
        except TypeError:  # a number for all axes has no length
            pass
        padding = self.padding_at(size)
        return per_axis(kernel, axes), per_axis(stride, axes), padding, per_axis(dilation, axes)

    def padding_at(self, size: Size) -> tuple[int, ...] | Literal["same"]:
        """Return the padding of each axis for an input size, or "same" where only PyTorch's fits.

        Raises:
            Misfit: where there is no such padding.
        """
        axes = len(size)
        check_lengths(self, ("kernel_size", "stride", "padding", "dilation"), axes)
        if not isinstance(self.padding, str):
            return per_axis(self.padding, axes)
        if self.padding == "valid":
            return (0,) * axes
        kernel = per_axis(self.kernel_size, axes)
        stride = per_axis(self.stride, axes)
        dilation = per_axis(self.dilation, axes)
        padding = []
        for n, k, s, d in zip(size, kernel, stride, dilation, strict=True):
            overhang = d * (k - 1)
            if overhang % 2 and s == 1:
                if set(stride) == {1}:
                    return "same"
                raise Misfit(
                    "padding 'same' with an even kernel along an axis of stride 1 takes unequal "
                    "sides, which PyTorch offers only where every stride is 1"
                )
            padding.append((overhang + (n % s == 1)) // 2)
        return tuple(padding)

    def costs(self, shape: Shape, output_shape: Shape) -> tuple[int, int]:
        each = shape[0] // self.groups * kernel_elements(self, shape)  # output value
        return self.out_channels * (each + self.bias), prod(output_shape) * each

    def saved(self, shape: Shape, output_shape: Shape) -> SavedForBackward:
        zeros = self.padding_mode == "zeros"
        if zeros and self.padding != "same":
            return INPUT
        padding = self.padding_at(shape[1:])
        if zeros and padding != "same":
            return INPUT
        axes = len(shape) - 1
        kernel, dilation = per_axis(self.kernel_size, axes), per_axis(self.dilation, axes)
        margins: Iterable[int] = (d * (k - 1) for k, d in zip(kernel, dilation, strict=True))
        if padding != "same":
            margins = (2 * p for p in padding)
        elif zeros:
            # Unequal sides: PyTorch first pads a copy by one along these axes.
            margins = (margin % 2 for margin in margins)
        # The convolution saves the padded copy. Reflection and replication also save their input,
        # for its gradient.
        padded = (n + margin for n, margin in zip(shape[1:], margins, strict=True))
        extra = FLOAT_BYTES * shape[0] * prod(padded)
        return SavedForBackward(
            extra=extra, learned_input=self.padding_mode in ("reflect", "replicate")
        )

    def taps(self, shape: Shape, output_shape: Shape) -> Taps:
        axes = len(shape) - 1
        kernel, stride = per_axis(self.kernel_size, axes), per_axis(self.stride, axes)
        dilation, padding = per_axis(self.dilation, axes), self.padding_at(shape[1:])
        if padding == "same":  # PyTorch's own pads one more at the far end
            overhangs = (d * (k - 1) for k, d in zip(kernel, dilation, strict=True))
            padding = tuple(overhang // 2 for overhang in overhangs)
        modes = (self.padding_mode,) * axes
        return tuple(map(Window, kernel, stride, padding, dilation, modes))

    def formula(self, shape: Shape, output_shape: Shape) -> str:
        axes = len(shape) - 1
        padding = self.padding_at(shape[1:])
        if padding == "same":
            return "; ".join(f"padded to stay {n}" for n in dict.fromkeys(shape[1:]))
        return join_formulas(
            f"⌊({n} + 2·{p} − {d}·({k} − 1) − 1) / {s}⌋ + 1 = {m}"
            for n, m, k, s, p, d in zip(
                shape[1:],
                output_shape[1:],
                per_axis(self.kernel_size, axes),
                per_axis(self.stride, axes),
                padding,
                per_axis(self.dilation, axes),
                strict=True,
            )
        )

    def lost(self, shape: Shape, output_shape: Shape) -> tuple[int, ...]:
        axes = len(shape) - 1
        padding = self.padding_at(shape[1:])
        if padding == "same":
            return (0,) * axes
        return unused_inputs(
            shape[1:],
            output_shape[1:],
            per_axis(self.kernel_size, axes),
            per_axis(self.stride, axes),
            padding,
            per_axis(self.dilation, axes),
        )

    def call(self, shape: Shape) -> Call:
        padding: object
        try:
            padding = self.padding_at(shape[1:])
        except Misfit:  # the row of a layer that does not fit shows its own setting
            padding = self.padding
        return conv_call(
            self,
            shape,
            kernel_size=self.kernel_size,
            stride=self.stride,
            padding=padding,
            dilation=self.dilation,
            groups=self.groups,
            bias=self.bias,
            padding_mode=self.padding_mode,
        )

    def mended(self, shape: Shape) -> Iterator[Layer]:
        axes = len(shape) - 1
        regrouped = self.replace(groups=gcd(shape[0], self.out_channels, self.groups))
        yield regrouped
        yield regrouped.replace(padding_mode="zeros")
        yield regrouped.replace(padding="same")
        fitting = zip(shape[1:], per_axis(self.kernel_size, axes), strict=False)
        if axes:
            yield regrouped.replace(kernel_size=tuple(min(n, k) for n, k in fitting), dilation=1)
        yield regrouped.replace(
            kernel_size=1, stride=1, padding=0, dilation=1, padding_mode="zeros"
        )

    def _check_mode(self, size: Size, padding: tuple[int, ...] | Literal["same"]) -> None:
        """Refuse more reflected or circular padding than the input has values."""
        axes = len(size)
        if padding == "same":
            kernel, dilation = per_axis(self.kernel_size, axes), per_axis(self.dilation, axes)
            padding = tuple(-(-d * (k - 1) // 2) for k, d in zip(kernel, dilation, strict=True))
        for n, p in zip(size, padding, strict=True):
            most = n - 1 if self.padding_mode == "reflect" else n
            if p > most and self.padding_mode != "replicate":
                raise Misfit(
                    f"padding_mode {self.padding_mode!r} pads {n} by at most {most}, not by {p}"
                )

    def _too_large(self, size: Size, padding: tuple[int, ...]) -> str:
        axes = len(size)
        kernel, dilation = per_axis(self.kernel_size, axes), per_axis(self.dilation, axes)
        span = tuple(d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True))
        padded = tuple(n + 2 * p for n, p in zip(size, padding, strict=True))
        reach = f", spread to {spell(span)} by dilation" if span != kernel else ""
        return f"the kernel {spell(kernel)}{reach} is larger than its padded input {spell(padded)}"


class ConvTranspose(Layer):
    """A transposed convolution over one, two or three axes.

    out = (in - 1) * stride - 2 * padding + dilation * (kernel_size - 1) + output_padding + 1

    `output_padding` adds no values of its own: it selects one of the sizes that a convolution with
    the same settings would reduce to `in`. The multiply-accumulates follow from the *input* size:
    every input value is multiplied with the whole kernel once.

    `padding="same"` gives in * stride, the largest size that a convolution with `padding="same"`
    and this stride reduces to `in`. The padding cuts off equal halves of the kernel's overhang, and
    `output_padding` makes up for an odd overhang, or for a kernel smaller than the stride. The
    field `output_padding` must then be 0.

    An output of size 0 counts as refused, though PyTorch returns it, because it is empty.

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.ConvTranspose2d.html

    Example:
        >>> ConvTranspose(out_channels=3, kernel_size=4, stride=2, padding=1).output_shape((8, 7, 8))
        (3, 14, 16)
        >>> ConvTranspose(out_channels=3, kernel_size=3, stride=2, padding="same").call((8, 7)).kwargs
        (('kernel_size', 3), ('stride', 2), ('padding', 1), ('output_padding', 1))
    """  # noqa: E501

    out_channels: Count
    kernel_size: Positive
    stride: Positive = 1
    padding: Padding = 0
    output_padding: NotNegative = 0
    dilation: Positive = 1
    groups: Count = 1
    bias: bool = True

    def output_shape(self, shape: Shape) -> Shape:
        if not 2 <= len(shape) <= 4:
            spatial_axes(shape, "a transposed convolution")
        kernel, stride, padding, extra, dilation = self.numbers_at(len(shape) - 1)
        if self.groups > 1:
            check_groups(self, shape[0])
        if any(extra):
            for o, s, d in zip(extra, stride, dilation, strict=True):
                if o >= s and o >= d:
                    raise Misfit(
                        f"output_padding {spell(extra)} must be smaller than the stride "
                        f"{spell(stride)} or the dilation {spell(dilation)}"
                    )
        after = map(transposed_length, shape[1:], kernel, stride, padding, extra, dilation)
        output = (self.out_channels, *after)
        if min(output) < 1:
            raise Misfit(
                f"padding {spell(padding)} cuts away all of the output, whose size would be "
                f"{spell(output[1:])}"
            )
        return output

    def numbers_at(self, axes: int) -> tuple[Size, Size, Size, Size, Size]:
        """Return kernel size, stride, padding, output_padding and dilation, one number per axis."""
        kernel, stride, padding, extra, dilation = (
            self.kernel_size, self.stride, self.padding, self.output_padding, self.dilation,
        )  # fmt: skip
        try:
            if len(kernel) == len(stride) == len(padding) == len(extra) == len(dilation) == axes:  # type: ignore[arg-type]
                return kernel, stride, padding, extra, dilation  # type: ignore[return-value]
        except TypeError:  # a number for all axes has no length
            pass
        padding, extra = self.paddings_at(axes)
        return (
            per_axis(kernel, axes),
            per_axis(stride, axes),
            padding,
            extra,
            per_axis(dilation, axes),
        )

    def paddings_at(self, axes: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Return `padding` and `output_padding`, one number per axis.

        Raises:
            Misfit: where the settings do not go with this number of axes, or with each other.
        """
        fields = ("kernel_size", "stride", "padding", "output_padding", "dilation")
        check_lengths(self, fields, axes)
        extras = per_axis(self.output_padding, axes)
        if not isinstance(self.padding, str):
            return per_axis(self.padding, axes), extras
        if self.padding == "valid":
            return (0,) * axes, extras
        if any(extras):
            raise Misfit("padding 'same' finds output_padding by itself, which must be 0")
        kernel, stride = per_axis(self.kernel_size, axes), per_axis(self.stride, axes)
        dilation = per_axis(self.dilation, axes)
        over = [d * (k - 1) + 1 - s for k, s, d in zip(kernel, stride, dilation, strict=True)]
        padding = tuple(max(0, -(-each // 2)) for each in over)
        return padding, tuple(2 * p - each for p, each in zip(padding, over, strict=True))

    def costs(self, shape: Shape, output_shape: Shape) -> tuple[int, int]:
        each = self.out_channels // self.groups * kernel_elements(self, shape)  # input value
        return shape[0] * each + self.out_channels * self.bias, prod(shape) * each

    def taps(self, shape: Shape, output_shape: Shape) -> Taps:
        axes = len(shape) - 1
        padding, _ = self.paddings_at(axes)
        settings = (self.kernel_size, self.stride, padding, self.dilation)
        return tuple(map(TransposedWindow, *(per_axis(each, axes) for each in settings)))

    def formula(self, shape: Shape, output_shape: Shape) -> str:
        axes = len(shape) - 1
        settings = (self.kernel_size, self.stride, *self.paddings_at(axes), self.dilation)
        return join_formulas(
            f"({n} − 1)·{s} − 2·{p} + {d}·({k} − 1) + {o} + 1 = {m}"
            for n, m, k, s, p, o, d in zip(
                shape[1:],
                output_shape[1:],
                *(per_axis(each, axes) for each in settings),
                strict=True,
            )
        )

    def call(self, shape: Shape) -> Call:
        padding: object
        extra: object
        try:
            padding, extra = self.paddings_at(len(shape) - 1)
        except Misfit:  # the row of a layer that does not fit shows its own setting
            padding, extra = self.padding, self.output_padding
        return conv_call(
            self,
            shape,
            kernel_size=self.kernel_size,
            stride=self.stride,
            padding=padding,
            output_padding=extra,
            groups=self.groups,
            bias=self.bias,
            dilation=self.dilation,
        )

    def mended(self, shape: Shape) -> Iterator[Layer]:
        regrouped = self.replace(groups=gcd(shape[0], self.out_channels, self.groups))
        yield regrouped
        yield regrouped.replace(output_padding=0)
        yield regrouped.replace(padding=0, output_padding=0)
        yield regrouped.replace(kernel_size=1, stride=1, padding=0, output_padding=0, dilation=1)


def check_groups(layer: Conv | ConvTranspose, in_channels: int) -> None:
    """Refuse channels that cannot be divided evenly into the groups."""
    if in_channels % layer.groups or layer.out_channels % layer.groups:
        raise Misfit(
            f"{in_channels} input and {layer.out_channels} output channels cannot be dealt out "
            f"evenly to {layer.groups} groups"
        )


def conv_call(layer: Conv | ConvTranspose, shape: Shape, **settings: object) -> Call:
    """Return the constructor of either convolution, without torch's defaults."""
    axes = len(shape) - 1
    return Call(
        type(layer).__name__ + (f"{axes}d" if 1 <= axes <= 3 else ""),
        (("in_channels", shape[0]), ("out_channels", layer.out_channels)),
        non_default_settings(*settings.items()),
    )


def conv_length(n: int, k: int, s: int, p: int, d: int) -> int:
    """Return the output length of a convolution for an axis of `n` values."""
    return (n + 2 * p - d * (k - 1) - 1) // s + 1


def transposed_length(n: int, k: int, s: int, p: int, o: int, d: int) -> int:  # noqa: PLR0917
    """Return the output length of a transposed convolution for an axis of `n` values."""
    return (n - 1) * s - 2 * p + d * (k - 1) + o + 1


def kernel_elements(layer: Conv | ConvTranspose, shape: Shape) -> int:
    """Return the number of elements of the kernel."""
    kernel, axes = layer.kernel_size, len(shape) - 1
    try:
        if len(kernel) == axes:  # type: ignore[arg-type]
            return prod(kernel)  # type: ignore[arg-type]
    except TypeError:  # a number for all axes has no length
        pass
    return prod(per_axis(kernel, axes))
