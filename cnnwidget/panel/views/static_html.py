"""A panel where there is no kernel: plain HTML, without a script."""

from __future__ import annotations

import base64
from html import escape
from typing import TYPE_CHECKING

from cnnwidget.design.planning.plan import Plan
from cnnwidget.show.diagram import diagram
from cnnwidget.show.table import html

if TYPE_CHECKING:  # torch comes with it
    from cnnwidget.training.runs.run import Run


def still_of(plan: Plan, run: Run | None) -> str:
    """Table and diagram of a design and, after a fit, its verdict and curves.

    Args:
        plan: of the design.
        run: the last one.
    """
    drawn = diagram(plan)._repr_mimebundle_()
    parts = [html(plan), drawn.get("text/html", "")]
    if run is not None:
        picture = base64.b64encode(run.plot()._repr_png_()).decode()
        parts.append(f"<p>{escape(run.skill.sentence)}</p>")
        parts.append(f'<img style="max-width:100%" src="data:image/png;base64,{picture}">')
    return "".join(parts)
