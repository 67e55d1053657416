"""Convolution and transposed convolution, with every size of PyTorch and each axis apart.

A layer does not repeat what its input already says: the number of input channels and of spatial
axes follow from the shape it is asked about, so `Conv` is Conv1d, Conv2d or Conv3d as needed.
"""

from __future__ import annotations

from collections.abc import Iterator
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
from cnnwidget.design.layer import (
    FLOAT_BYTES,
    INPUT,
    Call,
    Kept,
    Layer,
    Misfit,
    check_lengths,
    spatial_axes,
    stated,
)


class Conv(Layer):
    """A convolution over one, two or three axes.

    out = floor((in + 2 * padding - dilation * (kernel_size - 1) - 1) / stride) + 1

    `padding="same"` gives ceil(in / stride) with any stride: half of what the kernel overhangs
    on either side, rounded up only where rounding down would come out one short. With stride 1
    and an even kernel that takes unequal sides, which is PyTorch's own `padding="same"`.

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

    def output_shape(self, shape: Shape) -> Shape:
        axes = spatial_axes(shape, "a convolution")
        padding = self.padding_at(shape[1:])
        check_groups(self, shape[0])
        kernel = per_axis(self.kernel_size, axes)
        stride = per_axis(self.stride, axes)
        dilation = per_axis(self.dilation, axes)
        if padding == "same":
            return (self.out_channels, *shape[1:])
        size = []
        for n, k, s, p, d in zip(shape[1:], kernel, stride, padding, dilation, strict=True):
            room = n + 2 * int(p) - d * (k - 1) - 1
            if room < 0:
                raise Misfit(self._too_large(shape[1:], padding))
            size.append(room // s + 1)
        return (self.out_channels, *size)

    def padding_at(self, size: Size) -> tuple[int, ...] | Literal["same"]:
        """`padding` in numbers for an input of this size, or "same" where only PyTorch's fits."""
        axes = len(size)
        check_lengths(self, ("kernel_size", "stride", "padding", "dilation"), axes)
        if self.padding == "valid":
            return (0,) * axes
        if self.padding != "same":
            return per_axis(self.padding, axes)
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

    def params(self, shape: Shape) -> int:
        return self.out_channels * (shape[0] // self.groups * taps(self, shape) + self.bias)

    def macs(self, shape: Shape, output_shape: Shape) -> int:
        return prod(output_shape) * (shape[0] // self.groups) * taps(self, shape)

    def keeps(self, shape: Shape, output_shape: Shape) -> Kept:
        if self.padding != "same" or self.padding_at(shape[1:]) != "same":
            return INPUT
        # Sides that are not equal: PyTorch first pads a copy by one along these axes, and keeps it.
        axes = len(shape) - 1
        kernel, dilation = per_axis(self.kernel_size, axes), per_axis(self.dilation, axes)
        padded = (n + d * (k - 1) % 2 for n, k, d in zip(shape[1:], kernel, dilation, strict=True))
        return Kept(extra=FLOAT_BYTES * shape[0] * prod(padded))

    def call(self, shape: Shape) -> Call:
        padding: object
        try:
            padding = self.padding_at(shape[1:])
        except Misfit:  # the row of a layer that does not fit shows what was asked for
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
        )

    def mended(self, shape: Shape) -> Iterator[Layer]:
        axes = len(shape) - 1
        dealt = self.replace(groups=gcd(shape[0], self.out_channels, self.groups))
        yield dealt
        yield dealt.replace(padding="same")
        fitting = zip(shape[1:], per_axis(self.kernel_size, axes), strict=False)
        if axes:
            yield dealt.replace(kernel_size=tuple(min(n, k) for n, k in fitting), dilation=1)
        yield dealt.replace(kernel_size=1, stride=1, padding=0, dilation=1)

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

    `output_padding` adds nothing to look at: it picks one of the input sizes that a convolution
    with the same settings would have brought down to `in`. Its multiply-accumulates follow the
    *input* size: every input value meets the whole kernel once.

    An output of size 0 counts as refused, though PyTorch returns it: there is nothing in it.

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.ConvTranspose2d.html

    Example:
        >>> ConvTranspose(out_channels=3, kernel_size=4, stride=2, padding=1).output_shape((8, 7, 8))
        (3, 14, 16)
    """  # noqa: E501

    out_channels: Count
    kernel_size: Positive
    stride: Positive = 1
    padding: NotNegative = 0
    output_padding: NotNegative = 0
    dilation: Positive = 1
    groups: Count = 1
    bias: bool = True

    def output_shape(self, shape: Shape) -> Shape:
        axes = spatial_axes(shape, "a transposed convolution")
        per_axis_fields = ("kernel_size", "stride", "padding", "output_padding", "dilation")
        check_lengths(self, per_axis_fields, axes)
        check_groups(self, shape[0])
        kernel = per_axis(self.kernel_size, axes)
        stride = per_axis(self.stride, axes)
        padding = per_axis(self.padding, axes)
        extra = per_axis(self.output_padding, axes)
        dilation = per_axis(self.dilation, axes)
        size = []
        for n, k, s, p, o, d in zip(
            shape[1:], kernel, stride, padding, extra, dilation, strict=True
        ):
            if o >= max(s, d):
                raise Misfit(
                    f"output_padding {spell(extra)} must be smaller than the stride "
                    f"{spell(stride)} or the dilation {spell(dilation)}"
                )
            size.append((n - 1) * s - 2 * p + d * (k - 1) + o + 1)
        if min(size) < 1:
            raise Misfit(
                f"padding {spell(padding)} cuts away all of the output, whose size would be "
                f"{spell(tuple(size))}"
            )
        return (self.out_channels, *size)

    def params(self, shape: Shape) -> int:
        weights = shape[0] * (self.out_channels // self.groups) * taps(self, shape)
        return weights + self.out_channels * self.bias

    def macs(self, shape: Shape, output_shape: Shape) -> int:
        return prod(shape) * (self.out_channels // self.groups) * taps(self, shape)

    def call(self, shape: Shape) -> Call:
        return conv_call(
            self,
            shape,
            kernel_size=self.kernel_size,
            stride=self.stride,
            padding=self.padding,
            output_padding=self.output_padding,
            groups=self.groups,
            bias=self.bias,
            dilation=self.dilation,
        )

    def mended(self, shape: Shape) -> Iterator[Layer]:
        dealt = self.replace(groups=gcd(shape[0], self.out_channels, self.groups))
        yield dealt
        yield dealt.replace(output_padding=0)
        yield dealt.replace(padding=0, output_padding=0)
        yield dealt.replace(kernel_size=1, stride=1, padding=0, output_padding=0, dilation=1)


def check_groups(layer: Conv | ConvTranspose, in_channels: int) -> None:
    """PyTorch deals channels out to groups evenly, or not at all."""
    if in_channels % layer.groups or layer.out_channels % layer.groups:
        raise Misfit(
            f"{in_channels} input and {layer.out_channels} output channels cannot be dealt out "
            f"evenly to {layer.groups} groups"
        )


def conv_call(layer: Conv | ConvTranspose, shape: Shape, **settings: object) -> Call:
    """The constructor of either convolution, with what torch assumes anyway left out."""
    axes = len(shape) - 1
    return Call(
        type(layer).__name__ + (f"{axes}d" if 1 <= axes <= 3 else ""),
        (("in_channels", shape[0]), ("out_channels", layer.out_channels)),
        stated(*settings.items()),
    )


def taps(layer: Conv | ConvTranspose, shape: Shape) -> int:
    """The number of elements of the kernel."""
    return prod(per_axis(layer.kernel_size, len(shape) - 1))
