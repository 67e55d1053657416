"""A plan as a Graphviz diagram."""

from __future__ import annotations

import base64
import textwrap
from html import escape
from itertools import pairwise
from typing import Any

import graphviz

from cnnwidget.design.axes import Shape, spell
from cnnwidget.design.families import Design
from cnnwidget.design.plan import Plan, plan_of
from cnnwidget.design.rows import Row
from cnnwidget.show.render import render
from cnnwidget.show.words import count, title

FONT = "Helvetica,Arial,sans-serif"
# Lines and writing outside of boxes stand on the page itself, which may be white or black.
MIDDLE = "#787f89"
INK = "#1b1f24"
FILL = {"": "#e8eaed", "encoder": "#d6e6f8", "bottleneck": "#fae3c3", "decoder": "#d0ecdf"}
EDGE = {"": MIDDLE, "encoder": "#4c8dd6", "bottleneck": "#b5761c", "decoder": "#3f9f77"}
BAD, BAD_FILL = "#d64545", "#f9d9d9"

# Beyond this many boxes and arrows drawing takes longer than anyone would look at the picture.
MOST_LINES = 1300
TOO_LARGE = (
    "No picture: {} boxes and arrows are too many to read. `.source` of this diagram is its DOT "
    "text, for the program dot."
)


class Diagram(graphviz.Digraph):
    """A `graphviz.Digraph` that a notebook shows without the program `dot`."""

    def _repr_mimebundle_(
        self, include: Any = None, exclude: Any = None, **_: Any
    ) -> dict[str, str]:
        """SVG and, for notebooks that are not trusted, the same as an HTML image."""
        if note := too_large(self):
            return {"text/plain": note}
        picture = render(self.source)
        if picture.svg is None:
            return {"text/plain": f"{picture.note}\n\n{picture.dot}"}
        data = base64.b64encode(picture.svg.encode()).decode()
        alternative = escape(str(self.graph_attr.get("tooltip", "network")), quote=True)
        return {
            "text/plain": self.source,
            "image/svg+xml": picture.svg,
            "text/html": f'<img alt="{alternative}" style="max-width:100%" '
            f'src="data:image/svg+xml;base64,{data}">',
        }


def too_large(graph: graphviz.Digraph) -> str:
    """Why a diagram is not drawn, in one sentence; empty if it can be."""
    return TOO_LARGE.format(len(graph.body)) if len(graph.body) > MOST_LINES else ""


def diagram(design: Design | Plan) -> graphviz.Digraph:
    """Draw a design: a box a layer, shapes on the arrows, encoder and decoder side by side.

    A layer that PyTorch refuses is the last box, in red, with the reason.

    Args:
        design: any design, or a plan.

    Returns:
        A Graphviz graph; `.source` is its DOT text. A notebook shows it as SVG, with or without
        the program `dot`.

    Example:
        >>> import cnnwidget as cw
        >>> design = cw.EncoderDecoder(input_size=(64, 64), in_channels=10, out_channels=5)
        >>> cw.diagram(design).source.count("->")
        18
    """
    plan = plan_of(design)
    graph = Diagram(
        graph_attr={
            "rankdir": "TB",
            "bgcolor": "transparent",
            "nodesep": "0.5",
            "ranksep": "0.28",
            "fontname": FONT,
            "tooltip": title(plan),
        },
        node_attr={
            "shape": "box",
            "style": "rounded,filled",
            "fontname": FONT,
            "fontsize": "11",
            "fontcolor": INK,
            "height": "0.3",
            "margin": "0.12,0.05",
        },
        edge_attr={
            "fontname": FONT,
            "fontsize": "10",
            "fontcolor": MIDDLE,
            "color": MIDDLE,
            "arrowsize": "0.7",
        },
    )
    add_tensor(graph, "input", plan.input_shape, "")
    for part in ("", "encoder", "bottleneck", "decoder"):
        add_part(graph, plan, part)
    if plan.output_shape is not None:
        add_tensor(graph, "output", plan.output_shape, "")
    add_edges(graph, plan)
    return graph


def add_part(graph: graphviz.Digraph, plan: Plan, part: str) -> None:
    """The boxes of one part, in a cluster of its own."""
    rows = [(number, row) for number, row in enumerate(plan.rows) if row.part == part]
    if not part:
        for number, row in rows:
            add_layer(graph, plan, number, row)
        return
    latent = plan.rows_of_encoder if part == "bottleneck" else None
    if not rows and latent is None:
        return
    with graph.subgraph(name=f"cluster_{part}") as cluster:
        cluster.attr(
            label=part,
            labeljust="l",
            # The way into the bottleneck comes from above and would cross its name.
            labelloc="b" if part == "bottleneck" else "t",
            color=EDGE[part],
            fontcolor=EDGE[part],
            style="rounded",
            margin="10",
        )
        for number, row in rows:
            add_layer(cluster, plan, number, row)
        if latent is not None:
            add_tensor(cluster, "latent", plan.rows[latent].input_shape, part)


def add_layer(graph: graphviz.Digraph, plan: Plan, number: int, row: Row) -> None:
    """The box of one row."""
    kind = escape(row.kind)
    name = as_label(row.name.removeprefix(f"{row.part}."))
    lines = [f"<b>{name}</b>&#160; {kind}"]
    if row.settings:
        lines.append(small(escape(row.settings)))
    if row.params:
        lines.append(small(f"{count(row.params)} parameters"))
    fill, edge = FILL[row.part], EDGE[row.part]
    if row.output_shape is None:
        fill, edge = BAD_FILL, BAD
        for problem in plan.problems:
            lines += [small(escape(line)) for line in textwrap.wrap(f"✗ {problem.reason}", 44)]
    graph.node(
        f"row{number}",
        label=f"<{'<br/>'.join(lines)}>",
        fillcolor=fill,
        color=edge,
        group=row.part or "network",  # one above the other, not round the labels
    )


def as_label(text: str) -> str:
    """A name as it is to be read: Graphviz takes backslashes for commands even in HTML labels."""
    return escape(text).replace("\\", "\\\\")


def small(text: str) -> str:
    """A line of lesser weight."""
    return f'<font point-size="9">{text}</font>'


def add_tensor(graph: graphviz.Digraph, name: str, shape: Shape, part: str) -> None:
    """The box of a tensor: the input, the output, or what the encoder hands over."""
    graph.node(
        name,
        label=f"<<b>{name}</b>&#160; {spell(shape)}>",
        fillcolor=FILL[part],
        color=EDGE[part],
        shape="box",
        style="filled",
    )


def add_edges(graph: graphviz.Digraph, plan: Plan) -> None:
    """Arrows with the shapes that go along them.

    Beyond the latent tensor they are declared upwards and drawn backwards: so the decoder climbs
    beside the encoder, and twenty layers are ten high.
    """
    steps = [("input", plan.input_shape)]
    for number, row in enumerate(plan.rows):
        if number == plan.rows_of_encoder:
            steps.append(("latent", row.input_shape))
        steps.append((f"row{number}", row.output_shape or ()))
    if plan.output_shape is not None:
        steps.append(("output", plan.output_shape))
    climbing = False
    for (start, shape), (end, _) in pairwise(steps):
        climbing = climbing or start == "latent"
        label = f" {spell(shape)} "
        if climbing:
            graph.edge(end, start, label=label, dir="back")
        else:
            graph.edge(start, end, label=label)
    if plan.rows_of_encoder is not None and plan.output_shape is not None:
        with graph.subgraph() as top:
            top.attr(rank="same")
            top.node("input")
            top.node("output")
