"""What a reader has found in a source."""

from __future__ import annotations

from typing import Any, NamedTuple

from numpy.typing import NDArray

from cnnwidget.data.labels import Labels

NO_LABELS = Labels()


class Found(NamedTuple):
    """Values in the order of their source, and all that the source says of them.

    Attributes:
        values: real numbers; missing ones are NaN.
        name: what to call them: that of the file.
        axes: a letter for each axis, as the source says it: `T H W C`; None where it does not.
        labels: of the axes, in the order of the source.
        unsure: why the axes cannot be told, as a sentence, where they have to be written down.
    """

    values: NDArray[Any]
    name: str
    axes: str | None = None
    labels: Labels = NO_LABELS
    unsure: str = ""
