"""A plan as a table: text for a terminal, HTML with inline styles for a notebook."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from html import escape

from tabulate import SEPARATING_LINE, tabulate

from cnnwidget.design.axes import spell
from cnnwidget.design.families import Design
from cnnwidget.design.plan import Plan, plan_of
from cnnwidget.design.rows import Row
from cnnwidget.show.words import count, percent, title

HEADERS = ("layer", "kind", "settings", "output", "params", "", "MACs", "")
# Layers beyond this of which the same is to be said are counted.
MOST_NAMED = 4
# The columns that hold a share of the one before.
SHARES = (5, 7)
ALIGNED = ("left", "left", "left", "right", "right", "right", "right", "right")

# Middle tones: they stand out on white and on black alike. Text takes the page's own colour.
PART_COLOUR = {
    "": "transparent",
    "encoder": "#4c8dd6",
    "bottleneck": "#b5761c",
    "decoder": "#3f9f77",
}
BAD, DOUBTFUL, FAINT = "#d64545", "#b5761c", "rgba(128,128,128,0.35)"


class ShownPlan(Plan):
    """A plan that shows itself: as text where it is printed, as HTML in a notebook."""

    def __str__(self) -> str:
        return text(self)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return html(self)


def plan(design: Design | Plan) -> ShownPlan:
    """Work out a design: shapes, parameters and costs of every layer, without torch.

    A design that PyTorch would refuse has a plan, too: the rows up to the layer that does not fit,
    and `problems` with the reason and with designs that mend it.

    Args:
        design: any design, or a plan.

    Returns:
        `rows`, `params`, `macs`, `output_shape`, `problems` and `cautions`, worked out once a
        design. It prints as a table.

    Example:
        >>> import cnnwidget as cw
        >>> design = cw.EncoderDecoder(input_size=(64, 64), in_channels=10, out_channels=5)
        >>> cw.plan(design).output_shape
        (5, 64, 64)
    """
    return shown(plan_of(design).design)


@lru_cache(maxsize=256)
def shown(design: Design) -> ShownPlan:
    """The plan of a design with its two ways to show itself."""
    known = plan_of(design)
    return ShownPlan(known.design, known.network, known.rows, known.problems, known.cautions)


def cells(plan: Plan, row: Row) -> tuple[str, ...]:
    """One row in the order of `HEADERS`."""
    return (
        row.name,
        row.kind,
        row.settings,
        "✗" if row.output_shape is None else spell(row.output_shape),
        count(row.params),
        percent(plan.params_share(row)),
        count(row.macs),
        percent(plan.macs_share(row)),
    )


def total(plan: Plan) -> tuple[str, ...]:
    """The sums in the order of `HEADERS`."""
    word = "total so far" if plan.problems else "total"
    return (word, "", "", "", f"{plan.params:,}", "", f"{plan.macs:,}", "")


def text(plan: Plan) -> str:
    """The table as plain text, with totals, problems and cautions."""
    lines: list[tuple[str, ...]] = [("input", "", "", spell(plan.input_shape), "", "", "", "")]
    lines += [cells(plan, row) for row in plan.rows]
    table = tabulate(
        [*lines, SEPARATING_LINE, total(plan)],
        HEADERS,
        tablefmt="simple",
        colalign=ALIGNED,
        disable_numparse=True,
    )
    return "\n".join(
        [title(plan), "", *(line.rstrip() for line in table.splitlines()), *notes(plan)]
    )


def notes(plan: Plan) -> Iterator[str]:
    """Problems and cautions, a line each, below an empty one."""
    if plan.problems or plan.cautions:
        yield ""
    for word, note in worded(plan):
        yield f"{word}: {note}"


def worded(plan: Plan) -> Iterator[tuple[str, str]]:
    """Problems and cautions in words; layers of which the same is to be said, together."""
    for problem in plan.problems:
        yield "Problem", str(problem)
    alike: dict[str, list[str]] = {}
    for caution in plan.cautions:
        alike.setdefault(caution.advice, []).append(caution.layer)
    for advice, layers in alike.items():
        more = f" and {len(layers) - MOST_NAMED} more" if len(layers) > MOST_NAMED else ""
        yield "Caution", f"{', '.join(layers[:MOST_NAMED])}{more}: {advice}"


def html(plan: Plan) -> str:
    """The table as HTML, all styles inline, so that an untrusted notebook keeps them."""
    head = "".join(
        cell("th", escape(name), align, f"border-bottom:1px solid {FAINT};font-weight:600")
        for name, align in zip(HEADERS, ALIGNED, strict=True)
    )
    body = [html_row(("input", "", "", spell(plan.input_shape), "", "", "", ""), "")]
    body += [
        html_row(
            cells(plan, row),
            PART_COLOUR[row.part],
            (plan.params_share(row), plan.macs_share(row)),
            failed=row.output_shape is None,
        )
        for row in plan.rows
    ]
    above = f"border-top:1px solid {FAINT};font-weight:600"
    body.append(html_row(total(plan), "", above=above))
    return (
        '<div style="max-width:100%;overflow-x:auto">'
        f'<div style="font-weight:600;padding:2px 8px">{escape(title(plan))}</div>'
        '<table style="border-collapse:collapse;border:none;font-size:12px">'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table>"
        f"{''.join(html_notes(plan))}</div>"
    )


def html_row(
    texts: tuple[str, ...],
    colour: str,
    shares: tuple[float, float] = (0.0, 0.0),
    *,
    failed: bool = False,
    above: str = "",
) -> str:
    """One row: the part's colour on the left, shares as bars, a layer that fails in red."""
    out = []
    for column, (content, align) in enumerate(zip(texts, ALIGNED, strict=True)):
        style = above
        if column == 0:
            style += f";border-left:4px solid {colour or 'transparent'}"
        if failed:
            style += f";color:{BAD};font-weight:600"
        drawn = bar(shares[SHARES.index(column)]) if column in SHARES else ""
        out.append(cell("td", escape(content) + drawn, align, style))
    return f"<tr>{''.join(out)}</tr>"


def cell(tag: str, content: str, align: str, style: str = "") -> str:
    """A cell; what surrounds it must not shine through, so it says all of its style itself."""
    base = f"text-align:{align};padding:2px 8px;white-space:nowrap;vertical-align:middle"
    return f'<{tag} style="{base};{style.lstrip(";")}">{content}</{tag}>'


def bar(share: float) -> str:
    """A thin bar, of 28 pixels for the whole, that starts where all others start."""
    if not share:
        return ""
    drawn = f"height:8px;width:{max(1, round(28 * share))}px;background-color:rgba(76,141,214,0.6)"
    return (
        '<span style="display:inline-block;width:28px;margin-left:6px;text-align:left">'
        f'<span style="display:inline-block;{drawn}"></span></span>'
    )


def html_notes(plan: Plan) -> Iterator[str]:
    """Problems and cautions with a coloured edge."""
    for word, note in worded(plan):
        colour = BAD if word == "Problem" else DOUBTFUL
        yield (
            f'<div style="border-left:4px solid {colour};padding:4px 8px;margin-top:6px">'
            f'<b style="color:{colour}">{word}</b> {escape(note)}</div>'
        )
