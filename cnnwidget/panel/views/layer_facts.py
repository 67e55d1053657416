"""The facts of a layer, which the page shows where a person points at it."""

from __future__ import annotations

from itertools import zip_longest
from typing import Any

from cnnwidget.design.planning.plan import Plan
from cnnwidget.design.planning.row import Row
from cnnwidget.design.receptive.receptive_field import ReceptiveField
from cnnwidget.design.storage import storage
from cnnwidget.show.diagram_arrows import node_of
from cnnwidget.show.explain import sight, unmet
from cnnwidget.show.wording import sees, ways

Facts = list[tuple[str, str]]
# The beginning of the sentence of a receptive field, which the label repeats.
EACH = "each value sees "


def facts_view(plan: Plan, key: str) -> dict[str, Any]:
    """Return receptive field and facts of every row; the table does not wait for them."""
    return {
        "key": key,
        "rows": {
            node_of(number): {"sees": sees(field) if field else "", "facts": facts(row, field)}
            for number, (row, field) in enumerate(zip_longest(plan.rows, plan.receptive_fields))
        },
    }


def facts(row: Row, field: ReceptiveField | None) -> Facts:
    """Return the facts of one row, as labels and texts; empty texts are left out."""
    found = [
        ("shape", ways(row)),
        ("size", row.formula),
        ("lost", unmet(row.lost) if row.lost else ""),
        ("sees", ", ".join(sight(field)).removeprefix(EACH) if field else ""),
        ("costs", f"{row.macs:,} multiply-accumulates" if row.macs else ""),
        ("keeps", f"{storage(row.memory)} a sample in training" if row.memory else ""),
        ("runs", "in training only" if row.aux else ""),
    ]
    return [(name, text) for name, text in found if text]
