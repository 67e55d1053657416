"""The words for rows of a plan, in the table and in the diagram."""

from __future__ import annotations

from cnnwidget.design.axes import spell
from cnnwidget.design.joins import Join
from cnnwidget.design.layers.layer import in_words
from cnnwidget.design.planning.plan import Plan
from cnnwidget.design.planning.row import Row
from cnnwidget.design.receptive.receptive_field import ReceptiveField, figure


def title(plan: Plan) -> str:
    """Return `EncoderDecoder: 10 × 64 × 64 → 5 × 64 × 64`."""
    ending = "✗" if plan.output_shape is None else spell(plan.output_shape)
    return f"{type(plan.design).__name__}: {spell(plan.input_shape)} → {ending}"


def short_percent(share: float) -> str:
    """Return a share as a percentage with one digit, empty for zero."""
    return f"{100 * share:.1f} %" if share else ""


def count(number: int) -> str:
    """Return a count with thousands separated, empty for zero."""
    return f"{number:,}" if number else ""


def settings(row: Row) -> str:
    """Return the settings of a row, with the shapes of a join: `skip1, concat 64 + 64`."""
    if not isinstance(row.layer, Join):
        return row.settings
    first, *others = row.input_shapes
    how = str(row.layer.how)
    if how == "concat":
        how += " " + " + ".join(str(shape[0]) for shape in row.input_shapes)
    elif unlike := dict.fromkeys(spell(shape) for shape in others if shape != first):
        how += f" with {', '.join(unlike)}"
    return in_words((key, how if key == "how" else value) for key, value in row.call.kwargs)


def ways(row: Row) -> str:
    """Return input and output shapes: `64 × 8 × 8 and 64 × 16 × 16 → ✗`."""
    ending = "✗" if row.output_shape is None else spell(row.output_shape)
    return f"{' and '.join(map(spell, row.input_shapes))} → {ending}"


def sees(field: ReceptiveField) -> str:
    """Return a receptive field in short: `15`, `15×7`, `all`, `15 + norm`, `1.1e+301`."""
    words = ["all" if size == "everything" else figure(size) for size in field.size]
    sizes = ["?" if word == "None" else word for word in words]
    seen = "×".join(sizes if len(set(sizes)) > 1 else sizes[:1])
    by_norm = field.is_global and seen != "all"
    return f"{seen} + norm" if by_norm else seen
