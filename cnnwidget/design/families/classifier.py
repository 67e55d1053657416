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
from cnnwidget.design.families.conv_style import NormName
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
from cnnwidget.design.network import InitName, Network, Pairs
from cnnwidget.design.value import Value, shortened

# One number, or one per axis.
PER_AXIS = ("kernel_size", "stride", "pool_kernel_size", "stem_kernel_size", "stem_stride",
            "stem_pool_kernel_size")  # fmt: skip


class Classifier(Value):
    """Stages of blocks with a growing receptive field, and a head that gives the class.

    The defaults are a network to start from, for small images such as 3×32×32: three stages of two
    residual blocks, as in He et al. 2015 for images of that size, batch normalisation, and a mean
    over all positions before the one linear layer, so that the number of weights does not depend on
    the size of the input.

    A stage reduces the size by the stride of its first block, or by a pool after its last. A norm
    and an activation follow each convolution; only the activation follows the sum of a residual
    block.

    Attributes:
        input_size: pixels per spatial axis: (length,), (height, width) or (depth, height, width).
        in_channels: channels of the input.
        num_classes: outputs, one per class, without a softmax.
        block: of the stages: plain (a convolution), residual (two, and the input added),
            bottleneck (1×1, a larger kernel, 1×1, and the input added), inception (four
            branches; see `cnnwidget.design.families.classifier_blocks`), depthwise (each channel
            alone, then 1×1).
        depth: stages, 1 to 1000.
        blocks_per_stage: one number for all stages, or one per stage, 1 to 100.
        channels: a law (see `cnnwidget.design.families.channels`) or one number per stage.
        start_channels: the first number of `exponential`, and every number of `constant`.
        channel_ratio: the factor of `exponential`, the exponent of `power`.
        max_channels: the limit of `exponential` and `power`.
        expansion: how many times the channels of a bottleneck its last convolution has.
        kernel_size: of the convolutions larger than 1×1, one number or one per axis. An inception
            block has this kernel, and one that is larger by two.
        padding: `same` (out = ceil(in / stride)) or `valid` (none) for all convolutions and pools;
            inception blocks are always padded, because their branches must agree.
        downsampling: stride, max_pool or avg_pool.
        stride: of the first block of a stage, or of the pool after it.
        pool_kernel_size: of the pool after a stage.
        downsample_first: whether the first stage reduces the size, too.
        stem_channels: of the convolution before the first stage; 0 leaves it out.
        stem_kernel_size: of that convolution.
        stem_stride: of that convolution.
        stem_pool: none, or a max or avg pool after it, which has `stride`.
        stem_pool_kernel_size: of that pool.
        norm: after each convolution: none, batch, instance, group (of 32 groups, or
            the most that divide the channels, too) or layer.
        activation: after each convolution, and in the head.
        bias: of convolutions; `auto` has one where no norm follows, which has a bias itself.
        aux_stages: numbers of the stages with an auxiliary head behind them: mean, linear.
        aux_weight: of the loss of each auxiliary head.
        head: from a field to a vector: the mean of each channel (global_avg), its maximum
            (global_max), or all values (flatten).
        head_size: for `flatten`, the size to which the field is averaged first; None keeps it.
        hidden_features: of linear layers before the last one.
        dropout_p: after each of these; without any, before the last one; 0 leaves dropout out.
        final_activation: after the last linear layer: a name, or none.
        init: of the weights; see `Network`.

    Raises:
        DesignError: if a value is not possible, as a negative depth or an unknown activation.

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
        """Store (3, 3) as 3, so that equivalent designs compare equal."""
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
        return Network.unchecked(
            input_shape=(self.in_channels, *self.input_size),
            children=tuple(children),
            init=self.init,
        )
