"""The leaf layers that are no convolutions: one class holds all that is known of a layer.

Sizes are those of PyTorch's own pages: https://docs.pytorch.org/docs/stable/nn.html
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import Annotated, Literal

from pydantic import Field

from cnnwidget.design.axes import Count, LayerShape, Shape, spell
from cnnwidget.design.layer import (
    FLOAT_BYTES,
    INDEX_BYTES,
    INPUT,
    NOTHING,
    OUTPUT,
    SAME,
    Call,
    Kept,
    Layer,
    Misfit,
    spatial_axes,
)

ActivationName = Literal[
    "relu", "leaky_relu", "prelu", "relu6", "elu", "selu", "celu", "gelu", "silu", "mish",
    "softplus", "softsign", "hardswish", "hardtanh", "hardsigmoid", "sigmoid", "tanh",
]  # fmt: skip
ResizeMode = Literal["adaptive_avg", "adaptive_max", "interpolate"]

TORCH_ACTIVATION: dict[ActivationName, str] = {
    "relu": "ReLU", "leaky_relu": "LeakyReLU", "prelu": "PReLU", "relu6": "ReLU6", "elu": "ELU",
    "selu": "SELU", "celu": "CELU", "gelu": "GELU", "silu": "SiLU", "mish": "Mish",
    "softplus": "Softplus", "softsign": "Softsign", "hardswish": "Hardswish",
    "hardtanh": "Hardtanh", "hardsigmoid": "Hardsigmoid", "sigmoid": "Sigmoid", "tanh": "Tanh",
}  # fmt: skip

# Those whose slope is told by what they give out; all others need what they got.
TOLD_BY_OUTPUT: frozenset[ActivationName] = frozenset({"relu", "sigmoid", "tanh"})


class Norm(Layer):
    """Normalisation of each channel: over the batch, or over each instance by itself.

    Sources: Ioffe and Szegedy 2015 (batch), Ulyanov et al. 2016 (instance). Both learn a scale
    and a shift per channel.

    Example:
        >>> Norm(kind="batch").params((32, 8, 8))
        64
    """

    kind: Literal["batch", "instance"]

    def output_shape(self, shape: Shape) -> Shape:
        if len(shape) == 1 and self.kind == "batch":
            return shape
        spatial_axes(shape, f"{self.kind} normalisation")
        if self.kind == "instance" and prod(shape[1:]) == 1:
            raise Misfit(
                "instance normalisation needs more than one value per channel to take a mean of"
            )
        return shape

    def params(self, shape: Shape) -> int:
        return 2 * shape[0]

    def keeps(self, shape: Shape, output_shape: Shape) -> Kept:
        # Of batch normalisation, mean and deviation are kept once a batch, not once a sample; of
        # the other, they and the scale stand there for each sample.
        return INPUT if self.kind == "batch" else Kept(True, extra=3 * FLOAT_BYTES * shape[0])

    def call(self, shape: Shape) -> Call:
        axes = max(1, len(shape) - 1)
        features = (("num_features", shape[0]),)
        if self.kind == "batch":
            return Call(f"BatchNorm{axes}d", features)
        return Call(f"InstanceNorm{axes}d", features, (("affine", True),))

    def mended(self, shape: Shape) -> Iterator[Layer]:
        yield Norm(kind="batch")


class Dropout(Layer):
    """Sets whole channels to zero while training, each with probability `p`.

    Source: Tompson et al. 2015; https://docs.pytorch.org/docs/stable/generated/torch.nn.Dropout2d.html

    Example:
        >>> Dropout(p=0.1).call((32, 8, 8)).name
        'Dropout2d'
    """

    p: Annotated[float, Field(ge=0, le=1)] = 0.5

    def output_shape(self, shape: Shape) -> Shape:
        return shape

    def keeps(self, shape: Shape, output_shape: Shape) -> Kept:
        if self.p == 0:
            return SAME
        if self.p == 1:
            return NOTHING  # but for one zero a batch
        # A random number for each channel, or for each value where these are no fields.
        drawn = shape[0] if 2 <= len(shape) <= 4 else prod(shape)
        return Kept(extra=FLOAT_BYTES * drawn)

    def call(self, shape: Shape) -> Call:
        axes = len(shape) - 1
        name = f"Dropout{axes}d" if 1 <= axes <= 3 else "Dropout"
        return Call(name, (), (("p", self.p),))


class Activation(Layer):
    """An activation function by name, each place with a module of its own.

    Source: https://docs.pytorch.org/docs/stable/nn.html#non-linear-activations-weighted-sum-nonlinearity

    Example:
        >>> Activation(name="prelu").params((32, 8, 8))
        1
    """

    name: ActivationName

    def output_shape(self, shape: Shape) -> Shape:
        return shape

    def params(self, shape: Shape) -> int:
        return 1 if self.name == "prelu" else 0

    def keeps(self, shape: Shape, output_shape: Shape) -> Kept:
        if self.name in TOLD_BY_OUTPUT:
            return OUTPUT
        if self.name == "softsign":  # a quotient, whose denominator is kept, too
            return Kept(True, extra=FLOAT_BYTES * prod(shape))
        return INPUT

    def call(self, shape: Shape) -> Call:
        return Call(TORCH_ACTIVATION[self.name])


class Linear(Layer):
    """A fully connected layer over the last axis.

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.Linear.html

    Example:
        >>> Linear(out_features=10).params((3072,))
        30730
    """

    out_features: Count
    bias: bool = True

    def output_shape(self, shape: Shape) -> Shape:
        return (*shape[:-1], self.out_features)

    def params(self, shape: Shape) -> int:
        return self.out_features * (shape[-1] + self.bias)

    def macs(self, shape: Shape, output_shape: Shape) -> int:
        return prod(shape) * self.out_features

    def call(self, shape: Shape) -> Call:
        features = (("in_features", shape[-1]), ("out_features", self.out_features))
        return Call("Linear", features, () if self.bias else (("bias", False),))


class Flatten(Layer):
    """Channels and axes in one row.

    Example:
        >>> Flatten().output_shape((8, 4, 4))
        (128,)
    """

    def output_shape(self, shape: Shape) -> Shape:
        return (prod(shape),)

    def keeps(self, shape: Shape, output_shape: Shape) -> Kept:
        return SAME

    def call(self, shape: Shape) -> Call:
        return Call("Flatten")


class Unflatten(Layer):
    """The first axis of the input folded into a shape.

    Example:
        >>> Unflatten(shape=(8, 4, 4)).output_shape((128,))
        (8, 4, 4)
    """

    shape: LayerShape

    def output_shape(self, shape: Shape) -> Shape:
        if prod(self.shape) != shape[0]:
            raise Misfit(f"{shape[0]} values do not fill {spell(self.shape)}")
        return (*self.shape, *shape[1:])

    def keeps(self, shape: Shape, output_shape: Shape) -> Kept:
        return SAME

    def call(self, shape: Shape) -> Call:
        return Call("Unflatten", (("dim", 1), ("unflattened_size", self.shape)))

    def mended(self, shape: Shape) -> Iterator[Layer]:
        yield Unflatten(shape=(shape[0], *(1,) * (len(self.shape) - 1)))


class Resize(Layer):
    """Brings any size to `size`: adaptive average or maximum pooling, or linear interpolation.

    Enlarging invents nothing: 14 values pooled up to 64 are still 14 values, repeated or blended.

    Sources: https://docs.pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool2d.html and
    https://docs.pytorch.org/docs/stable/generated/torch.nn.Upsample.html

    Example:
        >>> Resize(size=(64, 64), mode="interpolate").output_shape((5, 57, 57))
        (5, 64, 64)
    """

    size: LayerShape
    mode: ResizeMode = "interpolate"

    def output_shape(self, shape: Shape) -> Shape:
        axes = spatial_axes(shape, "a resize")
        if len(self.size) != axes:
            raise Misfit(f"size {self.size} has {len(self.size)} numbers for {axes} axes")
        return (shape[0], *self.size)

    def keeps(self, shape: Shape, output_shape: Shape) -> Kept:
        if self.mode == "interpolate":
            return NOTHING
        if self.mode == "adaptive_max":
            return Kept(True, extra=INDEX_BYTES * prod(output_shape))
        # One value a channel is a plain mean to PyTorch, for which sizes are enough.
        return INPUT if set(self.size) != {1} else NOTHING

    def call(self, shape: Shape) -> Call:
        axes = len(shape) - 1
        if self.mode == "interpolate":
            mode = ("linear", "bilinear", "trilinear")[axes - 1]
            return Call("Upsample", (), (("size", self.size), ("mode", mode)))
        kind = "Avg" if self.mode == "adaptive_avg" else "Max"
        return Call(f"Adaptive{kind}Pool{axes}d", (("output_size", self.size),))

    def mended(self, shape: Shape) -> Iterator[Layer]:
        axes = len(shape) - 1
        if 1 <= axes <= 3:
            yield self.replace(size=(*self.size, *(1,) * axes)[:axes])
