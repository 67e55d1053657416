"""Normalisation layers."""

from __future__ import annotations

from collections.abc import Iterator
from math import gcd, prod
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from cnnwidget.design.axes import Count, Shape
from cnnwidget.design.layers.layer import (
    FLOAT_BYTES,
    INPUT,
    Call,
    Layer,
    Misfit,
    SavedForBackward,
    spatial_axes,
)

NormKind = Literal["batch", "instance", "group", "layer"]

# Of group normalisation, as in Wu and He 2018.
USUAL_GROUPS = 32


class Norm(Layer):
    """Normalises values to a mean of zero and a deviation of one.

    `batch` normalises each channel over all samples of a batch, and in eval mode with the running
    mean and deviation; `instance` each channel of each sample; `group` each group of channels of a
    sample; `layer` the whole sample. With `affine`, a learned scale and shift
    follow: for each channel, or for each value of the sample with `layer`.

    With one value per channel, batch normalisation (and group normalisation with as many groups as
    channels) needs a batch of at least two samples.

    Attributes:
        kind: batch, instance, group or layer.
        groups: of channels, for `group`.
        eps: a number added to the variance.
        affine: whether there is a learned scale and shift.
        momentum: for `batch`, the share of the latest batch in the running mean and deviation;
            None gives every batch so far the same share. Also for `instance` that keeps them.
        track_running_stats: for `batch` and `instance`, whether a running mean and deviation are
            kept for eval mode; None is PyTorch's default: yes for `batch`, no for `instance`.

    Sources: Ioffe and Szegedy 2015 (batch), https://arxiv.org/abs/1502.03167; Ulyanov et al. 2016
    (instance), https://arxiv.org/abs/1607.08022; Wu and He 2018 (group),
    https://arxiv.org/abs/1803.08494; Ba et al. 2016 (layer), https://arxiv.org/abs/1607.06450

    Example:
        >>> Norm(kind="batch").costs((32, 8, 8), (32, 8, 8))
        (64, 0)
        >>> Norm(kind="group", groups=8).call((32, 8, 8)).kwargs
        (('num_groups', 8), ('num_channels', 32))
    """

    kind: NormKind
    groups: Count = USUAL_GROUPS
    eps: Annotated[float, Field(gt=0)] = 1e-5
    affine: bool = True
    momentum: Annotated[float | None, Field(ge=0, le=1)] = 0.1
    track_running_stats: bool | None = None

    @model_validator(mode="after")
    def _settings_of_its_kind(self) -> Self:
        tracks = ("batch", "instance") if self.tracks else ("batch",)
        for name, kinds in (
            ("groups", ("group",)),
            ("momentum", tracks),
            ("track_running_stats", ("batch", "instance")),
        ):
            if name in self.changed_fields() and self.kind not in kinds:
                kind = " and ".join(map(repr, kinds))
                raise ValueError(
                    f"{name} is a setting of kind {kind} only, not of {self.kind!r}; leave it out."
                )
        return self

    @property
    def tracks(self) -> bool:
        """Whether a running mean and deviation are kept."""
        if self.track_running_stats is None:
            return self.kind == "batch"
        return self.track_running_stats

    def output_shape(self, shape: Shape) -> Shape:
        kind = self.kind
        if kind == "layer":
            return shape
        if kind == "group":
            if shape[0] % self.groups:
                raise Misfit(
                    f"{shape[0]} channels cannot be dealt out evenly to {self.groups} groups"
                )
            return shape
        axes = len(shape) - 1
        if not 1 <= axes <= 3 and (axes or kind != "batch"):
            spatial_axes(shape, f"{kind} normalisation")
        if kind == "instance" and prod(shape[1:]) == 1:
            raise Misfit(
                "instance normalisation needs more than one value per channel to take a mean of"
            )
        return shape

    def costs(self, shape: Shape, output_shape: Shape) -> tuple[int, int]:
        if not self.affine:
            return 0, 0
        return 2 * (prod(shape) if self.kind == "layer" else shape[0]), 0

    def saved(self, shape: Shape, output_shape: Shape) -> SavedForBackward:
        # A mean and a deviation of all values that are normalised together. Batch normalisation
        # saves them per batch, not per sample; instance normalisation repeats the scale and the
        # running statistics for each sample.
        if self.kind == "batch":
            return INPUT
        if self.kind == "instance":
            figures = 2 + self.affine + 2 * self.tracks
            return SavedForBackward(True, extra=figures * FLOAT_BYTES * shape[0])
        return SavedForBackward(
            True, extra=2 * FLOAT_BYTES * (self.groups if self.kind == "group" else 1)
        )

    def normalizes_globally(self, shape: Shape) -> bool:
        return self.kind != "batch" or not self.tracks

    def call(self, shape: Shape) -> Call:
        axes = len(shape) - 1
        # The defaults are PyTorch's, except for the scale of instance normalisation.
        written = self.changed_fields()
        written.pop("kind")
        written.pop("groups", None)
        if self.kind == "layer":
            if "affine" in written:
                written["elementwise_affine"] = written.pop("affine")
            return Call("LayerNorm", (("normalized_shape", shape),), tuple(written.items()))
        if self.kind == "group":
            numbers = (("num_groups", self.groups), ("num_channels", shape[0]))
            return Call("GroupNorm", (), (*numbers, *written.items()))
        features = (("num_features", shape[0]),)
        if self.kind == "batch":
            return Call(f"BatchNorm{max(1, axes)}d", features, tuple(written.items()))
        written.pop("affine", None)
        if self.affine:
            written["affine"] = True
        return Call(f"InstanceNorm{max(1, axes)}d", features, tuple(written.items()))

    def mended(self, shape: Shape) -> Iterator[Layer]:
        if self.kind == "group":
            yield self.replace(groups=gcd(self.groups, shape[0]))
        yield Norm(kind="batch", eps=self.eps, affine=self.affine)
        yield Norm(kind="layer", eps=self.eps, affine=self.affine)


def group_norm(channels: int) -> Norm:
    """Return the group norm of so many channels.

    Groups are 32, as in Wu and He 2018, or else the most that divide 32 and the channels.

    Example:
        >>> group_norm(64).groups, group_norm(40).groups
        (32, 8)
    """
    return Norm.unchecked(kind="group", groups=gcd(USUAL_GROUPS, channels))
