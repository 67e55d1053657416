"""`Problem`: what PyTorch refuses, where and why, and its mends."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from cnnwidget.design.advice.mend import Mend
from cnnwidget.design.advice.problem_mends import mends_for
from cnnwidget.design.axes import Shape, spell
from cnnwidget.design.design_types import Design


@dataclass(frozen=True)
class Problem:
    """The reason why a design cannot be built.

    Attributes:
        layer: the name of the first layer that does not fit.
        shape: (channels, *size) of its input; where tensors are joined, of the first.
        reason: one clause.
        design: the design that has the problem.
    """

    layer: str
    shape: Shape
    reason: str
    design: Design

    @cached_property
    def mends(self) -> tuple[Mend, ...]:
        """Changed designs without any problem, the nearest first.

        Computed at first access: a slider that passes a bad value need not wait.
        """
        return mends_for(self.design)

    def __str__(self) -> str:
        ways = ", or ".join(mend.change for mend in self.mends)
        return f"{self.layer} gets {spell(self.shape)}: {self.reason}. Try {ways}."
