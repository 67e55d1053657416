"""Explanations of a plan: the formula of each size with its numbers, and receptive fields."""

from __future__ import annotations

from collections.abc import Iterator

from cnnwidget.design.axes import Size
from cnnwidget.design.planning.plan import Plan
from cnnwidget.design.planning.row import Row
from cnnwidget.design.receptive.receptive_field import ReceptiveField, figure
from cnnwidget.show.wording import settings, title, ways

# Names of the spatial axes, by their number.
AXES = {1: ("values",), 2: ("rows", "columns"), 3: ("slices", "rows", "columns")}


class Explanation(str):
    """A text that a notebook shows as it is printed."""

    __slots__ = ()

    __repr__ = str.__str__


def explained(plan: Plan) -> Explanation:
    """Return each row with its shapes, its formula and the values that rounding down leaves out."""
    paragraphs = map(paragraph, plan.rows, fields_of(plan))
    return Explanation("\n".join([title(plan), "", *paragraphs]))


def fields_of(plan: Plan) -> tuple[ReceptiveField | None, ...]:
    """Return the receptive field of each row; None for one that PyTorch refuses."""
    fields = plan.receptive_fields
    return (*fields, *[None] * (len(plan.rows) - len(fields)))


def paragraph(row: Row, field: ReceptiveField | None) -> str:
    """Return the text of one row: its name, its layer and its explanation."""
    layer = ", ".join(word for word in (row.kind, settings(row)) if word)
    shapes, *more = explanation(row, field)
    return "\n".join([f"{row.name}  {layer}: {shapes}", *(f"    {line}" for line in more)])


def explanation(row: Row, field: ReceptiveField | None) -> Iterator[str]:
    """Yield the lines that explain a row."""
    yield ways(row)
    if row.formula:
        yield row.formula
    if row.lost:
        yield unmet(row.lost)
    if field is not None:
        yield from sight(field)
    if row.aux:
        yield "in training only"


def sight(field: ReceptiveField) -> Iterator[str]:
    """Yield a receptive field in words: `each value sees 15 × 15 pixels, stride 2, from −7 on`."""
    if not field.size:
        return
    if set(field.size) == {"everything"}:
        yield "each value sees everything"
        return
    words = [f"each value sees {along(field.size)} pixels"]
    if field.clipped != field.size:
        words.append(f"{along(field.clipped)} inside the input")
    # Of values in another order, or too many of them, nothing more is known.
    if set(field.stride) - {None, "varies"}:
        words.append(f"stride {along(field.stride)}")
    if set(field.offset) - {None}:
        words.append(f"from {along(field.offset)} on")
    if any(field.varies):
        words.append("some see fewer")
    if field.is_global:
        words.append("and all others by a norm")
    yield ", ".join(words)


def along(figures: tuple[object, ...]) -> str:
    """Return a figure for each axis; a question mark where none is known."""
    words = ["all" if each == "everything" else signed(each) for each in figures]
    return " × ".join("?" if word == "None" else word for word in words)


def signed(each: object) -> str:
    """Return a figure with a minus sign where it is negative."""
    word = figure(each)
    return f"−{word[1:]}" if word.startswith("-") else word


def unmet(lost: Size) -> str:
    """Return `rounding down leaves the last row and the last 2 columns unmet`."""
    missed = " and ".join(
        f"the last {axis.removesuffix('s')}" if number == 1 else f"the last {number} {axis}"
        for number, axis in zip(lost, AXES[len(lost)], strict=True)
        if number
    )
    return f"rounding down leaves {missed} unmet"
