"""Settings of a training that is to be short where nobody says how long."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cnnwidget.training.fit import check_names


def with_budget(settings: Mapping[str, Any], seconds: float) -> dict[str, Any]:
    """Settings of `fit`, with a budget of so many seconds where they have none.

    Raises:
        CnnwidgetError: if one of them is none of `fit`'s.

    Example:
        >>> with_budget({"lr": 0.1}, 5.0), with_budget({"epochs": 3}, 5.0)
        ({'lr': 0.1, 'seconds': 5.0}, {'epochs': 3})
    """
    check_names(settings)
    has_one = settings.get("epochs") is not None or settings.get("seconds") is not None
    return dict(settings) if has_one else {**settings, "seconds": seconds}
