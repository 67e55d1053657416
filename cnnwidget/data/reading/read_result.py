"""The result of a reader: values, labels and attributes of a file."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cnnwidget.data.labels import Labels

NO_LABELS = Labels()


class ReadResult(NamedTuple):
    """The values of a source, with the axes in its order, and their description.

    Attributes:
        values: real numbers; missing values are NaN.
        name: of the values: the name of the file.
        axes: a letter for each axis, if the source names them: `T H W C`; None if not.
        labels: of the axes, in the order of the source.
        unsure: why the axes are not clear, as a sentence, if the user has to write them.
        valid: (*size) or (C, *size), True where there is something to forecast;
            None if the source does not say it.
        missing: what to do about missing values, as the source says.
    """

    values: NDArray[Any]
    name: str
    axes: str | None = None
    labels: Labels = NO_LABELS
    unsure: str = ""
    valid: NDArray[np.bool_] | None = None
    missing: Literal["refuse", "leave out"] = "refuse"
