"""The transposed convolution that restores the size that a convolution found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from cnnwidget.design.axes import LIMIT, PerAxis, Size, per_axis
from cnnwidget.design.convolution import ConvTranspose

if TYPE_CHECKING:
    from cnnwidget.design.families import EncoderDecoder


def transposed(
    design: EncoderDecoder,
    out_channels: int,
    size: Size | None,
    target: Size | None,
    *,
    strided: bool,
) -> ConvTranspose:
    """A transposed convolution that brings `size` to `target` where its settings allow it."""
    axes = len(design.input_size)
    stride = per_axis((design.decoder_stride or design.stride) if strided else 1, axes)
    kernel = design.decoder_kernel_size
    if kernel == "auto":
        whole_strides = zip(per_axis(design.kernel_size, axes), stride, strict=True)
        kernel = tuple(min(-(-k // s) * s, LIMIT - 1) for k, s in whole_strides)
    dilation = per_axis(design.decoder_dilation or design.dilation, axes)
    asked = design.decoder_padding
    fixed = None if asked is None else fixed_padding(asked, axes)
    likely = fixed_padding(design.padding, axes)
    given = None if design.output_padding == "mirror" else per_axis(design.output_padding, axes)
    padding, extra = [], []
    for axis, (k, s, d) in enumerate(zip(per_axis(kernel, axes), stride, dilation, strict=True)):
        n = 1 if size is None else size[axis]
        goal = n * s if target is None else target[axis]
        # What comes out without any padding, less what is wanted; 2 * padding - output_padding
        # is to make up for it, and output_padding can be up to `room`.
        excess = (n - 1) * s + d * (k - 1) + 1 - goal
        room = max(s, d) - 1
        if fixed is not None:
            p = fixed[axis]
        elif likely is not None and 0 <= 2 * likely[axis] - excess <= room:
            p = likely[axis]
        else:
            p = max(0, (excess + (min(1, room) if given is None else given[axis])) // 2)
        padding.append(min(p, LIMIT - 1))
        if given is not None:
            extra.append(given[axis])
        elif target is None and fixed is not None:
            extra.append(0)
        else:
            extra.append(min(max(2 * p - excess, 0), room))
    return ConvTranspose(
        out_channels=out_channels,
        kernel_size=kernel,
        stride=stride,
        padding=tuple(padding),
        output_padding=tuple(extra),
        dilation=dilation,
    )


def fixed_padding(padding: PerAxis | Literal["same", "valid"], axes: int) -> Size | None:
    """Padding in numbers; None where it depends on the size."""
    if padding == "same":
        return None
    return per_axis(0 if padding == "valid" else padding, axes)
