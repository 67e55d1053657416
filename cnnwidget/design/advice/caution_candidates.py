"""`CautionCandidate`: what is doubtful about a layer, with changes that are not tried yet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from cnnwidget.design.axes import per_axis
from cnnwidget.design.layers.convolution import Conv, ConvTranspose
from cnnwidget.design.planning.row import Row

CautionKind = Literal[
    "off_target", "resize", "checkerboard", "cropped", "skipped", "single_value", "heavy",
    "dominant", "latent", "reach", "padded", "unpadded", "odd", "unmerged", "override", "dropout",
    "motion", "memory", "threads", "frames", "missing", "length", "times", "constant", "repetition",
    "season",
]  # fmt: skip

# A change that may remove a caution. Of a family: fields and their new values. Of a network: names
# of layers and their replacements (None removes the layer; an empty name is the input shape).
Change = tuple[tuple[str, object], ...]
# Changes of which only the first that works is offered.
Alternatives = tuple[Change, ...]


class CautionCandidate(NamedTuple):
    """A doubtful point of a layer, before any change was tried.

    Attributes:
        kind: of caution.
        layer: the name of the layer.
        reason: one clause.
        changes: alternatives of changes of the design; of each, the first that works is offered.
        nodes: for a network, possible replacements of the layer; None removes it.
    """

    kind: CautionKind
    layer: str
    reason: str
    changes: tuple[Alternatives, ...] = ()
    nodes: tuple[object, ...] = ()


def separate_changes(*changes: Change) -> tuple[Alternatives, ...]:
    """Return changes that are offered each by itself, not as alternatives."""
    return tuple((change,) for change in changes)


def kernel_settings(row: Row, layer: Conv | ConvTranspose) -> Iterator[tuple[int, int, int, int]]:
    """Yield input size, kernel size, stride and dilation along each axis."""
    axes = len(row.input_shape) - 1
    kernel = per_axis(layer.kernel_size, axes)
    stride = per_axis(layer.stride, axes)
    dilation = per_axis(layer.dilation, axes)
    yield from zip(row.input_shape[1:], kernel, stride, dilation, strict=True)


def kernel_in_words(kernel_size: int, stride: int, dilation: int) -> str:
    """Return `kernel 3 with stride 2`, and the dilation where there is one."""
    dilated = f" and dilation {dilation}" if dilation > 1 else ""
    return f"kernel {kernel_size} with stride {stride}{dilated}"


# A decoder that mirrors the encoder.
MIRRORED: Change = (("padding", "same"), ("decoder_padding", None), ("output_padding", "mirror"))
