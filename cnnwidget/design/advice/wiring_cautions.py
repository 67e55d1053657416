"""Cautions of names: kept tensors that nothing merges, and overrides of no layer."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from cnnwidget.design.advice.caution_candidates import CautionCandidate, Change
from cnnwidget.design.design_types import Design
from cnnwidget.design.families.encoder_decoder import EncoderDecoder
from cnnwidget.design.network import Keep, Merge
from cnnwidget.design.planning.row import Row


def unmerged(design: Design, rows: tuple[Row, ...]) -> Iterator[CautionCandidate]:  # noqa: ARG001  (all finders have these arguments)
    """Find tensors that are kept and never merged, though they cost memory.

    Nothing is found in a network with a layer that does not fit: a merge may come behind it.
    """
    if any(row.output_shape is None for row in rows):
        return
    merged = {row.layer.name for row in rows if isinstance(row.layer, Merge)}
    for row in rows:
        if isinstance(row.layer, Keep) and row.layer.name not in merged:
            reason = f"keeps {row.layer.name!r}, which nothing merges"
            yield CautionCandidate(
                "unmerged", row.name, reason, ((((("skips", "none"),)),),), (None,)
            )


def unknown_overrides(design: Design, rows: tuple[Row, ...]) -> Iterator[CautionCandidate]:
    """Find overrides of layers that do not exist, as after a change of depth or of a name."""
    if not isinstance(design, EncoderDecoder) or not design.overrides:
        return
    overrides = dict(design.overrides)
    names = [row.name for row in rows]
    unknown = design.unknown_overrides
    known = {name: fields for name, fields in overrides.items() if name not in unknown}
    for name in unknown:
        near = difflib.get_close_matches(name, [each for each in names if each not in known], n=1)
        hint = f"; the nearest name is {near[0]}" if near else ""
        changes: list[tuple[Change, ...]] = []
        if near and len(unknown) == 1:
            renamed = known | {near[0]: overrides[name]}
            changes.append(((("overrides", tuple(sorted(renamed.items()))),),))
        changes.append(((("overrides", tuple(sorted(known.items()))),),))
        yield CautionCandidate(
            "override", name, f"is overridden, but no layer has this name{hint}", tuple(changes)
        )
