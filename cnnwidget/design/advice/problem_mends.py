"""The mends of a problem: every change was tried, so that it is known to work."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cnnwidget.design.advice.mend import Mend, changed, fits
from cnnwidget.design.advice.nearest_sizes import nearest_sizes
from cnnwidget.design.advice.network_mends import network_mends
from cnnwidget.design.axes import PerAxis, per_axis
from cnnwidget.design.design_types import Design
from cnnwidget.design.families.encoder_decoder import EncoderDecoder
from cnnwidget.design.network import Network
from cnnwidget.design.planning.row import Row
from cnnwidget.design.planning.walk import walk

# With fewer mends than this, fields are also reset to their defaults.
FEW = 2
# Up to these sizes the plainest design always fits.
LARGEST_SIZE, MOST_CHANNELS = 256, 512


def mends_for(design: Design) -> tuple[Mend, ...]:
    """Return similar designs without a problem, the nearest first; at least one."""
    if isinstance(design, Network):
        return network_mends(design)
    found: dict[Mend, set[tuple[str, object]]] = {}
    for mend in candidates(design, walk(design.network()).rows):
        add_if_minimal(found, design, mend)
    if len(found) < FEW:
        for name in design.changed_fields():
            add_if_minimal(found, design, with_default(design, name))
    return tuple(found) or (last_resort(design),)


def add_if_minimal(
    found: dict[Mend, set[tuple[str, object]]], design: Design, mend: Mend | None
) -> None:
    """Add a mend if it works and changes no more than is needed."""
    if mend is None:
        return
    difference = set(mend.design) - set(design)
    # A change that contains a sufficient one is redundant.
    if not any(less <= difference for less in found.values()) and fits(mend.design):
        found[mend] = difference


def candidates(design: Design, rows: tuple[Row, ...]) -> Iterator[Mend | None]:
    """Yield changes that may mend, those that undo the user's settings last."""
    if isinstance(design, EncoderDecoder):
        yield from of_encoder_decoder(design, rows[-1])
    else:
        yield changed(design, padding="same")
    yield deepest(design)
    yield from nearest_sizes(design)
    kernel: PerAxis | str = getattr(design, "kernel_size", "auto")
    if not isinstance(kernel, str):
        small = tuple(min(3, k) for k in per_axis(kernel, len(rows[0].input_shape) - 1))
        also = {"decoder_kernel_size": "auto"} if isinstance(design, EncoderDecoder) else {}
        yield changed(design, kernel_size=small, **also)
    if getattr(design, "norm", None) == "instance":
        yield changed(design, norm="batch")
    if getattr(design, "latent_shape", None) and rows[-1].part == "bottleneck":
        yield changed(design, latent_shape=None)


def of_encoder_decoder(design: EncoderDecoder, refused: Row) -> Iterator[Mend | None]:
    """Yield changes of an encoder-decoder's padding, mirroring, skips and overrides."""
    yield changed(design, output_padding="mirror")
    yield changed(design, padding="same", decoder_padding=None, output_padding="mirror")
    yield changed(design, decoder_padding=None, output_padding="mirror")
    yield changed(design, decoder_depth=None)
    yield changed(design, dilation=1, decoder_dilation=None)
    others = {name: dict(fields) for name, fields in design.overrides if name != refused.name}
    yield changed(design, overrides=others)
    if others:
        yield changed(design, overrides={})
    if design.skips != "none":
        for align in ("none", "crop", "pad", "interpolate"):
            yield changed(design, skip_align=align)
        yield changed(design, skips="concat")
        yield changed(design, skips="none")


def deepest(design: Design) -> Mend | None:
    """Return the deepest design that fits, found by bisection; None where none does."""
    depth = getattr(design, "depth", 1)
    if depth == 1:
        return None
    good, bad = 0, depth
    best: Mend | None = None
    while bad - good > 1:
        middle = (good + bad) // 2 if good else 1
        mend = with_depth(design, middle)
        if mend is not None and fits(mend.design):
            good, best = middle, mend
        elif good:
            bad = middle
        else:
            return None
    return best


def with_depth(design: Design, depth: int) -> Mend | None:
    """Return the mend with another depth, with settings per stage cut to it."""
    changes: dict[str, Any] = {"depth": depth}
    for name in ("channels", "blocks_per_stage"):
        value = getattr(design, name, None)
        if isinstance(value, tuple):
            changes[name] = value[:depth]
    if aux := getattr(design, "aux_stages", ()):
        changes["aux_stages"] = tuple(stage for stage in aux if stage <= depth)
    if isinstance(design, EncoderDecoder):
        decoder = design.decoder_channels
        if isinstance(decoder, tuple) and design.decoder_depth is None:
            changes["decoder_channels"] = decoder[::-1][: depth - 1][::-1]
    return changed(design, **changes)


def with_default(design: Design, name: str) -> Mend | None:
    """Return the mend with a field at its default; None for a required field."""
    field = type(design).model_fields[name]
    return None if field.is_required() else changed(design, **{name: field.default})


def last_resort(design: Design) -> Mend:
    """Return the mend with ever plainer settings until it fits; the plainest always does."""
    changes: dict[str, Any] = {}
    for step in steps_to_plain(design):
        changes |= step
        mend = changed(design, **changes)
        if mend is not None and fits(mend.design):
            return mend
    raise AssertionError(f"no mend for {design!r}")


def steps_to_plain(design: Design) -> Iterator[dict[str, Any]]:
    """Yield changes to apply one after the other: settings first, then required fields."""
    fields = type(design).model_fields
    if isinstance(design, EncoderDecoder):
        yield {"padding": "same", "decoder_padding": None, "output_padding": "mirror"}
        yield {"dilation": 1, "decoder_dilation": None}
        yield {"norm": "batch"}
        yield {"kernel_size": 3, "decoder_kernel_size": "auto"}
        yield {"decoder_depth": None}
        yield {"kernel_size": 1, "stride": 1, "decoder_stride": None}
        yield {"latent_shape": None}
        yield {"input_size": tuple(min(n, LARGEST_SIZE) for n in design.input_size)}
        start = min(design.start_channels, MOST_CHANNELS)
        yield {"channels": "constant", "start_channels": start}
        yield {"decoder_channels": "mirror"}
    plain: dict[str, Any] = {}
    for name in design.changed_fields():
        if not fields[name].is_required():
            plain[name] = fields[name].default
            yield dict(plain)
    for name, field in fields.items():
        value = getattr(design, name)
        if field.is_required() and isinstance(value, int):
            yield {name: min(value, MOST_CHANNELS)}
        elif field.is_required() and isinstance(value, tuple):
            yield {name: tuple(min(n, LARGEST_SIZE) for n in value)}
    if "depth" in fields:
        yield {"depth": 1}
