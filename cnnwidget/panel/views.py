"""A plan as what the stage shows: plain JSON, worded as the table is."""

from __future__ import annotations

from typing import Any

from cnnwidget.data.frames import Frames
from cnnwidget.design.axes import spell
from cnnwidget.design.cautions import Caution
from cnnwidget.design.plan import Plan
from cnnwidget.design.problems import Problem
from cnnwidget.show.diagram import diagram, too_large
from cnnwidget.show.render import render
from cnnwidget.show.source import source
from cnnwidget.show.table import ALIGNED, HEADERS, cells, total
from cnnwidget.show.words import title

# Cautions that say the same of several layers are told once, with so many names.
MOST_NAMED = 3
MOST_MENDS = 4


def key_of(plan: Plan, frames: Frames) -> str:
    """What tells designs, and the data they are to be trained on, apart on the page."""
    data = (frames.name, frames.values.shape, frames.values.dtype.str)
    return f"{hash((plan.design, data)) & 0xFFFFFFFFFFFF:x}"


def plan_view(plan: Plan, key: str) -> dict[str, Any]:
    """Totals, notes, rows and source of a plan."""
    return {
        "key": key,
        "title": title(plan),
        "totals": totals(plan),
        "notes": notes(plan),
        "headers": list(HEADERS),
        "align": list(ALIGNED),
        "input": ["input", "", "", spell(plan.input_shape), "", "", "", ""],
        "rows": [
            {
                "id": f"row{number}",
                "part": row.part,
                "cells": list(cells(plan, row)),
                "params_share": plan.params_share(row),
                "macs_share": plan.macs_share(row),
                "failed": row.output_shape is None,
            }
            for number, row in enumerate(plan.rows)
        ],
        "total": list(total(plan)),
        "source": "" if plan.problems else source(plan),
        "source_note": "A design with a problem has no source." if plan.problems else "",
    }


def totals(plan: Plan) -> list[dict[str, str]]:
    """The figures of the strip."""
    output = "✗" if plan.output_shape is None else spell(plan.output_shape)
    return [
        figure("parameters", f"{plan.params:,}", "trainable weights"),
        figure("MACs", short_count(plan.macs), f"{plan.macs:,} multiply-accumulates, one sample"),
        figure(
            "memory",
            in_bytes(plan.memory),
            "what training one sample keeps for the way back, in 32-bit floats; weights apart",
        ),
        figure("output", output, "channels × size of the output"),
    ]


def figure(label: str, value: str, hint: str) -> dict[str, str]:
    """A number with its name and what it means."""
    return {"label": label, "value": value, "hint": hint}


def short_count(number: int) -> str:
    """A large count with its unit: 12345678 as `12.3 M`."""
    for unit, size in (("T", 10**12), ("G", 10**9), ("M", 10**6), ("k", 10**3)):
        if number >= size:
            return f"{number / size:.3g} {unit}"
    return str(number)


def in_bytes(number: int) -> str:
    """A number of bytes to read."""
    return f"{short_count(number)}B" if number >= 1000 else f"{number} B"


def noted(plan: Plan) -> list[Problem | Caution]:
    """Problems and cautions in the order in which they are shown; the same said twice is once."""
    alike: dict[tuple[str, str], Problem | Caution] = {}
    found: tuple[Problem | Caution, ...] = (*plan.problems, *plan.cautions)
    for each in found:
        kind = each.kind if isinstance(each, Caution) else "problem"
        alike.setdefault((kind, each.reason), each)
    return list(alike.values())


def notes(plan: Plan) -> list[dict[str, Any]]:
    """Problems and cautions with the mends that are one click away."""
    found = []
    for number, note in enumerate(noted(plan)):
        if isinstance(note, Problem):
            kind, where = "problem", note.layer
            text = f"gets {spell(note.shape)}: {note.reason}."
        else:
            layers = [
                each.layer
                for each in plan.cautions
                if (each.kind, each.reason) == (note.kind, note.reason)
            ]
            more = f" and {len(layers) - MOST_NAMED} more" if len(layers) > MOST_NAMED else ""
            kind, where, text = "caution", ", ".join(layers[:MOST_NAMED]) + more, f"{note.reason}."
        mends = [
            {"id": f"{number}.{which}", "label": mend.change}
            for which, mend in enumerate(note.mends[:MOST_MENDS])
        ]
        found.append({"kind": kind, "where": where, "text": text, "mends": mends})
    return found


def diagram_view(plan: Plan, key: str) -> dict[str, Any]:
    """The picture of a plan, or its DOT text and why there is no picture."""
    graph = diagram(plan)
    if note := too_large(graph):
        return {"key": key, "svg": None, "dot": graph.source, "note": note}
    picture = render(graph.source)
    return {"key": key, "svg": picture.svg, "dot": picture.dot, "note": picture.note}
