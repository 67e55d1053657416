"""A plan as a Graphviz diagram."""

from __future__ import annotations

import base64
import textwrap
from html import escape
from typing import Any

import graphviz

from cnnwidget.design.design_types import Design
from cnnwidget.design.joins import Join
from cnnwidget.design.network import PROJECTION, Aux, Branches, Skip, nodes
from cnnwidget.design.planning.plan import Plan, plan_of
from cnnwidget.design.planning.row import Row
from cnnwidget.show.diagram_arrows import arrows, is_drawn, level_pairs, node_of
from cnnwidget.show.diagram_style import (
    EDGE,
    FILL,
    FONT,
    FRAME,
    INK,
    MIDDLE,
    SIGNS,
    STRAIGHT,
    add_arrow,
    add_tensor,
    as_label,
    colours,
    small,
)
from cnnwidget.show.render import render
from cnnwidget.show.wording import count, title

# With more boxes and arrows, drawing takes minutes, and nobody can read the picture.
MOST_DRAWN = 2000
TOO_LARGE = (
    "No picture: {} boxes and arrows are too many to read. `.source` of this diagram is its DOT "
    "text, for the program dot."
)


class Diagram(graphviz.Digraph):
    """A `graphviz.Digraph` that a notebook shows without the program `dot`."""

    def _repr_mimebundle_(
        self, include: Any = None, exclude: Any = None, **_: Any
    ) -> dict[str, str]:
        """Return SVG and, for notebooks that are not trusted, the same as an HTML image."""
        if note := too_large(self):
            return {"text/plain": note}
        picture = render(self.source)
        if picture.svg is None:
            return {"text/plain": f"{picture.reason}\n\n{picture.dot}"}
        data = base64.b64encode(picture.svg.encode()).decode()
        alternative = escape(str(self.graph_attr.get("tooltip", "network")), quote=True)
        return {
            "text/plain": self.source,
            "image/svg+xml": picture.svg,
            "text/html": f'<img alt="{alternative}" style="max-width:100%" '
            f'src="data:image/svg+xml;base64,{data}">',
        }


def too_large(graph: graphviz.Digraph) -> str:
    """Return why a diagram is too large to draw, in one sentence; empty if it is not."""
    drawn = sum("[" in line for line in graph.body)
    return TOO_LARGE.format(drawn) if drawn > MOST_DRAWN else ""


def diagram(design: Design | Plan) -> graphviz.Digraph:
    """Draw a design: a box a layer, shapes on the arrows, encoder and decoder side by side.

    Where tensors are joined there is a small round node. A tensor that is kept for later has its
    own arrow, with its name. A layer that PyTorch refuses is the last box, in red, with the
    reason.

    Args:
        design: any design, or a plan.

    Returns:
        A Graphviz graph; `.source` is its DOT text. A notebook shows it as SVG, with or without
        the program `dot`.

    Example:
        >>> import cnnwidget as cw
        >>> network = cw.Network(input_shape=(8,), children=[cw.layers.Linear(out_features=2)])
        >>> cw.diagram(network).source.count("->")
        2
    """
    return DiagramWriter(plan_of(design)).graph()


