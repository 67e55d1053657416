"""The labels, colours and shapes of boxes and arrows in a diagram."""

from __future__ import annotations

from html import escape

import graphviz

from cnnwidget.design.axes import Shape, spell
from cnnwidget.design.planning.row import Row
from cnnwidget.show.diagram_arrows import Arrow

FONT = "Helvetica,Arial,sans-serif"
# Lines and writing outside of boxes stand on the page itself, which may be white or black.
MIDDLE = "#787f89"
INK = "#1b1f24"
FILL = {"": "#e8eaed", "encoder": "#d6e6f8", "bottleneck": "#fae3c3", "decoder": "#d0ecdf"}
EDGE = {"": MIDDLE, "encoder": "#4c8dd6", "bottleneck": "#b5761c", "decoder": "#3f9f77"}
BAD, BAD_FILL = "#d64545", "#f9d9d9"
# The label of a join: a sign, or a word where no sign is common.
SIGNS = {"add": "+", "multiply": "×", "concat": "concat"}
# The weight of an arrow that should be straight; others have 1.
STRAIGHT = 8
# Long skips, and the frames around combinators.
LONG = "#8a63c9"
FRAME = "#787f8980"


def colours(row: Row) -> dict[str, str]:
    """Return fill and edge of a node: those of its part, or red for one that PyTorch refuses."""
    if row.output_shape is None:
        return {"fillcolor": BAD_FILL, "color": BAD}
    return {"fillcolor": FILL[row.part], "color": EDGE[row.part]}


def as_label(text: str) -> str:
    """Return a name escaped for a label: Graphviz reads backslashes even in HTML labels."""
    return escape(text).replace("\\", "\\\\")


def small(text: str) -> str:
    """Return a line in small print."""
    return f'<font point-size="9">{text}</font>'


def add_tensor(
    graph: graphviz.Digraph, node: str, name: str, shape: Shape, *, part: str = "",
    style: str = "filled",
) -> None:  # fmt: skip
    """Add the box of a tensor: the input, an output, or the latent tensor."""
    graph.node(
        node,
        label=f"<<b>{as_label(name)}</b>&#160; {spell(shape)}>",
        fillcolor=FILL[part],
        color=EDGE[part],
        shape="box",
        style=style,
    )


def add_arrow(graph: graphviz.Digraph, arrow: Arrow, weight: int) -> None:
    """Add an arrow with its shape.

    Beyond the latent tensor arrows are declared upwards and drawn backwards: so the decoder climbs
    beside the encoder, and twenty layers are ten high. What crosses over has no say in the heights.
    """
    label = f" {spell(arrow.shape)} " if arrow.shape else ""
    look = {} if weight == 1 else {"weight": str(weight)}
    if arrow.kept:
        label = f"< {as_label(arrow.kept)}&#160; {spell(arrow.shape)} >"
        look |= {"color": LONG, "fontcolor": LONG}
    if arrow.crosses:
        look |= {"constraint": "false"}
    if arrow.climbs:
        graph.edge(arrow.end, arrow.start, label=label, dir="back", **look)
    else:
        graph.edge(arrow.start, arrow.end, label=label, **look)
