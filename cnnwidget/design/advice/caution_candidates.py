"""What is doubtful of a layer, and what may do away with it, before anybody has tried."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from cnnwidget.design.axes import per_axis
from cnnwidget.design.layers.convolution import Conv, ConvTranspose
from cnnwidget.design.planning.row import Row

CautionKind = Literal[
    "off_target", "resize", "checkerboard", "cropped", "skipped", "single_value", "heavy",
    "dominant", "latent", "reach", "padded", "unpadded", "odd", "unmerged", "override", "dropout",
    "motion", "memory", "frames",
]  # fmt: skip

# A change that may do away with a caution: fields and their new values; of a network written by
# hand, names of layers and what stands in their place (None for nothing, no name for the input).
Change = tuple[tuple[str, object], ...]
# Changes of which the first that works is enough.
Alternatives = tuple[Change, ...]


class CautionCandidate(NamedTuple):
    """What is doubtful.

    Attributes:
        kind: of caution.
        layer: the name of the layer.
        reason: one clause.
        ways: series of changes of the design; of each series the first that works is offered.
        nodes: of a network written by hand: what may stand in the layer's place, None for nothing.
    """

    kind: CautionKind
    layer: str
    reason: str
    ways: tuple[Alternatives, ...] = ()
    nodes: tuple[object, ...] = ()


def separate_changes(*ways: Change) -> tuple[Alternatives, ...]:
    """Ways that are to be tried each for itself."""
    return tuple((way,) for way in ways)


def kernel_settings(row: Row, layer: Conv | ConvTranspose) -> Iterator[tuple[int, int, int, int]]:
    """Input size, kernel size, stride and dilation along each axis."""
    axes = len(row.input_shape) - 1
    kernel = per_axis(layer.kernel_size, axes)
    stride = per_axis(layer.stride, axes)
    dilation = per_axis(layer.dilation, axes)
    yield from zip(row.input_shape[1:], kernel, stride, dilation, strict=True)


def kernel_in_words(kernel_size: int, stride: int, dilation: int) -> str:
    """`kernel 3 with stride 2`, and the dilation where there is one."""
    dilated = f" and dilation {dilation}" if dilation > 1 else ""
    return f"kernel {kernel_size} with stride {stride}{dilated}"


# The decoder as the encoder in a mirror.
MIRRORED: Change = (("padding", "same"), ("decoder_padding", None), ("output_padding", "mirror"))
