"""What PyTorch would refuse: where, why, and the designs that mend it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from cnnwidget.design.advice.mend import Mend
from cnnwidget.design.advice.mends import mends_for
from cnnwidget.design.axes import Shape, spell
from cnnwidget.design.design_types import Design


@dataclass(frozen=True)
class Problem:
    """Why a design cannot be built.

    Attributes:
        layer: the name of the first layer that does not fit.
        shape: (channels, *size) that arrives there; where tensors are joined, the first of them.
        reason: one clause.
        design: the design that has the problem.
    """

    layer: str
    shape: Shape
    reason: str
    design: Design

    @cached_property
    def mends(self) -> tuple[Mend, ...]:
        """Changed designs, ready to be used, each without any problem; the nearest first.

        Worked out when first asked for: a slider that passes a bad value need not wait.
        """
        return mends_for(self.design)

    def __str__(self) -> str:
        ways = ", or ".join(mend.change for mend in self.mends)
        return f"{self.layer} gets {spell(self.shape)}: {self.reason}. Try {ways}."
