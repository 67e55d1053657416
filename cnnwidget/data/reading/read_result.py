"""What a reader has found in a source."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cnnwidget.data.labels import Labels

NO_LABELS = Labels()


class ReadResult(NamedTuple):
    """Values in the order of their source, and all that the source says of them.

    Attributes:
        values: real numbers; missing ones are NaN.
        name: what to call them: that of the file.
        axes: a letter for each axis, as the source says it: `T H W C`; None where it does not.
        labels: of the axes, in the order of the source.
        unsure: why the axes cannot be told, as a sentence, where they have to be written down.
        valid: (*size) or (C, *size) in the order of frames, where there is something to forecast;
            None where the source does not say it.
        missing: what the source says that is to be done about missing values.
    """

    values: NDArray[Any]
    name: str
    axes: str | None = None
    labels: Labels = NO_LABELS
    unsure: str = ""
    valid: NDArray[np.bool_] | None = None
    missing: Literal["refuse", "leave out"] = "refuse"
