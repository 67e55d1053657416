"""`plan`: a design worked out once, row by row, in integers and without torch."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

from cnnwidget.design.axes import Shape
from cnnwidget.design.cautions import Caution, find_cautions
from cnnwidget.design.errors import DesignError
from cnnwidget.design.families import Design
from cnnwidget.design.network import Network, Sequence, below
from cnnwidget.design.problems import Problem
from cnnwidget.design.rows import Row, walk


@dataclass(frozen=True)
class Plan:
    """Everything that is known of a design before a tensor exists.

    Attributes:
        design: what was asked for.
        network: its tree of layers.
        rows: one per layer, up to and with the first that PyTorch refuses.
        problems: why it refuses, where, and what would mend it; empty for a design that builds.
        cautions: what builds but is doubtful.
    """

    design: Design
    network: Network
    rows: tuple[Row, ...]
    problems: tuple[Problem, ...]
    cautions: tuple[Caution, ...]

    @property
    def input_shape(self) -> Shape:
        """(channels, *size) of the input, without the batch axis."""
        return self.network.input_shape

    @property
    def output_shape(self) -> Shape | None:
        """(channels, *size) of the output; None if there is a problem."""
        return self.rows[-1].output_shape if self.rows else self.input_shape

    @cached_property
    def params(self) -> int:
        """Trainable weights of all rows."""
        return sum(row.params for row in self.rows)

    @cached_property
    def macs(self) -> int:
        """Multiply-accumulates of all rows for one sample."""
        return sum(row.macs for row in self.rows)

    @cached_property
    def memory(self) -> int:
        """Bytes that training keeps for the backward pass with every sample of a batch.

        In 32-bit floats, weights and running statistics apart, every tensor once. Times the batch
        size, that is what a batch keeps, but for 8 bytes a channel of each batch normalisation.
        Weights, gradients, the optimiser and what is not kept so long come on top.

        Example:
            >>> from cnnwidget.design.families import EncoderDecoder
            >>> design = EncoderDecoder(input_size=(64, 64), in_channels=10, out_channels=5)
            >>> plan_of(design).memory  # for a batch of 32, these are 33 MB
            1015808
        """
        return sum(row.memory for row in self.rows)

    @cached_property
    def rows_of_encoder(self) -> int | None:
        """How many rows come before the decoder: its first row is handed the latent tensor.

        None where there is no decoder after an encoder, or a problem comes first.
        """
        before = 0
        seen = False
        for _, child in self.network.children:
            part = child.part if isinstance(child, Sequence) else ""
            if part == "decoder" and seen:
                return before if before < len(self.rows) else None
            seen = seen or part == "encoder"
            before += sum(1 for _ in below((("", child),), "", ""))
        return None

    def params_share(self, row: Row) -> float:
        """The share of a row in all weights, from 0 to 1."""
        return row.params / self.params if row.params else 0.0

    def macs_share(self, row: Row) -> float:
        """The share of a row in all multiply-accumulates, from 0 to 1."""
        return row.macs / self.macs if row.macs else 0.0


def plan_of(design: Design | Plan) -> Plan:
    """The plan of a design, or the plan itself.

    Raises:
        DesignError: for what is neither.
    """
    if isinstance(design, Plan):
        return design
    if not isinstance(design, Design):
        raise DesignError(
            f"{type(design).__name__} is no design; give an EncoderDecoder, a Network or a plan."
        )
    return worked_out(design)


@lru_cache(maxsize=256)
def worked_out(design: Design) -> Plan:
    """Work out a design; the same design is worked out once."""
    network = design.network()
    rows, misfit = walk(network)
    problems: tuple[Problem, ...] = ()
    if misfit is not None:
        problems = (Problem(rows[-1].name, rows[-1].input_shape, misfit, design),)
    return Plan(design, network, rows, problems, find_cautions(design, rows))
