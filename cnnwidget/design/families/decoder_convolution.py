"""The transposed convolution of a decoder, with the paddings that restore the encoder's size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from cnnwidget.design.axes import LIMIT, PerAxis, Size, per_axis
from cnnwidget.design.layers.convolution import ConvTranspose

if TYPE_CHECKING:
    from cnnwidget.design.families.encoder_decoder import EncoderDecoder


class AxisSettings(NamedTuple):
    """The settings of a transposed convolution along one axis.

    Attributes:
        kernel_size: of the transposed convolution.
        stride: of the transposed convolution.
        dilation: of the transposed convolution.
        most_output_padding: the largest `output_padding` that PyTorch accepts.
        padding: the design's `decoder_padding`; None where it is to be computed.
        encoder_padding: the encoder's; None where it depends on the size.
        output_padding: the design's; None where it is to be computed.
    """

    kernel_size: int
    stride: int
    dilation: int
    most_output_padding: int
    padding: int | None
    encoder_padding: int | None
    output_padding: int | None


class DecoderConvolutions:
    """Makes the transposed convolutions of a design, each with paddings for its target size."""

    def __init__(self, design: EncoderDecoder) -> None:
        self.design = design
        self.axes = axes = len(design.input_size)
        self.ones = (1,) * axes
        self.unknown = (None,) * axes
        self.stride = per_axis(design.decoder_stride or design.stride, axes)
        self.dilation = per_axis(design.decoder_dilation or design.dilation, axes)
        # By stride: an override may change the stride of a single stage.
        self.templates: dict[Size, tuple[ConvTranspose, list[AxisSettings]]] = {}
        # By stride, size and target.
        self.results: dict[object, tuple[ConvTranspose, Size | None]] = {}

    def template(self, stride: Size) -> tuple[ConvTranspose, list[AxisSettings]]:
        """Return a convolution with this stride, and the settings of each axis."""
        design, axes = self.design, self.axes
        kernel = design.decoder_kernel_size
        if kernel == "auto":
            # Round up to a multiple of the stride. With stride 1, an even kernel would need
            # unequal paddings to keep the size, which a transposed convolution does not have: it
            # becomes odd.
            same = design.padding == "same"
            pairs = zip(per_axis(design.kernel_size, axes), stride, strict=True)
            multiples = [(-(-k // s) * s, s) for k, s in pairs]
            odd = [k + (same and s == 1 and k % 2 == 0) for k, s in multiples]
            kernel = tuple([min(k, LIMIT - 1) for k in odd])
        kernel = per_axis(kernel, axes)
        unknown = self.unknown
        own_padding, extra = design.decoder_padding, design.output_padding
        padding = unknown if own_padding is None else padding_numbers(own_padding, axes)
        encoder_padding = padding_numbers(design.padding, axes)
        output_padding = unknown if extra == "mirror" else per_axis(extra, axes)
        most = [max(s, d) - 1 for s, d in zip(stride, self.dilation, strict=True)]
        conv = ConvTranspose.unchecked(
            out_channels=1, kernel_size=kernel, stride=stride, dilation=self.dilation
        )
        settings = map(
            AxisSettings,
            kernel,
            stride,
            self.dilation,
            most,
            padding,
            encoder_padding,
            output_padding,
        )
        return conv, [*settings]

    def convolution(
        self, out_channels: int, size: Size | None, target: Size | None, stride: Size
    ) -> tuple[ConvTranspose, Size | None]:
        """Return a transposed convolution from `size` to `target`, and the size it reaches.

        The convolution comes as near to the target as the design's settings allow. The size is
        None where PyTorch would refuse the convolution, or where `size` is None.
        """
        key = stride, size, target
        if key in self.results:
            conv, reached = self.results[key]
            same = conv.out_channels == out_channels
            return conv if same else conv.replace_unchecked(out_channels=out_channels), reached
        if stride not in self.templates:
            self.templates[stride] = self.template(stride)
        template, settings = self.templates[stride]
        paddings = map(paddings_for, settings, size or self.ones, target or self.unknown)
        padding, extra, after = zip(*paddings)  # noqa: B905  (of three each)
        conv = template.replace_unchecked(
            out_channels=out_channels, padding=padding, output_padding=extra
        )
        self.results[key] = conv, None if size is None or min(after) < 1 else after
        return self.results[key]


def paddings_for(settings: AxisSettings, n: int, target: int | None) -> tuple[int, int, int]:
    """Return the `padding` and `output_padding` from `n` to `target` values, and the size reached.

    A target of None is `n` times the stride. The size is 0 where PyTorch would refuse.
    """
    k, s, d, most, own_padding, encoder_padding, own_extra = settings
    goal = n * s if target is None else target
    # Without any padding the output is this much larger than the goal, which
    # 2 * padding - output_padding must make up for.
    excess = (n - 1) * s + d * (k - 1) + 1 - goal
    if own_padding is not None:
        padding = own_padding
    elif encoder_padding is not None and 0 <= 2 * encoder_padding - excess <= most:
        padding = encoder_padding
    else:
        padding = max(0, (excess + (min(1, most) if own_extra is None else own_extra)) // 2)
    padding = min(padding, LIMIT - 1)
    if own_extra is not None:
        extra = own_extra
    elif target is None and own_padding is not None:
        extra = 0
    else:
        extra = min(max(2 * padding - excess, 0), most)
    after = goal + excess - 2 * padding + extra
    return padding, extra, after if extra <= most else 0


def padding_numbers(
    padding: PerAxis | Literal["same", "valid"], axes: int
) -> tuple[int | None, ...]:
    """Return a padding as a number per axis; None for `same`, which depends on the size."""
    if padding == "same":
        return (None,) * axes
    return per_axis(0 if padding == "valid" else padding, axes)