class DiagramWriter:
    """Writes a plan as a Graphviz graph.

    Attributes:
        plan: the plan to draw.
        framed: the combinators with a frame, by their dotted names.
        columns: the column of each node; those of one column are one above the other.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.framed = {
            name: node
            for name, node in nodes(plan.network.children)
            if isinstance(node, Skip | Branches | Aux)
        }
        # Columns are numbered: a name could hold any character.
        numbers: dict[str, str] = {}
        self.columns = {
            node_of(number): numbers.setdefault(self.column(row), f"column{len(numbers)}")
            for number, row in enumerate(plan.rows)
            if is_drawn(row)
        }

    def graph(self) -> graphviz.Digraph:
        """Return the whole graph."""
        plan = self.plan
        graph = Diagram(
            graph_attr={
                "rankdir": "TB",
                "bgcolor": "transparent",
                "nodesep": "0.35",
                "ranksep": "0.28",
                "newrank": "true",  # levels go across the frames
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
        add_tensor(graph, "input", "input", plan.input_shape)
        for part in ("", "encoder", "bottleneck", "decoder"):
            self.add_part(graph, part)
        if plan.output_shape is not None:
            add_tensor(graph, "output", "output", plan.output_shape)
        for number, extra in enumerate(plan.extras):
            add_tensor(graph, f"aux{number}", extra.name, extra.shape, style="filled,dashed")
        self.add_arrows(graph)
        self.add_levels(graph)
        return graph

    def add_part(self, graph: graphviz.Digraph, part: str) -> None:
        """Add the nodes of one part, in a frame."""
        rows = [
            (number, row)
            for number, row in enumerate(self.plan.rows)
            if row.part == part and is_drawn(row)
        ]
        if not part:
            self.add_rows(graph, rows, "")
            return
        latent = self.plan.rows_of_encoder if part == "bottleneck" else None
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
            self.add_rows(cluster, rows, "")
            if latent is not None:
                add_tensor(
                    cluster, "latent", "latent", self.plan.rows[latent].input_shape, part=part
                )

    def add_rows(self, graph: graphviz.Digraph, rows: list[tuple[int, Row]], within: str) -> None:
        """Add the nodes of some rows, with a frame around each combinator."""
        inside: dict[str, list[tuple[int, Row]]] = {}
        for number, row in rows:
            if frame := self.frame_of(row.name, within):
                inside.setdefault(frame, []).append((number, row))
            elif isinstance(row.layer, Join):
                self.add_join(graph, number, row)
            else:
                self.add_layer(graph, number, row)
        for frame, members in inside.items():
            depth = frame.count(".")
            with graph.subgraph(name=f"cluster_{members[0][0]}_{depth}") as cluster:
                cluster.attr(
                    label=self.frame_label(frame),
                    labeljust="l",
                    fontsize="9",
                    fontcolor=MIDDLE,
                    color=FRAME,
                    style="rounded,dotted",
                    margin="7",
                )
                self.add_rows(cluster, members, frame)

    def frame_of(self, name: str, within: str) -> str:
        """Return the outermost combinator inside `within` that holds a row; empty for none."""
        at = len(within)
        while (at := name.find(".", at + 1)) >= 0:
            if name[:at] in self.framed:
                return name[:at]
        return name if name in self.framed and name != within else ""

    def frame_label(self, frame: str) -> str:
        """Return the label of a frame."""
        node = self.framed[frame]
        name = as_label(self.short_name(frame))
        return f"<{name}, in training only>" if isinstance(node, Aux) else f"<{name}>"

    def add_layer(self, graph: graphviz.Digraph, number: int, row: Row) -> None:
        """Add the box of one row."""
        name = as_label(self.short_name(row.name))
        lines = [f"<b>{name}</b>&#160; {escape(row.kind)}"]
        if row.settings:
            lines.append(small(escape(row.settings)))
        if row.params:
            lines.append(small(f"{count(row.params)} parameters"))
        graph.node(
            node_of(number),
            label=f"<{'<br/>'.join([*lines, *self.reasons(row)])}>",
            group=self.columns[node_of(number)],
            **colours(row),
        )

    def add_join(self, graph: graphviz.Digraph, number: int, row: Row) -> None:
        """Add the round node where tensors are joined."""
        assert isinstance(row.layer, Join)
        sign = SIGNS[row.layer.how]
        lines = [f"<b>{sign}</b>", *self.reasons(row)]
        wide = len(sign) > 1 or len(lines) > 1
        graph.node(
            node_of(number),
            label=f"<{'<br/>'.join(lines)}>",
            tooltip=as_label(f"{row.name}: {row.settings}"),
            shape="box" if wide else "circle",
            style="rounded,filled",
            height="0.22",
            width="0.22",
            margin="0.07,0.02" if wide else "0",
            group=self.columns[node_of(number)],
            **colours(row),
        )

    def reasons(self, row: Row) -> list[str]:
        """Return lines that say why PyTorch refuses a row; none if it does not."""
        if row.output_shape is not None:
            return []
        return [
            small(escape(line))
            for problem in self.plan.problems
            for line in textwrap.wrap(f"✗ {problem.reason}", 44)
        ]

    def short_name(self, name: str) -> str:
        """Return a dotted name without the names of its frame and part."""
        at = name.rfind(".")
        while at >= 0 and name[:at] not in self.framed:
            at = name.rfind(".", 0, at)
        if at >= 0:
            return name[at + 1 :]
        first, _, rest = name.partition(".")
        return rest if rest and first in FILL else name

    def column(self, row: Row) -> str:
        """Return the column of a row: the network, a branch, a projection or an auxiliary head."""
        path = row.name.split(".")
        column: str = row.part or "network"
        for depth in range(1, len(path)):
            node = self.framed.get(".".join(path[:depth]))
            if isinstance(node, Aux):
                column = ".".join(path[:depth])
            elif isinstance(node, Branches) or (node and path[depth] == PROJECTION):
                column = ".".join(path[: depth + 1])
        return column

    def add_arrows(self, graph: graphviz.Digraph) -> None:
        """Add all arrows: straight within a column, without weight to auxiliary heads."""
        heads = {node_of(number) for number, row in enumerate(self.plan.rows) if row.aux}
        for arrow in arrows(self.plan):
            other_column = self.columns.get(arrow.end, "") != self.columns.get(arrow.start, "")
            if arrow.end in heads and arrow.start not in heads:
                weight = 0
            elif arrow.straight and not (other_column and arrow.start in self.columns):
                weight = STRAIGHT
            else:
                weight = 1
            add_arrow(graph, arrow, weight)

    def add_levels(self, graph: graphviz.Digraph) -> None:
        """Put the output beside the input, and each merge beside the tensor that it merges."""
        plan = self.plan
        pairs = level_pairs(plan)
        if plan.rows_of_encoder is not None and plan.output_shape is not None:
            pairs.append(("input", "output"))
        for one, other in pairs:
            with graph.subgraph() as level:
                level.attr(rank="same")
                level.node(one)
                level.node(other)
