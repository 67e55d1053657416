"""How rows of a plan are worded, the same in the table and in the diagram."""

from __future__ import annotations

from cnnwidget.design.axes import spell
from cnnwidget.design.plan import Plan
from cnnwidget.design.rows import Row


def settings(row: Row) -> str:
    """`kernel_size=3, stride=2` as `kernel 3, stride 2`."""
    return ", ".join(setting(name, value) for name, value in row.settings)


def setting(name: str, value: object) -> str:
    """One setting in words."""
    word = name.removesuffix("_size").replace("_", " ")
    if isinstance(value, bool):
        return word if value else f"no {word}"
    if isinstance(value, tuple):
        return f"{word} {'×'.join(map(str, value))}"
    return f"{word} {value}"


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
