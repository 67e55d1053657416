"""Layers that reshape: the same values in another shape."""

from __future__ import annotations

from collections.abc import Iterator
from math import gcd, prod
from typing import Annotated

from pydantic import AfterValidator, Field

from cnnwidget.design.axes import LayerShape, Positive, Shape, per_axis, short, spell
from cnnwidget.design.layers.layer import (
    NOTHING,
    SAME,
    Call,
    Layer,
    Misfit,
    SavedForBackward,
    check_lengths,
    join_formulas,
    spatial_axes,
)
from cnnwidget.design.layers.taps import IDENTITY, Scaled, Taps, Window


def not_the_batch(value: int) -> int:
    """Return the number of an axis, which must not be 0, the batch."""
    if value == 0:
        raise ValueError("axis 0 is the batch; channels are axis 1, and -1 is the last.")
    return value


# torch's number of an axis: the batch is 0, channels are 1, and the last is -1.
Dim = Annotated[int, Field(gt=-(2**31), lt=2**31), AfterValidator(not_the_batch)]


def axis_index(dim: int, shape: Shape, name: str) -> int:
    """Return the index of torch's axis `dim` in a shape without the batch.

    Raises:
        Misfit: if there is no such axis.
    """
    index = dim - 1 if dim > 0 else len(shape) + dim
    if not 0 <= index < len(shape):
        raise Misfit(f"{name} {dim} is no axis of {spell(shape)} behind the batch")
    return index


class Flatten(Layer):
    """Flattens channels and axes: all of them, or those from `start_dim` to `end_dim`.

    Axes are numbered as in PyTorch: 0 is the batch, 1 the channels, -1 the last.

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.Flatten.html

    Example:
        >>> Flatten().output_shape((8, 4, 4))
        (128,)
        >>> Flatten(start_dim=2).output_shape((8, 4, 4))
        (8, 16)
    """

    start_dim: Dim = 1
    end_dim: Dim = -1

    def output_shape(self, shape: Shape) -> Shape:
        if self.start_dim == 1 and self.end_dim == -1:
            return (prod(shape),)
        start = axis_index(self.start_dim, shape, "start_dim")
        end = axis_index(self.end_dim, shape, "end_dim")
        if start > end:
            raise Misfit(
                f"start_dim {self.start_dim} comes after end_dim {self.end_dim} in {spell(shape)}"
            )
        return (*shape[:start], prod(shape[start : end + 1]), *shape[end + 1 :])

    def saved(self, shape: Shape, output_shape: Shape) -> SavedForBackward:
        return SAME

    def taps(self, shape: Shape, output_shape: Shape) -> Taps:
        return (IDENTITY,) * (len(shape) - 1) if output_shape == shape else "reshaped"

    def formula(self, shape: Shape, output_shape: Shape) -> str:
        if output_shape == shape:
            return ""
        start = axis_index(self.start_dim, shape, "start_dim")
        end = axis_index(self.end_dim, shape, "end_dim")
        return f"{'·'.join(map(str, shape[start : end + 1]))} = {output_shape[start]}"

    def call(self, shape: Shape) -> Call:
        return Call("Flatten", (), tuple(self.changed_fields().items()))

    def mended(self, shape: Shape) -> Iterator[Layer]:
        yield self.replace(start_dim=1)
        yield self.replace(end_dim=-1)
        yield Flatten()


class Unflatten(Layer):
    """Unfolds one axis of the input, by default the first, into a shape.

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.Unflatten.html

    Example:
        >>> Unflatten(shape=(8, 4, 4)).output_shape((128,))
        (8, 4, 4)
    """

    shape: LayerShape
    dim: Dim = 1

    def output_shape(self, shape: Shape) -> Shape:
        axis = axis_index(self.dim, shape, "dim")
        if prod(self.shape) != shape[axis]:
            raise Misfit(f"{shape[axis]} values do not fill {spell(self.shape)}")
        return (*shape[:axis], *self.shape, *shape[axis + 1 :])

    def saved(self, shape: Shape, output_shape: Shape) -> SavedForBackward:
        return SAME

    def taps(self, shape: Shape, output_shape: Shape) -> Taps:
        return (IDENTITY,) * (len(shape) - 1) if output_shape == shape else "reshaped"

    def formula(self, shape: Shape, output_shape: Shape) -> str:
        if output_shape == shape:
            return ""
        return f"{prod(self.shape)} = {'·'.join(map(str, self.shape))}"

    def call(self, shape: Shape) -> Call:
        return Call("Unflatten", (("dim", self.dim), ("unflattened_size", self.shape)))

    def mended(self, shape: Shape) -> Iterator[Layer]:
        yield self.replace(dim=1)
        yield Unflatten(shape=(shape[0], *(1,) * (len(self.shape) - 1)))


