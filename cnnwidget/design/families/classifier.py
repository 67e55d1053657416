"""`Classifier`: the settings of a network from fields to classes, and its network."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, PlainValidator, model_validator

from cnnwidget.design.axes import (
    MOST_VALUES,
    Channels,
    PerAxis,
    Positive,
    Sizes,
    SizesOrNone,
)
from cnnwidget.design.families.channels import ChannelLaw, channels_of_classifier
from cnnwidget.design.families.classifier_blocks import BlockName
from cnnwidget.design.families.classifier_stages import (
    auxiliary_head,
    head,
    out_channels_of_block,
    stage,
    stem,
    style_of,
)
from cnnwidget.design.families.conv_style import NormName, Pairs
from cnnwidget.design.families.setting_checks import (
    LAWS,
    check_same_axes,
    check_size,
    count_or_counts,
    law_or_channels,
    numbers,
    one_number_if_equal,
)
from cnnwidget.design.layers.activation import ActivationName
from cnnwidget.design.network import InitName, Network
from cnnwidget.design.value import Value, shortened

# One number, or one per axis.
PER_AXIS = ("kernel_size", "stride", "pool_kernel_size", "stem_kernel_size", "stem_stride",
            "stem_pool_kernel_size")  # fmt: skip


class Classifier(Value):
    """Stages of blocks with a growing receptive field, and a head that gives the class.

    The defaults are a net to start from, for small pictures such as 3×32×32: three stages of two
    residual blocks, as He et al. 2015 have them for pictures of that size, batch normalisation, and
    a mean over the field before the one linear layer, so that the number of weights does not depend
    on the size of the input.

    A stage brings the size down in one of two ways: `stride`, in the first block, or a pool after
    the last. A convolution has a norm and an activation behind it; the sum of a residual block is
    followed by the activation alone.

    Attributes:
        input_size: pixels per spatial axis: (length,), (height, width) or (depth, height, width).
        in_channels: channels of the input.
        num_classes: outputs, one a class, without a softmax.
        block: what stages are made of: plain (a convolution), residual (two, and the input added),
            bottleneck (1×1, one that looks around, 1×1, and the input added), inception (four
            branches; see `cnnwidget.design.families.classifier_blocks`), depthwise (each channel
            alone, then 1×1).
        depth: stages, 1 to 1000.
        blocks_per_stage: one number for all stages, or one per stage, 1 to 100.
        channels: a law (see `cnnwidget.design.families.channels`) or one number per stage.
        start_channels: where `exponential` starts, and what `constant` stays at.
        channel_ratio: the factor of `exponential`, the exponent of `power`.
        max_channels: where `exponential` and `power` stop growing.
        expansion: of a bottleneck: its last convolution has so many times the channels.
        kernel_size: of the convolutions that look around, one number or one per axis. An inception
            block has one of these and one that is wider by two.
        padding: `same` (out = ceil(in / stride)) or `valid` (none) for all convolutions and pools;
            inception blocks are always padded, for their branches must agree.
        downsampling: stride, max_pool or avg_pool.
        stride: of the first block of a stage, or of the pool after it.
        pool_kernel_size: of the pool after a stage.
        downsample_first: whether the first stage brings the size down, too.
        stem_channels: of the convolution before the first stage; 0 leaves it out.
        stem_kernel_size: of that convolution.
        stem_stride: of that convolution.
        stem_pool: none, or a max or avg pool after it, which has `stride`.
        stem_pool_kernel_size: of that pool.
        norm: after each convolution: none, batch, instance, group (of 32 groups, or
            the most that divide the channels, too) or layer.
        activation: after each convolution, and in the head.
        bias: of convolutions; `auto` is one where no norm follows, as that has one of its own.
        aux_stages: numbers of the stages after which an auxiliary head stands: mean, linear.
        aux_weight: of the loss of each auxiliary head.
        head: how a field becomes a row of features: its mean (global_avg), its largest value
            (global_max), or all of it (flatten).
        head_size: for `flatten`, the size that the field is averaged to first; None leaves it.
        hidden_features: of linear layers before the last one.
        dropout_p: after each of these; without any, before the last one; 0 leaves dropout out.
        final_activation: after the last linear layer: a name, or none.
        init: how weights begin; see `Network`.

    Raises:
        DesignError: for what no plan can say, as a negative depth or an unknown activation.

    Source: the blocks are those of He et al. 2015 (https://arxiv.org/abs/1512.03385), Szegedy et
    al. 2014 (https://arxiv.org/abs/1409.4842) and Howard et al. 2017
    (https://arxiv.org/abs/1704.04861)

    Example:
        >>> from cnnwidget.design.planning.walk import walk
        >>> design = Classifier(input_size=(32, 32), in_channels=3, num_classes=10)
        >>> rows = walk(design.network()).rows
        >>> rows[-1].output_shape, sum(row.params for row in rows)
        ((10,), 696618)
    """

    input_size: Sizes
    in_channels: Channels
    num_classes: Channels
    block: BlockName = "residual"
    depth: Annotated[int, Field(ge=1, le=1000)] = 3
    blocks_per_stage: Annotated[PerAxis, PlainValidator(count_or_counts)] = 2
    channels: Annotated[ChannelLaw | tuple[int, ...], law_or_channels(*LAWS)] = "exponential"
    start_channels: Channels = 32
    channel_ratio: Annotated[float, Field(gt=0, le=100)] = 2.0
    max_channels: Channels = 512
    expansion: Annotated[int, Field(ge=1, le=1000)] = 4
    kernel_size: Positive = 3
    padding: Literal["same", "valid"] = "same"
    downsampling: Literal["stride", "max_pool", "avg_pool"] = "stride"
    stride: Positive = 2
    pool_kernel_size: Positive = 2
    downsample_first: bool = False
    stem_channels: Annotated[int, Field(ge=0, lt=MOST_VALUES)] = 32
    stem_kernel_size: Positive = 3
    stem_stride: Positive = 1
    stem_pool: Literal["none", "max", "avg"] = "none"
    stem_pool_kernel_size: Positive = 3
    norm: NormName = "batch"
    activation: ActivationName = "relu"
    bias: bool | Literal["auto"] = "auto"
    aux_stages: Annotated[tuple[int, ...], numbers(1001)] = ()
    aux_weight: Annotated[float, Field(ge=0, le=1000)] = 0.3
    head: Literal["global_avg", "global_max", "flatten"] = "global_avg"
    head_size: SizesOrNone = None
    hidden_features: Annotated[tuple[int, ...], numbers(MOST_VALUES)] = ()
    dropout_p: Annotated[float, Field(ge=0, le=1)] = 0.0
    final_activation: ActivationName | Literal["none"] = "none"
    init: InitName = "pytorch"

    @model_validator(mode="before")
    @classmethod
    def _one_number_where_axes_agree(cls, fields: Any) -> Any:
        """(3, 3) is stored as 3, so that designs that mean the same are equal."""
        return one_number_if_equal(fields, fields.get("input_size"), PER_AXIS)

    @model_validator(mode="after")
    def _lengths(self) -> Self:
        check_size("input_size", self.input_size)
        if self.head_size is not None:
            check_same_axes("head_size", self.head_size, "input_size", self.input_size)
        for name in ("channels", "blocks_per_stage"):
            value = getattr(self, name)
            if isinstance(value, tuple) and len(value) != self.depth:
                raise ValueError(
                    f"{name} {shortened(value)} has {len(value)} numbers, but needs "
                    f"{self.depth}: one per stage."
                )
        if len(set(self.aux_stages)) != len(self.aux_stages) or any(
            stage > self.depth for stage in self.aux_stages
        ):
            raise ValueError(
                f"aux_stages {shortened(self.aux_stages)} must be different numbers of stages, "
                f"from 1 to the depth {self.depth}."
            )
        return self

    def network(self) -> Network:
        """Return the network of these settings, which PyTorch may still refuse."""
        style = style_of(self)
        children: Pairs = []
        channels = self.in_channels
        if self.stem_channels:
            channels = self.stem_channels
            children.append(("stem", stem(self, style)))
        for number, stage_channels in enumerate(channels_of_classifier(self), start=1):
            children.append(
                (f"stage{number}", stage(self, style, number, channels, stage_channels))
            )
            channels = out_channels_of_block(self, stage_channels)
            if number in self.aux_stages:
                name = f"aux{number}"
                children.append((name, auxiliary_head(self, name)))
        children.append(("head", head(self)))
        return Network.known(
            input_shape=(self.in_channels, *self.input_size),
            children=tuple(children),
            init=self.init,
        )
