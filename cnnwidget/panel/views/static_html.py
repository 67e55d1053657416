"""A panel as plain HTML without a script, for a page without a kernel."""

from __future__ import annotations

import base64
from html import escape
from typing import TYPE_CHECKING

from cnnwidget.design.planning.plan import Plan
from cnnwidget.show.diagram import diagram
from cnnwidget.show.table import html

if TYPE_CHECKING:  # torch comes with it
    from cnnwidget.training.runs.run import Run


def static_html(plan: Plan, run: Run | None) -> str:
    """Return table and diagram of a design and, after a fit, its skill and its curves.

    Args:
        plan: of the design.
        run: the last run, if there is one.
    """
    drawn = diagram(plan)._repr_mimebundle_()
    parts = [html(plan), drawn.get("text/html", "")]
    if run is not None:
        picture = base64.b64encode(run.plot()._repr_png_()).decode()
        parts.append(f"<p>{escape(run.skill.sentence)}</p>")
        parts.append(f'<img style="max-width:100%" src="data:image/png;base64,{picture}">')
    return "".join(parts)
