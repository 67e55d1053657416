"""Fully connected layers, and dropout."""

from __future__ import annotations

from math import prod
from typing import Annotated, Literal

from pydantic import Field

from cnnwidget.design.axes import Count, Shape
from cnnwidget.design.layers.layer import FLOAT_BYTES, NOTHING, SAME, Call, Layer, SavedForBackward
from cnnwidget.design.layers.taps import IDENTITY, WHOLE, Taps


class Linear(Layer):
    """A fully connected layer over the last axis.

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.Linear.html

    Example:
        >>> Linear(out_features=10).costs((3072,), (10,))
        (30730, 30720)
    """

    out_features: Count
    bias: bool = True

    def output_shape(self, shape: Shape) -> Shape:
        return (*shape[:-1], self.out_features)

    def costs(self, shape: Shape, output_shape: Shape) -> tuple[int, int]:
        return self.out_features * (shape[-1] + self.bias), prod(shape) * self.out_features

    def taps(self, shape: Shape, output_shape: Shape) -> Taps:
        axes = len(shape) - 1
        return (*(IDENTITY,) * (axes - 1), WHOLE) if axes else "everything"

    def formula(self, shape: Shape, output_shape: Shape) -> str:
        return f"each of {shape[-1]} to each of {output_shape[-1]}"

    def call(self, shape: Shape) -> Call:
        features = (("in_features", shape[-1]), ("out_features", self.out_features))
        return Call("Linear", features, () if self.bias else (("bias", False),))


class Dropout(Layer):
    """Sets whole channels, or single values, to zero in training, and scales the others up.

    Neighbouring values of a field resemble each other, so that dropping single values hides little
    from a convolution: `channels` drops whole channels there. On a vector, both kinds drop single
    values.

    Attributes:
        p: the probability that a channel or value is dropped.
        kind: channels or values.

    Sources: Tompson et al. 2015 (channels), https://arxiv.org/abs/1411.4280; Srivastava et al. 2014
    (values); https://docs.pytorch.org/docs/stable/generated/torch.nn.Dropout2d.html

    Example:
        >>> Dropout(p=0.1).call((32, 8, 8)).name
        'Dropout2d'
    """

    p: Annotated[float, Field(ge=0, le=1)] = 0.5
    kind: Literal["channels", "values"] = "channels"

    def output_shape(self, shape: Shape) -> Shape:
        return shape

    def saved(self, shape: Shape, output_shape: Shape) -> SavedForBackward:
        if self.p == 0:
            return SAME
        if self.p == 1:
            return NOTHING  # except one zero per batch
        # A random number per channel or value.
        by_channel = self.kind == "channels" and 2 <= len(shape) <= 4
        return SavedForBackward(extra=FLOAT_BYTES * (shape[0] if by_channel else prod(shape)))

    def call(self, shape: Shape) -> Call:
        axes = len(shape) - 1
        by_channel = self.kind == "channels" and 1 <= axes <= 3
        return Call(f"Dropout{axes}d" if by_channel else "Dropout", (), (("p", self.p),))
