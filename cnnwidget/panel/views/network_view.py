"""A plan as JSON for the page, worded as the table is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from cnnwidget.design.advice.cautions import Caution
from cnnwidget.design.advice.problems import Problem
from cnnwidget.design.axes import spell
from cnnwidget.design.planning.memory import memory_to_train
from cnnwidget.design.planning.plan import Plan
from cnnwidget.design.planning.row import Row
from cnnwidget.design.storage import storage
from cnnwidget.show.diagram import diagram, too_large
from cnnwidget.show.diagram_arrows import node_of
from cnnwidget.show.render import render
from cnnwidget.show.source import source
from cnnwidget.show.table import ALIGNED, HEADERS, before, cells, total
from cnnwidget.show.wording import title

# A caution of several layers is shown once, with so many of their names.
MOST_NAMED = 3
# More mends of one problem or caution are not offered.
MOST_MENDS = 4
MACS = HEADERS.index("MACs")


def plan_view(plan: Plan, key: str, batch: int, optimizer: str) -> dict[str, Any]:
    """Return totals, rows and source of a plan: what takes no time.

    Args:
        plan: the plan.
        key: of the state that is drawn.
        batch: the windows of a batch, for the memory.
        optimizer: its name, for the memory.
    """
    return {
        "key": key,
        "title": title(plan),
        "totals": totals(plan, batch, optimizer),
        "headers": list(HEADERS),
        "align": list(ALIGNED),
        "input": list(before(plan)),
        "rows": [
            {
                "id": node_of(number),
                "part": row.part,
                "cells": row_cells(plan, row),
                "params_share": plan.params_share(row),
                "macs_share": 0.0 if row.aux else plan.macs_share(row),
                "failed": row.output_shape is None,
                "aux": row.aux,
                # Where a join gets its tensors from: they light up with it.
                "from": sources(row),
            }
            for number, row in enumerate(plan.rows)
        ],
        "total": shortened_macs(total(plan), plan.macs),
        "source": "" if plan.problems else source(plan),
        "source_note": "A design with a problem has no source." if plan.problems else "",
    }


def row_cells(plan: Plan, row: Row) -> list[str]:
    """Return the cells of a row; all digits of its costs are among the facts of the layer."""
    texts = shortened_macs(cells(plan, row, None), row.macs)
    if row.aux and row.macs:
        texts[MACS] = f"({texts[MACS]})"
    return texts


def shortened_macs(texts: tuple[str, ...], macs: int) -> list[str]:
    """Return cells whose multiply-accumulates have three digits."""
    return [short_count(macs) if n == MACS and macs else text for n, text in enumerate(texts)]


def sources(row: Row) -> list[str]:
    """Return the ids of the rows that a join joins; empty for a row that has one input."""
    if len(row.sources) < 2:
        return []
    return [node_of(number) for number in row.sources if number >= 0]


def totals(plan: Plan, batch: int, optimizer: str) -> list[dict[str, str]]:
    """Return the totals above the table."""
    output = "✗" if plan.output_shape is None else spell(plan.output_shape)
    training = memory_to_train(plan.rows, plan.input_shape, batch, optimizer)
    samples = "one sample" if batch == 1 else f"batches of {batch:,}"
    return [
        figure("parameters", f"{plan.params:,}", "trainable weights"),
        figure("MACs", short_count(plan.macs), f"{plan.macs:,} multiply-accumulates, one sample"),
        figure(
            "memory to train",
            storage(training),
            f"with {samples} and {optimizer}: weights, gradients, what the optimizer remembers, "
            f"what a batch keeps for the way back: {storage(plan.memory) or 'nothing'} a sample",
        ),
        figure("output", output, "channels × size of the output"),
    ]


def figure(label: str, value: str, hint: str) -> dict[str, str]:
    """Return a number with its label and its meaning."""
    return {"label": label, "value": value, "hint": hint}


def short_count(number: int) -> str:
    """Return a large count in three digits: 12345678 as `12.3 M`."""
    for unit, size in (("T", 10**12), ("G", 10**9), ("M", 10**6), ("k", 10**3)):
        if number >= size:
            return f"{number / size:.3g} {unit}"
    return str(number)


def without_repeats(found: Iterable[Problem | Caution]) -> list[Problem | Caution]:
    """Return problems and cautions in their order; the same said of several layers is once."""
    alike: dict[tuple[str, str], Problem | Caution] = {}
    for each in found:
        kind = each.kind if isinstance(each, Caution) else "problem"
        alike.setdefault((kind, each.reason), each)
    return list(alike.values())


def layer_problems(found: Sequence[Problem | Caution]) -> list[dict[str, Any]]:
    """Return problems and cautions as the page shows them, with the mends one click away."""
    shown = []
    for number, problem in enumerate(without_repeats(found)):
        if isinstance(problem, Problem):
            kind, where = "problem", problem.layer
            text = f"gets {spell(problem.shape)}: {problem.reason}."
        else:
            layers = [
                each.layer
                for each in found
                if isinstance(each, Caution)
                and (each.kind, each.reason) == (problem.kind, problem.reason)
            ]
            more = f" and {len(layers) - MOST_NAMED} more" if len(layers) > MOST_NAMED else ""
            kind, where, text = (
                "caution",
                ", ".join(layers[:MOST_NAMED]) + more,
                f"{problem.reason}.",
            )
        mends = [
            {"id": mend_id(number, which), "label": mend.change}
            for which, mend in enumerate(problem.mends[:MOST_MENDS])
        ]
        shown.append({"kind": kind, "where": where, "text": text, "mends": mends})
    return shown


def mend_id(number: int, which: int) -> str:
    """Return the id of a mend: the number of its problem or caution, and which of its mends."""
    return f"{number}.{which}"


def diagram_view(plan: Plan, key: str) -> dict[str, Any]:
    """Return the diagram of a plan as SVG, or its DOT text and why there is no SVG."""
    graph = diagram(plan)
    if note := too_large(graph):
        return {"key": key, "svg": None, "dot": graph.source, "note": note}
    picture = render(graph.source)
    return {"key": key, "svg": picture.svg, "dot": picture.dot, "note": picture.reason}
