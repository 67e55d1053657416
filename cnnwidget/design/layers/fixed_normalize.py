"""Normalisation with a fixed mean and deviation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Self

from pydantic import PlainValidator, model_validator

from cnnwidget.design.axes import Shape
from cnnwidget.design.layers.activation import is_finite
from cnnwidget.design.layers.layer import NOTHING, Call, Layer, Misfit, SavedForBackward

PerChannel = float | tuple[float, ...]


def per_channel(value: object) -> PerChannel:
    """Return one number for all channels, or a tuple with one for each.

    Raises:
        ValueError: if the value is neither.
    """
    if is_finite(value):
        return float(value)  # type: ignore[arg-type]
    if isinstance(value, list | tuple) and value and all(map(is_finite, value)):
        return tuple(map(float, value))
    raise ValueError("must be a finite number, or a tuple with one for each channel.")


class Normalize(Layer):
    """Subtracts a fixed mean from each channel and divides by a fixed deviation: (x - mean) / std.

    Both are those of the training data. As a layer they are saved and moved to a device with the
    network, so that its users need not know them. The layer has no trainable weights.

    Attributes:
        mean: one number for all channels, or one per channel.
        std: the same, above zero.

    Source: `torchvision.transforms.Normalize` does the same to images before a network.

    Example:
        >>> Normalize(mean=(0.485, 0.456, 0.406), std=0.225).costs((3, 224, 224), (3, 224, 224))
        (0, 0)
    """

    mean: Annotated[PerChannel, PlainValidator(per_channel)] = 0.0
    std: Annotated[PerChannel, PlainValidator(per_channel)] = 1.0

    @model_validator(mode="after")
    def _matching_numbers(self) -> Self:
        if min(as_tuple(self.std)) <= 0:
            raise ValueError(f"std is {self.std}, but must be greater than 0.")
        counts = {len(as_tuple(each)) for each in (self.mean, self.std)} - {1}
        if len(counts) > 1:
            raise ValueError(
                f"mean has {len(as_tuple(self.mean))} numbers and std {len(as_tuple(self.std))}, "
                "but both must have one for each channel, or one for all."
            )
        return self

    def output_shape(self, shape: Shape) -> Shape:
        for name, value in (("mean", self.mean), ("std", self.std)):
            if type(value) is tuple and len(value) not in (1, shape[0]):
                raise Misfit(f"{name} has {len(value)} numbers for {shape[0]} channels")
        return shape

    def saved(self, shape: Shape, output_shape: Shape) -> SavedForBackward:
        return NOTHING

    def call(self, shape: Shape) -> Call:
        features = (("num_features", shape[0]),)
        return Call("Normalize", features, (("mean", self.mean), ("std", self.std)))

    def mended(self, shape: Shape) -> Iterator[Layer]:
        means, deviations = as_tuple(self.mean), as_tuple(self.std)
        yield Normalize(mean=sum(means) / len(means), std=sum(deviations) / len(deviations))


def as_tuple(value: PerChannel) -> tuple[float, ...]:
    """Return one number as a tuple, and a tuple unchanged."""
    return value if isinstance(value, tuple) else (value,)
