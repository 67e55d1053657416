"""The arrows of a diagram: from the node that gives a tensor to the node that takes it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cnnwidget.design.axes import Shape
from cnnwidget.design.network import Keep, Merge
from cnnwidget.design.planning.plan import Plan
from cnnwidget.design.planning.row import INPUT_SOURCE, Row


class Arrow(NamedTuple):
    """One tensor on its way.

    Attributes:
        start: the node that gives it.
        end: the node that takes it.
        shape: to be told along the arrow; empty where it has been told.
        kept: the name that it was put aside under, if it was.
        climbs: whether it is part of the way up, beyond the latent tensor.
        crosses: whether it goes from the way down straight to the way up.
        straight: whether it is the first that goes into its end.
    """

    start: str
    end: str
    shape: Shape
    kept: str = ""
    climbs: bool = False
    crosses: bool = False
    straight: bool = True


def is_drawn(row: Row) -> bool:
    """Whether a row has a node: what only puts a tensor aside is told by an arrow."""
    return not isinstance(row.layer, Keep) or row.output_shape is None


class Ways:
    """The ways through a plan: down to the latent tensor, and up from it, where there is one."""

    def __init__(self, plan: Plan) -> None:
        self.rows = plan.rows
        before = plan.rows_of_encoder
        self.upward = len(plan.rows) if before is None else before
        self.latent = None if before is None else self.giver(plan.rows[before].sources[0])
        self.told: set[str] = set()

    def giver(self, source: int) -> int:
        """The row that gave a tensor before it was put aside."""
        while source != INPUT_SOURCE and not is_drawn(self.rows[source]):
            source = self.rows[source].sources[0]
        return source

    def is_news(self, start: str, source: int) -> bool:
        """Whether nobody knows the shape of a tensor yet.

        It is told once, and not again behind a layer that leaves it as it is.
        """
        if start in self.told:
            return False
        self.told.add(start)
        if start != node_of(source) or source == INPUT_SOURCE:
            return True
        row = self.rows[source]
        return len(row.sources) > 1 or row.output_shape != row.input_shape

    def arrow(
        self, source: int, end: str, shape: Shape, *, upward: bool, straight: bool = True
    ) -> Arrow:
        """The way of a tensor from one row to the next."""
        from_latent = upward and source == self.latent
        start = "latent" if from_latent else node_of(source)
        climbs = from_latent or (upward and source >= self.upward)
        told = shape if self.is_news(start, source) else ()
        return Arrow(start, end, told, climbs=climbs, straight=straight)


def node_of(source: int) -> str:
    """The name of the node that gives what a row gives."""
    return "input" if source == INPUT_SOURCE else f"row{source}"


def arrows(plan: Plan) -> Iterator[Arrow]:
    """All arrows, in the order of the rows that they lead to."""
    ways = Ways(plan)
    for number, row in enumerate(plan.rows):
        if number == plan.rows_of_encoder:
            assert ways.latent is not None
            yield ways.arrow(ways.latent, "latent", row.input_shape, upward=False)
        if not is_drawn(row):
            continue
        for position, (source, shape) in enumerate(zip(row.sources, row.input_shapes, strict=True)):
            giver, upward = ways.giver(source), number >= ways.upward
            if isinstance(row.layer, Merge) and position == 1:
                yield Arrow(
                    node_of(giver),
                    node_of(number),
                    shape,
                    kept=row.layer.name,
                    climbs=upward and giver >= ways.upward,
                    crosses=upward and giver < ways.upward,
                    straight=False,
                )
            else:
                straight = position == 0
                yield ways.arrow(giver, node_of(number), shape, upward=upward, straight=straight)
    for number, extra in enumerate(plan.extras):
        upward = extra.source >= ways.upward
        yield ways.arrow(ways.giver(extra.source), f"aux{number}", extra.shape, upward=upward)
    if plan.output_shape is not None:
        upward = plan.rows_of_encoder is not None
        yield ways.arrow(ways.giver(plan.last), "output", plan.output_shape, upward=upward)


def level_pairs(plan: Plan) -> list[tuple[str, str]]:
    """What was put aside on the way down, and where it is taken up: nodes for one height.

    Only while each that is taken up was put aside before the last one; others would knot the two
    ways.
    """
    ways = Ways(plan)
    lowest = ways.upward
    pairs = []
    for number, row in enumerate(plan.rows[ways.upward :], ways.upward):
        if isinstance(row.layer, Merge) and len(row.sources) > 1 and not row.aux:
            giver = ways.giver(row.sources[1])
            if INPUT_SOURCE < giver < lowest and not plan.rows[giver].aux:
                pairs.append((node_of(giver), node_of(number)))
                lowest = giver
    return pairs
