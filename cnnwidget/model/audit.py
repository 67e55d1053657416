"""The figures of a plan compared with torchinfo and with PyTorch's own counter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import prod

import torch
import torchinfo
from tabulate import SEPARATING_LINE, tabulate
from torch import nn
from torch.utils.flop_counter import FlopCounterMode
from torchinfo.layer_info import LayerInfo

from cnnwidget.design.axes import Shape
from cnnwidget.design.design_types import Design
from cnnwidget.design.planning.plan import Plan, plan_of
from cnnwidget.design.planning.row import Row
from cnnwidget.model.build import build
from cnnwidget.model.modules import Aux

TRANSPOSED = (
    "torchinfo multiplies the kernel by the output size; in a transposed convolution every "
    "*input* value meets the kernel once"
)
BIAS = "torchinfo counts adding the bias as a multiply-accumulate"
SCALE = "torchinfo counts weights that only scale and shift as multiply-accumulates"
LEADING = "torchinfo leaves out all axes of the input but the last"
UNKNOWN = "no reason known"

# Samples to run: group normalisation of one value refuses to take the mean of one sample.
BATCH = 2

# The figures of a row that add up to a total.
COUNTS = ("params", "torchinfo_params", "macs", "torch_macs", "torchinfo_macs")


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One layer, counted three times.

    Attributes:
        name: of the layer.
        kind: its torch class.
        output_shape: as planned, without the batch axis.
        torchinfo_shape: as torchinfo saw it.
        params: as planned.
        torchinfo_params: as torchinfo counts.
        macs: as planned.
        torch_macs: half of what `torch.utils.flop_counter` counts.
        torchinfo_macs: as torchinfo counts.
        reasons: why torchinfo's figure differs from ours; empty where it does not.
    """

    name: str
    kind: str
    output_shape: Shape
    torchinfo_shape: Shape
    params: int
    torchinfo_params: int
    macs: int
    torch_macs: int
    torchinfo_macs: int
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Audit:
    """All layers of a design, counted three times; it prints as a table."""

    rows: tuple[AuditRow, ...]

    @property
    def agrees(self) -> bool:
        """Whether torch agrees with the plan, and every difference from torchinfo has a reason."""
        return all(
            row.output_shape == row.torchinfo_shape
            and row.params == row.torchinfo_params
            and row.macs == row.torch_macs
            and UNKNOWN not in row.reasons
            for row in self.rows
        )

    @property
    def reasons(self) -> tuple[str, ...]:
        """The reasons why torchinfo's figures differ, each once."""
        return tuple(dict.fromkeys(reason for row in self.rows for reason in row.reasons))

    def total(self, column: str) -> int:
        """Return the sum of one of `COUNTS` over all layers."""
        return sum(getattr(row, column) for row in self.rows)

    def __str__(self) -> str:
        marks = {reason: str(number) for number, reason in enumerate(self.reasons, start=1)}
        lines: list[tuple[str, ...]] = [
            (
                row.name,
                row.kind,
                *(f"{getattr(row, column):,}" for column in COUNTS),
                " ".join(marks[reason] for reason in row.reasons),
            )
            for row in self.rows
        ]
        total = ("total", "", *(f"{self.total(column):,}" for column in COUNTS), "")
        table = tabulate(
            [*lines, SEPARATING_LINE, total],
            HEADERS,
            colalign=("left", "left", "right", "right", "right", "right", "right", "left"),
            disable_numparse=True,
        )
        verdict = (
            "The plan agrees with torch, and every difference from torchinfo has its reason."
            if self.agrees
            else "The plan does NOT agree with torch: please report this design."
        )
        notes = [f"{mark}  {reason}." for reason, mark in marks.items()]
        return "\n".join([*(line.rstrip() for line in table.splitlines()), "", *notes, verdict])

    __repr__ = __str__


HEADERS = (
    "layer",
    "kind",
    "params",
    "torchinfo",
    "MACs",
    "torch's counter",
    "torchinfo",
    "differs by",
)


def audit(design: Design | Plan) -> Audit:
    """Count a design three times: by its plan, by torch's own counter, and by torchinfo.

    The module is built and run on the `meta` device, so that no memory is taken. Auxiliary heads
    run and are counted, too. A combinator counts only its join: the layers inside have other rows.

    Args:
        design: any design, or a plan.

    Returns:
        A row a layer with all figures and the reason for each difference from torchinfo.

    Raises:
        DesignError: if the design has a problem.

    Example:
        >>> import cnnwidget as cw
        >>> design = cw.EncoderDecoder(input_size=(32, 32), in_channels=4, out_channels=2)
        >>> cw.audit(design).agrees
        True
    """
    plan = plan_of(design)
    with torch.device("meta"):
        net = build(plan).eval()
        samples = torch.empty(BATCH, *plan.input_shape)
    for module in net.modules():
        if isinstance(module, Aux):
            module.register_forward_pre_hook(run_in_eval)
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        net(samples)
    counts = {
        name.removeprefix(f"{type(net).__name__}."): sum(by_operation.values())
        for name, by_operation in counter.get_flop_counts().items()
    }
    summary = torchinfo.summary(net, input_data=samples, device="meta", verbose=0)
    infos = {id(info.module): info for info in summary.summary_list}
    return Audit(
        tuple(audited(row, net.get_submodule(row.name), infos, counts) for row in plan.rows)
    )


def run_in_eval(module: nn.Module, _: object) -> None:
    """Let an auxiliary head run in eval mode; the modules inside it stay in eval mode."""
    module.training = True


def audited(
    row: Row, module: nn.Module, infos: Mapping[int, LayerInfo], counts: Mapping[str, int]
) -> AuditRow:
    """Return a row with the other counts for its module, without those of the modules inside it."""
    info = infos[id(module)]
    inside = [f"{row.name}.{name}" for name, _ in module.named_children()]
    own = counts.get(row.name, 0) - sum(counts.get(name, 0) for name in inside)
    # Of a module that holds others, torchinfo's total takes only the weights that none of them has.
    params = info.num_params if info.is_leaf_layer else max(0, info.leftover_params())
    macs = info.macs // BATCH if info.is_leaf_layer else 0
    return AuditRow(
        name=row.name,
        kind=row.kind,
        output_shape=row.output_shape or (),
        torchinfo_shape=tuple(info.output_size[1:]),
        params=row.params,
        torchinfo_params=params,
        macs=row.macs,
        torch_macs=own // (2 * BATCH),
        torchinfo_macs=macs,
        reasons=tuple(reasons_for(row, module, macs)),
    )


def reasons_for(row: Row, module: nn.Module, theirs: int) -> Iterator[str]:
    """Yield the reasons why torchinfo's figure differs, each checked against the figure."""
    if theirs == row.macs:
        return
    parameters = dict(module.named_parameters(recurse=False))
    kernel = parameters["weight"].numel() if "weight" in parameters else 0
    bias = parameters["bias"].numel() if "bias" in parameters else 0
    places = prod((row.output_shape or ())[1:]) if "Conv" in row.kind else 1
    if theirs != (kernel + bias) * places:
        yield UNKNOWN
        return
    if row.macs == 0:
        yield SCALE
        return
    if kernel * places != row.macs:
        yield TRANSPOSED if "Transpose" in row.kind else LEADING
    if bias:
        yield BIAS
