"""`Plan`: everything about a design in integers, computed once and without torch."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

from cnnwidget.design.advice.cautions import Caution, find_cautions
from cnnwidget.design.advice.problems import Problem
from cnnwidget.design.axes import Shape
from cnnwidget.design.design_types import Design
from cnnwidget.design.errors import DesignError
from cnnwidget.design.network import Network
from cnnwidget.design.planning.memory import OptimizerName, memory_to_run, memory_to_train
from cnnwidget.design.planning.row import Extra, Row, Totals, totals_of
from cnnwidget.design.planning.walk import walk
from cnnwidget.design.receptive.compute_fields import receptive_fields
from cnnwidget.design.receptive.receptive_field import ReceptiveField


@dataclass(frozen=True)
class Plan:
    """Everything that is known about a design before a tensor exists.

    Attributes:
        design: the design itself.
        network: its tree of layers.
        rows: one per layer and per join, up to and including the first that PyTorch refuses.
        last: the number of the row whose output is the network's; -1 where there is none.
        extras: the outputs of auxiliary heads, in training only.
        problems: why PyTorch refuses, where, and the mends; empty for a design that builds.
    """

    design: Design
    network: Network
    rows: tuple[Row, ...]
    last: int
    extras: tuple[Extra, ...]
    problems: tuple[Problem, ...]

    @cached_property
    def totals(self) -> Totals:
        """The weights, multiply-accumulates and memory of all rows."""
        return totals_of(self.rows)

    @cached_property
    def cautions(self) -> tuple[Caution, ...]:
        """The doubtful points of a design that builds; computed at first access."""
        return find_cautions(self.design, self.rows)

    @property
    def input_shape(self) -> Shape:
        """(channels, *size) of the input, without the batch axis."""
        return self.network.input_shape

    @property
    def output_shape(self) -> Shape | None:
        """(channels, *size) of the output; None if there is a problem."""
        if self.problems:
            return None
        return self.rows[self.last].output_shape if self.last >= 0 else self.input_shape

    @property
    def params(self) -> int:
        """Trainable weights of all rows."""
        return self.totals.params

    @property
    def macs(self) -> int:
        """Multiply-accumulates of all rows for one sample, without auxiliary heads."""
        return self.totals.macs

    @property
    def memory(self) -> int:
        """Bytes that training saves for the backward pass, per sample of a batch.

        In 32-bit floats, every tensor once, without weights and running statistics. Times the batch
        size, that is what a batch saves, except 8 bytes per channel of each batch normalisation.
        Weights, gradients, the optimiser and temporary tensors are not counted.

        Example:
            >>> from cnnwidget.design.families.encoder_decoder import EncoderDecoder
            >>> design = EncoderDecoder(input_size=(64, 64), in_channels=10, out_channels=5)
            >>> plan_of(design).memory  # for a batch of 32, these are 48 MB
            1499136
        """
        return self.totals.memory

    @cached_property
    def receptive_fields(self) -> tuple[ReceptiveField, ...]:
        """The receptive field of each row with an output, in pixels of the network's input.

        Example:
            >>> from cnnwidget.design.families.encoder_decoder import EncoderDecoder
            >>> design = EncoderDecoder(input_size=(64, 64), in_channels=10, out_channels=5)
            >>> plan_of(design).receptive_fields[1].words  # of the first convolution
            '3 × 3'
        """
        return receptive_fields(self.rows, self.input_shape)

    def memory_to_run(self, batch: int = 1) -> int:
        """Return the bytes to run the network on a batch; see `cnnwidget.design.planning.memory`.

        Raises:
            CnnwidgetError: if `batch` is not a whole number of at least 1.
        """
        return memory_to_run(self.rows, self.input_shape, batch)

    def memory_to_train(self, batch: int = 32, optimizer: OptimizerName = "adam") -> int:
        """Return the bytes to train the network; see `cnnwidget.design.planning.memory`.

        Raises:
            CnnwidgetError: if `batch` is not a whole number of at least 1, or there is no such
                optimiser.
        """
        return memory_to_train(self.rows, self.input_shape, batch, optimizer)

    @cached_property
    def children_of_encoder(self) -> int | None:
        """The number of the network's children before its decoder; None where it has none."""
        parts = [getattr(child, "part", "") for _, child in self.network.children]
        if "encoder" not in parts or "decoder" not in parts[parts.index("encoder") :]:
            return None
        return parts.index("decoder", parts.index("encoder"))

    @cached_property
    def rows_of_encoder(self) -> int | None:
        """The number of rows before the decoder, whose first row gets the latent tensor.

        None where there is no decoder after an encoder, or a problem comes first.
        """
        before = self.children_of_encoder
        if before is None:
            return None
        start = f"{self.network.children[before][0]}."
        return next((n for n, row in enumerate(self.rows) if row.name.startswith(start)), None)

    def params_share(self, row: Row) -> float:
        """Return a row's share of all weights, from 0 to 1."""
        return row.params / self.params if row.params else 0.0

    def macs_share(self, row: Row) -> float:
        """Return a row's share of all multiply-accumulates, from 0 to 1."""
        return row.macs / self.macs if row.macs else 0.0


def plan_of(design: Design | Plan) -> Plan:
    """Return the plan of a design, or the plan itself.

    Raises:
        DesignError: if `design` is neither a design nor a plan.
    """
    if isinstance(design, Plan):
        return design
    if not isinstance(design, Design):
        raise DesignError(
            f"{type(design).__name__} is no design; give an EncoderDecoder, a Classifier, "
            "a Generator, a Network or a plan."
        )
    return compute_plan(design)


@lru_cache(maxsize=256)
def compute_plan(design: Design) -> Plan:
    """Return the plan of a design, cached by the design."""
    network = design.network()
    rows, last, extras, misfit = walk(network)
    problems: tuple[Problem, ...] = ()
    if misfit is not None:
        problems = (Problem(rows[-1].name, rows[-1].input_shape, misfit, design),)
    return Plan(design, network, rows, last, extras, problems)
