"""A plan as a table: text for a terminal, HTML with inline styles for a notebook."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields
from functools import lru_cache
from html import escape
from itertools import chain

from tabulate import SEPARATING_LINE, tabulate

from cnnwidget.design.advice.cautions import Caution
from cnnwidget.design.axes import spell
from cnnwidget.design.design_types import Design
from cnnwidget.design.planning.plan import Plan, plan_of
from cnnwidget.design.planning.row import Row
from cnnwidget.design.receptive.receptive_field import ReceptiveField
from cnnwidget.design.storage import storage
from cnnwidget.show.explain import Explanation, explained, explanation, fields_of
from cnnwidget.show.wording import count, sees, settings, short_percent, title

HEADERS = ("layer", "kind", "settings", "output", "params", "", "MACs", "", "memory", "sees")
# More layers with the same caution are counted, not named.
MOST_NAMED = 4
# Of more rows than this, only so many at either end are shown: nobody reads thousands.
MOST_ROWS, ROWS_AT_AN_END = 400, 150
# The columns that hold a share of the one before.
SHARES = (5, 7)
# The column with a tooltip.
TOOLTIP_COLUMN = 2
ALIGNED = ("left", "left", "left", *["right"] * 7)

# Middle tones: they stand out on white and on black alike. Text takes the page's own colour.
PART_COLOUR = {
    "": "transparent",
    "encoder": "#4c8dd6",
    "bottleneck": "#b5761c",
    "decoder": "#3f9f77",
}
BAD, CAUTION_COLOUR, PLAIN, FAINT = "#d64545", "#b5761c", "#787f89", "rgba(128,128,128,0.35)"
REMARK_COLOUR = {"Problem": BAD, "Caution": CAUTION_COLOUR, "Training only": PLAIN}


class ShownPlan(Plan):
    """A plan that shows itself: as text where it is printed, as HTML in a notebook.

    Of more than 400 rows it shows the first and the last 150; `rows` has all of them.
    """

    def __str__(self) -> str:
        return text(self)

    __repr__ = __str__

    def explain(self) -> Explanation:
        """Return the formula of each size, row by row, with its numbers.

        Example:
            >>> import cnnwidget as cw
            >>> conv = cw.layers.Conv(out_channels=2, kernel_size=3)
            >>> cw.plan(cw.Network(input_shape=(1, 8), children={"conv": conv})).explain()
            Network: 1 × 8 → 2 × 6
            <BLANKLINE>
            conv  Conv1d, kernel 3: 1 × 8 → 2 × 6
                ⌊(8 + 2·0 − 1·(3 − 1) − 1) / 1⌋ + 1 = 6
                each value sees 3 pixels, stride 1, from 0 on
        """
        return explained(self)

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
    """Return the plan of a design as text and HTML."""
    plain = plan_of(design)
    return ShownPlan(**{field.name: getattr(plain, field.name) for field in fields(plain)})


def cells(plan: Plan, row: Row, field: ReceptiveField | None) -> tuple[str, ...]:
    """Return a row in the order of `HEADERS`; figures outside the total are in brackets."""
    return (
        row.name,
        row.kind,
        settings(row),
        "✗" if row.output_shape is None else spell(row.output_shape),
        count(row.params),
        short_percent(plan.params_share(row)),
        f"({count(row.macs)})" if row.aux and row.macs else count(row.macs),
        "" if row.aux else short_percent(plan.macs_share(row)),
        storage(row.memory),
        "" if field is None else sees(field),
    )


def before(plan: Plan) -> tuple[str, ...]:
    """Return the input in the order of `HEADERS`."""
    return ("input", "", "", spell(plan.input_shape), *[""] * (len(HEADERS) - 4))


def total(plan: Plan) -> tuple[str, ...]:
    """Return the sums in the order of `HEADERS`."""
    word = "total so far" if plan.problems else "total"
    sums = (f"{plan.params:,}", "", f"{plan.macs:,}", "", storage(plan.memory), "")
    return (word, "", "", "", *sums)


def text(plan: Plan) -> str:
    """Return the table as plain text, with totals, problems and cautions.

    Of more than 400 rows the first and the last 150 are shown; `plan.rows` has all of them.
    """
    lines = [before(plan)]
    lines += [
        left_out(shown) if isinstance(shown, int) else cells(plan, *shown) for shown in folded(plan)
    ]
    table = tabulate(
        [*lines, SEPARATING_LINE, total(plan)],
        HEADERS,
        tablefmt="simple",
        colalign=ALIGNED,
        disable_numparse=True,
    )
    return "\n".join(
        [title(plan), "", *(line.rstrip() for line in table.splitlines()), *remark_lines(plan)]
    )


def remark_lines(plan: Plan) -> Iterator[str]:
    """Yield an empty line, then auxiliary heads, problems and cautions, a line each."""
    pairs = list(remarks(plan))
    if pairs:
        yield ""
    for word, sentence in pairs:
        yield f"{word}: {sentence}"


def remarks(plan: Plan) -> Iterator[tuple[str, str]]:
    """Yield kind and text of all remarks on a plan; layers with the same caution share one."""
    if heads := ", ".join(extra.name for extra in plan.extras):
        yield "Training only", f"{heads}; multiply-accumulates in brackets are not in the total."
    for problem in plan.problems:
        yield "Problem", str(problem)
    alike: dict[str, list[str]] = {}
    for caution, layers in grouped(plan.cautions):
        alike.setdefault(caution.sentence, []).extend(layers)
    for sentence, layers in alike.items():
        more = f" and {len(layers) - MOST_NAMED} more" if len(layers) > MOST_NAMED else ""
        yield "Caution", f"{', '.join(layers[:MOST_NAMED])}{more}: {sentence}"


def grouped(cautions: Iterable[Caution]) -> Iterator[tuple[Caution, list[str]]]:
    """Return one of each set of equal cautions, with the layers of all of them.

    The mends of a caution are expensive to find, so that those of one serve for all. Changes are
    compared, not hashed: those of a deep network name every layer, and are one object anyway.
    """
    groups: dict[tuple[str, str], list[tuple[Caution, list[str]]]] = {}
    for caution in cautions:
        group = groups.setdefault((caution.kind, caution.reason), [])
        for first, layers in group:
            if (first.changes, first.known_mends) == (caution.changes, caution.known_mends):
                layers.append(caution.layer)
                break
        else:
            group.append((caution, [caution.layer]))
    return chain.from_iterable(groups.values())


def folded(plan: Plan) -> Iterator[tuple[Row, ReceptiveField | None] | int]:
    """Yield the rows to show; of very many, a count replaces those in the middle."""
    pairs = list(zip(plan.rows, fields_of(plan), strict=True))
    if len(pairs) <= MOST_ROWS:
        yield from pairs
        return
    yield from pairs[:ROWS_AT_AN_END]
    yield len(pairs) - 2 * ROWS_AT_AN_END
    yield from pairs[-ROWS_AT_AN_END:]


def left_out(number: int) -> tuple[str, ...]:
    """Return the row that replaces those not shown, in the order of `HEADERS`."""
    return (f"... {number:,} more rows", *[""] * (len(HEADERS) - 1))


def html(plan: Plan) -> str:
    """Return the table as HTML, all styles inline, so that an untrusted notebook keeps them.

    Of more than 400 rows the first and the last 150 are shown; `plan.rows` has all of them.
    """
    head = "".join(
        cell("th", escape(name), align, f"border-bottom:1px solid {FAINT};font-weight:600")
        for name, align in zip(HEADERS, ALIGNED, strict=True)
    )
    body = [html_row(before(plan), "")]
    for shown in folded(plan):
        if isinstance(shown, int):
            body.append(html_row(left_out(shown), "", look=f"color:{PLAIN}"))
            continue
        row, field = shown
        body.append(
            html_row(
                cells(plan, row, field),
                PART_COLOUR[row.part],
                (plan.params_share(row), 0.0 if row.aux else plan.macs_share(row)),
                look=f"color:{BAD};font-weight:600" if row.output_shape is None else dimmed(row),
                tip="\n".join(explanation(row, field)),
            )
        )
    above = f"border-top:1px solid {FAINT};font-weight:600"
    body.append(html_row(total(plan), "", above=above))
    return (
        '<div style="max-width:100%;overflow-x:auto">'
        f'<div style="font-weight:600;padding:2px 8px">{escape(title(plan))}</div>'
        '<table style="border-collapse:collapse;border:none;font-size:12px">'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table>"
        f"{''.join(html_remarks(plan))}</div>"
    )


def html_row(
    texts: tuple[str, ...],
    colour: str,
    shares: tuple[float, float] = (0.0, 0.0),
    *,
    look: str = "",
    above: str = "",
    tip: str = "",
) -> str:
    """Return a row: the part's colour on the left, shares as bars, `tip` over the settings."""
    out = []
    for column, (content, align) in enumerate(zip(texts, ALIGNED, strict=True)):
        style = above
        if column == 0:
            style += f";border-left:4px solid {colour or 'transparent'}"
        if look:
            style += f";{look}"
        drawn = bar(shares[SHARES.index(column)]) if column in SHARES else ""
        title = tip if column == TOOLTIP_COLUMN else ""
        out.append(cell("td", escape(content) + drawn, align, style, title))
    return f"<tr>{''.join(out)}</tr>"


