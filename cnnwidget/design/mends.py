"""The changes that mend a design: found by trying, so that each is known to work."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cnnwidget.design.axes import Size, per_axis
from cnnwidget.design.convolution import Conv
from cnnwidget.design.errors import DesignError
from cnnwidget.design.families import Design, EncoderDecoder
from cnnwidget.design.layer import Layer, Misfit
from cnnwidget.design.network import Network, with_leaf
from cnnwidget.design.rows import Row, walk

# More changes than this are counted, not told.
MOST_CHANGES = 3


@dataclass(frozen=True)
class Mend:
    """A change and the design that comes of it, ready to be used.

    Attributes:
        change: the change in words of the constructor: `depth=4`.
        design: the changed design.
    """

    change: str
    design: Design


def fits(design: Design) -> bool:
    """Whether PyTorch takes every layer of a design."""
    return walk(design.network()).misfit is None


def changed(design: EncoderDecoder, **changes: Any) -> Mend | None:
    """The mend with some fields changed; None if that is no change or cannot be."""
    try:
        other = design.replace(**changes)
    except DesignError:
        return None
    if other == design:
        return None
    fields = [name for name in changes if getattr(other, name) != getattr(design, name)]
    first, *rest = [f"{name}={other.shown(name)!r}" for name in fields]
    return Mend(f"{first} with {' and '.join(rest)}" if rest else first, other)


def with_depth(design: EncoderDecoder, depth: int) -> Mend | None:
    """The mend with another depth; explicit channels are cut to it."""
    changes: dict[str, Any] = {"depth": depth}
    if isinstance(design.channels, tuple):
        changes["channels"] = design.channels[:depth]
    if isinstance(design.decoder_channels, tuple) and design.decoder_depth is None:
        kept = design.decoder_channels[::-1][: depth - 1]
        changes["decoder_channels"] = kept[::-1]
    return changed(design, **changes)


def mends_for(design: Design) -> tuple[Mend, ...]:
    """Designs near this one that have no problem, the nearest first; at least one."""
    if isinstance(design, Network):
        return (mend_network(design),)
    rows = walk(design.network()).rows
    mends: dict[Mend, set[tuple[str, object]]] = {}
    for mend in candidates(design, rows):
        if mend is None:
            continue
        difference = set(mend.design) - set(design)
        # A change that contains one that is enough is one too many.
        if not any(less <= difference for less in mends.values()) and fits(mend.design):
            mends[mend] = difference
    return tuple(mends) or (last_resort(design),)


def candidates(design: EncoderDecoder, rows: tuple[Row, ...]) -> Iterator[Mend | None]:
    """Changes that may mend; those that undo what was asked for come last."""
    yield changed(design, output_padding="mirror")
    yield changed(design, padding="same", decoder_padding=None, output_padding="mirror")
    yield changed(design, decoder_padding=None, output_padding="mirror")
    yield changed(design, decoder_depth=None)
    yield changed(design, dilation=1, decoder_dilation=None)
    if rows[-1].part == "encoder":
        done = sum(isinstance(row.layer, Conv) for row in rows[:-1]) // design.convs_per_stage
        yield next((m for m in shallower(design, done) if m and fits(m.design)), None)
    yield larger_input(design)
    kernel = tuple(min(3, k) for k in per_axis(design.kernel_size, len(design.input_size)))
    yield changed(design, kernel_size=kernel, decoder_kernel_size="auto")
    if design.norm == "instance":
        yield changed(design, norm="batch")
    if rows[-1].part == "bottleneck":
        yield changed(design, latent_shape=None)


def shallower(design: EncoderDecoder, done: int) -> Iterator[Mend | None]:
    """A few depths below the present one, from the last stage that was complete, and one stage."""
    last = min(done, design.depth - 1)
    for depth in dict.fromkeys([*range(last, max(0, last - 3), -1), 1]):
        yield with_depth(design, depth)


def larger_input(design: EncoderDecoder) -> Mend | None:
    """A larger input that goes through, each axis in turn as small as halving finds it."""
    size = design.input_size
    for factor in (2, 4, 8, 16, 32, 64):
        if fits_at(design, tuple(n * factor for n in size)):
            break
    else:
        return None
    size = tuple(n * factor for n in size)
    for axis, least in enumerate(design.input_size):
        # Fits at `most`. More pixels seldom harm, and where they did, this one would still fit.
        low, most = least, size[axis]
        while low < most:
            middle = (low + most) // 2
            if fits_at(design, (*size[:axis], middle, *size[axis + 1 :])):
                most = middle
            else:
                low = middle + 1
        size = (*size[:axis], most, *size[axis + 1 :])
    return changed(design, input_size=size)


def fits_at(design: EncoderDecoder, size: Size) -> bool:
    """Whether the design fits on another input size."""
    mend = changed(design, input_size=size)
    return mend is not None and fits(mend.design)


def last_resort(design: EncoderDecoder) -> Mend:
    """Plainer and plainer settings until the design fits; the last of them always does."""
    changes: dict[str, Any] = {}
    for step in (
        {"padding": "same", "decoder_padding": None, "output_padding": "mirror"},
        {"dilation": 1, "decoder_dilation": None},
        {"norm": "batch"},
        {"kernel_size": 3, "decoder_kernel_size": "auto"},
        {"decoder_depth": None},
        {"kernel_size": 1, "stride": 1, "decoder_stride": None},
        {"latent_shape": None},
        {"input_size": tuple(min(n, 256) for n in design.input_size)},
        {"channels": "constant", "start_channels": min(design.start_channels, 512)},
        {"decoder_channels": "mirror"},
        {"in_channels": min(design.in_channels, 512)},
        {"out_channels": min(design.out_channels, 512)},
        {"output_size": None, "final_resize": "none"},
    ):
        changes |= step
        mend = changed(design, **changes)
        if mend is not None and fits(mend.design):
            return mend
    raise AssertionError(f"no mend for {design!r}")


def mend_network(network: Network) -> Mend:
    """A network written by hand, each layer that does not fit changed, or left out if need be."""
    changes: list[str] = []
    mended = network
    while (result := walk(mended)).misfit is not None:
        row = result.rows[-1]
        layer = next((each for each in row.layer.mended(row.input_shape) if takes(each, row)), None)
        children = with_leaf(mended.children, row.name.split("."), layer)
        mended = mended.replace(children=children)
        changes.append(f"without {row.name}" if layer is None else f"{row.name} as {layer!r}")
    if len(changes) > MOST_CHANGES:
        changes[MOST_CHANGES:] = [f"{len(changes) - MOST_CHANGES} more changes"]
    return Mend("; ".join(changes), mended)


def takes(layer: Layer, row: Row) -> bool:
    """Whether a layer takes what arrives at a row."""
    try:
        layer.output_shape(row.input_shape)
    except Misfit:
        return False
    return True
