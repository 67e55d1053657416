"""The arrows of a diagram: each goes from the node that outputs a tensor to one that takes it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cnnwidget.design.axes import Shape
from cnnwidget.design.network import Keep, Merge
from cnnwidget.design.planning.plan import Plan
from cnnwidget.design.planning.row import INPUT_SOURCE, Row


class Arrow(NamedTuple):
    """One tensor between two nodes.

    Attributes:
        start: the node that outputs it.
        end: the node that takes it.
        shape: written along the arrow; empty where it is shown before.
        kept: the name that it was kept under, if it was.
        climbs: whether it is in the decoder, behind the latent tensor.
        crosses: whether it goes from the encoder straight to the decoder.
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
    """Whether a row has a node; a `Keep` is drawn as an arrow."""
    return not isinstance(row.layer, Keep) or row.output_shape is None


class ArrowMaker:
    """Makes the arrows of a plan, and remembers which shapes are shown."""

    def __init__(self, plan: Plan) -> None:
        self.rows = plan.rows
        before = plan.rows_of_encoder
        self.upward = len(plan.rows) if before is None else before
        self.latent = None if before is None else self.source_row(plan.rows[before].sources[0])
        self.shown: set[str] = set()

    def source_row(self, source: int) -> int:
        """Return the row that output a tensor before it was kept."""
        while source != INPUT_SOURCE and not is_drawn(self.rows[source]):
            source = self.rows[source].sources[0]
        return source

    def is_new(self, start: str, source: int) -> bool:
        """Whether the shape of a tensor is not shown yet.

        A shape is shown once, and not again behind a layer that keeps it.
        """
        if start in self.shown:
            return False
        self.shown.add(start)
        if start != node_of(source) or source == INPUT_SOURCE:
            return True
        row = self.rows[source]
        return len(row.sources) > 1 or row.output_shape != row.input_shape

    def arrow(
        self, source: int, end: str, shape: Shape, *, upward: bool, straight: bool = True
    ) -> Arrow:
        """Return the arrow of a tensor from one row to the next."""
        from_latent = upward and source == self.latent
        start = "latent" if from_latent else node_of(source)
        climbs = from_latent or (upward and source >= self.upward)
        label = shape if self.is_new(start, source) else ()
        return Arrow(start, end, label, climbs=climbs, straight=straight)


def node_of(source: int) -> str:
    """Return the node of a row."""
    return "input" if source == INPUT_SOURCE else f"row{source}"


def arrows(plan: Plan) -> Iterator[Arrow]:
    """Return all arrows, in the order of the rows that they lead to."""
    maker = ArrowMaker(plan)
    for number, row in enumerate(plan.rows):
        if number == plan.rows_of_encoder:
            assert maker.latent is not None
            yield maker.arrow(maker.latent, "latent", row.input_shape, upward=False)
        if not is_drawn(row):
            continue
        for position, (source, shape) in enumerate(zip(row.sources, row.input_shapes, strict=True)):
            giver, upward = maker.source_row(source), number >= maker.upward
            if isinstance(row.layer, Merge) and position == 1:
                yield Arrow(
                    node_of(giver),
                    node_of(number),
                    shape,
                    kept=row.layer.name,
                    climbs=upward and giver >= maker.upward,
                    crosses=upward and giver < maker.upward,
                    straight=False,
                )
            else:
                straight = position == 0
                yield maker.arrow(giver, node_of(number), shape, upward=upward, straight=straight)
    for number, extra in enumerate(plan.extras):
        upward = extra.source >= maker.upward
        yield maker.arrow(
            maker.source_row(extra.source), f"aux{number}", extra.shape, upward=upward
        )
    if plan.output_shape is not None:
        upward = plan.rows_of_encoder is not None
        yield maker.arrow(maker.source_row(plan.last), "output", plan.output_shape, upward=upward)


def level_pairs(plan: Plan) -> list[tuple[str, str]]:
    """Return pairs of nodes for one height: where a tensor is kept, and where it is merged.

    A pair counts only if its tensor was kept before that of the pair before: others would cross.
    """
    maker = ArrowMaker(plan)
    lowest = maker.upward
    pairs = []
    for number, row in enumerate(plan.rows[maker.upward :], maker.upward):
        if isinstance(row.layer, Merge) and len(row.sources) > 1 and not row.aux:
            giver = maker.source_row(row.sources[1])
            if INPUT_SOURCE < giver < lowest and not plan.rows[giver].aux:
                pairs.append((node_of(giver), node_of(number)))
                lowest = giver
    return pairs