def dimmed(row: Row) -> str:
    """Return the style of a row, dimmed if it runs in training only."""
    return "opacity:0.55" if row.aux else ""


def cell(tag: str, content: str, align: str, style: str = "", tip: str = "") -> str:
    """Return a cell with its whole style, so that the page's own does not apply."""
    base = f"text-align:{align};padding:2px 8px;white-space:nowrap;vertical-align:middle"
    title = f' title="{escape(tip, quote=True)}"' if tip else ""
    return f'<{tag} style="{base};{style.lstrip(";")}"{title}>{content}</{tag}>'


def bar(share: float) -> str:
    """Return a thin bar, 28 pixels long for a share of 1."""
    if not share:
        return ""
    drawn = f"height:8px;width:{max(1, round(28 * share))}px;background-color:rgba(76,141,214,0.6)"
    return (
        '<span style="display:inline-block;width:28px;margin-left:6px;text-align:left">'
        f'<span style="display:inline-block;{drawn}"></span></span>'
    )


def html_remarks(plan: Plan) -> Iterator[str]:
    """Yield the remarks with a coloured edge."""
    for word, sentence in remarks(plan):
        colour = REMARK_COLOUR[word]
        yield (
            f'<div style="border-left:4px solid {colour};padding:4px 8px;margin-top:6px">'
            f'<b style="color:{colour}">{word}</b> {escape(sentence)}</div>'
        )
