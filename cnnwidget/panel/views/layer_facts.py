"""What is to be said of one layer where a person points at it: short facts with their names."""

from __future__ import annotations

from itertools import zip_longest
from typing import Any

from cnnwidget.design.planning.plan import Plan
from cnnwidget.design.planning.row import Row
from cnnwidget.design.receptive.receptive_field import ReceptiveField
from cnnwidget.show.explain import sight, unmet
from cnnwidget.show.wording import sees, storage, ways

Facts = list[tuple[str, str]]
# How the sentence of a receptive field begins, which its name says here.
EACH = "each value sees "


def facts_view(plan: Plan, key: str) -> dict[str, Any]:
    """Receptive fields and facts of every row: they come after the table, which need not wait."""
    return {
        "key": key,
        "rows": {
            f"row{number}": {"sees": sees(field) if field else "", "facts": facts(row, field)}
            for number, (row, field) in enumerate(zip_longest(plan.rows, plan.receptive_fields))
        },
    }


def facts(row: Row, field: ReceptiveField | None) -> Facts:
    """The facts of one row; what there is nothing to say of is left out."""
    told = [
        ("shape", ways(row)),
        ("size", row.formula),
        ("lost", unmet(row.lost) if row.lost else ""),
        ("sees", ", ".join(sight(field)).removeprefix(EACH) if field else ""),
        ("costs", f"{row.macs:,} multiply-accumulates" if row.macs else ""),
        ("keeps", f"{storage(row.memory)} a sample in training" if row.memory else ""),
        ("runs", "in training only" if row.aux else ""),
    ]
    return [(name, text) for name, text in told if text]