class PixelShuffle(Layer):
    """Rearranges channels into pixels: `upscale_factor` times as many along every axis.

    An upsampling without weights and without overlaps, behind a convolution with as many channels
    as are needed. In two dimensions with one factor this is `torch.nn.PixelShuffle`. Other cases
    follow the same rule: the channels of one output channel are consecutive, and go to pixels in
    the order of the axes, the last axis fastest.

    Source: Shi et al. 2016, https://arxiv.org/abs/1609.05158

    Example:
        >>> PixelShuffle(upscale_factor=2).output_shape((12, 8, 8))
        (3, 16, 16)
    """

    upscale_factor: Positive

    def output_shape(self, shape: Shape) -> Shape:
        axes = spatial_axes(shape, "a pixel shuffle")
        check_lengths(self, ("upscale_factor",), axes)
        factors = per_axis(self.upscale_factor, axes)
        channels, rest = divmod(shape[0], prod(factors))
        if rest:
            raise Misfit(
                f"{shape[0]} channels are no multiple of the {prod(factors)} that one output "
                f"channel takes with upscale_factor {spell(factors)}"
            )
        return (channels, *[n * r for n, r in zip(shape[1:], factors, strict=True)])

    def saved(self, shape: Shape, output_shape: Shape) -> SavedForBackward:
        return NOTHING

    def taps(self, shape: Shape, output_shape: Shape) -> Taps:
        factors = per_axis(self.upscale_factor, len(shape) - 1)
        return tuple(IDENTITY if r == 1 else Scaled(((0, 0),) * r, 1) for r in factors)

    def formula(self, shape: Shape, output_shape: Shape) -> str:
        factors = per_axis(self.upscale_factor, len(shape) - 1)
        pairs = zip(shape[1:], factors, strict=True)
        return join_formulas(f"{n}·{r} = {n * r}" for n, r in pairs)

    def call(self, shape: Shape) -> Call:
        return shuffle_call("PixelShuffle", "upscale_factor", self.upscale_factor, shape)

    def mended(self, shape: Shape) -> Iterator[Layer]:
        axes = len(shape) - 1
        largest = max(per_axis(self.upscale_factor, axes), default=1)
        for factor in range(min(largest, shape[0]), 0, -1):
            if shape[0] % factor**axes == 0:
                yield PixelShuffle(upscale_factor=factor)


class PixelUnshuffle(Layer):
    """Rearranges pixels into channels: the inverse of `PixelShuffle`.

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.PixelUnshuffle.html

    Example:
        >>> PixelUnshuffle(downscale_factor=2).output_shape((3, 16, 16))
        (12, 8, 8)
    """

    downscale_factor: Positive

    def output_shape(self, shape: Shape) -> Shape:
        axes = spatial_axes(shape, "a pixel unshuffle")
        check_lengths(self, ("downscale_factor",), axes)
        factors = per_axis(self.downscale_factor, axes)
        for n, r in zip(shape[1:], factors, strict=True):
            if n % r:
                raise Misfit(f"{n} is no multiple of the downscale_factor {r}")
        size = [n // r for n, r in zip(shape[1:], factors, strict=True)]
        return (shape[0] * prod(factors), *size)

    def saved(self, shape: Shape, output_shape: Shape) -> SavedForBackward:
        return NOTHING

    def taps(self, shape: Shape, output_shape: Shape) -> Taps:
        return tuple(Window(r, r) for r in per_axis(self.downscale_factor, len(shape) - 1))

    def formula(self, shape: Shape, output_shape: Shape) -> str:
        factors = per_axis(self.downscale_factor, len(shape) - 1)
        pairs = zip(shape[1:], factors, strict=True)
        return join_formulas(f"{n} / {r} = {n // r}" for n, r in pairs)

    def call(self, shape: Shape) -> Call:
        return shuffle_call("PixelUnshuffle", "downscale_factor", self.downscale_factor, shape)

    def mended(self, shape: Shape) -> Iterator[Layer]:
        factors = per_axis(self.downscale_factor, len(shape) - 1)
        common = tuple(gcd(n, r) for n, r in zip(shape[1:], factors, strict=False))
        if common:
            yield PixelUnshuffle(downscale_factor=short(common))


def shuffle_call(name: str, setting: str, factor: int | tuple[int, ...], shape: Shape) -> Call:
    """Return the call of PyTorch's module where it has one, else of one for any factors."""
    value = short(factor)
    if len(shape) == 3 and isinstance(value, int):
        return Call(name, (), ((setting, value),))
    return Call(f"{name}Nd", (), ((setting, value),))
