"""How rows of a plan are worded, the same in the table and in the diagram."""

from __future__ import annotations

from cnnwidget.design.axes import spell
from cnnwidget.design.plan import Plan


def title(plan: Plan) -> str:
    """`EncoderDecoder: 10 × 64 × 64 → 5 × 64 × 64`."""
    ending = "✗" if plan.output_shape is None else spell(plan.output_shape)
    return f"{type(plan.design).__name__}: {spell(plan.input_shape)} → {ending}"


def percent(share: float) -> str:
    """A share as a percentage with one digit, empty for nothing."""
    return f"{100 * share:.1f} %" if share else ""


def count(number: int) -> str:
    """A count with thousands apart, empty for nothing."""
    return f"{number:,}" if number else ""
